/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificate reader and everything that walks over what it took: profile, identity,
 * name constraints, and the judgement of a path in which the certificate is leaf, issuer and
 * anchor in turn.  Checks besides memory: a refusal says why; nobody is accepted who is not
 * the anchor itself or signed by it.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/base/text.h"
#include "common/pki/cert.h"
#include "common/pki/path.h"
#include "common/pki/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Text that goes to terminals and logs is printable. */
static void
fuzz_check_text(const char *text)
{
	for (; *text != '\0'; text++)
		assert((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static struct cert *
fuzz_parse(struct bytes der)
{
	struct cert *cert;

	if (cert_parse(der, &cert, NULL) != STATUS_OK)
		abort();
	return cert;
}

/* Judges a chain with one anchor. */
static struct verdict *
fuzz_judge(const struct bytes *chain, size_t count, struct bytes anchor, bool profile)
{
	struct cert *anchors[1] = {fuzz_parse(anchor)};
	struct path_input input = {.chain = chain, .chain_count = count};
	const struct path_name name = {PATH_NAME_DNS, "a.example"};
	struct verdict *verdict;
	struct path_params params;
	struct trust *trust;

	path_params_init(&params, anchors[0]->not_before_s);
	params.profile = profile;
	params.anchor_checks |= PATH_ANCHOR_POLICIES;
	params.revocation = PATH_REVOCATION_NONE;
	params.use = PATH_USE_ANY;
	params.min_rsa_bits = 512;
	params.names = &name;
	params.name_count = profile ? 1 : 0;
	if (trust_new_take(TRUST_APPLIANCE, 1, anchors, 1, NULL, 0, &trust) != STATUS_OK)
		abort();
	input.trust = trust;
	verdict = path_validate(&input, &params);
	for (size_t i = 0; i < verdict_finding_count(verdict); i++)
		fuzz_check_text(verdict_finding(verdict, i)->detail);
	for (size_t i = 0; i < verdict_cert_count(verdict); i++)
		fuzz_check_text(verdict_cert(verdict, i)->subject);
	trust_free(trust);
	return verdict;
}

/* The certificate under itself, and twice in a chain whose anchor it is not: flipping its
 * last byte makes another certificate of the same names and key. */
static void
fuzz_paths(const struct cert *cert)
{
	struct bytes chain[2] = {cert->der, cert->der};
	uint8_t *copy = malloc(cert->der.len);
	struct cert *other;

	verdict_free(fuzz_judge(chain, 1, cert->der, true));
	if (copy == NULL)
		abort();
	memcpy(copy, cert->der.data, cert->der.len);
	copy[cert->der.len - 1] ^= 1;
	if (cert_parse(bytes_of(copy, cert->der.len), &other, NULL) == STATUS_OK) {
		struct verdict *verdict;

		chain[0] = other->der;
		verdict = fuzz_judge(chain, 2, cert->der, false);
		assert(verdict_outcome(verdict) != VERDICT_ACCEPT ||
		       pubkey_verify(&cert->key, &other->algorithm, other->tbs,
			   other->signature) == SIGNATURE_GOOD);
		verdict_free(verdict);
		cert_free(other);
	}
	free(copy);
}

static void
fuzz_profile(const struct cert *cert)
{
	const struct profile_params params = {.now_s = cert->not_before_s};
	struct profile_findings findings;

	profile_check(cert, &params, &findings);
	for (size_t i = 0; i < findings.count; i++)
		fuzz_check_text(findings.items[i].detail);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[CERT_ERROR_SIZE] = "";
	struct cert *cert;

	if (cert_parse(bytes_of(data, size), &cert, text) != STATUS_OK) {
		assert(text[0] != '\0');
		return 0;
	}
	fuzz_profile(cert);
	fuzz_paths(cert);
	cert_free(cert);
	return 0;
}

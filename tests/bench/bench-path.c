/* SPDX-License-Identifier: Apache-2.0
 *
 * What judging a chain costs: an ordinary one, with and without remembered signatures, and
 * chains made to cost as much as they can.  The latter have to stay below 50 ms of CPU; the
 * program says so where one does not, and ends with 1.  Sanitizers are another measure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/pki/path.h"
#include "common/pki/policy.h"
#include "common/pki/sig_memo.h"
#include "tests/lib/ext_build.h"
#include "tests/lib/pki_build.h"

enum {
	BENCH_ROUNDS = 2000,
	BENCH_ROOM = 1 << 18,
	BENCH_MAX_US = 50 * 1000,
	BENCH_NAMES = 800, /* about 40 KiB of them in one certificate */
	BENCH_TEXT = 80,
	BENCH_CERTS = 16,
	BENCH_KEYS = 12, /* three of RSA, then P-384 */
	BENCH_RSA_KEYS = 3,
};

static struct pki_key *keys[BENCH_KEYS];
static struct buf certs[BENCH_CERTS];
static size_t cert_count;
static bool too_slow;

/* Processor time of this process: others on the machine do not count. */
static int64_t
bench_cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) +
	       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static struct bytes
bench_cert(const char *subject, const char *issuer, unsigned int key, unsigned int signer,
    bool is_ca, const struct buf *extra)
{
	struct pki_cert_spec spec = {.subject = subject, .issuer = issuer, .is_ca = is_ca};
	struct buf *der = &certs[cert_count++];

	if (extra != NULL)
		spec.extra = buf_bytes(extra);
	buf_init(der, BENCH_ROOM);
	pki_build_cert(&spec, keys[key], keys[signer], der);
	return buf_bytes(der);
}

static void
bench_clear(void)
{
	while (cert_count > 0)
		buf_done(&certs[--cert_count]);
}

/* Judges what was built: the last certificate is the anchor, the others are sent. */
static void
bench_judge(const char *what, int rounds, struct sig_memo *memo, bool explicit_policy)
{
	struct bytes chain[BENCH_CERTS];
	struct path_input input = {.chain = chain, .chain_count = cert_count - 1, .memo = memo};
	struct path_params params;
	struct trust *trust;
	struct cert *anchor;
	int64_t start_us;
	enum reason reason = REASON_OK;

	for (size_t i = 0; i < cert_count; i++)
		chain[i] = buf_bytes(&certs[i]);
	if (cert_parse(chain[cert_count - 1], &anchor, NULL) != STATUS_OK ||
	    trust_new_take(TRUST_APPLIANCE, 1, &anchor, 1, NULL, 0, &trust) != STATUS_OK)
		abort();
	input.trust = trust;
	path_params_init(&params, PKI_BUILD_NOW);
	params.revocation = PATH_REVOCATION_NONE;
	params.explicit_policy = explicit_policy;
	start_us = bench_cpu_us();
	for (int i = 0; i < rounds; i++) {
		struct verdict *verdict = path_validate(&input, &params);

		reason = verdict_reason(verdict);
		verdict_free(verdict);
	}
	start_us = bench_cpu_us() - start_us;
	printf("%-36s %9.1f us of CPU  %s\n", what, (double)start_us / rounds,
	    reason_slug(reason));
	too_slow = too_slow || start_us / rounds > BENCH_MAX_US;
	trust_free(trust);
}

/* Root - issuing CA - leaf. */
static void
bench_ordinary(void)
{
	struct sig_memo *memo = sig_memo_new(16);

	bench_cert("leaf.example", "Issuing", 0, 1, false, NULL);
	bench_cert("Issuing", "Root", 1, 2, true, NULL);
	bench_cert("Root", "Root", 2, 2, true, NULL);
	bench_judge("ordinary chain", BENCH_ROUNDS, NULL, false);
	bench_judge("ordinary chain, remembered", BENCH_ROUNDS, memo, false);
	sig_memo_free(memo);
	bench_clear();
}

/* A leaf and eight CAs below an anchor, all with these extensions. */
static void
bench_deep(const char *what, const struct buf *leaf, const struct buf *ca, bool explicit_policy)
{
	char subject[16] = "leaf.example", issuer[16];

	for (unsigned int i = 0; i < 9; i++) {
		snprintf(issuer, sizeof issuer, "CA %u", i);
		bench_cert(subject, issuer, i == 0 ? 0 : 1, 1, i > 0, i > 0 ? ca : leaf);
		snprintf(subject, sizeof subject, "%s", issuer);
	}
	bench_cert(issuer, issuer, 1, 1, true, NULL);
	bench_judge(what, 1, NULL, explicit_policy);
	bench_clear();
}

/* As many names as fit, under as many constraints as fit, which differ late. */
static void
bench_names(const char *what, const char *name_prefix, const char *base_prefix)
{
	static char names[BENCH_NAMES][BENCH_TEXT], bases[BENCH_NAMES][BENCH_TEXT];
	const char *name_list[BENCH_NAMES + 1] = {NULL}, *base_list[BENCH_NAMES + 1] = {NULL};
	struct buf leaf, ca;

	for (unsigned int i = 0; i < BENCH_NAMES; i++) {
		snprintf(names[i], BENCH_TEXT, "%sn%04u.abcdefghijklmnopqrstuvwxyz.example",
		    name_prefix, i);
		snprintf(bases[i], BENCH_TEXT, "%sm%04u.abcdefghijklmnopqrstuvwxyz.example",
		    base_prefix, i);
		name_list[i] = names[i];
		base_list[i] = bases[i];
	}
	buf_init(&leaf, BENCH_ROOM);
	buf_init(&ca, BENCH_ROOM);
	ext_subject_alt_name(&leaf, name_list);
	ext_name_constraints(&ca, NULL, base_list);
	bench_deep(what, &leaf, &ca, false);
	buf_done(&leaf);
	buf_done(&ca);
}

/* As many policies and mappings as are allowed. */
static void
bench_policies(void)
{
	static char texts[POLICY_MAX][BENCH_TEXT];
	const char *policies[POLICY_MAX + 1] = {NULL}, *mappings[2 * POLICY_MAX + 1] = {NULL};
	struct buf leaf, ca;

	for (unsigned int i = 0; i < POLICY_MAX; i++) {
		snprintf(texts[i], BENCH_TEXT, "1.2.3.%u", i);
		policies[i] = texts[i];
	}
	for (unsigned int i = 0; i < POLICY_MAX; i++) {
		mappings[2 * i] = texts[i];
		mappings[2 * i + 1] = texts[(7 * i + 3) % POLICY_MAX];
	}
	buf_init(&leaf, BENCH_ROOM);
	buf_init(&ca, BENCH_ROOM);
	ext_policies(&leaf, policies);
	ext_policies(&ca, policies);
	ext_policy_mappings(&ca, mappings);
	bench_deep("policies and mappings", &leaf, &ca, true);
	buf_done(&leaf);
	buf_done(&ca);
}

/* CAs of one name, each signed by the next, so that each key is tried for each. */
static void
bench_signatures(void)
{
	bench_cert("leaf.example", "CA", 0, BENCH_RSA_KEYS, false, NULL);
	for (unsigned int i = BENCH_RSA_KEYS; i < BENCH_KEYS; i++)
		bench_cert("CA", "CA", i, i + 1 < BENCH_KEYS ? i + 1 : 1, true, NULL);
	bench_cert("CA", "CA", 2, 2, true, NULL);
	bench_judge("signatures (P-384)", 1, NULL, false);
	bench_clear();
}

int
main(void)
{
	for (size_t i = 0; i < BENCH_KEYS; i++)
		keys[i] = pki_key_new_kind(i < BENCH_RSA_KEYS ? PKI_KEY_RSA2048 : PKI_KEY_P384);
	bench_ordinary();
	bench_names("DNS names and constraints", "DNS:", "DNS:");
	bench_names("directory names and constraints", "DN:", "DN:");
	bench_names("mail addresses and constraints", "email:a@", "email:");
	bench_names("URIs and constraints", "URI:http://", "URI:");
	bench_policies();
	bench_signatures();
	for (size_t i = 0; i < BENCH_KEYS; i++)
		pki_key_free(keys[i]);
	if (too_slow)
		printf("over %d us\n", BENCH_MAX_US);
	return too_slow ? 1 : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/pki/crl_intake.h"
#include "common/pki/crl_set.h"
#include "common/pki/oid.h"
#include "common/pki/path.h"
#include "common/pki/sig_memo.h"
#include "tests/lib/ext_build.h"
#include "tests/lib/pki_build.h"

enum {
	ROOM = 1 << 16,
	KEYS = 12,
	CERTS = 24,
	CRLS = 8,
};

#define EKU_SERVER "1.3.6.1.5.5.7.3.1"
#define EKU_CLIENT "1.3.6.1.5.5.7.3.2"
#define EKU_ANY    "2.5.29.37.0"

static struct pki_key *keys[KEYS];
static struct pki_key *rsa1024;

/* What one case puts together and judges. */
struct scene {
	struct buf certs[CERTS];
	size_t cert_count;
	struct buf crls[CRLS];
	size_t crl_count;
	struct bytes chain[CERTS];
	size_t chain_count;
	struct bytes extra[CERTS];
	size_t extra_count;
	struct bytes anchors[CERTS];
	size_t anchor_count;
	struct bytes intermediates[CERTS];
	size_t intermediate_count;
	struct path_params params;
	struct sig_memo *memo;
	struct verdict *verdict;
};

static int
scene_open(void **state)
{
	struct scene *scene = NEW(struct scene);

	path_params_init(&scene->params, PKI_BUILD_NOW);
	scene->params.use = PATH_USE_ANY;
	scene->params.revocation = PATH_REVOCATION_NONE;
	*state = scene;
	return 0;
}

static int
scene_close(void **state)
{
	struct scene *scene = *state;

	for (size_t i = 0; i < scene->cert_count; i++)
		buf_done(&scene->certs[i]);
	for (size_t i = 0; i < scene->crl_count; i++)
		buf_done(&scene->crls[i]);
	verdict_free(scene->verdict);
	sig_memo_free(scene->memo);
	free(scene);
	return 0;
}

/* A certificate by its specification, of one key, signed by another. */
static struct bytes
cert(struct scene *scene, const struct pki_cert_spec *spec, const struct pki_key *key,
    const struct pki_key *signer)
{
	struct buf *der = &scene->certs[scene->cert_count++];

	assert_true(scene->cert_count <= CERTS);
	buf_init(der, ROOM);
	pki_build_cert(spec, key, signer, der);
	return buf_bytes(der);
}

static struct bytes
ca(struct scene *scene, const char *subject, const char *issuer, unsigned int key,
    unsigned int signer)
{
	const struct pki_cert_spec spec = {.subject = subject, .issuer = issuer, .is_ca = true};

	return cert(scene, &spec, keys[key], keys[signer]);
}

static struct bytes
leaf(struct scene *scene, const char *issuer, unsigned int signer)
{
	const struct pki_cert_spec spec = {.subject = "leaf.example", .issuer = issuer};

	return cert(scene, &spec, keys[0], keys[signer]);
}

static void
send(struct scene *scene, struct bytes der)
{
	scene->chain[scene->chain_count++] = der;
}

static void
trust(struct scene *scene, struct bytes der)
{
	scene->anchors[scene->anchor_count++] = der;
}

/* Adds a CRL signed by a key. */
static void
publish(struct scene *scene, const struct pki_crl_spec *spec, unsigned int signer)
{
	struct buf *der = &scene->crls[scene->crl_count++];

	buf_init(der, ROOM);
	pki_build_crl(spec, keys[signer], der);
}

static void
parse_all(const struct bytes *ders, size_t count, struct cert **ret_certs)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(cert_parse(ders[i], &ret_certs[i], NULL), STATUS_OK);
}

static void
release_image(struct bytes image)
{
	free((void *)image.data);
}

/* Everything published goes to a set, verified with whatever certificate is at hand. */
static struct crl_set *
take_in(const struct scene *scene)
{
	struct crl_set *set = crl_set_new();
	struct cert *signers[CERTS];
	size_t count = 0;

	for (size_t i = 0; i < scene->cert_count; i++)
		if (cert_parse(buf_bytes(&scene->certs[i]), &signers[count], NULL) == STATUS_OK)
			count++;
	for (size_t i = 0; i < scene->crl_count; i++) {
		struct buf image;
		struct crl_intake intake;
		struct crl_index *index;

		buf_init(&image, ROOM);
		if (crl_intake_take(buf_bytes(&scene->crls[i]), CRL_LEN_MAX,
			(const struct cert *const *)signers, count, &image,
			&intake) == REASON_OK) {
			struct bytes copy =
			    bytes_of(alloc_copy(image.data, image.len), image.len);

			assert_int_equal(crl_index_open_take(copy, release_image, &index),
			    STATUS_OK);
			assert_int_equal(crl_set_add_take(set, index), STATUS_OK);
		}
		crl_intake_done(&intake);
		buf_done(&image);
	}
	for (size_t i = 0; i < count; i++)
		cert_free(signers[i]);
	return set;
}

/* Judges the scene, and gives the reason. */
static enum reason
judge(struct scene *scene)
{
	struct cert *anchors[CERTS], *intermediates[CERTS];
	struct trust *trusted;
	struct crl_set *crls = take_in(scene);
	struct path_input input = {.chain = scene->chain,
	    .chain_count = scene->chain_count,
	    .extra = scene->extra,
	    .extra_count = scene->extra_count,
	    .crls = crls,
	    .memo = scene->memo};

	parse_all(scene->anchors, scene->anchor_count, anchors);
	parse_all(scene->intermediates, scene->intermediate_count, intermediates);
	assert_int_equal(trust_new_take(TRUST_APPLIANCE, 5, anchors, scene->anchor_count,
			     intermediates, scene->intermediate_count, &trusted),
	    STATUS_OK);
	input.trust = trusted;
	verdict_free(scene->verdict);
	scene->verdict = path_validate(&input, &scene->params);
	trust_free(trusted);
	crl_set_free(crls);
	assert_int_equal(verdict_outcome(scene->verdict) == VERDICT_ACCEPT,
	    verdict_reason(scene->verdict) == REASON_OK);
	return verdict_reason(scene->verdict);
}

static bool
found(const struct scene *scene, enum reason reason, unsigned int depth)
{
	for (size_t i = 0; i < verdict_finding_count(scene->verdict); i++) {
		const struct verdict_finding *finding = verdict_finding(scene->verdict, i);

		if (finding->reason == reason && finding->depth == depth)
			return true;
	}
	return false;
}

/* Root (key 1) - issuing CA (key 2) - leaf (key 0). */
static void
ordinary(struct scene *scene)
{
	trust(scene, ca(scene, "Root", "Root", 1, 1));
	send(scene, leaf(scene, "Issuing", 2));
	send(scene, ca(scene, "Issuing", "Root", 2, 1));
}

/* The same with an intermediate and a leaf as given. */
static void
ordinary_with(struct scene *scene, struct pki_cert_spec intermediate, struct pki_cert_spec end)
{
	intermediate.subject = "Issuing";
	intermediate.issuer = "Root";
	if (end.subject == NULL)
		end.subject = "leaf.example";
	end.issuer = "Issuing";
	trust(scene, ca(scene, "Root", "Root", 1, 1));
	send(scene, cert(scene, &end, keys[0], keys[2]));
	send(scene, cert(scene, &intermediate, keys[2], keys[1]));
}

static void
a_good_chain_is_accepted_and_described(void **state)
{
	struct scene *scene = *state;
	const struct verdict *verdict;

	ordinary(scene);
	assert_int_equal(judge(scene), REASON_OK);
	verdict = scene->verdict;
	assert_int_equal(verdict_cert_count(verdict), 3);
	assert_true(verdict_anchored(verdict));
	assert_string_equal(verdict_cert(verdict, 0)->subject, "CN=leaf.example");
	assert_string_equal(verdict_cert(verdict, 1)->subject, "CN=Issuing");
	assert_string_equal(verdict_cert(verdict, 1)->issuer, "CN=Root");
	assert_string_equal(verdict_cert(verdict, 2)->subject, "CN=Root");
	assert_string_equal(verdict_identity(verdict), "leaf.example");
	assert_int_equal(verdict_purpose(verdict), TRUST_APPLIANCE);
	assert_int_equal(verdict_generation(verdict), 5);
	assert_int_equal(verdict_finding_count(verdict), 0);
	assert_int_equal(verdict_signatures(verdict), 2);
	assert_false(verdict_wants_crl(verdict));
	assert_string_equal(verdict_detail(verdict), "");
	assert_string_equal(verdict_outcome_text(verdict_outcome(verdict)), "accept");
}

static void
nothing_is_accepted_without_a_certificate_or_an_anchor(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(judge(scene), REASON_NO_CERTIFICATE);
	send(scene, leaf(scene, "Root", 1));
	assert_int_equal(judge(scene), REASON_NO_ISSUER);
	assert_false(verdict_anchored(scene->verdict));
	assert_string_equal(verdict_subject(scene->verdict), "CN=leaf.example");
}

static void
the_order_of_what_was_sent_and_what_is_of_no_use_do_not_matter(void **state)
{
	struct scene *scene = *state;

	trust(scene, ca(scene, "Root", "Root", 1, 1));
	send(scene, leaf(scene, "B", 3));
	send(scene, ca(scene, "A", "Root", 2, 1));
	send(scene, ca(scene, "Root", "Root", 1, 1));
	send(scene, ca(scene, "Other", "Somebody", 4, 5));
	send(scene, ca(scene, "B", "A", 3, 2));
	send(scene, scene->chain[1]);
	send(scene, scene->chain[0]);
	assert_int_equal(judge(scene), REASON_OK);
	assert_int_equal(verdict_cert_count(scene->verdict), 4);
}

static void
an_intermediate_given_with_the_anchors_completes_a_path(void **state)
{
	struct scene *scene = *state;

	trust(scene, ca(scene, "Root", "Root", 1, 1));
	send(scene, leaf(scene, "Issuing", 2));
	assert_int_equal(judge(scene), REASON_NO_ISSUER);
	scene->intermediates[scene->intermediate_count++] = ca(scene, "Issuing", "Root", 2, 1);
	assert_int_equal(judge(scene), REASON_OK);
}

static void
an_anchor_need_not_be_self_signed_nor_above_a_path(void **state)
{
	struct scene *scene = *state;

	/* given the issuing CA is trusted and its root is nowhere */
	trust(scene, ca(scene, "Issuing", "Root", 2, 1));
	send(scene, leaf(scene, "Issuing", 2));
	assert_int_equal(judge(scene), REASON_OK);
	/* given the leaf itself is trusted */
	scene->anchors[0] = scene->chain[0];
	assert_int_equal(judge(scene), REASON_OK);
	assert_int_equal(verdict_cert_count(scene->verdict), 1);
	assert_int_equal(verdict_signatures(scene->verdict), 0);
}

static void
a_trusted_leaf_issues_nothing(void **state)
{
	struct scene *scene = *state;
	const struct pki_cert_spec self = {.subject = "s7.example",
	    .issuer = "s7.example",
	    .no_basic_constraints = true,
	    .key_usage = CERT_KU_DIGITAL_SIGNATURE | CERT_KU_KEY_CERT_SIGN};

	trust(scene, cert(scene, &self, keys[1], keys[1]));
	send(scene, leaf(scene, "s7.example", 1));
	assert_int_equal(judge(scene), REASON_NOT_A_CA);
}

static void
a_certificate_of_another_key_did_not_issue(void **state)
{
	struct scene *scene = *state;

	trust(scene, ca(scene, "Root", "Root", 1, 1));
	send(scene, leaf(scene, "Root", 3));
	assert_int_equal(judge(scene), REASON_SIGNATURE);
	assert_int_equal(verdict_depth(scene->verdict), 0);
}

static void
a_key_rollover_is_found_by_whichever_key_fits(void **state)
{
	struct scene *scene = *state;

	/* given two anchors and two intermediates of one name each, one of each is wrong */
	trust(scene, ca(scene, "Root", "Root", 3, 3));
	trust(scene, ca(scene, "Root", "Root", 1, 1));
	send(scene, leaf(scene, "Issuing", 2));
	send(scene, ca(scene, "Issuing", "Root", 4, 1));
	send(scene, ca(scene, "Issuing", "Root", 2, 1));
	assert_int_equal(judge(scene), REASON_OK);
}

static void
a_new_key_certified_by_the_old_one_is_followed(void **state)
{
	struct scene *scene = *state;

	/* given the new key of the root in a certificate that the old one signed */
	trust(scene, ca(scene, "Root", "Root", 1, 1));
	send(scene, leaf(scene, "Root", 2));
	send(scene, ca(scene, "Root", "Root", 2, 1));
	assert_int_equal(judge(scene), REASON_OK);
	assert_int_equal(verdict_cert_count(scene->verdict), 3);
}

static void
key_identifiers_choose_who_is_tried_first(void **state)
{
	struct scene *scene = *state;
	struct pki_cert_spec spec = {.subject = "Root", .issuer = "Root", .is_ca = true};
	struct buf id;

	buf_init(&id, 1000);
	for (unsigned int i = 1; i <= 6; i++) {
		char text[8];

		buf_clear(&id);
		snprintf(text, sizeof text, "key %u", i);
		ext_subject_key_id(&id, text);
		spec.extra = buf_bytes(&id);
		trust(scene, cert(scene, &spec, keys[i], keys[i]));
	}
	buf_clear(&id);
	ext_authority_key_id(&id, "key 4");
	spec =
	    (struct pki_cert_spec){.subject = "a", .issuer = "Root", .extra = buf_bytes(&id)};
	send(scene, cert(scene, &spec, keys[0], keys[4]));
	assert_int_equal(judge(scene), REASON_OK);
	assert_int_equal(verdict_signatures(scene->verdict), 1);
	/* given a wrong hint; then the right key is found all the same */
	scene->chain[0] = cert(scene, &spec, keys[0], keys[5]);
	assert_int_equal(judge(scene), REASON_OK);
	buf_done(&id);
}

static void
of_several_paths_one_good_one_is_enough(void **state)
{
	struct scene *scene = *state;
	const struct pki_cert_spec expired = {.subject = "Issuing",
	    .issuer = "Root",
	    .is_ca = true,
	    .not_after_s = PKI_BUILD_NOW - 1};

	/* given the issuing CA has an expired certificate of one root and a good one of
	 * another */
	trust(scene, ca(scene, "Root", "Root", 1, 1));
	trust(scene, ca(scene, "Other Root", "Other Root", 3, 3));
	send(scene, leaf(scene, "Issuing", 2));
	send(scene, cert(scene, &expired, keys[2], keys[1]));
	assert_int_equal(judge(scene), REASON_EXPIRED);
	send(scene, ca(scene, "Issuing", "Other Root", 2, 3));
	assert_int_equal(judge(scene), REASON_OK);
	assert_string_equal(verdict_cert(scene->verdict, 2)->subject, "CN=Other Root");
}

static void
of_several_failing_paths_the_one_that_got_furthest_is_reported(void **state)
{
	struct scene *scene = *state;
	const struct pki_cert_spec no_ca = {.subject = "Issuing", .issuer = "Root"};
	const struct pki_cert_spec expired = {.subject = "Issuing",
	    .issuer = "Root",
	    .is_ca = true,
	    .not_after_s = PKI_BUILD_NOW - 1};

	trust(scene, ca(scene, "Root", "Root", 1, 1));
	send(scene, leaf(scene, "Issuing", 2));
	send(scene, cert(scene, &no_ca, keys[2], keys[1]));
	send(scene, ca(scene, "Issuing", "Nobody", 2, 3));
	assert_int_equal(judge(scene), REASON_NOT_A_CA);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	send(scene, cert(scene, &expired, keys[2], keys[1]));
	assert_int_equal(judge(scene), REASON_EXPIRED);
}

static void
a_circle_of_cas_ends(void **state)
{
	struct scene *scene = *state;

	trust(scene, ca(scene, "Root", "Root", 1, 1));
	send(scene, leaf(scene, "A", 2));
	send(scene, ca(scene, "A", "B", 2, 3));
	send(scene, ca(scene, "B", "A", 3, 2));
	assert_int_equal(judge(scene), REASON_NO_ISSUER);
	assert_int_equal(verdict_cert_count(scene->verdict), 3);
	/* then with a way out */
	send(scene, ca(scene, "B", "Root", 3, 1));
	assert_int_equal(judge(scene), REASON_OK);
	assert_int_equal(verdict_cert_count(scene->verdict), 4);
}

static void
a_chain_has_ten_certificates_at_most(void **state)
{
	struct scene *scene = *state;
	char subject[16], issuer[16];

	/* given root - CA 9 - ... - CA 1 - leaf: eleven with the anchor */
	trust(scene, ca(scene, "Root", "Root", 1, 1));
	send(scene, leaf(scene, "CA 1", 2));
	for (unsigned int i = 1; i <= 9; i++) {
		snprintf(subject, sizeof subject, "CA %u", i);
		snprintf(issuer, sizeof issuer, "CA %u", i + 1);
		send(scene,
		    ca(scene, subject, i == 9 ? "Root" : issuer, i + 1, i == 9 ? 1 : i + 2));
	}
	assert_int_equal(judge(scene), REASON_LIMITS);
	/* and from the second CA on it is ten */
	scene->chain[1] = leaf(scene, "CA 2", 3);
	for (size_t i = 0; i + 1 < 10; i++)
		scene->chain[i] = scene->chain[i + 1];
	scene->chain_count = 9;
	assert_int_equal(judge(scene), REASON_OK);
	assert_int_equal(verdict_cert_count(scene->verdict), PATH_LEN_MAX);
	scene->params.max_depth = 7;
	assert_int_equal(judge(scene), REASON_LIMITS);
	/* more than ten sent are not even looked at */
	for (size_t i = 9; i < 11; i++)
		send(scene, scene->chain[1]);
	assert_int_equal(judge(scene), REASON_LIMITS);
	assert_int_equal(verdict_signatures(scene->verdict), 0);
}

static void
the_budget_of_signatures_ends_a_search(void **state)
{
	struct scene *scene = *state;

	/* given many anchors of the right name and the wrong key */
	for (unsigned int i = 0; i < 9; i++)
		trust(scene, ca(scene, "Issuing", "Issuing", 1 + i, 1 + i));
	send(scene, leaf(scene, "Issuing", 10));
	send(scene, ca(scene, "Issuing", "Issuing", 10, 10));
	assert_int_equal(judge(scene), REASON_SIGNATURE);
	assert_int_equal(verdict_signatures(scene->verdict), 19);
	/* then nine certificates of one CA, each of which leads to all of them */
	scene->chain_count = 1;
	for (unsigned int i = 0; i < 9; i++)
		send(scene, ca(scene, "Issuing", "Issuing", 10, 10));
	assert_int_equal(judge(scene), REASON_LIMITS);
	assert_int_equal(verdict_signatures(scene->verdict), PATH_SIGNATURE_BUDGET);
}

static void
what_can_not_be_read_is_the_reason_only_where_it_is_missed(void **state)
{
	struct scene *scene = *state;
	static const uint8_t large[CERT_LEN_MAX + 1];

	ordinary(scene);
	send(scene, bytes_of("junk", 4));
	assert_int_equal(judge(scene), REASON_OK);
	scene->chain[1] = bytes_of("junk", 4);
	assert_int_equal(judge(scene), REASON_PARSE);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	assert_true(found(scene, REASON_NO_ISSUER, 0));
	scene->chain[1] = bytes_of(large, sizeof large);
	assert_int_equal(judge(scene), REASON_LIMITS);
	scene->chain[0] = bytes_of("junk", 4);
	assert_int_equal(judge(scene), REASON_PARSE);
	assert_int_equal(verdict_cert_count(scene->verdict), 0);
	assert_string_equal(verdict_subject(scene->verdict), "");
}

static void
an_issuer_has_to_be_a_ca_that_says_so(void **state)
{
	struct scene *scene = *state;

	ordinary_with(scene, (struct pki_cert_spec){.no_basic_constraints = true},
	    (struct pki_cert_spec){0});
	assert_int_equal(judge(scene), REASON_NOT_A_CA);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	scene->chain_count = scene->anchor_count = 0;
	ordinary_with(scene, (struct pki_cert_spec){0}, (struct pki_cert_spec){0});
	assert_int_equal(judge(scene), REASON_NOT_A_CA);
	scene->chain_count = scene->anchor_count = 0;
	ordinary_with(scene, (struct pki_cert_spec){.version = 1}, (struct pki_cert_spec){0});
	assert_int_equal(judge(scene), REASON_NOT_A_CA);
	scene->chain_count = scene->anchor_count = 0;
	ordinary_with(scene,
	    (struct pki_cert_spec){.is_ca = true, .key_usage = CERT_KU_CRL_SIGN},
	    (struct pki_cert_spec){0});
	assert_int_equal(judge(scene), REASON_KEY_USAGE);
	assert_int_equal(verdict_depth(scene->verdict), 1);
}

static void
a_path_length_counts_cas_that_are_not_self_issued(void **state)
{
	struct scene *scene = *state;
	struct pki_cert_spec a = {.subject = "A",
	    .issuer = "Root",
	    .is_ca = true,
	    .path_len = 1 + 1};

	trust(scene, ca(scene, "Root", "Root", 1, 1));
	send(scene, leaf(scene, "B", 4));
	send(scene, cert(scene, &a, keys[2], keys[1]));
	send(scene, ca(scene, "A", "A", 3, 2)); /* self-issued: not counted */
	send(scene, ca(scene, "B", "A", 4, 3));
	assert_int_equal(judge(scene), REASON_OK);
	a.path_len = 0 + 1;
	scene->chain[1] = cert(scene, &a, keys[2], keys[1]);
	assert_int_equal(judge(scene), REASON_PATH_LENGTH);
	assert_int_equal(verdict_depth(scene->verdict), 1);
}

static void
a_path_length_of_the_anchor_counts(void **state)
{
	struct scene *scene = *state;
	const struct pki_cert_spec root = {.subject = "Root",
	    .issuer = "Root",
	    .is_ca = true,
	    .path_len = 0 + 1};

	ordinary(scene);
	scene->anchors[0] = cert(scene, &root, keys[1], keys[1]);
	assert_int_equal(judge(scene), REASON_PATH_LENGTH);
	scene->params.anchor_checks = 0;
	assert_int_equal(judge(scene), REASON_OK);
}

static void
dates_of_the_whole_path_count_to_the_second(void **state)
{
	struct scene *scene = *state;

	ordinary_with(scene,
	    (struct pki_cert_spec){.is_ca = true, .not_after_s = PKI_BUILD_NOW},
	    (struct pki_cert_spec){.not_before_s = PKI_BUILD_NOW});
	assert_int_equal(judge(scene), REASON_OK);
	scene->params.now_s = PKI_BUILD_NOW + 1;
	assert_int_equal(judge(scene), REASON_EXPIRED);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	assert_string_equal(verdict_detail(scene->verdict), "expired on 2026-01-01T00:00:00Z");
	scene->params.now_s = PKI_BUILD_NOW - 1;
	assert_int_equal(judge(scene), REASON_NOT_YET_VALID);
	assert_int_equal(verdict_depth(scene->verdict), 0);
}

static void
an_expired_anchor_is_refused_where_that_is_asked(void **state)
{
	struct scene *scene = *state;
	const struct pki_cert_spec root = {.subject = "Root",
	    .issuer = "Root",
	    .is_ca = true,
	    .not_after_s = PKI_BUILD_NOW - 1};

	ordinary(scene);
	scene->anchors[0] = cert(scene, &root, keys[1], keys[1]);
	assert_int_equal(judge(scene), REASON_EXPIRED);
	assert_int_equal(verdict_depth(scene->verdict), 2);
	scene->params.anchor_checks &= ~(unsigned int)PATH_ANCHOR_EXPIRY;
	assert_int_equal(judge(scene), REASON_OK);
}

static void
an_unknown_critical_extension_refuses_anywhere(void **state)
{
	struct scene *scene = *state;
	struct buf extra;

	buf_init(&extra, 1000);
	ext_any(&extra, "1.2.3.4", true, bytes_of("\x05\x00", 2));
	ordinary_with(scene, (struct pki_cert_spec){.is_ca = true},
	    (struct pki_cert_spec){.extra = buf_bytes(&extra)});
	assert_int_equal(judge(scene), REASON_CRITICAL_EXTENSION);
	assert_string_equal(verdict_detail(scene->verdict), "1.2.3.4");
	scene->chain_count = scene->anchor_count = 0;
	ordinary_with(scene, (struct pki_cert_spec){.is_ca = true, .extra = buf_bytes(&extra)},
	    (struct pki_cert_spec){0});
	assert_int_equal(judge(scene), REASON_CRITICAL_EXTENSION);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	buf_done(&extra);
}

static void
extended_key_usage_narrows_down_the_path(void **state)
{
	const char *const nothing[] = {NULL};
	const struct {
		const char *const *above; /* of the issuing CA; NULL: none */
		const char *const *leaf;
		enum path_use use;
		bool strict;
		enum reason expected;
	} cases[] = {
	    {NULL, NULL, PATH_USE_SERVER, false, REASON_OK},
	    {NULL, LIST(EKU_SERVER), PATH_USE_SERVER, false, REASON_OK},
	    {NULL, LIST(EKU_SERVER), PATH_USE_CLIENT, false, REASON_EXT_KEY_USAGE},
	    {NULL, LIST(EKU_SERVER), PATH_USE_ANY, false, REASON_OK},
	    {NULL, LIST(EKU_ANY), PATH_USE_CLIENT, false, REASON_OK},
	    {NULL, nothing, PATH_USE_ANY, false, REASON_EXT_KEY_USAGE},
	    {NULL, LIST("1.2.3"), PATH_USE_CLIENT, false, REASON_EXT_KEY_USAGE},
	    {LIST(EKU_CLIENT), LIST(EKU_SERVER), PATH_USE_SERVER, false, REASON_EXT_KEY_USAGE},
	    {LIST(EKU_CLIENT), NULL, PATH_USE_CLIENT, false, REASON_OK},
	    /* strict: at every level, by name */
	    {NULL, LIST(EKU_SERVER), PATH_USE_SERVER, true, REASON_EXT_KEY_USAGE},
	    {LIST(EKU_SERVER), LIST(EKU_ANY), PATH_USE_SERVER, true, REASON_EXT_KEY_USAGE},
	    {LIST(EKU_SERVER), LIST(EKU_CLIENT, EKU_SERVER), PATH_USE_SERVER, true, REASON_OK},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf above, below;

		buf_init(&above, 1000);
		buf_init(&below, 1000);
		if (cases[i].above != NULL)
			ext_ext_key_usage(&above, cases[i].above);
		if (cases[i].leaf != NULL)
			ext_ext_key_usage(&below, cases[i].leaf);
		scene->chain_count = scene->anchor_count = 0;
		for (; scene->cert_count > 0; scene->cert_count--)
			buf_done(&scene->certs[scene->cert_count - 1]);
		ordinary_with(scene,
		    (struct pki_cert_spec){.is_ca = true, .extra = buf_bytes(&above)},
		    (struct pki_cert_spec){.extra = buf_bytes(&below)});
		scene->params.use = cases[i].use;
		scene->params.strict_eku = cases[i].strict;
		if (judge(scene) != cases[i].expected)
			fail_msg("case %zu: %s", i,
			    reason_slug(verdict_reason(scene->verdict)));
		buf_done(&above);
		buf_done(&below);
	}
}

static void
strictly_a_leaf_is_no_ca(void **state)
{
	struct scene *scene = *state;

	ordinary_with(scene, (struct pki_cert_spec){.is_ca = true},
	    (struct pki_cert_spec){.is_ca = true});
	assert_int_equal(judge(scene), REASON_OK);
	scene->params.strict_eku = true;
	assert_int_equal(judge(scene), REASON_LEAF_IS_CA);
}

static void
a_demanded_key_usage_has_to_be_there_if_any_is(void **state)
{
	struct scene *scene = *state;

	scene->params.key_usage = CERT_KU_DIGITAL_SIGNATURE;
	ordinary(scene);
	assert_int_equal(judge(scene), REASON_OK);
	scene->chain_count = scene->anchor_count = 0;
	ordinary_with(scene, (struct pki_cert_spec){.is_ca = true},
	    (struct pki_cert_spec){.key_usage = CERT_KU_KEY_AGREEMENT});
	assert_int_equal(judge(scene), REASON_KEY_USAGE);
	assert_int_equal(verdict_depth(scene->verdict), 0);
}

static void
weak_keys_are_refused_from_leaf_to_anchor(void **state)
{
	struct scene *scene = *state;
	const struct pki_cert_spec root = {.subject = "Root", .issuer = "Root", .is_ca = true};
	const struct pki_cert_spec end = {.subject = "leaf.example", .issuer = "Root"};

	trust(scene, cert(scene, &root, rsa1024, rsa1024));
	send(scene, cert(scene, &end, keys[0], rsa1024));
	assert_int_equal(judge(scene), REASON_WEAK_KEY);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	assert_string_equal(verdict_detail(scene->verdict),
	    "RSA with too few bits (1024 bits)");
	scene->params.min_rsa_bits = 1024;
	assert_int_equal(judge(scene), REASON_OK);
}

/* Turns sha256WithRSA into sha1WithRSA in both places; the signature is then neither. */
static void
make_sha1(struct bytes der)
{
	static const uint8_t oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11};
	uint8_t *data = (uint8_t *)der.data;

	for (size_t i = 0; i + sizeof oid <= der.len; i++)
		if (memcmp(data + i, oid, sizeof oid) == 0)
			data[i + sizeof oid - 1] = 5;
}

static void
a_weak_signature_is_never_computed_and_never_accepted(void **state)
{
	struct scene *scene = *state;
	const struct pki_cert_spec root = {.subject = "Root", .issuer = "Root", .is_ca = true};
	const struct pki_cert_spec end = {.subject = "leaf.example", .issuer = "Root"};

	scene->params.min_rsa_bits = 1024;
	scene->memo = sig_memo_new(16);
	trust(scene, cert(scene, &root, rsa1024, rsa1024));
	send(scene, cert(scene, &end, keys[0], rsa1024));
	make_sha1(scene->chain[0]);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(judge(scene), REASON_WEAK_SIGNATURE);
		assert_int_equal(verdict_depth(scene->verdict), 0);
		assert_string_equal(verdict_detail(scene->verdict),
		    "signed with RSA with SHA1");
	}
	/* that of the anchor itself is nobody's concern */
	scene->chain[0] = cert(scene, &end, keys[0], rsa1024);
	make_sha1(scene->anchors[0]);
	assert_int_equal(judge(scene), REASON_OK);
}

static void
names_that_are_asked_for_have_to_be_there(void **state)
{
	static const struct {
		enum path_name_kind kind;
		const char *value;
		bool good;
	} cases[] = {
	    {PATH_NAME_DNS, "a.example", true}, {PATH_NAME_DNS, "x.w.example", true},
	    {PATH_NAME_DNS, "b.example", false},
	    {PATH_NAME_DNS, "leaf.example", false}, /* only the CN is that */
	    {PATH_NAME_DNS, "10.0.0.1", false}, {PATH_NAME_IP, "10.0.0.1", true},
	    {PATH_NAME_IP, "10.0.0.2", false}, {PATH_NAME_IP, "2001:DB8::1", true},
	    {PATH_NAME_IP, "a.example", false}, {PATH_NAME_EMAIL, "ops@EXAMPLE.com", true},
	    {PATH_NAME_EMAIL, "Ops@example.com", false},
	    {PATH_NAME_EMAIL, "example.com", false},
	    {PATH_NAME_CN, "leaf.example", false}, /* not among the DNS names */
	};
	struct scene *scene = *state;
	struct buf extra;

	buf_init(&extra, 1000);
	ext_subject_alt_name(&extra, LIST("DNS:a.example", "DNS:*.w.example", "IP:10.0.0.1",
					 "IP:2001:db8::1", "email:ops@example.com"));
	ordinary_with(scene, (struct pki_cert_spec){.is_ca = true},
	    (struct pki_cert_spec){.extra = buf_bytes(&extra)});
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct path_name name = {cases[i].kind, cases[i].value};

		scene->params.names = &name;
		scene->params.name_count = 1;
		if ((judge(scene) == REASON_OK) != cases[i].good)
			fail_msg("%s", cases[i].value);
		if (!cases[i].good)
			assert_int_equal(verdict_reason(scene->verdict), REASON_NAME_MISMATCH);
	}
	buf_done(&extra);
}

static void
all_of_several_names_have_to_be_there(void **state)
{
	const struct path_name names[] = {{PATH_NAME_CN, "LEAF.example"},
	    {PATH_NAME_DNS, "b\n.example"}};
	struct scene *scene = *state;

	ordinary(scene);
	scene->params.names = names;
	scene->params.name_count = 1;
	assert_int_equal(judge(scene), REASON_OK);
	scene->params.name_count = 2;
	assert_int_equal(judge(scene), REASON_NAME_MISMATCH);
	assert_string_equal(verdict_detail(scene->verdict),
	    "not valid for DNS:b\\x0a.example; it has no subjectAltName");
}

static void
name_constraints_of_all_above_apply_to_all_below(void **state)
{
	struct scene *scene = *state;
	struct buf extra, names;
	struct pki_cert_spec root = {.subject = "Root", .issuer = "Root", .is_ca = true};

	buf_init(&extra, 1000);
	buf_init(&names, 1000);
	ext_name_constraints(&extra, NULL, LIST("DNS:bad.example"));
	ext_subject_alt_name(&names, LIST("DNS:bad.example"));
	root.extra = buf_bytes(&extra);
	/* given the intermediate has the excluded name */
	ordinary_with(scene, (struct pki_cert_spec){.is_ca = true, .extra = buf_bytes(&names)},
	    (struct pki_cert_spec){0});
	assert_int_equal(judge(scene), REASON_OK);
	scene->anchors[0] = cert(scene, &root, keys[1], keys[1]);
	assert_int_equal(judge(scene), REASON_NAME_CONSTRAINTS);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	scene->params.anchor_checks = PATH_ANCHOR_EXPIRY;
	assert_int_equal(judge(scene), REASON_OK);
	buf_done(&extra);
	buf_done(&names);
}

static void
a_self_issued_ca_is_outside_of_name_constraints_but_a_leaf_is_not(void **state)
{
	struct scene *scene = *state;
	struct buf extra;
	struct pki_cert_spec top = {.subject = "Same", .issuer = "Root", .is_ca = true};
	struct pki_cert_spec end = {.subject = "Same", .issuer = "Same"};

	buf_init(&extra, 1000);
	ext_name_constraints(&extra, LIST("DN:leaf.example"), NULL);
	top.extra = buf_bytes(&extra);
	trust(scene, ca(scene, "Root", "Root", 1, 1));
	send(scene, leaf(scene, "Same", 3));
	send(scene, cert(scene, &top, keys[2], keys[1]));
	send(scene, ca(scene, "Same", "Same", 3, 2));
	assert_int_equal(judge(scene), REASON_OK);
	scene->chain[0] = cert(scene, &end, keys[0], keys[3]);
	assert_int_equal(judge(scene), REASON_NAME_CONSTRAINTS);
	assert_int_equal(verdict_depth(scene->verdict), 0);
	buf_done(&extra);
}

static void
policies_are_asked_of_the_path_and_of_the_anchor_if_wanted(void **state)
{
	struct scene *scene = *state;
	struct buf one, two, value;
	struct bytes initial;
	struct pki_cert_spec root = {.subject = "Root", .issuer = "Root", .is_ca = true};

	buf_init(&one, 1000);
	buf_init(&two, 1000);
	buf_init(&value, 100);
	ext_policies(&one, LIST("1.2.3"));
	ext_policies(&two, LIST("1.2.4"));
	assert_true(oid_parse("1.2.3", &value));
	initial = buf_bytes(&value);
	ordinary_with(scene, (struct pki_cert_spec){.is_ca = true, .extra = buf_bytes(&one)},
	    (struct pki_cert_spec){.extra = buf_bytes(&one)});
	scene->params.explicit_policy = true;
	scene->params.policies = &initial;
	scene->params.policy_count = 1;
	assert_int_equal(judge(scene), REASON_OK);
	root.extra = buf_bytes(&two);
	scene->anchors[0] = cert(scene, &root, keys[1], keys[1]);
	assert_int_equal(judge(scene), REASON_OK);
	scene->params.anchor_checks |= PATH_ANCHOR_POLICIES;
	assert_int_equal(judge(scene), REASON_POLICY);
	scene->anchors[0] = ca(scene, "Root", "Root", 1, 1);
	assert_int_equal(judge(scene), REASON_OK);
	buf_done(&one);
	buf_done(&two);
	buf_done(&value);
}

static void
all_findings_are_kept_in_the_order_of_precedence(void **state)
{
	struct scene *scene = *state;
	const struct path_name name = {PATH_NAME_DNS, "b.example"};

	ordinary_with(scene,
	    (struct pki_cert_spec){.is_ca = true, .not_after_s = PKI_BUILD_NOW - 1},
	    (struct pki_cert_spec){.not_after_s = PKI_BUILD_NOW - 1});
	scene->params.names = &name;
	scene->params.name_count = 1;
	scene->params.revocation = PATH_REVOCATION_CHAIN;
	assert_int_equal(judge(scene), REASON_EXPIRED);
	assert_int_equal(verdict_finding_count(scene->verdict), 5);
	assert_int_equal(verdict_finding(scene->verdict, 0)->depth, 0);
	assert_int_equal(verdict_finding(scene->verdict, 1)->depth, 1);
	assert_int_equal(verdict_finding(scene->verdict, 2)->reason, REASON_NAME_MISMATCH);
	assert_int_equal(verdict_finding(scene->verdict, 3)->reason, REASON_CRL_MISSING);
	assert_int_equal(verdict_finding(scene->verdict, 4)->reason, REASON_CRL_MISSING);
	assert_false(verdict_wants_crl(scene->verdict));
}

static void
revocation_is_judged_with_the_issuers_of_the_path(void **state)
{
	struct scene *scene = *state;
	const struct pki_crl_entry entry = {.serial = {(const uint8_t *)"\1", 1}};
	struct pki_crl_spec of_root = {.issuer = "Root"};
	struct pki_crl_spec of_issuing = {.issuer = "Issuing"};

	ordinary(scene);
	scene->params.revocation = PATH_REVOCATION_CHAIN;
	assert_int_equal(judge(scene), REASON_CRL_MISSING);
	assert_true(verdict_wants_crl(scene->verdict));
	publish(scene, &of_issuing, 2);
	assert_int_equal(judge(scene), REASON_CRL_MISSING);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	scene->params.revocation = PATH_REVOCATION_LEAF;
	assert_int_equal(judge(scene), REASON_OK);
	assert_int_equal(verdict_cert(scene->verdict, 1)->revocation.status,
	    REVOCATION_NOT_ASKED);
	scene->params.revocation = PATH_REVOCATION_CHAIN;
	publish(scene, &of_root, 1);
	assert_int_equal(judge(scene), REASON_OK);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(verdict_cert(scene->verdict, i)->revocation.status,
		    REVOCATION_GOOD);
	assert_int_equal(verdict_cert(scene->verdict, 2)->revocation.status,
	    REVOCATION_NOT_ASKED);
	of_root.entries = &entry;
	of_root.entry_count = 1;
	of_root.number = 2;
	publish(scene, &of_root, 1);
	assert_int_equal(judge(scene), REASON_REVOKED);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	assert_false(verdict_wants_crl(scene->verdict));
}

static void
a_crl_of_another_key_needs_a_signer_with_a_path_to_the_same_anchor(void **state)
{
	struct scene *scene = *state;
	const struct pki_crl_spec of_root = {.issuer = "Root"},
				  of_issuing = {.issuer = "Issuing"};
	struct pki_cert_spec signer = {.subject = "Issuing",
	    .issuer = "Root",
	    .key_usage = CERT_KU_CRL_SIGN};

	/* given a CRL of the issuing CA's name and another key */
	ordinary(scene);
	scene->params.revocation = PATH_REVOCATION_CHAIN;
	publish(scene, &of_root, 1);
	publish(scene, &of_issuing, 5);
	assert_int_equal(judge(scene), REASON_CRL_MISSING);
	/* when there is a certificate for it that nobody vouches for */
	scene->extra[scene->extra_count++] = cert(scene, &signer, keys[5], keys[6]);
	assert_int_equal(judge(scene), REASON_CRL_PATH);
	assert_int_equal(verdict_depth(scene->verdict), 0);
	/* when the root does */
	scene->extra[0] = cert(scene, &signer, keys[5], keys[1]);
	assert_int_equal(judge(scene), REASON_OK);
	/* when it may not sign CRLs */
	signer.key_usage = CERT_KU_DIGITAL_SIGNATURE;
	scene->extra[0] = cert(scene, &signer, keys[5], keys[1]);
	assert_int_equal(judge(scene), REASON_CRL_SIGNER_KEYUSAGE);
	/* when another anchor vouches for it */
	signer.key_usage = CERT_KU_CRL_SIGN;
	signer.issuer = "Other Root";
	trust(scene, ca(scene, "Other Root", "Other Root", 7, 7));
	scene->extra[0] = cert(scene, &signer, keys[5], keys[7]);
	assert_int_equal(judge(scene), REASON_CRL_PATH);
}

static void
a_signer_of_crls_is_itself_judged(void **state)
{
	struct scene *scene = *state;
	const struct pki_crl_entry entry = {.serial = {(const uint8_t *)"\2", 1}};
	struct pki_crl_spec of_root = {.issuer = "Root"};
	const struct pki_crl_spec of_issuing = {.issuer = "Issuing"};
	struct pki_cert_spec signer = {.subject = "Issuing",
	    .issuer = "Root",
	    .serial = {(const uint8_t *)"\2", 1},
	    .key_usage = CERT_KU_CRL_SIGN};

	ordinary(scene);
	scene->params.revocation = PATH_REVOCATION_CHAIN;
	publish(scene, &of_issuing, 5);
	publish(scene, &of_root, 1);
	scene->extra[scene->extra_count++] = cert(scene, &signer, keys[5], keys[1]);
	assert_int_equal(judge(scene), REASON_OK);
	/* when the signer is revoked */
	of_root.entries = &entry;
	of_root.entry_count = 1;
	of_root.number = 2;
	publish(scene, &of_root, 1);
	assert_int_equal(judge(scene), REASON_CRL_PATH);
	/* when it is expired */
	scene->crl_count--;
	buf_done(&scene->crls[scene->crl_count]);
	assert_int_equal(judge(scene), REASON_OK);
	signer.not_after_s = PKI_BUILD_NOW - 1;
	scene->extra[0] = cert(scene, &signer, keys[5], keys[1]);
	assert_int_equal(judge(scene), REASON_CRL_PATH);
}

static void
nobody_vouches_for_himself_with_his_own_crl(void **state)
{
	struct scene *scene = *state;
	const struct pki_crl_spec of_issuing = {.issuer = "Issuing"};
	const struct pki_cert_spec signer = {.subject = "Issuing",
	    .issuer = "Issuing",
	    .key_usage = CERT_KU_CRL_SIGN};

	/* given a signer certified by the CA itself, whose own CRL is the only one */
	trust(scene, ca(scene, "Issuing", "Issuing", 2, 2));
	send(scene, leaf(scene, "Issuing", 2));
	scene->params.revocation = PATH_REVOCATION_CHAIN;
	publish(scene, &of_issuing, 5);
	scene->extra[scene->extra_count++] = cert(scene, &signer, keys[5], keys[2]);
	assert_int_equal(judge(scene), REASON_CRL_PATH);
}

static void
only_revocation_is_judged_where_only_that_is_asked(void **state)
{
	struct scene *scene = *state;
	const struct pki_crl_spec of_root = {.issuer = "Root"};
	const struct pki_cert_spec root = {.subject = "Root",
	    .issuer = "Root",
	    .not_after_s = PKI_BUILD_NOW - 1};

	trust(scene, cert(scene, &root, keys[1], keys[1]));
	send(scene, leaf(scene, "Root", 1));
	scene->params.revocation = PATH_REVOCATION_LEAF;
	scene->params.revocation_only = true;
	assert_int_equal(judge(scene), REASON_CRL_MISSING);
	publish(scene, &of_root, 1);
	assert_int_equal(judge(scene), REASON_OK);
	/* a forged signature is refused even so */
	scene->chain[0] = leaf(scene, "Root", 3);
	assert_int_equal(judge(scene), REASON_SIGNATURE);
}

static void
signatures_are_remembered_and_everything_else_is_not(void **state)
{
	struct scene *scene = *state;

	scene->memo = sig_memo_new(16);
	ordinary(scene);
	assert_int_equal(judge(scene), REASON_OK);
	assert_int_equal(verdict_signatures(scene->verdict), 2);
	assert_int_equal(judge(scene), REASON_OK);
	assert_int_equal(verdict_signatures(scene->verdict), 0);
	/* when time goes by; then the dates are judged anew */
	scene->params.now_s += 400 * PKI_BUILD_DAY;
	assert_int_equal(judge(scene), REASON_EXPIRED);
	assert_int_equal(verdict_signatures(scene->verdict), 0);
	/* when a chain does not reach an anchor; then nothing of it is remembered */
	scene->params.now_s = PKI_BUILD_NOW;
	scene->anchors[0] = ca(scene, "Other", "Other", 3, 3);
	sig_memo_free(scene->memo);
	scene->memo = sig_memo_new(16);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(judge(scene), REASON_NO_ISSUER);
		assert_int_equal(verdict_signatures(scene->verdict), 1);
	}
}

static void
validation_off_waives_what_is_not_identity(void **state)
{
	struct scene *scene = *state;
	const struct path_name name = {PATH_NAME_CN, "leaf.example"};
	const struct path_name other = {PATH_NAME_CN, "other.example"};

	/* given a self-signed certificate that nobody knows */
	scene->params.validation_off = true;
	scene->params.names = &name;
	scene->params.name_count = 1;
	send(scene, leaf(scene, "leaf.example", 0));
	assert_int_equal(judge(scene), REASON_NO_ISSUER);
	assert_int_equal(verdict_outcome(scene->verdict), VERDICT_WAIVED);
	assert_string_equal(verdict_detail(scene->verdict), "self-signed, and no anchor");
	assert_string_equal(verdict_outcome_text(VERDICT_WAIVED), "waived");
	/* the name and a certificate that can't be read are not waived */
	scene->params.names = &other;
	(void)judge(scene);
	assert_int_equal(verdict_outcome(scene->verdict), VERDICT_REJECT);
	scene->params.name_count = 0;
	scene->chain[0] = bytes_of("junk", 4);
	(void)judge(scene);
	assert_int_equal(verdict_outcome(scene->verdict), VERDICT_REJECT);
	/* nor a key that proves nothing */
	scene->chain[0] =
	    cert(scene, &(struct pki_cert_spec){.subject = "a.example", .issuer = "a.example"},
		rsa1024, rsa1024);
	(void)judge(scene);
	assert_int_equal(verdict_outcome(scene->verdict), VERDICT_REJECT);
	/* and what is good is accepted, not waived */
	scene->chain_count = 0;
	ordinary(scene);
	assert_int_equal(judge(scene), REASON_OK);
}

static void
the_appliance_profile_is_asked_where_it_is_on(void **state)
{
	struct scene *scene = *state;

	ordinary(scene);
	scene->params.profile = true;
	/* given P-256 keys, where the profile knows RSA alone */
	assert_int_equal(judge(scene), REASON_PROFILE_KEY);
	assert_true(found(scene, REASON_PROFILE_HASH, 0));
	assert_false(found(scene, REASON_PROFILE_SUBJECT, 0)); /* of install time */
	assert_non_null(strstr(verdict_detail(scene->verdict), "S1 A1.08"));
}

static void
a_rejection_can_be_made_by_others_but_no_acceptance(void **state)
{
	struct verdict *verdict =
	    verdict_new_rejected(TRUST_FORWARD, REASON_PROTOCOL, "nothing came");

	assert_int_equal(verdict_outcome(verdict), VERDICT_REJECT);
	assert_int_equal(verdict_reason(verdict), REASON_PROTOCOL);
	assert_string_equal(verdict_detail(verdict), "nothing came");
	assert_int_equal(verdict_purpose(verdict), TRUST_FORWARD);
	assert_int_equal(verdict_cert_count(verdict), 0);
	assert_string_equal(verdict_identity(verdict), "");
	verdict_free(verdict);
	verdict_free(NULL);
}

static int
make_keys(void **state)
{
	for (size_t i = 0; i < KEYS; i++)
		keys[i] = pki_key_new();
	rsa1024 = pki_key_new_kind(PKI_KEY_RSA1024);
	return 0;
}

static int
free_keys(void **state)
{
	for (size_t i = 0; i < KEYS; i++)
		pki_key_free(keys[i]);
	pki_key_free(rsa1024);
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, scene_open, scene_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_good_chain_is_accepted_and_described),
	    CASE(nothing_is_accepted_without_a_certificate_or_an_anchor),
	    CASE(the_order_of_what_was_sent_and_what_is_of_no_use_do_not_matter),
	    CASE(an_intermediate_given_with_the_anchors_completes_a_path),
	    CASE(an_anchor_need_not_be_self_signed_nor_above_a_path),
	    CASE(a_trusted_leaf_issues_nothing),
	    CASE(a_certificate_of_another_key_did_not_issue),
	    CASE(a_key_rollover_is_found_by_whichever_key_fits),
	    CASE(a_new_key_certified_by_the_old_one_is_followed),
	    CASE(key_identifiers_choose_who_is_tried_first),
	    CASE(of_several_paths_one_good_one_is_enough),
	    CASE(of_several_failing_paths_the_one_that_got_furthest_is_reported),
	    CASE(a_circle_of_cas_ends),
	    CASE(a_chain_has_ten_certificates_at_most),
	    CASE(the_budget_of_signatures_ends_a_search),
	    CASE(what_can_not_be_read_is_the_reason_only_where_it_is_missed),
	    CASE(an_issuer_has_to_be_a_ca_that_says_so),
	    CASE(a_path_length_counts_cas_that_are_not_self_issued),
	    CASE(a_path_length_of_the_anchor_counts),
	    CASE(dates_of_the_whole_path_count_to_the_second),
	    CASE(an_expired_anchor_is_refused_where_that_is_asked),
	    CASE(an_unknown_critical_extension_refuses_anywhere),
	    CASE(extended_key_usage_narrows_down_the_path),
	    CASE(strictly_a_leaf_is_no_ca),
	    CASE(a_demanded_key_usage_has_to_be_there_if_any_is),
	    CASE(weak_keys_are_refused_from_leaf_to_anchor),
	    CASE(a_weak_signature_is_never_computed_and_never_accepted),
	    CASE(names_that_are_asked_for_have_to_be_there),
	    CASE(all_of_several_names_have_to_be_there),
	    CASE(name_constraints_of_all_above_apply_to_all_below),
	    CASE(a_self_issued_ca_is_outside_of_name_constraints_but_a_leaf_is_not),
	    CASE(policies_are_asked_of_the_path_and_of_the_anchor_if_wanted),
	    CASE(all_findings_are_kept_in_the_order_of_precedence),
	    CASE(revocation_is_judged_with_the_issuers_of_the_path),
	    CASE(a_crl_of_another_key_needs_a_signer_with_a_path_to_the_same_anchor),
	    CASE(a_signer_of_crls_is_itself_judged),
	    CASE(nobody_vouches_for_himself_with_his_own_crl),
	    CASE(only_revocation_is_judged_where_only_that_is_asked),
	    CASE(signatures_are_remembered_and_everything_else_is_not),
	    CASE(validation_off_waives_what_is_not_identity),
	    CASE(the_appliance_profile_is_asked_where_it_is_on),
	    CASE(a_rejection_can_be_made_by_others_but_no_acceptance),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>

#include "tests/lib/ext_build.h"
#include "tests/lib/path_scene.h"

static void
the_order_of_what_was_sent_and_what_is_of_no_use_do_not_matter(void **state)
{
	struct scene *scene = *state;

	scene_trust(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_send(scene, scene_leaf(scene, "B", 3));
	scene_send(scene, scene_ca(scene, "A", "Root", 2, 1));
	scene_send(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_send(scene, scene_ca(scene, "Other", "Somebody", 4, 5));
	scene_send(scene, scene_ca(scene, "B", "A", 3, 2));
	scene_send(scene, scene->chain[1]);
	scene_send(scene, scene->chain[0]);
	assert_int_equal(scene_judge(scene), REASON_OK);
	assert_int_equal(verdict_cert_count(scene->verdict), 4);
}

static void
an_intermediate_given_with_the_anchors_completes_a_path(void **state)
{
	struct scene *scene = *state;

	scene_trust(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_send(scene, scene_leaf(scene, "Issuing", 2));
	assert_int_equal(scene_judge(scene), REASON_NO_ISSUER);
	scene->intermediates[scene->intermediate_count++] =
	    scene_ca(scene, "Issuing", "Root", 2, 1);
	assert_int_equal(scene_judge(scene), REASON_OK);
}

static void
an_anchor_need_not_be_self_signed_nor_above_a_path(void **state)
{
	struct scene *scene = *state;

	/* given the issuing CA is trusted and its root is nowhere */
	scene_trust(scene, scene_ca(scene, "Issuing", "Root", 2, 1));
	scene_send(scene, scene_leaf(scene, "Issuing", 2));
	assert_int_equal(scene_judge(scene), REASON_OK);
	/* given the leaf itself is trusted */
	scene->anchors[0] = scene->chain[0];
	assert_int_equal(scene_judge(scene), REASON_OK);
	assert_int_equal(verdict_cert_count(scene->verdict), 1);
	assert_int_equal(verdict_signatures(scene->verdict), 0);
	/* and judged as a leaf, whatever is asked of anchors */
	scene->params.anchor_checks = 0;
	scene->params.now_s += 400 * PKI_BUILD_DAY;
	assert_int_equal(scene_judge(scene), REASON_EXPIRED);
}

static void
a_certificate_of_another_key_did_not_issue(void **state)
{
	struct scene *scene = *state;

	scene_trust(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_send(scene, scene_leaf(scene, "Root", 3));
	assert_int_equal(scene_judge(scene), REASON_SIGNATURE);
	assert_int_equal(verdict_depth(scene->verdict), 0);
}

static void
a_key_rollover_is_found_by_whichever_key_fits(void **state)
{
	struct scene *scene = *state;

	/* given two anchors and two intermediates of one name each, one of each is wrong */
	scene_trust(scene, scene_ca(scene, "Root", "Root", 3, 3));
	scene_trust(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_send(scene, scene_leaf(scene, "Issuing", 2));
	scene_send(scene, scene_ca(scene, "Issuing", "Root", 4, 1));
	scene_send(scene, scene_ca(scene, "Issuing", "Root", 2, 1));
	assert_int_equal(scene_judge(scene), REASON_OK);
}

static void
a_new_key_certified_by_the_old_one_is_followed(void **state)
{
	struct scene *scene = *state;

	/* given the new key of the root in a certificate that the old one signed */
	scene_trust(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_send(scene, scene_leaf(scene, "Root", 2));
	scene_send(scene, scene_ca(scene, "Root", "Root", 2, 1));
	assert_int_equal(scene_judge(scene), REASON_OK);
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
		scene_trust(scene, scene_cert(scene, &spec, scene_keys[i], scene_keys[i]));
	}
	buf_clear(&id);
	ext_authority_key_id(&id, "key 4");
	spec =
	    (struct pki_cert_spec){.subject = "a", .issuer = "Root", .extra = buf_bytes(&id)};
	scene_send(scene, scene_cert(scene, &spec, scene_keys[0], scene_keys[4]));
	assert_int_equal(scene_judge(scene), REASON_OK);
	assert_int_equal(verdict_signatures(scene->verdict), 1);
	/* given a wrong hint; then the right key is found all the same */
	scene->chain[0] = scene_cert(scene, &spec, scene_keys[0], scene_keys[5]);
	assert_int_equal(scene_judge(scene), REASON_OK);
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
	scene_trust(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_trust(scene, scene_ca(scene, "Other Root", "Other Root", 3, 3));
	scene_send(scene, scene_leaf(scene, "Issuing", 2));
	scene_send(scene, scene_cert(scene, &expired, scene_keys[2], scene_keys[1]));
	assert_int_equal(scene_judge(scene), REASON_EXPIRED);
	scene_send(scene, scene_ca(scene, "Issuing", "Other Root", 2, 3));
	assert_int_equal(scene_judge(scene), REASON_OK);
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

	scene_trust(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_send(scene, scene_leaf(scene, "Issuing", 2));
	scene_send(scene, scene_cert(scene, &no_ca, scene_keys[2], scene_keys[1]));
	scene_send(scene, scene_ca(scene, "Issuing", "Nobody", 2, 3));
	assert_int_equal(scene_judge(scene), REASON_NOT_A_CA);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	scene_send(scene, scene_cert(scene, &expired, scene_keys[2], scene_keys[1]));
	assert_int_equal(scene_judge(scene), REASON_EXPIRED);
}

static void
a_circle_of_cas_ends(void **state)
{
	struct scene *scene = *state;

	scene_trust(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_send(scene, scene_leaf(scene, "A", 2));
	scene_send(scene, scene_ca(scene, "A", "B", 2, 3));
	scene_send(scene, scene_ca(scene, "B", "A", 3, 2));
	assert_int_equal(scene_judge(scene), REASON_NO_ISSUER);
	assert_int_equal(verdict_cert_count(scene->verdict), 3);
	/* then with a way out */
	scene_send(scene, scene_ca(scene, "B", "Root", 3, 1));
	assert_int_equal(scene_judge(scene), REASON_OK);
	assert_int_equal(verdict_cert_count(scene->verdict), 4);
}

static void
a_chain_has_ten_certificates_at_most(void **state)
{
	struct scene *scene = *state;
	char subject[16], issuer[16];

	/* given root - CA 9 - ... - CA 1 - leaf: eleven with the anchor */
	scene_trust(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_send(scene, scene_leaf(scene, "CA 1", 2));
	for (unsigned int i = 1; i <= 9; i++) {
		snprintf(subject, sizeof subject, "CA %u", i);
		snprintf(issuer, sizeof issuer, "CA %u", i + 1);
		scene_send(scene, scene_ca(scene, subject, i == 9 ? "Root" : issuer, i + 1,
				      i == 9 ? 1 : i + 2));
	}
	assert_int_equal(scene_judge(scene), REASON_LIMITS);
	/* and from the second CA on it is ten */
	scene->chain[1] = scene_leaf(scene, "CA 2", 3);
	for (size_t i = 0; i + 1 < 10; i++)
		scene->chain[i] = scene->chain[i + 1];
	scene->chain_count = 9;
	assert_int_equal(scene_judge(scene), REASON_OK);
	assert_int_equal(verdict_cert_count(scene->verdict), PATH_LEN_MAX);
	scene->params.max_depth = 7;
	assert_int_equal(scene_judge(scene), REASON_LIMITS);
	/* more than ten sent are not even looked at */
	for (size_t i = 9; i < 11; i++)
		scene_send(scene, scene->chain[1]);
	assert_int_equal(scene_judge(scene), REASON_LIMITS);
	assert_int_equal(verdict_signatures(scene->verdict), 0);
}

static void
the_budget_of_signatures_ends_a_search(void **state)
{
	struct scene *scene = *state;

	/* given many anchors of the right name and the wrong key */
	for (unsigned int i = 0; i < 9; i++)
		scene_trust(scene, scene_ca(scene, "Issuing", "Issuing", 1 + i, 1 + i));
	scene_send(scene, scene_leaf(scene, "Issuing", 10));
	scene_send(scene, scene_ca(scene, "Issuing", "Issuing", 10, 10));
	assert_int_equal(scene_judge(scene), REASON_SIGNATURE);
	assert_int_equal(verdict_signatures(scene->verdict), 19);
	/* then nine certificates of one CA, each of which leads to all of them */
	scene->chain_count = 1;
	for (unsigned int i = 0; i < 9; i++)
		scene_send(scene, scene_ca(scene, "Issuing", "Issuing", 10, 10));
	assert_int_equal(scene_judge(scene), REASON_LIMITS);
	assert_int_equal(verdict_signatures(scene->verdict), PATH_SIGNATURE_BUDGET);
}

static void
what_can_not_be_read_is_the_reason_only_where_it_is_missed(void **state)
{
	struct scene *scene = *state;
	static const uint8_t large[CERT_LEN_MAX + 1];

	scene_ordinary(scene);
	scene_send(scene, bytes_of("junk", 4));
	assert_int_equal(scene_judge(scene), REASON_OK);
	scene->chain[1] = bytes_of("junk", 4);
	assert_int_equal(scene_judge(scene), REASON_PARSE);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	assert_true(scene_found(scene, REASON_NO_ISSUER, 0));
	scene->chain[1] = bytes_of(large, sizeof large);
	assert_int_equal(scene_judge(scene), REASON_LIMITS);
	scene->chain[0] = bytes_of("junk", 4);
	assert_int_equal(scene_judge(scene), REASON_PARSE);
	assert_int_equal(verdict_cert_count(scene->verdict), 0);
	assert_string_equal(verdict_subject(scene->verdict), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(the_order_of_what_was_sent_and_what_is_of_no_use_do_not_matter),
	    SCENE(an_intermediate_given_with_the_anchors_completes_a_path),
	    SCENE(an_anchor_need_not_be_self_signed_nor_above_a_path),
	    SCENE(a_certificate_of_another_key_did_not_issue),
	    SCENE(a_key_rollover_is_found_by_whichever_key_fits),
	    SCENE(a_new_key_certified_by_the_old_one_is_followed),
	    SCENE(key_identifiers_choose_who_is_tried_first),
	    SCENE(of_several_paths_one_good_one_is_enough),
	    SCENE(of_several_failing_paths_the_one_that_got_furthest_is_reported),
	    SCENE(a_circle_of_cas_ends),
	    SCENE(a_chain_has_ten_certificates_at_most),
	    SCENE(the_budget_of_signatures_ends_a_search),
	    SCENE(what_can_not_be_read_is_the_reason_only_where_it_is_missed),
	};

	return cmocka_run_group_tests(tests, scene_make_keys, scene_free_keys);
}

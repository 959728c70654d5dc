/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "tests/lib/path_scene.h"

static void
a_good_chain_is_accepted_and_described(void **state)
{
	struct scene *scene = *state;
	const struct verdict *verdict;

	scene_ordinary(scene);
	assert_int_equal(scene_judge(scene), REASON_OK);
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

	assert_int_equal(scene_judge(scene), REASON_NO_CERTIFICATE);
	scene_send(scene, scene_leaf(scene, "Root", 1));
	assert_int_equal(scene_judge(scene), REASON_NO_ISSUER);
	assert_false(verdict_anchored(scene->verdict));
	assert_string_equal(verdict_subject(scene->verdict), "CN=leaf.example");
}

static void
all_findings_are_kept_in_the_order_of_precedence(void **state)
{
	struct scene *scene = *state;
	const struct path_name name = {PATH_NAME_DNS, "b.example"};

	scene_ordinary_with(scene,
	    (struct pki_cert_spec){.is_ca = true, .not_after_s = PKI_BUILD_NOW - 1},
	    (struct pki_cert_spec){.not_after_s = PKI_BUILD_NOW - 1});
	scene->params.names = &name;
	scene->params.name_count = 1;
	scene->params.revocation = PATH_REVOCATION_CHAIN;
	assert_int_equal(scene_judge(scene), REASON_EXPIRED);
	assert_int_equal(verdict_finding_count(scene->verdict), 5);
	assert_int_equal(verdict_finding(scene->verdict, 0)->depth, 0);
	assert_int_equal(verdict_finding(scene->verdict, 1)->depth, 1);
	assert_int_equal(verdict_finding(scene->verdict, 2)->reason, REASON_NAME_MISMATCH);
	assert_int_equal(verdict_finding(scene->verdict, 3)->reason, REASON_CRL_MISSING);
	assert_int_equal(verdict_finding(scene->verdict, 4)->reason, REASON_CRL_MISSING);
	assert_false(verdict_wants_crl(scene->verdict));
}

static void
signatures_are_remembered_and_everything_else_is_not(void **state)
{
	struct scene *scene = *state;

	scene->memo = sig_memo_new(16);
	scene_ordinary(scene);
	assert_int_equal(scene_judge(scene), REASON_OK);
	assert_int_equal(verdict_signatures(scene->verdict), 2);
	assert_int_equal(scene_judge(scene), REASON_OK);
	assert_int_equal(verdict_signatures(scene->verdict), 0);
	/* when time goes by; then the dates are judged anew */
	scene->params.now_s += 400 * PKI_BUILD_DAY;
	assert_int_equal(scene_judge(scene), REASON_EXPIRED);
	assert_int_equal(verdict_signatures(scene->verdict), 0);
	/* when a chain does not reach an anchor; then nothing of it is remembered */
	scene->params.now_s = PKI_BUILD_NOW;
	scene->anchors[0] = scene_ca(scene, "Other", "Other", 3, 3);
	sig_memo_free(scene->memo);
	scene->memo = sig_memo_new(16);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(scene_judge(scene), REASON_NO_ISSUER);
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
	scene_send(scene, scene_leaf(scene, "leaf.example", 0));
	assert_int_equal(scene_judge(scene), REASON_NO_ISSUER);
	assert_int_equal(verdict_outcome(scene->verdict), VERDICT_WAIVED);
	assert_string_equal(verdict_detail(scene->verdict), "self-signed, and no anchor");
	assert_string_equal(verdict_outcome_text(VERDICT_WAIVED), "waived");
	/* something unreadable beside it changes nothing */
	scene_send(scene, bytes_of("junk", 4));
	assert_int_equal(scene_judge(scene), REASON_PARSE);
	assert_int_equal(verdict_outcome(scene->verdict), VERDICT_WAIVED);
	scene->chain_count = 1;
	/* the name and a certificate that can't be read are not waived */
	scene->params.names = &other;
	(void)scene_judge(scene);
	assert_int_equal(verdict_outcome(scene->verdict), VERDICT_REJECT);
	scene->params.name_count = 0;
	scene->chain[0] = bytes_of("junk", 4);
	(void)scene_judge(scene);
	assert_int_equal(verdict_outcome(scene->verdict), VERDICT_REJECT);
	/* nor a key that proves nothing */
	scene->chain[0] = scene_cert(scene,
	    &(struct pki_cert_spec){.subject = "a.example", .issuer = "a.example"},
	    scene_rsa1024, scene_rsa1024);
	(void)scene_judge(scene);
	assert_int_equal(verdict_outcome(scene->verdict), VERDICT_REJECT);
	/* and what is good is accepted, not waived */
	scene->chain_count = 0;
	scene_ordinary(scene);
	assert_int_equal(scene_judge(scene), REASON_OK);
}

static void
the_appliance_profile_is_asked_where_it_is_on(void **state)
{
	struct scene *scene = *state;

	scene_ordinary(scene);
	scene->params.profile = true;
	/* given P-256 keys, where the profile knows RSA alone */
	assert_int_equal(scene_judge(scene), REASON_PROFILE_KEY);
	assert_true(scene_found(scene, REASON_PROFILE_HASH, 0));
	assert_false(scene_found(scene, REASON_PROFILE_SUBJECT, 0)); /* of install time */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(a_good_chain_is_accepted_and_described),
	    SCENE(nothing_is_accepted_without_a_certificate_or_an_anchor),
	    SCENE(all_findings_are_kept_in_the_order_of_precedence),
	    SCENE(signatures_are_remembered_and_everything_else_is_not),
	    SCENE(validation_off_waives_what_is_not_identity),
	    SCENE(the_appliance_profile_is_asked_where_it_is_on),
	    SCENE(a_rejection_can_be_made_by_others_but_no_acceptance),
	};

	return cmocka_run_group_tests(tests, scene_make_keys, scene_free_keys);
}

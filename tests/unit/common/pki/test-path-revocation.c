/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "tests/lib/path_scene.h"

static void
revocation_is_judged_with_the_issuers_of_the_path(void **state)
{
	struct scene *scene = *state;
	const struct pki_crl_entry entry = {.serial = {(const uint8_t *)"\1", 1}};
	struct pki_crl_spec of_root = {.issuer = "Root"};
	struct pki_crl_spec of_issuing = {.issuer = "Issuing"};

	scene_ordinary(scene);
	scene->params.revocation = PATH_REVOCATION_CHAIN;
	assert_int_equal(scene_judge(scene), REASON_CRL_MISSING);
	assert_true(verdict_wants_crl(scene->verdict));
	scene_publish(scene, &of_issuing, 2);
	assert_int_equal(scene_judge(scene), REASON_CRL_MISSING);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	scene->params.revocation = PATH_REVOCATION_LEAF;
	assert_int_equal(scene_judge(scene), REASON_OK);
	assert_int_equal(verdict_cert(scene->verdict, 1)->revocation.status,
	    REVOCATION_NOT_ASKED);
	scene->params.revocation = PATH_REVOCATION_CHAIN;
	scene_publish(scene, &of_root, 1);
	assert_int_equal(scene_judge(scene), REASON_OK);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(verdict_cert(scene->verdict, i)->revocation.status,
		    REVOCATION_GOOD);
	assert_int_equal(verdict_cert(scene->verdict, 2)->revocation.status,
	    REVOCATION_NOT_ASKED);
	of_root.entries = &entry;
	of_root.entry_count = 1;
	of_root.number = 2;
	scene_publish(scene, &of_root, 1);
	assert_int_equal(scene_judge(scene), REASON_REVOKED);
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
	scene_ordinary(scene);
	scene->params.revocation = PATH_REVOCATION_CHAIN;
	scene_publish(scene, &of_root, 1);
	scene_publish(scene, &of_issuing, 5);
	assert_int_equal(scene_judge(scene), REASON_CRL_MISSING);
	/* when there is a certificate for it that nobody vouches for */
	scene->extra[scene->extra_count++] =
	    scene_cert(scene, &signer, scene_keys[5], scene_keys[6]);
	assert_int_equal(scene_judge(scene), REASON_CRL_PATH);
	assert_int_equal(verdict_depth(scene->verdict), 0);
	/* when the root does */
	scene->extra[0] = scene_cert(scene, &signer, scene_keys[5], scene_keys[1]);
	assert_int_equal(scene_judge(scene), REASON_OK);
	/* when it may not sign CRLs */
	signer.key_usage = CERT_KU_DIGITAL_SIGNATURE;
	scene->extra[0] = scene_cert(scene, &signer, scene_keys[5], scene_keys[1]);
	assert_int_equal(scene_judge(scene), REASON_CRL_SIGNER_KEYUSAGE);
	/* when another anchor vouches for it */
	signer.key_usage = CERT_KU_CRL_SIGN;
	signer.issuer = "Other Root";
	scene_trust(scene, scene_ca(scene, "Other Root", "Other Root", 7, 7));
	scene->extra[0] = scene_cert(scene, &signer, scene_keys[5], scene_keys[7]);
	assert_int_equal(scene_judge(scene), REASON_CRL_PATH);
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

	scene_ordinary(scene);
	scene->params.revocation = PATH_REVOCATION_CHAIN;
	scene_publish(scene, &of_issuing, 5);
	scene_publish(scene, &of_root, 1);
	scene->extra[scene->extra_count++] =
	    scene_cert(scene, &signer, scene_keys[5], scene_keys[1]);
	assert_int_equal(scene_judge(scene), REASON_OK);
	/* when the signer is revoked */
	of_root.entries = &entry;
	of_root.entry_count = 1;
	of_root.number = 2;
	scene_publish(scene, &of_root, 1);
	assert_int_equal(scene_judge(scene), REASON_CRL_PATH);
	/* when it is expired */
	scene->crl_count--;
	buf_done(&scene->crls[scene->crl_count]);
	assert_int_equal(scene_judge(scene), REASON_OK);
	signer.not_after_s = PKI_BUILD_NOW - 1;
	scene->extra[0] = scene_cert(scene, &signer, scene_keys[5], scene_keys[1]);
	assert_int_equal(scene_judge(scene), REASON_CRL_PATH);
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
	scene_trust(scene, scene_ca(scene, "Issuing", "Issuing", 2, 2));
	scene_send(scene, scene_leaf(scene, "Issuing", 2));
	scene->params.revocation = PATH_REVOCATION_CHAIN;
	scene_publish(scene, &of_issuing, 5);
	scene->extra[scene->extra_count++] =
	    scene_cert(scene, &signer, scene_keys[5], scene_keys[2]);
	assert_int_equal(scene_judge(scene), REASON_CRL_PATH);
}

static void
only_revocation_is_judged_where_only_that_is_asked(void **state)
{
	struct scene *scene = *state;
	const struct pki_crl_spec of_root = {.issuer = "Root"};
	const struct pki_cert_spec root = {.subject = "Root",
	    .issuer = "Root",
	    .not_after_s = PKI_BUILD_NOW - 1};

	scene_trust(scene, scene_cert(scene, &root, scene_keys[1], scene_keys[1]));
	scene_send(scene, scene_leaf(scene, "Root", 1));
	scene->params.revocation = PATH_REVOCATION_LEAF;
	scene->params.revocation_only = true;
	assert_int_equal(scene_judge(scene), REASON_CRL_MISSING);
	scene_publish(scene, &of_root, 1);
	assert_int_equal(scene_judge(scene), REASON_OK);
	/* a forged signature is refused even so */
	scene->chain[0] = scene_leaf(scene, "Root", 3);
	assert_int_equal(scene_judge(scene), REASON_SIGNATURE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(revocation_is_judged_with_the_issuers_of_the_path),
	    SCENE(a_crl_of_another_key_needs_a_signer_with_a_path_to_the_same_anchor),
	    SCENE(a_signer_of_crls_is_itself_judged),
	    SCENE(nobody_vouches_for_himself_with_his_own_crl),
	    SCENE(only_revocation_is_judged_where_only_that_is_asked),
	};

	return cmocka_run_group_tests(tests, scene_make_keys, scene_free_keys);
}

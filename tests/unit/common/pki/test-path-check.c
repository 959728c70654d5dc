/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/oid.h"
#include "tests/lib/ext_build.h"
#include "tests/lib/path_scene.h"

#define EKU_SERVER "1.3.6.1.5.5.7.3.1"
#define EKU_CLIENT "1.3.6.1.5.5.7.3.2"
#define EKU_ANY    "2.5.29.37.0"

static void
a_trusted_leaf_issues_nothing(void **state)
{
	struct scene *scene = *state;
	const struct pki_cert_spec self = {.subject = "s7.example",
	    .issuer = "s7.example",
	    .no_basic_constraints = true,
	    .key_usage = CERT_KU_DIGITAL_SIGNATURE | CERT_KU_KEY_CERT_SIGN};

	scene_trust(scene, scene_cert(scene, &self, scene_keys[1], scene_keys[1]));
	scene_send(scene, scene_leaf(scene, "s7.example", 1));
	assert_int_equal(scene_judge(scene), REASON_NOT_A_CA);
}

static void
an_issuer_has_to_be_a_ca_that_says_so(void **state)
{
	struct scene *scene = *state;

	scene_ordinary_with(scene, (struct pki_cert_spec){.no_basic_constraints = true},
	    (struct pki_cert_spec){0});
	assert_int_equal(scene_judge(scene), REASON_NOT_A_CA);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	scene->chain_count = scene->anchor_count = 0;
	scene_ordinary_with(scene, (struct pki_cert_spec){0}, (struct pki_cert_spec){0});
	assert_int_equal(scene_judge(scene), REASON_NOT_A_CA);
	scene->chain_count = scene->anchor_count = 0;
	scene_ordinary_with(scene, (struct pki_cert_spec){.version = 1},
	    (struct pki_cert_spec){0});
	assert_int_equal(scene_judge(scene), REASON_NOT_A_CA);
	scene->chain_count = scene->anchor_count = 0;
	scene_ordinary_with(scene,
	    (struct pki_cert_spec){.is_ca = true, .key_usage = CERT_KU_CRL_SIGN},
	    (struct pki_cert_spec){0});
	assert_int_equal(scene_judge(scene), REASON_KEY_USAGE);
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

	scene_trust(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_send(scene, scene_leaf(scene, "B", 4));
	scene_send(scene, scene_cert(scene, &a, scene_keys[2], scene_keys[1]));
	scene_send(scene, scene_ca(scene, "A", "A", 3, 2)); /* self-issued: not counted */
	scene_send(scene, scene_ca(scene, "B", "A", 4, 3));
	assert_int_equal(scene_judge(scene), REASON_OK);
	a.path_len = 0 + 1;
	scene->chain[1] = scene_cert(scene, &a, scene_keys[2], scene_keys[1]);
	assert_int_equal(scene_judge(scene), REASON_PATH_LENGTH);
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

	scene_ordinary(scene);
	scene->anchors[0] = scene_cert(scene, &root, scene_keys[1], scene_keys[1]);
	assert_int_equal(scene_judge(scene), REASON_PATH_LENGTH);
	scene->params.anchor_checks = 0;
	assert_int_equal(scene_judge(scene), REASON_OK);
}

static void
dates_of_the_whole_path_count_to_the_second(void **state)
{
	struct scene *scene = *state;

	scene_ordinary_with(scene,
	    (struct pki_cert_spec){.is_ca = true, .not_after_s = PKI_BUILD_NOW},
	    (struct pki_cert_spec){.not_before_s = PKI_BUILD_NOW});
	assert_int_equal(scene_judge(scene), REASON_OK);
	scene->params.now_s = PKI_BUILD_NOW + 1;
	assert_int_equal(scene_judge(scene), REASON_EXPIRED);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	assert_string_equal(verdict_detail(scene->verdict), "expired on 2026-01-01T00:00:00Z");
	scene->params.now_s = PKI_BUILD_NOW - 1;
	assert_int_equal(scene_judge(scene), REASON_NOT_YET_VALID);
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

	scene_ordinary(scene);
	scene->anchors[0] = scene_cert(scene, &root, scene_keys[1], scene_keys[1]);
	assert_int_equal(scene_judge(scene), REASON_EXPIRED);
	assert_int_equal(verdict_depth(scene->verdict), 2);
	scene->params.anchor_checks &= ~(unsigned int)PATH_ANCHOR_EXPIRY;
	assert_int_equal(scene_judge(scene), REASON_OK);
}

static void
an_unknown_critical_extension_refuses_anywhere(void **state)
{
	struct scene *scene = *state;
	struct buf extra;

	buf_init(&extra, 1000);
	ext_any(&extra, "1.2.3.4", true, bytes_of("\x05\x00", 2));
	scene_ordinary_with(scene, (struct pki_cert_spec){.is_ca = true},
	    (struct pki_cert_spec){.extra = buf_bytes(&extra)});
	assert_int_equal(scene_judge(scene), REASON_CRITICAL_EXTENSION);
	assert_string_equal(verdict_detail(scene->verdict), "1.2.3.4");
	scene->chain_count = scene->anchor_count = 0;
	scene_ordinary_with(scene,
	    (struct pki_cert_spec){.is_ca = true, .extra = buf_bytes(&extra)},
	    (struct pki_cert_spec){0});
	assert_int_equal(scene_judge(scene), REASON_CRITICAL_EXTENSION);
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
		scene_ordinary_with(scene,
		    (struct pki_cert_spec){.is_ca = true, .extra = buf_bytes(&above)},
		    (struct pki_cert_spec){.extra = buf_bytes(&below)});
		scene->params.use = cases[i].use;
		scene->params.strict_eku = cases[i].strict;
		if (scene_judge(scene) != cases[i].expected)
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

	scene_ordinary_with(scene, (struct pki_cert_spec){.is_ca = true},
	    (struct pki_cert_spec){.is_ca = true});
	assert_int_equal(scene_judge(scene), REASON_OK);
	scene->params.strict_eku = true;
	assert_int_equal(scene_judge(scene), REASON_LEAF_IS_CA);
}

static void
a_demanded_key_usage_has_to_be_there_if_any_is(void **state)
{
	struct scene *scene = *state;

	scene->params.key_usage = CERT_KU_DIGITAL_SIGNATURE;
	scene_ordinary(scene);
	assert_int_equal(scene_judge(scene), REASON_OK);
	scene->chain_count = scene->anchor_count = 0;
	scene_ordinary_with(scene, (struct pki_cert_spec){.is_ca = true},
	    (struct pki_cert_spec){.key_usage = CERT_KU_KEY_AGREEMENT});
	assert_int_equal(scene_judge(scene), REASON_KEY_USAGE);
	assert_int_equal(verdict_depth(scene->verdict), 0);
}

static void
weak_keys_are_refused_from_leaf_to_anchor(void **state)
{
	struct scene *scene = *state;
	const struct pki_cert_spec root = {.subject = "Root", .issuer = "Root", .is_ca = true};
	const struct pki_cert_spec end = {.subject = "leaf.example", .issuer = "Root"};

	scene_trust(scene, scene_cert(scene, &root, scene_rsa1024, scene_rsa1024));
	scene_send(scene, scene_cert(scene, &end, scene_keys[0], scene_rsa1024));
	assert_int_equal(scene_judge(scene), REASON_WEAK_KEY);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	assert_string_equal(verdict_detail(scene->verdict),
	    "RSA with too few bits (1024 bits)");
	scene->params.min_rsa_bits = 1024;
	assert_int_equal(scene_judge(scene), REASON_OK);
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
	scene_trust(scene, scene_cert(scene, &root, scene_rsa1024, scene_rsa1024));
	scene_send(scene, scene_cert(scene, &end, scene_keys[0], scene_rsa1024));
	make_sha1(scene->chain[0]);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(scene_judge(scene), REASON_WEAK_SIGNATURE);
		assert_int_equal(verdict_depth(scene->verdict), 0);
		assert_string_equal(verdict_detail(scene->verdict),
		    "signed with RSA with SHA1");
	}
	/* that of the anchor itself is nobody's concern */
	scene->chain[0] = scene_cert(scene, &end, scene_keys[0], scene_rsa1024);
	make_sha1(scene->anchors[0]);
	assert_int_equal(scene_judge(scene), REASON_OK);
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
	scene_ordinary_with(scene, (struct pki_cert_spec){.is_ca = true},
	    (struct pki_cert_spec){.extra = buf_bytes(&extra)});
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct path_name name = {cases[i].kind, cases[i].value};

		scene->params.names = &name;
		scene->params.name_count = 1;
		if ((scene_judge(scene) == REASON_OK) != cases[i].good)
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

	scene_ordinary(scene);
	scene->params.names = names;
	scene->params.name_count = 1;
	assert_int_equal(scene_judge(scene), REASON_OK);
	scene->params.name_count = 2;
	assert_int_equal(scene_judge(scene), REASON_NAME_MISMATCH);
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
	scene_ordinary_with(scene,
	    (struct pki_cert_spec){.is_ca = true, .extra = buf_bytes(&names)},
	    (struct pki_cert_spec){0});
	assert_int_equal(scene_judge(scene), REASON_OK);
	scene->anchors[0] = scene_cert(scene, &root, scene_keys[1], scene_keys[1]);
	assert_int_equal(scene_judge(scene), REASON_NAME_CONSTRAINTS);
	assert_int_equal(verdict_depth(scene->verdict), 1);
	scene->params.anchor_checks = PATH_ANCHOR_EXPIRY;
	assert_int_equal(scene_judge(scene), REASON_OK);
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
	scene_trust(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_send(scene, scene_leaf(scene, "Same", 3));
	scene_send(scene, scene_cert(scene, &top, scene_keys[2], scene_keys[1]));
	scene_send(scene, scene_ca(scene, "Same", "Same", 3, 2));
	assert_int_equal(scene_judge(scene), REASON_OK);
	scene->chain[0] = scene_cert(scene, &end, scene_keys[0], scene_keys[3]);
	assert_int_equal(scene_judge(scene), REASON_NAME_CONSTRAINTS);
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
	scene_ordinary_with(scene,
	    (struct pki_cert_spec){.is_ca = true, .extra = buf_bytes(&one)},
	    (struct pki_cert_spec){.extra = buf_bytes(&one)});
	scene->params.explicit_policy = true;
	scene->params.policies = &initial;
	scene->params.policy_count = 1;
	assert_int_equal(scene_judge(scene), REASON_OK);
	root.extra = buf_bytes(&two);
	scene->anchors[0] = scene_cert(scene, &root, scene_keys[1], scene_keys[1]);
	assert_int_equal(scene_judge(scene), REASON_OK);
	scene->params.anchor_checks |= PATH_ANCHOR_POLICIES;
	assert_int_equal(scene_judge(scene), REASON_POLICY);
	scene->anchors[0] = scene_ca(scene, "Root", "Root", 1, 1);
	assert_int_equal(scene_judge(scene), REASON_OK);
	buf_done(&one);
	buf_done(&two);
	buf_done(&value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(a_trusted_leaf_issues_nothing),
	    SCENE(an_issuer_has_to_be_a_ca_that_says_so),
	    SCENE(a_path_length_counts_cas_that_are_not_self_issued),
	    SCENE(a_path_length_of_the_anchor_counts),
	    SCENE(dates_of_the_whole_path_count_to_the_second),
	    SCENE(an_expired_anchor_is_refused_where_that_is_asked),
	    SCENE(an_unknown_critical_extension_refuses_anywhere),
	    SCENE(extended_key_usage_narrows_down_the_path),
	    SCENE(strictly_a_leaf_is_no_ca),
	    SCENE(a_demanded_key_usage_has_to_be_there_if_any_is),
	    SCENE(weak_keys_are_refused_from_leaf_to_anchor),
	    SCENE(a_weak_signature_is_never_computed_and_never_accepted),
	    SCENE(names_that_are_asked_for_have_to_be_there),
	    SCENE(all_of_several_names_have_to_be_there),
	    SCENE(name_constraints_of_all_above_apply_to_all_below),
	    SCENE(a_self_issued_ca_is_outside_of_name_constraints_but_a_leaf_is_not),
	    SCENE(policies_are_asked_of_the_path_and_of_the_anchor_if_wanted),
	};

	return cmocka_run_group_tests(tests, scene_make_keys, scene_free_keys);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdlib.h>

#include "common/pki/crl_intake.h"
#include "common/pki/revocation.h"
#include "tests/lib/pki_build.h"

#define BYTES(...) \
	bytes_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

enum {
	KU_CERT_SIGN = 1 << 5,
	KU_CRL_SIGN = 1 << 6,
	SERIAL = 0x55, /* of the certificate that is judged */
};

/* The scene of most cases: a CA, another key, a certificate, and a set of CRLs. */
struct scene {
	struct pki_key *ca_key;
	struct pki_key *other_key;
	struct cert *ca;
	struct cert *other; /* the other key's, of the name "Other CA" */
	struct cert *leaf;
	struct crl_set *crls;
	struct revocation_params params;
	enum reason signer_reason; /* what is said of other signers */
	size_t signer_asked;
	struct revocation_result result;
};

static struct scene scene;

static struct cert *
cert_of(const struct pki_cert_spec *spec, const struct pki_key *key,
    const struct pki_key *signer)
{
	struct cert *cert;
	struct buf der;

	buf_init(&der, 65536);
	pki_build_cert(spec, key, signer, &der);
	assert_int_equal(cert_parse(buf_bytes(&der), &cert, NULL), STATUS_OK);
	buf_done(&der);
	return cert;
}

/* Replaces the leaf; extra is the DER of its further extensions. */
static void
scene_set_leaf(bool is_ca, int version, struct bytes extra)
{
	struct pki_cert_spec spec = {
	    .subject = "leaf",
	    .issuer = "CA",
	    .serial = BYTES(SERIAL),
	    .version = version,
	    .is_ca = is_ca,
	    .extra = extra,
	};

	cert_free(scene.leaf);
	scene.leaf = cert_of(&spec, scene.ca_key, scene.ca_key);
}

static int
scene_make(void **state)
{
	struct pki_cert_spec ca = {
	    .subject = "CA",
	    .issuer = "CA",
	    .is_ca = true,
	    .key_usage = KU_CERT_SIGN | KU_CRL_SIGN,
	};
	struct pki_cert_spec other = ca;

	scene = (struct scene){.signer_reason = REASON_CRL_PATH};
	other.subject = "Other CA";
	scene.ca_key = pki_key_new();
	scene.other_key = pki_key_new();
	scene.ca = cert_of(&ca, scene.ca_key, scene.ca_key);
	scene.other = cert_of(&other, scene.other_key, scene.ca_key);
	scene.crls = crl_set_new();
	scene.params.now_s = PKI_BUILD_NOW;
	scene_set_leaf(false, 3, (struct bytes){0});
	return 0;
}

static int
scene_free(void **state)
{
	pki_key_free(scene.ca_key);
	pki_key_free(scene.other_key);
	cert_free(scene.ca);
	cert_free(scene.other);
	cert_free(scene.leaf);
	crl_set_free(scene.crls);
	return 0;
}

static void
free_image(struct bytes image)
{
	free((void *)image.data);
}

/* Takes a CRL into the set, signed by one of the two keys. */
static void
scene_add_by(const struct pki_crl_spec *spec, const struct pki_key *key)
{
	const struct cert *signers[] = {scene.ca, scene.other, NULL};
	struct pki_cert_spec same_name = {.subject = "CA", .issuer = "CA", .is_ca = true};
	struct cert *rekeyed = cert_of(&same_name, scene.other_key, scene.ca_key);
	struct pki_crl_spec whole = *spec;
	struct crl_intake intake;
	struct crl_index *index;
	struct buf der, image;

	signers[2] = rekeyed;
	if (whole.issuer == NULL)
		whole.issuer = "CA";
	buf_init(&der, 1 << 20);
	buf_init(&image, 1 << 20);
	pki_build_crl(&whole, key, &der);
	assert_int_equal(crl_intake_take(buf_bytes(&der), CRL_LEN_MAX, signers, 3, &image,
			     &intake),
	    REASON_OK);
	assert_int_equal(crl_index_open_take(buf_bytes(&image), free_image, &index), STATUS_OK);
	assert_int_equal(crl_set_add_take(scene.crls, index), STATUS_OK);
	crl_intake_done(&intake);
	buf_done(&der);
	cert_free(rekeyed);
}

static void
scene_add(const struct pki_crl_spec *spec)
{
	scene_add_by(spec, scene.ca_key);
}

/* The same with one entry for the leaf. */
static void
scene_add_listing(const struct pki_crl_spec *spec, int reason)
{
	struct pki_crl_entry entry = {.serial = BYTES(SERIAL), .reason = reason};
	struct pki_crl_spec whole = *spec;

	whole.entries = &entry;
	whole.entry_count = 1;
	scene_add(&whole);
}

static enum reason
scene_judge_signer(void *arg, struct bytes subject_canonical,
    const uint8_t key_sha256[PUBKEY_HASH_SIZE])
{
	scene.signer_asked++;
	return scene.signer_reason;
}

static void
expect(enum revocation_status status, enum reason reason)
{
	struct revocation_signer signer = {scene_judge_signer, NULL};

	revocation_check(scene.leaf, scene.ca, scene.crls, &signer, &scene.params,
	    &scene.result);
	if (scene.result.status != status || scene.result.reason != reason)
		fail_msg("wanted %s %s, got %s %s (%s)", revocation_status_text(status),
		    reason_slug(reason), revocation_status_text(scene.result.status),
		    reason_slug(scene.result.reason), scene.result.detail);
}

static void
expect_good(void)
{
	expect(REVOCATION_GOOD, REASON_OK);
}

static void
expect_revoked(void)
{
	expect(REVOCATION_REVOKED, REASON_REVOKED);
}

/* Contents of a distribution point or issuingDistributionPoint: [0] { [0] { URI } }. */
static void
put_uri_names(struct der_build *build, const char *uri)
{
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(0));
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(0));
	der_build_text(build, DER_CONTEXT(6), uri);
	der_build_close(build);
	der_build_close(build);
}

/* cRLIssuer [2] with one directory name. */
static void
put_crl_issuer(struct der_build *build, const char *cn)
{
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(2));
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(4));
	der_build_name(build, cn);
	der_build_close(build);
	der_build_close(build);
}

/* Gives the leaf one distribution point, whose contents are these. */
static void
scene_set_point(struct bytes contents)
{
	struct der_build build;

	der_build_init(&build);
	der_build_open_extension(&build, "2.5.29.31", false);
	der_build_open(&build, DER_SEQUENCE);
	der_build_value(&build, DER_SEQUENCE, contents.data, contents.len);
	der_build_close(&build);
	der_build_close_extension(&build);
	scene_set_leaf(false, 3, der_build_bytes(&build));
	der_build_done(&build);
}

static void
scene_set_point_uri(const char *uri)
{
	struct der_build point;

	der_build_init(&point);
	put_uri_names(&point, uri);
	scene_set_point(der_build_bytes(&point));
	der_build_done(&point);
}

/* A CRL whose issuingDistributionPoint has a URI and then what is given. */
static void
scene_add_at_uri(const char *uri, struct bytes rest)
{
	struct der_build idp;

	der_build_init(&idp);
	put_uri_names(&idp, uri);
	der_build_raw(&idp, rest);
	scene_add(&(struct pki_crl_spec){.idp = der_build_bytes(&idp)});
	der_build_done(&idp);
}

static void
without_a_crl_nothing_is_known(void **state)
{
	expect(REVOCATION_NO_DISTRIBUTION_POINT, REASON_CRL_MISSING);
	scene_set_point_uri("http://a/1");
	expect(REVOCATION_UNKNOWN, REASON_CRL_MISSING);
	revocation_check(scene.leaf, scene.ca, NULL, NULL, &scene.params, &scene.result);
	assert_int_equal(scene.result.reason, REASON_CRL_MISSING);
}

static void
a_current_crl_that_does_not_list_it_makes_it_good(void **state)
{
	scene_add(&(struct pki_crl_spec){.number = 9});
	expect_good();
	assert_true(scene.result.has_crl);
	assert_int_equal(scene.result.this_update_s, PKI_BUILD_NOW - PKI_BUILD_DAY);
	assert_int_equal(scene.result.next_update_s, PKI_BUILD_NOW + PKI_BUILD_DAY);
	assert_int_equal(scene.result.number_len, 1);
	assert_int_equal(scene.result.number[0], 9);
	assert_string_equal(scene.result.detail, "");
	assert_int_equal(scene.signer_asked, 0);
}

static void
a_listed_certificate_is_revoked_with_date_and_reason(void **state)
{
	scene_add_listing(&(struct pki_crl_spec){0}, 1);
	expect_revoked();
	assert_int_equal(scene.result.revoked_at_s, PKI_BUILD_NOW - PKI_BUILD_DAY);
	assert_int_equal(scene.result.reason_code, 1);
	assert_string_equal(scene.result.detail, "revoked on 2025-12-31T00:00:00Z");
}

static void
on_hold_and_removed_without_a_delta_are_revoked(void **state)
{
	scene_add_listing(&(struct pki_crl_spec){0}, 6);
	expect_revoked();
	assert_non_null(strstr(scene.result.detail, "(on hold)"));
	scene_free(state);
	scene_make(state);
	scene_add_listing(&(struct pki_crl_spec){0}, 8);
	expect_revoked();
}

static void
a_crl_that_ran_out_still_revokes_but_vouches_for_nothing(void **state)
{
	struct pki_crl_spec stale = {
	    .this_s = PKI_BUILD_NOW - 3 * PKI_BUILD_DAY,
	    .next_s = PKI_BUILD_NOW - 1,
	};

	scene_add(&stale);
	expect(REVOCATION_STALE, REASON_CRL_EXPIRED);
	assert_non_null(strstr(scene.result.detail, "2025-12-31T23:59:59Z"));
	assert_true(scene.result.has_crl);
	scene_free(state);
	scene_make(state);
	scene_add_listing(&stale, 1);
	expect_revoked();
}

static void
nextupdate_itself_is_still_in_time(void **state)
{
	scene_add(&(struct pki_crl_spec){.next_s = PKI_BUILD_NOW});
	expect_good();
}

static void
within_the_grace_time_a_stale_crl_counts_and_says_so(void **state)
{
	scene_add(&(struct pki_crl_spec){.next_s = PKI_BUILD_NOW - 60});
	scene.params.grace_s = 60;
	expect(REVOCATION_STALE_GRACE, REASON_OK);
	assert_string_not_equal(scene.result.detail, "");
	scene.params.grace_s = 59;
	expect(REVOCATION_STALE, REASON_CRL_EXPIRED);
}

static void
a_crl_of_the_future_or_too_old_vouches_for_nothing(void **state)
{
	scene_add(&(struct pki_crl_spec){.this_s = PKI_BUILD_NOW + 1});
	expect(REVOCATION_UNKNOWN, REASON_CRL_NOT_YET_VALID);
	scene_free(state);
	scene_make(state);
	scene_add(&(struct pki_crl_spec){0});
	scene.params.max_age_s = PKI_BUILD_DAY;
	expect_good();
	scene.params.max_age_s = PKI_BUILD_DAY - 1;
	expect(REVOCATION_UNKNOWN, REASON_CRL_TOO_OLD);
}

static void
a_later_issue_overrules_an_earlier_one(void **state)
{
	scene_add_listing(&(struct pki_crl_spec){.number = 4}, 6);
	expect_revoked();
	scene_add(&(struct pki_crl_spec){.number = 5, .this_s = PKI_BUILD_NOW - 60});
	expect_good();
}

static void
an_issue_that_is_later_only_by_date_overrules_nothing(void **state)
{
	scene_add_listing(&(struct pki_crl_spec){.number = 4}, 6);
	scene_add(&(struct pki_crl_spec){.number = 3, .this_s = PKI_BUILD_NOW - 60});
	expect_revoked();
}

static void
an_issue_that_is_not_valid_yet_overrules_nothing(void **state)
{
	scene_add(&(struct pki_crl_spec){.number = 4});
	scene_add(&(struct pki_crl_spec){.number = 5, .this_s = PKI_BUILD_NOW + 60});
	expect_good();
}

static void
an_old_issue_does_not_vouch_once_a_later_one_ran_out(void **state)
{
	scene_add(&(struct pki_crl_spec){.number = 4});
	scene_add(&(struct pki_crl_spec){
	    .number = 5,
	    .this_s = PKI_BUILD_NOW - 120,
	    .next_s = PKI_BUILD_NOW - 60,
	});
	expect(REVOCATION_STALE, REASON_CRL_EXPIRED);
}

static void
a_crl_of_another_issuer_means_nothing(void **state)
{
	struct pki_crl_entry entry = {.serial = BYTES(SERIAL)};
	struct pki_crl_spec spec = {
	    .issuer = "Other CA",
	    .entries = &entry,
	    .entry_count = 1,
	};

	scene_add_by(&spec, scene.other_key);
	expect(REVOCATION_NO_DISTRIBUTION_POINT, REASON_CRL_MISSING);
	scene_add(&(struct pki_crl_spec){0});
	expect_good();
}

static void
a_crl_by_another_key_counts_only_if_that_key_has_a_path(void **state)
{
	scene_add_by(&(struct pki_crl_spec){0}, scene.other_key);
	expect(REVOCATION_UNKNOWN, REASON_CRL_PATH);
	assert_int_equal(scene.signer_asked, 1);
	scene.signer_reason = REASON_CRL_SIGNER_KEYUSAGE;
	expect(REVOCATION_UNKNOWN, REASON_CRL_SIGNER_KEYUSAGE);
	scene.signer_reason = REASON_OK;
	expect_good();
	revocation_check(scene.leaf, scene.ca, scene.crls, NULL, &scene.params, &scene.result);
	assert_int_equal(scene.result.reason, REASON_CRL_PATH);
}

static void
an_issuer_that_may_not_sign_crls_is_named_so(void **state)
{
	struct pki_cert_spec ca = {
	    .subject = "CA",
	    .issuer = "CA",
	    .is_ca = true,
	    .key_usage = KU_CERT_SIGN,
	};

	scene_add(&(struct pki_crl_spec){0});
	cert_free(scene.ca);
	scene.ca = cert_of(&ca, scene.ca_key, scene.ca_key);
	expect(REVOCATION_UNKNOWN, REASON_CRL_SIGNER_KEYUSAGE);
	/* another certificate of the same key may allow it */
	scene.signer_reason = REASON_OK;
	expect_good();
}

static void
an_issuer_without_keyusage_may_sign_crls(void **state)
{
	struct pki_cert_spec ca = {.subject = "CA", .issuer = "CA", .is_ca = true};

	scene_add(&(struct pki_crl_spec){0});
	cert_free(scene.ca);
	scene.ca = cert_of(&ca, scene.ca_key, scene.ca_key);
	expect_good();
}

static void
a_crl_for_one_kind_of_certificate_covers_only_that(void **state)
{
	scene_add(&(struct pki_crl_spec){.idp = BYTES(0x81, 1, 0xff)});
	expect_good();
	scene_set_leaf(true, 3, (struct bytes){0});
	expect(REVOCATION_UNKNOWN, REASON_CRL_SCOPE);
}

static void
a_certificate_before_version_3_is_of_no_kind(void **state)
{
	scene_set_leaf(false, 1, (struct bytes){0});
	scene_add(&(struct pki_crl_spec){.idp = BYTES(0x81, 1, 0xff)});
	expect(REVOCATION_UNKNOWN, REASON_CRL_SCOPE);
	scene_add(&(struct pki_crl_spec){0});
	expect_good();
}

static void
crls_for_ca_or_attribute_certificates_do_not_cover_a_leaf(void **state)
{
	scene_add(&(struct pki_crl_spec){.idp = BYTES(0x82, 1, 0xff)});
	expect(REVOCATION_UNKNOWN, REASON_CRL_SCOPE);
	scene_add(&(struct pki_crl_spec){.idp = BYTES(0x85, 1, 0xff)});
	expect(REVOCATION_UNKNOWN, REASON_CRL_SCOPE);
	scene_set_leaf(true, 3, (struct bytes){0});
	expect_good();
}

static void
a_part_covers_the_certificates_that_name_it(void **state)
{
	scene_set_point_uri("http://a/1");
	scene_add_at_uri("http://a/2", (struct bytes){0});
	expect(REVOCATION_UNKNOWN, REASON_CRL_SCOPE);
	scene_add_at_uri("http://a/1", (struct bytes){0});
	expect_good();
	scene_set_leaf(false, 3, (struct bytes){0});
	expect(REVOCATION_UNKNOWN, REASON_CRL_SCOPE);
}

static void
a_point_with_a_name_that_leads_nowhere_matches_no_part(void **state)
{
	struct der_build point;

	der_build_init(&point);
	der_build_open(&point, DER_CONTEXT_CONSTRUCTED(0));
	der_build_open(&point, DER_CONTEXT_CONSTRUCTED(0));
	der_build_text(&point, DER_CONTEXT(6), "http://a/1");
	der_build_text(&point, DER_CONTEXT(2), "a");
	der_build_close(&point);
	der_build_close(&point);
	scene_set_point(der_build_bytes(&point));
	der_build_done(&point);
	scene_add_at_uri("http://a/1", (struct bytes){0});
	expect(REVOCATION_UNKNOWN, REASON_CRL_SCOPE);
	scene_add(&(struct pki_crl_spec){0});
	expect_good();
}

static void
malformed_points_are_never_good_but_may_be_revoked(void **state)
{
	scene_set_point(BYTES(0x81, 2, 0, 0x80)); /* reasons only */
	scene_add(&(struct pki_crl_spec){.number = 1});
	expect(REVOCATION_UNKNOWN, REASON_PARSE);
	scene_add_listing(&(struct pki_crl_spec){.number = 2}, 1);
	expect_revoked();
}

/* onlySomeReasons [3] */
#define KEY_COMPROMISE BYTES(0x83, 2, 6, 0x40)
#define ALL_OTHERS     BYTES(0x83, 3, 7, 0x3f, 0x80)

static void
parts_by_reason_have_to_cover_all_reasons(void **state)
{
	scene_add(&(struct pki_crl_spec){.idp = KEY_COMPROMISE});
	expect(REVOCATION_NO_DISTRIBUTION_POINT, REASON_CRL_MISSING);
	assert_non_null(strstr(scene.result.detail, "all reasons"));
	scene_add(&(struct pki_crl_spec){.idp = ALL_OTHERS});
	expect_good();
}

static void
a_part_by_reason_revokes_by_itself(void **state)
{
	scene_add_listing(&(struct pki_crl_spec){.idp = KEY_COMPROMISE}, 1);
	expect_revoked();
}

static void
a_part_by_reason_that_ran_out_is_the_nearest_miss(void **state)
{
	scene_add(&(struct pki_crl_spec){.idp = KEY_COMPROMISE});
	scene_add(&(struct pki_crl_spec){.idp = ALL_OTHERS, .next_s = PKI_BUILD_NOW - 60});
	expect(REVOCATION_STALE, REASON_CRL_EXPIRED);
	scene.params.grace_s = 60;
	expect(REVOCATION_STALE_GRACE, REASON_OK);
}

static void
reasons_of_a_point_limit_what_its_crl_covers(void **state)
{
	struct der_build point;

	der_build_init(&point);
	put_uri_names(&point, "http://a/1");
	der_build_raw(&point, BYTES(0x81, 2, 6, 0x40));
	scene_set_point(der_build_bytes(&point));
	der_build_done(&point);
	scene_add_at_uri("http://a/1", (struct bytes){0});
	expect(REVOCATION_UNKNOWN, REASON_CRL_MISSING);
}

static void
a_delta_revokes_and_takes_back(void **state)
{
	struct pki_crl_spec delta = {
	    .number = 6,
	    .base = 5,
	    .this_s = PKI_BUILD_NOW - 60,
	};

	scene_add(&(struct pki_crl_spec){.number = 5});
	scene_add_listing(&delta, 1);
	expect_revoked();
	scene_free(state);
	scene_make(state);
	scene_add_listing(&(struct pki_crl_spec){.number = 5}, 6);
	expect_revoked();
	scene_add_listing(&delta, 8);
	expect_good();
}

static void
what_a_stale_delta_takes_back_stays_revoked(void **state)
{
	scene_add_listing(&(struct pki_crl_spec){.number = 5}, 6);
	scene_add_listing(
	    &(struct pki_crl_spec){
		.number = 6,
		.base = 5,
		.this_s = PKI_BUILD_NOW - 120,
		.next_s = PKI_BUILD_NOW - 60,
	    },
	    8);
	expect_revoked();
}

static void
a_current_delta_keeps_a_stale_base_current(void **state)
{
	scene_add(&(struct pki_crl_spec){.number = 5, .next_s = PKI_BUILD_NOW - 60});
	expect(REVOCATION_STALE, REASON_CRL_EXPIRED);
	scene_add(&(struct pki_crl_spec){.number = 6, .base = 5});
	expect_good();
	assert_int_equal(scene.result.next_update_s, PKI_BUILD_NOW + PKI_BUILD_DAY);
}

static void
a_delta_on_a_later_base_does_not_help_an_old_one(void **state)
{
	scene_add(&(struct pki_crl_spec){.number = 4, .next_s = PKI_BUILD_NOW - 60});
	scene_add(&(struct pki_crl_spec){.number = 6, .base = 5});
	expect(REVOCATION_STALE, REASON_CRL_EXPIRED);
}

static void
the_latest_delta_decides(void **state)
{
	scene_add(&(struct pki_crl_spec){.number = 5});
	scene_add_listing(&(struct pki_crl_spec){.number = 6, .base = 5}, 6);
	scene_add_listing(&(struct pki_crl_spec){.number = 7,
			      .base = 5,
			      .this_s = PKI_BUILD_NOW - 60},
	    8);
	expect_good();
}

static void
a_delta_alone_revokes_but_vouches_for_nothing(void **state)
{
	scene_add(&(struct pki_crl_spec){.number = 6, .base = 5});
	expect(REVOCATION_NO_DISTRIBUTION_POINT, REASON_CRL_MISSING);
	assert_non_null(strstr(scene.result.detail, "delta"));
	scene_free(state);
	scene_make(state);
	scene_add_listing(&(struct pki_crl_spec){.number = 6, .base = 5}, 1);
	expect_revoked();
}

static void
a_delta_that_a_complete_crl_overtook_is_ignored(void **state)
{
	scene_add_listing(&(struct pki_crl_spec){.number = 6, .base = 5}, 6);
	scene_add(&(struct pki_crl_spec){.number = 7, .this_s = PKI_BUILD_NOW - 60});
	expect_good();
}

/* Gives the leaf a point that names "Other CA" as the issuer of its CRL. */
static void
scene_set_point_other(void)
{
	struct der_build point;

	der_build_init(&point);
	put_crl_issuer(&point, "Other CA");
	scene_set_point(der_build_bytes(&point));
	der_build_done(&point);
}

static void
an_indirect_crl_speaks_for_who_names_its_issuer(void **state)
{
	struct pki_crl_spec indirect = {.issuer = "Other CA", .idp = BYTES(0x84, 1, 0xff)};

	scene.signer_reason = REASON_OK;
	scene_add_by(&indirect, scene.other_key);
	expect(REVOCATION_NO_DISTRIBUTION_POINT, REASON_CRL_MISSING);
	scene_set_point_other();
	expect_good();
	scene.signer_reason = REASON_CRL_PATH;
	expect(REVOCATION_UNKNOWN, REASON_CRL_PATH);
}

static void
an_indirect_crl_lists_by_certificate_issuer(void **state)
{
	struct pki_crl_entry entry = {.serial = BYTES(SERIAL), .issuer = "Third CA"};
	struct pki_crl_spec indirect = {
	    .issuer = "Other CA",
	    .idp = BYTES(0x84, 1, 0xff),
	    .entries = &entry,
	    .entry_count = 1,
	};

	scene.signer_reason = REASON_OK;
	scene_set_point_other();
	scene_add_by(&indirect, scene.other_key);
	expect_good();
	entry.issuer = "CA";
	indirect.number = 2;
	indirect.this_s = PKI_BUILD_NOW - 60;
	scene_add_by(&indirect, scene.other_key);
	expect_revoked();
}

static void
a_crl_of_a_named_issuer_has_to_be_indirect(void **state)
{
	scene.signer_reason = REASON_OK;
	scene_set_point_other();
	scene_add_by(&(struct pki_crl_spec){.issuer = "Other CA"}, scene.other_key);
	expect(REVOCATION_UNKNOWN, REASON_CRL_MISSING);
	assert_non_null(strstr(scene.result.detail, "not indirect"));
}

static void
an_indirect_crl_of_the_issuer_itself_counts_unless_it_is_a_part(void **state)
{
	scene_add(&(struct pki_crl_spec){.idp = BYTES(0x84, 1, 0xff)});
	expect_good();
	scene_free(state);
	scene_make(state);
	scene_set_point_uri("http://a/1");
	scene_add_at_uri("http://a/1", BYTES(0x84, 1, 0xff));
	expect(REVOCATION_UNKNOWN, REASON_CRL_UNSUPPORTED);
}

static void
a_refused_crl_explains_the_certificates_it_was_for(void **state)
{
	struct crl_refusal refusal = {
	    .reason = REASON_CRL_UNREACHABLE,
	    .url = "http://a/1",
	    .detail = "connection refused",
	};

	crl_set_add_refusal(scene.crls, &refusal);
	expect(REVOCATION_NO_DISTRIBUTION_POINT, REASON_CRL_MISSING);
	scene_set_point_uri("http://a/1");
	expect(REVOCATION_UNREACHABLE, REASON_CRL_UNREACHABLE);
	assert_string_equal(scene.result.detail, "connection refused");

	refusal = (struct crl_refusal){
	    .reason = REASON_CRL_MALFORMED,
	    .issuer_canonical = scene.other->subject.canonical,
	    .detail = "for somebody else",
	};
	crl_set_add_refusal(scene.crls, &refusal);
	expect(REVOCATION_UNREACHABLE, REASON_CRL_UNREACHABLE);
	refusal.issuer_canonical = scene.ca->subject.canonical;
	crl_set_add_refusal(scene.crls, &refusal);
	expect(REVOCATION_UNKNOWN, REASON_CRL_MALFORMED);
	refusal = (struct crl_refusal){.reason = REASON_CRL_SIGNATURE, .detail = "forged"};
	crl_set_add_refusal(scene.crls, &refusal);
	expect(REVOCATION_UNKNOWN, REASON_CRL_SIGNATURE);
	scene_add(&(struct pki_crl_spec){.next_s = PKI_BUILD_NOW - 60});
	expect(REVOCATION_STALE, REASON_CRL_EXPIRED);
	scene_add(&(struct pki_crl_spec){.number = 2});
	expect_good();
}

static void
a_refused_crl_does_not_hide_that_a_certificate_is_revoked(void **state)
{
	struct crl_refusal refusal = {
	    .reason = REASON_CRL_SIGNATURE,
	    .issuer_canonical = scene.ca->subject.canonical,
	    .detail = "forged",
	};

	crl_set_add_refusal(scene.crls, &refusal);
	scene_add_listing(&(struct pki_crl_spec){0}, 1);
	expect(REVOCATION_REVOKED, REASON_REVOKED);
}

static void
each_status_has_a_word(void **state)
{
	for (int i = REVOCATION_NOT_ASKED; i <= REVOCATION_UNKNOWN; i++)
		assert_true(strlen(revocation_status_text((enum revocation_status)i)) > 3);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, scene_make, scene_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(without_a_crl_nothing_is_known),
	    CASE(a_current_crl_that_does_not_list_it_makes_it_good),
	    CASE(a_listed_certificate_is_revoked_with_date_and_reason),
	    CASE(on_hold_and_removed_without_a_delta_are_revoked),
	    CASE(a_crl_that_ran_out_still_revokes_but_vouches_for_nothing),
	    CASE(nextupdate_itself_is_still_in_time),
	    CASE(within_the_grace_time_a_stale_crl_counts_and_says_so),
	    CASE(a_crl_of_the_future_or_too_old_vouches_for_nothing),
	    CASE(a_later_issue_overrules_an_earlier_one),
	    CASE(an_issue_that_is_later_only_by_date_overrules_nothing),
	    CASE(an_issue_that_is_not_valid_yet_overrules_nothing),
	    CASE(an_old_issue_does_not_vouch_once_a_later_one_ran_out),
	    CASE(a_crl_of_another_issuer_means_nothing),
	    CASE(a_crl_by_another_key_counts_only_if_that_key_has_a_path),
	    CASE(an_issuer_that_may_not_sign_crls_is_named_so),
	    CASE(an_issuer_without_keyusage_may_sign_crls),
	    CASE(a_crl_for_one_kind_of_certificate_covers_only_that),
	    CASE(a_certificate_before_version_3_is_of_no_kind),
	    CASE(crls_for_ca_or_attribute_certificates_do_not_cover_a_leaf),
	    CASE(a_part_covers_the_certificates_that_name_it),
	    CASE(a_point_with_a_name_that_leads_nowhere_matches_no_part),
	    CASE(malformed_points_are_never_good_but_may_be_revoked),
	    CASE(parts_by_reason_have_to_cover_all_reasons),
	    CASE(a_part_by_reason_revokes_by_itself),
	    CASE(a_part_by_reason_that_ran_out_is_the_nearest_miss),
	    CASE(reasons_of_a_point_limit_what_its_crl_covers),
	    CASE(a_delta_revokes_and_takes_back),
	    CASE(what_a_stale_delta_takes_back_stays_revoked),
	    CASE(a_current_delta_keeps_a_stale_base_current),
	    CASE(a_delta_on_a_later_base_does_not_help_an_old_one),
	    CASE(the_latest_delta_decides),
	    CASE(a_delta_alone_revokes_but_vouches_for_nothing),
	    CASE(a_delta_that_a_complete_crl_overtook_is_ignored),
	    CASE(an_indirect_crl_speaks_for_who_names_its_issuer),
	    CASE(an_indirect_crl_lists_by_certificate_issuer),
	    CASE(a_crl_of_a_named_issuer_has_to_be_indirect),
	    CASE(an_indirect_crl_of_the_issuer_itself_counts_unless_it_is_a_part),
	    CASE(a_refused_crl_explains_the_certificates_it_was_for),
	    CASE(a_refused_crl_does_not_hide_that_a_certificate_is_revoked),
	    CASE(each_status_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/pki/cert.h"
#include "common/pki/crl.h"
#include "tests/lib/pki_build.h"

#define BYTES(...) \
	bytes_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static struct pki_key *ca_key;

static int
make_key(void **state)
{
	ca_key = pki_key_new();
	return 0;
}

static int
free_key(void **state)
{
	pki_key_free(ca_key);
	return 0;
}

/* A CRL that was built, with the memory it is in. */
struct built {
	struct buf der;
	struct crl crl;
	enum reason reason;
};

static void
built_make(struct built *built, const struct pki_crl_spec *spec)
{
	struct pki_crl_spec whole = *spec;

	if (whole.issuer == NULL)
		whole.issuer = "CA";
	buf_init(&built->der, 1 << 20);
	pki_build_crl(&whole, ca_key, &built->der);
	built->reason = crl_read(buf_bytes(&built->der), CRL_LEN_MAX, &built->crl);
}

static void
built_done(struct built *built)
{
	crl_done(&built->crl);
	buf_done(&built->der);
}

/* Builds, reads, and expects a refusal whose text has this in it. */
static void
expect_refusal(const struct pki_crl_spec *spec, enum reason reason, const char *text)
{
	struct built built;

	built_make(&built, spec);
	if (built.reason != reason || strstr(built.crl.error, text) == NULL)
		fail_msg("wanted %s \"%s\", got %s \"%s\"", reason_slug(reason), text,
		    reason_slug(built.reason), built.crl.error);
	built_done(&built);
}

static void
expect_malformed(const struct pki_crl_spec *spec, const char *text)
{
	expect_refusal(spec, REASON_CRL_MALFORMED, text);
}

/* DER of one extension; the caller frees. */
static struct der_build
extension_of(const char *oid, bool critical, struct bytes value)
{
	struct der_build build;

	der_build_init(&build);
	der_build_open_extension(&build, oid, critical);
	der_build_raw(&build, value);
	der_build_close_extension(&build);
	return build;
}

static void
expect_extension_refused(const char *oid, bool critical, struct bytes value, enum reason reason,
    const char *text)
{
	struct der_build build = extension_of(oid, critical, value);

	expect_refusal(&(struct pki_crl_spec){.raw_extensions = der_build_bytes(&build)},
	    reason, text);
	der_build_done(&build);
}

static void
expect_entry_extension_refused(const char *oid, bool critical, struct bytes value,
    enum reason reason, const char *text)
{
	struct der_build build = extension_of(oid, critical, value);
	struct pki_crl_entry entry = {.serial = BYTES(5), .extra = der_build_bytes(&build)};

	expect_refusal(&(struct pki_crl_spec){.entries = &entry, .entry_count = 1}, reason,
	    text);
	der_build_done(&build);
}

static void
an_ordinary_crl_gives_its_fields_and_entries(void **state)
{
	struct pki_crl_entry entries[] = {
	    {.serial = BYTES(0x05), .reason = 1},
	    {.serial = BYTES(0x00, 0x80), .date_s = 4102444800},
	};
	struct pki_crl_spec spec = {.number = 300, .entries = entries, .entry_count = 2};
	struct crl_entry entry;
	struct crl_walk walk;
	struct built built;

	built_make(&built, &spec);
	assert_int_equal(built.reason, REASON_OK);
	assert_int_equal(built.crl.version, 2);
	assert_int_equal(built.crl.this_update_s, PKI_BUILD_NOW - PKI_BUILD_DAY);
	assert_int_equal(built.crl.next_update_s, PKI_BUILD_NOW + PKI_BUILD_DAY);
	assert_int_equal(built.crl.entry_count, 2);
	assert_int_equal(built.crl.serial_max, 2);
	assert_true(bytes_equal_text(built.crl.authority_key, "key"));
	assert_true(built.crl.number.present);
	assert_int_equal(built.crl.number.len, 2);
	assert_false(built.crl.base.present);
	assert_int_equal(built.crl.scope.reasons, DIST_POINT_ALL_REASONS);

	crl_walk_begin(&walk, &built.crl);
	assert_true(crl_walk_next(&walk, &entry));
	assert_true(bytes_equal(entry.serial, BYTES(0x05)));
	assert_int_equal(entry.reason, 1);
	assert_int_equal(entry.revoked_at_s, PKI_BUILD_NOW - PKI_BUILD_DAY);
	assert_true(crl_walk_next(&walk, &entry));
	assert_true(bytes_equal(entry.serial, BYTES(0x00, 0x80)));
	assert_int_equal(entry.reason, CRL_REASON_NONE);
	assert_int_equal(entry.revoked_at_s, 4102444800);
	assert_false(crl_walk_next(&walk, &entry));
	built_done(&built);
}

static void
an_empty_crl_and_one_of_version_1_are_taken(void **state)
{
	struct pki_crl_entry entry = {.serial = BYTES(9)};
	struct built built;

	built_make(&built, &(struct pki_crl_spec){0});
	assert_int_equal(built.reason, REASON_OK);
	assert_int_equal(built.crl.entry_count, 0);
	built_done(&built);
	built_make(&built,
	    &(struct pki_crl_spec){.version_1 = true, .entries = &entry, .entry_count = 1});
	assert_int_equal(built.reason, REASON_OK);
	assert_int_equal(built.crl.version, 1);
	assert_false(built.crl.number.present);
	built_done(&built);
}

static void
a_crl_without_the_marks_of_the_profile_is_not_held_to_it(void **state)
{
	struct der_build times;
	struct pki_crl_spec spec = {.number = -1, .no_authority_key = true};
	struct built built;

	der_build_init(&times);
	der_build_generalized_time(&times, DER_GENERALIZED_TIME, PKI_BUILD_NOW);
	der_build_generalized_time(&times, DER_GENERALIZED_TIME, PKI_BUILD_NOW);
	spec.raw_times = der_build_bytes(&times);
	built_make(&built, &spec);
	assert_int_equal(built.reason, REASON_OK);
	built_done(&built);

	spec.no_authority_key = false;
	expect_malformed(&spec, "no CRL number");
	spec.number = 1;
	expect_malformed(&spec, "GeneralizedTime before 2050");
	der_build_done(&times);
}

static void
a_date_from_2050_on_is_a_generalized_time(void **state)
{
	struct built built;

	built_make(&built, &(struct pki_crl_spec){.next_s = 2524608000});
	assert_int_equal(built.reason, REASON_OK);
	assert_int_equal(built.crl.next_update_s, 2524608000);
	built_done(&built);
}

static void
wrong_versions_are_refused(void **state)
{
	struct pki_crl_entry entry = {.serial = BYTES(9), .reason = 1};

	expect_malformed(&(struct pki_crl_spec){.raw_version = BYTES(2, 1, 0)},
	    "CRL version other than 2");
	expect_malformed(&(struct pki_crl_spec){.raw_version = BYTES(2, 1, 2)},
	    "INTEGER too large");
	expect_malformed(&(struct pki_crl_spec){.version_1 = true,
			     .entries = &entry,
			     .entry_count = 1},
	    "entry extensions in a CRL of version 1");
	expect_malformed(&(struct pki_crl_spec){.version_1 = true,
			     .raw_tail = BYTES(0xa0, 2, 0x30, 0)},
	    "extensions in a CRL of version 1");
}

static void
the_two_signature_algorithms_must_be_one(void **state)
{
	struct der_build other;

	der_build_init(&other);
	der_build_algorithm(&other, "1.2.840.10045.4.3.3", false);
	expect_malformed(&(struct pki_crl_spec){.raw_algorithm = der_build_bytes(&other)},
	    "the two signature algorithms differ");
	der_build_done(&other);
}

static void
names_times_and_lists_are_checked_for_their_form(void **state)
{
	struct der_build time;

	der_build_init(&time);
	der_build_time(&time, PKI_BUILD_NOW);
	expect_malformed(&(struct pki_crl_spec){.raw_times = der_build_bytes(&time)},
	    "no nextUpdate");
	der_build_done(&time);
	expect_malformed(&(struct pki_crl_spec){.issuer = ""}, "empty issuer name");
	expect_malformed(&(struct pki_crl_spec){.raw_issuer = BYTES(0x30, 2, 5, 0)}, "");
	expect_malformed(&(struct pki_crl_spec){.raw_entries = BYTES(0x30, 0)},
	    "revokedCertificates is there but empty");
	expect_malformed(&(struct pki_crl_spec){.raw_tail = BYTES(5, 0)}, "trailing bytes");
	expect_malformed(&(struct pki_crl_spec){.raw_entries = BYTES(0x30, 4, 0x30, 2, 5, 0)},
	    "");
}

static void
serial_numbers_are_integers_of_at_most_20_octets(void **state)
{
	uint8_t serial[22] = {0x01};
	struct pki_crl_entry entry = {.serial = bytes_of(serial, 22)};
	struct pki_crl_spec spec = {.entries = &entry, .entry_count = 1};
	struct built built;

	expect_malformed(&spec, "serial number longer than 20 octets");
	entry.serial.len = 21;
	built_make(&built, &spec);
	assert_int_equal(built.reason, REASON_OK);
	built_done(&built);
	entry.serial = BYTES(0x00, 0x05);
	expect_malformed(&spec, "INTEGER not in its shortest form");
	entry.serial.len = 0;
	expect_malformed(&spec, "empty INTEGER");
	entry.serial = BYTES(0xff);
	built_make(&built, &spec);
	assert_int_equal(built.reason, REASON_OK);
	built_done(&built);
}

static void
crl_extensions_are_known_or_not_critical(void **state)
{
	struct der_build build = extension_of("1.2.3.4", false, BYTES(5, 0));
	struct built built;

	built_make(&built, &(struct pki_crl_spec){.raw_extensions = der_build_bytes(&build)});
	assert_int_equal(built.reason, REASON_OK);
	built_done(&built);
	der_build_done(&build);
	expect_extension_refused("1.2.3.4", true, BYTES(5, 0), REASON_CRL_CRITICAL_EXTENSION,
	    "1.2.3.4");
}

static void
crl_extensions_have_their_form_and_criticality(void **state)
{
	const enum reason malformed = REASON_CRL_MALFORMED;
	struct pki_crl_spec no_number = {.number = -1, .no_authority_key = true};
	struct der_build number = extension_of("2.5.29.20", true, BYTES(2, 1, 1));
	uint8_t long_number[23] = {2, 21, 1};

	no_number.raw_extensions = der_build_bytes(&number);
	expect_malformed(&no_number, "extension that is critical but must not be");
	der_build_done(&number);
	expect_extension_refused("2.5.29.20", false, BYTES(2, 1, 1), malformed,
	    "an extension appears twice");
	expect_extension_refused("2.5.29.27", false, BYTES(2, 1, 1), malformed,
	    "extension that is not critical but must be");
	expect_extension_refused("2.5.29.27", true, BYTES(2, 1, 0xff), malformed,
	    "negative CRL number");
	expect_extension_refused("2.5.29.27", true, bytes_of(long_number, 23), malformed,
	    "CRL number longer than 20 octets");
	expect_extension_refused("2.5.29.28", true, BYTES(0x30, 0), malformed,
	    "empty issuingDistributionPoint");
	expect_extension_refused("2.5.29.28", true,
	    BYTES(0x30, 6, 0x81, 1, 0xff, 0x82, 1, 0xff), malformed, "contradicts itself");
	expect_extension_refused("2.5.29.28", true, BYTES(0x30, 3, 0x81, 1, 0), malformed,
	    "the default FALSE is written out");
	expect_extension_refused("2.5.29.28", false, BYTES(0x30, 3, 0x81, 1, 0xff), malformed,
	    "extension that is not critical but must be");
	expect_extension_refused("2.5.29.46", false, BYTES(0x30, 0), malformed,
	    "empty list of distribution points");
	expect_extension_refused("2.5.29.27", true, BYTES(2, 1, 1, 5, 0), malformed,
	    "trailing bytes");
}

static void
a_written_out_default_in_an_extension_is_refused(void **state)
{
	static const uint8_t extension[] = {0x30, 9, 6, 2, 0x2a, 3, 1, 1, 0, 4, 0};

	expect_malformed(
	    &(struct pki_crl_spec){
		.raw_extensions = bytes_of(extension, sizeof extension),
	    },
	    "the default FALSE is written out");
}

static void
a_delta_crl_has_a_base_and_a_number(void **state)
{
	struct built built;

	built_make(&built, &(struct pki_crl_spec){.number = 7, .base = 5});
	assert_int_equal(built.reason, REASON_OK);
	assert_true(built.crl.base.present);
	assert_true(crl_number_compare(&built.crl.base, &built.crl.number) < 0);
	built_done(&built);
	expect_malformed(&(struct pki_crl_spec){.number = -1,
			     .base = 5,
			     .no_authority_key = true},
	    "no CRL number");
}

static void
entry_extensions_have_their_form_and_are_known_or_not_critical(void **state)
{
	const enum reason malformed = REASON_CRL_MALFORMED;
	static const uint8_t when[] = "\x18\x0f"
				      "20260101000000Z";
	struct der_build build = extension_of("2.5.29.24", false, bytes_of(when, 17));
	struct pki_crl_entry entry = {.serial = BYTES(5), .extra = der_build_bytes(&build)};
	struct built built;

	built_make(&built, &(struct pki_crl_spec){.entries = &entry, .entry_count = 1});
	assert_int_equal(built.reason, REASON_OK);
	built_done(&built);
	der_build_done(&build);
	expect_entry_extension_refused("2.5.29.21", false, BYTES(10, 1, 7), malformed,
	    "reason code that does not exist");
	expect_entry_extension_refused("2.5.29.21", false, BYTES(10, 1, 11), malformed,
	    "INTEGER too large");
	expect_entry_extension_refused("2.5.29.21", false, BYTES(10, 1, 1, 0), malformed, "");
	expect_entry_extension_refused("2.5.29.24", false, BYTES(2, 1, 1), malformed, "");
	expect_entry_extension_refused("1.2.3.4", true, BYTES(5, 0),
	    REASON_CRL_CRITICAL_EXTENSION, "1.2.3.4");
}

static void
an_entry_has_few_extensions_and_no_written_out_default(void **state)
{
	static const uint8_t written[] = {0x30, 9, 6, 2, 0x2a, 3, 1, 1, 0, 4, 0};
	struct pki_crl_entry entry = {.serial = BYTES(5)};
	struct pki_crl_spec spec = {.entries = &entry, .entry_count = 1};
	struct der_build many;

	entry.extra = bytes_of(written, sizeof written);
	expect_malformed(&spec, "the default FALSE is written out");
	der_build_init(&many);
	for (int i = 0; i <= CRL_ENTRY_EXTENSION_MAX; i++) {
		char oid[20];

		snprintf(oid, sizeof oid, "1.2.3.%d", i);
		der_build_open_extension(&many, oid, false);
		der_build_close_extension(&many);
	}
	entry.extra = der_build_bytes(&many);
	expect_malformed(&spec, "too many extensions of an entry");
	der_build_done(&many);
}

static void
the_number_0_is_a_number(void **state)
{
	struct der_build zero = extension_of("2.5.29.20", false, BYTES(2, 1, 0));
	struct pki_crl_spec spec = {.number = -1, .raw_extensions = der_build_bytes(&zero)};
	struct built built;

	built_make(&built, &spec);
	assert_int_equal(built.reason, REASON_OK);
	assert_true(built.crl.number.present);
	assert_int_equal(built.crl.number.len, 0);
	built_done(&built);
	der_build_done(&zero);
}

static void
a_certificate_issuer_belongs_into_an_indirect_crl(void **state)
{
	struct pki_crl_entry entry = {.serial = BYTES(5), .issuer = "Other"};
	struct pki_crl_spec spec = {.entries = &entry, .entry_count = 1};
	struct crl_entry read;
	struct crl_walk walk;
	struct built built;

	expect_malformed(&spec, "certificateIssuer");
	spec.idp = BYTES(0x84, 1, 0xff);
	built_make(&built, &spec);
	assert_int_equal(built.reason, REASON_OK);
	assert_true(built.crl.scope.indirect);
	crl_walk_begin(&walk, &built.crl);
	assert_true(crl_walk_next(&walk, &read));
	assert_true(read.issuer_der.len > 0);
	built_done(&built);
}

static void
a_certificate_issuer_has_one_directory_name(void **state)
{
	struct der_build build =
	    extension_of("2.5.29.29", true, BYTES(0x30, 8, 0xa4, 2, 0x30, 0, 0xa4, 2, 0x30, 0));
	struct pki_crl_entry entry = {.serial = BYTES(5), .extra = der_build_bytes(&build)};
	struct pki_crl_spec spec = {
	    .entries = &entry,
	    .entry_count = 1,
	    .idp = BYTES(0x84, 1, 0xff),
	};

	expect_malformed(&spec, "two directory names");
	der_build_done(&build);
	build = extension_of("2.5.29.29", true, BYTES(0x30, 3, 0x82, 1, 'a'));
	entry.extra = der_build_bytes(&build);
	expect_malformed(&spec, "without a directory name");
	der_build_done(&build);
	build = extension_of("2.5.29.29", false, BYTES(0x30, 4, 0xa4, 2, 0x30, 0));
	entry.extra = der_build_bytes(&build);
	expect_malformed(&spec, "not critical");
	der_build_done(&build);
}

static void
a_crl_cut_off_anywhere_or_with_a_byte_more_is_refused(void **state)
{
	struct pki_crl_entry entry = {.serial = BYTES(5), .reason = 1};
	struct built built;
	struct crl crl;

	built_make(&built, &(struct pki_crl_spec){.entries = &entry, .entry_count = 1});
	for (size_t len = 0; len < built.der.len; len++) {
		uint8_t *copy = malloc(len + 1); /* so that a read too far is noticed */

		memcpy(copy, built.der.data, len);
		assert_int_equal(crl_read(bytes_of(copy, len), CRL_LEN_MAX, &crl),
		    REASON_CRL_MALFORMED);
		crl_done(&crl);
		free(copy);
	}
	buf_put_u8(&built.der, 0);
	assert_int_equal(crl_read(buf_bytes(&built.der), CRL_LEN_MAX, &crl),
	    REASON_CRL_MALFORMED);
	crl_done(&crl);
	built_done(&built);
}

static void
a_crl_past_the_size_cap_is_not_looked_at(void **state)
{
	struct built built;
	struct crl crl;

	built_make(&built, &(struct pki_crl_spec){0});
	assert_int_equal(crl_read(buf_bytes(&built.der), built.der.len, &crl), REASON_OK);
	crl_done(&crl);
	assert_int_equal(crl_read(buf_bytes(&built.der), built.der.len - 1, &crl),
	    REASON_CRL_TOO_LARGE);
	assert_int_equal(crl.issuer.der.len, 0);
	crl_done(&crl);
	built_done(&built);
}

static void
a_refused_crl_still_tells_its_issuer(void **state)
{
	struct built built;

	built_make(&built, &(struct pki_crl_spec){.raw_entries = BYTES(0x30, 0)});
	assert_int_equal(built.reason, REASON_CRL_MALFORMED);
	assert_true(built.crl.issuer.canonical.len > 0);
	built_done(&built);
}

static void
only_the_key_that_signed_is_found_to_have_signed(void **state)
{
	struct pki_cert_spec spec = {.subject = "CA", .issuer = "CA", .is_ca = true};
	struct pki_key *other_key = pki_key_new();
	struct buf der, other_der;
	struct cert *ca, *other;
	struct built built;

	buf_init(&der, 65536);
	buf_init(&other_der, 65536);
	pki_build_cert(&spec, ca_key, ca_key, &der);
	pki_build_cert(&spec, other_key, other_key, &other_der);
	assert_int_equal(cert_parse(buf_bytes(&der), &ca, NULL), STATUS_OK);
	assert_int_equal(cert_parse(buf_bytes(&other_der), &other, NULL), STATUS_OK);
	built_make(&built, &(struct pki_crl_spec){0});
	assert_int_equal(crl_check_signature(&built.crl, ca), REASON_OK);
	assert_int_equal(crl_check_signature(&built.crl, other), REASON_CRL_SIGNATURE);
	assert_string_not_equal(built.crl.error, "");

	/* a byte of what was signed */
	built.der.data[built.crl.tbs.data - built.der.data + 10] ^= 1;
	assert_int_equal(crl_check_signature(&built.crl, ca), REASON_CRL_SIGNATURE);
	built.crl.algorithm.hash = ALGORITHM_HASH_WEAK;
	assert_int_equal(crl_check_signature(&built.crl, ca), REASON_CRL_SIGNATURE);
	assert_non_null(strstr(built.crl.error, "too weak"));
	built.crl.algorithm.kind = ALGORITHM_UNKNOWN;
	assert_int_equal(crl_check_signature(&built.crl, ca), REASON_CRL_SIGNATURE);
	built_done(&built);
	cert_free(ca);
	cert_free(other);
	buf_done(&der);
	buf_done(&other_der);
	pki_key_free(other_key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_ordinary_crl_gives_its_fields_and_entries),
	    cmocka_unit_test(an_empty_crl_and_one_of_version_1_are_taken),
	    cmocka_unit_test(a_crl_without_the_marks_of_the_profile_is_not_held_to_it),
	    cmocka_unit_test(a_date_from_2050_on_is_a_generalized_time),
	    cmocka_unit_test(wrong_versions_are_refused),
	    cmocka_unit_test(the_two_signature_algorithms_must_be_one),
	    cmocka_unit_test(names_times_and_lists_are_checked_for_their_form),
	    cmocka_unit_test(serial_numbers_are_integers_of_at_most_20_octets),
	    cmocka_unit_test(crl_extensions_are_known_or_not_critical),
	    cmocka_unit_test(crl_extensions_have_their_form_and_criticality),
	    cmocka_unit_test(a_written_out_default_in_an_extension_is_refused),
	    cmocka_unit_test(a_delta_crl_has_a_base_and_a_number),
	    cmocka_unit_test(entry_extensions_have_their_form_and_are_known_or_not_critical),
	    cmocka_unit_test(an_entry_has_few_extensions_and_no_written_out_default),
	    cmocka_unit_test(the_number_0_is_a_number),
	    cmocka_unit_test(a_certificate_issuer_belongs_into_an_indirect_crl),
	    cmocka_unit_test(a_certificate_issuer_has_one_directory_name),
	    cmocka_unit_test(a_crl_cut_off_anywhere_or_with_a_byte_more_is_refused),
	    cmocka_unit_test(a_crl_past_the_size_cap_is_not_looked_at),
	    cmocka_unit_test(a_refused_crl_still_tells_its_issuer),
	    cmocka_unit_test(only_the_key_that_signed_is_found_to_have_signed),
	};

	return cmocka_run_group_tests(tests, make_key, free_key);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/pki/pem.h"
#include "common/trust/anchors.h"
#include "tests/lib/pki_build.h"
#include "tests/lib/temp_dir.h"

struct fixture {
	struct temp_dir dir;
	struct anchors *anchors;
	unsigned int reported; /* files that were told to report */
	char file[300];        /* the last of them */
	enum status status;
};

static struct pki_key *key;

static int
make_key(void **state)
{
	key = pki_key_new();
	return 0;
}

static int
free_key(void **state)
{
	pki_key_free(key);
	return 0;
}

static void
note_report(const char *file, enum status status, void *arg)
{
	struct fixture *fixture = arg;

	fixture->reported++;
	fixture->status = status;
	snprintf(fixture->file, sizeof(fixture->file), "%s", file);
}

static int
open_store(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	*state = fixture;
	return temp_dir_make(&fixture->dir) && anchors_open(fixture->dir.fd, note_report,
						   fixture, &fixture->anchors) == STATUS_OK
		   ? 0
		   : -1;
}

static int
close_store(void **state)
{
	struct fixture *fixture = *state;

	anchors_free(fixture->anchors);
	temp_dir_remove(&fixture->dir);
	free(fixture);
	return 0;
}

static void
restart(struct fixture *fixture)
{
	anchors_free(fixture->anchors);
	fixture->anchors = NULL;
	fixture->reported = 0;
	assert_int_equal(anchors_open(fixture->dir.fd, note_report, fixture, &fixture->anchors),
	    STATUS_OK);
}

/* The DER of a certificate of our key's. */
static void
build(struct buf *der, struct pki_cert_spec spec)
{
	buf_init(der, CERT_LEN_MAX);
	spec.issuer = spec.subject;
	pki_build_cert(&spec, key, key, der);
}

/* What adding says; a refusal has a reason and a sentence, anything else has neither. */
static enum status
add_der(struct fixture *fixture, enum trust_purpose purpose, bool anchor, struct bytes der,
    enum reason *ret_reason)
{
	struct buf text;
	enum status status;

	*ret_reason = REASON_OK;
	buf_init(&text, 1000);
	status = anchors_add(fixture->anchors, purpose, anchor, der, PKI_BUILD_NOW, ret_reason,
	    &text);
	assert_true((status == STATUS_INVALID) == (text.len > 0));
	assert_true((status == STATUS_INVALID) == (*ret_reason != REASON_OK));
	buf_done(&text);
	return status;
}

static enum status
add(struct fixture *fixture, enum trust_purpose purpose, bool anchor, const char *cn)
{
	enum reason reason;
	struct buf der;
	enum status status;

	build(&der, (struct pki_cert_spec){.subject = cn, .is_ca = true});
	status = add_der(fixture, purpose, anchor, buf_bytes(&der), &reason);
	buf_done(&der);
	return status;
}

static void
an_empty_store_has_a_set_without_anchors_for_every_purpose(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(anchors_count(fixture->anchors), 0);
	for (int p = 0; p < TRUST_PURPOSE_COUNT; p++) {
		const struct trust *set =
		    anchors_trust(fixture->anchors, (enum trust_purpose)p);

		assert_int_equal(trust_purpose(set), p);
		assert_int_equal(trust_anchor_count(set), 0);
		assert_int_equal(trust_intermediate_count(set), 0);
	}
}

static void
what_is_added_is_there_after_a_restart(void **state)
{
	struct fixture *fixture = *state;
	const struct trust *set;

	assert_int_equal(add(fixture, TRUST_APPLIANCE, true, "Root"), STATUS_OK);
	assert_int_equal(add(fixture, TRUST_APPLIANCE, false, "Issuing"), STATUS_OK);
	restart(fixture);
	assert_int_equal(fixture->reported, 0);
	assert_int_equal(anchors_count(fixture->anchors), 2);
	set = anchors_trust(fixture->anchors, TRUST_APPLIANCE);
	assert_int_equal(trust_anchor_count(set), 1);
	assert_int_equal(trust_intermediate_count(set), 1);
	assert_false(cert_same(trust_anchor(set, 0), trust_intermediate(set, 0)));
}

static void
an_anchor_of_one_purpose_is_none_of_another(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(add(fixture, TRUST_FORWARD, true, "Partner"), STATUS_OK);
	for (int p = 0; p < TRUST_PURPOSE_COUNT; p++) {
		const struct trust *set =
		    anchors_trust(fixture->anchors, (enum trust_purpose)p);

		assert_int_equal(trust_anchor_count(set), p == TRUST_FORWARD);
	}
	assert_int_equal(add(fixture, TRUST_OPERATOR, true, "Partner"), STATUS_OK);
	restart(fixture);
	assert_int_equal(trust_anchor_count(anchors_trust(fixture->anchors, TRUST_OPERATOR)),
	    1);
	assert_int_equal(trust_anchor_count(anchors_trust(fixture->anchors, TRUST_APPLIANCE)),
	    0);
}

static void
one_certificate_is_added_once(void **state)
{
	struct fixture *fixture = *state;
	enum reason reason;
	struct buf der;

	build(&der, (struct pki_cert_spec){.subject = "Root", .is_ca = true});
	assert_int_equal(add_der(fixture, TRUST_APPLIANCE, true, buf_bytes(&der), &reason),
	    STATUS_OK);
	assert_int_equal(add_der(fixture, TRUST_APPLIANCE, true, buf_bytes(&der), &reason),
	    STATUS_EXISTS);
	assert_int_equal(add_der(fixture, TRUST_APPLIANCE, false, buf_bytes(&der), &reason),
	    STATUS_EXISTS);
	assert_int_equal(anchors_count(fixture->anchors), 1);
	assert_int_equal(temp_dir_count(&fixture->dir, ""), 1);
	buf_done(&der);
}

static void
what_may_not_sign_certificates_now_is_refused_with_its_reason(void **state)
{
	const struct {
		struct pki_cert_spec spec;
		enum reason reason;
	} cases[] = {
	    {{.subject = "Leaf"}, REASON_NOT_A_CA},
	    {{.subject = "Old", .version = 1}, REASON_NOT_A_CA},
	    {{.subject = "Signs", .is_ca = true, .key_usage = CERT_KU_CRL_SIGN},
		REASON_KEY_USAGE},
	    {{.subject = "Soon", .is_ca = true, .not_before_s = PKI_BUILD_NOW + 1},
		REASON_NOT_YET_VALID},
	    {{.subject = "Late", .is_ca = true, .not_after_s = PKI_BUILD_NOW - 1},
		REASON_EXPIRED},
	};
	struct fixture *fixture = *state;
	enum reason reason;
	struct buf der;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		build(&der, cases[i].spec);
		assert_int_equal(add_der(fixture, TRUST_APPLIANCE, true, buf_bytes(&der),
				     &reason),
		    STATUS_INVALID);
		assert_string_equal(reason_slug(reason), reason_slug(cases[i].reason));
		assert_int_equal(add_der(fixture, TRUST_APPLIANCE, false, buf_bytes(&der),
				     &reason),
		    STATUS_INVALID);
		buf_done(&der);
	}
	assert_int_equal(anchors_count(fixture->anchors), 0);
	assert_int_equal(temp_dir_count(&fixture->dir, ""), 0);
}

static void
the_first_and_the_last_second_of_a_certificate_count(void **state)
{
	struct fixture *fixture = *state;
	enum reason reason;
	struct buf der;

	build(&der, (struct pki_cert_spec){.subject = "Now",
			.is_ca = true,
			.key_usage = CERT_KU_KEY_CERT_SIGN,
			.not_before_s = PKI_BUILD_NOW,
			.not_after_s = PKI_BUILD_NOW});
	assert_int_equal(add_der(fixture, TRUST_APPLIANCE, true, buf_bytes(&der), &reason),
	    STATUS_OK);
	buf_done(&der);
}

static void
what_is_not_one_certificate_is_refused_as_malformed(void **state)
{
	struct fixture *fixture = *state;
	enum reason reason;
	struct buf der;

	build(&der, (struct pki_cert_spec){.subject = "Root", .is_ca = true});
	buf_put_u8(&der, 0);
	assert_int_equal(add_der(fixture, TRUST_APPLIANCE, true, buf_bytes(&der), &reason),
	    STATUS_INVALID);
	assert_int_equal(reason, REASON_PARSE);
	buf_truncate(&der, der.len - 2);
	assert_int_equal(add_der(fixture, TRUST_APPLIANCE, true, buf_bytes(&der), &reason),
	    STATUS_INVALID);
	assert_int_equal(reason, REASON_PARSE);
	assert_int_equal(add_der(fixture, TRUST_APPLIANCE, true, bytes_of("", 0), &reason),
	    STATUS_INVALID);
	assert_int_equal(reason, REASON_PARSE);
	buf_done(&der);
}

static void
what_is_removed_stays_away_and_only_from_its_purpose(void **state)
{
	struct fixture *fixture = *state;
	uint8_t hash[PUBKEY_HASH_SIZE];
	enum reason reason;
	struct buf der;

	build(&der, (struct pki_cert_spec){.subject = "Root", .is_ca = true});
	for (int p = 0; p < TRUST_PURPOSE_COUNT; p++)
		assert_int_equal(add_der(fixture, (enum trust_purpose)p, true, buf_bytes(&der),
				     &reason),
		    STATUS_OK);
	memcpy(hash, anchors_at(fixture->anchors, 0)->cert->sha256, sizeof(hash));
	assert_int_equal(anchors_remove(fixture->anchors, TRUST_APPLIANCE, hash), STATUS_OK);
	assert_int_equal(anchors_remove(fixture->anchors, TRUST_APPLIANCE, hash),
	    STATUS_NOT_FOUND);
	assert_int_equal(trust_anchor_count(anchors_trust(fixture->anchors, TRUST_APPLIANCE)),
	    0);
	restart(fixture);
	assert_int_equal(trust_anchor_count(anchors_trust(fixture->anchors, TRUST_APPLIANCE)),
	    0);
	assert_int_equal(trust_anchor_count(anchors_trust(fixture->anchors, TRUST_FORWARD)), 1);
	assert_int_equal(trust_anchor_count(anchors_trust(fixture->anchors, TRUST_OPERATOR)),
	    1);
	buf_done(&der);
}

static void
every_change_gives_the_sets_a_new_generation(void **state)
{
	struct fixture *fixture = *state;
	uint64_t before = trust_generation(anchors_trust(fixture->anchors, TRUST_FORWARD));
	uint64_t added;

	assert_int_equal(add(fixture, TRUST_APPLIANCE, true, "Root"), STATUS_OK);
	added = trust_generation(anchors_trust(fixture->anchors, TRUST_FORWARD));
	assert_int_not_equal(added, before);
	assert_int_equal(anchors_remove(fixture->anchors, TRUST_APPLIANCE,
			     anchors_at(fixture->anchors, 0)->cert->sha256),
	    STATUS_OK);
	assert_int_not_equal(trust_generation(anchors_trust(fixture->anchors, TRUST_FORWARD)),
	    added);
}

/* "appliance.anchor.3f...e0.crt", with another hash where flip is not 0. */
static void
file_name(char name[static 128], struct bytes der, uint8_t flip)
{
	uint8_t hash[PUBKEY_HASH_SIZE];
	struct cert *cert;
	struct buf hex;

	assert_int_equal(cert_parse(der, &cert, NULL), STATUS_OK);
	memcpy(hash, cert->sha256, sizeof(hash));
	hash[0] ^= flip;
	buf_init(&hex, 100);
	text_hex(&hex, bytes_of(hash, sizeof(hash)));
	snprintf(name, 128, "appliance.anchor.%s.crt", buf_text(&hex));
	buf_done(&hex);
	cert_free(cert);
}

static void
damaged_files_are_reported_and_the_others_hold(void **state)
{
	static const char garbage[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END";
	struct fixture *fixture = *state;
	char name[128];

	assert_int_equal(add(fixture, TRUST_APPLIANCE, true, "Root"), STATUS_OK);
	for (char digit = 'a'; digit < 'd'; digit++) {
		snprintf(name, sizeof(name), "appliance.anchor.%064d.crt", 0);
		name[20] = digit;
		assert_true(temp_dir_write(&fixture->dir, name, garbage,
		    digit == 'a' ? 0 : sizeof(garbage) - 1));
	}
	restart(fixture);
	assert_int_equal(fixture->reported, 3);
	assert_int_equal(fixture->status, STATUS_INVALID);
	assert_int_equal(anchors_count(fixture->anchors), 1);
	assert_int_equal(temp_dir_count(&fixture->dir, ""), 4); /* left for the operator */
}

static void
a_file_that_is_not_named_by_its_certificate_is_damaged(void **state)
{
	struct fixture *fixture = *state;
	struct buf der, pem;
	char name[128];

	build(&der, (struct pki_cert_spec){.subject = "Root", .is_ca = true});
	buf_init(&pem, 1 << 17);
	pem_write(&pem, "CERTIFICATE", buf_bytes(&der));
	file_name(name, buf_bytes(&der), 0);
	assert_true(temp_dir_write(&fixture->dir, name, pem.data, pem.len));
	file_name(name, buf_bytes(&der), 1);
	assert_true(temp_dir_write(&fixture->dir, name, pem.data, pem.len));
	restart(fixture);
	assert_int_equal(fixture->reported, 1);
	assert_string_equal(fixture->file, name);
	assert_int_equal(anchors_count(fixture->anchors), 1);
	assert_int_equal(anchors_remove(fixture->anchors, TRUST_APPLIANCE,
			     anchors_at(fixture->anchors, 0)->cert->sha256),
	    STATUS_OK);
	buf_done(&pem);
	buf_done(&der);
}

static void
files_of_other_names_are_nobodys_business(void **state)
{
	static const char *const names[] = {"README", "appliance.anchor.crt",
	    "appliance.anchor.00.crt.bak", "strangers.anchor.00.crt", "appliance.root.00.crt",
	    ".appliance.anchor.00.crt"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_true(temp_dir_write(&fixture->dir, names[i], "x", 1));
	restart(fixture);
	assert_int_equal(fixture->reported, 0);
	assert_int_equal(anchors_count(fixture->anchors), 0);
}

static void
a_change_that_can_not_be_written_changes_nothing(void **state)
{
	struct fixture *fixture = *state;

	/* given: the directory has gone from under the store */
	assert_int_equal(rmdir(fixture->dir.path), 0);
	assert_int_not_equal(add(fixture, TRUST_APPLIANCE, true, "Root"), STATUS_OK);
	assert_int_equal(anchors_count(fixture->anchors), 0);
	assert_int_equal(trust_anchor_count(anchors_trust(fixture->anchors, TRUST_APPLIANCE)),
	    0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(an_empty_store_has_a_set_without_anchors_for_every_purpose),
	    CASE(what_is_added_is_there_after_a_restart),
	    CASE(an_anchor_of_one_purpose_is_none_of_another),
	    CASE(one_certificate_is_added_once),
	    CASE(what_may_not_sign_certificates_now_is_refused_with_its_reason),
	    CASE(the_first_and_the_last_second_of_a_certificate_count),
	    CASE(what_is_not_one_certificate_is_refused_as_malformed),
	    CASE(what_is_removed_stays_away_and_only_from_its_purpose),
	    CASE(every_change_gives_the_sets_a_new_generation),
	    CASE(damaged_files_are_reported_and_the_others_hold),
	    CASE(a_file_that_is_not_named_by_its_certificate_is_damaged),
	    CASE(files_of_other_names_are_nobodys_business),
	    CASE(a_change_that_can_not_be_written_changes_nothing),
	};

	return cmocka_run_group_tests(tests, make_key, free_key);
}

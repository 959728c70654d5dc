/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/fileio.h"
#include "common/base/text.h"
#include "common/pki/pem.h"
#include "common/trust/crls.h"
#include "tests/lib/pki_build.h"
#include "tests/lib/temp_dir.h"

#define URL "http://pki.plant.example/ca.crl"

enum {
	LEN_MAX = 1 << 20
};

struct fixture {
	struct temp_dir dir;
	struct crls *crls;
	unsigned int reported; /* files that were told to report */
	enum status status;    /* of the last */
};

static struct pki_key *key, *stranger;
static struct cert *ca;

static int
make_ca(void **state)
{
	struct pki_cert_spec spec = {.subject = "CA", .issuer = "CA", .is_ca = true};
	struct buf der;
	int code;

	key = pki_key_new();
	stranger = pki_key_new();
	buf_init(&der, CERT_LEN_MAX);
	pki_build_cert(&spec, key, key, &der);
	code = cert_parse(buf_bytes(&der), &ca, NULL) == STATUS_OK ? 0 : -1;
	buf_done(&der);
	return code;
}

static int
free_ca(void **state)
{
	cert_free(ca);
	pki_key_free(key);
	pki_key_free(stranger);
	return 0;
}

static void
note_report(const char *file, enum status status, void *arg)
{
	struct fixture *fixture = arg;

	fixture->reported++;
	fixture->status = status;
}

static int
open_store(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	*state = fixture;
	return temp_dir_make(&fixture->dir) && crls_open(fixture->dir.fd, note_report, fixture,
						   &fixture->crls) == STATUS_OK
		   ? 0
		   : -1;
}

static int
close_store(void **state)
{
	struct fixture *fixture = *state;

	crls_free(fixture->crls);
	temp_dir_remove(&fixture->dir);
	free(fixture);
	return 0;
}

static void
restart(struct fixture *fixture)
{
	crls_free(fixture->crls);
	fixture->crls = NULL;
	fixture->reported = 0;
	assert_int_equal(crls_open(fixture->dir.fd, note_report, fixture, &fixture->crls),
	    STATUS_OK);
}

/* CRL number of our CA, published that many hours ago, valid for a day. */
static struct buf
crl_of(int number, int hours_ago)
{
	struct pki_crl_spec spec = {
	    .issuer = "CA",
	    .number = number,
	    .this_s = PKI_BUILD_NOW - hours_ago * 3600,
	};
	struct buf der;

	buf_init(&der, LEN_MAX);
	pki_build_crl(&spec, key, &der);
	return der;
}

static struct crls_signers
signers_of_ca(void)
{
	static const struct cert *certs[1];

	certs[0] = ca;
	return (struct crls_signers){certs, 1, PKI_BUILD_NOW};
}

/* Offers a file; returns the reason, and whether it was new. */
static enum reason
offer(struct fixture *fixture, struct bytes file, const char *url, bool *ret_new)
{
	struct crls_signers signers = signers_of_ca();
	struct crls_taken taken;

	assert_int_equal(crls_take(fixture->crls, file, LEN_MAX, &signers, url, &taken),
	    STATUS_OK);
	if (taken.reason != REASON_OK) {
		assert_false(taken.is_new);
		assert_string_not_equal(taken.detail, "");
	}
	*ret_new = taken.is_new;
	crls_taken_done(&taken);
	return taken.reason;
}

/* Offers a CRL in DER, which is freed. */
static enum reason
offer_take(struct fixture *fixture, struct buf der, const char *url, bool *ret_new)
{
	enum reason reason = offer(fixture, buf_bytes(&der), url, ret_new);

	buf_done(&der);
	return reason;
}

/* The number of the only CRL that is held. */
static int
held(const struct fixture *fixture)
{
	assert_int_equal(crls_count(fixture->crls), 1);
	assert_int_equal(crls_at(fixture->crls, 0)->index->number.len, 1);
	return crls_at(fixture->crls, 0)->index->number.octets[0];
}

static void
a_new_crl_is_held_as_files_and_survives_a_restart(void **state)
{
	struct fixture *fixture = *state;
	struct buf der = crl_of(7, 1), read;
	bool is_new;

	assert_int_equal(offer(fixture, buf_bytes(&der), URL, &is_new), REASON_OK);
	assert_true(is_new);
	assert_int_equal(temp_dir_count(&fixture->dir, ""), 3);
	restart(fixture);
	assert_int_equal(fixture->reported, 0);
	assert_int_equal(held(fixture), 7);
	assert_string_equal(crls_at(fixture->crls, 0)->url, URL);
	buf_init(&read, LEN_MAX);
	assert_int_equal(crls_read_der(fixture->crls, crls_at(fixture->crls, 0), &read),
	    STATUS_OK);
	assert_true(bytes_equal(buf_bytes(&read), buf_bytes(&der)));
	buf_done(&read);
	buf_done(&der);
}

static void
the_same_crl_again_is_no_news(void **state)
{
	struct fixture *fixture = *state;
	struct buf der = crl_of(7, 1);
	bool is_new;

	assert_int_equal(offer(fixture, buf_bytes(&der), NULL, &is_new), REASON_OK);
	assert_int_equal(offer(fixture, buf_bytes(&der), NULL, &is_new), REASON_OK);
	assert_false(is_new);
	assert_int_equal(held(fixture), 7);
	assert_int_equal(temp_dir_count(&fixture->dir, ""), 2);
	assert_null(crls_at(fixture->crls, 0)->url);
	buf_done(&der);
}

static void
a_newer_one_takes_the_place_and_the_files_of_the_older(void **state)
{
	struct fixture *fixture = *state;
	bool is_new;

	assert_int_equal(offer_take(fixture, crl_of(7, 2), URL, &is_new), REASON_OK);
	assert_int_equal(offer_take(fixture, crl_of(8, 1), URL, &is_new), REASON_OK);
	assert_true(is_new);
	assert_int_equal(held(fixture), 8);
	assert_int_equal(temp_dir_count(&fixture->dir, ""), 3);
	restart(fixture);
	assert_int_equal(held(fixture), 8);
}

static void
one_that_is_valid_only_later_keeps_no_other_away(void **state)
{
	struct fixture *fixture = *state;
	bool is_new;

	assert_int_equal(offer_take(fixture, crl_of(2, -24), NULL, &is_new),
	    REASON_CRL_NOT_YET_VALID);
	assert_int_equal(crls_count(fixture->crls), 0);
	assert_int_equal(offer_take(fixture, crl_of(3, 1), NULL, &is_new), REASON_OK);
	assert_int_equal(offer_take(fixture, crl_of(4, -24), NULL, &is_new),
	    REASON_CRL_NOT_YET_VALID);
	assert_int_equal(held(fixture), 3);
}

static void
an_older_one_is_a_rollback_by_number_by_date_and_without_number(void **state)
{
	struct pki_crl_spec numberless = {.issuer = "CA",
	    .number = -1,
	    .no_authority_key = true,
	    .this_s = PKI_BUILD_NOW};
	struct fixture *fixture = *state;
	struct buf der;
	bool is_new;

	buf_init(&der, LEN_MAX);
	pki_build_crl(&numberless, key, &der);
	assert_int_equal(offer_take(fixture, crl_of(8, 2), NULL, &is_new), REASON_OK);
	assert_int_equal(offer_take(fixture, crl_of(7, 1), NULL, &is_new), REASON_CRL_ROLLBACK);
	assert_int_equal(offer_take(fixture, crl_of(9, 3), NULL, &is_new), REASON_CRL_ROLLBACK);
	assert_int_equal(offer_take(fixture, der, NULL, &is_new), REASON_CRL_ROLLBACK);
	assert_int_equal(held(fixture), 8);
	assert_int_equal(temp_dir_count(&fixture->dir, ""), 2);
}

static void
a_crl_signed_by_another_key_is_refused(void **state)
{
	struct pki_crl_spec spec = {.issuer = "CA"};
	struct fixture *fixture = *state;
	struct crls_signers signers = signers_of_ca();
	struct crls_taken taken;
	struct buf der;
	bool is_new;

	buf_init(&der, LEN_MAX);
	pki_build_crl(&spec, stranger, &der);
	assert_int_equal(crls_take(fixture->crls, buf_bytes(&der), LEN_MAX, &signers, NULL,
			     &taken),
	    STATUS_OK);
	assert_int_equal(taken.reason, REASON_CRL_SIGNATURE);
	assert_true(bytes_equal(buf_bytes(&taken.issuer_canonical), ca->subject.canonical));
	crls_taken_done(&taken);
	buf_clear(&der);
	spec.issuer = "Somebody else";
	pki_build_crl(&spec, key, &der);
	assert_int_equal(offer_take(fixture, der, NULL, &is_new), REASON_CRL_MISSING);
	assert_int_equal(crls_count(fixture->crls), 0);
	assert_int_equal(temp_dir_count(&fixture->dir, ""), 0);
}

static void
what_is_no_crl_is_malformed(void **state)
{
	static const char html[] = "<!DOCTYPE html>\n<html><body>Not here</body></html>\n";
	struct fixture *fixture = *state;
	struct buf der = crl_of(1, 1);
	bool is_new;

	assert_int_equal(offer(fixture, bytes_of(html, sizeof(html) - 1), URL, &is_new),
	    REASON_CRL_MALFORMED);
	assert_int_equal(offer(fixture, bytes_of("", 0), URL, &is_new), REASON_CRL_MALFORMED);
	assert_int_equal(offer(fixture, ca->der, URL, &is_new), REASON_CRL_MALFORMED);
	for (size_t len = 1; len < der.len; len += 7)
		assert_int_equal(offer(fixture, bytes_of(der.data, len), URL, &is_new),
		    REASON_CRL_MALFORMED);
	assert_int_equal(temp_dir_count(&fixture->dir, ""), 0);
	buf_done(&der);
}

static void
a_crl_over_the_size_cap_is_too_large_in_der_and_in_pem(void **state)
{
	struct fixture *fixture = *state;
	struct crls_signers signers = signers_of_ca();
	struct crls_taken taken;
	struct buf der = crl_of(1, 1), pem;

	buf_init(&pem, LEN_MAX);
	pem_write(&pem, "X509 CRL", buf_bytes(&der));
	assert_int_equal(crls_take(fixture->crls, buf_bytes(&der), der.len - 1, &signers, NULL,
			     &taken),
	    STATUS_OK);
	assert_int_equal(taken.reason, REASON_CRL_TOO_LARGE);
	crls_taken_done(&taken);
	assert_int_equal(crls_take(fixture->crls, buf_bytes(&pem), der.len - 1, &signers, NULL,
			     &taken),
	    STATUS_OK);
	assert_int_equal(taken.reason, REASON_CRL_TOO_LARGE);
	crls_taken_done(&taken);
	assert_int_equal(crls_take(fixture->crls, buf_bytes(&pem), der.len, &signers, NULL,
			     &taken),
	    STATUS_OK);
	assert_int_equal(taken.reason, REASON_OK);
	crls_taken_done(&taken);
	buf_done(&pem);
	buf_done(&der);
}

static void
the_crl_of_a_key_is_the_newest_complete_one(void **state)
{
	struct pki_crl_spec delta = {.issuer = "CA",
	    .number = 9,
	    .base = 7,
	    .this_s = PKI_BUILD_NOW - 60};
	struct fixture *fixture = *state;
	const uint8_t nobody[PUBKEY_HASH_SIZE] = {1};
	const struct crls_item *found;
	struct buf der;
	bool is_new;

	buf_init(&der, LEN_MAX);
	pki_build_crl(&delta, key, &der);
	assert_int_equal(offer_take(fixture, der, NULL, &is_new), REASON_OK);
	assert_null(crls_find_by_key(fixture->crls, ca->key.sha256));
	assert_int_equal(offer_take(fixture, crl_of(7, 1), NULL, &is_new), REASON_OK);
	assert_int_equal(crls_count(fixture->crls), 2);
	found = crls_find_by_key(fixture->crls, ca->key.sha256);
	assert_non_null(found);
	assert_false(found->index->base.present);
	assert_null(crls_find_by_key(fixture->crls, nobody));
}

/* The name of the file of the only CRL with this ending. */
static void
file_of(const struct fixture *fixture, const char *ending, char name[static 100])
{
	struct buf hex;

	assert_int_equal(crls_count(fixture->crls), 1);
	buf_init(&hex, 80);
	text_hex(&hex, bytes_of(crls_at(fixture->crls, 0)->index->sha256, PUBKEY_HASH_SIZE));
	snprintf(name, 100, "%s.%s", buf_text(&hex), ending);
	buf_done(&hex);
}

static void
a_damaged_index_is_reported_and_made_again_from_the_crl(void **state)
{
	struct fixture *fixture = *state;
	struct crls_signers signers = signers_of_ca();
	char name[100];
	bool is_new;

	assert_int_equal(offer_take(fixture, crl_of(7, 1), URL, &is_new), REASON_OK);
	file_of(fixture, "idx", name);
	for (size_t len = 0; len < 400; len += 133) { /* empty, cut, and overwritten */
		static const uint8_t zeros[400];

		assert_true(temp_dir_write(&fixture->dir, name, zeros, len));
		restart(fixture);
		assert_int_equal(fixture->reported, 1);
		assert_int_equal(crls_count(fixture->crls), 0);
		assert_int_equal(crls_rebuild(fixture->crls, LEN_MAX, &signers), 1);
		assert_int_equal(held(fixture), 7);
		assert_string_equal(crls_at(fixture->crls, 0)->url, URL);
	}
	restart(fixture);
	assert_int_equal(fixture->reported, 0);
	assert_int_equal(held(fixture), 7);
	assert_int_equal(crls_rebuild(fixture->crls, LEN_MAX, &signers), 0);
}

static void
a_crl_whose_signer_is_gone_is_not_made_again(void **state)
{
	struct fixture *fixture = *state;
	struct crls_signers nobody = {0};
	char name[100];
	bool is_new;

	assert_int_equal(offer_take(fixture, crl_of(7, 1), NULL, &is_new), REASON_OK);
	file_of(fixture, "idx", name);
	assert_int_equal(unlinkat(fixture->dir.fd, name, 0), 0);
	restart(fixture);
	assert_int_equal(crls_rebuild(fixture->crls, LEN_MAX, &nobody), 0);
	assert_int_equal(crls_count(fixture->crls), 0);
	assert_int_equal(temp_dir_count(&fixture->dir, ".crl"), 1); /* its CA may come back */
}

/* Keeps the files of the only CRL, to put them back as a crash would leave them. */
static void
keep_file(const struct fixture *fixture, const char *name, struct buf *ret_file)
{
	buf_init(ret_file, LEN_MAX);
	assert_int_equal(fileio_read(fixture->dir.fd, name, ret_file), STATUS_OK);
}

static void
of_two_that_a_crash_left_the_newer_counts_and_the_files_of_the_older_go(void **state)
{
	struct fixture *fixture = *state;
	char crl_name[100], idx_name[100];
	struct buf crl, idx;
	bool is_new;

	assert_int_equal(offer_take(fixture, crl_of(7, 2), NULL, &is_new), REASON_OK);
	file_of(fixture, "crl", crl_name);
	file_of(fixture, "idx", idx_name);
	keep_file(fixture, crl_name, &crl);
	keep_file(fixture, idx_name, &idx);
	assert_int_equal(offer_take(fixture, crl_of(8, 1), NULL, &is_new), REASON_OK);
	assert_true(temp_dir_write(&fixture->dir, crl_name, crl.data, crl.len));
	assert_true(temp_dir_write(&fixture->dir, idx_name, idx.data, idx.len));
	restart(fixture);
	assert_int_equal(fixture->reported, 0);
	assert_int_equal(held(fixture), 8);
	assert_int_equal(temp_dir_count(&fixture->dir, ""), 2);
	buf_done(&crl);
	buf_done(&idx);
}

static void
an_older_crl_that_a_crash_left_without_index_goes_too(void **state)
{
	struct fixture *fixture = *state;
	struct crls_signers signers = signers_of_ca();
	char crl_name[100];
	struct buf crl;
	bool is_new;

	assert_int_equal(offer_take(fixture, crl_of(7, 2), NULL, &is_new), REASON_OK);
	file_of(fixture, "crl", crl_name);
	keep_file(fixture, crl_name, &crl);
	assert_int_equal(offer_take(fixture, crl_of(8, 1), NULL, &is_new), REASON_OK);
	assert_true(temp_dir_write(&fixture->dir, crl_name, crl.data, crl.len));
	restart(fixture);
	assert_int_equal(crls_rebuild(fixture->crls, LEN_MAX, &signers), 0);
	assert_int_equal(held(fixture), 8);
	assert_int_equal(temp_dir_count(&fixture->dir, ""), 2);
	buf_done(&crl);
}

static void
what_can_not_be_written_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct crls_signers signers = signers_of_ca();
	struct crls_taken taken;
	struct buf der = crl_of(8, 1);
	bool is_new;

	assert_int_equal(offer_take(fixture, crl_of(7, 2), NULL, &is_new), REASON_OK);
	temp_dir_clear(&fixture->dir);
	assert_int_equal(rmdir(fixture->dir.path), 0);
	assert_int_not_equal(crls_take(fixture->crls, buf_bytes(&der), LEN_MAX, &signers, NULL,
				 &taken),
	    STATUS_OK);
	assert_false(taken.is_new);
	crls_taken_done(&taken);
	assert_int_equal(held(fixture), 7);
	buf_done(&der);
}

static void
the_descriptor_of_an_index_can_only_be_read(void **state)
{
	struct fixture *fixture = *state;
	bool is_new;
	int fd;

	assert_int_equal(offer_take(fixture, crl_of(7, 1), NULL, &is_new), REASON_OK);
	fd = crls_at(fixture->crls, 0)->fd;
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_new_crl_is_held_as_files_and_survives_a_restart),
	    CASE(the_same_crl_again_is_no_news),
	    CASE(a_newer_one_takes_the_place_and_the_files_of_the_older),
	    CASE(one_that_is_valid_only_later_keeps_no_other_away),
	    CASE(an_older_one_is_a_rollback_by_number_by_date_and_without_number),
	    CASE(a_crl_signed_by_another_key_is_refused),
	    CASE(what_is_no_crl_is_malformed),
	    CASE(a_crl_over_the_size_cap_is_too_large_in_der_and_in_pem),
	    CASE(the_crl_of_a_key_is_the_newest_complete_one),
	    CASE(a_damaged_index_is_reported_and_made_again_from_the_crl),
	    CASE(a_crl_whose_signer_is_gone_is_not_made_again),
	    CASE(of_two_that_a_crash_left_the_newer_counts_and_the_files_of_the_older_go),
	    CASE(an_older_crl_that_a_crash_left_without_index_goes_too),
	    CASE(what_can_not_be_written_changes_nothing),
	    CASE(the_descriptor_of_an_index_can_only_be_read),
	};

	return cmocka_run_group_tests(tests, make_ca, free_ca);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/crl_intake.h"
#include "common/pki/crl_set.h"
#include "tests/lib/pki_build.h"

static struct pki_key *key, *other_key;
static struct cert *ca, *same_name, *other_name;

static struct cert *
cert_of(const char *cn, const struct pki_key *holder, struct bytes extra)
{
	struct pki_cert_spec spec = {
	    .subject = cn,
	    .issuer = cn,
	    .is_ca = true,
	    .extra = extra,
	};
	struct cert *cert;
	struct buf der;

	buf_init(&der, CERT_LEN_MAX);
	pki_build_cert(&spec, holder, holder, &der);
	assert_int_equal(cert_parse(buf_bytes(&der), &cert, NULL), STATUS_OK);
	buf_done(&der);
	return cert;
}

/* subjectKeyIdentifier "key", which is what built CRLs point to. */
static struct cert *
cert_pointed_to(const char *cn, const struct pki_key *holder)
{
	struct der_build extension;
	struct cert *cert;

	der_build_init(&extension);
	der_build_open_extension(&extension, "2.5.29.14", false);
	der_build_text(&extension, DER_OCTET_STRING, "key");
	der_build_close_extension(&extension);
	cert = cert_of(cn, holder, der_build_bytes(&extension));
	der_build_done(&extension);
	return cert;
}

static int
setup(void **state)
{
	key = pki_key_new();
	other_key = pki_key_new();
	ca = cert_of("CA", key, (struct bytes){0});
	same_name = cert_pointed_to("CA", other_key);
	other_name = cert_of("Other", key, (struct bytes){0});
	return 0;
}

static int
teardown(void **state)
{
	cert_free(ca);
	cert_free(same_name);
	cert_free(other_name);
	pki_key_free(key);
	pki_key_free(other_key);
	return 0;
}

/* Takes in a CRL of "CA" signed by key, with these certificates at hand; returns the reason
 * and expects an image with it or an error without. */
static enum reason
take(const struct cert *const *signers, size_t count, size_t max_len)
{
	struct pki_crl_spec spec = {.issuer = "CA"};
	struct crl_intake intake;
	struct crl_index *index;
	struct buf der, image;
	enum reason reason;

	buf_init(&der, 1 << 20);
	buf_init(&image, 1 << 20);
	pki_build_crl(&spec, key, &der);
	reason = crl_intake_take(buf_bytes(&der), max_len > 0 ? max_len : der.len, signers,
	    count, &image, &intake);
	assert_int_equal(intake.reason, reason);
	assert_int_equal(intake.error[0] == '\0', reason == REASON_OK);
	if (reason == REASON_OK) {
		assert_int_equal(crl_index_open_take(buf_bytes(&image), NULL, &index),
		    STATUS_OK);
		assert_memory_equal(index->key_sha256, ca->key.sha256, PUBKEY_HASH_SIZE);
		crl_index_unref(index);
	} else {
		assert_int_equal(image.len, 0);
	}
	if (reason != REASON_CRL_TOO_LARGE)
		assert_true(
		    bytes_equal(buf_bytes(&intake.issuer_canonical), ca->subject.canonical));
	crl_intake_done(&intake);
	buf_done(&image);
	buf_done(&der);
	return reason;
}

static void
the_certificate_whose_key_signed_is_found(void **state)
{
	const struct cert *signers[] = {other_name, same_name, ca};

	assert_int_equal(take(signers, 3, 0), REASON_OK);
}

static void
a_key_of_another_name_is_not_tried(void **state)
{
	const struct cert *signers[] = {other_name};

	assert_int_equal(take(signers, 1, 0), REASON_CRL_MISSING);
	assert_int_equal(take(NULL, 0, 0), REASON_CRL_MISSING);
}

static void
a_key_that_did_not_sign_leads_to_no_index(void **state)
{
	const struct cert *signers[] = {same_name};

	assert_int_equal(take(signers, 1, 0), REASON_CRL_SIGNATURE);
}

static void
a_crl_that_is_too_large_is_refused(void **state)
{
	const struct cert *signers[] = {ca};

	assert_int_equal(take(signers, 1, 20), REASON_CRL_TOO_LARGE);
}

static void
no_more_keys_are_tried_than_the_limit(void **state)
{
	const struct cert *signers[CRL_INTAKE_KEYS_MAX + 1];
	struct cert *strangers[CRL_INTAKE_KEYS_MAX];
	struct pki_key *keys[CRL_INTAKE_KEYS_MAX];

	for (size_t i = 0; i < CRL_INTAKE_KEYS_MAX; i++) {
		keys[i] = pki_key_new();
		strangers[i] = cert_of("CA", keys[i], (struct bytes){0});
		signers[i] = strangers[i];
	}
	signers[CRL_INTAKE_KEYS_MAX] = ca;
	assert_int_equal(take(signers, COUNT_OF(signers), 0), REASON_CRL_SIGNATURE);
	assert_int_equal(take(signers + 1, COUNT_OF(signers) - 1, 0), REASON_OK);
	for (size_t i = 0; i < CRL_INTAKE_KEYS_MAX; i++) {
		cert_free(strangers[i]);
		pki_key_free(keys[i]);
	}
}

/* An index of an empty CRL of this issuer. */
static struct crl_index *
index_of(const char *issuer)
{
	static struct buf images[8];
	static size_t used;
	struct pki_crl_spec spec = {.issuer = issuer};
	struct buf *image = &images[used++ % COUNT_OF(images)];
	struct crl_index *index;
	struct buf der;
	struct crl crl;

	buf_done(image);
	buf_init(image, 1 << 20);
	buf_init(&der, 1 << 20);
	pki_build_crl(&spec, key, &der);
	assert_int_equal(crl_read(buf_bytes(&der), der.len, &crl), REASON_OK);
	assert_int_equal(crl_index_build(&crl, ca->key.sha256, image), REASON_OK);
	assert_int_equal(crl_index_open_take(buf_bytes(image), NULL, &index), STATUS_OK);
	crl_done(&crl);
	buf_done(&der);
	return index;
}

static void
a_set_finds_all_crls_of_an_issuer(void **state)
{
	static const char *const issuers[] = {"Other", "CA", "Zed", "CA", "Ant"};
	struct crl_set *set = crl_set_new();
	size_t first, count;

	for (size_t i = 0; i < COUNT_OF(issuers); i++)
		assert_int_equal(crl_set_add_take(set, index_of(issuers[i])), STATUS_OK);
	assert_int_equal(crl_set_count(set), COUNT_OF(issuers));
	count = crl_set_find(set, ca->subject.canonical, &first);
	assert_int_equal(count, 2);
	for (size_t i = first; i < first + count; i++)
		assert_true(
		    bytes_equal(crl_set_at(set, i)->issuer.canonical, ca->subject.canonical));
	assert_int_equal(crl_set_find(set, bytes_of_text("nobody"), &first), 0);
	crl_set_free(set);
	crl_set_free(NULL);
}

static void
a_set_has_room_for_so_many_crls_and_refusals(void **state)
{
	struct crl_refusal refusal = {.reason = REASON_CRL_MALFORMED, .detail = "x"};
	struct crl_index *index = index_of("CA");
	struct crl_set *set = crl_set_new();

	for (size_t i = 0; i < CRL_SET_MAX; i++)
		assert_int_equal(crl_set_add_take(set, crl_index_ref(index)), STATUS_OK);
	assert_int_equal(crl_set_add_take(set, index), STATUS_LIMIT);
	for (size_t i = 0; i < CRL_SET_MAX + 1; i++)
		crl_set_add_refusal(set, &refusal);
	assert_int_equal(crl_set_refusal_count(set), CRL_SET_MAX);
	crl_set_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_certificate_whose_key_signed_is_found),
	    cmocka_unit_test(a_key_of_another_name_is_not_tried),
	    cmocka_unit_test(a_key_that_did_not_sign_leads_to_no_index),
	    cmocka_unit_test(a_crl_that_is_too_large_is_refused),
	    cmocka_unit_test(no_more_keys_are_tried_than_the_limit),
	    cmocka_unit_test(a_set_finds_all_crls_of_an_issuer),
	    cmocka_unit_test(a_set_has_room_for_so_many_crls_and_refusals),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/request.h"
#include "tests/lib/ext_build.h"
#include "tests/lib/pki_build.h"

#define OID_EXTENSION_REQUEST  "1.2.840.113549.1.9.14"
#define OID_CHALLENGE_PASSWORD "1.2.840.113549.1.9.7"

static struct pki_key *key, *other;

static int
make_keys(void **state)
{
	key = pki_key_new_kind(PKI_KEY_RSA2048);
	other = pki_key_new_kind(PKI_KEY_RSA2048);
	return 0;
}

static int
free_keys(void **state)
{
	pki_key_free(key);
	pki_key_free(other);
	return 0;
}

/* A request for key with these attributes (DER, without the tag [0]), signed by signer. */
static struct buf
request_of(unsigned int version, struct bytes attributes, const struct pki_key *signer)
{
	struct der_build build;
	struct buf spki, der;

	buf_init(&spki, 4096);
	pki_key_spki(key, &spki);
	der_build_init(&build);
	der_build_open(&build, DER_SEQUENCE);
	der_build_u64(&build, DER_INTEGER, version);
	der_build_name(&build, "sensor-7.plant.example");
	der_build_raw(&build, buf_bytes(&spki));
	der_build_open(&build, DER_CONTEXT_CONSTRUCTED(0));
	der_build_raw(&build, attributes);
	der_build_close(&build);
	der_build_close(&build);
	buf_init(&der, 2 * CERT_LEN_MAX);
	pki_build_signed(der_build_bytes(&build), signer, &der);
	der_build_done(&build);
	buf_done(&spki);
	return der;
}

/* Appends an attribute of one value. */
static void
put_attribute(struct der_build *build, const char *oid, struct bytes value)
{
	der_build_open(build, DER_SEQUENCE);
	der_build_oid(build, oid);
	der_build_open(build, DER_SET);
	der_build_raw(build, value);
	der_build_close(build);
	der_build_close(build);
}

/* The request for extensions: a list with a subjectAltName. */
static void
put_extensions(struct der_build *build, const char *const *names)
{
	struct der_build list;
	struct buf san;

	buf_init(&san, 4096);
	ext_subject_alt_name(&san, names);
	der_build_init(&list);
	der_build_open(&list, DER_SEQUENCE);
	der_build_raw(&list, buf_bytes(&san));
	der_build_close(&list);
	put_attribute(build, OID_EXTENSION_REQUEST, der_build_bytes(&list));
	der_build_done(&list);
	buf_done(&san);
}

static struct request *
parse(const struct buf *der)
{
	char error[CERT_ERROR_SIZE];
	struct request *request;

	assert_int_equal(request_parse(buf_bytes(der), &request, error), STATUS_OK);
	return request;
}

static void
a_request_holds_its_subject_and_its_key(void **state)
{
	struct buf der = request_of(0, bytes_of("", 0), key);
	struct request *request = parse(&der);

	assert_int_equal(request_verify(request), SIGNATURE_GOOD);
	assert_int_equal(request->key.kind, PUBKEY_RSA);
	assert_int_equal(request->subject_alt_name.len, 0);
	assert_non_null(
	    memmem(request->subject.data, request->subject.len, "sensor-7.plant.example", 22));
	request_free(request);
	buf_done(&der);
}

static void
one_signed_with_another_key_proves_nothing(void **state)
{
	struct buf der = request_of(0, bytes_of("", 0), other);
	struct request *request = parse(&der);

	assert_int_equal(request_verify(request), SIGNATURE_BAD);
	request_free(request);
	buf_done(&der);
}

static void
the_names_that_are_asked_for_are_found_among_the_attributes(void **state)
{
	struct der_build attributes;
	struct request *request;
	struct buf der;

	der_build_init(&attributes);
	put_attribute(&attributes, OID_CHALLENGE_PASSWORD, bytes_of("\x0c\x06secret", 8));
	put_extensions(&attributes, LIST("DNS:alias.plant.example"));
	der = request_of(0, der_build_bytes(&attributes), key);
	request = parse(&der);
	assert_non_null(memmem(request->subject_alt_name.data, request->subject_alt_name.len,
	    "alias.plant.example", 19));
	assert_int_equal(request_verify(request), SIGNATURE_GOOD);
	request_free(request);
	buf_done(&der);
	der_build_done(&attributes);
}

static void
assert_malformed(struct bytes der)
{
	char error[CERT_ERROR_SIZE] = "";
	struct request *request;

	assert_int_equal(request_parse(der, &request, error), STATUS_INVALID);
	assert_string_not_equal(error, "");
}

static void
a_request_that_is_cut_or_longer_is_malformed(void **state)
{
	struct der_build attributes;
	struct buf der;

	der_build_init(&attributes);
	put_extensions(&attributes, LIST("DNS:alias.plant.example"));
	der = request_of(0, der_build_bytes(&attributes), key);
	for (size_t len = 0; len < der.len; len++)
		assert_malformed(bytes_of(der.data, len));
	buf_put_u8(&der, 0);
	assert_malformed(buf_bytes(&der));
	buf_done(&der);
	der_build_done(&attributes);
}

static void
a_request_of_another_version_is_malformed(void **state)
{
	struct buf der = request_of(1, bytes_of("", 0), key);

	assert_malformed(buf_bytes(&der));
	buf_done(&der);
}

static void
attributes_that_are_none_are_malformed(void **state)
{
	struct der_build attributes;
	struct buf der;

	der_build_init(&attributes);
	put_attribute(&attributes, OID_EXTENSION_REQUEST, bytes_of("\x05\x00", 2));
	der = request_of(0, der_build_bytes(&attributes), key);
	assert_malformed(buf_bytes(&der));
	buf_done(&der);
	der = request_of(0, bytes_of("\x30\x00", 2), key);
	assert_malformed(buf_bytes(&der));
	buf_done(&der);
	der_build_done(&attributes);
}

static void
a_request_over_the_maximum_is_not_read(void **state)
{
	static const uint8_t zeros[CERT_LEN_MAX + 1];
	char error[CERT_ERROR_SIZE] = "";
	struct request *request;

	assert_int_equal(request_parse(bytes_of(zeros, sizeof(zeros)), &request, error),
	    STATUS_LIMIT);
	assert_string_not_equal(error, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_request_holds_its_subject_and_its_key),
	    cmocka_unit_test(one_signed_with_another_key_proves_nothing),
	    cmocka_unit_test(the_names_that_are_asked_for_are_found_among_the_attributes),
	    cmocka_unit_test(a_request_that_is_cut_or_longer_is_malformed),
	    cmocka_unit_test(a_request_of_another_version_is_malformed),
	    cmocka_unit_test(attributes_that_are_none_are_malformed),
	    cmocka_unit_test(a_request_over_the_maximum_is_not_read),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}

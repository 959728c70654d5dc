/* SPDX-License-Identifier: Apache-2.0
 *
 * CRLs that real CAs published: those of Amazon Trust Services of February 2025, with the
 * facts their source states, and odd shapes from a parser's test data.
 */
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/pki/crl_intake.h"
#include "common/pki/pem.h"
#include "common/pki/revocation.h"
#include "tests/lib/shared.h"

#define AMAZON "realdata/pki/amazon-trust/"
#define SHAPES "realdata/pki/crl-shapes/"

/* 2025-02-24, when the CRLs were current, and a year later */
static const int64_t then_s = 1740355200;
static const int64_t later_s = 1771891200;

/* A shared file's DER, whatever form it is in; the caller frees. */
static struct buf
read_der(const char *name)
{
	struct pem_item item;
	struct buf file, der;
	struct pem pem;

	buf_init(&file, CRL_LEN_MAX);
	buf_init(&der, CRL_LEN_MAX);
	assert_true(shared_read(name, &file));
	pem_init(&pem, buf_bytes(&file), CRL_LEN_MAX);
	assert_int_equal(pem_next(&pem, &item), STATUS_OK);
	buf_put_bytes(&der, item.der);
	pem_done(&pem);
	buf_done(&file);
	return der;
}

static struct cert *
read_cert(const char *name)
{
	struct buf der = read_der(name);
	struct cert *cert;

	assert_int_equal(cert_parse(buf_bytes(&der), &cert, NULL), STATUS_OK);
	buf_done(&der);
	return cert;
}

static void
free_image(struct bytes image)
{
	free((void *)image.data);
}

/* Takes in NAME.crl with NAME.cer as its signer. */
static struct crl_index *
take_in(const char *name)
{
	char file[100];
	struct crl_intake intake;
	struct crl_index *index;
	const struct cert *signer;
	struct cert *cert;
	struct buf der, image;

	snprintf(file, sizeof file, AMAZON "%s.cer", name);
	cert = read_cert(file);
	signer = cert;
	snprintf(file, sizeof file, AMAZON "%s.crl", name);
	der = read_der(file);
	buf_init(&image, CRL_LEN_MAX);
	if (crl_intake_take(buf_bytes(&der), CRL_LEN_MAX, &signer, 1, &image, &intake) !=
	    REASON_OK)
		fail_msg("%s: %s", file, intake.error);
	assert_int_equal(crl_index_open_take(buf_bytes(&image), free_image, &index), STATUS_OK);
	crl_intake_done(&intake);
	buf_done(&der);
	cert_free(cert);
	return index;
}

/* The status of a demonstration certificate by the CRL of its issuer. */
static enum revocation_status
status_of(const char *leaf_name, const char *issuer_name, int64_t now_s)
{
	char file[100];
	struct revocation_params params = {.now_s = now_s};
	struct crl_set *crls = crl_set_new();
	struct revocation_result result;
	struct cert *leaf, *issuer;

	snprintf(file, sizeof file, AMAZON "%s.demo.amazontrust.com.cer", leaf_name);
	leaf = read_cert(file);
	snprintf(file, sizeof file, AMAZON "%s.cer", issuer_name);
	issuer = read_cert(file);
	assert_int_equal(crl_set_add_take(crls, take_in(issuer_name)), STATUS_OK);
	revocation_check(leaf, issuer, crls, NULL, &params, &result);
	crl_set_free(crls);
	cert_free(leaf);
	cert_free(issuer);
	return result.status;
}

static int
need_shared(void **state)
{
	char path[SHARED_PATH_SIZE];

	*state = shared_path(path, AMAZON "r2m02.crl") ? (void *)1 : NULL;
	return 0;
}

static void
each_crl_is_signed_by_the_ca_beside_it(void **state)
{
	static const struct {
		const char *name;
		size_t entry_count;
	} crls[] = {
	    {"e2m01", 0},
	    {"e2m02", 2},
	    {"e2m03", 2},
	    {"e2m04", 0},
	    {"r2m01", 2},
	    {"r2m02", 14102},
	    {"r2m03", 13975},
	    {"r2m04", 0},
	};

	if (*state == NULL)
		SKIP_TEST("what it needs is not here");
	for (size_t i = 0; i < COUNT_OF(crls); i++) {
		struct crl_index *index = take_in(crls[i].name);

		assert_int_equal(index->entry_count, crls[i].entry_count);
		assert_true(index->number.present);
		crl_index_unref(index);
	}
}

static void
the_demonstration_certificates_have_the_stated_status(void **state)
{
	if (*state == NULL)
		SKIP_TEST("what it needs is not here");
	assert_int_equal(status_of("revoked.rootca1", "r2m02", then_s), REVOCATION_REVOKED);
	assert_int_equal(status_of("revoked.rootca3", "e2m03", then_s), REVOCATION_REVOKED);
	assert_int_equal(status_of("valid.rootca1", "r2m03", then_s), REVOCATION_GOOD);
}

static void
a_year_later_revoked_is_still_revoked_and_good_is_stale(void **state)
{
	if (*state == NULL)
		SKIP_TEST("what it needs is not here");
	assert_int_equal(status_of("revoked.rootca1", "r2m02", later_s), REVOCATION_REVOKED);
	assert_int_equal(status_of("valid.rootca1", "r2m03", later_s), REVOCATION_STALE);
}

static void
odd_shapes_are_taken_or_refused_as_the_rules_say(void **state)
{
	static const struct {
		const char *file;
		enum reason reason;
	} shapes[] = {
	    {SHAPES "empty.crl", REASON_OK}, {SHAPES "example.crl", REASON_OK},
	    {SHAPES "indirect.der", REASON_OK}, {SHAPES "minimal.der", REASON_OK},
	    {SHAPES "only_some_reasons.der", REASON_OK},
	    {SHAPES "only_user_certs.der", REASON_OK},
	    {SHAPES "minimal.crl", REASON_CRL_MALFORMED}, /* no nextUpdate */
	};

	if (*state == NULL)
		SKIP_TEST("what it needs is not here");
	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		struct buf der = read_der(shapes[i].file);
		struct crl crl;

		assert_int_equal(crl_read(buf_bytes(&der), CRL_LEN_MAX, &crl),
		    shapes[i].reason);
		crl_done(&crl);
		buf_done(&der);
	}
}

#define CASE(name) cmocka_unit_test_setup(name, need_shared)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(each_crl_is_signed_by_the_ca_beside_it),
	    CASE(the_demonstration_certificates_have_the_stated_status),
	    CASE(a_year_later_revoked_is_still_revoked_and_good_is_stale),
	    CASE(odd_shapes_are_taken_or_refused_as_the_rules_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/base/alloc.h"
#include "common/pki/sig_memo.h"
#include "common/pki/trust.h"
#include "tests/lib/pki_build.h"

#include <stdlib.h>

static struct pki_key *keys[2];

static struct cert *
cert_named(const char *subject, unsigned int key, uint8_t serial)
{
	const struct pki_cert_spec spec = {.subject = subject,
	    .issuer = "root",
	    .serial = {&serial, 1},
	    .is_ca = true};
	struct cert *cert;
	struct buf der;

	buf_init(&der, 1 << 16);
	pki_build_cert(&spec, keys[key], keys[0], &der);
	assert_int_equal(cert_parse(buf_bytes(&der), &cert, NULL), STATUS_OK);
	buf_done(&der);
	return cert;
}

static struct cert *
cert_again(const struct cert *cert)
{
	struct cert *again;

	assert_int_equal(cert_parse(cert->der, &again, NULL), STATUS_OK);
	return again;
}

static void
certificates_are_found_by_subject_and_kept_once(void **state)
{
	struct cert *anchors[4] = {cert_named("b", 0, 1), cert_named("a", 0, 1),
	    cert_named("B", 1, 2)};
	struct cert *intermediates[1] = {cert_named("c", 0, 3)};
	struct trust *trust;
	size_t first;

	anchors[3] = cert_again(anchors[0]);
	assert_int_equal(trust_new_take(TRUST_OPERATOR, 7, anchors, 4, intermediates, 1,
			     &trust),
	    STATUS_OK);
	assert_int_equal(trust_purpose(trust), TRUST_OPERATOR);
	assert_int_equal(trust_generation(trust), 7);
	assert_int_equal(trust_anchor_count(trust), 3);
	assert_int_equal(trust_intermediate_count(trust), 1);
	assert_int_equal(trust_find_anchors(trust, trust_anchor(trust, 0)->subject.canonical,
			     &first),
	    1);
	assert_int_equal(first, 0);
	assert_int_equal(trust_find_anchors(trust, trust_anchor(trust, 1)->subject.canonical,
			     &first),
	    2);
	assert_int_equal(first, 1);
	assert_int_equal(trust_find_anchors(trust,
			     trust_intermediate(trust, 0)->subject.canonical, &first),
	    0);
	assert_int_equal(trust_find_intermediates(trust,
			     trust_intermediate(trust, 0)->subject.canonical, &first),
	    1);
	trust_free(trust);
	trust_free(NULL);
}

static void
a_set_may_be_empty_and_has_a_limit(void **state)
{
	struct cert **many = alloc_zeroed(TRUST_CERT_MAX + 1, sizeof(struct cert *));
	struct trust *trust;

	assert_int_equal(trust_new_take(TRUST_APPLIANCE, 1, NULL, 0, NULL, 0, &trust),
	    STATUS_OK);
	assert_int_equal(trust_anchor_count(trust), 0);
	trust_free(trust);
	many[0] = cert_named("a", 0, 1);
	for (size_t i = 1; i <= TRUST_CERT_MAX; i++)
		many[i] = cert_again(many[0]);
	assert_int_equal(trust_new_take(TRUST_APPLIANCE, 1, many, TRUST_CERT_MAX + 1, NULL, 0,
			     &trust),
	    STATUS_LIMIT);
	free(many);
}

static void
purposes_have_names(void **state)
{
	enum trust_purpose purpose;

	for (unsigned int i = 0; i < TRUST_PURPOSE_COUNT; i++) {
		assert_true(trust_purpose_from_text(trust_purpose_text((enum trust_purpose)i),
		    &purpose));
		assert_int_equal(purpose, i);
	}
	assert_false(trust_purpose_from_text("nobody", &purpose));
}

static void
a_signature_is_remembered_for_its_certificate_and_key(void **state)
{
	struct sig_memo *memo = sig_memo_new(8);
	struct cert *a = cert_named("a", 0, 1), *b = cert_named("b", 1, 2);

	assert_false(sig_memo_has(memo, a, &b->key));
	sig_memo_put(memo, a, &b->key);
	sig_memo_put(memo, a, &b->key);
	assert_true(sig_memo_has(memo, a, &b->key));
	assert_false(sig_memo_has(memo, a, &a->key));
	assert_false(sig_memo_has(memo, b, &b->key));
	cert_free(a);
	cert_free(b);
	sig_memo_free(memo);
	sig_memo_free(NULL);
}

static void
the_memo_keeps_its_size_and_forgets_the_oldest(void **state)
{
	struct sig_memo *memo = sig_memo_new(1); /* one set of four */
	struct cert *certs[5];

	for (uint8_t i = 0; i < 5; i++) {
		certs[i] = cert_named("a", 0, (uint8_t)(i + 1));
		sig_memo_put(memo, certs[i], &certs[0]->key);
	}
	assert_false(sig_memo_has(memo, certs[0], &certs[0]->key));
	for (size_t i = 1; i < 5; i++)
		assert_true(sig_memo_has(memo, certs[i], &certs[0]->key));
	for (size_t i = 0; i < 5; i++)
		cert_free(certs[i]);
	sig_memo_free(memo);
}

static int
make_keys(void **state)
{
	keys[0] = pki_key_new();
	keys[1] = pki_key_new();
	return 0;
}

static int
free_keys(void **state)
{
	pki_key_free(keys[0]);
	pki_key_free(keys[1]);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(certificates_are_found_by_subject_and_kept_once),
	    cmocka_unit_test(a_set_may_be_empty_and_has_a_limit),
	    cmocka_unit_test(purposes_have_names),
	    cmocka_unit_test(a_signature_is_remembered_for_its_certificate_and_key),
	    cmocka_unit_test(the_memo_keeps_its_size_and_forgets_the_oldest),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <gnutls/gnutls.h>

#include "common/tls/handshake_error.h"

static void
every_code_of_the_library_has_an_end_with_a_text(void **state)
{
	for (int rc = -1; rc > -1300; rc--) {
		for (int handshaken = 0; handshaken < 2; handshaken++) {
			struct tls_end end = handshake_error_end(rc, handshaken != 0, 0);

			assert_non_null(end.detail);
			assert_true(end.detail[0] != '\0');
			assert_true(end.alert_sent <= 255);
			assert_int_equal(end.handshaken, handshaken != 0);
			/* who is refused is told so, who is not there is not */
			if (end.kind == TLS_END_HANDSHAKE || end.kind == TLS_END_RECORD) {
				assert_true(end.alert_sent != 0);
				assert_true(end.reason != REASON_OK);
			}
			if (end.kind == TLS_END_LOST)
				assert_int_equal(end.alert_sent, 0);
		}
	}
}

static void
an_alert_counts_more_than_the_error_beside_it(void **state)
{
	struct tls_end end = handshake_error_end(GNUTLS_E_NO_CERTIFICATE_FOUND, false, 45);

	assert_int_equal(end.kind, TLS_END_ALERT);
	assert_int_equal(end.alert_received, 45);
	assert_int_equal(end.reason, REASON_PEER_REFUSED_US);
	assert_int_equal(end.alert_sent, 0);
	end = handshake_error_end(GNUTLS_E_FATAL_ALERT_RECEIVED, true, 255);
	assert_int_equal(end.kind, TLS_END_ALERT);
	assert_int_equal(end.alert_received, 255);
}

static void
each_kind_of_error_has_its_reason_and_alert(void **state)
{
	static const struct {
		int rc;
		enum tls_end_kind kind;
		enum reason reason;
		unsigned int alert;
	} cases[] = {
	    {GNUTLS_E_PREMATURE_TERMINATION, TLS_END_LOST, REASON_TIMEOUT, 0},
	    {GNUTLS_E_UNSUPPORTED_VERSION_PACKET, TLS_END_HANDSHAKE, REASON_PROTOCOL, 70},
	    {GNUTLS_E_NO_APPLICATION_PROTOCOL, TLS_END_HANDSHAKE, REASON_PROTOCOL, 120},
	    {GNUTLS_E_CERTIFICATE_REQUIRED, TLS_END_HANDSHAKE, REASON_NO_CERTIFICATE, 116},
	    {GNUTLS_E_HANDSHAKE_TOO_LARGE, TLS_END_HANDSHAKE, REASON_LIMITS, 42},
	    {GNUTLS_E_ASN1_DER_ERROR, TLS_END_HANDSHAKE, REASON_PARSE, 42},
	    {GNUTLS_E_CERTIFICATE_TIME_ERROR, TLS_END_HANDSHAKE, REASON_PARSE, 42},
	    {GNUTLS_E_KEY_USAGE_VIOLATION, TLS_END_HANDSHAKE, REASON_KEY_USAGE, 43},
	    {GNUTLS_E_PK_SIG_VERIFY_FAILED, TLS_END_HANDSHAKE, REASON_PROTOCOL, 51},
	    {GNUTLS_E_PK_SIGN_FAILED, TLS_END_LOCAL, REASON_OK, 80},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct tls_end end = handshake_error_end(cases[i].rc, false, 0);

		assert_int_equal(end.kind, cases[i].kind);
		assert_int_equal(end.reason, cases[i].reason);
		assert_int_equal(end.alert_sent, cases[i].alert);
	}
	assert_int_equal(handshake_error_end(GNUTLS_E_DECRYPTION_FAILED, true, 0).kind,
	    TLS_END_RECORD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_code_of_the_library_has_an_end_with_a_text),
	    cmocka_unit_test(an_alert_counts_more_than_the_error_beside_it),
	    cmocka_unit_test(each_kind_of_error_has_its_reason_and_alert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

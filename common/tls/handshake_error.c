/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of codes.
 */
#include "common/tls/handshake_error.h"

#include <gnutls/gnutls.h>

struct error_row {
	int rc;
	enum tls_end_kind kind;
	enum reason reason;
	unsigned int alert; /* 0: that of the reason, or what GnuTLS would send */
	const char *detail;
};

#define LOST(rc, detail)                                    \
	{                                                   \
		rc, TLS_END_LOST, REASON_TIMEOUT, 0, detail \
	}
#define LOCAL(rc, detail)                                                     \
	{                                                                     \
		rc, TLS_END_LOCAL, REASON_OK, GNUTLS_A_INTERNAL_ERROR, detail \
	}
#define REFUSED(rc, reason, alert, detail)                            \
	{                                                             \
		rc, TLS_END_HANDSHAKE, REASON_##reason, alert, detail \
	}

static const char malformed[] = "the certificate can't be read";
static const char no_common[] = "no key exchange or cipher in common";
static const char bad_length[] = "a handshake message is larger than 128 KiB";

static const struct error_row rows[] = {
    LOST(GNUTLS_E_PREMATURE_TERMINATION, "the connection ended without close_notify"),
    LOST(GNUTLS_E_PULL_ERROR, "the connection was reset"),
    LOST(GNUTLS_E_PUSH_ERROR, "the connection was reset"),
    LOST(GNUTLS_E_SESSION_EOF, "the connection ended without close_notify"),

    LOCAL(GNUTLS_E_PK_SIGN_FAILED, "our key could not sign"),
    LOCAL(GNUTLS_E_MEMORY_ERROR, "out of memory"),
    LOCAL(GNUTLS_E_INTERNAL_ERROR, "the TLS library failed"),
    LOCAL(GNUTLS_E_RANDOM_FAILED, "the TLS library failed"),

    REFUSED(GNUTLS_E_UNSUPPORTED_VERSION_PACKET, PROTOCOL, GNUTLS_A_PROTOCOL_VERSION,
	"the peer does not speak TLS 1.3"),
    REFUSED(GNUTLS_E_NO_APPLICATION_PROTOCOL, PROTOCOL, GNUTLS_A_NO_APPLICATION_PROTOCOL,
	"the peer asked for no protocol (ALPN) that is spoken here"),
    REFUSED(GNUTLS_E_NO_CIPHER_SUITES, PROTOCOL, GNUTLS_A_HANDSHAKE_FAILURE, no_common),
    REFUSED(GNUTLS_E_NO_COMMON_KEY_SHARE, PROTOCOL, GNUTLS_A_HANDSHAKE_FAILURE, no_common),
    REFUSED(GNUTLS_E_HANDSHAKE_TOO_LARGE, LIMITS, 0, bad_length),
    REFUSED(GNUTLS_E_CERTIFICATE_REQUIRED, NO_CERTIFICATE, 0, "the peer showed no certificate"),
    REFUSED(GNUTLS_E_NO_CERTIFICATE_FOUND, NO_CERTIFICATE, 0, "the peer showed no certificate"),
    REFUSED(GNUTLS_E_PK_SIG_VERIFY_FAILED, PROTOCOL, GNUTLS_A_DECRYPT_ERROR,
	"the peer does not hold the key of the certificate it shows"),
    REFUSED(GNUTLS_E_KEY_USAGE_VIOLATION, KEY_USAGE, 0,
	"the key of the certificate may not be used for signatures"),
    REFUSED(GNUTLS_E_UNKNOWN_PK_ALGORITHM, PROFILE_KEY, 0, "the kind of key is not known"),
    REFUSED(GNUTLS_E_ECC_UNSUPPORTED_CURVE, PROFILE_KEY, 0,
	"the curve of the key is not known"),
    REFUSED(GNUTLS_E_UNSUPPORTED_CERTIFICATE_TYPE, PARSE, 0, "not an X.509 certificate"),
    REFUSED(GNUTLS_E_CERTIFICATE_ERROR, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_CERTIFICATE_TIME_ERROR, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_CERTIFICATE_LIST_UNSORTED, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_X509_DUPLICATE_EXTENSION, PARSE, 0,
	"an extension of the certificate is there twice"),
    REFUSED(GNUTLS_E_X509_UNKNOWN_SAN, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_X509_UNSUPPORTED_ATTRIBUTE, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_ASN1_ELEMENT_NOT_FOUND, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_ASN1_IDENTIFIER_NOT_FOUND, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_ASN1_DER_ERROR, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_ASN1_VALUE_NOT_FOUND, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_ASN1_GENERIC_ERROR, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_ASN1_VALUE_NOT_VALID, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_ASN1_TAG_ERROR, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_ASN1_TAG_IMPLICIT, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_ASN1_TYPE_ANY_ERROR, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_ASN1_SYNTAX_ERROR, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_ASN1_DER_OVERFLOW, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_ASN1_TIME_ERROR, PARSE, 0, malformed),
    REFUSED(GNUTLS_E_ASN1_EMBEDDED_NULL_IN_STRING, PARSE, 0, malformed),
};

static unsigned int
alert_of(const struct error_row *row)
{
	if (row->alert != 0)
		return row->alert;
	return row->kind == TLS_END_HANDSHAKE ? reason_info(row->reason)->alert : 0;
}

/* A code that is not in the table: the peer did something that TLS does not allow. */
static struct tls_end
breach(int rc, bool handshaken)
{
	int level;
	int alert = gnutls_error_to_alert(rc, &level);

	return (struct tls_end){
	    .kind = handshaken ? TLS_END_RECORD : TLS_END_HANDSHAKE,
	    .handshaken = handshaken,
	    .reason = REASON_PROTOCOL,
	    .alert_sent = alert > 0 ? (unsigned int)alert : GNUTLS_A_INTERNAL_ERROR,
	    .detail = gnutls_strerror(rc),
	};
}

struct tls_end
handshake_error_end(int rc, bool handshaken, unsigned int alert_received)
{
	if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED || alert_received != 0) {
		const char *name =
		    gnutls_alert_get_name((gnutls_alert_description_t)alert_received);

		return (struct tls_end){
		    .kind = TLS_END_ALERT,
		    .handshaken = handshaken,
		    .reason = REASON_PEER_REFUSED_US,
		    .alert_received = alert_received,
		    .detail = name != NULL ? name : "an alert that is not known",
		};
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].rc != rc)
			continue;
		return (struct tls_end){
		    .kind = rows[i].kind,
		    .handshaken = handshaken,
		    .reason = rows[i].reason,
		    .alert_sent = alert_of(&rows[i]),
		    .detail = rows[i].detail,
		};
	}
	return breach(rc, handshaken);
}

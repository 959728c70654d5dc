/* SPDX-License-Identifier: Apache-2.0
 *
 * Credentials and sessions of GnuTLS.
 */
#include "common/tls/credentials.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "common/base/alloc.h"
#include "common/base/cursor.h"
#include "common/tls/remote_key.h"

/* The key shares are two small ones on purpose: a larger list makes the dialling side
 * compute an FFDHE share, 97 ms a handshake. */
static const char priorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:"
    "-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1";

enum {
	EXTENSION_ALPN = 16,
	EXTENSION_SUPPORTED_VERSIONS = 43,
	VERSION_TLS13 = 0x0304,
	PROTOCOLS_MAX = 4,
};

struct tls_credentials {
	unsigned int refs;
	gnutls_certificate_credentials_t gnutls;
	gnutls_priority_t priority;
};

/* Fills pcerts from the chain; the number filled, all of them or fewer. */
static unsigned int
import_chain(const struct bytes *chain, size_t count, gnutls_pcert_st *pcerts)
{
	for (unsigned int i = 0; i < count; i++) {
		const gnutls_datum_t der = {(unsigned char *)(uintptr_t)chain[i].data,
		    (unsigned int)chain[i].len};

		if (gnutls_pcert_import_x509_raw(&pcerts[i], &der, GNUTLS_X509_FMT_DER, 0) < 0)
			return i;
	}
	return (unsigned int)count;
}

/* Gives the elements of the chain and its key to the credentials, which take both over only
 * on success. */
static enum status
set_chain(struct tls_credentials *credentials, gnutls_pcert_st *pcerts, unsigned int count,
    remote_key_sign_fn *sign, void *arg)
{
	unsigned int bits = 0;
	int pk = gnutls_pubkey_get_pk_algorithm(pcerts[0].pubkey, &bits);
	unsigned int usage = 0;
	gnutls_privkey_t key;
	enum status status;

	/* the library would stop each handshake as if the peer were to blame */
	if (pk < 0 || (gnutls_pubkey_get_key_usage(pcerts[0].pubkey, &usage) == 0 &&
			  usage != 0 && (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) == 0))
		return STATUS_INVALID;
	status = remote_key_new((gnutls_pk_algorithm_t)pk, bits, sign, arg, &key);
	if (status != STATUS_OK)
		return status;
	/* `key` has matched the two; to ask again here would cost a signature */
	gnutls_certificate_set_flags(credentials->gnutls,
	    GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
	if (gnutls_certificate_set_key(credentials->gnutls, NULL, 0, pcerts, (int)count, key) <
	    0) {
		gnutls_privkey_deinit(key);
		return STATUS_INVALID;
	}
	return STATUS_OK;
}

enum status
tls_credentials_new(const struct bytes *chain, size_t count, remote_key_sign_fn *sign,
    void *arg, struct tls_credentials **ret_credentials)
{
	struct tls_credentials *credentials;
	enum status status = STATUS_INVALID;
	gnutls_pcert_st pcerts[TLS_CHAIN_MAX];
	unsigned int imported;

	if (count < 1 || count > TLS_CHAIN_MAX)
		return STATUS_INVALID;
	credentials = NEW(struct tls_credentials);
	credentials->refs = 1;
	if (gnutls_certificate_allocate_credentials(&credentials->gnutls) < 0 ||
	    gnutls_priority_init(&credentials->priority, priorities, NULL) < 0)
		abort();
	imported = import_chain(chain, count, pcerts);
	if (imported == count)
		status = set_chain(credentials, pcerts, imported, sign, arg);
	if (status != STATUS_OK) {
		for (unsigned int i = 0; i < imported; i++)
			gnutls_pcert_deinit(&pcerts[i]);
		tls_credentials_unref(credentials);
		return status;
	}
	*ret_credentials = credentials;
	return STATUS_OK;
}

struct tls_credentials *
tls_credentials_ref(struct tls_credentials *credentials)
{
	credentials->refs++;
	return credentials;
}

void
tls_credentials_unref(struct tls_credentials *credentials)
{
	if (credentials == NULL || --credentials->refs > 0)
		return;
	gnutls_certificate_free_credentials(credentials->gnutls);
	gnutls_priority_deinit(credentials->priority);
	free(credentials);
}

struct hello_seen {
	bool tls13;
	bool alpn;
};

static int
see_extension(void *arg, unsigned int type, const unsigned char *data, unsigned int size)
{
	struct cursor cursor = cursor_of(bytes_of(data, size));
	struct hello_seen *seen = arg;

	if (type == EXTENSION_ALPN)
		seen->alpn = true;
	if (type != EXTENSION_SUPPORTED_VERSIONS)
		return 0;
	cursor_u8(&cursor);
	while (cursor.left >= 2) {
		unsigned int version = (unsigned int)cursor_u8(&cursor) << 8;

		version |= cursor_u8(&cursor);
		if (version == VERSION_TLS13)
			seen->tls13 = true;
	}
	return 0;
}

/* Refuses a ClientHello that the library would refuse with a worse reason, or not at all:
 * one without TLS 1.3 (it says "no cipher suites") and one without ALPN. */
static int
judge_client_hello(gnutls_session_t session, unsigned int type, unsigned int when,
    unsigned int incoming, const gnutls_datum_t *message)
{
	struct hello_seen seen = {false, false};
	int rc;

	if (incoming == 0)
		return 0;
	rc = gnutls_ext_raw_parse(&seen, see_extension, message,
	    GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO);
	if (rc < 0 && rc != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return rc;
	if (!seen.tls13)
		return GNUTLS_E_UNSUPPORTED_VERSION_PACKET;
	return seen.alpn ? 0 : GNUTLS_E_NO_APPLICATION_PROTOCOL;
}

static int
session_set_up(gnutls_session_t session, const struct tls_credentials *credentials, bool dials,
    const gnutls_datum_t *protocols, unsigned int protocol_count)
{
	int rc = gnutls_priority_set(session, credentials->priority);

	if (rc < 0)
		return rc;
	rc = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials->gnutls);
	if (rc < 0)
		return rc;
	rc = gnutls_alpn_set_protocols(session, protocols, protocol_count,
	    GNUTLS_ALPN_MANDATORY);
	if (rc < 0)
		return rc;
	gnutls_handshake_set_max_packet_length(session, TLS_HANDSHAKE_MESSAGE_MAX);
	if (dials)
		return 0;
	/* who shows none is refused after the handshake, where the reason can be told */
	gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
	gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_CLIENT_HELLO,
	    GNUTLS_HOOK_PRE, judge_client_hello);
	return 0;
}

enum status
tls_credentials_session(const struct tls_credentials *credentials, bool dials,
    const char *const *protocols, size_t protocol_count,
    struct gnutls_session_int **ret_session)
{
	unsigned int flags = GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS |
			     (dials ? GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT : GNUTLS_SERVER);
	gnutls_datum_t names[PROTOCOLS_MAX];
	gnutls_session_t session;

	assert(protocol_count >= 1 && protocol_count <= PROTOCOLS_MAX);
	for (size_t i = 0; i < protocol_count; i++) {
		names[i].data = (unsigned char *)(uintptr_t)protocols[i];
		names[i].size = (unsigned int)strlen(protocols[i]);
	}
	if (gnutls_init(&session, flags) < 0)
		return STATUS_INTERNAL;
	if (session_set_up(session, credentials, dials, names, (unsigned int)protocol_count) <
	    0) {
		gnutls_deinit(session);
		return STATUS_INTERNAL;
	}
	*ret_session = session;
	return STATUS_OK;
}

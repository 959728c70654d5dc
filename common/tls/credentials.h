/* SPDX-License-Identifier: Apache-2.0
 *
 * What this appliance shows of itself on its links, and the rules of TLS that are the same
 * for all of them: TLS 1.3, X25519 and P-256, no tickets, no resumption.  Immutable and
 * counted: a session keeps the credentials it began with, new ones take the new.
 */
#ifndef PORTCULLIS_TLS_CREDENTIALS_H
#define PORTCULLIS_TLS_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

struct gnutls_session_int;
struct tls_credentials;

enum {
	TLS_HANDSHAKE_MESSAGE_MAX = 128 << 10,
	TLS_CHAIN_MAX = 10,
};

/* The certificate chain, leaf first, DER; the signatures of its key are made by sign(arg)
 * (remote_key.h), which must last as long as the credentials.  STATUS_INVALID: no chain that
 * could be shown, or its leaf may not sign. */
enum status tls_credentials_new(const struct bytes *chain, size_t count,
    enum status (*sign)(void *arg, uint16_t scheme, struct bytes digest, struct buf *signature),
    void *arg, struct tls_credentials **ret_credentials) MUST_USE;

struct tls_credentials *tls_credentials_ref(struct tls_credentials *credentials);
void tls_credentials_unref(struct tls_credentials *credentials);

/* A session of the library with these credentials and all the rules set; dials: a client.
 * The protocols are the ALPN names offered or accepted, at least one.  Freed with
 * gnutls_deinit, before the credentials. */
enum status tls_credentials_session(const struct tls_credentials *credentials, bool dials,
    const char *const *protocols, size_t protocol_count,
    struct gnutls_session_int **ret_session) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A private key that is somewhere else: what GnuTLS takes for a key of ours asks a function
 * of the caller for each signature (DESIGN: `link` has no key, `key` has no network).
 * Signing is synchronous; a callback that says "again" breaks the handshake.
 */
#ifndef PORTCULLIS_TLS_REMOTE_KEY_H
#define PORTCULLIS_TLS_REMOTE_KEY_H

#include <stdint.h>

#include <gnutls/abstract.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

/* Appends the signature over a digest; scheme is the TLS SignatureScheme (RFC 8446 section
 * 4.2.3), and says what the digest is of. */
typedef enum status remote_key_sign_fn(void *arg, uint16_t scheme, struct bytes digest,
    struct buf *signature);

/* A key of this kind and size that signs by sign(arg).  Both must outlive it.  Freed with
 * gnutls_privkey_deinit, or by the credentials it is given to. */
enum status remote_key_new(gnutls_pk_algorithm_t pk, unsigned int bits,
    remote_key_sign_fn *sign, void *arg, gnutls_privkey_t *ret_key) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * One private key and what is done with it: sign the digest of a TLS 1.3 handshake.  The
 * only code that ever holds a private key of an appliance; it runs in the `key` role
 * alone.  Two back ends: libcrypto (RSA five times faster) or GnuTLS (-Dlibcrypto=disabled).
 */
#ifndef PORTCULLIS_KEY_SIGNER_H
#define PORTCULLIS_KEY_SIGNER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/pki/reason.h"

/* TLS SignatureScheme code points that are signed (RFC 8446 section 4.2.3); no others. */
enum signer_scheme {
	SIGNER_ECDSA_SECP256R1_SHA256 = 0x0403,
	SIGNER_RSA_PSS_RSAE_SHA256 = 0x0804,
	SIGNER_RSA_PSS_RSAE_SHA384 = 0x0805,
	SIGNER_RSA_PSS_RSAE_SHA512 = 0x0806,
};

enum signer_kind {
	SIGNER_RSA,
	SIGNER_P256,
};

enum {
	SIGNER_SIGNATURE_MAX = 1024, /* RSA of 8192 bits */
	SIGNER_PEM_MAX = 65536,
	SIGNER_SPKI_MAX = 4096,
};

struct signer;

/* Prepares the process: memory for keys that is locked and not dumped, as far as the
 * system allows.  Once, before the first key and before the sandbox. */
enum status signer_prepare_process(void) MUST_USE;

/* Reads a private key in PEM: PKCS#1, SEC 1, PKCS#8, encrypted or not.  passphrase may be
 * empty.  STATUS_INVALID: *reterr_reason is PASSPHRASE (encrypted, and the passphrase is
 * missing or wrong), PARSE (not a private key) or PROFILE_KEY (a kind or size that is not
 * used here: RSA of at least 2048 bits and P-256 are). */
enum status signer_load(struct bytes pem, struct bytes passphrase, struct signer **ret_signer,
    enum reason *reterr_reason) MUST_USE;

/* Makes a new key: RSA of bits (2048 to 4096), or P-256 (bits is not looked at). */
enum status signer_generate(enum signer_kind kind, unsigned int bits,
    struct signer **ret_signer) MUST_USE;

void signer_free(struct signer *signer);

enum signer_kind signer_kind(const struct signer *signer);

/* Appends the public key as SubjectPublicKeyInfo (DER), to compare with a certificate's. */
enum status signer_public(const struct signer *signer, struct buf *out) MUST_USE;

/* Appends the private key as PEM PKCS#8, unencrypted: for the file in identity/. */
enum status signer_private_pem(const struct signer *signer, struct buf *out) MUST_USE;

/* Appends the signature over a digest of the scheme's hash.  STATUS_DENIED: the scheme is
 * not one for this key, or the digest is not of its length. */
enum status signer_sign(const struct signer *signer, uint16_t scheme, struct bytes digest,
    struct buf *out) MUST_USE;

/* Length of the digest a scheme signs; 0 for a scheme that is not signed. */
size_t signer_digest_len(uint16_t scheme);

/* Is this a scheme that a key of this kind signs? */
bool signer_scheme_fits(enum signer_kind kind, uint16_t scheme);

#endif

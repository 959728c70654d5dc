/* SPDX-License-Identifier: Apache-2.0
 *
 * What certificates and CRLs share: times, extensions, the signature around a to-be-signed
 * part, and damage done after signing.
 */
#ifndef PORTCULLIS_PKI_TEST_SIGNED_WRITE_H
#define PORTCULLIS_PKI_TEST_SIGNED_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "pki-test/key.h"
#include "pki-test/settings.h"

enum {
	SIGNED_MAX = 512 * 1024 * 1024, /* octets of a certificate or CRL that we make */
	SIGNED_CONTENT_MAX = 128 * 1024,
};

/* Appends the Time of a setting in the form that another setting asks for. */
void signed_put_time(struct settings *settings, size_t time_key, size_t form_key, int64_t now_s,
    struct buf *out);

/* Begins an Extension up to the inside of its extnValue; signed_close_extension ends it. */
struct signed_extension {
	size_t whole, value;
};
struct signed_extension signed_open_extension(struct buf *out, const char *oid, bool critical);
void signed_close_extension(struct buf *out, struct signed_extension extension);

/* An extension nobody knows, of so many octets. */
void signed_put_private_extension(struct buf *out, const char *oid, bool critical,
    size_t octets);

/* authorityKeyIdentifier of the signer: "auto", "absent" or "wrong" by the setting. */
void signed_put_aki(struct settings *settings, size_t key, const struct key *signer,
    struct buf *out);

/* How something is signed: setting numbers, because certificates and CRLs have the same
 * ones under different numbers. */
struct signed_keys {
	size_t hash, pss, inner_hash, bad_signature, mangle;
};

/* Appends the signature AlgorithmIdentifier that belongs inside the signed part. */
void signed_put_inner_algorithm(struct settings *settings, const struct signed_keys *keys,
    const struct key *signer, struct buf *out);

/* Appends tbs, algorithm and signature in a SEQUENCE, damaged as the settings say. */
void signed_write(struct settings *settings, const struct signed_keys *keys,
    const struct key *signer, struct bytes tbs, struct buf *out);

#endif

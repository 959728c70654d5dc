/* SPDX-License-Identifier: Apache-2.0
 *
 * PKCS#12 files (.p12, .pfx): a key, its certificate and the certificates with it, behind
 * one passphrase.  GnuTLS does the cryptography; no GnuTLS type leaves here.
 */
#ifndef PORTCULLIS_PKI_PKCS12_FILE_H
#define PORTCULLIS_PKI_PKCS12_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/pki/key_file.h"

enum {
	PKCS12_FILE_LEN_MAX = 1 << 20,
	PKCS12_CERT_MAX = 64,
};

struct pkcs12_file {
	struct key_file *key;                /* NULL: none in it */
	struct bytes certs[PKCS12_CERT_MAX]; /* DER, ours: the key's own first */
	size_t cert_count;
};

/* True for the outer shape of a PKCS#12 file. */
bool pkcs12_file_looks(struct bytes der);

/* Reads a file.  passphrase may be NULL: then none and the empty one are tried.
 * STATUS_DENIED: missing or wrong; STATUS_INVALID, STATUS_LIMIT, STATUS_UNSUPPORTED. */
enum status pkcs12_file_read(struct bytes der, const char *passphrase,
    struct pkcs12_file *ret_file, char reterr_text[KEY_FILE_ERROR_SIZE]) MUST_USE;
void pkcs12_file_done(struct pkcs12_file *file);

#endif

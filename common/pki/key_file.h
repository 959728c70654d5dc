/* SPDX-License-Identifier: Apache-2.0
 *
 * Private keys as they come in files: PKCS#1, SEC 1, PKCS#8 plain and encrypted, and
 * OpenSSL's own encrypted PEM.  GnuTLS does the cryptography; no GnuTLS type leaves here.
 * Used where a key is checked, converted or installed; never for a peer's data.  Key bytes
 * are wiped before their memory is given back.
 */
#ifndef PORTCULLIS_PKI_KEY_FILE_H
#define PORTCULLIS_PKI_KEY_FILE_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/pki/pem.h"
#include "common/pki/pubkey.h"

enum key_form {
	KEY_FORM_PKCS1,           /* RSA PRIVATE KEY */
	KEY_FORM_SEC1,            /* EC PRIVATE KEY */
	KEY_FORM_PKCS8,           /* PRIVATE KEY */
	KEY_FORM_PKCS8_ENCRYPTED, /* ENCRYPTED PRIVATE KEY */
	KEY_FORM_OPENSSL,         /* any of the first two with Proc-Type: 4,ENCRYPTED */
};

enum {
	KEY_FILE_LEN_MAX = 64 * 1024,
	KEY_FILE_ERROR_SIZE = 160,
};

struct key_file;

/* The form of an item of a file (PEM by its label, DER by its shape); false where it is no
 * private key. */
bool key_form_of(const struct pem_item *item, enum key_form *ret_form);

/* "PKCS#8, encrypted", and whether a passphrase is needed. */
const char *key_form_text(enum key_form form);
bool key_form_encrypted(enum key_form form);

/* Reads the key of an item for which key_form_of is true.  passphrase may be NULL.
 * STATUS_DENIED: it is missing or wrong (REASON_PASSPHRASE); STATUS_INVALID: malformed;
 * STATUS_UNSUPPORTED: a kind of key or of encryption that GnuTLS does not know.
 * reterr_text says more, for people. */
enum status key_file_read_item(const struct pem_item *item, const char *passphrase,
    struct key_file **ret_key, char reterr_text[KEY_FILE_ERROR_SIZE]) MUST_USE;

/* Reads the first private key of a file.  STATUS_NOT_FOUND: there is none in it. */
enum status key_file_read(struct bytes file, const char *passphrase, struct key_file **ret_key,
    char reterr_text[KEY_FILE_ERROR_SIZE]) MUST_USE;

void key_file_free(struct key_file *key);

enum key_form key_file_form(const struct key_file *key);

/* The public half; lives as long as the key. */
const struct pubkey *key_file_pubkey(const struct key_file *key);

/* Whether the numbers of the key belong together (what `openssl rsa -check` does). */
bool key_file_sound(const struct key_file *key);

/* Whether this is the private key of a SubjectPublicKeyInfo: shown by signing with the one
 * and checking with the other. */
bool key_file_matches(const struct key_file *key, struct bytes spki);

/* Appends the key as PEM.  KEY_FORM_PKCS8_ENCRYPTED needs a passphrase (PBES2, AES-256);
 * KEY_FORM_PKCS1 an RSA key, KEY_FORM_SEC1 an EC key (else STATUS_UNSUPPORTED); the others
 * of the forms are not written.  The caller wipes the buffer (key_file_wipe). */
enum status key_file_write(const struct key_file *key, enum key_form form,
    const char *passphrase, struct buf *out) MUST_USE;

/* Appends the key as PKCS#8 in DER, for whoever signs with another library. */
enum status key_file_pkcs8(const struct key_file *key, struct buf *out) MUST_USE;

/* Overwrites and frees a buffer that held a key. */
void key_file_wipe(struct buf *buf);

#endif

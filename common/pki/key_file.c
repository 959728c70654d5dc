/* SPDX-License-Identifier: Apache-2.0
 *
 * Private keys in files, by GnuTLS.
 */
#include "common/pki/key_file.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/pki/der.h"
#include "common/pki/key_file_gnutls.h"

struct key_file {
	gnutls_x509_privkey_t gnutls;
	enum key_form form;
	struct buf spki;
	struct pubkey pubkey; /* views into spki */
};

enum {
	KEY_SPKI_MAX = 8192,
};

static const struct key_form_row {
	const char *label; /* of PEM */
	const char *text;
	bool encrypted;
} key_forms[] = {
    [KEY_FORM_PKCS1] = {"RSA PRIVATE KEY", "PKCS#1", false},
    [KEY_FORM_SEC1] = {"EC PRIVATE KEY", "SEC 1", false},
    [KEY_FORM_PKCS8] = {"PRIVATE KEY", "PKCS#8", false},
    [KEY_FORM_PKCS8_ENCRYPTED] = {"ENCRYPTED PRIVATE KEY", "PKCS#8, encrypted", true},
    [KEY_FORM_OPENSSL] = {NULL, "OpenSSL PEM, encrypted", true},
};

const char *
key_form_text(enum key_form form)
{
	return key_forms[form].text;
}

bool
key_form_encrypted(enum key_form form)
{
	return key_forms[form].encrypted;
}

static bool
key_form_of_der(struct bytes input, enum key_form *ret_form)
{
	struct der_fault fault;
	struct der outer = der_begin(input, &fault);
	struct der der = der_enter(&outer, DER_SEQUENCE);
	uint64_t version;

	if (der_next_is(&der, DER_SEQUENCE)) { /* EncryptedPrivateKeyInfo */
		der_whole(&der, DER_SEQUENCE);
		der_value(&der, DER_OCTET_STRING);
		der_end(&der);
		*ret_form = KEY_FORM_PKCS8_ENCRYPTED;
		return der_ok(&der);
	}
	version = der_u64(&der, DER_INTEGER, 1);
	if (der_next_is(&der, DER_SEQUENCE)) {
		der_whole(&der, DER_SEQUENCE);
		*ret_form = KEY_FORM_PKCS8;
		return der_next_is(&der, DER_OCTET_STRING);
	}
	*ret_form = version == 1 ? KEY_FORM_SEC1 : KEY_FORM_PKCS1;
	return der_next_is(&der, version == 1 ? DER_OCTET_STRING : DER_INTEGER);
}

bool
key_form_of(const struct pem_item *item, enum key_form *ret_form)
{
	if (item->label.len == 0)
		return key_form_of_der(item->der, ret_form);
	for (size_t i = 0; i < KEY_FORM_OPENSSL; i++) {
		if (!bytes_equal_text(item->label, key_forms[i].label))
			continue;
		*ret_form = item->headers.len > 0 && memmem(item->headers.data,
							 item->headers.len, "ENCRYPTED", 9)
				? KEY_FORM_OPENSSL
				: (enum key_form)i;
		return true;
	}
	return false;
}

enum status
key_file_status(int gnutls_code)
{
	switch (gnutls_code) {
	case GNUTLS_E_SUCCESS:
		return STATUS_OK;
	case GNUTLS_E_DECRYPTION_FAILED:
	case GNUTLS_E_MAC_VERIFY_FAILED:
	case GNUTLS_E_INVALID_PASSWORD:
		return STATUS_DENIED;
	case GNUTLS_E_UNKNOWN_CIPHER_TYPE:
	case GNUTLS_E_UNKNOWN_PK_ALGORITHM:
	case GNUTLS_E_UNIMPLEMENTED_FEATURE:
	case GNUTLS_E_UNKNOWN_HASH_ALGORITHM:
	case GNUTLS_E_ECC_UNSUPPORTED_CURVE:
		return STATUS_UNSUPPORTED;
	default:
		return STATUS_INVALID;
	}
}

/* The PEM text of an encrypted key again, for GnuTLS reads OpenSSL's form only so. */
static int
key_file_import_openssl(gnutls_x509_privkey_t gnutls, const struct pem_item *item,
    const char *passphrase)
{
	struct buf body, text;
	gnutls_datum_t datum;
	const char *base64;
	int code;

	buf_init(&body, 2 * KEY_FILE_LEN_MAX);
	buf_init(&text, 4 * KEY_FILE_LEN_MAX);
	pem_write(&body, "X", item->der);
	base64 = strchr(buf_text(&body), '\n') + 1;
	buf_printf(&text, "-----BEGIN %.*s-----\n%.*s\n\n%.*s", (int)item->label.len,
	    (const char *)item->label.data, (int)item->headers.len,
	    (const char *)item->headers.data, (int)(strstr(base64, "-----END") - base64),
	    base64);
	buf_printf(&text, "-----END %.*s-----\n", (int)item->label.len,
	    (const char *)item->label.data);
	datum = (gnutls_datum_t){text.data, (unsigned int)text.len};
	code = buf_ok(&text) ? gnutls_x509_privkey_import_openssl(gnutls, &datum, passphrase)
			     : GNUTLS_E_BASE64_DECODING_ERROR;
	buf_done(&body);
	buf_done(&text);
	return code;
}

static int
key_file_import(gnutls_x509_privkey_t gnutls, enum key_form form, const struct pem_item *item,
    const char *passphrase)
{
	gnutls_datum_t der = {(unsigned char *)item->der.data, (unsigned int)item->der.len};

	switch (form) {
	case KEY_FORM_PKCS1:
	case KEY_FORM_SEC1:
		return gnutls_x509_privkey_import(gnutls, &der, GNUTLS_X509_FMT_DER);
	case KEY_FORM_PKCS8:
		return gnutls_x509_privkey_import_pkcs8(gnutls, &der, GNUTLS_X509_FMT_DER, NULL,
		    GNUTLS_PKCS_PLAIN);
	case KEY_FORM_PKCS8_ENCRYPTED:
		return gnutls_x509_privkey_import_pkcs8(gnutls, &der, GNUTLS_X509_FMT_DER,
		    passphrase, 0);
	case KEY_FORM_OPENSSL:
		return key_file_import_openssl(gnutls, item, passphrase);
	}
	return GNUTLS_E_INTERNAL_ERROR;
}

/* Fills the public half from the private one. */
static bool
key_file_set_pubkey(struct key_file *key)
{
	gnutls_datum_t spki = {NULL, 0};
	gnutls_privkey_t privkey = NULL;
	gnutls_pubkey_t pubkey = NULL;
	struct der_fault fault;
	struct der der;
	bool ok = false;

	if (gnutls_privkey_init(&privkey) < 0 || gnutls_pubkey_init(&pubkey) < 0 ||
	    gnutls_privkey_import_x509(privkey, key->gnutls, 0) < 0 ||
	    gnutls_pubkey_import_privkey(pubkey, privkey, 0, 0) < 0 ||
	    gnutls_pubkey_export2(pubkey, GNUTLS_X509_FMT_DER, &spki) < 0)
		goto out;
	buf_put(&key->spki, spki.data, spki.size);
	der = der_begin(buf_bytes(&key->spki), &fault);
	pubkey_read(&der, &key->pubkey);
	der_end(&der);
	ok = buf_ok(&key->spki) && der_ok(&der);
out:
	gnutls_free(spki.data);
	gnutls_pubkey_deinit(pubkey);
	gnutls_privkey_deinit(privkey);
	return ok;
}

struct key_file *
key_file_of_gnutls_take(struct gnutls_x509_privkey_int *gnutls, enum key_form form)
{
	struct key_file *key = NEW(struct key_file);

	key->gnutls = gnutls;
	key->form = form;
	buf_init(&key->spki, KEY_SPKI_MAX);
	if (key_file_set_pubkey(key))
		return key;
	key_file_free(key);
	return NULL;
}

/* What is said of a key that could not be read. */
static enum status
key_file_refuse(enum status status, bool encrypted, int gnutls_code,
    char reterr_text[KEY_FILE_ERROR_SIZE])
{
	/* a wrong passphrase may also leave garbage that happens to look padded */
	if (encrypted && status == STATUS_INVALID)
		status = STATUS_DENIED;
	if (status == STATUS_DENIED)
		snprintf(reterr_text, KEY_FILE_ERROR_SIZE,
		    "Passphrase does not match to the key");
	else if (status == STATUS_UNSUPPORTED)
		snprintf(reterr_text, KEY_FILE_ERROR_SIZE,
		    "a kind of key or of encryption that is not supported (%s)",
		    gnutls_strerror(gnutls_code));
	else
		snprintf(reterr_text, KEY_FILE_ERROR_SIZE, "the private key is malformed");
	return status;
}

enum status
key_file_read_item(const struct pem_item *item, const char *passphrase,
    struct key_file **ret_key, char reterr_text[KEY_FILE_ERROR_SIZE])
{
	gnutls_x509_privkey_t gnutls;
	struct key_file *key;
	enum key_form form;
	int code;

	if (!key_form_of(item, &form) || item->der.len > KEY_FILE_LEN_MAX)
		return key_file_refuse(STATUS_INVALID, false, 0, reterr_text);
	if (key_form_encrypted(form) && passphrase == NULL) {
		snprintf(reterr_text, KEY_FILE_ERROR_SIZE,
		    "the key is encrypted and no passphrase was given");
		return STATUS_DENIED;
	}
	code = gnutls_x509_privkey_init(&gnutls);
	if (code < 0)
		return STATUS_INTERNAL;
	code = key_file_import(gnutls, form, item, passphrase);
	if (code < 0) {
		gnutls_x509_privkey_deinit(gnutls);
		return key_file_refuse(key_file_status(code), key_form_encrypted(form), code,
		    reterr_text);
	}
	key = key_file_of_gnutls_take(gnutls, form);
	if (key == NULL)
		return key_file_refuse(STATUS_INVALID, false, 0, reterr_text);
	*ret_key = key;
	return STATUS_OK;
}

enum status
key_file_read(struct bytes file, const char *passphrase, struct key_file **ret_key,
    char reterr_text[KEY_FILE_ERROR_SIZE])
{
	struct pem_item item;
	enum key_form form;
	enum status status;
	struct pem pem;

	pem_init(&pem, file, KEY_FILE_LEN_MAX);
	while ((status = pem_next(&pem, &item)) == STATUS_OK && !key_form_of(&item, &form))
		;
	if (status == STATUS_OK) {
		status = key_file_read_item(&item, passphrase, ret_key, reterr_text);
	} else if (status == STATUS_END) {
		status = STATUS_NOT_FOUND;
		snprintf(reterr_text, KEY_FILE_ERROR_SIZE, "there is no private key in it");
	} else {
		snprintf(reterr_text, KEY_FILE_ERROR_SIZE, "%s", pem.error);
	}
	pem_done(&pem);
	return status;
}

void
key_file_free(struct key_file *key)
{
	if (key == NULL)
		return;
	gnutls_x509_privkey_deinit(key->gnutls); /* wipes the numbers */
	buf_done(&key->spki);
	free(key);
}

enum key_form
key_file_form(const struct key_file *key)
{
	return key->form;
}

const struct pubkey *
key_file_pubkey(const struct key_file *key)
{
	return &key->pubkey;
}

/* Signs a fixed text the way the public key would have it, and checks. */
static bool
key_file_proves(gnutls_privkey_t privkey, gnutls_pubkey_t pubkey)
{
	static unsigned char text[] = "portcullis: does this key belong to that certificate?";
	gnutls_datum_t data = {text, sizeof(text)}, signature = {NULL, 0};
	gnutls_digest_algorithm_t hash;
	gnutls_sign_algorithm_t sign;
	int pk = gnutls_pubkey_get_pk_algorithm(pubkey, NULL);
	bool ok;

	if (pk < 0 || gnutls_pubkey_get_preferred_hash_algorithm(pubkey, &hash, NULL) < 0)
		return false;
	sign = gnutls_pk_to_sign((gnutls_pk_algorithm_t)pk, hash);
	ok = sign != GNUTLS_SIGN_UNKNOWN &&
	     gnutls_privkey_sign_data2(privkey, sign, 0, &data, &signature) >= 0 &&
	     gnutls_pubkey_verify_data2(pubkey, sign, 0, &data, &signature) >= 0;
	gnutls_free(signature.data);
	return ok;
}

bool
key_file_matches(const struct key_file *key, struct bytes spki)
{
	gnutls_datum_t datum = {(unsigned char *)spki.data, (unsigned int)spki.len};
	gnutls_privkey_t privkey = NULL;
	gnutls_pubkey_t pubkey = NULL;
	bool matches;

	matches = gnutls_privkey_init(&privkey) >= 0 && gnutls_pubkey_init(&pubkey) >= 0 &&
		  gnutls_privkey_import_x509(privkey, key->gnutls, 0) >= 0 &&
		  gnutls_pubkey_import(pubkey, &datum, GNUTLS_X509_FMT_DER) >= 0 &&
		  key_file_proves(privkey, pubkey);
	gnutls_pubkey_deinit(pubkey);
	gnutls_privkey_deinit(privkey);
	return matches;
}

bool
key_file_sound(const struct key_file *key)
{
	/* GnuTLS does not look at the private exponent; a signature made with it shows it */
	return gnutls_x509_privkey_verify_params(key->gnutls) == GNUTLS_E_SUCCESS &&
	       key_file_matches(key, key->pubkey.spki);
}

/* Appends what GnuTLS exported, and wipes its copy. */
static enum status
key_file_take_export(int code, gnutls_datum_t *exported, struct buf *out)
{
	if (code < 0)
		return key_file_status(code);
	/* room at once: growing would leave pieces of the key in freed memory */
	if (buf_reserve(out, exported->size) != NULL)
		buf_put(out, exported->data, exported->size);
	gnutls_memset(exported->data, 0, exported->size);
	gnutls_free(exported->data);
	return buf_ok(out) ? STATUS_OK : STATUS_LIMIT;
}

enum status
key_file_write(const struct key_file *key, enum key_form form, const char *passphrase,
    struct buf *out)
{
	bool rsa = key->pubkey.kind == PUBKEY_RSA;
	bool ec = key->pubkey.kind >= PUBKEY_EC_P256 && key->pubkey.kind <= PUBKEY_EC_OTHER;
	gnutls_datum_t exported = {NULL, 0};
	int code;

	switch (form) {
	case KEY_FORM_PKCS1:
	case KEY_FORM_SEC1:
		if (form == KEY_FORM_PKCS1 ? !rsa : !ec)
			return STATUS_UNSUPPORTED;
		code = gnutls_x509_privkey_export2(key->gnutls, GNUTLS_X509_FMT_PEM, &exported);
		break;
	case KEY_FORM_PKCS8:
		code = gnutls_x509_privkey_export2_pkcs8(key->gnutls, GNUTLS_X509_FMT_PEM, NULL,
		    GNUTLS_PKCS_PLAIN, &exported);
		break;
	case KEY_FORM_PKCS8_ENCRYPTED:
		if (passphrase == NULL)
			return STATUS_INVALID;
		code = gnutls_x509_privkey_export2_pkcs8(key->gnutls, GNUTLS_X509_FMT_PEM,
		    passphrase, GNUTLS_PKCS_PBES2_AES_256, &exported);
		break;
	case KEY_FORM_OPENSSL:
	default:
		return STATUS_UNSUPPORTED;
	}
	return key_file_take_export(code, &exported, out);
}

enum status
key_file_pkcs8(const struct key_file *key, struct buf *out)
{
	gnutls_datum_t exported = {NULL, 0};
	int code = gnutls_x509_privkey_export2_pkcs8(key->gnutls, GNUTLS_X509_FMT_DER, NULL,
	    GNUTLS_PKCS_PLAIN, &exported);

	return key_file_take_export(code, &exported, out);
}

void
key_file_wipe(struct buf *buf)
{
	if (buf->data != NULL)
		explicit_bzero(buf->data, buf->cap);
	buf_done(buf);
}

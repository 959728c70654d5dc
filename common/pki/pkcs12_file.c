/* SPDX-License-Identifier: Apache-2.0
 *
 * PKCS#12 files, by GnuTLS.
 */
#include "common/pki/pkcs12_file.h"

#include <gnutls/pkcs12.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/pki/der.h"
#include "common/pki/key_file_gnutls.h"

/* What gnutls_pkcs12_simple_parse gives. */
struct pkcs12_parts {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t *chain, *extra;
	unsigned int chain_count, extra_count;
};

bool
pkcs12_file_looks(struct bytes input)
{
	struct der_fault fault;
	struct der outer = der_begin(input, &fault);
	struct der der = der_enter(&outer, DER_SEQUENCE);

	return der_u64(&der, DER_INTEGER, 3) == 3 && der_next_is(&der, DER_SEQUENCE);
}

static void
pkcs12_free_certs(gnutls_x509_crt_t *certs, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		gnutls_x509_crt_deinit(certs[i]);
	gnutls_free(certs);
}

/* Copies certificates out; false where there are too many or one can't be written. */
static bool
pkcs12_add_certs(struct pkcs12_file *file, const gnutls_x509_crt_t *certs, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		gnutls_datum_t der;

		if (file->cert_count == PKCS12_CERT_MAX ||
		    gnutls_x509_crt_export2(certs[i], GNUTLS_X509_FMT_DER, &der) < 0)
			return false;
		file->certs[file->cert_count++] =
		    bytes_of(alloc_copy(der.data, der.size), der.size);
		gnutls_free(der.data);
	}
	return true;
}

static enum status
pkcs12_refuse(enum status status, char reterr_text[KEY_FILE_ERROR_SIZE], const char *text)
{
	snprintf(reterr_text, KEY_FILE_ERROR_SIZE, "%s", text);
	return status;
}

/* Opens the bags, the seal checked first. */
static enum status
pkcs12_parse(gnutls_pkcs12_t pkcs12, const char *passphrase, struct pkcs12_parts *ret_parts,
    char reterr_text[KEY_FILE_ERROR_SIZE])
{
	const char *tried = passphrase;
	int code = gnutls_pkcs12_verify_mac(pkcs12, tried);
	enum status status;

	if (code == GNUTLS_E_MAC_VERIFY_FAILED && passphrase == NULL) {
		tried = ""; /* "no passphrase" is written in both ways */
		code = gnutls_pkcs12_verify_mac(pkcs12, tried);
	}
	if (code >= 0)
		code = gnutls_pkcs12_simple_parse(pkcs12, tried, &ret_parts->key,
		    &ret_parts->chain, &ret_parts->chain_count, &ret_parts->extra,
		    &ret_parts->extra_count, NULL, GNUTLS_PKCS12_SP_INCLUDE_SELF_SIGNED);
	if (code >= 0)
		return STATUS_OK;
	if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return pkcs12_refuse(STATUS_INVALID, reterr_text,
		    "there is no key with its certificate in the file");
	status = key_file_status(code);
	if (status == STATUS_DENIED)
		return pkcs12_refuse(status, reterr_text,
		    passphrase == NULL ? "the file is encrypted and no passphrase was given"
				       : "Passphrase does not match to the key");
	return pkcs12_refuse(status, reterr_text, gnutls_strerror(code));
}

/* Takes the parts apart into a file; the parts are freed whatever happens. */
static bool
pkcs12_collect(struct pkcs12_parts *parts, struct pkcs12_file *file)
{
	bool ok = true;

	if (parts->key != NULL) {
		file->key = key_file_of_gnutls_take(parts->key, KEY_FORM_PKCS8);
		ok = file->key != NULL;
	}
	ok = ok && pkcs12_add_certs(file, parts->chain, parts->chain_count) &&
	     pkcs12_add_certs(file, parts->extra, parts->extra_count);
	pkcs12_free_certs(parts->chain, parts->chain_count);
	pkcs12_free_certs(parts->extra, parts->extra_count);
	return ok;
}

enum status
pkcs12_file_read(struct bytes der, const char *passphrase, struct pkcs12_file *ret_file,
    char reterr_text[KEY_FILE_ERROR_SIZE])
{
	gnutls_datum_t datum = {(unsigned char *)der.data, (unsigned int)der.len};
	struct pkcs12_file file = {.key = NULL};
	struct pkcs12_parts parts = {.key = NULL};
	gnutls_pkcs12_t pkcs12;
	enum status status;

	if (der.len > PKCS12_FILE_LEN_MAX)
		return pkcs12_refuse(STATUS_LIMIT, reterr_text, "the file is too large");
	if (gnutls_pkcs12_init(&pkcs12) < 0)
		return pkcs12_refuse(STATUS_INTERNAL, reterr_text, "out of memory");
	if (gnutls_pkcs12_import(pkcs12, &datum, GNUTLS_X509_FMT_DER, 0) < 0)
		status = pkcs12_refuse(STATUS_INVALID, reterr_text, "malformed PKCS#12");
	else
		status = pkcs12_parse(pkcs12, passphrase, &parts, reterr_text);
	gnutls_pkcs12_deinit(pkcs12);
	if (status != STATUS_OK)
		return status;
	if (!pkcs12_collect(&parts, &file)) {
		pkcs12_file_done(&file);
		return pkcs12_refuse(STATUS_UNSUPPORTED, reterr_text,
		    "a key or certificates that are not supported");
	}
	*ret_file = file;
	return STATUS_OK;
}

void
pkcs12_file_done(struct pkcs12_file *file)
{
	key_file_free(file->key);
	for (size_t i = 0; i < file->cert_count; i++)
		free((void *)file->certs[i].data);
	*file = (struct pkcs12_file){.key = NULL};
}

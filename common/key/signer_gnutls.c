/* SPDX-License-Identifier: Apache-2.0
 *
 * The signer over GnuTLS, for builds without libcrypto.
 */
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/base/alloc.h"
#include "common/key/signer.h"

enum {
	RSA_BITS_LEAST = 2048,
	RSA_BITS_MOST = 8192,
};

struct signer {
	gnutls_x509_privkey_t x509;
	gnutls_privkey_t key;
	enum signer_kind kind;
};

enum status
signer_prepare_process(void)
{
	return mlockall(MCL_CURRENT | MCL_FUTURE) == 0 ? STATUS_OK : STATUS_DENIED;
}

static enum status
signer_take(gnutls_x509_privkey_t x509, struct signer **ret_signer)
{
	struct signer *signer = NEW(struct signer);
	gnutls_ecc_curve_t curve;
	unsigned int bits;
	int algorithm = gnutls_x509_privkey_get_pk_algorithm2(x509, &bits);
	bool rsa =
	    algorithm == GNUTLS_PK_RSA && bits >= RSA_BITS_LEAST && bits <= RSA_BITS_MOST;
	bool p256 = algorithm == GNUTLS_PK_ECDSA &&
		    gnutls_x509_privkey_export_ecc_raw(x509, &curve, NULL, NULL, NULL) == 0 &&
		    curve == GNUTLS_ECC_CURVE_SECP256R1;

	signer->kind = rsa ? SIGNER_RSA : SIGNER_P256;
	if (!(rsa || p256) || gnutls_privkey_init(&signer->key) != 0) {
		free(signer);
		return STATUS_INVALID;
	}
	if (gnutls_privkey_import_x509(signer->key, x509, 0) != 0) {
		gnutls_privkey_deinit(signer->key);
		free(signer);
		return STATUS_INVALID;
	}
	signer->x509 = x509;
	*ret_signer = signer;
	return STATUS_OK;
}

/* Reads the key; GNUTLS_E_DECRYPTION_FAILED where a passphrase is missing or wrong. */
static int
signer_import(gnutls_x509_privkey_t x509, struct bytes pem, struct bytes passphrase)
{
	gnutls_datum_t data = {(unsigned char *)(uintptr_t)pem.data, (unsigned int)pem.len};
	char *text =
	    passphrase.len > 0 ? alloc_text_copy(passphrase.data, passphrase.len) : NULL;
	int code = gnutls_x509_privkey_import2(x509, &data, GNUTLS_X509_FMT_PEM, text, 0);

	if (text != NULL) {
		gnutls_memset(text, 0, passphrase.len);
		free(text);
	}
	return code;
}

enum status
signer_load(struct bytes pem, struct bytes passphrase, struct signer **ret_signer,
    enum reason *reterr_reason)
{
	gnutls_x509_privkey_t x509;
	enum status status;
	int code;

	if (pem.len == 0 || pem.len > SIGNER_PEM_MAX) {
		*reterr_reason = REASON_PARSE;
		return STATUS_INVALID;
	}
	if (gnutls_x509_privkey_init(&x509) != 0)
		abort();
	code = signer_import(x509, pem, passphrase);
	if (code != 0) {
		gnutls_x509_privkey_deinit(x509);
		*reterr_reason =
		    code == GNUTLS_E_DECRYPTION_FAILED ? REASON_PASSPHRASE : REASON_PARSE;
		return STATUS_INVALID;
	}
	status = signer_take(x509, ret_signer);
	if (status != STATUS_OK) {
		gnutls_x509_privkey_deinit(x509);
		*reterr_reason = REASON_PROFILE_KEY;
	}
	return status;
}

enum status
signer_generate(enum signer_kind kind, unsigned int bits, struct signer **ret_signer)
{
	gnutls_x509_privkey_t x509;
	bool rsa = kind == SIGNER_RSA;
	enum status status = STATUS_IO;

	if (rsa && (bits < RSA_BITS_LEAST || bits > RSA_BITS_MOST))
		return STATUS_INVALID;
	if (!rsa)
		bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
	if (gnutls_x509_privkey_init(&x509) != 0)
		abort();
	if (gnutls_x509_privkey_generate(x509, rsa ? GNUTLS_PK_RSA : GNUTLS_PK_ECDSA, bits,
		0) == 0)
		status = signer_take(x509, ret_signer);
	if (status != STATUS_OK)
		gnutls_x509_privkey_deinit(x509);
	return status;
}

void
signer_free(struct signer *signer)
{
	if (signer == NULL)
		return;
	gnutls_privkey_deinit(signer->key);
	gnutls_x509_privkey_deinit(signer->x509);
	free(signer);
}

enum signer_kind
signer_kind(const struct signer *signer)
{
	return signer->kind;
}

enum status
signer_public(const struct signer *signer, struct buf *out)
{
	gnutls_pubkey_t public;
	gnutls_datum_t der = {NULL, 0};
	int code;

	if (gnutls_pubkey_init(&public) != 0)
		abort();
	code = gnutls_pubkey_import_privkey(public, signer->key, 0, 0);
	if (code == 0)
		code = gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &der);
	gnutls_pubkey_deinit(public);
	if (code != 0)
		return STATUS_IO;
	buf_put(out, der.data, der.size);
	gnutls_free(der.data);
	return buf_ok(out) ? STATUS_OK : STATUS_LIMIT;
}

enum status
signer_private_pem(const struct signer *signer, struct buf *out)
{
	gnutls_datum_t pem = {NULL, 0};

	if (gnutls_x509_privkey_export2_pkcs8(signer->x509, GNUTLS_X509_FMT_PEM, NULL,
		GNUTLS_PKCS_PLAIN, &pem) != 0)
		return STATUS_IO;
	buf_put(out, pem.data, pem.size);
	gnutls_memset(pem.data, 0, pem.size);
	gnutls_free(pem.data);
	return buf_ok(out) ? STATUS_OK : STATUS_LIMIT;
}

static gnutls_sign_algorithm_t
signer_algorithm(uint16_t scheme)
{
	switch (scheme) {
	case SIGNER_RSA_PSS_RSAE_SHA256:
		return GNUTLS_SIGN_RSA_PSS_RSAE_SHA256;
	case SIGNER_RSA_PSS_RSAE_SHA384:
		return GNUTLS_SIGN_RSA_PSS_RSAE_SHA384;
	case SIGNER_RSA_PSS_RSAE_SHA512:
		return GNUTLS_SIGN_RSA_PSS_RSAE_SHA512;
	default:
		return GNUTLS_SIGN_ECDSA_SECP256R1_SHA256;
	}
}

enum status
signer_sign(const struct signer *signer, uint16_t scheme, struct bytes digest, struct buf *out)
{
	gnutls_datum_t hash = {(unsigned char *)(uintptr_t)digest.data,
	    (unsigned int)digest.len};
	gnutls_datum_t signature = {NULL, 0};

	if (!signer_scheme_fits(signer->kind, scheme) ||
	    digest.len != signer_digest_len(scheme))
		return STATUS_DENIED;
	if (gnutls_privkey_sign_hash2(signer->key, signer_algorithm(scheme), 0, &hash,
		&signature) != 0)
		return STATUS_IO;
	buf_put(out, signature.data, signature.size);
	gnutls_free(signature.data);
	return buf_ok(out) ? STATUS_OK : STATUS_LIMIT;
}

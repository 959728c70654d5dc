/* SPDX-License-Identifier: Apache-2.0
 *
 * The signer over libcrypto.  Nothing else in the product links it.
 */
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/alloc.h"
#include "common/key/signer.h"

enum {
	SECURE_HEAP_SIZE = 1 << 18, /* locked memory; a few keys, old and new at once */
	SECURE_HEAP_LEAST = 64,
	RSA_BITS_LEAST = 2048,
	RSA_BITS_MOST = 8192,
};

struct signer {
	EVP_PKEY *key;
	enum signer_kind kind;
};

/* What the passphrase callback is given, and whether it was asked. */
struct passphrase {
	struct bytes text;
	bool asked;
};

enum status
signer_prepare_process(void)
{
	/* private parts of keys are allocated here (BN_secure_new): locked, not dumped,
	 * between guard pages.  2 means it is not locked, for want of RLIMIT_MEMLOCK. */
	switch (CRYPTO_secure_malloc_init(SECURE_HEAP_SIZE, SECURE_HEAP_LEAST)) {
	case 1:
		return STATUS_OK;
	case 2:
		return STATUS_DENIED;
	default:
		return STATUS_IO;
	}
}

static int
signer_give_passphrase(char *out, int size, int writing, void *arg)
{
	struct passphrase *passphrase = arg;

	passphrase->asked = true;
	if (passphrase->text.len == 0 || passphrase->text.len > (size_t)size)
		return -1;
	memcpy(out, passphrase->text.data, passphrase->text.len);
	return (int)passphrase->text.len;
}

/* Which kind of ours a key is; false for all others. */
static bool
signer_kind_of(EVP_PKEY *key, enum signer_kind *ret_kind)
{
	char group[64];
	size_t len;

	if (EVP_PKEY_is_a(key, "RSA")) {
		*ret_kind = SIGNER_RSA;
		return EVP_PKEY_get_bits(key) >= RSA_BITS_LEAST &&
		       EVP_PKEY_get_bits(key) <= RSA_BITS_MOST;
	}
	*ret_kind = SIGNER_P256;
	return EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_group_name(key, group, sizeof(group), &len) == 1 &&
	       strcmp(group, "prime256v1") == 0;
}

static struct signer *
signer_take(EVP_PKEY *key, enum signer_kind kind)
{
	struct signer *signer = NEW(struct signer);

	signer->key = key;
	signer->kind = kind;
	return signer;
}

enum status
signer_load(struct bytes pem, struct bytes passphrase, struct signer **ret_signer,
    enum reason *reterr_reason)
{
	struct passphrase given = {.text = passphrase};
	enum signer_kind kind;
	EVP_PKEY *key;
	BIO *bio;

	if (pem.len == 0 || pem.len > SIGNER_PEM_MAX) {
		*reterr_reason = REASON_PARSE;
		return STATUS_INVALID;
	}
	bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	if (bio == NULL)
		abort();
	key = PEM_read_bio_PrivateKey(bio, NULL, signer_give_passphrase, &given);
	BIO_free(bio);
	ERR_clear_error();
	if (key == NULL) {
		*reterr_reason = given.asked ? REASON_PASSPHRASE : REASON_PARSE;
		return STATUS_INVALID;
	}
	if (!signer_kind_of(key, &kind)) {
		EVP_PKEY_free(key);
		*reterr_reason = REASON_PROFILE_KEY;
		return STATUS_INVALID;
	}
	*ret_signer = signer_take(key, kind);
	return STATUS_OK;
}

enum status
signer_generate(enum signer_kind kind, unsigned int bits, struct signer **ret_signer)
{
	EVP_PKEY *key;

	if (kind == SIGNER_RSA && (bits < RSA_BITS_LEAST || bits > RSA_BITS_MOST))
		return STATUS_INVALID;
	key = kind == SIGNER_RSA ? EVP_RSA_gen(bits) : EVP_EC_gen("P-256");
	if (key == NULL) {
		ERR_clear_error();
		return STATUS_IO;
	}
	*ret_signer = signer_take(key, kind);
	return STATUS_OK;
}

void
signer_free(struct signer *signer)
{
	if (signer == NULL)
		return;
	EVP_PKEY_free(signer->key);
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
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(signer->key, &der);

	if (len <= 0) {
		ERR_clear_error();
		return STATUS_IO;
	}
	buf_put(out, der, (size_t)len);
	OPENSSL_free(der);
	return buf_ok(out) ? STATUS_OK : STATUS_LIMIT;
}

enum status
signer_private_pem(const struct signer *signer, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	enum status status = STATUS_IO;
	char *text;
	long len;

	if (bio == NULL)
		abort();
	if (PEM_write_bio_PKCS8PrivateKey(bio, signer->key, NULL, NULL, 0, NULL, NULL) == 1) {
		len = BIO_get_mem_data(bio, &text);
		buf_put(out, text, (size_t)len);
		status = buf_ok(out) ? STATUS_OK : STATUS_LIMIT;
	}
	ERR_clear_error();
	BIO_free(bio);
	return status;
}

static const EVP_MD *
signer_digest(uint16_t scheme)
{
	switch (signer_digest_len(scheme)) {
	case 48:
		return EVP_sha384();
	case 64:
		return EVP_sha512();
	default:
		return EVP_sha256();
	}
}

static bool
signer_set_padding(EVP_PKEY_CTX *context, enum signer_kind kind)
{
	/* RFC 8446 section 4.2.3: MGF1 with the same hash, salt as long as the digest */
	return kind != SIGNER_RSA ||
	       (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
		   EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1);
}

enum status
signer_sign(const struct signer *signer, uint16_t scheme, struct bytes digest, struct buf *out)
{
	EVP_PKEY_CTX *context;
	uint8_t signature[SIGNER_SIGNATURE_MAX];
	size_t len = sizeof(signature);
	bool done;

	if (!signer_scheme_fits(signer->kind, scheme) ||
	    digest.len != signer_digest_len(scheme))
		return STATUS_DENIED;
	context = EVP_PKEY_CTX_new(signer->key, NULL);
	if (context == NULL)
		abort();
	done = EVP_PKEY_sign_init(context) == 1 && signer_set_padding(context, signer->kind) &&
	       EVP_PKEY_CTX_set_signature_md(context, signer_digest(scheme)) == 1 &&
	       EVP_PKEY_sign(context, signature, &len, digest.data, digest.len) == 1;
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	if (!done)
		return STATUS_IO;
	buf_put(out, signature, len);
	return buf_ok(out) ? STATUS_OK : STATUS_LIMIT;
}

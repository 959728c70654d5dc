/* SPDX-License-Identifier: Apache-2.0
 *
 * The callbacks of gnutls_privkey_import_ext4.
 */
#include "common/tls/remote_key.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "common/base/alloc.h"

enum {
	SIGNATURE_MAX = 1024 /* RSA of 8192 bits */
};

struct remote_key {
	gnutls_pk_algorithm_t pk;
	unsigned int bits;
	remote_key_sign_fn *sign;
	void *arg;
};

/* The schemes of TLS 1.3 that our keys sign with; 0 for all others. */
static uint16_t
scheme_of(gnutls_pk_algorithm_t pk, gnutls_sign_algorithm_t algorithm)
{
	static const struct {
		gnutls_pk_algorithm_t pk;
		gnutls_sign_algorithm_t algorithm;
		uint16_t scheme;
	} schemes[] = {
	    {GNUTLS_PK_ECDSA, GNUTLS_SIGN_ECDSA_SECP256R1_SHA256, 0x0403},
	    {GNUTLS_PK_RSA, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, 0x0804},
	    {GNUTLS_PK_RSA, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, 0x0805},
	    {GNUTLS_PK_RSA, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, 0x0806},
	};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (schemes[i].pk == pk && schemes[i].algorithm == algorithm)
			return schemes[i].scheme;
	}
	return 0;
}

static int
remote_key_info(gnutls_privkey_t key, unsigned int flags, void *userdata)
{
	const struct remote_key *remote = userdata;

	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
		return (int)remote->pk;
	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
		return (int)remote->bits;
	if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO)
		return scheme_of(remote->pk, GNUTLS_FLAGS_TO_SIGN_ALGO(flags)) != 0;
	return -1;
}

static int
remote_key_sign(gnutls_privkey_t key, gnutls_sign_algorithm_t algorithm, void *userdata,
    unsigned int flags, const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
	const struct remote_key *remote = userdata;
	uint16_t scheme = scheme_of(remote->pk, algorithm);
	int rc = GNUTLS_E_PK_SIGN_FAILED;
	struct buf out;

	if (scheme == 0)
		return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
	buf_init(&out, SIGNATURE_MAX);
	if (remote->sign(remote->arg, scheme, bytes_of(hash->data, hash->size), &out) ==
		STATUS_OK &&
	    out.len > 0) {
		signature->data = gnutls_malloc(out.len);
		signature->size = (unsigned int)out.len;
		rc = signature->data == NULL ? GNUTLS_E_MEMORY_ERROR : 0;
		if (rc == 0)
			memcpy(signature->data, out.data, out.len);
	}
	buf_done(&out);
	return rc;
}

static void
remote_key_free(gnutls_privkey_t key, void *userdata)
{
	free(userdata);
}

enum status
remote_key_new(gnutls_pk_algorithm_t pk, unsigned int bits, remote_key_sign_fn *sign, void *arg,
    gnutls_privkey_t *ret_key)
{
	struct remote_key *remote;
	gnutls_privkey_t key;

	if (gnutls_privkey_init(&key) < 0)
		return STATUS_INTERNAL;
	remote = NEW(struct remote_key);
	*remote = (struct remote_key){pk, bits, sign, arg};
	if (gnutls_privkey_import_ext4(key, remote, NULL, remote_key_sign, NULL,
		remote_key_free, remote_key_info, 0) < 0) {
		free(remote);
		gnutls_privkey_deinit(key);
		return STATUS_INTERNAL;
	}
	*ret_key = key;
	return STATUS_OK;
}

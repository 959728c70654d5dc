/* SPDX-License-Identifier: Apache-2.0
 *
 * Two other validators behind one line protocol, for differential.py: GnuTLS and OpenSSL,
 * each called as its documents say.  It also signs what the mutations changed, so that a
 * mutant is judged for what it says and not for a broken signature.
 *
 *   key                          -> DER of a new P-256 key's SubjectPublicKeyInfo
 *   sign KEY TBS                 -> DER of the ECDSA-Sig-Value
 *   judge TIME USE ANCHORS CHAIN -> GNUTLS OPENSSL: "ok", or why not
 *
 * TIME is in seconds, USE server, client or any; ANCHORS and CHAIN are lists parted by
 * commas; KEY counts from 0; bytes are in base64.  Test-only: takes its input as it comes.
 */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/buf.h"
#include "common/base/text.h"

enum {
	REFERENCE_KEYS = 64,
	REFERENCE_CERTS = 32,
	REFERENCE_LINE = 4 << 20,
};

struct certs {
	struct buf der[REFERENCE_CERTS];
	size_t count;
};

static EVP_PKEY *keys[REFERENCE_KEYS];
static size_t key_count;
static time_t now;

static time_t
reference_clock(time_t *ret_time)
{
	if (ret_time != NULL)
		*ret_time = now;
	return now;
}

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "reference: %s\n", what);
	exit(2);
}

static void
decode(const char *text, struct buf *out)
{
	size_t offset;

	buf_init(out, REFERENCE_LINE);
	if (text == NULL || !text_parse_base64(bytes_of_text(text), out, &offset))
		die("bad base64");
}

static void
print_base64(struct bytes bytes)
{
	struct buf text;

	buf_init(&text, REFERENCE_LINE);
	text_base64(&text, bytes);
	printf("%s\n", buf_text(&text));
	buf_done(&text);
}

static void
certs_init(struct certs *certs, char *list)
{
	char *item;

	certs->count = 0;
	while ((item = strsep(&list, ",")) != NULL) {
		if (certs->count == REFERENCE_CERTS)
			die("too many certificates");
		decode(item, &certs->der[certs->count++]);
	}
}

static void
certs_done(struct certs *certs)
{
	for (size_t i = 0; i < certs->count; i++)
		buf_done(&certs->der[i]);
}

static void
run_key(void)
{
	unsigned char *der = NULL;
	int len;

	if (key_count == REFERENCE_KEYS)
		die("too many keys");
	keys[key_count] = EVP_EC_gen("P-256");
	len = keys[key_count] != NULL ? i2d_PUBKEY(keys[key_count], &der) : -1;
	if (len <= 0)
		die("no key");
	key_count++;
	print_base64(bytes_of(der, (size_t)len));
	OPENSSL_free(der);
}

static void
run_sign(const char *number, const char *tbs_text)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char signature[256];
	size_t len = sizeof(signature);
	struct buf tbs;
	uint64_t key;

	if (number == NULL || !text_parse_u64(number, 0, REFERENCE_KEYS - 1, &key) ||
	    key >= key_count)
		die("bad key");
	decode(tbs_text, &tbs);
	if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, keys[key]) != 1 ||
	    EVP_DigestSign(context, signature, &len, tbs.data, tbs.len) != 1)
		die("cannot sign");
	print_base64(bytes_of(signature, len));
	EVP_MD_CTX_free(context);
	buf_done(&tbs);
}

/* False, and nothing in the list, where one of them can't be read. */
static bool
gnutls_certs(const struct certs *certs, gnutls_x509_crt_t *ret_list)
{
	for (size_t i = 0; i < certs->count; i++) {
		gnutls_datum_t der = {certs->der[i].data, (unsigned int)certs->der[i].len};

		gnutls_x509_crt_init(&ret_list[i]);
		if (gnutls_x509_crt_import(ret_list[i], &der, GNUTLS_X509_FMT_DER) >= 0)
			continue;
		for (size_t k = 0; k <= i; k++)
			gnutls_x509_crt_deinit(ret_list[k]);
		return false;
	}
	return true;
}

static void
judge_gnutls(const struct certs *anchors, const struct certs *chain, const char *use)
{
	gnutls_x509_crt_t anchor_list[REFERENCE_CERTS], chain_list[REFERENCE_CERTS];
	gnutls_x509_trust_list_t trust;
	gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID};
	unsigned int status = 0;
	int code;

	purpose.data = (unsigned char *)(strcmp(use, "client") == 0 ? GNUTLS_KP_TLS_WWW_CLIENT
								    : GNUTLS_KP_TLS_WWW_SERVER);
	if (!gnutls_certs(chain, chain_list)) {
		fputs("parse", stdout);
		return;
	}
	gnutls_x509_trust_list_init(&trust, 0);
	if (gnutls_certs(anchors, anchor_list) &&
	    gnutls_x509_trust_list_add_cas(trust, anchor_list, (unsigned int)anchors->count,
		GNUTLS_TL_NO_DUPLICATES) < 0)
		die("cannot add anchors");
	code = gnutls_x509_trust_list_verify_crt2(trust, chain_list, (unsigned int)chain->count,
	    &purpose, strcmp(use, "any") == 0 ? 0 : 1, GNUTLS_VERIFY_ALLOW_UNSORTED_CHAIN,
	    &status, NULL);
	if (code < 0)
		printf("error%d", code);
	else if (status != 0)
		printf("%#x", status);
	else
		fputs("ok", stdout);
	for (size_t i = 0; i < chain->count; i++)
		gnutls_x509_crt_deinit(chain_list[i]);
	gnutls_x509_trust_list_deinit(trust, 1);
}

/* NULL where one of them can't be read. */
static STACK_OF(X509) * openssl_certs(const struct certs *certs)
{
	STACK_OF(X509) *list = sk_X509_new_null();

	for (size_t i = 0; i < certs->count; i++) {
		const unsigned char *at = certs->der[i].data;
		X509 *cert = d2i_X509(NULL, &at, (long)certs->der[i].len);

		if (cert == NULL || at != certs->der[i].data + certs->der[i].len) {
			X509_free(cert);
			sk_X509_pop_free(list, X509_free);
			return NULL;
		}
		sk_X509_push(list, cert);
	}
	return list;
}

static void
judge_openssl(const struct certs *anchors, const struct certs *chain, const char *use)
{
	STACK_OF(X509) *trusted = openssl_certs(anchors), *sent = openssl_certs(chain);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;

	if (trusted == NULL || sent == NULL) {
		fputs("parse", stdout);
		goto out;
	}
	for (int i = 0; i < sk_X509_num(trusted); i++)
		X509_STORE_add_cert(store, sk_X509_value(trusted, i));
	if (X509_STORE_CTX_init(context, store, sk_X509_value(sent, 0), sent) != 1)
		die("no context");
	param = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_time(param, now);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_auth_level(param, 1);
	if (strcmp(use, "any") != 0)
		X509_STORE_CTX_set_purpose(context, strcmp(use, "client") == 0
							? X509_PURPOSE_SSL_CLIENT
							: X509_PURPOSE_SSL_SERVER);
	if (X509_verify_cert(context) == 1)
		fputs("ok", stdout);
	else
		printf("%d", X509_STORE_CTX_get_error(context));
out:
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	sk_X509_pop_free(trusted, X509_free);
	sk_X509_pop_free(sent, X509_free);
}

static void
run_judge(const char *time_text, const char *use, char *anchor_text, char *chain_text)
{
	struct certs anchors, chain;
	uint64_t seconds;

	if (time_text == NULL || use == NULL || anchor_text == NULL || chain_text == NULL ||
	    !text_parse_u64(time_text, 0, INT32_MAX, &seconds))
		die("bad judge");
	now = (time_t)seconds;
	certs_init(&anchors, anchor_text);
	certs_init(&chain, chain_text);
	judge_gnutls(&anchors, &chain, use);
	fputc(' ', stdout);
	judge_openssl(&anchors, &chain, use);
	fputc('\n', stdout);
	certs_done(&anchors);
	certs_done(&chain);
}

int
main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	gnutls_global_set_time_function(reference_clock);
	while ((len = getline(&line, &size, stdin)) > 0) {
		char *at = line, *word;

		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		word = strsep(&at, " ");
		if (strcmp(word, "key") == 0) {
			run_key();
		} else if (strcmp(word, "sign") == 0) {
			char *key = strsep(&at, " ");

			run_sign(key, strsep(&at, " "));
		} else if (strcmp(word, "judge") == 0) {
			char *time_text = strsep(&at, " "), *use = strsep(&at, " ");
			char *anchors = strsep(&at, " ");

			run_judge(time_text, use, anchors, strsep(&at, " "));
		} else {
			die("what?");
		}
		fflush(stdout);
	}
	free(line);
	for (size_t i = 0; i < key_count; i++)
		EVP_PKEY_free(keys[i]);
	return 0;
}

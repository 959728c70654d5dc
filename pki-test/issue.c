/* SPDX-License-Identifier: Apache-2.0
 *
 * Issuing.  A recipe may need a CA that is not there yet, and that one another; the tables
 * of recipes have no cycles (a test walks them), so this ends.
 */
#include "pki-test/issue.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/text.h"
#include "pki-test/cert_write.h"
#include "pki-test/pem_write.h"
#include "pki-test/publish.h"
#include "pki-test/signed_write.h"

enum {
	SERIAL_SIZE = 16,
	CHAIN_MAX = 64,
	CN_MAX = 4000,
	REQUEST_TEXT_MAX = 2 * LAB_NAME_MAX,
};

enum status
issue_find_ca(struct lab *lab, const char *name, struct lab_entry **ret_ca)
{
	struct issue_request request = {.recipe = recipe_find(RECIPE_CA, name), .name = name};
	struct lab_entry *ca = lab_find(lab, name);
	enum status status;

	if (ca == NULL && request.recipe != NULL) {
		status = issue_certificate(lab, &request);
		if (status != STATUS_OK)
			return status;
		ca = lab_find(lab, name);
	}
	if (ca == NULL)
		return lab_fail(lab, STATUS_NOT_FOUND,
		    "no CA and no recipe of one is called %s", name);
	if (!ca->ca)
		return lab_fail(lab, STATUS_INVALID, "%s is not a CA", name);
	*ret_ca = ca;
	return STATUS_OK;
}

/* Puts so many further CAs below *ca, each the issuer of the next, and goes to the last. */
static enum status
issue_go_deep(struct lab *lab, uint64_t levels, struct lab_entry **ca)
{
	char name[REQUEST_TEXT_MAX], number[32], issuer[REQUEST_TEXT_MAX];
	const char *const set[] = {issuer};
	struct issue_request request = {
	    .recipe = recipe_find(RECIPE_CA, "deep-ca"),
	    .name = name,
	    .cn = number,
	    .set = set,
	    .set_count = 1,
	};
	struct lab_entry *top = *ca;
	enum status status;

	for (uint64_t level = 1; level <= levels; level++) {
		snprintf(name, sizeof(name), "%s-deep-%llu", top->name,
		    (unsigned long long)level);
		snprintf(number, sizeof(number), "Level %llu", (unsigned long long)level);
		snprintf(issuer, sizeof(issuer), "issuer=%s", (*ca)->name);
		if (lab_find(lab, name) == NULL) {
			status = issue_certificate(lab, &request);
			if (status != STATUS_OK)
				return status;
		}
		*ca = lab_find(lab, name);
	}
	return STATUS_OK;
}

/* The issuer of a new entry; the entry itself where it signs itself. */
static enum status
issue_find_issuer(struct lab *lab, struct settings *cert, struct lab_entry *entry,
    struct lab_entry **ret_issuer)
{
	const char *name = settings_text(cert, CERT_ISSUER);
	uint64_t levels = settings_number(cert, CERT_DEEP, CHAIN_MAX - 4);
	enum status status;

	*ret_issuer = entry;
	if (strcmp(name, "self") == 0)
		return STATUS_OK;
	status = issue_find_ca(lab, name, ret_issuer);
	return status == STATUS_OK ? issue_go_deep(lab, levels, ret_issuer) : status;
}

static enum status
issue_choose_key(struct lab *lab, struct settings *cert, struct lab_entry *entry)
{
	const char *kind = settings_text(cert, CERT_KEY);

	if (settings_has(cert, CERT_KEY_OF))
		return lab_share_key(lab, entry, settings_text(cert, CERT_KEY_OF));
	return lab_make_key(lab, entry, strcmp(kind, "auto") == 0 ? lab->key_kind : kind);
}

/* A serial number out of the seed: the same laboratory made again has the same ones. */
static void
issue_serial(const struct lab *lab, const struct lab_entry *entry,
    uint8_t ret_serial[static SERIAL_SIZE])
{
	uint8_t digest[32];
	char text[4 * LAB_NAME_MAX];

	snprintf(text, sizeof(text), "%.99s/%zu/%s", lab->seed, entry->number, entry->name);
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, text, strlen(text), digest) != 0)
		abort(); /* SHA-256 is always there */
	memcpy(ret_serial, digest, SERIAL_SIZE);
	/* positive, and no leading zero octet: the encoding is the number itself */
	ret_serial[0] = (uint8_t)(0x40 | (ret_serial[0] & 0x3f));
}

static void
issue_note_serial(struct settings *cert, struct bytes automatic, struct lab_entry *entry)
{
	const char *hex = settings_text(cert, CERT_SERIAL);
	size_t len = strlen(hex) / 2;
	uint8_t *room;

	if (hex[0] == '\0') {
		buf_put_bytes(&entry->serial, automatic);
		return;
	}
	room = buf_reserve(&entry->serial, len);
	if (room != NULL && text_parse_hex(hex, room, len))
		buf_claim(&entry->serial, len);
}

/* The CN as it is written, for people. */
static void
issue_note_cn(const struct settings *cert, const struct settings_names *names,
    struct lab_entry *entry)
{
	struct buf cn;

	buf_init(&cn, CN_MAX);
	if (settings_expand(bytes_of_text(settings_text(cert, CERT_CN)), names, &cn))
		text_escape(&entry->cn, buf_bytes(&cn));
	buf_done(&cn);
}

static enum status
issue_write(struct lab *lab, struct settings *cert, struct lab_entry *entry,
    struct lab_entry *issuer, const char *cn, struct buf *der)
{
	uint8_t serial[SERIAL_SIZE];
	struct cert_parties parties = {
	    .serial = bytes_of(serial, sizeof(serial)),
	    .issuer = issuer != entry ? buf_bytes(&issuer->subject) : bytes_of("", 0),
	    .names = {cn, lab->domain, lab->crl_url, issuer->name},
	    .now_s = lab->now_s,
	};
	enum status status = lab_key(lab, issuer, &parties.signer);

	if (status == STATUS_OK)
		status = lab_key(lab, entry, &parties.key);
	if (status != STATUS_OK)
		return status;
	issue_serial(lab, entry, serial);
	issue_note_serial(cert, parties.serial, entry);
	issue_note_cn(cert, &parties.names, entry);
	entry->not_after_s = settings_time(cert, CERT_NOT_AFTER, lab->now_s);
	status = cert_write(cert, &parties, der, &entry->subject);
	return status == STATUS_OK ? STATUS_OK
				   : lab_fail(lab, status, "%s", buf_text(&cert->error));
}

enum status
issue_chain(struct lab *lab, const struct lab_entry *entry, bool root, bool backwards,
    struct buf *out)
{
	const struct lab_entry *chain[CHAIN_MAX];
	size_t count = 0;
	enum status status = STATUS_OK;

	while (strcmp(entry->issuer, entry->name) != 0 && count < CHAIN_MAX) {
		entry = lab_find(lab, entry->issuer);
		if (entry == NULL)
			return lab_fail(lab, STATUS_CORRUPT, "an issuer is not in the index");
		if (root || strcmp(entry->issuer, entry->name) != 0)
			chain[count++] = entry;
	}
	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		const struct lab_entry *ca = chain[backwards ? count - 1 - i : i];

		status = lab_read(lab, lab_folder(ca), ca->name, ".crt", out);
	}
	return status;
}

static enum status
issue_write_files(struct lab *lab, struct settings *cert, const struct lab_entry *entry,
    struct bytes der)
{
	static const char *const words[] = {"full", "none", "backwards", "with-root", NULL};
	size_t word = settings_word(cert, CERT_CHAIN, words);
	struct buf pem, chain;
	enum status status;

	buf_init(&pem, LAB_FILE_MAX);
	buf_init(&chain, LAB_FILE_MAX);
	pem_write("CERTIFICATE", der, &pem);
	status = lab_write(lab, lab_folder(entry), entry->name, ".crt", buf_bytes(&pem));
	if (status == STATUS_OK && word != 1)
		status = issue_chain(lab, entry, word == 3, word == 2, &chain);
	if (status == STATUS_OK && chain.len > 0)
		status = lab_write(lab, lab_folder(entry), entry->name, ".chain.pem",
		    buf_bytes(&chain));
	buf_put_bytes(&pem, buf_bytes(&chain));
	if (status == STATUS_OK)
		status =
		    lab_write(lab, lab_folder(entry), entry->name, ".pem", buf_bytes(&pem));
	buf_done(&pem);
	buf_done(&chain);
	return status;
}

/* The CRLs that a new certificate changes: its own, and that of the issuer it is revoked
 * by. */
static enum status
issue_publish(struct lab *lab, struct settings *cert, struct lab_entry *entry,
    struct lab_entry *issuer)
{
	enum status status = STATUS_OK;

	if (settings_has(cert, CERT_REVOKE)) {
		status =
		    publish_revoke(lab, entry, settings_text(cert, CERT_REVOKE), lab->now_s);
		if (status == STATUS_OK && issuer->ca)
			status = publish_current(lab, issuer);
	}
	if (status == STATUS_OK && entry->ca)
		status = publish_current(lab, entry);
	return status;
}

static enum status
issue_with_settings(struct lab *lab, const struct issue_request *request, struct settings *cert)
{
	struct lab_entry *entry, *issuer;
	enum status status;
	struct buf der, cn;

	status = lab_add(lab, request->name, request->recipe->kind == RECIPE_CA, &entry);
	if (status != STATUS_OK)
		return status;
	entry->recipe = alloc_text(request->recipe->name);
	entry->reason = alloc_text("-");
	buf_init(&der, SIGNED_MAX);
	buf_init(&cn, CN_MAX);
	if (request->cn != NULL)
		buf_put_text(&cn, request->cn);
	else
		buf_printf(&cn, "%s.%s", request->name, lab->domain);
	status = issue_find_issuer(lab, cert, entry, &issuer);
	if (status == STATUS_OK) {
		entry->issuer = alloc_text(issuer->name);
		status = issue_choose_key(lab, cert, entry);
	}
	if (status == STATUS_OK)
		status = issue_write(lab, cert, entry, issuer, buf_text(&cn), &der);
	if (status == STATUS_OK)
		status = issue_write_files(lab, cert, entry, buf_bytes(&der));
	if (status == STATUS_OK)
		status = issue_publish(lab, cert, entry, issuer);
	buf_done(&der);
	buf_done(&cn);
	return status;
}

enum status
issue_certificate(struct lab *lab, const struct issue_request *request)
{
	struct settings cert;
	enum status status;

	recipe_settings(request->recipe, &cert);
	for (size_t i = 0; i < request->set_count; i++)
		settings_set(&cert, request->set[i]);
	status = settings_ok(&cert) ? issue_with_settings(lab, request, &cert) : STATUS_INVALID;
	if (!settings_ok(&cert))
		status = lab_fail(lab, STATUS_INVALID, "%s", buf_text(&cert.error));
	settings_done(&cert);
	return status;
}

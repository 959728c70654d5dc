/* SPDX-License-Identifier: Apache-2.0
 *
 * Identities, in memory and on disk.
 */
#include "common/key/identity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/base/text.h"
#include "common/pki/cert.h"
#include "common/pki/pem.h"

enum {
	NAME_SIZE = 64
};

void
identity_free(struct identity *identity)
{
	if (identity == NULL)
		return;
	for (size_t i = 0; i < identity->count; i++)
		free((void *)(uintptr_t)identity->chain[i].data);
	signer_free(identity->signer);
	free(identity);
}

static bool
identity_holds(const struct identity *identity, struct bytes der)
{
	for (size_t i = 0; i < identity->count; i++) {
		if (bytes_equal(identity->chain[i], der))
			return true;
	}
	return false;
}

/* Adds the certificates of a file, each once.  Private keys and the like are passed over:
 * a file may hold both. */
static enum reason
identity_add_file(struct identity *identity, struct bytes file, struct buf *reterr_text)
{
	enum reason reason = REASON_OK;
	struct pem_item item;
	struct pem pem;
	enum status status;

	pem_init(&pem, file, CERT_LEN_MAX);
	while ((status = pem_next(&pem, &item)) == STATUS_OK && reason == REASON_OK) {
		if ((item.label.len > 0 && !bytes_equal_text(item.label, "CERTIFICATE")) ||
		    identity_holds(identity, item.der))
			continue;
		if (identity->count == IDENTITY_CHAIN_MAX) {
			buf_printf(reterr_text, "more than %d certificates",
			    IDENTITY_CHAIN_MAX);
			reason = REASON_LIMITS;
			break;
		}
		identity->chain[identity->count++] =
		    bytes_of(alloc_copy(item.der.data, item.der.len), item.der.len);
	}
	if (status != STATUS_OK && status != STATUS_END) {
		buf_put_text(reterr_text, pem.error);
		reason = status == STATUS_LIMIT ? REASON_LIMITS : REASON_PARSE;
	}
	pem_done(&pem);
	return reason;
}

/* Does the key make the signatures that the leaf's public key verifies? */
static enum reason
identity_match(const struct identity *identity, struct buf *reterr_text)
{
	char error[CERT_ERROR_SIZE];
	enum reason reason = REASON_OK;
	struct cert *leaf;
	struct buf spki;

	if (cert_parse(identity->chain[0], &leaf, error) != STATUS_OK) {
		buf_put_text(reterr_text, error);
		return REASON_PARSE;
	}
	buf_init(&spki, SIGNER_SPKI_MAX);
	if (signer_public(identity->signer, &spki) != STATUS_OK ||
	    !bytes_equal(buf_bytes(&spki), leaf->key.spki)) {
		buf_put_text(reterr_text, "the key is not the one of the certificate");
		reason = REASON_KEY_MISMATCH;
	}
	buf_done(&spki);
	cert_free(leaf);
	return reason;
}

enum status
identity_join(struct bytes certificate, struct bytes chain, struct signer *signer,
    struct identity **ret_identity, enum reason *reterr_reason, struct buf *reterr_text)
{
	struct identity *identity = NEW(struct identity);
	enum reason reason = identity_add_file(identity, certificate, reterr_text);

	identity->signer = signer;
	if (reason == REASON_OK && chain.len > 0)
		reason = identity_add_file(identity, chain, reterr_text);
	if (reason == REASON_OK && identity->count == 0) {
		buf_put_text(reterr_text, "no certificate in the file");
		reason = REASON_PARSE;
	}
	if (reason == REASON_OK)
		reason = identity_match(identity, reterr_text);
	if (reason != REASON_OK) {
		identity->signer = NULL; /* stays the caller's */
		identity_free(identity);
		*reterr_reason = reason;
		return STATUS_INVALID;
	}
	*ret_identity = identity;
	return STATUS_OK;
}

enum status
identity_read(const struct identity_files *files, struct identity **ret_identity,
    enum reason *reterr_reason, struct buf *reterr_text)
{
	struct signer *signer;
	enum status status = signer_load(files->key, files->passphrase, &signer, reterr_reason);

	if (status != STATUS_OK) {
		buf_put_text(reterr_text, reason_info(*reterr_reason)->sentence);
		return status;
	}
	status = identity_join(files->certificate, files->chain, signer, ret_identity,
	    reterr_reason, reterr_text);
	if (status != STATUS_OK)
		signer_free(signer);
	return status;
}

/* "appliance.7.crt"; part is "crt" or "key". */
static const char *
identity_name(char name[static NAME_SIZE], const char *use, uint32_t generation,
    const char *part)
{
	snprintf(name, NAME_SIZE, "%s.%" PRIu32 ".%s", use, generation, part);
	return name;
}

/* The number in USE.current.  STATUS_NOT_FOUND where nothing was installed yet. */
static enum status
identity_read_current(int dir_fd, const char *use, uint32_t *ret_generation)
{
	char name[NAME_SIZE];
	struct buf text;
	uint64_t number;
	enum status status;

	snprintf(name, sizeof(name), "%s.current", use);
	buf_init(&text, 32);
	status = fileio_read(dir_fd, name, &text);
	if (status == STATUS_OK) {
		if (text_parse_u64(buf_text(&text), 1, UINT32_MAX, &number))
			*ret_generation = (uint32_t)number;
		else
			status = STATUS_CORRUPT;
	}
	buf_done(&text);
	return status;
}

enum status
identity_load(int dir_fd, const char *use, struct identity **ret_identity,
    struct buf *reterr_text)
{
	struct buf certificates, key;
	enum reason reason;
	uint32_t generation;
	char name[NAME_SIZE];
	enum status status = identity_read_current(dir_fd, use, &generation);

	if (status != STATUS_OK)
		return status;
	buf_init(&certificates, IDENTITY_FILE_MAX);
	buf_init(&key, SIGNER_PEM_MAX);
	status =
	    fileio_read(dir_fd, identity_name(name, use, generation, "crt"), &certificates);
	if (status == STATUS_OK)
		status = fileio_read(dir_fd, identity_name(name, use, generation, "key"), &key);
	if (status != STATUS_OK) {
		buf_printf(reterr_text, "%s: %s", name, status_text(status));
		status = STATUS_CORRUPT;
	} else if (identity_read(&(struct identity_files){.certificate =
							      buf_bytes(&certificates),
				     .key = buf_bytes(&key)},
		       ret_identity, &reason, reterr_text) != STATUS_OK) {
		status = STATUS_CORRUPT;
	} else {
		(*ret_identity)->generation = generation;
	}
	if (key.data != NULL)
		explicit_bzero(key.data, key.cap);
	buf_done(&key);
	buf_done(&certificates);
	return status;
}

static enum status
identity_write_files(int dir_fd, const char *use, const struct identity *identity,
    uint32_t generation)
{
	struct buf text;
	char name[NAME_SIZE];
	enum status status;

	buf_init(&text, IDENTITY_FILE_MAX);
	for (size_t i = 0; i < identity->count; i++)
		pem_write(&text, "CERTIFICATE", identity->chain[i]);
	status = !buf_ok(&text)
		     ? STATUS_LIMIT
		     : fileio_replace(dir_fd, identity_name(name, use, generation, "crt"), 0600,
			   text.data, text.len);
	buf_clear(&text);
	if (status == STATUS_OK)
		status = signer_private_pem(identity->signer, &text);
	if (status == STATUS_OK)
		status = fileio_replace(dir_fd, identity_name(name, use, generation, "key"),
		    0600, text.data, text.len);
	explicit_bzero(text.data, text.cap);
	buf_done(&text);
	return status;
}

static void
identity_remove_files(int dir_fd, const char *use, uint32_t generation)
{
	char name[NAME_SIZE];

	/* a file that stays is harmless, and is written over if its number comes again */
	(void)unlinkat(dir_fd, identity_name(name, use, generation, "key"), 0);
	(void)unlinkat(dir_fd, identity_name(name, use, generation, "crt"), 0);
}

enum status
identity_install(int dir_fd, const char *use, struct identity *identity)
{
	char name[NAME_SIZE], number[16];
	uint32_t old = 0, generation;
	enum status status = identity_read_current(dir_fd, use, &old);

	if (status != STATUS_OK && status != STATUS_NOT_FOUND && status != STATUS_CORRUPT)
		return status;
	if (old == UINT32_MAX)
		return STATUS_LIMIT;
	generation = old + 1;
	status = identity_write_files(dir_fd, use, identity, generation);
	snprintf(name, sizeof(name), "%s.current", use);
	snprintf(number, sizeof(number), "%" PRIu32, generation);
	if (status == STATUS_OK)
		status = fileio_replace(dir_fd, name, 0600, number, strlen(number));
	if (status != STATUS_OK) {
		identity_remove_files(dir_fd, use, generation);
		return status;
	}
	if (old != 0)
		identity_remove_files(dir_fd, use, old);
	identity->generation = generation;
	return STATUS_OK;
}

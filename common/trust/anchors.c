/* SPDX-License-Identifier: Apache-2.0
 *
 * The trust store.  Files are PURPOSE.anchor.SHA256.crt and PURPOSE.intermediate.SHA256.crt
 * in one directory, each one certificate in PEM.
 */
#include "common/trust/anchors.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/base/text.h"
#include "common/pki/pem.h"

enum {
	NAME_SIZE = 128,
	FILE_MAX = 2 * CERT_LEN_MAX,
};

struct anchors {
	int dir_fd;
	uint64_t generation;
	struct anchors_entry *entries;
	size_t count;
	struct trust *sets[TRUST_PURPOSE_COUNT];
};

static void
anchors_name(char name[static NAME_SIZE], const struct anchors_entry *entry)
{
	struct buf hex;

	buf_init(&hex, 2 * PUBKEY_HASH_SIZE);
	text_hex(&hex, bytes_of(entry->cert->sha256, PUBKEY_HASH_SIZE));
	snprintf(name, NAME_SIZE, "%s.%s.%s.crt", trust_purpose_text(entry->purpose),
	    entry->anchor ? "anchor" : "intermediate", buf_text(&hex));
	buf_done(&hex);
}

/* The certificates of one purpose and kind, read anew: a trust set takes what it is given. */
static size_t
anchors_collect(const struct anchors *anchors, enum trust_purpose purpose, bool anchor,
    struct cert **ret_certs)
{
	size_t count = 0;

	for (size_t i = 0; i < anchors->count; i++) {
		const struct anchors_entry *entry = &anchors->entries[i];

		if (entry->purpose == purpose && entry->anchor == anchor &&
		    cert_parse(entry->cert->der, &ret_certs[count], NULL) == STATUS_OK)
			count++;
	}
	return count;
}

static enum status
anchors_rebuild(struct anchors *anchors)
{
	struct cert **roots = alloc_zeroed(anchors->count, sizeof(*roots));
	struct cert **others = alloc_zeroed(anchors->count, sizeof(*others));
	enum status status = STATUS_OK;

	anchors->generation++;
	for (int p = 0; p < TRUST_PURPOSE_COUNT && status == STATUS_OK; p++) {
		enum trust_purpose purpose = (enum trust_purpose)p;
		size_t root_count = anchors_collect(anchors, purpose, true, roots);
		size_t other_count = anchors_collect(anchors, purpose, false, others);
		struct trust *set;

		status = trust_new_take(purpose, anchors->generation, roots, root_count, others,
		    other_count, &set);
		if (status != STATUS_OK)
			break;
		trust_free(anchors->sets[p]);
		anchors->sets[p] = set;
	}
	free(roots);
	free(others);
	return status;
}

/* What the name of a file says that it holds; false for a file that is none of ours. */
static bool
anchors_parse_name(const char *name, struct anchors_entry *ret_entry)
{
	char purpose[16], kind[16], hash[80];
	int used = 0;

	if (sscanf(name, "%15[a-z].%15[a-z].%79[0-9a-f].crt%n", purpose, kind, hash, &used) !=
		3 ||
	    used == 0 || name[used] != '\0' ||
	    !trust_purpose_from_text(purpose, &ret_entry->purpose))
		return false;
	ret_entry->anchor = strcmp(kind, "anchor") == 0;
	return ret_entry->anchor || strcmp(kind, "intermediate") == 0;
}

static enum status
anchors_read_file(int dir_fd, const char *name, struct cert **ret_cert)
{
	struct pem_item item;
	struct buf file;
	struct pem pem;
	enum status status;

	buf_init(&file, FILE_MAX);
	status = fileio_read(dir_fd, name, &file);
	if (status == STATUS_OK) {
		pem_init(&pem, buf_bytes(&file), CERT_LEN_MAX);
		status = pem_next(&pem, &item);
		if (status == STATUS_OK)
			status = cert_parse(item.der, ret_cert, NULL);
		pem_done(&pem);
	}
	buf_done(&file);
	return status == STATUS_END ? STATUS_INVALID : status;
}

/* Reads the certificate of an entry whose other members the file's name gave.  It has to be
 * the one that the name says, or removing it would leave it. */
static enum status
anchors_read_entry(int dir_fd, const char *file_name, struct anchors_entry *entry)
{
	char name[NAME_SIZE];
	enum status status = anchors_read_file(dir_fd, file_name, &entry->cert);

	if (status != STATUS_OK)
		return status;
	anchors_name(name, entry);
	if (strcmp(name, file_name) == 0)
		return STATUS_OK;
	cert_free(entry->cert);
	return STATUS_CORRUPT;
}

static void
anchors_append(struct anchors *anchors, struct anchors_entry entry)
{
	anchors->entries =
	    alloc_resize(anchors->entries, anchors->count + 1, sizeof(*anchors->entries));
	anchors->entries[anchors->count++] = entry;
}

static enum status
anchors_read_dir(struct anchors *anchors,
    void (*report)(const char *file, enum status status, void *arg), void *arg)
{
	int fd = fcntl(anchors->dir_fd, F_DUPFD_CLOEXEC, 0);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *file;

	if (dir == NULL) {
		fileio_close(fd);
		return STATUS_IO;
	}
	rewinddir(dir);
	while ((file = readdir(dir)) != NULL) {
		struct anchors_entry entry;
		enum status status;

		if (!anchors_parse_name(file->d_name, &entry))
			continue;
		status = anchors->count < TRUST_CERT_MAX
			     ? anchors_read_entry(anchors->dir_fd, file->d_name, &entry)
			     : STATUS_LIMIT;
		if (status == STATUS_OK)
			anchors_append(anchors, entry);
		else
			report(file->d_name, status, arg);
	}
	closedir(dir);
	return STATUS_OK;
}

enum status
anchors_open(int dir_fd, void (*report)(const char *file, enum status status, void *arg),
    void *arg, struct anchors **ret_anchors)
{
	struct anchors *anchors = NEW(struct anchors);
	enum status status;

	anchors->dir_fd = dir_fd;
	status = anchors_read_dir(anchors, report, arg);
	if (status == STATUS_OK)
		status = anchors_rebuild(anchors);
	if (status != STATUS_OK) {
		anchors_free(anchors);
		return status;
	}
	*ret_anchors = anchors;
	return STATUS_OK;
}

void
anchors_free(struct anchors *anchors)
{
	if (anchors == NULL)
		return;
	for (size_t i = 0; i < anchors->count; i++)
		cert_free(anchors->entries[i].cert);
	for (int p = 0; p < TRUST_PURPOSE_COUNT; p++)
		trust_free(anchors->sets[p]);
	free(anchors->entries);
	free(anchors);
}

/* What keeps a certificate out of the store (the user's documents: a CA, in date). */
static enum reason
anchors_check(const struct cert *cert, int64_t now_s, struct buf *reterr_text)
{
	enum reason reason = REASON_OK;

	if (!cert->is_ca)
		reason = REASON_NOT_A_CA;
	else if (cert->key_usage.present && !(cert->key_usage_bits & CERT_KU_KEY_CERT_SIGN))
		reason = REASON_KEY_USAGE;
	else if (now_s < cert->not_before_s)
		reason = REASON_NOT_YET_VALID;
	else if (now_s > cert->not_after_s)
		reason = REASON_EXPIRED;
	if (reason != REASON_OK)
		buf_put_text(reterr_text, reason_info(reason)->sentence);
	return reason;
}

static struct anchors_entry *
anchors_find(const struct anchors *anchors, enum trust_purpose purpose,
    const uint8_t sha256[static PUBKEY_HASH_SIZE])
{
	for (size_t i = 0; i < anchors->count; i++) {
		struct anchors_entry *entry = &anchors->entries[i];

		if (entry->purpose == purpose &&
		    memcmp(entry->cert->sha256, sha256, PUBKEY_HASH_SIZE) == 0)
			return entry;
	}
	return NULL;
}

static enum status
anchors_write(const struct anchors *anchors, const struct anchors_entry *entry)
{
	char name[NAME_SIZE];
	struct buf text;
	enum status status;

	anchors_name(name, entry);
	buf_init(&text, FILE_MAX);
	pem_write(&text, "CERTIFICATE", entry->cert->der);
	status = fileio_replace(anchors->dir_fd, name, 0600, text.data, text.len);
	buf_done(&text);
	return status;
}

enum status
anchors_add(struct anchors *anchors, enum trust_purpose purpose, bool anchor, struct bytes der,
    int64_t now_s, enum reason *reterr_reason, struct buf *reterr_text)
{
	struct anchors_entry entry = {.purpose = purpose, .anchor = anchor};
	char error[CERT_ERROR_SIZE] = "";
	enum status status;

	if (cert_parse(der, &entry.cert, error) != STATUS_OK) {
		buf_put_text(reterr_text, error);
		*reterr_reason = REASON_PARSE;
		return STATUS_INVALID;
	}
	*reterr_reason = anchors_check(entry.cert, now_s, reterr_text);
	if (*reterr_reason != REASON_OK)
		status = STATUS_INVALID;
	else if (anchors_find(anchors, purpose, entry.cert->sha256) != NULL)
		status = STATUS_EXISTS;
	else if (anchors->count == TRUST_CERT_MAX)
		status = STATUS_LIMIT;
	else
		status = anchors_write(anchors, &entry);
	if (status != STATUS_OK) {
		cert_free(entry.cert);
		return status;
	}
	anchors_append(anchors, entry);
	return anchors_rebuild(anchors);
}

enum status
anchors_remove(struct anchors *anchors, enum trust_purpose purpose,
    const uint8_t sha256[static PUBKEY_HASH_SIZE])
{
	struct anchors_entry *entry = anchors_find(anchors, purpose, sha256);
	char name[NAME_SIZE];
	enum status status;

	if (entry == NULL)
		return STATUS_NOT_FOUND;
	anchors_name(name, entry);
	if (unlinkat(anchors->dir_fd, name, 0) != 0)
		return STATUS_IO;
	status = fileio_sync_dir(anchors->dir_fd);
	cert_free(entry->cert);
	*entry = anchors->entries[--anchors->count];
	return status == STATUS_OK ? anchors_rebuild(anchors) : status;
}

const struct trust *
anchors_trust(const struct anchors *anchors, enum trust_purpose purpose)
{
	return anchors->sets[purpose];
}

size_t
anchors_count(const struct anchors *anchors)
{
	return anchors->count;
}

const struct anchors_entry *
anchors_at(const struct anchors *anchors, size_t index)
{
	return &anchors->entries[index];
}

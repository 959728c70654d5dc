/* SPDX-License-Identifier: Apache-2.0
 *
 * The held CRLs: intake and files.
 */
#include "common/trust/crls.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/base/text.h"
#include "common/pki/crl_index_map.h"
#include "common/pki/crl_intake.h"
#include "common/pki/pem.h"

enum {
	NAME_SIZE = 2 * PUBKEY_HASH_SIZE + 8,
};

struct crls {
	int dir_fd;
	struct crls_item items[CRLS_MAX];
	size_t count;
};

/* "3f...e0.idx"; part is "crl", "idx" or "url". */
static const char *
crls_name(char name[static NAME_SIZE], const uint8_t sha256[static PUBKEY_HASH_SIZE],
    const char *part)
{
	struct buf hex;

	buf_init(&hex, 2 * PUBKEY_HASH_SIZE);
	text_hex(&hex, bytes_of(sha256, PUBKEY_HASH_SIZE));
	snprintf(name, NAME_SIZE, "%s.%s", buf_text(&hex), part);
	buf_done(&hex);
	return name;
}

static void
crls_item_done(struct crls_item *item)
{
	crl_index_unref(item->index);
	fileio_close(item->fd);
	free(item->url);
}

static void
crls_remove_files(struct crls *crls, const uint8_t sha256[static PUBKEY_HASH_SIZE])
{
	static const char *const parts[] = {"idx", "url", "crl"};
	char name[NAME_SIZE];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		(void)unlinkat(crls->dir_fd, crls_name(name, sha256, parts[i]), 0);
}

static enum status
crls_open_item(struct crls *crls, const char *idx_name, struct crls_item *ret_item)
{
	struct crls_item item = {.fd = openat(crls->dir_fd, idx_name, O_RDONLY | O_CLOEXEC)};
	char name[NAME_SIZE];
	struct buf url;
	enum status status;

	if (item.fd < 0)
		return STATUS_IO;
	status = crl_index_map(item.fd, &item.index);
	if (status != STATUS_OK) {
		fileio_close(item.fd);
		return status;
	}
	buf_init(&url, CRLS_URL_MAX);
	if (fileio_read(crls->dir_fd, crls_name(name, item.index->sha256, "url"), &url) ==
		STATUS_OK &&
	    url.len > 0)
		item.url = buf_take_text(&url);
	buf_done(&url);
	*ret_item = item;
	return STATUS_OK;
}

static struct crls_item *
crls_find_list(struct crls *crls, const struct crl_index *index)
{
	for (size_t i = 0; i < crls->count; i++) {
		if (crl_index_same_list(crls->items[i].index, index))
			return &crls->items[i];
	}
	return NULL;
}

/* Puts an item in the place of the one before, whose files go. */
static void
crls_put_take(struct crls *crls, struct crls_item item)
{
	struct crls_item *old = crls_find_list(crls, item.index);

	if (old == NULL) {
		crls->items[crls->count++] = item;
		return;
	}
	if (memcmp(old->index->sha256, item.index->sha256, PUBKEY_HASH_SIZE) != 0)
		crls_remove_files(crls, old->index->sha256);
	crls_item_done(old);
	*old = item;
}

/* A crash between writing a new CRL and removing the old one leaves both. */
static void
crls_add_opened(struct crls *crls, struct crls_item item)
{
	const struct crls_item *other = crls_find_list(crls, item.index);

	if (other != NULL && crl_index_replace(other->index, item.index) != REASON_OK) {
		crls_remove_files(crls, item.index->sha256);
		crls_item_done(&item);
		return;
	}
	crls_put_take(crls, item);
}

static bool
crls_is_name(const char *name, const char *part)
{
	return strlen(name) == 2 * PUBKEY_HASH_SIZE + 4 &&
	       strcmp(name + 2 * PUBKEY_HASH_SIZE, part) == 0;
}

enum status
crls_open(int dir_fd, void (*report)(const char *file, enum status status, void *arg),
    void *arg, struct crls **ret_crls)
{
	int fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct crls *crls;
	struct dirent *file;

	if (dir == NULL) {
		fileio_close(fd);
		return STATUS_IO;
	}
	rewinddir(dir);
	crls = NEW(struct crls);
	crls->dir_fd = dir_fd;
	while ((file = readdir(dir)) != NULL && crls->count < CRLS_MAX) {
		struct crls_item item;
		enum status status;

		if (!crls_is_name(file->d_name, ".idx"))
			continue;
		status = crls_open_item(crls, file->d_name, &item);
		if (status == STATUS_OK) {
			crls_add_opened(crls, item);
			continue;
		}
		report(file->d_name, status, arg);
		(void)unlinkat(dir_fd, file->d_name, 0);
	}
	closedir(dir);
	*ret_crls = crls;
	return STATUS_OK;
}

void
crls_free(struct crls *crls)
{
	if (crls == NULL)
		return;
	for (size_t i = 0; i < crls->count; i++)
		crls_item_done(&crls->items[i]);
	free(crls);
}

/* Writes the files of a CRL: the DER first, the index last, as the index is what counts. */
static enum status
crls_write(struct crls *crls, struct bytes der, struct bytes image,
    const uint8_t sha256[static PUBKEY_HASH_SIZE], const char *url)
{
	char name[NAME_SIZE];
	enum status status = fileio_replace(crls->dir_fd, crls_name(name, sha256, "crl"), 0600,
	    der.data, der.len);

	if (status == STATUS_OK && url != NULL)
		status = fileio_replace(crls->dir_fd, crls_name(name, sha256, "url"), 0600, url,
		    strlen(url));
	if (status == STATUS_OK)
		status = fileio_replace(crls->dir_fd, crls_name(name, sha256, "idx"), 0600,
		    image.data, image.len);
	return status;
}

/* A verified CRL and its image: is it newer than what is held, and if so, keep it. */
static enum status
crls_keep(struct crls *crls, struct bytes der, struct bytes image, const char *url,
    int64_t now_s, struct crls_taken *taken)
{
	struct crl_index *index;
	struct crls_item *old, item;
	char name[NAME_SIZE], when[CLOCK_TEXT_SIZE];
	enum status status = crl_index_open_take(image, NULL, &index);

	if (status != STATUS_OK)
		return status;
	old = crls_find_list(crls, index);
	if (old != NULL && memcmp(old->index->sha256, index->sha256, PUBKEY_HASH_SIZE) == 0) {
		status = STATUS_OK;
	} else if (now_s != 0 && index->this_update_s > now_s) {
		taken->reason = REASON_CRL_NOT_YET_VALID;
		snprintf(taken->detail, sizeof(taken->detail), "it is valid from %s",
		    clock_text_s(index->this_update_s, when));
	} else if (old != NULL &&
		   (taken->reason = crl_index_replace(old->index, index)) != REASON_OK) {
		snprintf(taken->detail, sizeof(taken->detail), "a newer one is held already");
	} else if (old == NULL && crls->count == CRLS_MAX) {
		status = STATUS_LIMIT;
	} else {
		status = crls_write(crls, der, image, index->sha256, url);
		if (status == STATUS_OK)
			status =
			    crls_open_item(crls, crls_name(name, index->sha256, "idx"), &item);
		if (status == STATUS_OK) {
			crls_put_take(crls, item);
			taken->is_new = true;
		}
	}
	crl_index_unref(index);
	return status;
}

static enum status
crls_take_der(struct crls *crls, struct bytes der, size_t max_len,
    const struct crls_signers *signers, const char *url, struct crls_taken *taken)
{
	enum status status = STATUS_OK;
	struct crl_intake intake;
	struct buf image;

	buf_init(&image, 2 * max_len);
	taken->reason =
	    crl_intake_take(der, max_len, signers->certs, signers->count, &image, &intake);
	buf_put_bytes(&taken->issuer_canonical, buf_bytes(&intake.issuer_canonical));
	snprintf(taken->detail, sizeof(taken->detail), "%s", intake.error);
	if (taken->reason == REASON_OK)
		status = crls_keep(crls, der, buf_bytes(&image), url, signers->now_s, taken);
	crl_intake_done(&intake);
	buf_done(&image);
	return status;
}

enum status
crls_take(struct crls *crls, struct bytes file, size_t max_len,
    const struct crls_signers *signers, const char *url, struct crls_taken *ret_taken)
{
	struct pem_item item;
	struct pem pem;
	enum status status;

	*ret_taken = (struct crls_taken){.reason = REASON_CRL_MALFORMED};
	buf_init(&ret_taken->issuer_canonical, name_canonical_max(CRL_ISSUER_LEN_MAX));
	pem_init(&pem, file, max_len);
	status = pem_next(&pem, &item);
	if (status == STATUS_OK) {
		status = crls_take_der(crls, item.der, max_len, signers, url, ret_taken);
	} else {
		if (status == STATUS_LIMIT)
			ret_taken->reason = REASON_CRL_TOO_LARGE;
		snprintf(ret_taken->detail, sizeof(ret_taken->detail), "%s",
		    status == STATUS_END ? "there is no CRL in it" : pem.error);
		status = STATUS_OK;
	}
	pem_done(&pem);
	return status;
}

void
crls_taken_done(struct crls_taken *taken)
{
	buf_done(&taken->issuer_canonical);
}

/* A DER file without an index that is held: takes it in again, with the URL it had.  One
 * that a newer took the place of, before a crash, goes. */
static bool
crls_rebuild_file(struct crls *crls, const char *file_name, size_t max_len,
    const struct crls_signers *signers)
{
	uint8_t sha256[PUBKEY_HASH_SIZE];
	char hex[2 * PUBKEY_HASH_SIZE + 1], name[NAME_SIZE];
	struct crls_taken taken;
	struct buf file, url;
	bool rebuilt = false;

	snprintf(hex, sizeof(hex), "%s", file_name);
	if (!text_parse_hex(hex, sha256, sizeof(sha256)))
		return false;
	for (size_t i = 0; i < crls->count; i++) {
		if (memcmp(crls->items[i].index->sha256, sha256, sizeof(sha256)) == 0)
			return false;
	}
	buf_init(&file, max_len);
	buf_init(&url, CRLS_URL_MAX);
	if (fileio_read(crls->dir_fd, crls_name(name, sha256, "url"), &url) != STATUS_OK)
		buf_clear(&url);
	if (fileio_read(crls->dir_fd, file_name, &file) == STATUS_OK &&
	    crls_take(crls, buf_bytes(&file), max_len, signers,
		url.len > 0 ? buf_text(&url) : NULL, &taken) == STATUS_OK) {
		rebuilt = taken.is_new;
		if (taken.reason == REASON_CRL_ROLLBACK)
			crls_remove_files(crls, sha256);
		crls_taken_done(&taken);
	}
	buf_done(&file);
	buf_done(&url);
	return rebuilt;
}

size_t
crls_rebuild(struct crls *crls, size_t max_len, const struct crls_signers *signers)
{
	int fd = fcntl(crls->dir_fd, F_DUPFD_CLOEXEC, 0);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *file;
	size_t count = 0;

	if (dir == NULL) {
		fileio_close(fd);
		return 0;
	}
	rewinddir(dir);
	while ((file = readdir(dir)) != NULL) {
		if (crls_is_name(file->d_name, ".crl"))
			count += crls_rebuild_file(crls, file->d_name, max_len, signers);
	}
	closedir(dir);
	return count;
}

size_t
crls_count(const struct crls *crls)
{
	return crls->count;
}

const struct crls_item *
crls_at(const struct crls *crls, size_t index)
{
	return &crls->items[index];
}

const struct crls_item *
crls_find_by_key(const struct crls *crls, const uint8_t key_sha256[static PUBKEY_HASH_SIZE])
{
	const struct crls_item *best = NULL;

	for (size_t i = 0; i < crls->count; i++) {
		const struct crl_index *index = crls->items[i].index;

		if (memcmp(index->key_sha256, key_sha256, PUBKEY_HASH_SIZE) == 0 &&
		    !index->base.present &&
		    (best == NULL || index->this_update_s > best->index->this_update_s))
			best = &crls->items[i];
	}
	return best;
}

enum status
crls_read_der(const struct crls *crls, const struct crls_item *item, struct buf *out)
{
	char name[NAME_SIZE];

	return fileio_read(crls->dir_fd, crls_name(name, item->index->sha256, "crl"), out);
}

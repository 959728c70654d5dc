/* SPDX-License-Identifier: Apache-2.0
 *
 * The directory of a laboratory and the entries in memory.  lab_index.c reads and writes
 * the two state files.
 */
#include "pki-test/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/base/text.h"
#include "pki-test/lab_index.h"

enum {
	ERROR_MAX = 2000,
	ENTRY_TEXT_MAX = 4096,
};

enum status
lab_fail(struct lab *lab, enum status status, const char *format, ...)
{
	va_list args;

	if (lab->error.len > 0)
		return status;
	va_start(args, format);
	buf_vprintf(&lab->error, format, args);
	va_end(args);
	return status;
}

static struct lab *
lab_new(const char *path, int64_t now_s)
{
	struct lab *lab = NEW(struct lab);

	lab->path = alloc_text(path);
	lab->fd = -1;
	lab->now_s = now_s;
	lab->by_name = map_new(LAB_ENTRIES_MAX, NULL);
	buf_init(&lab->error, ERROR_MAX);
	return lab;
}

/* Opens the directory and waits until no other process has it. */
static enum status
lab_lock(struct lab *lab, bool make)
{
	if (make && mkdir(lab->path, 0755) != 0 && errno != EEXIST)
		return lab_fail(lab, status_from_errno(errno), "can't make %s: %m", lab->path);
	lab->fd = open(lab->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lab->fd < 0)
		return lab_fail(lab, status_from_errno(errno), "can't open %s: %m", lab->path);
	if (flock(lab->fd, LOCK_EX) != 0)
		return lab_fail(lab, status_from_errno(errno), "can't lock %s: %m", lab->path);
	return STATUS_OK;
}

static char *
lab_param(const char *value, const char *fallback)
{
	return alloc_text(value != NULL ? value : fallback);
}

/* The key cache as an absolute path, so that later commands find it from anywhere. */
static enum status
lab_find_cache(struct lab *lab, const char *cache)
{
	int fd;

	if (fileio_open_dir(cache, 0700, &fd) != STATUS_OK)
		return lab_fail(lab, STATUS_IO, "can't open the key cache %s", cache);
	close(fd);
	free(lab->cache);
	lab->cache = realpath(cache, NULL);
	return lab->cache != NULL
		   ? STATUS_OK
		   : lab_fail(lab, status_from_errno(errno), "can't find %s: %m", cache);
}

static enum status
lab_take_params(struct lab *lab, const struct lab_params *params)
{
	const char *url = params->crl_url != NULL ? params->crl_url : "http://127.0.0.1:8080/";
	bool slash = url[0] != '\0' && url[strlen(url) - 1] == '/';
	char *with_slash = NULL;

	if (asprintf(&with_slash, "%s%s", url, slash ? "" : "/") < 0)
		abort();
	lab->domain = lab_param(params->domain, "plant.example");
	lab->crl_url = with_slash;
	lab->key_kind = lab_param(params->key, "rsa2048");
	lab->seed = lab_param(params->seed, "1");
	lab->cache = alloc_text("");
	if (params->cache != NULL && lab_find_cache(lab, params->cache) != STATUS_OK)
		return STATUS_IO;
	if (!key_kind_exists(lab->key_kind))
		return lab_fail(lab, STATUS_INVALID, "no kind of key is called %s",
		    lab->key_kind);
	return lab_index_params_are_sound(lab)
		   ? STATUS_OK
		   : lab_fail(lab, STATUS_INVALID, "a parameter has a line break in it");
}

enum status
lab_make_dir(struct lab *lab, const char *name)
{
	if (mkdirat(lab->fd, name, 0755) == 0 || errno == EEXIST)
		return STATUS_OK;
	return lab_fail(lab, status_from_errno(errno), "can't make %s/%s: %m", lab->path, name);
}

enum status
lab_make(const char *path, const struct lab_params *params, int64_t now_s, struct lab **ret_lab)
{
	static const char *const folders[] = {"ca", "certs", "crl", "trust"};
	struct lab *lab = lab_new(path, now_s);
	enum status status;

	*ret_lab = lab;
	status = lab_take_params(lab, params);
	if (status != STATUS_OK)
		return status;
	status = lab_lock(lab, true);
	if (status != STATUS_OK)
		return status;
	if (faccessat(lab->fd, "settings", F_OK, 0) == 0)
		return lab_fail(lab, STATUS_EXISTS, "%s is a laboratory already", path);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (status == STATUS_OK)
			status = lab_make_dir(lab, folders[i]);
	}
	return status;
}

enum status
lab_open(const char *path, int64_t now_s, struct lab **ret_lab)
{
	struct lab *lab = lab_new(path, now_s);
	enum status status;

	*ret_lab = lab;
	status = lab_lock(lab, false);
	return status == STATUS_OK ? lab_index_load(lab) : status;
}

enum status
lab_save(struct lab *lab)
{
	return lab_index_save(lab);
}

static void
lab_entry_free(struct lab_entry *entry)
{
	free(entry->name);
	free(entry->reason);
	free(entry->recipe);
	free(entry->issuer);
	free(entry->key_kind);
	free(entry->key_of);
	buf_done(&entry->serial);
	buf_done(&entry->subject);
	buf_done(&entry->cn);
	key_free(entry->key);
	free(entry);
}

void
lab_free(struct lab *lab)
{
	if (lab == NULL)
		return;
	for (size_t i = 0; i < lab->count; i++)
		lab_entry_free(lab->entries[i]);
	free(lab->entries);
	map_free(lab->by_name);
	free(lab->domain);
	free(lab->crl_url);
	free(lab->key_kind);
	free(lab->seed);
	free(lab->cache);
	free(lab->path);
	fileio_close(lab->fd);
	buf_done(&lab->error);
	free(lab);
}

struct lab_entry *
lab_find(const struct lab *lab, const char *name)
{
	return map_get(lab->by_name, bytes_of_text(name));
}

bool
lab_name_is_sound(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t len = strlen(text);

	return len > 0 && len <= LAB_NAME_MAX && strspn(text, allowed) == len &&
	       text[0] != '.' && text[0] != '-';
}

enum status
lab_add(struct lab *lab, const char *name, bool ca, struct lab_entry **ret_entry)
{
	struct lab_entry *entry;
	enum status status;

	if (!lab_name_is_sound(name))
		return lab_fail(lab, STATUS_INVALID,
		    "%s can't be a name: letters, digits, - _ and . only", name);
	entry = NEW(struct lab_entry);
	status = map_put(lab->by_name, bytes_of_text(name), entry);
	if (status != STATUS_OK) {
		free(entry);
		return lab_fail(lab, status, "%s: %s", name,
		    status == STATUS_EXISTS ? "there is such a certificate already"
					    : "too many certificates");
	}
	entry->name = alloc_text(name);
	entry->number = lab->count;
	entry->ca = ca;
	buf_init(&entry->serial, ENTRY_TEXT_MAX);
	buf_init(&entry->subject, ENTRY_TEXT_MAX);
	buf_init(&entry->cn, ENTRY_TEXT_MAX);
	if ((lab->count & (lab->count - 1)) == 0)
		lab->entries = alloc_resize(lab->entries, lab->count == 0 ? 1 : lab->count * 2,
		    sizeof(lab->entries[0]));
	lab->entries[lab->count++] = entry;
	*ret_entry = entry;
	return STATUS_OK;
}

const char *
lab_folder(const struct lab_entry *entry)
{
	return entry->ca ? "ca" : "certs";
}

/* How many keys of a kind the laboratory has: the number of the next one in the cache. */
static size_t
lab_key_number(const struct lab *lab, const char *kind)
{
	size_t number = 0;

	for (size_t i = 0; i < lab->count; i++) {
		const struct lab_entry *entry = lab->entries[i];

		if (entry->key_kind != NULL && strcmp(entry->key_kind, kind) == 0 &&
		    strcmp(entry->key_of, "-") == 0)
			number++;
	}
	return number;
}

static enum status
lab_cached_key(struct lab *lab, const char *kind, struct buf *pem, struct key **ret_key)
{
	char name[LAB_NAME_MAX];
	enum status status;
	int fd;

	if (fileio_open_dir(lab->cache, 0700, &fd) != STATUS_OK)
		return lab_fail(lab, STATUS_IO, "can't open the key cache %s", lab->cache);
	snprintf(name, sizeof(name), "%s-%04zu.key", kind, lab_key_number(lab, kind));
	status = fileio_read(fd, name, pem);
	if (status == STATUS_OK) {
		status = key_read_pem(kind, buf_bytes(pem), ret_key);
	} else if (status == STATUS_NOT_FOUND) {
		status = key_generate(kind, ret_key);
		if (status == STATUS_OK) {
			key_write_pem(*ret_key, pem);
			status = fileio_replace(fd, name, 0600, pem->data, pem->len);
		}
	}
	close(fd);
	return status == STATUS_OK ? STATUS_OK
				   : lab_fail(lab, status, "key %s of the cache: %s", name,
					 status_text(status));
}

enum status
lab_make_key(struct lab *lab, struct lab_entry *entry, const char *kind)
{
	struct key *key = NULL;
	enum status status;
	struct buf pem;

	buf_init(&pem, KEY_PEM_MAX);
	if (!key_kind_exists(kind)) {
		status = lab_fail(lab, STATUS_INVALID, "no kind of key is called %s", kind);
	} else if (lab->cache[0] != '\0') {
		status = lab_cached_key(lab, kind, &pem, &key);
	} else {
		status = key_generate(kind, &key);
		if (status == STATUS_OK)
			key_write_pem(key, &pem);
		else
			lab_fail(lab, status, "GnuTLS makes no key of kind %s", kind);
	}
	if (status == STATUS_OK) {
		entry->key_kind = alloc_text(kind);
		entry->key_of = alloc_text("-");
		entry->key = key;
		status =
		    lab_write(lab, lab_folder(entry), entry->name, ".key", buf_bytes(&pem));
	}
	buf_done(&pem);
	return status;
}

enum status
lab_share_key(struct lab *lab, struct lab_entry *entry, const char *key_of)
{
	struct lab_entry *holder = lab_find(lab, key_of);
	enum status status;
	struct buf pem;

	if (holder == NULL || holder->key_kind == NULL || holder == entry)
		return lab_fail(lab, STATUS_NOT_FOUND, "no certificate is called %s", key_of);
	buf_init(&pem, KEY_PEM_MAX);
	status = lab_read(lab, lab_folder(holder), holder->name, ".key", &pem);
	if (status == STATUS_OK)
		status = key_read_pem(holder->key_kind, buf_bytes(&pem), &entry->key);
	if (status == STATUS_OK) {
		entry->key_kind = alloc_text(holder->key_kind);
		entry->key_of = alloc_text(holder->name);
		status =
		    lab_write(lab, lab_folder(entry), entry->name, ".key", buf_bytes(&pem));
	}
	buf_done(&pem);
	return status == STATUS_OK
		   ? status
		   : lab_fail(lab, status, "key of %s: %s", holder->name, status_text(status));
}

enum status
lab_key(struct lab *lab, struct lab_entry *entry, const struct key **ret_key)
{
	enum status status = STATUS_OK;
	struct buf pem;

	if (entry->key == NULL) {
		buf_init(&pem, KEY_PEM_MAX);
		status = lab_read(lab, lab_folder(entry), entry->name, ".key", &pem);
		if (status == STATUS_OK)
			status = key_read_pem(entry->key_kind, buf_bytes(&pem), &entry->key);
		buf_done(&pem);
	}
	if (status != STATUS_OK)
		return lab_fail(lab, status, "key of %s: %s", entry->name, status_text(status));
	*ret_key = entry->key;
	return STATUS_OK;
}

enum status
lab_write(struct lab *lab, const char *folder, const char *name, const char *suffix,
    struct bytes data)
{
	bool secret = strcmp(suffix, ".key") == 0;
	char path[3 * LAB_NAME_MAX], temporary[3 * LAB_NAME_MAX + 4];
	enum status status;
	int fd;

	snprintf(path, sizeof(path), "%s/%s%s", folder, name, suffix);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	fd = openat(lab->fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    secret ? 0600 : 0644);
	if (fd < 0)
		return lab_fail(lab, status_from_errno(errno), "can't write %s/%s: %m",
		    lab->path, temporary);
	/* not fileio_replace: a laboratory can be made again, so nothing waits for the disk */
	status = fileio_write_all(fd, data.data, data.len);
	close(fd);
	if (status == STATUS_OK && renameat(lab->fd, temporary, lab->fd, path) != 0)
		status = status_from_errno(errno);
	return status == STATUS_OK ? STATUS_OK
				   : lab_fail(lab, status, "can't write %s/%s: %s", lab->path,
					 path, status_text(status));
}

enum status
lab_read(struct lab *lab, const char *folder, const char *name, const char *suffix,
    struct buf *out)
{
	char path[3 * LAB_NAME_MAX];
	enum status status;

	snprintf(path, sizeof(path), "%s/%s%s", folder, name, suffix);
	status = fileio_read(lab->fd, path, out);
	return status == STATUS_OK ? STATUS_OK
				   : lab_fail(lab, status, "can't read %s/%s: %s", lab->path,
					 path, status_text(status));
}

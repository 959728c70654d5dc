/* SPDX-License-Identifier: Apache-2.0
 *
 * Which file, which fault, and the counts.
 */
#include "pki-test/crl_httpd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/base/json_write.h"
#include "common/base/map.h"
#include "pki-test/lab.h"

enum {
	NAMES_MAX = 1000, /* paths that are counted, files with an ordered fault */
	STATS_MAX = 1024 * 1024,
};

/* How often a path was asked for. */
struct path_count {
	uint64_t requests, not_modified;
};

struct crl_httpd {
	char *folder;
	struct crl_fault everywhere;
	struct map *by_name; /* struct crl_fault */
	struct map *paths;   /* struct path_count */
	uint64_t requests, not_modified, bad;
};

struct crl_httpd *
crl_httpd_new(const char *folder)
{
	struct crl_httpd *httpd = NEW(struct crl_httpd);

	httpd->folder = alloc_text(folder);
	httpd->by_name = map_new(NAMES_MAX, free);
	httpd->paths = map_new(NAMES_MAX, free);
	return httpd;
}

void
crl_httpd_free(struct crl_httpd *httpd)
{
	if (httpd == NULL)
		return;
	free(httpd->folder);
	map_free(httpd->by_name);
	map_free(httpd->paths);
	free(httpd);
}

enum status
crl_httpd_order(struct crl_httpd *httpd, const char *text, const char *name)
{
	struct crl_fault fault, *kept;

	if (!crl_fault_parse(bytes_of_text(text), &fault))
		return STATUS_INVALID;
	if (name == NULL) {
		httpd->everywhere = fault;
		if (fault.kind == CRL_FAULT_NONE) { /* nothing anywhere */
			map_free(httpd->by_name);
			httpd->by_name = map_new(NAMES_MAX, free);
		}
		return STATUS_OK;
	}
	kept = map_get(httpd->by_name, bytes_of_text(name));
	if (kept != NULL) {
		*kept = fault;
		return STATUS_OK;
	}
	kept = NEW(struct crl_fault);
	*kept = fault;
	if (map_put(httpd->by_name, bytes_of_text(name), kept) != STATUS_OK) {
		free(kept);
		return STATUS_LIMIT;
	}
	return STATUS_OK;
}

/* The counts of a path; NULL for a new one when there are too many. */
static struct path_count *
httpd_count(struct crl_httpd *httpd, struct bytes path)
{
	struct path_count *count = map_get(httpd->paths, path);

	if (count != NULL)
		return count;
	count = NEW(struct path_count);
	if (map_put(httpd->paths, path, count) == STATUS_OK)
		return count;
	free(count);
	return NULL;
}

static void
stats_path(struct bytes key, void *value, void *arg)
{
	struct json_write *json = arg;
	const struct path_count *count = value;

	json_open_object(json, NULL);
	json_bytes(json, "path", key);
	json_u64(json, "requests", count->requests);
	json_u64(json, "not_modified", count->not_modified);
	json_close_object(json);
}

void
crl_httpd_stats(const struct crl_httpd *httpd, struct buf *out)
{
	struct json_write json = json_write_to(out);

	json_open_object(&json, NULL);
	json_u64(&json, "requests", httpd->requests);
	json_u64(&json, "not_modified", httpd->not_modified);
	json_u64(&json, "bad", httpd->bad);
	json_open_array(&json, "paths");
	map_each(httpd->paths, stats_path, &json);
	json_close_array(&json);
	json_close_object(&json);
}

void
crl_httpd_reset(struct crl_httpd *httpd)
{
	httpd->requests = httpd->not_modified = httpd->bad = 0;
	map_free(httpd->paths);
	httpd->paths = map_new(NAMES_MAX, free);
}

void
crl_httpd_refuse(struct crl_httpd *httpd, struct crl_reply *reply)
{
	httpd->bad++;
	crl_reply_page(reply, 400, "");
}

static enum status
httpd_read(const struct crl_httpd *httpd, const char *name, struct crl_reply_file *ret_file)
{
	char path[2 * LAB_NAME_MAX + 4096];
	struct stat info;
	struct tm when;
	enum status status;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", httpd->folder, name) >= (int)sizeof(path))
		return STATUS_LIMIT;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return STATUS_NOT_FOUND;
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		close(fd);
		return STATUS_NOT_FOUND;
	}
	snprintf(ret_file->tag, sizeof(ret_file->tag), "\"%llx-%llx-%llx\"",
	    (unsigned long long)info.st_mtim.tv_sec, (unsigned long long)info.st_mtim.tv_nsec,
	    (unsigned long long)info.st_size);
	gmtime_r(&info.st_mtim.tv_sec, &when);
	strftime(ret_file->date, sizeof(ret_file->date), "%a, %d %b %Y %H:%M:%S GMT", &when);
	status = fileio_read_fd(fd, &ret_file->data);
	close(fd);
	return status;
}

/* The file that stands for a name under a fault: "issuing.crl" to "issuing.stale.crl". */
static void
httpd_file_name(const struct crl_fault *fault, const char *name, struct buf *out)
{
	size_t stem = strlen(name) >= 4 ? strlen(name) - 4 : 0;

	if (fault->kind == CRL_FAULT_OTHER) {
		buf_put_text(out, "other.crl");
	} else if (fault->kind == CRL_FAULT_STALE || fault->kind == CRL_FAULT_OLDER) {
		buf_put(out, name, stem);
		buf_put_text(out, fault->kind == CRL_FAULT_STALE ? ".stale" : ".rolled-back");
		buf_put_text(out, name + stem);
	} else {
		buf_put_text(out, name);
	}
}

static bool
httpd_not_modified(const struct http_request *request, const struct crl_reply_file *file)
{
	if (request->if_none_match.len > 0)
		return bytes_equal_text(request->if_none_match, file->tag);
	return bytes_equal_text(request->if_modified_since, file->date);
}

/* Splits "/FAULT/NAME" or "/NAME"; false when the name is not one of a file. */
static bool
httpd_find_target(const struct crl_httpd *httpd, struct bytes path, struct crl_fault *ret_fault,
    char ret_name[static LAB_NAME_MAX + 1])
{
	struct bytes rest = bytes_of(path.data + 1, path.len - 1);
	const uint8_t *slash = memchr(rest.data, '/', rest.len);
	const struct crl_fault *by_name;
	bool ordered = false;

	if (slash != NULL) {
		struct bytes prefix = bytes_of(rest.data, (size_t)(slash - rest.data));

		if (!crl_fault_parse(prefix, ret_fault))
			return false;
		ordered = true;
		rest = bytes_of(slash + 1, rest.len - prefix.len - 1);
	}
	if (rest.len > LAB_NAME_MAX || memchr(rest.data, '\0', rest.len) != NULL)
		return false;
	memcpy(ret_name, rest.data, rest.len);
	ret_name[rest.len] = '\0';
	by_name = map_get(httpd->by_name, rest);
	if (!ordered)
		*ret_fault = by_name != NULL ? *by_name : httpd->everywhere;
	return lab_name_is_sound(ret_name);
}

static void
httpd_answer_file(struct crl_httpd *httpd, const struct http_request *request,
    const struct crl_fault *fault, const char *name, struct path_count *count,
    struct crl_reply *reply)
{
	struct crl_reply_file served = {0};
	struct buf file;

	buf_init(&file, 2 * LAB_NAME_MAX);
	buf_init(&served.data, LAB_FILE_MAX);
	httpd_file_name(fault, name, &file);
	if (httpd_read(httpd, buf_text(&file), &served) != STATUS_OK) {
		crl_reply_page(reply, 404, "");
	} else if (httpd_not_modified(request, &served)) {
		httpd->not_modified++;
		if (count != NULL)
			count->not_modified++;
		crl_reply_not_modified(reply, &served);
	} else {
		crl_reply_send_file(reply, fault, &served);
	}
	buf_done(&served.data);
	buf_done(&file);
}

void
crl_httpd_answer(struct crl_httpd *httpd, const struct http_request *request,
    struct crl_reply *reply)
{
	char name[LAB_NAME_MAX + 1];
	struct path_count *count;
	struct crl_fault fault;
	struct buf stats;

	if (!bytes_equal_text(request->method, "GET")) {
		httpd->bad++;
		crl_reply_page(reply, 405, "");
		return;
	}
	if (bytes_equal_text(request->path, "/stats")) {
		buf_init(&stats, STATS_MAX);
		crl_httpd_stats(httpd, &stats);
		crl_reply_json(reply, buf_bytes(&stats));
		buf_done(&stats);
		return;
	}
	httpd->requests++;
	if (!httpd_find_target(httpd, request->path, &fault, name)) {
		crl_reply_page(reply, 404, "");
		return;
	}
	count = httpd_count(httpd, request->path);
	if (count != NULL)
		count->requests++;
	if (!crl_reply_without_file(reply, &fault, name))
		httpd_answer_file(httpd, request, &fault, name, count, reply);
}

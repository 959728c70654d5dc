/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers and faults.
 */
#include "pki-test/crl_httpd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/base/json_write.h"
#include "common/base/map.h"
#include "common/base/text.h"
#include "pki-test/gzip_bomb.h"
#include "pki-test/lab.h"
#include "pki-test/pem_write.h"

enum {
	NAMES_MAX = 1000,     /* paths that are counted, files with an ordered fault */
	BOMB_RUNS = 200000,   /* 51.6 MB out of 325 kB */
	FILLER_SIZE = 0x8000, /* an endless reply, at a time */
	REPLY_MAX = LAB_FILE_MAX + 1024 * 1024,
	TAG_SIZE = 64,
	DATE_SIZE = 40,
};

enum fault_kind {
	FAULT_NONE,
	FAULT_SLOW,
	FAULT_DRIP,
	FAULT_TRUNCATED,
	FAULT_STALL,
	FAULT_ENDLESS,
	FAULT_ENDLESS_CHUNKED,
	FAULT_ENDLESS_HEADER,
	FAULT_GZIP_BOMB,
	FAULT_WRONG_LENGTH,
	FAULT_HTML,
	FAULT_PEM,
	FAULT_REDIRECT,
	FAULT_STATUS,
	FAULT_STALE,
	FAULT_OLDER,
	FAULT_OTHER,
	FAULT_HALF_OPEN,
	FAULT_RESET,
};

struct fault {
	enum fault_kind kind;
	uint64_t number;
};

static const struct {
	const char *name;
	struct fault fault; /* its number where none is given */
} fault_names[] = {
    {"none", {FAULT_NONE, 0}},
    {"slow", {FAULT_SLOW, 3000}},
    {"drip", {FAULT_DRIP, 1000}},
    {"truncated", {FAULT_TRUNCATED, 0}},
    {"stall", {FAULT_STALL, 0}},
    {"endless", {FAULT_ENDLESS, 0}},
    {"endless-chunked", {FAULT_ENDLESS_CHUNKED, 0}},
    {"endless-header", {FAULT_ENDLESS_HEADER, 0}},
    {"gzip-bomb", {FAULT_GZIP_BOMB, BOMB_RUNS}},
    {"wrong-length", {FAULT_WRONG_LENGTH, 10}},
    {"html", {FAULT_HTML, 0}},
    {"pem", {FAULT_PEM, 0}},
    {"redirect", {FAULT_REDIRECT, 302}},
    {"404", {FAULT_STATUS, 404}},
    {"500", {FAULT_STATUS, 500}},
    {"status", {FAULT_STATUS, 503}},
    {"stale", {FAULT_STALE, 0}},
    {"older", {FAULT_OLDER, 0}},
    {"other", {FAULT_OTHER, 0}},
    {"half-open", {FAULT_HALF_OPEN, 0}},
    {"reset", {FAULT_RESET, 0}},
};

const char crl_httpd_fault_help[] =
    "Faults of the CRL server:\n"
    "  none             no fault\n"
    "  slow[=MS]        the answer comes late (3000)\n"
    "  drip[=MS]        the body comes an octet at a time (1000 between two)\n"
    "  truncated[=N]    the connection ends after N octets of the body (half of it)\n"
    "  stall[=N]        nothing more comes after N octets of the body (half of it)\n"
    "  endless          the body never ends\n"
    "  endless-chunked  the same, in chunks\n"
    "  endless-header   the header never ends\n"
    "  gzip-bomb[=N]    gzip that unpacks to N * 258 octets (200000: 52 MB)\n"
    "  wrong-length[=N] Content-Length is N less than the body (10)\n"
    "  html             a web page\n"
    "  pem              the CRL as PEM\n"
    "  redirect[=CODE]  a redirection to the right place (302)\n"
    "  404, 500, status=CODE\n"
    "  stale            the CRL made with `crl --recipe stale --beside`\n"
    "  older            the CRL made with `crl --recipe rolled-back --beside`\n"
    "  other            the CRL of the CA called other\n"
    "  half-open        accepts and says nothing\n"
    "  reset            RST instead of an answer\n";

/* How often a path was asked for. */
struct path_count {
	uint64_t requests, not_modified;
};

struct crl_httpd {
	char *folder;
	struct fault everywhere;
	struct map *by_name; /* struct fault */
	struct map *paths;   /* struct path_count */
	uint64_t requests, not_modified, bad;
};

void
crl_reply_init(struct crl_reply *reply)
{
	*reply = (struct crl_reply){0};
	buf_init(&reply->bytes, REPLY_MAX);
	buf_init(&reply->filler, REPLY_MAX);
}

void
crl_reply_done(struct crl_reply *reply)
{
	buf_done(&reply->bytes);
	buf_done(&reply->filler);
}

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

/* Reads "FAULT" or "FAULT=N". */
static bool
fault_parse(struct bytes text, struct fault *ret_fault)
{
	const uint8_t *equals = memchr(text.data, '=', text.len);
	struct bytes name = text;
	struct fault fault;
	char number[24] = {0};
	size_t len;

	if (equals != NULL)
		name.len = (size_t)(equals - text.data);
	for (size_t i = 0; i < sizeof(fault_names) / sizeof(fault_names[0]); i++) {
		if (!bytes_equal_text(name, fault_names[i].name))
			continue;
		fault = fault_names[i].fault;
		if (equals != NULL) {
			len = text.len - name.len - 1;
			if (len >= sizeof(number))
				return false;
			memcpy(number, equals + 1, len);
			if (!text_parse_u64(number, 0, UINT32_MAX, &fault.number))
				return false;
		}
		*ret_fault = fault;
		return true;
	}
	return false;
}

enum status
crl_httpd_order(struct crl_httpd *httpd, const char *text, const char *name)
{
	struct fault fault, *kept;

	if (!fault_parse(bytes_of_text(text), &fault))
		return STATUS_INVALID;
	if (name == NULL) {
		httpd->everywhere = fault;
		if (fault.kind == FAULT_NONE) { /* nothing anywhere */
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
	kept = NEW(struct fault);
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

static const char *
reply_status_text(uint64_t code)
{
	switch (code) {
	case 200:
		return "OK";
	case 304:
		return "Not Modified";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 500:
		return "Internal Server Error";
	default:
		return "As Ordered";
	}
}

static void
reply_head(struct crl_reply *reply, uint64_t code, const char *type)
{
	buf_printf(&reply->bytes,
	    "HTTP/1.1 %llu %s\r\nConnection: close\r\nContent-Type: %s\r\n",
	    (unsigned long long)code, reply_status_text(code), type);
}

static void
reply_body(struct crl_reply *reply, size_t said_len, struct bytes body)
{
	buf_printf(&reply->bytes, "Content-Length: %zu\r\n\r\n", said_len);
	buf_put_bytes(&reply->bytes, body);
}

/* A whole reply with a page of a line. */
static void
reply_page(struct crl_reply *reply, uint64_t code, const char *more_fields)
{
	char page[100];

	snprintf(page, sizeof(page), "%llu %s\n", (unsigned long long)code,
	    reply_status_text(code));
	reply_head(reply, code, "text/plain");
	buf_put_text(&reply->bytes, more_fields);
	reply_body(reply, strlen(page), bytes_of_text(page));
}

void
crl_httpd_refuse(struct crl_httpd *httpd, struct crl_reply *reply)
{
	httpd->bad++;
	reply_page(reply, 400, "");
}

/* What a file is when it is answered for. */
struct served {
	struct buf data;
	char tag[TAG_SIZE];
	char date[DATE_SIZE];
};

static enum status
httpd_read(const struct crl_httpd *httpd, const char *name, struct served *served)
{
	char path[2 * LAB_NAME_MAX + 4096];
	struct stat info;
	struct tm when;

	if (snprintf(path, sizeof(path), "%s/%s", httpd->folder, name) >= (int)sizeof(path))
		return STATUS_LIMIT;
	if (stat(path, &info) != 0)
		return STATUS_NOT_FOUND;
	snprintf(served->tag, sizeof(served->tag), "\"%llx-%llx-%llx\"",
	    (unsigned long long)info.st_mtim.tv_sec, (unsigned long long)info.st_mtim.tv_nsec,
	    (unsigned long long)info.st_size);
	gmtime_r(&info.st_mtim.tv_sec, &when);
	strftime(served->date, sizeof(served->date), "%a, %d %b %Y %H:%M:%S GMT", &when);
	return fileio_read(AT_FDCWD, path, &served->data);
}

/* The file that stands for a name under a fault: "issuing.crl" to "issuing.stale.crl". */
static void
httpd_file_name(const struct fault *fault, const char *name, struct buf *out)
{
	size_t stem = strlen(name) >= 4 ? strlen(name) - 4 : 0;

	if (fault->kind == FAULT_OTHER) {
		buf_put_text(out, "other.crl");
	} else if (fault->kind == FAULT_STALE || fault->kind == FAULT_OLDER) {
		buf_put(out, name, stem);
		buf_put_text(out, fault->kind == FAULT_STALE ? ".stale" : ".rolled-back");
		buf_put_text(out, name + stem);
	} else {
		buf_put_text(out, name);
	}
}

static bool
httpd_not_modified(const struct http_request *request, const struct served *served)
{
	if (request->if_none_match.len > 0)
		return bytes_equal_text(request->if_none_match, served->tag);
	return bytes_equal_text(request->if_modified_since, served->date);
}

/* A file, and whatever is wrong with how it comes. */
static void
reply_file(const struct fault *fault, const struct served *served, struct crl_reply *reply)
{
	struct bytes body = buf_bytes(&served->data);
	size_t said = body.len;
	uint64_t cut =
	    fault->number > 0 && fault->number < body.len ? fault->number : body.len / 2;

	reply_head(reply, 200, "application/pkix-crl");
	buf_printf(&reply->bytes, "ETag: %s\r\nLast-Modified: %s\r\n", served->tag,
	    served->date);
	if (fault->kind == FAULT_TRUNCATED || fault->kind == FAULT_STALL)
		body.len = (size_t)cut;
	if (fault->kind == FAULT_WRONG_LENGTH)
		said = said > fault->number ? said - (size_t)fault->number : 0;
	if (fault->kind == FAULT_SLOW)
		reply->delay_ms = (int64_t)fault->number;
	if (fault->kind == FAULT_DRIP) {
		reply->step = 1;
		reply->pause_ms = (int64_t)fault->number;
	}
	if (fault->kind == FAULT_STALL)
		reply->end = CRL_REPLY_HOLD;
	reply_body(reply, said, body);
}

static void
reply_pem(const struct served *served, struct crl_reply *reply)
{
	struct buf pem;

	buf_init(&pem, REPLY_MAX);
	pem_write("X509 CRL", buf_bytes(&served->data), &pem);
	reply_head(reply, 200, "application/x-pem-file");
	reply_body(reply, pem.len, buf_bytes(&pem));
	buf_done(&pem);
}

/* The head of a reply without end, and what comes again and again. */
static void
reply_endless(enum fault_kind kind, struct crl_reply *reply)
{
	uint8_t *room = NULL;

	reply_head(reply, 200, "application/pkix-crl");
	if (kind == FAULT_ENDLESS_HEADER) {
		buf_put_text(&reply->filler, "X-Padding: there is always one more field\r\n");
		return;
	}
	if (kind == FAULT_ENDLESS_CHUNKED) {
		buf_put_text(&reply->bytes, "Transfer-Encoding: chunked\r\n");
		buf_printf(&reply->filler, "%x\r\n", FILLER_SIZE);
	}
	buf_put_text(&reply->bytes, "\r\n");
	room = buf_reserve(&reply->filler, FILLER_SIZE);
	memset(room, 0x30, FILLER_SIZE);
	buf_claim(&reply->filler, FILLER_SIZE);
	if (kind == FAULT_ENDLESS_CHUNKED)
		buf_put_text(&reply->filler, "\r\n");
}

static void
reply_bomb(uint64_t runs, struct crl_reply *reply)
{
	struct buf bomb;

	buf_init(&bomb, REPLY_MAX);
	gzip_bomb_write((uint32_t)runs, &bomb);
	reply_head(reply, 200, "application/pkix-crl");
	buf_put_text(&reply->bytes, "Content-Encoding: gzip\r\n");
	reply_body(reply, bomb.len, buf_bytes(&bomb));
	buf_done(&bomb);
}

static void
reply_html(struct crl_reply *reply)
{
	static const char page[] = "<!DOCTYPE html>\n<title>Sign in</title>\n"
				   "<p>Please sign in to this network.</p>\n";

	reply_head(reply, 200, "text/html");
	reply_body(reply, sizeof(page) - 1, bytes_of_text(page));
}

static void
reply_redirect(uint64_t code, const char *name, struct crl_reply *reply)
{
	char location[2 * LAB_NAME_MAX];

	snprintf(location, sizeof(location), "Location: /%s\r\n", name);
	reply_page(reply, code, location);
}

/* Replies that no file is needed for; false when it is another fault. */
static bool
reply_without_file(const struct fault *fault, const char *name, struct crl_reply *reply)
{
	switch (fault->kind) {
	case FAULT_ENDLESS:
	case FAULT_ENDLESS_CHUNKED:
	case FAULT_ENDLESS_HEADER:
		reply_endless(fault->kind, reply);
		return true;
	case FAULT_GZIP_BOMB:
		reply_bomb(fault->number, reply);
		return true;
	case FAULT_HTML:
		reply_html(reply);
		return true;
	case FAULT_REDIRECT:
		reply_redirect(fault->number, name, reply);
		return true;
	case FAULT_STATUS:
		reply_page(reply, fault->number, "");
		return true;
	case FAULT_HALF_OPEN:
		reply->end = CRL_REPLY_HOLD;
		return true;
	case FAULT_RESET:
		reply->end = CRL_REPLY_RESET;
		return true;
	case FAULT_NONE:
	case FAULT_SLOW:
	case FAULT_DRIP:
	case FAULT_TRUNCATED:
	case FAULT_STALL:
	case FAULT_WRONG_LENGTH:
	case FAULT_PEM:
	case FAULT_STALE:
	case FAULT_OLDER:
	case FAULT_OTHER:
		break;
	}
	return false;
}

/* Splits "/FAULT/NAME" or "/NAME"; false when the name is not one of a file. */
static bool
httpd_find_target(const struct crl_httpd *httpd, struct bytes path, struct fault *ret_fault,
    char ret_name[static LAB_NAME_MAX + 1])
{
	struct bytes rest = bytes_of(path.data + 1, path.len - 1);
	const uint8_t *slash = memchr(rest.data, '/', rest.len);
	const struct fault *by_name;
	bool ordered = false;

	if (slash != NULL) {
		struct bytes prefix = bytes_of(rest.data, (size_t)(slash - rest.data));

		if (!fault_parse(prefix, ret_fault))
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
    const struct fault *fault, const char *name, struct crl_reply *reply)
{
	struct path_count *count = httpd_count(httpd, request->path);
	struct served served = {0};
	struct buf file;

	buf_init(&file, 2 * LAB_NAME_MAX);
	buf_init(&served.data, LAB_FILE_MAX);
	httpd_file_name(fault, name, &file);
	if (httpd_read(httpd, buf_text(&file), &served) != STATUS_OK) {
		reply_page(reply, 404, "");
	} else if (httpd_not_modified(request, &served)) {
		httpd->not_modified++;
		if (count != NULL)
			count->not_modified++;
		reply_head(reply, 304, "application/pkix-crl");
		buf_printf(&reply->bytes, "ETag: %s\r\n\r\n", served.tag);
	} else if (fault->kind == FAULT_PEM) {
		reply_pem(&served, reply);
	} else {
		reply_file(fault, &served, reply);
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
	struct fault fault;
	struct buf stats;

	if (!bytes_equal_text(request->method, "GET")) {
		httpd->bad++;
		reply_page(reply, 405, "");
		return;
	}
	if (bytes_equal_text(request->path, "/stats")) {
		buf_init(&stats, REPLY_MAX);
		crl_httpd_stats(httpd, &stats);
		reply_head(reply, 200, "application/json");
		reply_body(reply, stats.len, buf_bytes(&stats));
		buf_done(&stats);
		return;
	}
	httpd->requests++;
	count = httpd_count(httpd, request->path);
	if (count != NULL)
		count->requests++;
	if (!httpd_find_target(httpd, request->path, &fault, name))
		reply_page(reply, 404, "");
	else if (!reply_without_file(&fault, name, reply))
		httpd_answer_file(httpd, request, &fault, name, reply);
}

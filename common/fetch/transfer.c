/* SPDX-License-Identifier: Apache-2.0
 *
 * One transfer is one easy handle: set up here, driven by multi.c, ended in transfer_end.
 */
#include <curl/curl.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/base/text.h"
#include "common/fetch/address.h"
#include "common/fetch/transfer_internal.h"

enum {
	LOW_SPEED_BYTES = 64, /* a second */
	LOW_SPEED_S = 20,
	VALIDATOR_MAX = 512,
};

static void
transfer_fail(struct transfer *transfer, enum edge_fetch_outcome outcome, const char *detail)
{
	if (transfer->outcome != EDGE_FETCH_OK)
		return;
	transfer->outcome = outcome;
	snprintf(transfer->detail, sizeof(transfer->detail), "%s", detail);
}

/* The body goes into the memfd as it comes, and no further than the cap. */
static size_t
transfer_on_body(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	size_t len = size * count;

	if (len > transfer->max_bytes - transfer->received) {
		transfer_fail(transfer, EDGE_FETCH_TOO_LARGE, "longer than the limit");
		return CURL_WRITEFUNC_ERROR;
	}
	if (fileio_write_all(transfer->body_fd, data, len) != STATUS_OK) {
		transfer_fail(transfer, EDGE_FETCH_TOO_LARGE, "no room to keep it");
		return CURL_WRITEFUNC_ERROR;
	}
	transfer->received += len;
	return len;
}

static void
transfer_keep_header(struct bytes line, const char *name, struct buf *out)
{
	size_t len = strlen(name);

	if (line.len <= len ||
	    !text_equal_nocase(bytes_of(line.data, len), bytes_of_text(name)))
		return;
	line = bytes_of(line.data + len, line.len - len);
	while (line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t'))
		line = bytes_of(line.data + 1, line.len - 1);
	while (line.len > 0 && line.data[line.len - 1] <= ' ')
		line.len--;
	buf_clear(out);
	buf_put_bytes(out, line);
	if (!buf_ok(out))
		buf_clear(out); /* too long to send back: then without */
}

static size_t
transfer_on_header(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	struct bytes line = bytes_of(data, size * count);

	transfer_keep_header(line, "etag:", &transfer->etag);
	transfer_keep_header(line, "last-modified:", &transfer->last_modified);
	return size * count;
}

/* The last word on where a connection goes: the address, after the name was resolved.  A
 * proxy resolves for itself, so there the proxy is the policy. */
static curl_socket_t
transfer_on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = arg;
	struct buf text;

	(void)purpose;
	buf_init(&text, sizeof(transfer->address) - 1);
	address_text(&address->addr, &text);
	snprintf(transfer->address, sizeof(transfer->address), "%s", buf_text(&text));
	buf_done(&text);
	if (transfer->judge_address &&
	    !address_allowed(&address->addr, transfer->allow_loopback)) {
		transfer_fail(transfer, EDGE_FETCH_DENIED,
		    "this address is not allowed (loopback, link-local or multicast)");
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    address->protocol);
}

static void
transfer_set_common(struct transfer *transfer, const struct policy *policy)
{
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	/* set always: otherwise the environment says which proxy */
	curl_easy_setopt(easy, CURLOPT_PROXY, policy->proxy != NULL ? policy->proxy : "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_error);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, transfer_on_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
}

static void
transfer_add_validator(struct transfer *transfer, const char *name, struct bytes value)
{
	struct buf line;

	if (value.len == 0)
		return;
	buf_init(&line, VALIDATOR_MAX + 64);
	buf_put_text(&line, name);
	buf_put_bytes(&line, value);
	if (buf_ok(&line))
		transfer->headers = curl_slist_append(transfer->headers, buf_text(&line));
	buf_done(&line);
}

struct transfer *
transfer_new(uint64_t id)
{
	struct transfer *transfer = NEW(struct transfer);

	transfer->id = id;
	transfer->body_fd = -1;
	transfer->socket_fd = -1;
	buf_init(&transfer->etag, VALIDATOR_MAX);
	buf_init(&transfer->last_modified, VALIDATOR_MAX);
	transfer->easy = curl_easy_init();
	if (transfer->easy == NULL)
		abort();
	return transfer;
}

void
transfer_free(struct transfer *transfer)
{
	if (transfer == NULL)
		return;
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	fileio_close(transfer->body_fd);
	fileio_close(transfer->socket_fd);
	buf_done(&transfer->etag);
	buf_done(&transfer->last_modified);
	free(transfer->host);
	free(transfer);
}

bool
transfer_setup_get(struct transfer *transfer, const struct edge_fetch_get *get,
    const struct policy *policy)
{
	CURL *easy = transfer->easy;
	struct bytes host;
	char *url;

	if (!address_parse_url(get->url, &host)) {
		transfer_fail(transfer, EDGE_FETCH_BAD_URL,
		    "not an http:// URL that can be used");
		return false;
	}
	transfer->host = alloc_text_copy(host.data, host.len);
	if (!address_host_listed(host, policy->hosts, policy->host_count)) {
		transfer_fail(transfer, EDGE_FETCH_DENIED,
		    "this host is not on the allow-list");
		return false;
	}
	transfer->body_fd = memfd_create("download", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (transfer->body_fd < 0) {
		transfer_fail(transfer, EDGE_FETCH_BUSY, "no descriptor is free");
		return false;
	}
	transfer->max_bytes = get->max_bytes;
	transfer->judge_address = policy->proxy == NULL;
	transfer->allow_loopback = policy->allow_loopback;
	transfer_set_common(transfer, policy);
	url = alloc_text_copy(get->url.data, get->url.len);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	free(url);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "portcullis/" PORTCULLIS_VERSION);
	curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L); /* a bomb stays small */
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)get->max_bytes);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)policy->connect_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)policy->total_ms);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)LOW_SPEED_BYTES);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)LOW_SPEED_S);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, transfer_on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, transfer_on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	transfer_add_validator(transfer, "If-None-Match: ", get->etag);
	transfer_add_validator(transfer, "If-Modified-Since: ", get->last_modified);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	return true;
}

bool
transfer_setup_dial(struct transfer *transfer, const struct edge_fetch_dial *dial,
    const struct policy *policy)
{
	struct policy direct = *policy;
	struct buf url;
	bool ipv6 = memchr(dial->host.data, ':', dial->host.len) != NULL;
	bool fits;

	transfer->dial = true;
	direct.proxy = NULL;
	buf_init(&url, 512);
	buf_printf(&url, ipv6 ? "http://[%.*s]:%u/" : "http://%.*s:%u/", (int)dial->host.len,
	    (const char *)dial->host.data, dial->port);
	fits = buf_ok(&url);
	transfer_set_common(transfer, &direct);
	curl_easy_setopt(transfer->easy, CURLOPT_URL, buf_text(&url));
	curl_easy_setopt(transfer->easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(transfer->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)dial->timeout_ms);
	buf_done(&url);
	if (!fits)
		transfer_fail(transfer, EDGE_FETCH_BAD_URL, "host name too long");
	return fits;
}

static enum edge_fetch_outcome
transfer_outcome_of(CURLcode code)
{
	/* libcurl's list is open-ended: only what is told apart is named */
	if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY)
		return EDGE_FETCH_NAME;
	if (code == CURLE_COULDNT_CONNECT)
		return EDGE_FETCH_CONNECT;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return EDGE_FETCH_TIMEOUT;
	if (code == CURLE_FILESIZE_EXCEEDED)
		return EDGE_FETCH_TOO_LARGE;
	if (code == CURLE_PARTIAL_FILE || code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR)
		return EDGE_FETCH_TRUNCATED;
	if (code == CURLE_URL_MALFORMAT)
		return EDGE_FETCH_BAD_URL;
	return EDGE_FETCH_PROTOCOL;
}

/* What the server's answer is worth once it has come whole. */
static void
transfer_judge_answer(struct transfer *transfer)
{
	char text[64];
	long status = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	transfer->http_status = (uint16_t)status;
	if (status == 304 && transfer->headers != NULL) {
		transfer->outcome = EDGE_FETCH_NOT_MODIFIED;
	} else if (status != 200) {
		snprintf(text, sizeof(text), "HTTP status %ld", status);
		transfer_fail(transfer, EDGE_FETCH_STATUS, text);
	}
}

/* The socket that was connected, a descriptor of our own. */
static void
transfer_take_socket(struct transfer *transfer)
{
	curl_socket_t connected = CURL_SOCKET_BAD;

	curl_easy_getinfo(transfer->easy, CURLINFO_ACTIVESOCKET, &connected);
	if (connected != CURL_SOCKET_BAD)
		transfer->socket_fd = fcntl(connected, F_DUPFD_CLOEXEC, 0);
	if (transfer->socket_fd < 0)
		transfer_fail(transfer, EDGE_FETCH_CONNECT, "the connection was lost at once");
}

void
transfer_end(struct transfer *transfer, int code)
{
	if (code != CURLE_OK)
		transfer_fail(transfer, transfer_outcome_of((CURLcode)code),
		    transfer->curl_error[0] != '\0' ? transfer->curl_error
						    : curl_easy_strerror((CURLcode)code));
	else if (transfer->dial)
		transfer_take_socket(transfer);
	else
		transfer_judge_answer(transfer);
}

struct transfer_result
transfer_result(struct transfer *transfer)
{
	struct transfer_result result = {.outcome = transfer->outcome,
	    .http_status = transfer->http_status,
	    .etag = buf_bytes(&transfer->etag),
	    .last_modified = buf_bytes(&transfer->last_modified),
	    .address = bytes_of_text(transfer->address),
	    .detail = transfer->detail,
	    .fd = -1,
	    .len = transfer->received};

	if (transfer->outcome == EDGE_FETCH_OK && transfer->dial) {
		result.fd = transfer->socket_fd;
		transfer->socket_fd = -1;
	} else if (transfer->outcome == EDGE_FETCH_OK) {
		/* from here on nobody changes it, we included */
		(void)fcntl(transfer->body_fd, F_ADD_SEALS,
		    F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
		result.fd = transfer->body_fd;
		transfer->body_fd = -1;
	}
	return result;
}

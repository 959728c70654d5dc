/* SPDX-License-Identifier: Apache-2.0
 *
 * Fetches URLs as the fetch role does, all at once, and prints the outcome of each as one
 * JSON object a line, in the order in which they end.  Takes NAME=VALUE settings and URLs;
 * settings count for all URLs.  Run by test_fetch.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/base/json_write.h"
#include "common/base/text.h"
#include "common/fetch/transfer.h"
#include "common/loop/loop.h"

enum {
	URLS_MAX = 400
};

struct tool {
	struct loop *loop;
	struct transfers_policy policy;
	struct edge_fetch_get get; /* what is the same for all URLs */
	bool print_body;
	const char *urls[URLS_MAX];
	size_t url_count;
	size_t ended;
	int64_t begun_ms;
};

static bool
tool_number(const char *text, uint64_t *ret_number)
{
	return text_parse_u64(text, 0, UINT32_MAX, ret_number);
}

/* One NAME=VALUE; false where there is no such setting. */
static bool
tool_set(struct tool *tool, const char *name, const char *value)
{
	uint64_t number = 0;

	if (strcmp(name, "max-bytes") == 0 && tool_number(value, &number))
		tool->get.max_bytes = number;
	else if (strcmp(name, "connect-ms") == 0 && tool_number(value, &number))
		tool->policy.connect_ms = (uint32_t)number;
	else if (strcmp(name, "total-ms") == 0 && tool_number(value, &number))
		tool->policy.total_ms = (uint32_t)number;
	else if (strcmp(name, "loopback") == 0)
		tool->policy.allow_loopback = strcmp(value, "yes") == 0;
	else if (strcmp(name, "body") == 0)
		tool->print_body = strcmp(value, "yes") == 0;
	else if (strcmp(name, "proxy") == 0)
		tool->policy.proxy = bytes_of_text(value);
	else if (strcmp(name, "etag") == 0)
		tool->get.etag = bytes_of_text(value);
	else if (strcmp(name, "last-modified") == 0)
		tool->get.last_modified = bytes_of_text(value);
	else if (strcmp(name, "host") == 0 && tool->policy.hosts.count < EDGE_LIST_MAX)
		tool->policy.hosts.items[tool->policy.hosts.count++] = bytes_of_text(value);
	else
		return false;
	return true;
}

static void
tool_put_body(struct json_write *json, const struct transfer_result *result)
{
	void *body;

	if (result->len == 0)
		return;
	body = mmap(NULL, result->len, PROT_READ, MAP_PRIVATE, result->fd, 0);
	if (body == MAP_FAILED)
		abort();
	json_hex(json, "body", bytes_of(body, result->len));
	munmap(body, result->len);
}

static void
tool_on_done(void *arg, uint64_t id, const struct transfer_result *result)
{
	struct tool *tool = arg;
	struct json_write json;
	struct buf line;

	buf_init(&line, 64 << 20);
	json = json_write_to(&line);
	json_open_object(&json, NULL);
	json_text(&json, "url", tool->urls[id]);
	json_text(&json, "outcome", edge_fetch_outcome_text(result->outcome));
	json_u64(&json, "status", result->http_status);
	json_u64(&json, "len", result->len);
	json_bool(&json, "has_body", result->fd >= 0);
	json_bytes(&json, "etag", result->etag);
	json_bytes(&json, "last_modified", result->last_modified);
	json_bytes(&json, "address", result->address);
	json_text(&json, "detail", result->detail);
	json_i64(&json, "ms", clock_mono_ms() - tool->begun_ms);
	if (tool->print_body && result->fd >= 0)
		tool_put_body(&json, result);
	json_close_object(&json);
	puts(buf_text(&line));
	buf_done(&line);
	fileio_close(result->fd);
	if (++tool->ended == tool->url_count)
		loop_stop(tool->loop);
}

static bool
tool_read_arguments(struct tool *tool, int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		char *equals = strchr(argv[i], '=');

		if (strncmp(argv[i], "--", 2) != 0) {
			if (tool->url_count == URLS_MAX)
				return false;
			tool->urls[tool->url_count++] = argv[i];
			continue;
		}
		if (equals == NULL)
			return false;
		*equals = '\0';
		if (!tool_set(tool, argv[i] + 2, equals + 1))
			return false;
	}
	return tool->url_count > 0;
}

int
main(int argc, char *argv[])
{
	static struct tool tool = {
	    .policy = {.allow_loopback = true, .connect_ms = 2000, .total_ms = 2000},
	    .get = {.max_bytes = 1 << 20},
	};
	struct transfers *transfers;

	if (!tool_read_arguments(&tool, argc, argv)) {
		fputs("usage: fetch-tool [--NAME=VALUE]... URL...\n", stderr);
		return 2;
	}
	if (transfers_prepare_process() != STATUS_OK)
		return 1;
	tool.loop = loop_new();
	tool.begun_ms = clock_mono_ms();
	transfers = transfers_new(tool.loop, &tool.policy, tool_on_done, &tool);
	for (size_t i = 0; i < tool.url_count; i++) {
		tool.get.id = i;
		tool.get.url = bytes_of_text(tool.urls[i]);
		transfers_get(transfers, &tool.get);
	}
	loop_run(tool.loop);
	transfers_free(transfers);
	loop_free(tool.loop);
	return 0;
}

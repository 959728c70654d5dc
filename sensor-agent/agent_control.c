/* SPDX-License-Identifier: Apache-2.0
 *
 * What operators ask through the control socket.
 *
 *   status
 *   failures [LIMIT]          newest first
 *   explain ID
 *   spool show [FROM [LIMIT]] records that are durable and not yet acknowledged
 *
 * and what common/daemon/admin.h takes.
 */
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/wire/batch.h"
#include "sensor-agent/agent.h"

enum {
	CODE_OK = 0,
	CODE_FAILURE = 1,
	CODE_USAGE = 2,
	CODE_NOT_FOUND = 3,
	FAILURES_SHOWN = 100,
	RECORDS_SHOWN = 20,
	RECORDS_SHOWN_MAX = 1000,
	NUMBER_SIZE = 24,
};

/* Argument number i as a whole number; fallback where it is missing, false where it is none. */
static bool
agent_number(const struct control_request *request, size_t i, uint64_t fallback,
    uint64_t *ret_number)
{
	char text[NUMBER_SIZE] = "";

	*ret_number = fallback;
	if (i >= request->args.count)
		return true;
	if (request->args.items[i].len >= sizeof(text))
		return false;
	memcpy(text, request->args.items[i].data, request->args.items[i].len);
	return text_parse_u64(text, 0, INT64_MAX, ret_number);
}

static enum status
agent_row(struct control_client *client, const struct buf *row)
{
	return buf_ok(row) ? control_row(client, buf_bytes(row)) : STATUS_LIMIT;
}

static void
agent_end(struct control_client *client, enum status status)
{
	if (status == STATUS_OK)
		control_end(client, CODE_OK, NULL);
	else
		control_end(client, CODE_FAILURE,
		    status == STATUS_AGAIN ? "too much is asked for at once; give a limit"
					   : status_text(status));
}

static void
agent_on_status(struct agent *agent, struct control_client *client,
    const struct control_request *request)
{
	struct buf row;

	buf_init(&row, CONTROL_ROW_MAX);
	agent_put_status(agent, &row);
	agent_end(client, agent_row(client, &row));
	buf_done(&row);
}

static void
agent_on_failures(struct agent *agent, struct control_client *client,
    const struct control_request *request)
{
	const struct failure_row *failure;
	enum status status = STATUS_OK;
	uint64_t limit;
	struct buf row;

	if (!agent_number(request, 0, FAILURES_SHOWN, &limit)) {
		control_end(client, CODE_USAGE, "how many?");
		return;
	}
	buf_init(&row, CONTROL_ROW_MAX);
	for (size_t i = 0; status == STATUS_OK && i < limit &&
			   (failure = failure_log_at(agent->failures, i)) != NULL;
	     i++) {
		buf_clear(&row);
		failure_log_put(failure, false, &row);
		status = agent_row(client, &row);
	}
	buf_done(&row);
	agent_end(client, status);
}

static void
agent_on_explain(struct agent *agent, struct control_client *client,
    const struct control_request *request)
{
	const struct failure_row *failure;
	struct buf row;
	uint64_t id;

	if (request->args.count != 1 || !agent_number(request, 0, 0, &id)) {
		control_end(client, CODE_USAGE, "which one? `failures` shows their numbers");
		return;
	}
	failure = failure_log_find(agent->failures, id);
	if (failure == NULL) {
		control_end(client, CODE_NOT_FOUND, "there is no such failure; see `failures`");
		return;
	}
	buf_init(&row, CONTROL_ROW_MAX);
	failure_log_put(failure, false, &row);
	agent_end(client, agent_row(client, &row));
	buf_done(&row);
}

/* --- spool show --- */

/* One record as a row; data that is too long for one when it is escaped is left out. */
static enum status
agent_show_record(struct control_client *client, const struct record *record, uint64_t seq,
    struct buf *row)
{
	struct bytes source = bytes_of("", 0), data = record->payload;
	struct json_write json;

	if (!record_split_source(record->payload, &source, &data))
		data = record->payload;
	for (int with_data = 1; with_data >= 0; with_data--) {
		buf_clear(row);
		json = json_write_to(row);
		json_open_object(&json, NULL);
		json_u64(&json, "seq", seq);
		json_time_us(&json, "time", record->wall_us);
		json_text(&json, "type", record_type_text(record->type));
		json_bytes(&json, "source", source);
		json_bool(&json, "carried", (record->flags & RECORD_FLAG_CARRIED) != 0);
		json_u64(&json, "length", data.len);
		if (with_data)
			json_bytes(&json, "data", data);
		else
			json_none(&json, "data");
		json_close_object(&json);
		if (buf_ok(row))
			break;
	}
	return agent_row(client, row);
}

/* Reads batch after batch with a reader of its own. */
static enum status
agent_show(struct agent *agent, struct control_client *client, struct spool_reader *reader,
    uint64_t limit)
{
	enum status status = STATUS_OK;
	struct spool_batch info;
	struct record record;
	struct batch batch;
	struct bytes raw;
	struct buf read, row;
	uint64_t seq;

	buf_init(&read, agent->batch.max);
	buf_init(&row, CONTROL_ROW_MAX);
	while (status == STATUS_OK && limit > 0) {
		buf_clear(&read);
		status = spool_read(agent->spool, reader, (size_t)limit, BATCH_SIZE_MAX, &read,
		    &info);
		if (status == STATUS_OK)
			status = batch_open(buf_bytes(&read), &batch);
		if (status != STATUS_OK)
			break;
		limit -= info.count;
		while (status == STATUS_OK && batch_next(&batch, &record, &seq, &raw))
			status = agent_show_record(client, &record, seq, &row);
	}
	buf_done(&read);
	buf_done(&row);
	return status == STATUS_END ? STATUS_OK : status;
}

static void
agent_on_show(struct agent *agent, struct control_client *client,
    const struct control_request *request)
{
	struct spool_status own;
	uint64_t from, limit;
	enum status status;

	spool_get_status(agent->spool, &own);
	if (!agent_number(request, 0, own.first, &from) ||
	    !agent_number(request, 1, RECORDS_SHOWN, &limit) || limit > RECORDS_SHOWN_MAX) {
		control_end(client, CODE_USAGE, "from which number on, and how many (1000)?");
		return;
	}
	if (from < own.first)
		from = own.first;
	status = agent_show(agent, client, &(struct spool_reader){.next = from}, limit);
	if (status == STATUS_IO || status == STATUS_CORRUPT)
		agent_fail(agent, status);
	agent_end(client, status);
}

static const struct {
	const char *command;
	void (*run)(struct agent *agent, struct control_client *client,
	    const struct control_request *request);
} requests[] = {
    {"status", agent_on_status},
    {"failures", agent_on_failures},
    {"explain", agent_on_explain},
    {"spool show", agent_on_show},
};

static void
agent_on_request(void *arg, struct control_client *client,
    const struct control_request *request)
{
	struct agent *agent = arg;

	if (agent->failed) {
		control_end(client, CODE_FAILURE, "the spool is being opened again; ask later");
		return;
	}
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (strcmp(request->command, requests[i].command) == 0) {
			requests[i].run(agent, client, request);
			return;
		}
	}
	if (!admin_request(agent->admin, client, request))
		control_end(client, CODE_USAGE, "this daemon does not know that request");
}

static void
agent_on_gone(void *arg, struct control_client *client)
{
	admin_gone(((struct agent *)arg)->admin, client);
}

const struct control_ops agent_control_ops = {.request = agent_on_request,
    .gone = agent_on_gone};

/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands of the console: what they send, and which columns people see.
 */
#include "console-server/commands.h"

#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/daemon/client.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* --- filters --- */

/* "2026-11-23T12:00:00Z", or how long ago: "2h". */
static bool
commands_since(const char *text, int64_t *ret_us)
{
	int64_t ago_ms;

	if (clock_parse(text, ret_us))
		return true;
	if (!text_parse_duration(text, &ago_ms))
		return false;
	*ret_us = clock_wall_us() - ago_ms * 1000;
	return true;
}

/* Adds the options that are filters, as NAME=VALUE.  COMMAND_OK, or the exit code. */
static int
commands_add_filters(const struct command_call *call, struct client_request *request,
    const char *const *names)
{
	int64_t since_us;

	for (; *names != NULL; names++) {
		const char *value = command_value(call, *names);

		if (value == NULL)
			continue;
		if (strcmp(*names, "since") != 0) {
			client_request_addf(request, "%s=%s", *names, value);
			continue;
		}
		if (!commands_since(value, &since_us))
			return command_fail(call, COMMAND_USAGE,
			    "a time such as 2026-11-23T12:00:00Z, or how long ago: 2h, 30min",
			    "bad --since %s", value);
		client_request_addf(request, "since_us=%lld",
		    (long long)(since_us > 0 ? since_us : 0));
	}
	return COMMAND_OK;
}

static int
commands_ask_filtered(struct command_call *call, const char *question,
    const char *const *filters, const struct client_view *view)
{
	struct client_request request;
	int code;

	client_request_init(&request, question);
	code = commands_add_filters(call, &request, filters);
	if (code != COMMAND_OK) {
		client_request_done(&request);
		return code;
	}
	return client_ask(call, &request, view);
}

/* --- status --- */

static int
status_run(struct command_call *call)
{
	struct client_request request;

	client_request_init(&request, "status");
	return client_ask(call, &request, NULL);
}

/* --- sensors --- */

static const struct output_column sensor_columns[] = {
    {.title = "Name", .key = "name"},
    {.title = "State", .key = "state"},
    {.title = "Address", .key = "address"},
    {.title = "Last seen", .key = "seen"},
    {.title = "Certificate until", .key = "certificate_until"},
    {.title = "Events", .key = "events", .right = true},
    {.title = "Other key waits", .key = "other_key_waits", .right = true},
};

static const struct client_view sensor_view = {.layout = OUTPUT_TABLE,
    .columns = sensor_columns,
    .column_count = COUNT_OF(sensor_columns),
    .empty =
	"No sensor has connected yet.  On a sensor: set [Console \"NAME\"] Address=, import "
	"a certificate, start it; it then waits here for `sensors approve`."};

static int
sensors_run(struct command_call *call)
{
	static const char *const none[] = {NULL};

	return commands_ask_filtered(call, "sensors", none, &sensor_view);
}

static int
commands_act(struct command_call *call, const char *act)
{
	struct client_request request;

	client_request_init(&request, act);
	for (size_t i = 0; i < call->operand_count; i++)
		client_request_add(&request, bytes_of_text(call->operands[i]));
	return client_ask(call, &request, NULL);
}

static int
approve_run(struct command_call *call)
{
	return commands_act(call, "sensors approve");
}

static int
retire_run(struct command_call *call)
{
	return commands_act(call, "sensors retire");
}

static int
accept_key_run(struct command_call *call)
{
	return commands_act(call, "sensors accept-key");
}

static const struct command sensor_commands[] = {
    {.name = "list",
	.help = "every appliance this console knows",
	.options = client_options,
	.run = sensors_run},
    {.name = "approve",
	.help = "let a proved appliance in",
	.operands = "NAME",
	.least = 1,
	.most = 1,
	.options = client_options,
	.run = approve_run},
    {.name = "retire",
	.help = "end an appliance's sessions and refuse it from now on",
	.operands = "NAME",
	.least = 1,
	.most = 1,
	.options = client_options,
	.run = retire_run},
    {.name = "accept-key",
	.help = "take the other key that waits for a name as its key",
	.operands = "NAME",
	.least = 1,
	.most = 1,
	.options = client_options,
	.run = accept_key_run},
    {.name = NULL},
};

/* --- failures --- */

static const struct output_column failure_columns[] = {
    {.title = "Id", .key = "id", .right = true},
    {.title = "Last", .key = "last"},
    {.title = "Count", .key = "count", .right = true},
    {.title = "Reason", .key = "reason"},
    {.title = "Who", .key = "identity"},
    {.title = "Reported by", .key = "reported_by"},
    {.title = "What to do", .key = "fix"},
};

static const struct client_view failure_view = {.layout = OUTPUT_TABLE,
    .columns = failure_columns,
    .column_count = COUNT_OF(failure_columns),
    .empty = "Nothing was refused."};

static const struct command_option failure_options[] = {
    CLIENT_OPTIONS,
    {.name = "since", .argument = "TIME", .help = "from then on, or so long ago (2h)"},
    {.name = "reason", .argument = "SLUG", .help = "only this reason"},
    {.name = "identity", .argument = "NAME", .help = "only this appliance or address"},
    {.name = "limit", .argument = "N", .help = "at most so many (100)"},
    {.name = NULL},
};

static int
failures_run(struct command_call *call)
{
	static const char *const filters[] = {"since", "reason", "identity", "limit", NULL};

	return commands_ask_filtered(call, "failures", filters, &failure_view);
}

static int
commands_ask_id(struct command_call *call, const char *question)
{
	struct client_request request;
	uint64_t id;

	if (!text_parse_u64(call->operands[0], 1, INT64_MAX, &id))
		return command_fail(call, COMMAND_USAGE, "the first column of the list",
		    "bad id %s", call->operands[0]);
	client_request_init(&request, question);
	client_request_addf(&request, "id=%llu", (unsigned long long)id);
	return client_ask(call, &request, NULL);
}

static int
explain_run(struct command_call *call)
{
	return commands_ask_id(call, "explain");
}

/* --- events --- */

static const struct output_column event_columns[] = {
    {.title = "Id", .key = "id", .right = true},
    {.title = "Time", .key = "time"},
    {.title = "Sensor", .key = "sensor"},
    {.title = "Kind", .key = "kind"},
    {.title = "Sev", .key = "severity", .right = true},
    {.title = "Source", .key = "source"},
    {.title = "Destination", .key = "destination"},
    {.title = "Summary", .key = "summary"},
};

static const struct client_view event_view = {.layout = OUTPUT_TABLE,
    .columns = event_columns,
    .column_count = COUNT_OF(event_columns),
    .empty = "No event matches."};

static const struct command_option event_options[] = {
    CLIENT_OPTIONS,
    {.name = "since", .argument = "TIME", .help = "from then on, or so long ago (2h)"},
    {.name = "sensor", .argument = "NAME", .help = "only of this sensor"},
    {.name = "kind", .argument = "PATTERN", .help = "such as 'suricata/*'"},
    {.name = "severity", .argument = "N", .help = "at least 1 warning, 4 minor, 8 major, 10"},
    {.name = "text", .argument = "TEXT", .help = "that has this in it"},
    {.name = "after", .argument = "ID", .help = "after this one, oldest first"},
    {.name = "limit", .argument = "N", .help = "at most so many (100)"},
    {.name = NULL},
};

static int
events_run(struct command_call *call)
{
	static const char *const filters[] = {"since", "sensor", "kind", "severity", "text",
	    "after", "limit", NULL};

	return commands_ask_filtered(call, "events", filters, &event_view);
}

static int
event_run(struct command_call *call)
{
	return commands_ask_id(call, "event");
}

/* --- notices, peer --- */

static const struct output_column notice_columns[] = {
    {.title = "Id", .key = "id", .right = true},
    {.title = "Kind", .key = "kind"},
    {.title = "At", .key = "at"},
    {.title = "Sensor", .key = "sensor"},
    {.title = "First", .key = "first", .right = true},
    {.title = "Last", .key = "last", .right = true},
    {.title = "Detail", .key = "detail"},
};

static const struct client_view notice_view = {.layout = OUTPUT_TABLE,
    .columns = notice_columns,
    .column_count = COUNT_OF(notice_columns),
    .empty = "Nothing to notice: no log has forked or lost a record."};

static int
notices_run(struct command_call *call)
{
	static const char *const none[] = {NULL};

	return commands_ask_filtered(call, "notices", none, &notice_view);
}

const struct command console_commands[] = {
    {.name = "status",
	.help = "how the console stands",
	.options = client_options,
	.run = status_run},
    {.name = "sensors", .help = "the appliances it knows", .children = sensor_commands},
    {.name = "failures",
	.help = "links that were refused or endangered, and what to do",
	.options = failure_options,
	.run = failures_run},
    {.name = "explain",
	.help = "everything about one failure, from both sides",
	.operands = "ID",
	.least = 1,
	.most = 1,
	.options = client_options,
	.run = explain_run},
    {.name = "events",
	.help = "what the sensors have reported, newest first",
	.options = event_options,
	.run = events_run},
    {.name = "event",
	.help = "one event, with its record as it came",
	.operands = "ID",
	.least = 1,
	.most = 1,
	.options = client_options,
	.run = event_run},
    {.name = "notices",
	.help = "what the store has to tell: forks, gaps, losses",
	.options = client_options,
	.run = notices_run},
    {.name = NULL},
};

size_t
console_command_count(void)
{
	return COUNT_OF(console_commands) - 1;
}

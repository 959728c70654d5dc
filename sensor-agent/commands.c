/* SPDX-License-Identifier: Apache-2.0
 *
 * status, failures, explain, spool show|check.
 */
#include "sensor-agent/commands.h"

#include <errno.h>
#include <fcntl.h>

#include "common/base/fileio.h"
#include "common/base/text.h"
#include "common/daemon/client.h"
#include "common/daemon/place.h"
#include "sensor-agent/config_schema.h"
#include "sensor-agent/spool/spool_check.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

int
status_run(struct command_call *call)
{
	struct client_request request;

	client_request_init(&request, "status");
	return client_ask(call, &request, NULL);
}

/* --- failures --- */

const struct command_option failures_options[] = {
    {.name = "limit", .argument = "COUNT", .help = "how many rows (100)"},
    CLIENT_OPTIONS,
    {.name = NULL},
};

static const struct output_column failure_columns[] = {
    {.title = "ID", .key = "id", .right = true},
    {.title = "Last seen", .key = "last_seen"},
    {.title = "Count", .key = "count", .right = true},
    {.title = "Severity", .key = "severity"},
    {.title = "Reason", .key = "reason"},
    {.title = "Peer", .key = "identity"},
    {.title = "Message", .key = "message"},
};

static const struct client_view failure_view = {.layout = OUTPUT_TABLE,
    .columns = failure_columns,
    .column_count = COUNT_OF(failure_columns),
    .empty = "no link was refused since the daemon was started"};

int
failures_run(struct command_call *call)
{
	const char *limit = command_value(call, "limit");
	struct client_request request;

	client_request_init(&request, "failures");
	if (limit != NULL)
		client_request_add(&request, bytes_of_text(limit));
	return client_ask(call, &request, &failure_view);
}

int
explain_run(struct command_call *call)
{
	struct client_request request;

	client_request_init(&request, "explain");
	client_request_add(&request, bytes_of_text(call->operands[0]));
	return client_ask(call, &request, NULL);
}

/* --- spool show --- */

static const struct command_option show_options[] = {
    {.name = "from", .argument = "NUMBER", .help = "from this record on (the first)"},
    {.name = "limit", .argument = "COUNT", .help = "how many records (20), at most 1000"},
    CLIENT_OPTIONS,
    {.name = NULL},
};

static const struct output_column show_columns[] = {
    {.title = "Number", .key = "seq", .right = true},
    {.title = "Time", .key = "time"},
    {.title = "Type", .key = "type"},
    {.title = "Source", .key = "source"},
    {.title = "Bytes", .key = "length", .right = true},
    {.title = "Data", .key = "data"},
};

static const struct client_view show_view = {.layout = OUTPUT_TABLE,
    .columns = show_columns,
    .column_count = COUNT_OF(show_columns),
    .empty = "nothing is waiting: all that was accepted is acknowledged"};

static int
spool_show_run(struct command_call *call)
{
	const char *from = command_value(call, "from"), *limit = command_value(call, "limit");
	struct client_request request;

	client_request_init(&request, "spool show");
	client_request_add(&request, bytes_of_text(from != NULL ? from : "0"));
	if (limit != NULL)
		client_request_add(&request, bytes_of_text(limit));
	return client_ask(call, &request, &show_view);
}

/* --- spool check --- */

static const char check_notes[] =
    "Reads every record and checks it and the hash chain.  Changes nothing, and may be done\n"
    "while the daemon runs: what it is writing at the moment then looks like a torn tail.\n";

static const char check_exits[] =
    "Exit codes: 0 sound, 1 could not be read, 2 usage, 3 there is no spool, 4 not allowed,\n"
    "6 damaged: the findings say what and where.\n";

static const struct output_column summary_columns[] = {
    {.title = "Log", .key = "log_id"},
    {.title = "In use", .key = "in_use"},
    {.title = "Segments", .key = "segments"},
    {.title = "First", .key = "first"},
    {.title = "Next", .key = "next"},
    {.title = "Acknowledged", .key = "acknowledged"},
    {.title = "Records", .key = "records"},
    {.title = "Session counter", .key = "session_counter"},
    {.title = "Lost", .key = "lost"},
    {.title = "Findings", .key = "findings"},
};

static void
check_print_summary(const struct command_call *call, const struct spool_summary *summary,
    const struct spool_report *report)
{
	struct output_table *table = output_table_new(&call->out, OUTPUT_FIELDS,
	    summary_columns, COUNT_OF(summary_columns));
	struct buf hex;

	buf_init(&hex, 2 * sizeof(summary->log_id));
	text_hex(&hex, bytes_of(summary->log_id, sizeof(summary->log_id)));
	output_cell_bytes(table, buf_bytes(&hex));
	output_cell_bool(table, summary->in_use);
	output_cell_i64(table, (int64_t)summary->segments);
	output_cell_i64(table, (int64_t)summary->first);
	output_cell_i64(table, (int64_t)summary->next);
	output_cell_i64(table, (int64_t)summary->acked);
	output_cell_i64(table, (int64_t)summary->records);
	output_cell_i64(table, (int64_t)summary->counter);
	output_cell_i64(table, (int64_t)report->lost);
	output_cell_i64(table, (int64_t)(report->count + report->omitted));
	output_row_end(table);
	output_table_end(table, NULL);
	buf_done(&hex);
}

static const struct output_column finding_columns[] = {
    {.title = "Finding", .key = "finding"},
    {.title = "File", .key = "file"},
    {.title = "Offset", .key = "offset", .right = true},
    {.title = "First", .key = "first", .right = true},
    {.title = "Last", .key = "last", .right = true},
    {.title = "What it is", .key = "message"},
};

/* True when one is more than the traces of a crash. */
static bool
check_print_findings(const struct command_call *call, const struct spool_report *report)
{
	struct output_table *table = output_table_new(&call->out, OUTPUT_TABLE, finding_columns,
	    COUNT_OF(finding_columns));
	bool alarm = report->omitted > 0;

	for (size_t i = 0; i < report->count; i++) {
		const struct spool_finding *found = &report->findings[i];
		bool bad = spool_finding_alarm(found->kind);

		alarm = alarm || bad;
		output_cell_text(table, spool_finding_slug(found->kind));
		output_cell_paint(table, bad ? OUTPUT_BAD : OUTPUT_PLAIN);
		output_cell_text(table, found->file);
		output_cell_i64(table, (int64_t)found->offset);
		output_cell_i64(table, (int64_t)found->first);
		output_cell_i64(table, (int64_t)found->last);
		output_cell_text(table, spool_finding_text(found->kind));
		output_row_end(table);
	}
	output_table_end(table, NULL);
	return alarm;
}

/* The directory of the operand, else that of the configuration; or the exit code, said. */
static int
check_open(const struct command_call *call, int *ret_fd)
{
	char path[PLACE_PATH_SIZE];
	struct config *config = NULL;
	const char *dir = path;
	int code = COMMAND_OK;

	if (call->operand_count > 0)
		dir = call->operands[0];
	else
		code = client_load_config(call, &config);
	if (code != COMMAND_OK)
		return code;
	if (config != NULL)
		place_path(path,
		    ((const struct sensor_config *)config_values(config))
			->sensor.state_directory,
		    "spool");
	config_free(config);
	*ret_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_fd >= 0)
		return COMMAND_OK;
	return command_fail(call, (int)command_exit_of(status_from_errno(errno)), NULL,
	    "%s: %s", dir, status_text(status_from_errno(errno)));
}

static int
spool_check_run(struct command_call *call)
{
	static struct spool_report report;
	struct spool_summary summary;
	enum status status;
	int fd, code = check_open(call, &fd);

	if (code != COMMAND_OK)
		return code;
	status = spool_check(fd, &summary, &report);
	fileio_close(fd);
	if (status != STATUS_OK)
		return command_fail(call, (int)command_exit_of(status), NULL,
		    "the spool can't be read: %s", status_text(status));
	check_print_summary(call, &summary, &report);
	return check_print_findings(call, &report) ? COMMAND_CHECK_FAILED : COMMAND_OK;
}

static const struct command_option check_options[] = {
    {.name = "config", .argument = "FILE", .help = "configuration file", .letter = 'c'},
    {.name = NULL},
};

const struct command spool_commands[] = {
    {.name = "show",
	.help = "records that are accepted and not yet acknowledged",
	.options = show_options,
	.run = spool_show_run},
    {.name = "check",
	.help = "read a spool as a whole and say what is wrong with it",
	.operands = "[DIRECTORY]",
	.most = 1,
	.options = check_options,
	.run = spool_check_run,
	.notes = check_notes,
	.exits = check_exits},
    {.name = NULL},
};

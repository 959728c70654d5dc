/* SPDX-License-Identifier: Apache-2.0
 *
 * The log of the process.  The one piece of state of its kind: a line may be wanted before
 * and after everything else exists.
 */
#include "common/log/log.h"

#include <assert.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/log/log_format.h"
#include "common/log/log_output.h"
#include "common/log/log_suppress.h"

enum {
	SWEEP_EVERY_MS = 10000
};

static struct {
	const char *program;
	const char *role;
	enum log_format format;
	enum log_level level;
	int fd;
	int journal_fd;
	bool colour;
	uint64_t lost;
	struct log_suppress suppress;
} logger = {
    .format = LOG_FORMAT_HUMAN,
    .level = LOG_LEVEL_INFO,
    .fd = STDERR_FILENO,
    .journal_fd = -1,
};

const char *
log_level_text(enum log_level level)
{
	static const char *const names[] = {
	    [LOG_LEVEL_ERROR] = "error",
	    [LOG_LEVEL_WARNING] = "warning",
	    [LOG_LEVEL_INFO] = "info",
	    [LOG_LEVEL_DEBUG] = "debug",
	    [LOG_LEVEL_AUDIT] = "audit",
	};

	return names[level];
}

/* What auto means here. */
static enum log_format
log_choose(int fd)
{
	if (log_output_is_journal(fd))
		return LOG_FORMAT_JOURNAL;
	return isatty(fd) ? LOG_FORMAT_HUMAN : LOG_FORMAT_JSON;
}

enum status
log_open(const struct log_options *options)
{
	const char *path = options->journal_socket;
	enum log_format format = options->format;
	int journal_fd = -1;
	enum status status = STATUS_OK;

	if (path == NULL)
		path = "/run/systemd/journal/socket";
	if (format == LOG_FORMAT_AUTO)
		format = log_choose(options->fd);
	if (format == LOG_FORMAT_JOURNAL)
		status = log_output_connect(path, &journal_fd);
	if (status != STATUS_OK && options->format != LOG_FORMAT_AUTO)
		return status;
	if (status != STATUS_OK)
		format = LOG_FORMAT_JSON;
	fileio_close(logger.journal_fd);
	logger.program = options->program;
	logger.role = options->role;
	logger.format = format;
	logger.level = options->level;
	logger.fd = options->fd;
	logger.journal_fd = journal_fd;
	logger.colour = format == LOG_FORMAT_HUMAN && log_output_is_coloured(options->fd);
	return STATUS_OK;
}

enum log_format
log_format(void)
{
	return logger.format;
}

void
log_set_level(enum log_level level)
{
	logger.level = level;
}

bool
log_enabled(enum log_level level)
{
	return level <= logger.level || level == LOG_LEVEL_AUDIT;
}

/* As a line on stderr: also where the journal went away. */
static enum status
log_emit_line(const struct log_record *record)
{
	struct buf line;
	enum status status;

	if (logger.format == LOG_FORMAT_HUMAN)
		log_format_human(record, logger.colour, &line);
	else
		log_format_json(record, &line);
	status = log_output_write(logger.fd, buf_bytes(&line));
	buf_done(&line);
	return status;
}

static enum status
log_emit_journal(const struct log_record *record)
{
	struct buf datagram;
	enum status status;

	log_format_journal(record, &datagram);
	status = log_output_send(logger.journal_fd, buf_bytes(&datagram));
	buf_done(&datagram);
	return status;
}

static void
log_emit(struct log_record *record)
{
	enum status status = STATUS_CLOSED;

	record->program = logger.program;
	record->role = logger.role;
	record->lost = logger.lost;
	if (logger.format == LOG_FORMAT_JOURNAL)
		status = log_emit_journal(record);
	if (status != STATUS_OK && status != STATUS_AGAIN)
		status = log_emit_line(record);
	logger.lost = status == STATUS_OK ? 0 : logger.lost + 1 + record->suppressed;
}

static void
log_report_suppressed(const struct log_bucket *bucket, void *arg)
{
	const struct log_site site = {"log-suppressed", __FILE__, __func__, __LINE__};
	const char *of = bucket->event[0] != '\0' ? bucket->event : NULL;
	const struct log_field fields[] = {
	    LOG_TEXT("of", of),
	    LOG_BYTES("key", bytes_of(bucket->key, bucket->key_len)),
	    LOG_TIME_S("since", bucket->since_us / 1000000),
	    LOG_MESSAGE("Lines like this one came too fast and were counted, not written."),
	    {.kind = LOG_FIELD_END},
	};
	struct log_record record = {
	    .wall_us = clock_wall_us(),
	    .level = bucket->level,
	    .site = &site,
	    .fields = fields,
	    .suppressed = bucket->suppressed,
	};

	log_emit(&record);
}

void
log_tick(void)
{
	log_suppress_sweep(&logger.suppress, clock_mono_ms(), false, log_report_suppressed,
	    NULL);
}

void
log_close(void)
{
	log_suppress_sweep(&logger.suppress, clock_mono_ms(), true, log_report_suppressed,
	    NULL);
	fileio_close(logger.journal_fd);
	logger.journal_fd = -1;
	logger.program = NULL;
	logger.role = NULL;
	logger.format = LOG_FORMAT_HUMAN;
	logger.level = LOG_LEVEL_INFO;
	logger.fd = STDERR_FILENO;
	logger.colour = false;
}

/* Asserts that the caller kept to the form. */
static void
log_check(const struct log_site *site, const struct log_field *fields)
{
	size_t count = 0;

	while (fields[count].kind != LOG_FIELD_END)
		count++;
	assert(count <= LOG_FIELDS_MAX);
	assert(strlen(site->event) < sizeof(logger.suppress.rest.event));
}

/* The keys of a line as one; what is longer than the table keeps is cut. */
static struct bytes
log_key(const struct log_field *fields, uint8_t key[static LOG_SUPPRESS_NAME_MAX])
{
	size_t len = 0;

	for (; fields->kind != LOG_FIELD_END; fields++) {
		if (fields->kind != LOG_FIELD_KEY)
			continue;
		if (len > 0 && len < LOG_SUPPRESS_NAME_MAX)
			key[len++] = ' ';
		for (size_t i = 0; i < fields->text.len && len < LOG_SUPPRESS_NAME_MAX; i++)
			key[len++] = fields->text.data[i];
	}
	return bytes_of(key, len);
}

/* Debug lines are what somebody asked for, all of them. */
static bool
log_may_write(struct log_record *record)
{
	uint8_t key[LOG_SUPPRESS_NAME_MAX];

	if (record->level == LOG_LEVEL_DEBUG)
		return true;
	if (clock_mono_ms() - logger.suppress.swept_ms >= SWEEP_EVERY_MS)
		log_tick();
	return log_suppress_pass(&logger.suppress, record->level, record->site->event,
	    log_key(record->fields, key), clock_mono_ms(), record->wall_us,
	    &record->suppressed);
}

void
log_write(enum log_level level, const struct log_site *site, const struct log_field *fields)
{
	struct log_record record = {
	    .wall_us = clock_wall_us(),
	    .level = level,
	    .site = site,
	    .fields = fields,
	};

	if (!log_enabled(level))
		return;
	log_check(site, fields);
	if (log_may_write(&record))
		log_emit(&record);
}

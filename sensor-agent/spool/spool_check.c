/* SPDX-License-Identifier: Apache-2.0
 *
 * Check and show, over the loading of a log without repair.
 */
#include "sensor-agent/spool/spool_check.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/base/fileio.h"
#include "sensor-agent/spool/spool_log.h"
#include "sensor-agent/spool/spool_state.h"

struct spool_checking {
	struct spool_summary *summary;
	uint64_t from;
	void (*visit)(const struct spool_shown *shown, void *arg);
	void *arg;
};

static void
spool_check_visit(const struct spool_segment *segment, const struct spool_scan_item *item,
    void *arg)
{
	struct spool_checking *c = arg;
	struct spool_shown shown = {.seq = item->entry.seq,
	    .segment = segment->name,
	    .offset = item->offset};
	struct spool_position position;
	struct cursor at = cursor_of(item->entry.record);
	struct bytes raw, none;

	if (item->entry.kind != SPOOL_ENTRY_RECORD || !record_next(&at, &shown.record, &raw))
		return;
	if (c->summary != NULL) {
		bool known = shown.record.type <= RECORD_ORIGIN;

		c->summary->records++;
		c->summary->by_type[known ? shown.record.type : 0]++;
	}
	if (c->visit == NULL || shown.seq < c->from)
		return;
	if (!record_split_source(shown.record.payload, &shown.source, &shown.data))
		shown.data = shown.record.payload;
	if (spool_position_parse(item->entry.tail, &position, &none))
		shown.position = &position;
	c->visit(&shown, c->arg);
}

/* Somebody holds the lock of spool_open. */
static bool
spool_check_in_use(int dir_fd)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool free = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0;

	fileio_close(fd);
	return !free;
}

/* A live spool is written while it is read: its last write may look torn. */
static void
spool_check_forgive(struct spool_report *report)
{
	size_t kept = 0;

	for (size_t i = 0; i < report->count; i++)
		if (report->findings[i].kind != SPOOL_FOUND_TORN_TAIL)
			report->findings[kept++] = report->findings[i];
	report->count = kept;
}

static enum status
spool_check_load(int dir_fd, struct spool_checking *c, struct spool_log *log,
    struct spool_state *state, struct spool_report *report)
{
	struct spool_load load = {.visit = spool_check_visit, .arg = c};
	enum status status = spool_state_read(dir_fd, state);

	if (status == STATUS_CORRUPT)
		spool_report_add(report, (struct spool_finding){.kind = SPOOL_FOUND_STATE},
		    "state");
	if (status != STATUS_OK)
		return status;
	spool_log_init(log, state->log_id);
	status = spool_log_load(log, dir_fd, &load, report);
	if (status != STATUS_OK)
		spool_log_done(log);
	return status;
}

enum status
spool_check(int dir_fd, struct spool_summary *ret_summary, struct spool_report *report)
{
	static const uint8_t none[SPOOL_LOG_ID_SIZE];
	struct spool_summary summary = {.in_use = spool_check_in_use(dir_fd)};
	struct spool_checking c = {.summary = &summary};
	struct spool_state state;
	struct spool_log log;
	enum status status;

	*report = (struct spool_report){0};
	status = spool_check_load(dir_fd, &c, &log, &state, report);
	if (status != STATUS_OK)
		return status;
	if (summary.in_use)
		spool_check_forgive(report);
	memcpy(summary.log_id, log.log_id, SPOOL_LOG_ID_SIZE);
	summary.moving = memcmp(state.origin, none, SPOOL_LOG_ID_SIZE) != 0;
	summary.segments = log.count;
	summary.acked = log.mark.acked;
	summary.first = log.mark.acked + 1;
	summary.next = log.next_seq;
	summary.counter = log.mark.counter;
	spool_log_done(&log);
	*ret_summary = summary;
	return STATUS_OK;
}

enum status
spool_show(int dir_fd, uint64_t from, void (*visit)(const struct spool_shown *shown, void *arg),
    void *arg)
{
	struct spool_checking c = {.from = from, .visit = visit, .arg = arg};
	struct spool_state state;
	struct spool_log log;
	enum status status = spool_check_load(dir_fd, &c, &log, &state, NULL);

	if (status == STATUS_OK)
		spool_log_done(&log);
	return status;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing: which log is the current one, what recovery found, the first
 * segment.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fault_point.h"
#include "common/base/fileio.h"
#include "common/base/random.h"
#include "sensor-agent/spool/spool.h"
#include "sensor-agent/spool/spool_private.h"

static void
spool_found(struct spool_report *report, enum spool_finding_kind kind, const char *detail)
{
	spool_report_add(report, (struct spool_finding){.kind = kind, .detail = detail}, NULL);
}

void
spool_fill_load(const struct spool *spool, struct spool_load *ret_load)
{
	*ret_load =
	    (struct spool_load){.segment_size = spool->options.segment_size, .repair = true};
	memcpy(ret_load->machine, spool->options.machine, SPOOL_HASH_SIZE);
}

static struct spool *
spool_new(int dir_fd, const struct spool_options *options)
{
	struct spool *spool = NEW(struct spool);

	spool->dir_fd = dir_fd;
	spool->options = *options;
	spool->read_fd = -1;
	spool->drops = map_new(SPOOL_SOURCES_MAX, free);
	buf_init(&spool->payload, RECORD_PAYLOAD_MAX);
	buf_init(&spool->raw, RECORD_HEADER_SIZE + RECORD_PAYLOAD_MAX);
	buf_init(&spool->pending, SPOOL_PENDING_FLUSH + 2 * SPOOL_ENTRY_MAX);
	buf_init(&spool->window, BATCH_SIZE_MAX + SPOOL_ENTRY_MAX);
	return spool;
}

static void
spool_free(struct spool *spool)
{
	fileio_close(spool->read_fd);
	fileio_close(spool->dir_fd);
	spool_log_done(&spool->log);
	map_free(spool->drops);
	buf_done(&spool->payload);
	buf_done(&spool->raw);
	buf_done(&spool->pending);
	buf_done(&spool->window);
	free(spool);
}

struct spool_survey {
	int dir_fd;
	const struct spool_state *state;
	struct spool_header newest;
	struct spool_report *report;
};

static bool
spool_read_header(int dir_fd, const char *name, struct spool_header *ret_header)
{
	uint8_t bytes[SPOOL_HEADER_SIZE];
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool ok = fd >= 0 && fileio_pread_all(fd, bytes, sizeof(bytes), 0) == STATUS_OK &&
		  spool_header_parse(bytes, ret_header);

	fileio_close(fd);
	return ok;
}

static void
spool_find_newest(const char *name, void *arg)
{
	struct spool_survey *survey = arg;
	struct spool_header header;

	if (spool_read_header(survey->dir_fd, name, &header) &&
	    header.created_us >= survey->newest.created_us)
		survey->newest = header;
}

/* Without a state file the log of the newest segment is the current one. */
static enum status
spool_guess_log(struct spool *spool)
{
	struct spool_survey survey = {.dir_fd = spool->dir_fd};
	enum status status =
	    spool_log_each_file(spool->dir_fd, spool_segment_named, spool_find_newest, &survey);

	spool->state = (struct spool_state){0};
	if (survey.newest.first_seq > 0)
		memcpy(spool->state.log_id, survey.newest.log_id, SPOOL_LOG_ID_SIZE);
	else
		random_bytes(spool->state.log_id, SPOOL_LOG_ID_SIZE);
	return status;
}

/* A segment of another log: the beginning of one that a crash cut short goes; anything
 * that holds records stays and is told of. */
static void
spool_look_at_foreign(const char *name, void *arg)
{
	struct spool_survey *survey = arg;
	struct spool_load load = {.repair = false};
	struct spool_header header;
	struct spool_log log;
	bool empty;

	if (!spool_read_header(survey->dir_fd, name, &header) ||
	    memcmp(header.log_id, survey->state->log_id, SPOOL_LOG_ID_SIZE) == 0 ||
	    memcmp(header.log_id, survey->state->origin, SPOOL_LOG_ID_SIZE) == 0)
		return;
	spool_log_init(&log, header.log_id);
	empty = header.first_seq == 1 &&
		spool_log_load(&log, survey->dir_fd, &load, NULL) == STATUS_OK &&
		log.next_seq == 1 && log.holes.count == 0;
	spool_log_done(&log);
	if (!empty || unlinkat(survey->dir_fd, name, 0) != 0)
		spool_report_add(survey->report,
		    (struct spool_finding){.kind = SPOOL_FOUND_FOREIGN}, name);
}

/* The log went with its segments: its numbers must not be used again. */
static enum status
spool_begin_again(struct spool *spool, struct spool_report *report)
{
	uint8_t old[SPOOL_LOG_ID_SIZE];
	struct buf data;
	enum status status;

	spool_found(report, SPOOL_FOUND_REINCARNATED, "no segment of the log is left");
	memcpy(old, spool->state.log_id, SPOOL_LOG_ID_SIZE);
	random_bytes(spool->state.log_id, SPOOL_LOG_ID_SIZE);
	spool_log_done(&spool->log);
	spool_log_init(&spool->log, spool->state.log_id);
	status = spool_roll(spool);
	if (status != STATUS_OK)
		return status;
	buf_init(&data, SPOOL_NOTICE_MAX);
	spool_notice_put(&data, 1, INT64_MAX, "spool-lost", old);
	status = spool_put_notice(spool, RECORD_GAP, SPOOL_NOTICE_SOURCE, buf_bytes(&data),
	    NULL, SPOOL_ROOM_RESERVE);
	buf_done(&data);
	if (status == STATUS_OK)
		status = spool_sync(spool);
	return status == STATUS_OK ? spool_state_write(spool->dir_fd, &spool->state) : status;
}

/* After loading there must be a segment to write to, and a state file that names the log. */
static enum status
spool_ready(struct spool *spool, enum status state_read, struct spool_report *report)
{
	struct spool_log *log = &spool->log;
	bool used = log->next_seq > 1;
	enum status status = STATUS_OK;

	spool->durable = log->next_seq - 1;
	if (log->count == 0 && state_read == STATUS_OK)
		return spool_begin_again(spool, report);
	if (log->count == 0 || log->segments[log->count - 1]->sealed)
		status = spool_roll(spool);
	if (status != STATUS_OK || state_read == STATUS_OK)
		return status;
	spool_found(report, used ? SPOOL_FOUND_STATE : SPOOL_FOUND_NEW, NULL);
	return spool_state_write(spool->dir_fd, &spool->state);
}

/* Gap records for what is lost, the rest of a move to another log_id, and another log_id
 * where the spool comes from another machine. */
static enum status
spool_settle(struct spool *spool, struct spool_report *report)
{
	enum status status = spool_tell_holes(spool, &spool->log, NULL);

	if (status == STATUS_OK)
		status = spool_sync(spool);
	if (status == STATUS_OK)
		status = spool_move_rest(spool, report);
	if (status == STATUS_OK && spool->log.other_host) {
		spool_found(report, SPOOL_FOUND_OTHER_HOST, NULL);
		status = spool_reincarnate(spool);
	}
	return status == STATUS_OK ? spool_trim(spool) : status;
}

static bool
spool_is_temporary(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".tmp") == 0;
}

/* What a creation that was cut short left behind. */
static void
spool_remove_temporary(const char *name, void *arg)
{
	const struct spool *spool = arg;

	(void)unlinkat(spool->dir_fd, name, 0);
}

static enum status
spool_recover(struct spool *spool, struct spool_report *report)
{
	struct spool_survey survey = {.dir_fd = spool->dir_fd,
	    .state = &spool->state,
	    .report = report};
	struct spool_load load;
	enum status state_read, status;

	status = spool_log_each_file(spool->dir_fd, spool_is_temporary, spool_remove_temporary,
	    spool);
	state_read = spool_state_read(spool->dir_fd, &spool->state);
	if (state_read == STATUS_NOT_FOUND || state_read == STATUS_CORRUPT)
		status = status == STATUS_OK ? spool_guess_log(spool) : status;
	else if (status == STATUS_OK)
		status = state_read;
	if (status != STATUS_OK)
		return status;
	spool_log_init(&spool->log, spool->state.log_id);
	spool_fill_load(spool, &load);
	status = spool_log_load(&spool->log, spool->dir_fd, &load, report);
	if (status == STATUS_OK)
		status = spool_log_each_file(spool->dir_fd, spool_segment_named,
		    spool_look_at_foreign, &survey);
	if (status == STATUS_OK)
		status = spool_ready(spool, state_read, report);
	return status == STATUS_OK ? spool_settle(spool, report) : status;
}

/* A descriptor of our own on the directory, locked: one process has the spool open. */
static enum status
spool_lock(int dir_fd, int *ret_fd)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return status_from_errno(errno);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		enum status status =
		    errno == EWOULDBLOCK ? STATUS_EXISTS : status_from_errno(errno);

		close(fd);
		return status;
	}
	*ret_fd = fd;
	return STATUS_OK;
}

enum status
spool_open(int dir_fd, const struct spool_options *options, struct spool **ret_spool,
    struct spool_report *report)
{
	struct spool *spool;
	enum status status;
	int fd;

	assert(options->segment_size >= SPOOL_SEGMENT_SIZE_MIN &&
	       options->segment_size <= SPOOL_SEGMENT_SIZE_MAX &&
	       options->quota >= 2 * options->segment_size);
	if (report != NULL)
		*report = (struct spool_report){0};
	status = spool_lock(dir_fd, &fd);
	if (status != STATUS_OK)
		return status;
	spool = spool_new(fd, options);
	status = spool_recover(spool, report);
	if (status != STATUS_OK) {
		spool_found(report, SPOOL_FOUND_FAILED, status_text(status));
		spool_free(spool);
		return status;
	}
	*ret_spool = spool;
	return STATUS_OK;
}

void
spool_close(struct spool *spool)
{
	if (spool == NULL)
		return;
	/* The mark proves that all before it was synced.  Where this fails nothing accepted is
	 * lost: recovery only knows less. */
	if (!spool->broken && spool_tell_drops(spool) == STATUS_OK &&
	    spool_sync(spool) == STATUS_OK)
		(void)!spool_put_mark(spool);
	spool_free(spool);
}

uint64_t
spool_durable(const struct spool *spool)
{
	return spool->durable;
}

size_t
spool_unsynced(const struct spool *spool)
{
	return spool->log.next_seq - 1 - spool->durable;
}

bool
spool_position(const struct spool *spool, const char *source,
    struct spool_position *ret_position)
{
	const struct spool_position *position =
	    map_get(spool->log.sources, bytes_of_text(source));

	if (position == NULL)
		return false;
	*ret_position = *position;
	return true;
}

struct spool_visit {
	void (*visit)(const char *source, void *arg);
	void *arg;
};

static void
spool_visit_source(struct bytes key, void *value, void *arg)
{
	const struct spool_visit *visit = arg;
	char source[RECORD_SOURCE_MAX + 1] = "";

	memcpy(source, key.data, key.len);
	visit->visit(source, visit->arg);
}

void
spool_each_source(const struct spool *spool, void (*visit)(const char *source, void *arg),
    void *arg)
{
	struct spool_visit each = {visit, arg};

	map_each(spool->log.sources, spool_visit_source, &each);
}

void
spool_get_status(const struct spool *spool, struct spool_status *ret_status)
{
	const struct spool_log *log = &spool->log;
	const struct spool_segment *active = log->segments[log->count - 1];
	struct spool_status status = {.first = spool_first(spool),
	    .next = log->next_seq,
	    .durable = spool->durable,
	    .counter = log->mark.counter,
	    .used = (uint64_t)(log->count - 1) * spool->options.segment_size + active->used +
		    spool->pending.len,
	    .quota = spool->options.quota,
	    .blocked = spool->blocked,
	    .broken = spool->broken,
	    .moving = spool_is_moving(spool),
	    .dropped = spool->dropped,
	    .segments = log->count};

	memcpy(status.log_id, log->log_id, SPOOL_LOG_ID_SIZE);
	status.percent = (unsigned)(status.used * 100 / status.quota);
	if (status.blocked || status.percent >= 95)
		status.alarm = SPOOL_ALARM_CRITICAL;
	else if (status.percent >= 80)
		status.alarm = SPOOL_ALARM_HIGH;
	*ret_status = status;
}

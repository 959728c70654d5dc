/* SPDX-License-Identifier: Apache-2.0
 *
 * A follower for each log of a directory.
 */
#include "sensor-agent/input/log_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/base/map.h"

static const char extension[] = ".log";

enum {
	EXTENSION_LEN = sizeof(extension) - 1
};

struct log_dir {
	struct spool *spool;
	char *source;
	char *dir;
	struct tail *tails[LOG_DIR_LOGS_MAX];
	size_t count;
	size_t next;       /* whose turn it is */
	struct map *names; /* sources that have a tail */
	size_t refused;
	int64_t looked_ms;
	bool looked;
};

struct log_dir *
log_dir_new(struct spool *spool, const char *source, const char *dir)
{
	struct log_dir *logs = NEW(struct log_dir);

	logs->spool = spool;
	logs->source = alloc_text(source);
	logs->dir = alloc_text(dir);
	logs->names = map_new(LOG_DIR_LOGS_MAX, NULL);
	return logs;
}

void
log_dir_free(struct log_dir *logs)
{
	if (logs == NULL)
		return;
	for (size_t i = 0; i < logs->count; i++)
		tail_free(logs->tails[i]);
	map_free(logs->names);
	free(logs->source);
	free(logs->dir);
	free(logs);
}

/* A log that is being written: letters, digits and "_" (Zeek's stream names) before ".log".
 * What rotations add has other characters in it. */
static bool
log_dir_is_log(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789_");

	return len > 0 && strcmp(name + len, extension) == 0;
}

/* Adds a follower for the log of this stem ("conn") unless it has one. */
static void
log_dir_add(struct log_dir *logs, const char *stem, size_t stem_len)
{
	char source[RECORD_SOURCE_MAX + 1], base[RECORD_SOURCE_MAX + EXTENSION_LEN + 1];
	int len =
	    snprintf(source, sizeof(source), "%s/%.*s", logs->source, (int)stem_len, stem);
	enum status status;

	if (len < 0 || (size_t)len >= sizeof(source)) {
		logs->refused++;
		return;
	}
	status = map_put(logs->names, bytes_of(source, (size_t)len), logs);
	if (status == STATUS_LIMIT)
		logs->refused++;
	if (status != STATUS_OK)
		return;
	snprintf(base, sizeof(base), "%.*s%s", (int)stem_len, stem, extension);
	logs->tails[logs->count++] = tail_new(logs->spool, source, logs->dir, base);
}

/* A source of ours that the spool knows: its log may have been renamed away meanwhile. */
static void
log_dir_add_known(const char *source, void *arg)
{
	struct log_dir *logs = arg;
	size_t own = strlen(logs->source);

	if (strncmp(source, logs->source, own) == 0 && source[own] == '/')
		log_dir_add(logs, source + own + 1, strlen(source + own + 1));
}

static void
log_dir_look(struct log_dir *logs)
{
	DIR *dir = opendir(logs->dir);
	struct dirent *entry;

	logs->refused = 0;
	spool_each_source(logs->spool, log_dir_add_known, logs);
	if (dir == NULL)
		return; /* it may appear later */
	while ((entry = readdir(dir)) != NULL)
		if (log_dir_is_log(entry->d_name))
			log_dir_add(logs, entry->d_name, strlen(entry->d_name) - EXTENSION_LEN);
	closedir(dir);
}

enum status
log_dir_poll(struct log_dir *logs, int64_t now_ms, unsigned max_lines)
{
	enum status status, result = STATUS_AGAIN;
	unsigned share;

	if (!logs->looked || now_ms - logs->looked_ms >= LOG_DIR_LOOK_MS) {
		log_dir_look(logs);
		logs->looked = true;
		logs->looked_ms = now_ms;
	}
	if (logs->count == 0)
		return STATUS_AGAIN;
	share = max_lines / (unsigned)logs->count;
	for (size_t i = 0; i < logs->count; i++) {
		struct tail *tail = logs->tails[logs->next];

		status = tail_poll(tail, now_ms, share > 0 ? share : 1);
		if (status != STATUS_OK && status != STATUS_AGAIN)
			return status; /* this log first when there is room again */
		if (status == STATUS_OK)
			result = STATUS_OK;
		logs->next = (logs->next + 1) % logs->count;
	}
	return result;
}

void
log_dir_get_status(const struct log_dir *logs, struct log_dir_status *ret_status)
{
	struct log_dir_status status = {.logs = logs->count, .refused = logs->refused};

	for (size_t i = 0; i < logs->count; i++) {
		struct tail_status one;

		tail_get_status(logs->tails[i], &one);
		status.sum.lines += one.lines;
		status.sum.raw += one.raw;
		status.sum.oversize += one.oversize;
		status.sum.gaps += one.gaps;
		if (status.sum.trouble == STATUS_OK && one.trouble != STATUS_NOT_FOUND)
			status.sum.trouble = one.trouble;
	}
	*ret_status = status;
}

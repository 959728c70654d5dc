/* SPDX-License-Identifier: Apache-2.0
 *
 * Follows all logs of a directory (Zeek's JSON logs): each NAME.log is a source of its own,
 * "INPUT/NAME"; logs that appear later are taken up.
 */
#ifndef PORTCULLIS_SENSOR_INPUT_LOG_DIR_H
#define PORTCULLIS_SENSOR_INPUT_LOG_DIR_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/status.h"
#include "sensor-agent/input/tail.h"
#include "sensor-agent/spool/spool.h"

enum {
	LOG_DIR_LOGS_MAX = 256,
	LOG_DIR_LOOK_MS = 2000 /* how often it looks for logs that are new */
};

struct log_dir;

struct log_dir_status {
	size_t logs;
	size_t refused; /* logs over the maximum, or of names that no source can have */
	struct tail_status sum;
};

/* source is the name of the input, at most 31 bytes. */
struct log_dir *log_dir_new(struct spool *spool, const char *source, const char *dir);
void log_dir_free(struct log_dir *logs);

/* As tail_poll, over all logs in turn. */
enum status log_dir_poll(struct log_dir *logs, int64_t now_ms, unsigned max_lines) MUST_USE;

void log_dir_get_status(const struct log_dir *logs, struct log_dir_status *ret_status);

#endif

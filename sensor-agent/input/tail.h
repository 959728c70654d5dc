/* SPDX-License-Identifier: Apache-2.0
 *
 * Follows one log file through everything that happens to log files: it appears later, it
 * is renamed and begun anew, truncated in place, deleted, half-written.  Each line goes to
 * the spool with the position behind it, so that a crash neither leaves one out nor takes
 * one twice.  Knows no event loop: whoever owns it polls, and waits as it likes.
 */
#ifndef PORTCULLIS_SENSOR_INPUT_TAIL_H
#define PORTCULLIS_SENSOR_INPUT_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/status.h"
#include "sensor-agent/spool/spool.h"

enum {
	/* A renamed or deleted file is read on until it has been quiet for so long: its writer
	 * may not have opened the new one yet. */
	TAIL_GRACE_MS = 2000
};

struct tail;

struct tail_status {
	uint64_t lines;    /* taken, of all kinds, since tail_new */
	uint64_t raw;      /* of these, not JSON */
	uint64_t oversize; /* of these, too long */
	uint64_t gaps;     /* times that something was not readable any more */
	uint64_t offset;   /* in the present file */
	bool open;
	enum status trouble; /* why the file cannot be read, or STATUS_OK */
};

/* A follower of dir/base under a source name.  spool must outlive it. */
struct tail *tail_new(struct spool *spool, const char *source, const char *dir,
    const char *base);
void tail_free(struct tail *tail);

/* Takes at most max_lines lines.  STATUS_OK: there may be more at once; STATUS_AGAIN:
 * nothing more now; STATUS_NO_SPACE: the spool is full; else the spool failed.  What was
 * taken is durable after spool_sync. */
enum status tail_poll(struct tail *tail, int64_t now_ms, unsigned max_lines) MUST_USE;

void tail_get_status(const struct tail *tail, struct tail_status *ret_status);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside common/log: storms are folded.  Each (event, key) has a token bucket in a bounded
 * table; when that is full of storms, one bucket serves all the others, so 10,000 addresses
 * make no more lines than the table allows.  Nothing is dropped without being counted, and
 * every count is said: with the next line of its kind, or by a line of its own once the
 * storm is over.
 */
#ifndef PORTCULLIS_LOG_LOG_SUPPRESS_H
#define PORTCULLIS_LOG_LOG_SUPPRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/log/log.h"

enum {
	LOG_SUPPRESS_MAX = 256,
	LOG_SUPPRESS_NAME_MAX = 160, /* bytes of event and key that count */
};

struct log_bucket {
	char event[64]; /* "": a free row */
	uint8_t key[LOG_SUPPRESS_NAME_MAX];
	size_t key_len;
	enum log_level level;
	int64_t credit_ms;
	int64_t last_ms;
	uint64_t suppressed;
	int64_t since_us; /* wall time of the first that was suppressed */
};

struct log_suppress {
	struct log_bucket rows[LOG_SUPPRESS_MAX];
	struct log_bucket rest; /* for those that find no row */
	int64_t swept_ms;
};

/* May this line be written?  Then *ret_suppressed is how many of its kind were not, before
 * it; they are told by this.  Lines with a key: 5 at once, then one a minute.  Lines
 * without: 50 at once, then one a second.  Those without a row: 10 and 10 a minute for all
 * of them. */
bool log_suppress_pass(struct log_suppress *suppress, enum log_level level, const char *event,
    struct bytes key, int64_t now_ms, int64_t wall_us, uint64_t *ret_suppressed);

/* Calls report for each kind whose storm is over and whose count was not told; all: for
 * each, storm or not (at the end). */
void log_suppress_sweep(struct log_suppress *suppress, int64_t now_ms, bool all,
    void (*report)(const struct log_bucket *bucket, void *arg), void *arg);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside common/log: one record in the three forms.  Pure functions; every string of a
 * record is escaped here and nowhere else.  They initialise out with the maximum of the form;
 * the caller frees it.
 */
#ifndef PORTCULLIS_LOG_LOG_FORMAT_H
#define PORTCULLIS_LOG_LOG_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/log/log.h"

enum {
	/* A line is written at one stroke and is not mixed with those of other roles on the
	 * same pipe: PIPE_BUF. */
	LOG_LINE_MAX = 4096,
	/* Holds LOG_FIELDS_MAX fields of the longest kind, and is a datagram well under the
	 * default send buffer: larger ones would need a memfd. */
	LOG_JOURNAL_MAX = 96 * 1024
};

struct log_record {
	int64_t wall_us;
	enum log_level level;
	const char *program; /* NULL before log_open */
	const char *role;    /* NULL before log_open */
	const struct log_site *site;
	const struct log_field *fields;
	uint64_t suppressed; /* lines like this one that were not written before it */
	uint64_t lost;       /* lines of any kind that could not be written before it */
};

/* TIME LEVEL EVENT k=v k=v -- SENTENCE, with a newline, at most LOG_LINE_MAX bytes.  Values
 * with spaces or signs stand in quotes, in which a quote is \x22.  Fields that do not fit
 * are left out, and cut= says how many. */
void log_format_human(const struct log_record *record, bool colour, struct buf *out);

/* {"ts","level","event","msg","program","role","fields":{...}}, with a newline, at most
 * LOG_LINE_MAX bytes. */
void log_format_json(const struct log_record *record, struct buf *out);

/* One datagram of the journal's native protocol, at most LOG_JOURNAL_MAX bytes. */
void log_format_journal(const struct log_record *record, struct buf *out);

#endif

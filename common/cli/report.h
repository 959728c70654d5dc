/* SPDX-License-Identifier: Apache-2.0
 *
 * What the cert and crl commands say of one thing: a heading, fields, findings.  A block of
 * lines for people, one object for machines.
 */
#ifndef PORTCULLIS_CLI_REPORT_H
#define PORTCULLIS_CLI_REPORT_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/json_write.h"
#include "common/cli/output.h"
#include "common/pki/reason.h"

enum report_level {
	REPORT_WARNING,
	REPORT_ERROR,
};

struct report {
	const struct output *out;
	bool failed; /* an error was reported, in this block or one before */
	bool first;  /* private from here: no block was written yet */
	bool in_findings;
	struct buf line;
	struct json_write json;
};

void report_init(struct report *report, const struct output *out);
void report_done(struct report *report);

/* A block: where it was found (line 0: no line), and what it is. */
void report_begin(struct report *report, const char *file, size_t line, const char *kind);
void report_end(struct report *report);

/* Fields come before findings. */
void report_text(struct report *report, const char *title, const char *key, const char *text);
void report_bytes(struct report *report, const char *title, const char *key, struct bytes text);
void report_escaped(struct report *report, const char *title, const char *key,
    const char *text);
void report_hex(struct report *report, const char *title, const char *key, struct bytes value);
void report_time(struct report *report, const char *title, const char *key, int64_t wall_s);
void report_number(struct report *report, const char *title, const char *key, int64_t value);

/* detail and fix are escaped already.  clause may be NULL.  detail NULL: the sentence of the
 * reason; fix NULL: its advice. */
void report_finding(struct report *report, enum report_level level, enum reason reason,
    const char *clause, const char *detail, const char *fix);

/* A warning for which nothing is ever refused, and which has no reason in the list. */
void report_note(struct report *report, const char *clause, const char *detail,
    const char *fix);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * One line for each decision, by the one who took it: an event name that can be grepped and
 * fields, not prose.  Goes to the journal (native protocol), to stderr as JSON lines, or to
 * stderr as lines for people; which one is chosen once, at start.  Every string is escaped
 * here, so callers give what they got.  Storms are folded and counted (log_suppress.h).
 * Called by programs, common/proc and common/cli; libraries return instead.
 */
#ifndef PORTCULLIS_LOG_LOG_H
#define PORTCULLIS_LOG_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"

enum {
	LOG_FIELDS_MAX = 64,
	LOG_MESSAGE_MAX = 512
};

/* error: an operator must act.  warning: refused or degraded, and going on.  info: life
 * cycle.  debug: everything else.  audit: who changed what; written at every level. */
enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_AUDIT,
};

/* auto: journal where stderr is the journal, human on a terminal, JSON elsewhere. */
enum log_format {
	LOG_FORMAT_AUTO,
	LOG_FORMAT_JOURNAL,
	LOG_FORMAT_JSON,
	LOG_FORMAT_HUMAN,
};

enum log_field_kind {
	LOG_FIELD_END,
	LOG_FIELD_SKIP,    /* a field whose value was NULL */
	LOG_FIELD_MESSAGE, /* the sentence for people */
	LOG_FIELD_KEY,     /* what lines are folded by, besides the event */
	LOG_FIELD_TEXT,
	LOG_FIELD_U64,
	LOG_FIELD_I64,
	LOG_FIELD_BOOL,
	LOG_FIELD_TIME_S,
};

struct log_field {
	enum log_field_kind kind;
	const char *name; /* [a-z0-9_]; PORTCULLIS_<NAME> in the journal */
	union {
		struct bytes text;
		uint64_t u64;
		int64_t i64;
		bool flag;
	};
};

/* Where the call stands. */
struct log_site {
	const char *event;
	const char *file;
	const char *function;
	int line;
};

struct log_options {
	const char *program; /* "portcullis-console"; must outlive the log */
	const char *role;    /* "supervisor", "link-1"; must outlive the log */
	enum log_format format;
	enum log_level level;
	const char *journal_socket; /* NULL: the system's */
	int fd;                     /* where lines go: STDERR_FILENO */
};

/* Chooses the output and opens it: call it before the sandbox, then nothing needs opening.
 * Without this call lines go to stderr for people, from level info.  STATUS_NOT_FOUND: the
 * journal was asked for by name and is not there (the log is as it was before). */
enum status log_open(const struct log_options *options) MUST_USE;

/* Reports what is still suppressed, closes the journal, and goes back to stderr. */
void log_close(void);

/* The format in use; never LOG_FORMAT_AUTO. */
enum log_format log_format(void);

/* Takes effect with the next line (reload). */
void log_set_level(enum log_level level);

/* Is a line of this level written?  To spare the work of making its values. */
bool log_enabled(enum log_level level);

/* Reports suppressed lines whose storm is over.  From a timer of the role's loop, every
 * 10 s or so; log_write does it as well, but a quiet role may not log for hours. */
void log_tick(void);

/* Writes one line.  fields ends with a field of kind LOG_FIELD_END; at most LOG_FIELDS_MAX
 * count. Never fails and never waits: what could not be written is counted and said by the next
 * line that can (field lost). */
void log_write(enum log_level level, const struct log_site *site,
    const struct log_field *fields);

/* log_warn("handshake-refused", LOG_KEY(address), LOG_TEXT("peer", address),
 *     LOG_U64("count", n), LOG_MESSAGE(sentence));
 * The event is a literal [a-z0-9-], and has a row in message_ids.def.  A field "reason" is a
 * slug of common/pki/reason.def: it gives the line its MESSAGE_ID; other causes are "why". */
#define log_error(event, ...) LOG_AT(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_warn(event, ...)  LOG_AT(LOG_LEVEL_WARNING, event, __VA_ARGS__)
#define log_info(event, ...)  LOG_AT(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) LOG_AT(LOG_LEVEL_DEBUG, event, __VA_ARGS__)
#define log_audit(event, ...) LOG_AT(LOG_LEVEL_AUDIT, event, __VA_ARGS__)

#define LOG_AT(level, event, ...)                                                       \
	log_write(level, &(const struct log_site){event, __FILE__, __func__, __LINE__}, \
	    (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){.kind = LOG_FIELD_END}})

/* Values.  A NULL text leaves the field out.  Views: valid during the call is enough. */
#define LOG_TEXT(name, value)   log_field_text(LOG_FIELD_TEXT, name, value)
#define LOG_BYTES(name, value)  ((struct log_field){LOG_FIELD_TEXT, name, {.text = (value)}})
#define LOG_U64(name, value)    ((struct log_field){LOG_FIELD_U64, name, {.u64 = (value)}})
#define LOG_I64(name, value)    ((struct log_field){LOG_FIELD_I64, name, {.i64 = (value)}})
#define LOG_BOOL(name, value)   ((struct log_field){LOG_FIELD_BOOL, name, {.flag = (value)}})
#define LOG_TIME_S(name, value) ((struct log_field){LOG_FIELD_TIME_S, name, {.i64 = (value)}})

/* The sentence for people, escaped like the rest; LOG_MESSAGE_MAX bytes are shown. */
#define LOG_MESSAGE(value) log_field_text(LOG_FIELD_MESSAGE, NULL, value)

/* Lines with the same event and key are one storm.  Several make one key: LOG_KEY(reason),
 * LOG_KEY(identity). */
#define LOG_KEY(value) log_field_text(LOG_FIELD_KEY, NULL, value)

static inline struct log_field
log_field_text(enum log_field_kind kind, const char *name, const char *value)
{
	if (value == NULL)
		return (struct log_field){.kind = LOG_FIELD_SKIP};
	return (struct log_field){kind, name, {.text = bytes_of_text(value)}};
}

/* "error", "warning", "info", "debug", "audit". */
const char *log_level_text(enum log_level level);

#endif

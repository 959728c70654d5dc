/* SPDX-License-Identifier: Apache-2.0
 *
 * The three forms of a record.
 */
#include "common/log/log_format.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/clock.h"
#include "common/base/json_write.h"
#include "common/base/text.h"
#include "common/log/log_message_id.h"

enum {
	/* what the end of a line may need: suppressed=, lost=, cut=, brackets, newline */
	LINE_RESERVE = 128,
	/* a value of TEXT_FOREIGN_MAX bytes, each of them escaped */
	VALUE_MAX = 4 * TEXT_FOREIGN_MAX + 16,
	MESSAGE_MAX = 4 * LOG_MESSAGE_MAX + 16
};

/* The sentence; data NULL: none. */
static struct bytes
record_message(const struct log_record *record)
{
	for (const struct log_field *at = record->fields; at->kind != LOG_FIELD_END; at++) {
		if (at->kind == LOG_FIELD_MESSAGE)
			return at->text;
	}
	return bytes_of(NULL, 0);
}

/* A text field by name; data NULL: none. */
static struct bytes
record_text(const struct log_record *record, const char *name)
{
	for (const struct log_field *at = record->fields; at->kind != LOG_FIELD_END; at++) {
		if (at->kind == LOG_FIELD_TEXT && strcmp(at->name, name) == 0)
			return at->text;
	}
	return bytes_of(NULL, 0);
}

static bool
field_is_value(const struct log_field *field)
{
	return field->kind >= LOG_FIELD_TEXT;
}

/* What a record says besides its fields, as fields.  Ends with LOG_FIELD_END. */
static void
record_extras(const struct log_record *record, uint64_t cut, struct log_field extras[4])
{
	size_t count = 0;

	if (record->suppressed > 0)
		extras[count++] = LOG_U64("suppressed", record->suppressed);
	if (record->lost > 0)
		extras[count++] = LOG_U64("lost", record->lost);
	if (cut > 0)
		extras[count++] = LOG_U64("cut", cut);
	extras[count] = (struct log_field){.kind = LOG_FIELD_END};
}

/* The value as text: the one place where strings are escaped. */
static void
put_value(struct buf *out, const struct log_field *field)
{
	char time[CLOCK_TEXT_SIZE];

	switch (field->kind) {
	case LOG_FIELD_TEXT:
		text_escape(out, field->text);
		break;
	case LOG_FIELD_U64:
		buf_printf(out, "%" PRIu64, field->u64);
		break;
	case LOG_FIELD_I64:
		buf_printf(out, "%" PRId64, field->i64);
		break;
	case LOG_FIELD_BOOL:
		buf_put_text(out, field->flag ? "true" : "false");
		break;
	case LOG_FIELD_TIME_S:
		buf_put_text(out, clock_text_s(field->i64, time));
		break;
	case LOG_FIELD_END:
	case LOG_FIELD_SKIP:
	case LOG_FIELD_MESSAGE:
	case LOG_FIELD_KEY:
		break;
	}
}

/* Plain words stand as they are, the rest in quotes. */
static void
put_human_field(struct buf *out, const struct log_field *field)
{
	struct buf value;
	bool plain;

	buf_init(&value, VALUE_MAX);
	put_value(&value, field);
	plain = value.len > 0 && strpbrk(buf_text(&value), " \"=") == NULL;
	buf_printf(out, " %s=%s", field->name, plain ? "" : "\"");
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == '"')
			buf_put_text(out, "\\x22");
		else
			buf_put_u8(out, value.data[i]);
	}
	buf_put_text(out, plain ? "" : "\"");
	buf_done(&value);
}

static void
put_human_extras(struct buf *out, const struct log_record *record, uint64_t cut)
{
	struct log_field extras[4];

	record_extras(record, cut, extras);
	for (const struct log_field *at = extras; at->kind != LOG_FIELD_END; at++)
		put_human_field(out, at);
}

/* The fields that leave room for reserve bytes more; then how many did not. */
static void
put_human_fields(struct buf *out, const struct log_record *record, size_t reserve)
{
	uint64_t cut = 0;

	for (const struct log_field *at = record->fields; at->kind != LOG_FIELD_END; at++) {
		size_t before = out->len;

		if (!field_is_value(at))
			continue;
		put_human_field(out, at);
		if (buf_ok(out) && out->max - out->len >= reserve)
			continue;
		out->overflow = false;
		buf_truncate(out, before);
		cut++;
	}
	put_human_extras(out, record, cut);
}

static void
escape_message(const struct log_record *record, struct buf *out)
{
	buf_init(out, MESSAGE_MAX);
	text_escape_max(out, record_message(record), LOG_MESSAGE_MAX);
}

static const char *
level_colour(enum log_level level)
{
	static const char *const colours[] = {
	    [LOG_LEVEL_ERROR] = "\x1b[1;31m",
	    [LOG_LEVEL_WARNING] = "\x1b[33m",
	    [LOG_LEVEL_INFO] = "\x1b[32m",
	    [LOG_LEVEL_DEBUG] = "\x1b[2m",
	    [LOG_LEVEL_AUDIT] = "\x1b[36m",
	};

	return colours[level];
}

void
log_format_human(const struct log_record *record, bool colour, struct buf *out)
{
	char time[CLOCK_TEXT_SIZE];
	struct buf message;

	buf_init(out, LOG_LINE_MAX);
	escape_message(record, &message);
	buf_printf(out, "%s %s%-7s%s %s", clock_text_ms(record->wall_us, time),
	    colour ? level_colour(record->level) : "", log_level_text(record->level),
	    colour ? "\x1b[0m" : "", record->site->event);
	if (record->role != NULL)
		buf_printf(out, " role=%s", record->role);
	put_human_fields(out, record, message.len + LINE_RESERVE);
	if (message.len > 0)
		buf_printf(out, " -- %s", buf_text(&message));
	buf_put_text(out, "\n");
	buf_done(&message);
}

static void
put_json_field(struct json_write *json, const struct log_field *field)
{
	struct buf value;

	switch (field->kind) {
	case LOG_FIELD_U64:
		json_u64(json, field->name, field->u64);
		return;
	case LOG_FIELD_I64:
		json_i64(json, field->name, field->i64);
		return;
	case LOG_FIELD_BOOL:
		json_bool(json, field->name, field->flag);
		return;
	case LOG_FIELD_TEXT:
	case LOG_FIELD_TIME_S:
		buf_init(&value, VALUE_MAX);
		put_value(&value, field);
		json_bytes(json, field->name, buf_bytes(&value));
		buf_done(&value);
		return;
	case LOG_FIELD_END:
	case LOG_FIELD_SKIP:
	case LOG_FIELD_MESSAGE:
	case LOG_FIELD_KEY:
		return;
	}
}

static void
put_json_fields(struct json_write *json, const struct log_record *record)
{
	struct log_field extras[4];
	struct buf *out = json->out;
	uint64_t cut = 0;

	json_open_object(json, "fields");
	for (const struct log_field *at = record->fields; at->kind != LOG_FIELD_END; at++) {
		struct json_write before = *json;
		size_t len = out->len;

		put_json_field(json, at);
		if (buf_ok(out) && out->max - out->len >= LINE_RESERVE)
			continue;
		out->overflow = false;
		buf_truncate(out, len);
		*json = before;
		cut++;
	}
	record_extras(record, cut, extras);
	for (const struct log_field *at = extras; at->kind != LOG_FIELD_END; at++)
		put_json_field(json, at);
	json_close_object(json);
}

void
log_format_json(const struct log_record *record, struct buf *out)
{
	struct json_write json = json_write_to(out);
	struct buf message;

	buf_init(out, LOG_LINE_MAX);
	escape_message(record, &message);
	json_open_object(&json, NULL);
	json_time_us(&json, "ts", record->wall_us);
	json_text(&json, "level", log_level_text(record->level));
	json_text(&json, "event", record->site->event);
	if (message.len > 0)
		json_bytes(&json, "msg", buf_bytes(&message));
	if (record->program != NULL)
		json_text(&json, "program", record->program);
	if (record->role != NULL)
		json_text(&json, "role", record->role);
	put_json_fields(&json, record);
	json_close_object(&json);
	buf_put_text(out, "\n");
	buf_done(&message);
}

/* NAME=value, or for a value with a newline NAME, length, value (systemd's
 * "Native Journal Protocol"). */
static void
put_journal(struct buf *out, const char *name, struct bytes value)
{
	buf_put_text(out, name);
	if (value.len > 0 && memchr(value.data, '\n', value.len) != NULL) {
		buf_put_text(out, "\n");
		buf_put_u64le(out, value.len);
	} else {
		buf_put_text(out, "=");
	}
	buf_put_bytes(out, value);
	buf_put_text(out, "\n");
}

static void
put_journal_text(struct buf *out, const char *name, const char *value)
{
	if (value != NULL)
		put_journal(out, name, bytes_of_text(value));
}

/* PORTCULLIS_<NAME>, as the journal allows names. */
static void
put_journal_field(struct buf *out, const struct log_field *field)
{
	struct buf name, value;

	buf_init(&name, 64);
	buf_init(&value, VALUE_MAX);
	buf_put_text(&name, "PORTCULLIS_");
	for (const char *at = field->name; *at != '\0'; at++) {
		bool letter = *at >= 'a' && *at <= 'z', digit = *at >= '0' && *at <= '9';

		buf_put_u8(&name, (uint8_t)(letter ? *at - 'a' + 'A' : digit ? *at : '_'));
	}
	put_value(&value, field);
	put_journal(out, buf_text(&name), buf_bytes(&value));
	buf_done(&name);
	buf_done(&value);
}

/* For people and journalctl: the sentence, or else the line they would see on a terminal. */
static void
put_journal_message(struct buf *out, const struct log_record *record)
{
	struct buf message;

	escape_message(record, &message);
	if (message.len == 0) {
		buf_done(&message);
		buf_init(&message, LOG_LINE_MAX);
		buf_put_text(&message, record->site->event);
		put_human_fields(&message, record, LINE_RESERVE);
	}
	put_journal(out, "MESSAGE", buf_bytes(&message));
	buf_done(&message);
}

static const char *
journal_priority(enum log_level level)
{
	static const char *const priorities[] = {
	    [LOG_LEVEL_ERROR] = "3",
	    [LOG_LEVEL_WARNING] = "4",
	    [LOG_LEVEL_INFO] = "6",
	    [LOG_LEVEL_DEBUG] = "7",
	    [LOG_LEVEL_AUDIT] = "5",
	};

	return priorities[level];
}

void
log_format_journal(const struct log_record *record, struct buf *out)
{
	struct log_field extras[4];
	char line[16];

	buf_init(out, LOG_JOURNAL_MAX);
	snprintf(line, sizeof(line), "%d", record->site->line);
	put_journal_message(out, record);
	put_journal_text(out, "MESSAGE_ID",
	    log_message_id(record->site->event, record_text(record, "reason")));
	put_journal_text(out, "PRIORITY", journal_priority(record->level));
	put_journal_text(out, "CODE_FILE", record->site->file);
	put_journal_text(out, "CODE_LINE", line);
	put_journal_text(out, "CODE_FUNC", record->site->function);
	put_journal_text(out, "SYSLOG_IDENTIFIER", record->program);
	put_journal_text(out, "PORTCULLIS_EVENT", record->site->event);
	put_journal_text(out, "PORTCULLIS_LEVEL", log_level_text(record->level));
	put_journal_text(out, "PORTCULLIS_ROLE", record->role);
	for (const struct log_field *at = record->fields; at->kind != LOG_FIELD_END; at++) {
		if (field_is_value(at))
			put_journal_field(out, at);
	}
	record_extras(record, 0, extras);
	for (const struct log_field *at = extras; at->kind != LOG_FIELD_END; at++)
		put_journal_field(out, at);
}

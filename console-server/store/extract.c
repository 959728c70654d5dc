/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking the searched columns out of event lines.
 */
#include "console-server/store/extract.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/json_scan.h"

/* The members that are looked at, of both engines. */
enum field {
	FIELD_TIMESTAMP,
	FIELD_TS,
	FIELD_EVENT_TYPE,
	FIELD_PATH,
	FIELD_SRC_IP,
	FIELD_SRC_PORT,
	FIELD_DEST_IP,
	FIELD_DEST_PORT,
	FIELD_ORIG_H,
	FIELD_ORIG_P,
	FIELD_RESP_H,
	FIELD_RESP_P,
	FIELD_ALERT_SEVERITY,
	FIELD_ALERT_SIGNATURE,
	FIELD_NOTE,
	FIELD_MSG,
	FIELD_NAME,
	FIELD_PROTO,
	FIELD_FUNC,
	FIELD_SEVERITY,
	FIELD_MESSAGE,
	FIELD_REASON,
	FIELD_COUNT,
};

static const char *const paths[FIELD_COUNT] = {"timestamp", "ts", "event_type", "_path",
    "src_ip", "src_port", "dest_ip", "dest_port", "id.orig_h", "id.orig_p", "id.resp_h",
    "id.resp_p", "alert.severity", "alert.signature", "note", "msg", "name", "proto", "func",
    "severity", "message", "reason"};

/* A string value as C text, "" where it is none.  A NUL in it ends it. */
static void
extract_text(const struct json_value *value, char *text, size_t size)
{
	size_t len = json_value_text(value, text, size - 1);

	text[len] = '\0';
}

static void
extract_time(const struct json_value *values, struct extract *extract)
{
	char text[40];
	int64_t time_us;

	extract_text(&values[FIELD_TIMESTAMP], text, sizeof(text));
	if (clock_parse(text, &time_us) || json_value_scaled(&values[FIELD_TS], 6, &time_us)) {
		extract->time_us = time_us;
		return;
	}
	extract_text(&values[FIELD_TS], text, sizeof(text)); /* Zeek with ISO8601 times */
	if (clock_parse(text, &time_us))
		extract->time_us = time_us;
}

static void
extract_address(const struct json_value *host, const struct json_value *port,
    char text[static EXTRACT_ADDRESS_SIZE])
{
	char address[48];
	uint64_t number;

	extract_text(host, address, sizeof(address));
	if (address[0] == '\0' || !json_value_u64(port, 65535, &number))
		snprintf(text, EXTRACT_ADDRESS_SIZE, "%s", address);
	else
		snprintf(text, EXTRACT_ADDRESS_SIZE,
		    strchr(address, ':') != NULL ? "[%s]:%u" : "%s:%u", address,
		    (unsigned int)number);
}

static void
extract_addresses(const struct json_value *values, struct extract *extract)
{
	bool zeek = values[FIELD_ORIG_H].kind == JSON_STRING;

	extract_address(&values[zeek ? FIELD_ORIG_H : FIELD_SRC_IP],
	    &values[zeek ? FIELD_ORIG_P : FIELD_SRC_PORT], extract->source);
	extract_address(&values[zeek ? FIELD_RESP_H : FIELD_DEST_IP],
	    &values[zeek ? FIELD_RESP_P : FIELD_DEST_PORT], extract->destination);
}

/* Suricata counts down: 1 is the most severe. */
static void
extract_severity(const struct json_value *values, struct extract *extract)
{
	static const enum extract_severity suricata[] = {EXTRACT_WARNING, EXTRACT_CRITICAL,
	    EXTRACT_MAJOR, EXTRACT_MINOR, EXTRACT_WARNING};
	static const struct {
		const char *word;
		enum extract_severity severity;
	} words[] = {{"Critical", EXTRACT_CRITICAL}, {"Major", EXTRACT_MAJOR},
	    {"Minor", EXTRACT_MINOR}, {"Warning", EXTRACT_WARNING}};
	char text[16];
	uint64_t number;

	if (json_value_u64(&values[FIELD_ALERT_SEVERITY], UINT64_MAX, &number)) {
		extract->severity = suricata[number < 4 ? number : 4];
		return;
	}
	extract_text(&values[FIELD_SEVERITY], text, sizeof(text));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i].word) == 0)
			extract->severity = words[i].severity;
	}
	if (values[FIELD_NOTE].kind == JSON_STRING) /* a notice of Zeek's */
		extract->severity = EXTRACT_MINOR;
}

/* The first of these that is there says what happened. */
static void
extract_summary(const struct json_value *values, struct extract *extract)
{
	static const enum field wanted[] = {FIELD_ALERT_SIGNATURE, FIELD_MSG, FIELD_MESSAGE,
	    FIELD_NAME, FIELD_FUNC, FIELD_NOTE, FIELD_REASON, FIELD_PROTO};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		extract_text(&values[wanted[i]], extract->summary, sizeof(extract->summary));
		if (extract->summary[0] != '\0')
			return;
	}
}

/* "suricata/alert": the engine's own word for it, behind the input's name. */
static void
extract_kind(const struct record *record, struct bytes source, const struct json_value *values,
    struct extract *extract)
{
	char word[40];

	extract_text(&values[FIELD_EVENT_TYPE], word, sizeof(word));
	if (word[0] == '\0')
		extract_text(&values[FIELD_PATH], word, sizeof(word));
	if (record->type != RECORD_EVENT)
		snprintf(extract->kind, sizeof(extract->kind), "%s",
		    record_type_text(record->type));
	else if (word[0] == '\0' || memchr(source.data, '/', source.len) != NULL)
		snprintf(extract->kind, sizeof(extract->kind), "%.*s", (int)source.len,
		    (const char *)source.data);
	else
		snprintf(extract->kind, sizeof(extract->kind), "%.*s/%s",
		    source.len < 20 ? (int)source.len : 20, (const char *)source.data, word);
}

void
extract_record(const struct record *record, struct extract *ret_extract)
{
	static struct json_fields fields; /* the table of paths: made once, never changed */
	struct json_value values[FIELD_COUNT];
	struct bytes source = bytes_of("", 0), text = record->payload;
	size_t offset;

	if (fields.count == 0)
		json_fields_init(&fields, paths, FIELD_COUNT);
	memset(values, 0, sizeof(values));
	*ret_extract = (struct extract){.time_us = record->wall_us};
	if (!record_split_source(record->payload, &source, &text) ||
	    record->type == RECORD_RAW ||
	    json_scan(&fields, text, values, &offset) != STATUS_OK)
		memset(values, 0, sizeof(values));
	extract_kind(record, source, values, ret_extract);
	extract_time(values, ret_extract);
	extract_addresses(values, ret_extract);
	extract_severity(values, ret_extract);
	extract_summary(values, ret_extract);
	if (record->type >= RECORD_GAP && record->type <= RECORD_LOST &&
	    ret_extract->severity == EXTRACT_INFO)
		ret_extract->severity = EXTRACT_MAJOR;
}

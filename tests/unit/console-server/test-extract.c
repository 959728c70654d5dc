/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "console-server/store/extract.h"
#include "tests/lib/shared.h"

enum {
	SENSOR_CLOCK_US = 1000
};

/* What is taken out of a line that came from a source. */
static struct extract
extract_of(enum record_type type, const char *source, struct bytes line)
{
	struct record record = {.type = (uint16_t)type, .wall_us = SENSOR_CLOCK_US};
	struct extract extract;
	struct buf payload;

	buf_init(&payload, RECORD_PAYLOAD_MAX);
	record_put_source(&payload, bytes_of_text(source));
	buf_put_bytes(&payload, line);
	assert_true(buf_ok(&payload));
	record.payload = buf_bytes(&payload);
	extract_record(&record, &extract);
	buf_done(&payload);
	return extract;
}

static struct extract
event_of(const char *source, const char *line)
{
	return extract_of(RECORD_EVENT, source, bytes_of_text(line));
}

static void
an_alert_of_suricata_gives_all_columns(void **state)
{
	struct extract extract = event_of("suricata",
	    "{\"timestamp\":\"2022-07-10T23:50:05.533101+0000\",\"event_type\":\"alert\","
	    "\"src_ip\":\"192.0.2.7\",\"src_port\":52812,\"dest_ip\":\"2001:db8::1\","
	    "\"dest_port\":502,\"proto\":\"TCP\",\"alert\":{\"severity\":2,"
	    "\"signature\":\"Modbus write \\\"coil\\\"\"}}");

	assert_true(extract.time_us == INT64_C(1657497005533101));
	assert_string_equal(extract.kind, "suricata/alert");
	assert_string_equal(extract.source, "192.0.2.7:52812");
	assert_string_equal(extract.destination, "[2001:db8::1]:502");
	assert_int_equal(extract.severity, EXTRACT_MAJOR);
	assert_string_equal(extract.summary, "Modbus write \"coil\"");
}

static void
a_line_of_zeek_gives_all_columns(void **state)
{
	struct extract extract = event_of("zeek",
	    "{\"_path\":\"modbus\",\"ts\":1700000000.25,\"id.orig_h\":\"192.0.2.7\","
	    "\"id.orig_p\":47785,\"id.resp_h\":\"fe80::1\",\"id.resp_p\":502,"
	    "\"func\":\"READ_COILS\",\"proto\":\"tcp\"}");

	assert_true(extract.time_us == INT64_C(1700000000250000));
	assert_string_equal(extract.kind, "zeek/modbus");
	assert_string_equal(extract.source, "192.0.2.7:47785");
	assert_string_equal(extract.destination, "[fe80::1]:502");
	assert_int_equal(extract.severity, EXTRACT_INFO);
	assert_string_equal(extract.summary, "READ_COILS");
}

static void
times_are_read_in_every_form_the_engines_write(void **state)
{
	static const struct {
		const char *line;
		int64_t time_us;
	} cases[] = {
	    {"{\"timestamp\":\"1970-01-01T01:00:02.5+0100\"}", 2500000},
	    {"{\"timestamp\":\"1970-01-01T00:00:02Z\"}", 2000000},
	    {"{\"ts\":2}", 2000000},
	    {"{\"ts\":2.000001}", 2000001},
	    {"{\"ts\":\"1970-01-01T00:00:03.000000Z\"}", 3000000},
	    {"{\"timestamp\":\"yesterday\",\"ts\":4}", 4000000},
	    {"{\"timestamp\":\"yesterday\"}", SENSOR_CLOCK_US},
	    {"{\"ts\":1e300}", SENSOR_CLOCK_US},
	    {"{\"ts\":null}", SENSOR_CLOCK_US},
	    {"{}", SENSOR_CLOCK_US},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct extract extract = event_of("any", cases[i].line);

		if (extract.time_us != cases[i].time_us)
			fail_msg("%s: %lld", cases[i].line, (long long)extract.time_us);
	}
}

static void
severities_of_all_sources_are_on_one_scale(void **state)
{
	static const struct {
		const char *line;
		enum extract_severity severity;
	} cases[] = {
	    {"{\"alert\":{\"severity\":1}}", EXTRACT_CRITICAL},
	    {"{\"alert\":{\"severity\":2}}", EXTRACT_MAJOR},
	    {"{\"alert\":{\"severity\":3}}", EXTRACT_MINOR},
	    {"{\"alert\":{\"severity\":4}}", EXTRACT_WARNING},
	    {"{\"alert\":{\"severity\":255}}", EXTRACT_WARNING},
	    {"{\"alert\":{\"severity\":18446744073709551615}}", EXTRACT_WARNING},
	    {"{\"alert\":{\"severity\":-1}}", EXTRACT_INFO},
	    {"{\"alert\":{\"severity\":\"1\"}}", EXTRACT_INFO},
	    {"{\"severity\":\"Critical\"}", EXTRACT_CRITICAL},
	    {"{\"severity\":\"Major\"}", EXTRACT_MAJOR},
	    {"{\"severity\":\"Minor\"}", EXTRACT_MINOR},
	    {"{\"severity\":\"Warning\"}", EXTRACT_WARNING},
	    {"{\"severity\":\"critical\"}", EXTRACT_INFO},
	    {"{\"note\":\"Scan::Port_Scan\"}", EXTRACT_MINOR},
	    {"{}", EXTRACT_INFO},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct extract extract = event_of("any", cases[i].line);

		if (extract.severity != cases[i].severity)
			fail_msg("%s: %d", cases[i].line, (int)extract.severity);
	}
}

static void
addresses_need_neither_port_nor_sense(void **state)
{
	struct extract extract = event_of("any", "{\"src_ip\":\"192.0.2.7\",\"dest_port\":1}");

	assert_string_equal(extract.source, "192.0.2.7");
	assert_string_equal(extract.destination, "");
	extract =
	    event_of("any", "{\"src_ip\":\"192.0.2.7\",\"src_port\":65536,\"dest_ip\":17}");
	assert_string_equal(extract.source, "192.0.2.7");
	assert_string_equal(extract.destination, "");
}

static void
what_is_no_json_is_kept_under_its_source(void **state)
{
	static const char *const lines[] = {"", "not json", "{\"event_type\":\"alert\"",
	    "{\"event_type\":\"alert\"}x", "[]", "\xff"};

	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct extract extract = event_of("suricata", lines[i]);

		assert_string_equal(extract.kind, "suricata");
		assert_string_equal(extract.source, "");
		assert_string_equal(extract.summary, "");
		assert_true(extract.time_us == SENSOR_CLOCK_US);
		assert_int_equal(extract.severity, EXTRACT_INFO);
	}
}

static void
records_of_the_sensor_itself_are_named_by_their_type(void **state)
{
	static const struct {
		int type;
		const char *kind;
		enum extract_severity severity;
	} cases[] = {
	    {RECORD_RAW, "raw", EXTRACT_INFO},
	    {RECORD_OVERSIZE, "oversize", EXTRACT_INFO},
	    {RECORD_HEALTH, "health", EXTRACT_INFO},
	    {RECORD_FAILURE, "failure", EXTRACT_INFO},
	    {RECORD_GAP, "gap", EXTRACT_MAJOR},
	    {RECORD_DROPPED, "dropped", EXTRACT_MAJOR},
	    {RECORD_LOST, "lost", EXTRACT_MAJOR},
	    {RECORD_ORIGIN, "origin", EXTRACT_INFO},
	    {0, "unknown", EXTRACT_INFO},
	    {RECORD_ORIGIN + 1, "unknown", EXTRACT_INFO},
	    {UINT16_MAX, "unknown", EXTRACT_INFO},
	};
	const struct bytes line = bytes_of_text("{\"event_type\":\"alert\",\"ts\":2}");

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct extract extract =
		    extract_of((enum record_type)cases[i].type, "health", line);

		assert_string_equal(extract.kind, cases[i].kind);
		assert_int_equal(extract.severity, cases[i].severity);
	}
	/* a raw line is not looked into, whatever it looks like */
	assert_true(extract_of(RECORD_RAW, "eve", line).time_us == SENSOR_CLOCK_US);
}

static void
a_payload_without_a_source_gives_nothing_but_its_type(void **state)
{
	struct record record = {.type = RECORD_EVENT, .wall_us = SENSOR_CLOCK_US};
	struct extract extract;

	extract_record(&record, &extract);
	assert_string_equal(extract.kind, "");
	record.payload = bytes_of_text("\x05"
				       "ab");
	extract_record(&record, &extract);
	assert_string_equal(extract.kind, "");
	assert_true(extract.time_us == SENSOR_CLOCK_US);
}

/* Is a text whole characters of UTF-8? */
static bool
is_utf8(const char *text)
{
	struct bytes rest = bytes_of_text(text);
	uint32_t code_point;

	while (rest.len > 0) {
		size_t len = text_utf8_char(rest, &code_point);

		if (len == 0)
			return false;
		rest = bytes_of(rest.data + len, rest.len - len);
	}
	return true;
}

static void
what_is_too_long_is_cut_between_characters(void **state)
{
	char line[1200];

	for (int lead = 0; lead < 4; lead++) {
		int len = snprintf(line, sizeof(line), "{\"event_type\":\"%.*s", lead, "xyz");
		struct extract extract;

		for (int i = 0; i < 60; i++)
			len += snprintf(line + len, sizeof(line) - (size_t)len, "\u00e9\u20ac");
		len += snprintf(line + len, sizeof(line) - (size_t)len, "\",\"msg\":\"%.*s",
		    lead, "xyz");
		for (int i = 0; i < 60; i++)
			len += snprintf(line + len, sizeof(line) - (size_t)len, "\u00e9\u20ac");
		snprintf(line + len, sizeof(line) - (size_t)len, "\"}");
		extract = event_of("a-name-of-an-input-that-is-long", line);
		assert_true(is_utf8(extract.kind));
		assert_true(is_utf8(extract.summary));
		assert_in_range(strlen(extract.summary), EXTRACT_SUMMARY_SIZE - 4,
		    EXTRACT_SUMMARY_SIZE - 1);
	}
}

/* --- real lines, held against another reader of JSON --- */

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static void
assert_address(const json_t *object, const char *host_key, const char *port_key,
    const char *text)
{
	const char *host = text_of(object, host_key);
	const json_t *port = json_object_get(object, port_key);
	char expected[100];

	if (!json_is_integer(port) || host[0] == '\0')
		snprintf(expected, sizeof(expected), "%s", host);
	else
		snprintf(expected, sizeof(expected),
		    strchr(host, ':') != NULL ? "[%s]:%lld" : "%s:%lld", host,
		    (long long)json_integer_value(port));
	assert_string_equal(text, expected);
}

/* "2022-07-10T23:50:05.533101+0000", with the arithmetic of the C library. */
static int64_t
suricata_time_us(const char *text)
{
	struct tm date = {.tm_isdst = 0};
	int micros, offset, used = 0;

	assert_int_equal(sscanf(text, "%d-%d-%dT%d:%d:%d.%6d%5d%n", &date.tm_year, &date.tm_mon,
			     &date.tm_mday, &date.tm_hour, &date.tm_min, &date.tm_sec, &micros,
			     &offset, &used),
	    8);
	assert_int_equal(text[used], '\0');
	date.tm_year -= 1900;
	date.tm_mon -= 1;
	return ((int64_t)timegm(&date) - (offset / 100 * 60 + offset % 100) * 60) * 1000000 +
	       micros;
}

static void
check_suricata(const json_t *object, const struct extract *extract)
{
	static const int scale[] = {EXTRACT_WARNING, EXTRACT_CRITICAL, EXTRACT_MAJOR,
	    EXTRACT_MINOR};
	const json_t *alert = json_object_get(object, "alert");
	char kind[100];

	snprintf(kind, sizeof(kind), "eve/%s", text_of(object, "event_type"));
	assert_string_equal(extract->kind, kind);
	assert_true(extract->time_us == suricata_time_us(text_of(object, "timestamp")));
	assert_address(object, "src_ip", "src_port", extract->source);
	assert_address(object, "dest_ip", "dest_port", extract->destination);
	if (alert == NULL)
		return;
	assert_int_equal(extract->severity,
	    scale[json_integer_value(json_object_get(alert, "severity"))]);
	assert_string_equal(extract->summary, text_of(alert, "signature"));
}

static void
check_zeek(const json_t *object, const struct extract *extract)
{
	double ts = json_number_value(json_object_get(object, "ts"));
	char kind[100];

	snprintf(kind, sizeof(kind), "eve/%s", text_of(object, "_path"));
	assert_string_equal(extract->kind, kind);
	assert_true(llabs(extract->time_us - llround(ts * 1e6)) <= 1);
	assert_address(object, "id.orig_h", "id.orig_p", extract->source);
	assert_address(object, "id.resp_h", "id.resp_p", extract->destination);
}

/* Every line of a shared file. */
static void
check_file(const char *name, void (*check)(const json_t *, const struct extract *))
{
	struct buf file;
	size_t lines = 0;
	struct bytes rest;

	buf_init(&file, 64 << 20);
	if (!shared_read(name, &file)) {
		buf_done(&file);
		SKIP_TEST("what it needs is not here");
	}
	rest = buf_bytes(&file);
	while (rest.len > 0) {
		const uint8_t *newline = memchr(rest.data, '\n', rest.len);
		size_t len = newline != NULL ? (size_t)(newline - rest.data) : rest.len;
		struct extract extract =
		    extract_of(RECORD_EVENT, "eve", bytes_of(rest.data, len));
		json_t *object = json_loadb((const char *)rest.data, len, JSON_ALLOW_NUL, NULL);

		assert_non_null(object);
		check(object, &extract);
		json_decref(object);
		lines++;
		rest = bytes_of(rest.data + len, rest.len - len);
		if (newline != NULL)
			rest = bytes_of(rest.data + 1, rest.len - 1);
	}
	buf_done(&file);
	assert_true(lines > 0);
}

static void
real_lines_of_suricata_give_what_another_reader_sees(void **state)
{
	check_file("realdata/suricata-eve/alerts-flow-stats.eve.json", check_suricata);
	check_file("realdata/suricata-eve/botnet-mixed.eve.json", check_suricata);
}

static void
real_lines_of_zeek_give_what_another_reader_sees(void **state)
{
	static const char *const files[] = {"modbus/conn", "modbus/modbus_detailed",
	    "modbus/modbus_mask_write_register", "dnp3/dnp3", "dnp3/dnp3_objects",
	    "bacnet/bacnet", "bacnet/bacnet_property", "s7comm/s7comm", "s7comm/cotp",
	    "enip/conn"};
	char name[100];

	for (size_t i = 0; i < COUNT_OF(files); i++) {
		snprintf(name, sizeof(name), "realdata/zeek-ics-json/%s.ndjson", files[i]);
		check_file(name, check_zeek);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_alert_of_suricata_gives_all_columns),
	    cmocka_unit_test(a_line_of_zeek_gives_all_columns),
	    cmocka_unit_test(times_are_read_in_every_form_the_engines_write),
	    cmocka_unit_test(severities_of_all_sources_are_on_one_scale),
	    cmocka_unit_test(addresses_need_neither_port_nor_sense),
	    cmocka_unit_test(what_is_no_json_is_kept_under_its_source),
	    cmocka_unit_test(records_of_the_sensor_itself_are_named_by_their_type),
	    cmocka_unit_test(a_payload_without_a_source_gives_nothing_but_its_type),
	    cmocka_unit_test(what_is_too_long_is_cut_between_characters),
	    cmocka_unit_test(real_lines_of_suricata_give_what_another_reader_sees),
	    cmocka_unit_test(real_lines_of_zeek_give_what_another_reader_sees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

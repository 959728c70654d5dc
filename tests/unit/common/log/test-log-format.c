/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <limits.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/log/log_format.h"

static const struct log_site site = {"test-happened", "link.c", "link_judge", 42};

/* 2026-02-28T12:00:00.123Z */
#define NOW INT64_C(1772280000123000)

#define RECORD(level_name, ...)                                                             \
	{                                                                                   \
		.wall_us = NOW, .level = level_name, .program = "portcullis-test",          \
		.role = "link-1", .site = &site,                                            \
		.fields = (const struct log_field[]){__VA_ARGS__, {.kind = LOG_FIELD_END}}, \
	}

static const char *
human(const struct log_record *record, struct buf *buf)
{
	buf_done(buf);
	log_format_human(record, false, buf);
	assert_true(buf_ok(buf));
	return buf_text(buf);
}

static const char *
json(const struct log_record *record, struct buf *buf)
{
	buf_done(buf);
	log_format_json(record, buf);
	assert_true(buf_ok(buf));
	return buf_text(buf);
}

static void
values_of_each_kind_are_shown(void **state)
{
	const struct log_record record = RECORD(LOG_LEVEL_WARNING, LOG_TEXT("peer", "10.0.0.1"),
	    LOG_KEY("unseen"), LOG_BYTES("raw", bytes_of("a\0b", 3)), LOG_U64("count", 3),
	    LOG_I64("drift", -7), LOG_BOOL("live", true), LOG_TIME_S("not_after", 1772280000),
	    LOG_TEXT("absent", NULL), LOG_TEXT("empty", ""), LOG_MESSAGE("It was refused."));
	struct buf buf;

	buf_init(&buf, 0);
	assert_string_equal(human(&record, &buf),
	    "2026-02-28T12:00:00.123Z warning test-happened role=link-1 peer=10.0.0.1 "
	    "raw=a\\x00b count=3 drift=-7 live=true not_after=2026-02-28T12:00:00Z empty=\"\" "
	    "-- It was refused.\n");
	assert_string_equal(json(&record, &buf),
	    "{\"ts\":\"2026-02-28T12:00:00.123Z\",\"level\":\"warning\","
	    "\"event\":\"test-happened\",\"msg\":\"It was refused.\","
	    "\"program\":\"portcullis-test\",\"role\":\"link-1\",\"fields\":{"
	    "\"peer\":\"10.0.0.1\",\"raw\":\"a\\\\x00b\",\"count\":3,\"drift\":-7,"
	    "\"live\":true,\"not_after\":\"2026-02-28T12:00:00Z\",\"empty\":\"\"}}\n");
	buf_done(&buf);
}

static void
a_foreign_string_forges_nothing(void **state)
{
	static const char *const hostile[] = {"CN=x\n2026-01-01 error forged a=b",
	    "x\r\nPRIORITY=0", "\x1b]0;title\x07", "\xe2\x80\xaemoc.live", "\xc2\x9b[31m",
	    "\xff\xfe", "\xe2\x80\xa8line", "x\xf3\xa0\x80\x81"};

	for (size_t i = 0; i < COUNT_OF(hostile); i++) {
		const struct log_record record = RECORD(LOG_LEVEL_ERROR,
		    LOG_TEXT("subject", hostile[i]), LOG_MESSAGE(hostile[i]));
		struct buf forms[3];

		log_format_human(&record, false, &forms[0]);
		log_format_json(&record, &forms[1]);
		log_format_journal(&record, &forms[2]);
		for (size_t form = 0; form < 3; form++) {
			const char *text = buf_text(&forms[form]);
			size_t lines = 0;

			for (size_t k = 0; k < forms[form].len; k++) {
				uint8_t c = forms[form].data[k];

				lines += c == '\n';
				assert_true(c == '\n' || (c >= ' ' && c < 0x7f));
			}
			if (form < 2)
				assert_int_equal(lines, 1);
			assert_null(strstr(text, "\nPRIORITY=0"));
			buf_done(&forms[form]);
		}
	}
}

static void
a_value_cannot_pose_as_another_field(void **state)
{
	const struct log_record record = RECORD(LOG_LEVEL_INFO,
	    LOG_TEXT("name", "x reason=good"), LOG_TEXT("quoted", "\" reason=good \""),
	    LOG_TEXT("equal", "a=b"), LOG_TEXT("dashes", "x -- all is well"));
	struct buf buf;

	buf_init(&buf, 0);
	assert_string_equal(human(&record, &buf),
	    "2026-02-28T12:00:00.123Z info    test-happened role=link-1 name=\"x reason=good\" "
	    "quoted=\"\\x22 reason=good \\x22\" equal=\"a=b\" dashes=\"x -- all is well\"\n");
	buf_done(&buf);
}

static void
counts_of_what_is_missing_are_fields(void **state)
{
	struct log_record record = RECORD(LOG_LEVEL_INFO, LOG_U64("n", 1));
	struct buf buf;

	buf_init(&buf, 0);
	record.suppressed = 12;
	record.lost = 3;
	assert_non_null(strstr(human(&record, &buf), " n=1 suppressed=12 lost=3\n"));
	assert_non_null(
	    strstr(json(&record, &buf), "\"n\":1,\"suppressed\":12,\"lost\":3}}\n"));
	buf_done(&buf);
}

static void
a_line_fits_a_pipe_and_says_what_was_cut(void **state)
{
	char *hostile = alloc_zeroed(1, 1000);
	struct log_field fields[LOG_FIELDS_MAX + 1] = {LOG_MESSAGE(hostile)};
	struct log_record record = RECORD(LOG_LEVEL_INFO, LOG_U64("n", 1));
	struct buf buf;

	memset(hostile, '\n', 999);
	fields[0] = LOG_MESSAGE(hostile);
	for (size_t i = 1; i < LOG_FIELDS_MAX - 1; i++)
		fields[i] = LOG_TEXT("subject", hostile);
	fields[LOG_FIELDS_MAX - 1] = LOG_TEXT("last", "seen");
	record.fields = fields;
	record.suppressed = UINT64_MAX;
	record.lost = UINT64_MAX;
	buf_init(&buf, 0);
	human(&record, &buf);
	assert_true(buf.len <= PIPE_BUF);
	assert_int_equal(buf.data[buf.len - 1], '\n');
	assert_non_null(strstr(buf_text(&buf), " last=seen "));
	assert_non_null(strstr(buf_text(&buf), " cut=61 -- "));
	json(&record, &buf);
	assert_true(buf.len <= PIPE_BUF);
	assert_non_null(strstr(buf_text(&buf), "\"fields\":{\"last\":\"seen\","));
	assert_non_null(strstr(buf_text(&buf), ",\"cut\":62}}\n"));
	buf_done(&buf);
	log_format_journal(&record, &buf);
	assert_true(buf_ok(&buf));
	buf_done(&buf);
	free(hostile);
}

static void
the_journal_form_is_its_native_protocol(void **state)
{
	const struct log_record record = RECORD(LOG_LEVEL_WARNING,
	    LOG_TEXT("cert_serial", "0x11"), LOG_KEY("unseen"), LOG_MESSAGE("It was refused."));
	struct buf buf;

	log_format_journal(&record, &buf);
	assert_string_equal(buf_text(&buf), "MESSAGE=It was refused.\nPRIORITY=4\n"
					    "CODE_FILE=link.c\nCODE_LINE=42\n"
					    "CODE_FUNC=link_judge\n"
					    "SYSLOG_IDENTIFIER=portcullis-test\n"
					    "PORTCULLIS_EVENT=test-happened\n"
					    "PORTCULLIS_LEVEL=warning\n"
					    "PORTCULLIS_ROLE=link-1\n"
					    "PORTCULLIS_CERT_SERIAL=0x11\n");
	buf_done(&buf);
}

static void
without_a_sentence_the_journal_shows_the_fields(void **state)
{
	const struct log_record record =
	    RECORD(LOG_LEVEL_AUDIT, LOG_TEXT("who", "a b"), LOG_U64("n", 2));
	struct buf buf;

	log_format_journal(&record, &buf);
	assert_non_null(
	    strstr(buf_text(&buf), "MESSAGE=test-happened who=\"a b\" n=2\nPRIORITY=5\n"));
	buf_done(&buf);
}

static void
a_reason_has_its_message_id(void **state)
{
	static const struct log_site known = {"log-suppressed", "f", "g", 1};
	struct log_record revoked = RECORD(LOG_LEVEL_WARNING, LOG_TEXT("reason", "revoked"));
	struct log_record other = RECORD(LOG_LEVEL_WARNING, LOG_TEXT("reason", "none-such"));
	struct buf buf;
	char *first;

	log_format_journal(&revoked, &buf);
	assert_non_null(strstr(buf_text(&buf), "\nMESSAGE_ID="));
	first = alloc_text_copy(strstr(buf_text(&buf), "\nMESSAGE_ID="), 44);
	buf_done(&buf);
	other.site = &known;
	log_format_journal(&other, &buf);
	assert_non_null(strstr(buf_text(&buf), "\nMESSAGE_ID="));
	assert_memory_not_equal(strstr(buf_text(&buf), "\nMESSAGE_ID="), first, 44);
	buf_done(&buf);
	free(first);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_of_each_kind_are_shown),
	    cmocka_unit_test(a_foreign_string_forges_nothing),
	    cmocka_unit_test(a_value_cannot_pose_as_another_field),
	    cmocka_unit_test(counts_of_what_is_missing_are_fields),
	    cmocka_unit_test(a_line_fits_a_pipe_and_says_what_was_cut),
	    cmocka_unit_test(the_journal_form_is_its_native_protocol),
	    cmocka_unit_test(without_a_sentence_the_journal_shows_the_fields),
	    cmocka_unit_test(a_reason_has_its_message_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

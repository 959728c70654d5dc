/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "common/cli/output.h"

static const struct output_column columns[] = {
    {.title = "Name", .key = "name"},
    {.title = "Count", .key = "count", .right = true},
    {.title = "Live", .key = "live"},
};

struct sink {
	struct output out;
	char *text;
	size_t len;
};

static void
sink_open(struct sink *sink, bool json, bool color)
{
	sink->out = (struct output){.file = open_memstream(&sink->text, &sink->len),
	    .json = json,
	    .color = color};
}

static void
sink_expect(struct sink *sink, const char *text)
{
	fclose(sink->out.file);
	assert_string_equal(sink->text, text);
	free(sink->text);
}

static void
write_rows(struct sink *sink, enum output_layout layout)
{
	struct output_table *table = output_table_new(&sink->out, layout, columns, 3);

	output_cell_text(table, "caf\xc3\xa9");
	output_cell_i64(table, 7);
	output_cell_bool(table, true);
	output_cell_paint(table, OUTPUT_GOOD);
	output_row_end(table);
	output_cell_text(table, "\xe6\x9d\xb1\n");
	output_cell_i64(table, 123456);
	output_cell_none(table);
	output_row_end(table);
	output_table_end(table, "nothing");
}

static void
columns_line_up_by_what_is_seen(void **state)
{
	struct sink sink;

	sink_open(&sink, false, false);
	write_rows(&sink, OUTPUT_TABLE);
	sink_expect(&sink, "Name     Count  Live\n"
			   "caf\xc3\xa9         7  yes\n"
			   "\xe6\x9d\xb1\\x0a  123456  -\n");
}

static void
fields_stand_under_each_other(void **state)
{
	struct sink sink;

	sink_open(&sink, false, true);
	write_rows(&sink, OUTPUT_FIELDS);
	sink_expect(&sink, "\x1b[2mName:\x1b[0m   caf\xc3\xa9\n"
			   "\x1b[2mCount:\x1b[0m  7\n"
			   "\x1b[2mLive:\x1b[0m   \x1b[32myes\x1b[0m\n"
			   "\n"
			   "\x1b[2mName:\x1b[0m   \xe6\x9d\xb1\\x0a\n"
			   "\x1b[2mCount:\x1b[0m  123456\n"
			   "\x1b[2mLive:\x1b[0m   -\n");
}

static void
machines_get_an_object_a_line(void **state)
{
	struct sink sink;

	sink_open(&sink, true, false);
	write_rows(&sink, OUTPUT_TABLE);
	output_line(&sink.out, OUTPUT_BAD, "for people");
	sink_expect(&sink, "{\"name\":\"caf\xc3\xa9\",\"count\":7,\"live\":true}\n"
			   "{\"name\":\"\xe6\x9d\xb1\\n\",\"count\":123456,\"live\":null}\n");
}

static void
an_empty_table_says_so_to_people_only(void **state)
{
	struct sink sink;

	sink_open(&sink, false, false);
	output_table_end(output_table_new(&sink.out, OUTPUT_TABLE, columns, 3), "no sensors");
	sink_expect(&sink, "no sensors\n");
	sink_open(&sink, true, false);
	output_table_end(output_table_new(&sink.out, OUTPUT_TABLE, columns, 3), "no sensors");
	sink_expect(&sink, "");
}

static void
long_tables_are_written_in_parts(void **state)
{
	struct sink sink;
	struct output_table *table;
	size_t lines = 0;

	sink_open(&sink, false, false);
	table = output_table_new(&sink.out, OUTPUT_TABLE, columns, 3);
	for (int i = 0; i < 1300; i++) {
		output_cell_text(table, "x");
		output_cell_i64(table, i);
		output_cell_time_s(table, 0);
		output_row_end(table);
	}
	output_table_end(table, NULL);
	fclose(sink.out.file);
	for (char *at = sink.text; *at != '\0'; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 1301);
	assert_non_null(strstr(sink.text, "x      1299  1970-01-01T00:00:00Z\n"));
	free(sink.text);
}

static void
an_object_too_long_still_parses(void **state)
{
	struct sink sink;
	struct buf line;
	struct json_write json;

	sink_open(&sink, true, false);
	buf_init(&line, 10);
	json = json_write_to(&line);
	json_open_object(&json, NULL);
	json_text(&json, "key", "far too long");
	json_close_object(&json);
	output_json(&sink.out, &line);
	buf_done(&line);
	sink_expect(&sink, "{\"error\":\"this object is too long to be shown\"}\n");
}

static void
escaping_does_not_cut_long_text_or_characters(void **state)
{
	struct buf text, foreign;

	buf_init(&text, 10000);
	buf_init(&foreign, 10000);
	buf_put_u8(&foreign, 'x');
	for (int i = 0; i < 600; i++)
		buf_put_text(&foreign, "\xe6\x9d\xb1");
	output_escape(&text, buf_bytes(&foreign));
	assert_true(bytes_equal(buf_bytes(&text), buf_bytes(&foreign)));
	buf_clear(&text);
	buf_clear(&foreign);
	for (int i = 0; i < 600; i++)
		buf_put_u8(&foreign, 0x80);
	output_escape(&text, buf_bytes(&foreign));
	assert_int_equal(text.len, 2400);
	buf_done(&text);
	buf_done(&foreign);
}

static void
widths_know_wide_and_combining_characters(void **state)
{
	assert_int_equal(output_width(bytes_of_text("abc")), 3);
	assert_int_equal(output_width(bytes_of_text("e\xcc\x81")), 1);
	assert_int_equal(output_width(bytes_of_text("\xe6\x9d\xb1\xe4\xba\xac")), 4);
	assert_int_equal(output_width(bytes_of_text("\xff")), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_line_up_by_what_is_seen),
	    cmocka_unit_test(fields_stand_under_each_other),
	    cmocka_unit_test(machines_get_an_object_a_line),
	    cmocka_unit_test(an_empty_table_says_so_to_people_only),
	    cmocka_unit_test(long_tables_are_written_in_parts),
	    cmocka_unit_test(an_object_too_long_still_parses),
	    cmocka_unit_test(escaping_does_not_cut_long_text_or_characters),
	    cmocka_unit_test(widths_know_wide_and_combining_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

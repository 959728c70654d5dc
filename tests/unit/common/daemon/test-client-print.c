/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/daemon/client_print.h"

static const struct output_column columns[] = {
    {.title = "Name", .key = "name"},
    {.title = "State", .key = "link.state"},
    {.title = "Count", .key = "count", .right = true},
};

static const struct client_view table_view = {.layout = OUTPUT_TABLE,
    .columns = columns,
    .column_count = COUNT_OF(columns),
    .empty = "nothing there"};

static const struct client_view field_view = {.layout = OUTPUT_FIELDS};

/* What is printed for rows; to be freed. */
static char *
printed(const struct client_view *view, bool json, bool answered, const char *const *rows)
{
	char *text = NULL;
	size_t len;
	struct output out = {.file = open_memstream(&text, &len), .json = json};
	struct client_print *print = client_print_new(&out, view);

	for (; *rows != NULL; rows++)
		client_print_row(bytes_of_text(*rows), print);
	client_print_end(print, answered);
	fclose(out.file);
	return text;
}

static void
assert_printed(const struct client_view *view, bool json, const char *const *rows,
    const char *wanted)
{
	char *text = printed(view, json, true, rows);

	assert_string_equal(text, wanted);
	free(text);
}

static void
a_table_shows_the_members_that_its_columns_name(void **state)
{
	static const char *const rows[] =
	    {"{\"count\":7,\"name\":\"a\",\"link\":{\"state\":\"SYNCED\"},\"more\":1}",
		"{\"name\":\"longer\",\"link\":null,\"count\":null}", NULL};

	assert_printed(&table_view, false, rows,
	    "Name    State   Count\n"
	    "a       SYNCED      7\n"
	    "longer  -           -\n");
}

static void
fields_are_shown_in_their_order_with_what_is_nested_below(void **state)
{
	static const char *const rows[] =
	    {"{\"last_seen\":\"x\",\"ok\":true,\"link\":{\"state\":\"S\"},"
	     "\"names\":[\"a\",\"b\"],\"none\":[],\"found\":[{\"n\":1},{\"n\":2}]}",
		"{\"a\":1}", NULL};

	assert_printed(&field_view, false, rows,
	    "Last seen:  x\n"
	    "Ok:         yes\n"
	    "Link:\n"
	    "  State:  S\n"
	    "Names:      a, b\n"
	    "None:       -\n"
	    "Found:\n"
	    "  N:  1\n"
	    "\n"
	    "  N:  2\n"
	    "\n"
	    "A:  1\n");
}

static void
for_machines_rows_pass_as_they_came(void **state)
{
	static const char *const rows[] = {"{\"b\":1,\"a\":{\"x\":[1,2]}}", "{\"c\":null}",
	    NULL};

	assert_printed(&table_view, true, rows,
	    "{\"b\":1,\"a\":{\"x\":[1,2]}}\n{\"c\":null}\n");
	assert_printed(&field_view, true, rows,
	    "{\"b\":1,\"a\":{\"x\":[1,2]}}\n{\"c\":null}\n");
}

static void
a_foreign_string_forges_no_line_and_no_escape(void **state)
{
	static const char *const rows[] =
	    {"{\"name\":\"a\\nForged: yes\\u001b[31m\",\"count\":1}", NULL};

	assert_printed(&field_view, false, rows,
	    "Name:   a\\x0aForged: yes\\x1b[31m\nCount:  1\n");
}

static void
that_there_was_no_row_is_said_only_where_that_was_the_answer(void **state)
{
	static const char *const none[] = {NULL};
	char *text;

	assert_printed(&table_view, false, none, "nothing there\n");
	text = printed(&table_view, false, false, none);
	assert_string_equal(text, "");
	free(text);
	assert_printed(&table_view, true, none, "");
}

static void
what_is_nested_too_deep_is_shown_as_json(void **state)
{
	static const char *const rows[] = {"{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":1}}}}}}",
	    NULL};
	char *text = printed(&field_view, false, true, rows);

	assert_non_null(strstr(text, "        E:  {\"f\":1}\n"));
	free(text);
}

static void
what_is_no_object_is_shown_as_it_is(void **state)
{
	static const char *const rows[] = {"not json\n", "[1]", NULL};

	assert_printed(&table_view, false, rows, "not json\\x0a\n[1]\nnothing there\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_table_shows_the_members_that_its_columns_name),
	    cmocka_unit_test(fields_are_shown_in_their_order_with_what_is_nested_below),
	    cmocka_unit_test(for_machines_rows_pass_as_they_came),
	    cmocka_unit_test(a_foreign_string_forges_no_line_and_no_escape),
	    cmocka_unit_test(that_there_was_no_row_is_said_only_where_that_was_the_answer),
	    cmocka_unit_test(what_is_nested_too_deep_is_shown_as_json),
	    cmocka_unit_test(what_is_no_object_is_shown_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

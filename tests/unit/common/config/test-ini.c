/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>

#include "common/base/buf.h"
#include "common/config/ini.h"

/* What a text holds, as text: [name|title] name=value, or !line:column problem. */
static const char *
read_ini(struct buf *buf, struct bytes text)
{
	struct ini ini;
	struct ini_item item;
	struct ini_error error;
	enum status status;

	buf_clear(buf);
	ini_start(&ini, text);
	while ((status = ini_next(&ini, &item, &error)) != STATUS_END) {
		if (status == STATUS_INVALID)
			buf_printf(buf, "!%u:%u %s; ", error.line, error.column, error.problem);
		else if (item.kind == INI_SECTION)
			buf_printf(buf, "[%.*s|%.*s]%u:%u ", (int)item.name.len,
			    (const char *)item.name.data, (int)item.value.len,
			    (const char *)item.value.data, item.line, item.column);
		else
			buf_printf(buf, "%.*s=%.*s %u:%u:%u ", (int)item.name.len,
			    (const char *)item.name.data, (int)item.value.len,
			    (const char *)item.value.data, item.line, item.column,
			    item.value_column);
	}
	return buf_text(buf);
}

static void
sections_keys_and_comments_are_told_apart(void **state)
{
	struct buf buf;

	buf_init(&buf, 10000);
	assert_string_equal(read_ini(&buf,
				bytes_of_text(
				    "# c\n; c\n\n[A]\n  Key = a b # c \n[ B \"x y\" ]\n"
				    "Empty=\nEq=a=b\n")),
	    "[A|]4:2 Key=a b # c 5:3:9 [B|x y]6:3 Empty= 7:1:7 Eq=a=b 8:1:4 ");
	buf_done(&buf);
}

static void
files_of_other_systems_are_read(void **state)
{
	struct buf buf;

	buf_init(&buf, 10000);
	assert_string_equal(read_ini(&buf, bytes_of_text("\xef\xbb\xbf[A]\r\nB=1\r\n\r\nC=2")),
	    "[A|]1:2 B=1 2:1:3 C=2 4:1:3 ");
	assert_string_equal(read_ini(&buf, bytes_of_text("")), "");
	assert_string_equal(read_ini(&buf, bytes_of(NULL, 0)), "");
	buf_done(&buf);
}

static void
what_breaks_the_syntax_has_a_place_and_the_rest_is_read(void **state)
{
	static const struct {
		const char *text;
		const char *seen;
	} cases[] = {
	    {"[A\nB=1\n", "!1:1 is a section without its closing bracket; B=1 2:1:3 "},
	    {"[]\nB=1\n", "!1:1 is a section without a name; B=1 2:1:3 "},
	    {"[\"x\"]\n", "!1:1 is a section without a name; "},
	    {"[A x]\n", "!1:4 is not a title in double quotes; "},
	    {"[A \"\"]\n", "!1:4 is not a title in double quotes; "},
	    {"[A \"x\"y\"]\n", "!1:4 has a double quote inside the title; "},
	    {"  word\n", "!1:3 is not a section, a Key=Value or a comment; "},
	    {"=x\n", "!1:1 is not a section, a Key=Value or a comment; "},
	    {"a b=x\n", "!1:1 is not a section, a Key=Value or a comment; "},
	    {"[A]B=1\n", "!1:1 is a section without its closing bracket; "},
	    {"A=x\x07y\n", "!1:4 is a control character; "},
	    {"# x\x1b[31m\n", "!1:4 is a control character; "},
	    {"A=x\ry\n", "!1:4 is a control character; "},
	    {"A=\xff\n", "!1:3 is not UTF-8; "},
	    {"A=\xc3\xa4\n# latin-1: \xe4\n", "A=\xc3\xa4 1:1:3 "},
	    {"A=a\tb\n", "A=a\tb 1:1:3 "},
	};
	struct buf buf;

	buf_init(&buf, 10000);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(read_ini(&buf, bytes_of_text(cases[i].text)),
		    cases[i].seen);
	buf_done(&buf);
}

static void
a_nul_byte_does_not_end_the_text(void **state)
{
	struct buf buf;

	buf_init(&buf, 10000);
	assert_string_equal(read_ini(&buf, bytes_of("[A]\nB=1\0\nC=2\n", 13)),
	    "[A|]1:2 !2:4 is a control character; C=2 3:1:3 ");
	assert_string_equal(read_ini(&buf, bytes_of("#\0\nC=2\n", 7)),
	    "!1:2 is a control character; C=2 2:1:3 ");
	buf_done(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sections_keys_and_comments_are_told_apart),
	    cmocka_unit_test(files_of_other_systems_are_read),
	    cmocka_unit_test(what_breaks_the_syntax_has_a_place_and_the_rest_is_read),
	    cmocka_unit_test(a_nul_byte_does_not_end_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/general_name.h"
#include "tests/lib/ext_build.h"

static bool
read(const void *data, size_t len, struct general_name *ret_name)
{
	struct der_fault fault;
	struct der der = der_begin(bytes_of(data, len), &fault);

	return general_name_read(&der, ret_name);
}

static void
every_kind_is_read_and_shown(void **state)
{
	static const struct {
		const char *text;
		enum general_name_kind kind;
		const char *shown;
	} cases[] = {
	    {"DNS:a.example", GENERAL_NAME_DNS, "DNS:a.example"},
	    {"email:a@b.example", GENERAL_NAME_EMAIL, "email:a@b.example"},
	    {"URI:http://a.example/\\", GENERAL_NAME_URI, "URI:http://a.example/\\x5c"},
	    {"IP:10.0.0.1", GENERAL_NAME_IP, "IP:10.0.0.1"},
	    {"IP:::1", GENERAL_NAME_IP, "IP:::1"},
	    {"IP:10.0.0.0/255.0.0.0", GENERAL_NAME_IP, "IP:10.0.0.0/255.0.0.0"},
	    {"DN:a", GENERAL_NAME_DIRECTORY, "DN:CN=a"},
	    {"RID:1.2.3", GENERAL_NAME_REGISTERED_ID, "registeredID:2a03"},
	    {"other:x", GENERAL_NAME_OTHER, "otherName:06022a03a0030c0178"},
	};
	struct buf text;

	buf_init(&text, 1000);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct der_build build;
		struct general_name name;

		der_build_init(&build);
		ext_general_name(&build, cases[i].text);
		assert_true(read(build.out.data, build.out.len, &name));
		assert_int_equal(name.kind, cases[i].kind);
		buf_clear(&text);
		general_name_text(&name, &text);
		assert_string_equal(buf_text(&text), cases[i].shown);
		der_build_done(&build);
	}
	assert_string_equal(general_name_kind_text(GENERAL_NAME_EDI_PARTY), "EDI");
	buf_done(&text);
}

static void
odd_addresses_and_kinds_are_shown_in_hexadecimal(void **state)
{
	struct general_name name;
	struct buf text;

	buf_init(&text, 1000);
	assert_true(read("\x87\x02\x0a\x0b", 4, &name));
	general_name_text(&name, &text);
	assert_string_equal(buf_text(&text), "IP:0a0b");
	buf_clear(&text);
	assert_true(read("\xa5\x02\x05\x00", 4, &name));
	general_name_text(&name, &text);
	assert_string_equal(buf_text(&text), "EDI:0500");
	buf_done(&text);
}

static void
malformed_names_are_refused(void **state)
{
	static const struct {
		const char *data;
		size_t len;
	} cases[] = {
	    {"", 0}, {"\x89\x01\x61", 3}, /* no such kind */
	    {"\xa2\x03\x61\x2e\x62", 5},  /* DNS, constructed */
	    {"\x82\x01\xe9", 3},          /* past ASCII */
	    {"\x82\x02\x61\x00", 4},      /* NUL */
	    {"\x81\x02\x61\x0a", 4},      /* newline */
	    {"\x86\x01\x7f", 3},          /* DEL */
	    {"\xa4\x02\x31\x00", 4},      /* a directory name that is a SET */
	    {"\xa4\x04\x30\x00\x30\x00", 6},
	    {"\xa0\x04\x06\x02\x2a\x03", 6}, /* otherName without a value */
	    {"\x82\x05\x61", 3},             /* cut off */
	};
	struct general_name name;

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_false(read(cases[i].data, cases[i].len, &name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind_is_read_and_shown),
	    cmocka_unit_test(odd_addresses_and_kinds_are_shown_in_hexadecimal),
	    cmocka_unit_test(malformed_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/name.h"
#include "common/pki/oid.h"
#include "tests/lib/der_build.h"

enum {
	ROOM = 8192
};

struct attribute {
	const char *oid;
	uint8_t tag;
	const char *value;
	size_t len;  /* 0: of the C string */
	bool joined; /* in the RDN of the one before */
};

#define CN "2.5.4.3"
#define O  "2.5.4.10"

/* A Name of these attributes, into a buffer that the caller frees. */
static struct buf
name_of(const struct attribute *attributes, size_t count)
{
	struct der_build build;
	struct buf out;

	der_build_init(&build);
	der_build_open(&build, DER_SEQUENCE);
	for (size_t i = 0; i < count; i++) {
		const struct attribute *a = &attributes[i];

		if (!a->joined)
			der_build_open(&build, DER_SET);
		der_build_open(&build, DER_SEQUENCE);
		der_build_oid(&build, a->oid);
		der_build_value(&build, a->tag, a->value,
		    a->len > 0 ? a->len : strlen(a->value));
		der_build_close(&build);
		if (i + 1 == count || !attributes[i + 1].joined)
			der_build_close(&build);
	}
	der_build_close(&build);
	buf_init(&out, ROOM);
	buf_put_bytes(&out, der_build_bytes(&build));
	der_build_done(&build);
	return out;
}

static bool
equal(const struct attribute *a, size_t a_count, const struct attribute *b, size_t b_count)
{
	struct buf left = name_of(a, a_count), right = name_of(b, b_count);
	bool result = name_equal(buf_bytes(&left), buf_bytes(&right));

	buf_done(&left);
	buf_done(&right);
	return result;
}

/* Whether two CNs match. */
static bool
same(uint8_t a_tag, const char *a, uint8_t b_tag, const char *b)
{
	const struct attribute left = {CN, a_tag, a, 0, false},
			       right = {CN, b_tag, b, 0, false};

	return equal(&left, 1, &right, 1);
}

static void
names_match_in_any_case_and_spacing(void **state)
{
	const uint8_t printable = DER_PRINTABLE_STRING, utf8 = DER_UTF8_STRING;

	assert_true(same(printable, "Plant CA", printable, "PLANT ca"));
	assert_true(same(utf8, "  Plant  \t CA ", printable, "Plant CA"));
	assert_false(same(utf8, "PlantCA", utf8, "Plant CA"));
}

static void
names_match_across_string_types(void **state)
{
	const struct attribute utf8 = {CN, DER_UTF8_STRING, "caf\xc3\x89", 0, 0};
	const struct attribute bmp = {CN, DER_BMP_STRING, "\0c\0A\0f\0\xe9", 8, 0};
	const struct attribute universal = {CN, DER_UNIVERSAL_STRING,
	    "\0\0\0c\0\0\0a\0\0\0f\0\0\0\xe9", 16, 0};
	const struct attribute latin = {CN, DER_TELETEX_STRING, "caf\xe9", 0, 0};
	const struct attribute other = {CN, DER_UTF8_STRING, "cafe", 0, 0};

	assert_true(equal(&utf8, 1, &bmp, 1));
	assert_true(equal(&utf8, 1, &universal, 1));
	assert_true(equal(&utf8, 1, &latin, 1));
	assert_false(equal(&utf8, 1, &other, 1));
}

static void
letters_beyond_ascii_fold_too(void **state)
{
	/* given upper case of Latin, Greek, Cyrillic and Vietnamese; when compared with the
	 * lower case; then they match, and what has no case stays apart */
	static const char *const pairs[][2] = {
	    {"\xc5\x81\xc3\x93", "\xc5\x82\xc3\xb3"}, /* LO with strokes */
	    {"\xce\x91\xce\xa9", "\xce\xb1\xcf\x89"}, /* alpha omega */
	    {"\xd0\x96\xd0\x81", "\xd0\xb6\xd1\x91"}, /* zhe yo */
	    {"\xe1\xba\xa0", "\xe1\xba\xa1"},         /* a with dot below */
	    {"\xf0\x90\x90\x80", "\xf0\x90\x90\x80"}, /* four bytes */
	};

	for (size_t i = 0; i < COUNT_OF(pairs); i++)
		assert_true(same(DER_UTF8_STRING, pairs[i][0], DER_UTF8_STRING, pairs[i][1]));
	assert_false(same(DER_UTF8_STRING, "\xc3\x97", DER_UTF8_STRING, "\xc3\xb7"));
}

static void
characters_without_meaning_are_ignored(void **state)
{
	/* a soft hyphen, a zero width space and a control character vanish; a no-break space
	 * is a space */
	assert_true(same(DER_UTF8_STRING, "Pl\xc2\xad\x61nt\xe2\x80\x8b\x01", DER_UTF8_STRING,
	    "plant"));
	assert_true(same(DER_UTF8_STRING, "a\xc2\xa0\x62", DER_UTF8_STRING, "a b"));
}

static void
the_order_counts_between_rdns_and_not_inside_one(void **state)
{
	const struct attribute two[] = {{CN, DER_UTF8_STRING, "a", 0, 0},
	    {O, DER_UTF8_STRING, "b", 0, 0}};
	const struct attribute turned[] = {{O, DER_UTF8_STRING, "b", 0, 0},
	    {CN, DER_UTF8_STRING, "a", 0, 0}};
	const struct attribute joined[] = {{CN, DER_UTF8_STRING, "a", 0, 0},
	    {O, DER_UTF8_STRING, "b", 0, 1}};
	const struct attribute joined_turned[] = {{O, DER_UTF8_STRING, "b", 0, 0},
	    {CN, DER_UTF8_STRING, "a", 0, 1}};

	assert_false(equal(two, 2, turned, 2));
	assert_true(equal(joined, 2, joined_turned, 2));
	assert_false(equal(two, 2, joined, 2));
}

static void
a_name_is_below_another_only_at_the_border_of_an_rdn(void **state)
{
	const struct attribute base[] = {{O, DER_UTF8_STRING, "plant", 0, 0}};
	const struct attribute below[] = {{O, DER_UTF8_STRING, "Plant", 0, 0},
	    {CN, DER_UTF8_STRING, "a", 0, 0}};
	const struct attribute longer[] = {{O, DER_UTF8_STRING, "plants", 0, 0}};
	const struct attribute joined[] = {{O, DER_UTF8_STRING, "plant", 0, 0},
	    {CN, DER_UTF8_STRING, "a", 0, 1}};
	const struct {
		const struct attribute *attributes;
		size_t count;
		bool inside;
	} cases[] = {{base, 1, true}, {below, 2, true}, {longer, 1, false}, {joined, 2, false}};
	struct buf base_der = name_of(base, 1), base_form, form;
	struct der_fault fault;
	struct der der = der_begin(buf_bytes(&base_der), &fault);

	buf_init(&base_form, ROOM);
	buf_init(&form, ROOM);
	name_read(&der, &base_form);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf name = name_of(cases[i].attributes, cases[i].count);

		buf_clear(&form);
		der = der_begin(buf_bytes(&name), &fault);
		name_read(&der, &form);
		assert_true(der_ok(&der));
		assert_int_equal(form.len >= base_form.len &&
				     memcmp(form.data, base_form.data, base_form.len) == 0,
		    cases[i].inside);
		buf_done(&name);
	}
	buf_done(&base_form);
	buf_done(&form);
	buf_done(&base_der);
}

static void
values_that_are_no_strings_match_byte_for_byte(void **state)
{
	const struct attribute bits = {CN, DER_BIT_STRING, "\0A", 2, 0};
	const struct attribute same = {CN, DER_BIT_STRING, "\0A", 2, 0};
	const struct attribute lower = {CN, DER_BIT_STRING, "\0a", 2, 0};

	assert_true(equal(&bits, 1, &same, 1));
	assert_false(equal(&bits, 1, &lower, 1));
}

static bool
readable(struct bytes der)
{
	struct der_fault fault;
	struct der reader = der_begin(der, &fault);
	struct buf form;

	buf_init(&form, ROOM);
	name_read(&reader, &form);
	der_end(&reader);
	buf_done(&form);
	return der_ok(&reader);
}

static void
malformed_names_are_refused(void **state)
{
	static const struct {
		const char *data;
		size_t len;
	} broken[] = {
	    {"\x30\x02\x31\x00", 4},                              /* an empty RDN */
	    {"\x30\x04\x31\x02\x30\x00", 6},                      /* an empty attribute */
	    {"\x31\x00", 2},                                      /* a SET */
	    {"\x30\x09\x31\x07\x30\x05\x06\x03\x55\x04\x03", 11}, /* no value */
	    {"\x30\x03\x31\x07\x30", 5},                          /* cut off */
	};
	const struct attribute strings[] = {{CN, DER_UTF8_STRING, "\xff", 0, 0},
	    {CN, DER_BMP_STRING, "\0a\0", 3, 0}, {CN, DER_BMP_STRING, "\xd8\0", 2, 0},
	    {CN, DER_UNIVERSAL_STRING, "\0\x11\0\0", 4, 0}, {CN, DER_IA5_STRING, "\x80", 0, 0},
	    {CN, DER_PRINTABLE_STRING, "\n", 0, 0}};
	struct attribute many[17];

	for (size_t i = 0; i < COUNT_OF(broken); i++)
		assert_false(readable(bytes_of(broken[i].data, broken[i].len)));
	for (size_t i = 0; i < COUNT_OF(strings); i++) {
		struct buf name = name_of(&strings[i], 1);

		assert_false(readable(buf_bytes(&name)));
		assert_false(name_equal(buf_bytes(&name), buf_bytes(&name)));
		buf_done(&name);
	}
	for (size_t count = 16; count <= 17; count++) {
		struct buf name;

		for (size_t i = 0; i < count; i++)
			many[i] = (struct attribute){CN, DER_UTF8_STRING, "a", 0, i > 0};
		name = name_of(many, count);
		assert_int_equal(readable(buf_bytes(&name)), count == 16);
		buf_done(&name);
	}
}

static void
attributes_are_found_in_the_order_written(void **state)
{
	const struct attribute attributes[] = {{O, DER_UTF8_STRING, "plant", 0, 0},
	    {CN, DER_BMP_STRING, "\0a\0\xe9", 4, 0}, {CN, DER_UTF8_STRING, "second", 0, 1},
	    {CN, DER_BIT_STRING, "\0", 1, 0}};
	struct buf name = name_of(attributes, 4), text;
	struct name_attribute first;

	buf_init(&text, ROOM);
	assert_int_equal(name_find(buf_bytes(&name), oid_common_name, &first), 3);
	assert_true(name_attribute_utf8(&first, &text));
	assert_string_equal(buf_text(&text), "a\xc3\xa9");
	assert_int_equal(name_find(buf_bytes(&name), oid_country, &first), 0);
	first.tag = DER_BIT_STRING;
	assert_false(name_attribute_utf8(&first, &text));
	first =
	    (struct name_attribute){oid_common_name, DER_UTF8_STRING, bytes_of("ab\xff", 3)};
	assert_false(name_attribute_utf8(&first, &text));
	assert_string_equal(buf_text(&text), "a\xc3\xa9");
	buf_done(&text);
	buf_done(&name);
}

static void
shown(const struct attribute *attributes, size_t count, const char *expected)
{
	struct buf name = name_of(attributes, count), text;

	buf_init(&text, ROOM);
	name_text(buf_bytes(&name), &text);
	assert_string_equal(buf_text(&text), expected);
	buf_done(&text);
	buf_done(&name);
}

static void
a_shown_name_forges_nothing(void **state)
{
	const struct attribute ordinary[] = {{"2.5.4.6", DER_PRINTABLE_STRING, "DE", 0, 0},
	    {O, DER_UTF8_STRING, "Plant", 0, 0}, {CN, DER_UTF8_STRING, "s7.example", 0, 0}};
	const struct attribute comma = {CN, DER_UTF8_STRING, "a, O=\"Bank\"", 0, 0};
	const struct attribute newline = {CN, DER_UTF8_STRING, "a\nb", 0, 0};
	const struct attribute joined[] = {{"1.2.3", DER_UTF8_STRING, "x", 0, 0},
	    {CN, DER_UTF8_STRING, " y", 0, 1}};
	const struct attribute bits = {CN, DER_BIT_STRING, "\0\x0f", 2, 0};
	const struct attribute empty = {CN, DER_UTF8_STRING, "", 0, 0};

	shown(ordinary, 3, "CN=s7.example, O=Plant, C=DE");
	shown(&comma, 1, "CN=\"a, O=\\x22Bank\\x22\"");
	shown(&newline, 1, "CN=a\\x0ab");
	shown(joined, 2, "1.2.3=x+CN=\" y\"");
	shown(&bits, 1, "CN=#000f");
	shown(&empty, 1, "CN=\"\"");
	shown(NULL, 0, "(empty)");
}

static void
a_long_name_is_shown_cut(void **state)
{
	struct attribute many[40];
	struct buf name, text;

	for (size_t i = 0; i < COUNT_OF(many); i++)
		many[i] = (struct attribute){CN, DER_UTF8_STRING, "a", 0, 0};
	name = name_of(many, COUNT_OF(many));
	buf_init(&text, ROOM);
	name_text(buf_bytes(&name), &text);
	assert_int_equal(strncmp(buf_text(&text), "..., CN=a, CN=a", 15), 0);
	buf_done(&text);
	buf_done(&name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_match_in_any_case_and_spacing),
	    cmocka_unit_test(names_match_across_string_types),
	    cmocka_unit_test(letters_beyond_ascii_fold_too),
	    cmocka_unit_test(characters_without_meaning_are_ignored),
	    cmocka_unit_test(the_order_counts_between_rdns_and_not_inside_one),
	    cmocka_unit_test(a_name_is_below_another_only_at_the_border_of_an_rdn),
	    cmocka_unit_test(values_that_are_no_strings_match_byte_for_byte),
	    cmocka_unit_test(malformed_names_are_refused),
	    cmocka_unit_test(attributes_are_found_in_the_order_written),
	    cmocka_unit_test(a_shown_name_forges_nothing),
	    cmocka_unit_test(a_long_name_is_shown_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdlib.h>

#include "common/base/alloc.h"
#include "tests/unit/common/config/fixture.h"

static const char full[] = "[Types]\nFlag=off\nNumber=3\nSize=4K\nMode=grace=3d\n"
			   "Text=a b ; c\nPath=/x\nListen=[::1]:5\nSecretUrl=http://u:p@h\n"
			   "Hosts=a b\nHosts=c\n[Purpose \"forward\"]\nStrict=no\n"
			   "[Item \"one\"]\nAddress=a:1\n[Item \"two\"]\nAddress=b:2\n";

/* Writes each change as SECTION.TITLE.KEY OLD>NEW (! where it needs a restart). */
static void
note(const struct config_change *change, void *arg)
{
	buf_printf(arg, "%s.%s.%s%s %s>%s\n", change->section,
	    change->title != NULL ? change->title : "", change->key,
	    change->reloadable ? "" : "!", change->old_text != NULL ? change->old_text : "-",
	    change->new_text != NULL ? change->new_text : "-");
}

/* The changes from one text to another (freed by the caller). */
static char *
changes(const char *old_text, const char *new_text)
{
	struct config *old_config = fixture_parse(old_text), *new_config;
	struct buf buf;

	new_config = fixture_parse(new_text);
	buf_init(&buf, 100000);
	config_compare(old_config, new_config, note, &buf);
	config_free(old_config);
	config_free(new_config);
	return buf_take_text(&buf);
}

static void
bytes_go_round(void **state)
{
	struct config *config = fixture_parse(full), *copy;
	const struct fixture *values;
	const struct fixture_item *items;
	struct buf bytes, again, seen;

	buf_init(&bytes, CONFIG_ENCODED_MAX);
	buf_init(&again, CONFIG_ENCODED_MAX);
	buf_init(&seen, 1000);
	config_encode(config, &bytes);
	assert_int_equal(config_decode(&fixture_schema, buf_bytes(&bytes), &copy), STATUS_OK);
	assert_int_equal(config_compare(config, copy, note, &seen), 0);
	assert_int_equal(config_generation(copy), 1);
	values = fixture_values(copy);
	items = values->items.items;
	assert_string_equal(values->types.text, "a b ; c");
	assert_int_equal(values->types.hosts.count, 3);
	assert_int_equal(values->types.mode.duration_ms, 3 * 86400000);
	assert_int_equal(values->types.duration_ms, 10000);
	assert_int_equal(values->items.count, 2);
	assert_string_equal(items[1].name, "two");
	config_encode(copy, &again);
	assert_true(bytes_equal(buf_bytes(&bytes), buf_bytes(&again)));
	config_free(config);
	config_free(copy);
	buf_done(&bytes);
	buf_done(&again);
	buf_done(&seen);
}

static void
damaged_bytes_are_refused(void **state)
{
	struct config *config = fixture_parse(full), *copy = NULL;
	struct buf bytes;

	buf_init(&bytes, CONFIG_ENCODED_MAX);
	config_encode(config, &bytes);
	config_free(config);
	for (size_t len = 0; len < bytes.len; len++) {
		/* a copy of its own, so that the sanitizer sees a read past the end */
		uint8_t *part = alloc_copy(bytes.data, len);

		assert_int_equal(config_decode(&fixture_schema, bytes_of(part, len), &copy),
		    STATUS_INVALID);
		free(part);
	}
	buf_put_u8(&bytes, 0);
	assert_int_equal(config_decode(&fixture_schema, buf_bytes(&bytes), &copy),
	    STATUS_INVALID);
	bytes.len--;
	for (size_t i = 0; i < bytes.len; i++) {
		bytes.data[i] ^= 0x80;
		if (config_decode(&fixture_schema, buf_bytes(&bytes), &copy) == STATUS_OK)
			config_free(copy);
		bytes.data[i] ^= 0x80;
	}
	buf_done(&bytes);
}

static void
bytes_of_another_schema_are_refused(void **state)
{
	struct config_schema other = fixture_schema;
	struct config *config = fixture_parse(""), *copy = NULL;
	struct buf bytes;

	buf_init(&bytes, CONFIG_ENCODED_MAX);
	other.name = "other";
	config_encode(config, &bytes);
	assert_int_equal(config_decode(&other, buf_bytes(&bytes), &copy), STATUS_INVALID);
	assert_null(copy);
	config_free(config);
	buf_done(&bytes);
}

static void
a_value_out_of_range_is_refused_in_bytes_too(void **state)
{
	struct config *config = fixture_parse("[Types]\nNumber=3\n"), *copy = NULL;
	struct buf bytes;
	uint8_t *three;

	buf_init(&bytes, CONFIG_ENCODED_MAX);
	config_encode(config, &bytes);
	three = memchr(bytes.data, '3', bytes.len);
	assert_non_null(three);
	*three = '0';
	assert_int_equal(config_decode(&fixture_schema, buf_bytes(&bytes), &copy),
	    STATUS_INVALID);
	config_free(config);
	buf_done(&bytes);
}

static void
changes_are_listed(void **state)
{
	char *seen = changes("[Types]\nNumber=3\nHosts=a b\n[Item \"one\"]\nAddress=a:1\n",
	    "[Types]\nNumber=4\nHosts=a\nFlag=off\nSecretUrl=http://u:p@h\n"
	    "[Item \"two\"]\nAddress=b:1\n");

	assert_string_equal(seen, "Types..Flag! on>off\n"
				  "Types..Number 3>4\n"
				  "Types..SecretUrl! (secret)>(secret)\n"
				  "Types..Hosts a b>a\n"
				  "Item.one.Weight! 50>-\n"
				  "Item.one.Address! a:1>-\n"
				  "Item.two.Weight! ->50\n"
				  "Item.two.Address! ->b:1\n");
	free(seen);
	seen = changes("[Types]\nNumber=7\nFlag=on\n[Item \"b\"]\nAddress=a:1\n",
	    "[Item \"B\"]\nAddress=a:1\n");
	assert_string_equal(seen, "");
	free(seen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_go_round),
	    cmocka_unit_test(damaged_bytes_are_refused),
	    cmocka_unit_test(bytes_of_another_schema_are_refused),
	    cmocka_unit_test(a_value_out_of_range_is_refused_in_bytes_too),
	    cmocka_unit_test(changes_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

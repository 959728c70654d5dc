/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/map.h"

static void
entries_are_found_replaced_and_bounded(void **state)
{
	struct map *map = map_new(2, free);
	char *spare = alloc_text("three");

	assert_int_equal(map_put(map, bytes_of_text("b"), alloc_text("two")), STATUS_OK);
	assert_int_equal(map_put(map, bytes_of_text("a"), alloc_text("one")), STATUS_OK);
	assert_int_equal(map_put(map, bytes_of_text("a"), spare), STATUS_EXISTS);
	assert_int_equal(map_put(map, bytes_of_text("c"), spare), STATUS_LIMIT);
	assert_string_equal(map_get(map, bytes_of_text("a")), "one");
	assert_null(map_get(map, bytes_of_text("c")));
	map_remove(map, bytes_of_text("b"));
	assert_int_equal(map_count(map), 1);
	assert_int_equal(map_put(map, bytes_of_text("c"), spare), STATUS_OK);
	assert_ptr_equal(map_take(map, bytes_of_text("c")), spare);
	free(spare);
	map_free(map);
}

static void
collect_key(struct bytes key, void *value, void *arg)
{
	char *text = arg;

	text[strlen(text)] = (char)key.data[0];
}

static void
entries_are_visited_in_order(void **state)
{
	struct map *map = map_new(10, NULL);
	char seen[10] = "";

	for (const char *key = "dbeca"; *key != '\0'; key++)
		assert_int_equal(map_put(map, bytes_of(key, 1), map), STATUS_OK);
	map_each(map, collect_key, seen);
	assert_string_equal(seen, "abcde");
	map_free(map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(entries_are_found_replaced_and_bounded),
	    cmocka_unit_test(entries_are_visited_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

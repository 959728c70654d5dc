/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "sensor-agent/input/rotated.h"

static void
names_that_rotations_give_are_known(void **state)
{
	static const char *const given[][2] = {{"eve.json", "eve.json.1"},
	    {"eve.json", "eve.json.12"}, {"eve.json", "eve.json-20261123"},
	    {"eve.json", "eve.json-20261123-1400"}, {"eve.json", "eve-2026-11-23.json"},
	    {"eve.json", "eve.2026-11-23T10:00:00.json"},
	    {"conn.log", "conn.13:00:00-14:00:00.log"},
	    {"conn.log", "conn-2026-11-23-13-00-00.log"}, {"messages", "messages.1"},
	    {"messages", "messages-20261123"}};

	for (size_t i = 0; i < COUNT_OF(given); i++)
		if (!rotated_name(given[i][0], given[i][1]))
			fail_msg("%s is not known", given[i][1]);
}

static void
other_names_are_not_taken_for_rotated_ones(void **state)
{
	static const char *const other[][2] = {{"eve.json", "eve.json"},
	    {"eve.json", "eve.json.gz"}, {"eve.json", "eve.json.1.gz"},
	    {"eve.json", "eve.json-20261123.xz"}, {"eve.json", "eve.json.bak"},
	    {"eve.json", "eve2.json"}, {"eve.json", "eve.json."}, {"eve.json", "eve.json1"},
	    {"conn.log", "conn_long.log"}, {"conn.log", "conn-summary.13:00.log"},
	    {"conn.log", "conn.13:00:00-14:00:00.log.gz"}, {"conn.log", "dns.13:00:00.log"},
	    {"eve.json", ""}, {"eve.json", "eve"}, {"messages", "messages.old"}};

	for (size_t i = 0; i < COUNT_OF(other); i++)
		if (rotated_name(other[i][0], other[i][1]))
			fail_msg("%s is taken for a rotated one", other[i][1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_that_rotations_give_are_known),
	    cmocka_unit_test(other_names_are_not_taken_for_rotated_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/sensor-agent/input/log_fixture.h"

#include <unistd.h>

#include "common/base/json_scan.h"
#include "sensor-agent/input/health.h"
#include "sensor-agent/input/watch.h"

static const struct health_facts no_facts;

static size_t
count_records(struct log_fixture *l, struct fixture_records *ret_records)
{
	fixture_sync(l->f);
	*ret_records = fixture_read(l->f, 1);
	return ret_records->count;
}

static void
health_is_told_once_a_minute_and_is_json(void **state)
{
	struct log_fixture *l = *state;
	struct health health;
	struct fixture_records records;
	struct health_facts facts = {
	    .links = bytes_of_text("[{\"console\":\"a\",\"state\":\"synced\"}]")};
	size_t offset;

	health_init(&health, l->f->spool, l->f->dir_fd);
	for (int64_t ms = 0; ms < 125000; ms += 1000)
		assert_int_equal(health_poll(&health, 1700000000000000 + ms * 1000, 5000 + ms,
				     &facts),
		    STATUS_OK);
	assert_int_equal(count_records(l, &records), 3);
	for (size_t i = 0; i < records.count; i++) {
		assert_int_equal(records.items[i].head.type, RECORD_HEALTH);
		assert_string_equal(records.items[i].source, "health");
		assert_int_equal(json_scan(NULL, bytes_of_text(records.items[i].data), NULL,
				     &offset),
		    STATUS_OK);
		assert_non_null(strstr(records.items[i].data, "\"state\":\"synced\""));
		assert_non_null(strstr(records.items[i].data, "\"disk\":{\"total\":"));
		assert_non_null(strstr(records.items[i].data, "\"alarm\":\"none\""));
		assert_null(strstr(records.items[i].data, "step_ms"));
	}
	fixture_records_done(&records);
}

static void
a_stepped_wall_clock_is_told_at_once_and_once(void **state)
{
	struct log_fixture *l = *state;
	struct health health;
	struct fixture_records records;

	health_init(&health, l->f->spool, l->f->dir_fd);
	assert_int_equal(health_poll(&health, 1700000000000000, 5000, &no_facts), STATUS_OK);
	assert_int_equal(health_poll(&health, 1700000001900000, 6000, &no_facts), STATUS_OK);
	assert_int_equal(health_poll(&health, 1699996402000000, 7000, &no_facts), STATUS_OK);
	assert_int_equal(health_poll(&health, 1699996403000000, 8000, &no_facts), STATUS_OK);
	assert_int_equal(count_records(l, &records), 2);
	assert_non_null(strstr(records.items[1].data, "\"step_ms\":-3600000"));
	fixture_records_done(&records);
}

static void
an_alarm_of_the_spool_is_told_before_its_time(void **state)
{
	struct log_fixture *l = *state;
	struct health health;
	struct fixture_records records;
	int64_t ms = 0;

	fixture_close(l->f);
	fixture_empty_dir(l->f->dir_fd);
	l->f->options.segment_size = SPOOL_SEGMENT_SIZE_MIN;
	l->f->options.quota = 5 * SPOOL_SEGMENT_SIZE_MIN;
	fixture_open(l->f);
	health_init(&health, l->f->spool, l->f->dir_fd);
	for (; ms < 62 * 100; ms += 100) {
		assert_int_equal(health_poll(&health, 1700000000000000 + ms * 1000, ms,
				     &no_facts),
		    STATUS_OK);
		fixture_fill(l->f, 4, 1000);
	}
	count_records(l, &records);
	for (size_t i = records.count; i-- > 0;) {
		if (records.items[i].head.type != RECORD_HEALTH)
			continue;
		assert_non_null(strstr(records.items[i].data, "\"alarm\":\"high\""));
		break;
	}
	fixture_records_done(&records);
}

static void
a_watch_hears_of_files_that_are_written(void **state)
{
	struct log_fixture *l = *state;
	char byte;
	int fd;

	assert_int_equal(watch_new(&fd), STATUS_OK);
	assert_int_equal(watch_add(fd, "/nonexistent"), STATUS_NOT_FOUND);
	assert_int_equal(watch_add(fd, l->dir), STATUS_OK);
	assert_int_equal(read(fd, &byte, 1), -1);
	log_write(l, "eve.json", "x");
	watch_drain(fd);
	log_write(l, "eve.json", "y");
	{
		char events[4096];

		assert_true(read(fd, events, sizeof(events)) > 0);
	}
	watch_drain(fd);
	assert_int_equal(read(fd, &byte, 1), -1);
	close(fd);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, log_fixture_setup, log_fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(health_is_told_once_a_minute_and_is_json),
	    TEST(a_stepped_wall_clock_is_told_at_once_and_once),
	    TEST(an_alarm_of_the_spool_is_told_before_its_time),
	    TEST(a_watch_hears_of_files_that_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/sensor-agent/input/log_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "sensor-agent/input/log_dir.h"
#include "tests/lib/shared.h"

static struct log_dir *logs;

static int
setup(void **state)
{
	int result = log_fixture_setup(state);

	if (result == 0)
		logs = log_dir_new(((struct log_fixture *)*state)->f->spool, "zeek",
		    ((struct log_fixture *)*state)->dir);
	return result;
}

static int
teardown(void **state)
{
	log_dir_free(logs);
	return log_fixture_teardown(state);
}

static void
take(struct log_fixture *l)
{
	for (int rounds = 0; rounds < 4;) {
		enum status status = log_dir_poll(logs, l->now_ms, 64);

		if (status == STATUS_AGAIN) {
			l->now_ms += LOG_DIR_LOOK_MS;
			rounds++;
		} else {
			assert_int_equal(status, STATUS_OK);
		}
	}
}

static void
restart(struct log_fixture *l)
{
	fixture_sync(l->f);
	log_dir_free(logs);
	fixture_crash(l->f);
	fixture_open(l->f);
	logs = log_dir_new(l->f->spool, "zeek", l->dir);
}

/* The records of one source, one a line. */
static char *
records_of(struct log_fixture *l, const char *source)
{
	struct fixture_records records;
	struct buf text;

	fixture_sync(l->f);
	records = fixture_read(l->f, 1);
	buf_init(&text, 64 << 20);
	for (size_t i = 0; i < records.count; i++) {
		if (strcmp(records.items[i].source, source) != 0)
			continue;
		if (records.items[i].head.type == RECORD_GAP)
			buf_put_text(&text, "GAP ");
		buf_put(&text, records.items[i].data, records.items[i].len);
		buf_put_text(&text, "\n");
	}
	fixture_records_done(&records);
	return buf_take_text(&text);
}

static void
expect(struct log_fixture *l, const char *source, const char *records)
{
	char *found = records_of(l, source);

	assert_string_equal(found, records);
	free(found);
}

static void
each_log_is_a_source_of_its_own_and_new_ones_are_taken_up(void **state)
{
	struct log_fixture *l = *state;
	struct log_dir_status status;

	log_write(l, "conn.log", "{\"c\":1}\n");
	log_write(l, "modbus_detailed.log", "{\"m\":1}\n");
	log_write(l, "conn.13:00:00-14:00:00.log", "{\"old\":1}\n");
	log_write(l, "stderr.txt", "no log\n");
	log_write(l, ".log", "no name\n");
	take(l);
	log_write(l, "dns.log", "{\"d\":1}\n");
	take(l);
	expect(l, "zeek/conn", "{\"c\":1}\n");
	expect(l, "zeek/modbus_detailed", "{\"m\":1}\n");
	expect(l, "zeek/dns", "{\"d\":1}\n");
	log_dir_get_status(logs, &status);
	assert_int_equal(status.logs, 3);
	assert_int_equal(status.refused, 0);
	assert_int_equal(status.sum.lines, 3);
	assert_int_equal(status.sum.trouble, STATUS_OK);
}

static void
a_name_too_long_for_a_source_is_refused_and_counted(void **state)
{
	struct log_fixture *l = *state;
	struct log_dir_status status;
	char name[100];

	snprintf(name, sizeof(name), "%060d.log", 0);
	log_write(l, name, "{}\n");
	take(l);
	log_dir_get_status(logs, &status);
	assert_int_equal(status.logs, 0);
	assert_int_equal(status.refused, 1);
}

static void
logs_renamed_into_directories_of_their_day_are_read_to_their_end(void **state)
{
	struct log_fixture *l = *state;

	log_mkdir(l, "2026-11-23");
	log_write(l, "conn.log", "{\"c\":1}\n");
	take(l);
	log_write(l, "conn.log", "{\"c\":2}\n");
	log_rename(l, "conn.log", "2026-11-23/conn.13:00:00-14:00:00.log");
	restart(l);
	take(l); /* no new conn.log yet */
	expect(l, "zeek/conn", "{\"c\":1}\n{\"c\":2}\n");
	log_write(l, "conn.log", "{\"c\":3}\n");
	take(l);
	log_write(l, "conn.log", "{\"c\":4}\n");
	log_rename(l, "conn.log", "2026-11-23/conn.14:00:00-15:00:00.log");
	log_write(l, "conn.log", "{\"c\":5}\n");
	take(l);
	expect(l, "zeek/conn", "{\"c\":1}\n{\"c\":2}\n{\"c\":3}\n{\"c\":4}\n{\"c\":5}\n");
}

static void
a_log_that_was_archived_and_deleted_ends_without_a_gap(void **state)
{
	struct log_fixture *l = *state;

	log_write(l, "conn.log", "{\"c\":1}\n");
	take(l);
	log_remove(l, "conn.log"); /* moved to another file system, compressed */
	take(l);
	restart(l);
	log_write(l, "conn.log", "{\"c\":2}\n");
	take(l);
	expect(l, "zeek/conn", "{\"c\":1}\n{\"c\":2}\n");
}

static void
a_directory_may_appear_later(void **state)
{
	struct log_fixture *l = *state;
	char path[128];

	log_dir_free(logs);
	snprintf(path, sizeof(path), "%s/logs", l->dir);
	logs = log_dir_new(l->f->spool, "zeek", path);
	take(l);
	log_mkdir(l, "logs");
	log_write(l, "logs/conn.log", "{\"c\":1}\n");
	take(l);
	expect(l, "zeek/conn", "{\"c\":1}\n");
}

/* Writes real logs of OT protocols side by side, a piece of each in turn, rotating. */
static void
real_logs_written_side_by_side_come_whole_and_in_order(void **state)
{
	static const char *const names[] = {"modbus/modbus_detailed", "dnp3/dnp3",
	    "dnp3/dnp3_control", "s7comm/s7comm_plus", "bacnet/bacnet_discovery"};
	struct log_fixture *l = *state;
	struct buf data[COUNT_OF(names)];
	size_t written[COUNT_OF(names)] = {0};
	char path[128], renamed[128];
	bool more = true;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		buf_init(&data[i], 4 << 20);
		snprintf(path, sizeof(path), "realdata/zeek-ics-json/%s.ndjson", names[i]);
		if (!shared_read(path, &data[i]))
			SKIP_TEST("what it needs is not here");
	}
	for (unsigned round = 0; more; round++) {
		more = false;
		for (size_t i = 0; i < COUNT_OF(names); i++) {
			size_t left = data[i].len - written[i];
			size_t piece = left < 9973 ? left : 9973;

			snprintf(path, sizeof(path), "%s.log", strchr(names[i], '/') + 1);
			if (round % 5 == 4 && written[i] > 0 && piece > 0 &&
			    data[i].data[written[i] - 1] == '\n') {
				snprintf(renamed, sizeof(renamed), "%s.%02u:00:00.log",
				    strchr(names[i], '/') + 1, round);
				log_rename(l, path, renamed);
			}
			/* whole lines, so that a rotation does not cut one */
			while (piece > 0 && data[i].data[written[i] + piece - 1] != '\n')
				piece--;
			log_write_bytes(l, path, data[i].data + written[i], piece);
			written[i] += piece;
			more |= piece > 0;
		}
		take(l);
	}
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *found;

		snprintf(path, sizeof(path), "zeek/%s", strchr(names[i], '/') + 1);
		found = records_of(l, path);
		assert_true(data[i].len > 0);
		assert_string_equal(found, buf_text(&data[i]));
		free(found);
		buf_done(&data[i]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_log_is_a_source_of_its_own_and_new_ones_are_taken_up),
	    TEST(a_name_too_long_for_a_source_is_refused_and_counted),
	    TEST(logs_renamed_into_directories_of_their_day_are_read_to_their_end),
	    TEST(a_log_that_was_archived_and_deleted_ends_without_a_gap),
	    TEST(a_directory_may_appear_later),
	    TEST(real_logs_written_side_by_side_come_whole_and_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/sensor-agent/spool/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fault_point.h"
#include "sensor-agent/spool/spool_segment.h"

static unsigned syncs_of_data, syncs_of_dirs;

/* In place of the C library's: a spool that forgets to sync passes every other test, as
 * nobody cuts the power here. */
int
fdatasync(int fd)
{
	syncs_of_data++;
	return (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	struct stat info;

	if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode))
		syncs_of_dirs++;
	else
		syncs_of_data++;
	return (int)syscall(SYS_fsync, fd);
}

static void
records_come_back_in_order_with_their_numbers(void **state)
{
	struct fixture *f = *state;
	struct fixture_records records;

	fixture_open(f);
	assert_true(fixture_found(f, SPOOL_FOUND_NEW));
	for (uint64_t i = 1; i <= 20; i++) {
		char text[16];

		snprintf(text, sizeof(text), "line %u", (unsigned)i);
		assert_int_equal(fixture_append(f, text), i);
	}
	fixture_sync(f);
	records = fixture_read(f, 1);
	assert_int_equal(records.count, 20);
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(records.items[i].seq, i + 1);
	assert_string_equal(records.items[11].data, "line 12");
	assert_string_equal(records.items[11].source, "test");
	assert_int_equal(records.items[11].head.type, RECORD_EVENT);
	assert_int_equal(records.items[11].head.flags, 0);
	assert_memory_equal(records.items[11].head.boot_id8, f->options.boot_id, 8);
	fixture_records_done(&records);
}

static void
only_what_is_synced_can_be_read(void **state)
{
	struct fixture *f = *state;
	struct fixture_records records;

	fixture_open(f);
	(void)fixture_append(f, "one");
	assert_int_equal(spool_durable(f->spool), 0);
	assert_int_equal(spool_unsynced(f->spool), 1);
	records = fixture_read(f, 1);
	assert_int_equal(records.count, 0);
	fixture_sync(f);
	assert_int_equal(spool_durable(f->spool), 1);
	(void)fixture_append(f, "two");
	records = fixture_read(f, 1);
	assert_int_equal(records.count, 1);
	fixture_records_done(&records);
}

static void
what_is_written_but_not_synced_is_not_read(void **state)
{
	struct fixture *f = *state;
	struct fixture_records records;

	f->options.segment_size = 4 << 20;
	f->options.quota = 16 << 20;
	fixture_open(f);
	fixture_fill(f, 6, 250000); /* more than the spool keeps in memory */
	records = fixture_read(f, 1);
	assert_int_equal(records.count, 0);
	fixture_sync(f);
	records = fixture_read(f, 1);
	assert_int_equal(records.count, 6);
	fixture_records_done(&records);
}

static void
nothing_is_durable_without_a_sync_of_its_file_and_directory(void **state)
{
	struct fixture *f = *state;
	unsigned data, dirs;
	struct spool_status status;

	dirs = syncs_of_dirs;
	fixture_open(f);
	assert_true(syncs_of_dirs > dirs);
	for (unsigned i = 0; i < 5; i++) {
		data = syncs_of_data;
		(void)fixture_append(f, "text");
		fixture_sync(f);
		assert_int_equal(syncs_of_data, data + 1);
	}
	data = syncs_of_data;
	fixture_sync(f); /* nothing to do */
	assert_int_equal(syncs_of_data, data);
	spool_get_status(f->spool, &status);
	dirs = syncs_of_dirs;
	fixture_fill(f, 80, 900); /* into the next segment */
	assert_true(syncs_of_dirs > dirs && syncs_of_data >= data + 3);
	fixture_sync(f);
	dirs = syncs_of_dirs;
	data = syncs_of_data;
	assert_int_equal(fixture_ack(f, spool_durable(f->spool)), STATUS_OK);
	assert_true(syncs_of_dirs > dirs && syncs_of_data > data); /* mark, unlink */
}

static void
a_reopened_spool_goes_on_where_it_was(void **state)
{
	struct fixture *f = *state;
	struct fixture_records records;
	struct spool_status before, after;

	fixture_open(f);
	fixture_fill(f, 400, 900); /* three segments */
	fixture_sync(f);
	assert_int_equal(spool_set_counter(f->spool, 42), STATUS_OK);
	spool_get_status(f->spool, &before);
	assert_true(before.segments > 2);
	fixture_crash(f);
	fixture_open(f);
	assert_int_equal(f->report.count, 0);
	spool_get_status(f->spool, &after);
	assert_memory_equal(before.log_id, after.log_id, SPOOL_LOG_ID_SIZE);
	assert_int_equal(after.next, 401);
	assert_int_equal(after.durable, 400);
	assert_int_equal(after.counter, 42);
	assert_int_equal(after.segments, before.segments);
	assert_int_equal(fixture_append(f, "more"), 401);
	fixture_sync(f);
	records = fixture_read(f, 1);
	assert_int_equal(records.count, 401);
	assert_int_equal(atoi(records.items[399].data), 399);
	fixture_records_done(&records);
	records = fixture_read(f, 390);
	assert_int_equal(records.count, 12);
	fixture_records_done(&records);
}

static void
what_was_not_synced_before_a_crash_is_gone_and_its_number_is_free(void **state)
{
	struct fixture *f = *state;
	struct fixture_records records;

	fixture_open(f);
	(void)fixture_append(f, "kept");
	fixture_sync(f);
	(void)fixture_append(f, "lost");
	fixture_crash(f);
	fixture_open(f);
	assert_int_equal(fixture_append(f, "next"), 2);
	fixture_sync(f);
	records = fixture_read(f, 1);
	assert_int_equal(records.count, 2);
	assert_string_equal(records.items[1].data, "next");
	fixture_records_done(&records);
}

static void
the_position_of_a_source_survives_with_its_record(void **state)
{
	struct fixture *f = *state;
	struct spool_position position = {.device = 1, .inode = 2, .offset = 30}, found;
	struct spool_append append = {.type = RECORD_EVENT,
	    .source = "zeek/conn",
	    .data = bytes_of("x", 1),
	    .position = &position};
	uint64_t seq;

	fixture_open(f);
	assert_false(spool_position(f->spool, "zeek/conn", &found));
	assert_int_equal(spool_append(f->spool, &append, &seq), STATUS_OK);
	fixture_sync(f);
	position.offset = 60;
	assert_int_equal(spool_append(f->spool, &append, &seq), STATUS_OK);
	assert_true(spool_position(f->spool, "zeek/conn", &found));
	assert_int_equal(found.offset, 60);
	fixture_crash(f);
	fixture_open(f);
	assert_true(spool_position(f->spool, "zeek/conn", &found));
	assert_int_equal(found.offset, 30);
	assert_int_equal(found.inode, 2);
	position = (struct spool_position){.inode = 3};
	assert_int_equal(spool_move_to(f->spool, "zeek/conn", &position), STATUS_OK);
	fixture_sync(f);
	fixture_crash(f);
	fixture_open(f);
	assert_true(spool_position(f->spool, "zeek/conn", &found));
	assert_int_equal(found.inode, 3);
	assert_int_equal(found.offset, 0);
}

static void
positions_outlive_the_segments_they_stood_in(void **state)
{
	struct fixture *f = *state;
	struct spool_position position = {.offset = 30}, found;

	fixture_open(f);
	assert_int_equal(spool_move_to(f->spool, "quiet", &position), STATUS_OK);
	fixture_fill(f, 500, 900);
	fixture_sync(f);
	assert_int_equal(fixture_ack(f, 500), STATUS_OK);
	fixture_crash(f);
	fixture_open(f);
	assert_true(spool_position(f->spool, "quiet", &found));
	assert_int_equal(found.offset, 30);
}

static void
acknowledged_segments_go_and_numbers_go_on(void **state)
{
	struct fixture *f = *state;
	struct spool_status status;
	char names[16][SPOOL_NAME_SIZE];

	fixture_open(f);
	fixture_fill(f, 400, 900);
	fixture_sync(f);
	assert_true(fixture_segments(f, names, 16) >= 3);
	assert_int_equal(fixture_ack(f, 10), STATUS_OK);
	assert_true(fixture_segments(f, names, 16) >= 3);
	assert_int_equal(fixture_ack(f, 400), STATUS_OK);
	assert_int_equal(fixture_segments(f, names, 16), 1);
	spool_get_status(f->spool, &status);
	assert_int_equal(status.first, 401);
	assert_int_equal(status.next, 401);
	fixture_crash(f);
	fixture_open(f);
	assert_int_equal(f->report.count, 0);
	spool_get_status(f->spool, &status);
	assert_int_equal(status.first, 401);
	assert_int_equal(fixture_append(f, "next"), 401);
}

static void
an_acknowledgement_that_is_not_ours_trims_nothing(void **state)
{
	struct fixture *f = *state;
	struct spool_status status;
	uint8_t hash[SPOOL_HASH_SIZE], other[SPOOL_LOG_ID_SIZE] = {9};

	fixture_open(f);
	fixture_fill(f, 10, 50);
	fixture_sync(f);
	(void)fixture_append(f, "not durable");
	spool_get_status(f->spool, &status);
	assert_int_equal(spool_hash_at(f->spool, 10, hash), STATUS_OK);
	assert_int_equal(spool_ack(f->spool, other, 1, 10, hash), STATUS_NOT_FOUND);
	assert_int_equal(spool_ack(f->spool, status.log_id, 1, 11, hash), STATUS_INVALID);
	assert_int_equal(spool_ack(f->spool, status.log_id, 1, 9, hash), STATUS_INVALID);
	assert_int_equal(spool_ack(f->spool, status.log_id, 0, 10, hash), STATUS_INVALID);
	assert_int_equal(spool_ack(f->spool, status.log_id, 8, 7, hash), STATUS_INVALID);
	spool_get_status(f->spool, &status);
	assert_int_equal(status.first, 1);
	/* Not from the front: it will come again. */
	assert_int_equal(spool_ack(f->spool, status.log_id, 5, 10, hash), STATUS_OK);
	spool_get_status(f->spool, &status);
	assert_int_equal(status.first, 1);
	assert_int_equal(spool_ack(f->spool, status.log_id, 1, 10, hash), STATUS_OK);
	assert_int_equal(spool_ack(f->spool, status.log_id, 1, 3, hash), STATUS_OK);
	spool_get_status(f->spool, &status);
	assert_int_equal(status.first, 11);
}

static void
a_full_spool_refuses_and_takes_again_after_acknowledgement(void **state)
{
	struct fixture *f = *state;
	char text[900];
	struct spool_append append = {.type = RECORD_EVENT,
	    .source = "test",
	    .data = bytes_of(text, sizeof(text))};
	struct spool_status status;
	uint64_t seq = 0, accepted = 0;
	enum status result;
	bool high = false;

	memset(text, 'x', sizeof(text));
	f->options.quota = 4 * SPOOL_SEGMENT_SIZE_MIN;
	fixture_open(f);
	while ((result = spool_append(f->spool, &append, &seq)) == STATUS_OK) {
		accepted = seq;
		spool_get_status(f->spool, &status);
		assert_false(status.blocked);
		assert_true((status.percent >= 80) == (status.alarm >= SPOOL_ALARM_HIGH));
		high |= status.alarm == SPOOL_ALARM_HIGH;
		assert_true(accepted < 1000);
	}
	assert_int_equal(result, STATUS_NO_SPACE);
	spool_get_status(f->spool, &status);
	assert_true(high && status.blocked && status.alarm == SPOOL_ALARM_CRITICAL);
	assert_true(status.used <= status.quota);
	fixture_sync(f);
	assert_int_equal(spool_durable(f->spool), accepted);
	assert_int_equal(fixture_ack(f, accepted), STATUS_OK);
	assert_int_equal(spool_append(f->spool, &append, &seq), STATUS_OK);
	assert_int_equal(seq, accepted + 1);
	spool_get_status(f->spool, &status);
	assert_false(status.blocked);
	assert_int_equal(status.alarm, SPOOL_ALARM_NONE);
}

static uint64_t
sum_of_dropped(const struct fixture_records *records)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < records->count; i++) {
		unsigned long long count;

		if (records->items[i].head.type != RECORD_DROPPED)
			continue;
		assert_int_equal(sscanf(records->items[i].data, "{\"count\":%llu,", &count), 1);
		assert_string_equal(records->items[i].source, "test");
		sum += count;
	}
	return sum;
}

static void
what_is_dropped_is_counted_in_records(void **state)
{
	struct fixture *f = *state;
	struct spool_position position = {.offset = 0};
	struct spool_append append = {.type = RECORD_EVENT,
	    .source = "test",
	    .data = bytes_of("a line", 6),
	    .position = &position};
	struct fixture_records records;
	struct spool_status status;
	uint64_t seq = 1, kept = 0;

	f->options.quota = 2 * SPOOL_SEGMENT_SIZE_MIN;
	f->options.drop_newest = true;
	fixture_open(f);
	for (unsigned i = 0; i < 3000; i++) {
		position.offset += 7;
		assert_int_equal(spool_append(f->spool, &append, &seq), STATUS_OK);
		kept += seq != 0;
	}
	assert_int_equal(seq, 0);
	spool_get_status(f->spool, &status);
	assert_int_equal(status.dropped, 3000 - kept);
	assert_true(status.dropped > 1000);
	fixture_sync(f);
	records = fixture_read(f, 1);
	/* Half is told at once, the rest when there is room or at the end. */
	assert_true(sum_of_dropped(&records) >= status.dropped / 2);
	assert_true(records.count - kept < 20);
	fixture_records_done(&records);
	fixture_close(f);
	fixture_open(f);
	records = fixture_read(f, 1);
	assert_int_equal(sum_of_dropped(&records), status.dropped);
	fixture_records_done(&records);
	assert_true(spool_position(f->spool, "test", &position));
	assert_int_equal(position.offset, 21000);
}

static void
dropping_ends_when_there_is_room_and_the_count_stands_before_what_comes(void **state)
{
	struct fixture *f = *state;
	struct spool_append append = {.type = RECORD_EVENT,
	    .source = "test",
	    .data = bytes_of("a line", 6)};
	struct fixture_records records;
	struct spool_status status;
	uint64_t seq = 1;

	f->options.quota = 2 * SPOOL_SEGMENT_SIZE_MIN;
	f->options.drop_newest = true;
	fixture_open(f);
	while (seq != 0)
		assert_int_equal(spool_append(f->spool, &append, &seq), STATUS_OK);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(spool_append(f->spool, &append, &seq), STATUS_OK);
	fixture_sync(f);
	assert_int_equal(fixture_ack(f, spool_durable(f->spool)), STATUS_OK);
	append.data = bytes_of("after", 5);
	assert_int_equal(spool_append(f->spool, &append, &seq), STATUS_OK);
	assert_true(seq > 0);
	fixture_sync(f);
	spool_get_status(f->spool, &status);
	records = fixture_read(f, status.first);
	assert_int_equal(records.items[records.count - 1].seq, seq);
	assert_string_equal(records.items[records.count - 1].data, "after");
	assert_int_equal(records.items[records.count - 2].head.type, RECORD_DROPPED);
	fixture_records_done(&records);
}

static void
what_the_operator_gives_up_is_told_in_a_lost_record(void **state)
{
	struct fixture *f = *state;
	struct fixture_records records;
	struct spool_status status;

	fixture_open(f);
	fixture_fill(f, 400, 900);
	fixture_sync(f);
	assert_int_equal(spool_discard(f->spool, 401, "operator"), STATUS_INVALID);
	assert_int_equal(spool_discard(f->spool, 300, "operator"), STATUS_OK);
	fixture_crash(f);
	fixture_open(f);
	spool_get_status(f->spool, &status);
	assert_int_equal(status.first, 301);
	records = fixture_read(f, status.first);
	assert_int_equal(records.count, 101);
	assert_int_equal(records.items[100].head.type, RECORD_LOST);
	assert_string_equal(records.items[100].source, "log");
	assert_string_equal(records.items[100].data,
	    "{\"first\":1,\"last\":300,\"reason\":\"operator\"}");
	fixture_records_done(&records);
}

static void
a_second_process_cannot_open_it(void **state)
{
	struct fixture *f = *state;
	struct spool *second;

	fixture_open(f);
	assert_int_equal(spool_open(f->dir_fd, &f->options, &second, NULL), STATUS_EXISTS);
}

static void
what_is_too_long_or_has_no_source_is_refused(void **state)
{
	struct fixture *f = *state;
	char *data = alloc_zeroed(SPOOL_DATA_MAX + 1, 1);
	struct spool_append append = {.type = RECORD_RAW,
	    .source = "test",
	    .data = bytes_of(data, SPOOL_DATA_MAX + 1)};
	struct fixture_records records;
	uint64_t seq = 7;

	f->options.segment_size = 1 << 20;
	fixture_open(f);
	assert_int_equal(spool_append(f->spool, &append, &seq), STATUS_LIMIT);
	append.data.len--;
	append.source = "with space";
	assert_int_equal(spool_append(f->spool, &append, &seq), STATUS_INVALID);
	append.source = "";
	assert_int_equal(spool_append(f->spool, &append, &seq), STATUS_INVALID);
	assert_int_equal(seq, 7);
	append.source = "0123456789012345678901234567890123456789012345678901234567890123";
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(spool_append(f->spool, &append, &seq), STATUS_OK);
	fixture_sync(f);
	records = fixture_read(f, 1);
	assert_int_equal(records.count, 6);
	assert_int_equal(records.items[5].len, SPOOL_DATA_MAX);
	fixture_records_done(&records);
	free(data);
}

static void
a_spool_from_another_machine_takes_a_new_log_id(void **state)
{
	struct fixture *f = *state;
	struct spool_status before, after;
	struct fixture_records records;

	fixture_open(f);
	fixture_fill(f, 10, 20);
	fixture_sync(f);
	assert_int_equal(fixture_ack(f, 4), STATUS_OK);
	spool_get_status(f->spool, &before);
	fixture_close(f);
	f->options.machine[0] ^= 1;
	fixture_open(f);
	assert_true(fixture_found(f, SPOOL_FOUND_OTHER_HOST));
	spool_get_status(f->spool, &after);
	assert_memory_not_equal(before.log_id, after.log_id, SPOOL_LOG_ID_SIZE);
	records = fixture_read(f, 1);
	assert_int_equal(records.count, 7);
	assert_int_equal(records.items[0].head.type, RECORD_ORIGIN);
	assert_int_equal(records.items[6].head.flags, RECORD_FLAG_CARRIED);
	assert_int_equal(atoi(records.items[6].data), 9);
	fixture_records_done(&records);
	fixture_close(f);
	fixture_open(f);
	assert_int_equal(f->report.count, 0);
}

static void
a_reincarnated_log_carries_its_unacknowledged_records_over(void **state)
{
	struct fixture *f = *state;
	struct spool_position position = {.offset = 5}, found;
	struct fixture_records before, after;
	struct spool_status old, new;
	char wanted[160], names[16][SPOOL_NAME_SIZE];
	int used;

	fixture_open(f);
	assert_int_equal(spool_move_to(f->spool, "quiet", &position), STATUS_OK);
	assert_int_equal(spool_set_counter(f->spool, 3), STATUS_OK);
	fixture_fill(f, 400, 900);
	fixture_sync(f);
	assert_int_equal(fixture_ack(f, 150), STATUS_OK);
	before = fixture_read(f, 151);
	spool_get_status(f->spool, &old);
	assert_int_equal(spool_reincarnate(f->spool), STATUS_OK);
	spool_get_status(f->spool, &new);
	assert_memory_not_equal(old.log_id, new.log_id, SPOOL_LOG_ID_SIZE);
	assert_int_equal(new.first, 1);
	assert_int_equal(new.next, 252);
	assert_int_equal(new.counter, 3);
	after = fixture_read(f, 1);
	assert_int_equal(after.count, 251);
	used = snprintf(wanted, sizeof(wanted), "{\"log_id\":\"");
	for (size_t i = 0; i < SPOOL_LOG_ID_SIZE; i++)
		used += snprintf(wanted + used, sizeof(wanted) - (size_t)used, "%02x",
		    old.log_id[i]);
	snprintf(wanted + used, sizeof(wanted) - (size_t)used,
	    "\",\"first\":151,\"last\":400}");
	assert_string_equal(after.items[0].data, wanted);
	for (size_t i = 0; i < before.count; i++) {
		assert_string_equal(after.items[i + 1].data, before.items[i].data);
		assert_int_equal(after.items[i + 1].head.wall_us, before.items[i].head.wall_us);
		assert_int_equal(after.items[i + 1].head.flags, RECORD_FLAG_CARRIED);
	}
	fixture_records_done(&before);
	fixture_records_done(&after);
	assert_true(fixture_segments(f, names, 16) < 6);
	fixture_close(f);
	fixture_open(f);
	assert_int_equal(f->report.count, 0);
	assert_true(spool_position(f->spool, "quiet", &found));
	assert_int_equal(found.offset, 5);
	assert_int_equal(fixture_append(f, "next"), 252);
}

#if FAULT_POINTS
static void
a_move_that_finds_the_disk_full_goes_on_when_there_is_room(void **state)
{
	struct fixture *f = *state;
	struct fixture_records records;
	struct spool_status status;
	unsigned events = 0;

	fixture_open(f);
	fixture_fill(f, 400, 900);
	fixture_sync(f);
	assert_int_equal(fault_point_arm("spool.create.allocate:3:ENOSPC"), STATUS_OK);
	assert_int_equal(spool_reincarnate(f->spool), STATUS_OK);
	assert_int_equal(fault_point_arm(NULL), STATUS_OK);
	spool_get_status(f->spool, &status);
	assert_true(status.moving && status.next < 400);
	while (status.first < status.next) {
		records = fixture_read(f, status.first);
		for (size_t i = 0; i < records.count; i++)
			if (records.items[i].head.type == RECORD_EVENT)
				assert_int_equal(atoi(records.items[i].data), events++);
		fixture_records_done(&records);
		assert_int_equal(fixture_ack(f, status.durable), STATUS_OK);
		spool_get_status(f->spool, &status);
	}
	assert_false(status.moving);
	assert_int_equal(events, 400);
}
#endif

static void
sources_whose_files_are_finished_make_room_for_others(void **state)
{
	struct fixture *f = *state;
	struct spool_position position = {.inode = 5, .offset = 9}, none = {0}, found;
	char source[32];

	f->options.segment_size = 1 << 20;
	fixture_open(f);
	for (unsigned i = 0; i < SPOOL_SOURCES_MAX; i++) {
		snprintf(source, sizeof(source), "zeek/%04u", i);
		assert_int_equal(spool_move_to(f->spool, source, &position), STATUS_OK);
	}
	assert_int_equal(spool_move_to(f->spool, "more", &position), STATUS_LIMIT);
	assert_int_equal(spool_move_to(f->spool, "zeek/0100", &none), STATUS_OK);
	assert_int_equal(spool_move_to(f->spool, "more", &position), STATUS_OK);
	assert_false(spool_position(f->spool, "zeek/0100", &found));
	assert_true(spool_position(f->spool, "zeek/0101", &found));
	fixture_sync(f);
	fixture_crash(f);
	fixture_open(f);
	assert_true(spool_position(f->spool, "more", &found));
	assert_int_equal(found.offset, 9);
	assert_int_equal(spool_move_to(f->spool, "too many", &position), STATUS_INVALID);
	assert_int_equal(spool_move_to(f->spool, "too-many", &position), STATUS_LIMIT);
}

static void
a_spool_without_any_segment_begins_a_new_log_and_says_so(void **state)
{
	struct fixture *f = *state;
	struct fixture_records records;
	struct spool_status before, after;
	char names[4][SPOOL_NAME_SIZE];

	fixture_open(f);
	fixture_fill(f, 3, 20);
	spool_get_status(f->spool, &before);
	fixture_close(f);
	assert_int_equal(fixture_segments(f, names, 4), 1);
	assert_int_equal(unlinkat(f->dir_fd, names[0], 0), 0);
	fixture_open(f);
	assert_true(fixture_found(f, SPOOL_FOUND_REINCARNATED));
	spool_get_status(f->spool, &after);
	assert_memory_not_equal(before.log_id, after.log_id, SPOOL_LOG_ID_SIZE);
	fixture_sync(f);
	records = fixture_read(f, 1);
	assert_int_equal(records.count, 1);
	assert_int_equal(records.items[0].head.type, RECORD_GAP);
	fixture_records_done(&records);
}

static void
a_lost_state_file_is_made_again(void **state)
{
	struct fixture *f = *state;
	struct spool_status before, after;

	fixture_open(f);
	fixture_fill(f, 3, 20);
	fixture_sync(f);
	spool_get_status(f->spool, &before);
	fixture_close(f);
	assert_int_equal(unlinkat(f->dir_fd, "state", 0), 0);
	fixture_open(f);
	assert_true(fixture_found(f, SPOOL_FOUND_STATE));
	spool_get_status(f->spool, &after);
	assert_memory_equal(before.log_id, after.log_id, SPOOL_LOG_ID_SIZE);
	assert_int_equal(after.next, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] =
	{ TEST(records_come_back_in_order_with_their_numbers),
		TEST(only_what_is_synced_can_be_read),
		TEST(what_is_written_but_not_synced_is_not_read),
		TEST(nothing_is_durable_without_a_sync_of_its_file_and_directory),
		TEST(a_reopened_spool_goes_on_where_it_was),
		TEST(what_was_not_synced_before_a_crash_is_gone_and_its_number_is_free),
		TEST(the_position_of_a_source_survives_with_its_record),
		TEST(positions_outlive_the_segments_they_stood_in),
		TEST(acknowledged_segments_go_and_numbers_go_on),
		TEST(an_acknowledgement_that_is_not_ours_trims_nothing),
		TEST(a_full_spool_refuses_and_takes_again_after_acknowledgement),
		TEST(what_is_dropped_is_counted_in_records),
		TEST(dropping_ends_when_there_is_room_and_the_count_stands_before_what_comes),
		TEST(what_the_operator_gives_up_is_told_in_a_lost_record),
		TEST(a_second_process_cannot_open_it),
		TEST(what_is_too_long_or_has_no_source_is_refused),
		TEST(a_spool_from_another_machine_takes_a_new_log_id),
		TEST(a_reincarnated_log_carries_its_unacknowledged_records_over),
#if FAULT_POINTS
		TEST(a_move_that_finds_the_disk_full_goes_on_when_there_is_room),
#endif
		TEST(sources_whose_files_are_finished_make_room_for_others),
		TEST(a_spool_without_any_segment_begins_a_new_log_and_says_so),
		TEST(a_lost_state_file_is_made_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/sensor-agent/spool/fixture.h"

#include <fcntl.h>
#include <unistd.h>

#include "common/base/fileio.h"
#include "sensor-agent/spool/spool_check.h"
#include "sensor-agent/spool/spool_host.h"

static void
a_sound_spool_has_no_findings_and_its_numbers_are_told(void **state)
{
	struct fixture *f = *state;
	struct spool_summary summary;
	struct spool_status status;

	assert_int_equal(spool_check(f->dir_fd, &summary, &f->report), STATUS_NOT_FOUND);
	fixture_open(f);
	fixture_fill(f, 300, 900);
	fixture_sync(f);
	assert_int_equal(fixture_ack(f, 100), STATUS_OK);
	assert_int_equal(spool_set_counter(f->spool, 5), STATUS_OK);
	spool_get_status(f->spool, &status);
	assert_int_equal(spool_check(f->dir_fd, &summary, &f->report), STATUS_OK);
	assert_true(summary.in_use);
	fixture_close(f);
	assert_int_equal(spool_check(f->dir_fd, &summary, &f->report), STATUS_OK);
	assert_int_equal(f->report.count, 0);
	assert_false(summary.in_use);
	assert_memory_equal(summary.log_id, status.log_id, SPOOL_LOG_ID_SIZE);
	assert_int_equal(summary.first, 101);
	assert_int_equal(summary.next, 301);
	assert_int_equal(summary.counter, 5);
	assert_int_equal(summary.segments, status.segments);
	assert_int_equal(summary.records, summary.by_type[RECORD_EVENT]);
	assert_true(summary.records >= 200);
}

static void
damage_is_found_and_left_as_it_is(void **state)
{
	struct fixture *f = *state;
	char names[8][SPOOL_NAME_SIZE];
	struct spool_summary summary;
	struct buf before, after;
	int fd;

	fixture_open(f);
	fixture_fill(f, 60, 300);
	fixture_close(f);
	assert_int_equal(fixture_segments(f, names, 8), 1);
	fd = openat(f->dir_fd, names[0], O_WRONLY);
	assert_int_equal(pwrite(fd, "?", 1, 5000), 1);
	close(fd);
	buf_init(&before, 1 << 20);
	buf_init(&after, 1 << 20);
	assert_int_equal(fileio_read(f->dir_fd, names[0], &before), STATUS_OK);
	assert_int_equal(spool_check(f->dir_fd, &summary, &f->report), STATUS_OK);
	assert_int_equal(f->report.count, 1);
	assert_int_equal(f->report.findings[0].kind, SPOOL_FOUND_DAMAGE);
	assert_string_equal(f->report.findings[0].file, names[0]);
	assert_true(
	    f->report.findings[0].offset <= 5000 && f->report.findings[0].offset + 500 > 5000);
	assert_int_equal(f->report.findings[0].first, f->report.findings[0].last);
	assert_int_equal(f->report.lost, 1);
	assert_int_equal(summary.records, 59);
	assert_int_equal(fileio_read(f->dir_fd, names[0], &after), STATUS_OK);
	assert_true(bytes_equal(buf_bytes(&before), buf_bytes(&after)));
	buf_done(&before);
	buf_done(&after);
}

struct seen {
	unsigned count;
	uint64_t last;
	uint64_t offset;
};

static void
see(const struct spool_shown *shown, void *arg)
{
	struct seen *seen = arg;

	seen->count++;
	seen->last = shown->seq;
	assert_true(bytes_equal_text(shown->source, "test"));
	assert_true(bytes_equal_text(shown->data, "text"));
	if (shown->position != NULL)
		seen->offset = shown->position->offset;
}

static void
records_are_shown_from_a_number_on(void **state)
{
	struct fixture *f = *state;
	struct spool_position position = {.offset = 77};
	struct spool_append append = {.type = RECORD_EVENT,
	    .source = "test",
	    .data = bytes_of("text", 4),
	    .position = &position};
	struct seen seen = {0};
	uint64_t seq;

	fixture_open(f);
	for (unsigned i = 0; i < 9; i++)
		(void)fixture_append(f, "text");
	assert_int_equal(spool_append(f->spool, &append, &seq), STATUS_OK);
	fixture_close(f);
	assert_int_equal(spool_show(f->dir_fd, 4, see, &seen), STATUS_OK);
	assert_int_equal(seen.count, 7);
	assert_int_equal(seen.last, 10);
	assert_int_equal(seen.offset, 77);
}

static void
the_machine_and_the_boot_have_names(void **state)
{
	uint8_t machine[SPOOL_HASH_SIZE] = {0}, boot[8] = {0}, zero[SPOOL_HASH_SIZE] = {0};

	assert_int_equal(spool_host_boot_id(boot), STATUS_OK);
	assert_memory_not_equal(boot, zero, sizeof(boot));
	if (access("/etc/machine-id", R_OK) != 0)
		SKIP_TEST("what it needs is not here");
	if (spool_host_machine(machine) == STATUS_OK)
		assert_memory_not_equal(machine, zero, sizeof(machine));
}

static void
every_finding_has_a_slug_and_a_sentence(void **state)
{
	for (int kind = SPOOL_FOUND_NEW; kind <= SPOOL_FOUND_FAILED; kind++) {
		assert_non_null(spool_finding_slug((enum spool_finding_kind)kind));
		assert_true(strlen(spool_finding_text((enum spool_finding_kind)kind)) > 10);
	}
	assert_false(spool_finding_alarm(SPOOL_FOUND_TORN_TAIL));
	assert_true(spool_finding_alarm(SPOOL_FOUND_DAMAGE));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_sound_spool_has_no_findings_and_its_numbers_are_told),
	    TEST(damage_is_found_and_left_as_it_is),
	    TEST(records_are_shown_from_a_number_on),
	    cmocka_unit_test(the_machine_and_the_boot_have_names),
	    cmocka_unit_test(every_finding_has_a_slug_and_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

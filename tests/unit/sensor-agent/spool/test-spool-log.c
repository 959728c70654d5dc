/* SPDX-License-Identifier: Apache-2.0
 *
 * Damage of every kind, and what opening the spool makes of it.  After each opening the
 * same must hold: a record that was durable reads back as it was, or a gap record names it,
 * or it was part of a write that a crash cut short; no number is used twice; a second
 * opening finds nothing more.
 */
#include "tests/unit/sensor-agent/spool/fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/base/random.h"
#include "sensor-agent/spool/spool_private.h"

enum {
	SEGMENTS_MAX = 8,
	TEXT_LEN = 60,
	FEW = 40 /* records: some more than 4 KiB */
};

/* A spool as it was before it is damaged. */
struct image {
	char names[SEGMENTS_MAX][SPOOL_NAME_SIZE];
	struct buf files[SEGMENTS_MAX];
	size_t count;
	size_t used; /* bytes of the last segment */
	uint64_t records;
	uint64_t last_group; /* first number that only the last sync made durable */
	bool end_may_go;     /* the last write may not have come to the disk at all */
};

static void
take_image(struct fixture *f, struct image *image)
{
	image->count = fixture_segments(f, image->names, SEGMENTS_MAX);
	for (size_t i = 0; i < image->count; i++) {
		buf_init(&image->files[i], 1 << 20);
		assert_int_equal(fileio_read(f->dir_fd, image->names[i], &image->files[i]),
		    STATUS_OK);
	}
}

/* count records in groups of ten; ended by a crash or orderly. */
static void
make_image(struct fixture *f, struct image *image, unsigned count, size_t len, bool orderly)
{
	fixture_open(f);
	for (unsigned done = 0; done < count; done += 10) {
		fixture_fill(f, 10, len);
		fixture_sync(f);
	}
	*image = (struct image){.records = count,
	    .last_group = count - 9,
	    .used = f->spool->log.segments[f->spool->log.count - 1]->used};
	if (orderly) {
		fixture_close(f);
		image->used += SPOOL_ENTRY_MIN + 48;
	} else {
		fixture_crash(f);
	}
	take_image(f, image);
}

static void
free_image(struct image *image)
{
	for (size_t i = 0; i < image->count; i++)
		buf_done(&image->files[i]);
}

/* Puts the files back as they were.  Of the segments all but the last are left alone. */
static void
restore_image(struct fixture *f, struct image *image, bool all)
{
	char names[SEGMENTS_MAX * 2][SPOOL_NAME_SIZE];
	size_t now = fixture_segments(f, names, SEGMENTS_MAX * 2);

	for (size_t i = 0; i < now && all; i++)
		assert_int_equal(unlinkat(f->dir_fd, names[i], 0), 0);
	for (int i = 0; i < SPOOL_QUARANTINE_MAX; i++) {
		char name[32];

		snprintf(name, sizeof(name), "quarantine-%d", i);
		if (unlinkat(f->dir_fd, name, 0) != 0)
			break;
	}
	for (size_t i = all ? 0 : image->count - 1; i < image->count; i++) {
		int fd = openat(f->dir_fd, image->names[i], O_WRONLY | O_CREAT | O_TRUNC, 0600);

		assert_true(fd >= 0);
		assert_int_equal(fileio_write_all(fd, image->files[i].data,
				     spool_entry_filled(buf_bytes(&image->files[i]))),
		    STATUS_OK);
		assert_int_equal(ftruncate(fd, (off_t)image->files[i].len), 0);
		close(fd);
	}
}

static void
patch(struct fixture *f, const char *name, size_t offset, const void *data, size_t len)
{
	int fd = openat(f->dir_fd, name, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(fileio_pwrite_all(fd, data, len, (off_t)offset), STATUS_OK);
	close(fd);
}

struct outcome {
	uint64_t lost;       /* of the records of the image */
	uint64_t first_lost; /* 0: none */
	uint64_t gap_first;  /* of the last gap record */
	uint64_t gap_last;
	bool torn;
};

/* Which numbers gap records name. */
static void
mark_gaps(const struct fixture_records *records, bool *named, uint64_t count,
    struct outcome *out)
{
	for (size_t i = 0; i < records->count; i++) {
		unsigned long long first, last;

		if (records->items[i].head.type != RECORD_GAP)
			continue;
		assert_int_equal(sscanf(records->items[i].data,
				     "{\"first\":%llu,\"last\":%llu,", &first, &last),
		    2);
		assert_true(first <= last);
		out->gap_first = first;
		out->gap_last = last;
		for (uint64_t seq = first; seq <= last && seq <= count; seq++) {
			assert_false(named[seq]); /* told once */
			named[seq] = true;
		}
	}
}

static void
check_record(const struct fixture_record *record, const struct image *image)
{
	assert_int_equal(record->head.type, RECORD_EVENT);
	assert_int_equal(atoi(record->data), (record->seq - 1) % 10);
	assert_true(record->seq <= image->records);
}

/* Opens the damaged spool and checks what must hold. */
static struct outcome
open_and_check(struct fixture *f, const struct image *image, bool twice)
{
	bool *there = alloc_zeroed(image->records + 2, 1);
	bool *named = alloc_zeroed(image->records + 2, 1);
	struct fixture_records records;
	struct outcome out = {0};
	uint64_t next;

	fixture_open(f);
	out.torn = fixture_found(f, SPOOL_FOUND_TORN_TAIL);
	records = fixture_read(f, 1);
	mark_gaps(&records, named, image->records, &out);
	for (size_t i = 0; i < records.count; i++) {
		const struct fixture_record *record = &records.items[i];

		if (record->head.type == RECORD_GAP)
			continue;
		check_record(record, image);
		there[record->seq] = true;
	}
	fixture_records_done(&records);
	for (uint64_t seq = 1; seq <= image->records; seq++) {
		assert_false(there[seq] && named[seq]);
		if (there[seq])
			continue;
		out.lost++;
		if (out.first_lost == 0)
			out.first_lost = seq;
		if (!named[seq] &&
		    !((out.torn || image->end_may_go) && seq >= image->last_group))
			fail_msg("record %u is gone without a word", (unsigned)seq);
	}
	next = fixture_append(f, "new");
	assert_true(next > image->records ||
		    ((out.torn || image->end_may_go) && next >= image->last_group));
	fixture_sync(f);
	fixture_crash(f);
	if (twice) {
		fixture_open(f);
		if (f->report.count != 0)
			fail_msg("found again: %s",
			    spool_finding_slug(f->report.findings[0].kind));
		assert_int_equal(fixture_append(f, "newer"), next + 1);
		fixture_crash(f);
	}
	free(there);
	free(named);
	return out;
}

/* The last 4 KiB, each byte changed in turn. */
static void
flip_each_byte(struct fixture *f, bool orderly)
{
	struct image image;
	size_t last;

	make_image(f, &image, FEW, TEXT_LEN, orderly);
	last = image.count - 1;
	assert_true(image.used > 4096 + SPOOL_HEADER_SIZE);
	for (size_t at = image.used - 4096; at < image.used; at++) {
		uint8_t byte = image.files[last].data[at] ^ (uint8_t)(1 << at % 8);
		struct outcome out;

		restore_image(f, &image, false);
		patch(f, image.names[last], at, &byte, 1);
		out = open_and_check(f, &image, at % 16 == 0);
		assert_false(out.torn);
		assert_true(out.lost <= 1);
		if (out.lost == 1 && out.first_lost < image.records) {
			assert_int_equal(out.gap_first, out.first_lost);
			assert_int_equal(out.gap_last, out.first_lost);
		}
	}
	free_image(&image);
}

static void
a_changed_byte_costs_one_record_and_a_gap_names_it(void **state)
{
	flip_each_byte(*state, true);
}

static void
a_changed_byte_is_no_torn_write_even_at_the_very_end(void **state)
{
	flip_each_byte(*state, false);
}

static void
a_file_cut_at_each_byte_loses_the_end_and_says_so(void **state)
{
	struct fixture *f = *state;
	struct image image;
	size_t last;

	make_image(f, &image, FEW, TEXT_LEN, true);
	last = image.count - 1;
	for (size_t len = image.used - 4096; len <= image.used; len++) {
		struct outcome out;
		int fd;

		restore_image(f, &image, false);
		fd = openat(f->dir_fd, image.names[last], O_WRONLY);
		assert_int_equal(ftruncate(fd, (off_t)len), 0);
		close(fd);
		out = open_and_check(f, &image, len % 16 == 0);
		assert_false(out.torn);
		assert_true(out.gap_first > 0 && out.gap_last > image.records);
		assert_true(out.lost == 0 || out.first_lost == out.gap_first);
	}
	free_image(&image);
}

/* What a power cut leaves: the end of the last write is not there. */
static void
a_write_cut_at_each_byte_is_removed_and_its_numbers_are_free(void **state)
{
	static const uint8_t zeros[8192];
	struct fixture *f = *state;
	struct image image;
	size_t last, start;

	make_image(f, &image, FEW, TEXT_LEN, false);
	last = image.count - 1;
	image.end_may_go = true;
	start = image.used - 10 * (SPOOL_ENTRY_MIN + RECORD_HEADER_SIZE + 5 + TEXT_LEN);
	for (size_t at = start; at < image.used; at++) {
		struct outcome out;

		restore_image(f, &image, false);
		patch(f, image.names[last], at, zeros, image.used - at);
		out = open_and_check(f, &image, at % 16 == 0);
		assert_int_equal(out.gap_first, 0);
		assert_true(out.lost > 0 && out.first_lost >= image.last_group);
		assert_int_equal(out.lost, image.records - out.first_lost + 1);
	}
	free_image(&image);
}

static void
a_sector_that_reads_as_zeros_is_a_gap_unless_it_was_the_last_write(void **state)
{
	static const uint8_t zeros[512];
	struct fixture *f = *state;
	struct image image;

	make_image(f, &image, 300, 300, false);
	assert_true(image.count >= 2);
	for (size_t i = 0; i < image.count; i++) {
		size_t end = i + 1 == image.count ? image.used : 66000;

		for (size_t at = 0; at < end; at += i + 1 == image.count ? 512 : 3584) {
			struct outcome out;

			restore_image(f, &image, true);
			patch(f, image.names[i], at, zeros, sizeof(zeros));
			out = open_and_check(f, &image, at % 4096 == 0);
			assert_true(out.lost <= 10);
			if (!out.torn && out.lost > 0)
				assert_int_equal(out.gap_last - out.gap_first + 1, out.lost);
			assert_int_equal(fixture_found(f, SPOOL_FOUND_HEADER),
			    at == 0 && false);
		}
	}
	free_image(&image);
}

static void
a_lost_header_is_made_again(void **state)
{
	static const uint8_t zeros[SPOOL_HEADER_SIZE];
	struct fixture *f = *state;
	struct image image;

	make_image(f, &image, 400, 300, true);
	assert_true(image.count >= 3);
	for (size_t i = 0; i < image.count; i++) {
		restore_image(f, &image, true);
		patch(f, image.names[i], 0, zeros, sizeof(zeros));
		fixture_open(f);
		assert_true(fixture_found(f, SPOOL_FOUND_HEADER));
		fixture_crash(f);
		assert_int_equal(open_and_check(f, &image, true).lost, 0);
	}
	free_image(&image);
}

static void
a_missing_segment_is_a_gap(void **state)
{
	struct fixture *f = *state;
	struct image image;

	make_image(f, &image, 400, 300, true);
	assert_true(image.count >= 3);
	for (size_t i = 0; i < image.count; i++) {
		struct outcome out;

		restore_image(f, &image, true);
		assert_int_equal(unlinkat(f->dir_fd, image.names[i], 0), 0);
		out = open_and_check(f, &image, true);
		assert_true(out.lost > 20);
		assert_int_equal(out.gap_first, out.first_lost);
		if (i + 1 < image.count) {
			assert_int_equal(out.gap_last - out.gap_first + 1, out.lost);
		} else {
			assert_true(out.gap_last > image.records);
		}
	}
	free_image(&image);
}

static void
segments_under_each_others_names_are_put_right(void **state)
{
	struct fixture *f = *state;
	struct image image;

	make_image(f, &image, 400, 300, true);
	restore_image(f, &image, true);
	assert_int_equal(renameat(f->dir_fd, image.names[0], f->dir_fd, "aside"), 0);
	assert_int_equal(renameat(f->dir_fd, image.names[1], f->dir_fd, image.names[0]), 0);
	assert_int_equal(renameat(f->dir_fd, "aside", f->dir_fd, image.names[1]), 0);
	fixture_open(f);
	assert_true(fixture_found(f, SPOOL_FOUND_NAME));
	fixture_crash(f);
	assert_int_equal(open_and_check(f, &image, true).lost, 0);
	free_image(&image);
}

static void
damage_leaves_a_copy_of_the_segment(void **state)
{
	struct fixture *f = *state;
	struct image image;
	struct buf copy;
	uint8_t byte;

	make_image(f, &image, FEW, TEXT_LEN, true);
	byte = image.files[0].data[2000] ^ 1;
	patch(f, image.names[0], 2000, &byte, 1);
	fixture_open(f);
	buf_init(&copy, 1 << 20);
	assert_int_equal(fileio_read(f->dir_fd, "quarantine-0", &copy), STATUS_OK);
	image.files[0].data[2000] = byte;
	assert_true(bytes_equal(buf_bytes(&copy), buf_bytes(&image.files[0])));
	buf_done(&copy);
	free_image(&image);
}

static void
a_gap_that_was_acknowledged_is_not_told_of_again(void **state)
{
	struct fixture *f = *state;
	struct image image;
	uint8_t byte;

	make_image(f, &image, FEW, TEXT_LEN, true);
	byte = image.files[0].data[2000] ^ 1;
	patch(f, image.names[0], 2000, &byte, 1);
	fixture_open(f);
	assert_int_equal(fixture_ack(f, 30), STATUS_OK);
	fixture_crash(f);
	fixture_open(f);
	assert_int_equal(f->report.count, 0);
	fixture_crash(f);
	free_image(&image);
}

/* Some bytes of some segments, by chance. */
static void
damage_by_chance(struct fixture *f, struct image *image, unsigned *seed)
{
	unsigned places = 1 + (unsigned)rand_r(seed) % 6;

	for (unsigned i = 0; i < places; i++) {
		size_t file = (size_t)rand_r(seed) % image->count;
		size_t at = (size_t)rand_r(seed) % image->files[file].len;
		size_t len = 1 + (size_t)rand_r(seed) % 700;
		uint8_t bytes[700];

		memset(bytes, 0, sizeof(bytes));
		for (size_t b = 0; rand_r(seed) % 2 == 0 && b < len; b++)
			bytes[b] = (uint8_t)rand_r(seed);
		if (len > image->files[file].len - at)
			len = image->files[file].len - at;
		patch(f, image->names[file], at, bytes, len);
	}
}

static void
damage_in_many_places_at_once_is_survived(void **state)
{
	struct fixture *f = *state;
	const char *given = getenv("PORTCULLIS_SEED");
	unsigned seed;
	struct image image;

	random_bytes(&seed, sizeof(seed));
	if (given != NULL)
		seed = (unsigned)strtoul(given, NULL, 10);
	print_message("PORTCULLIS_SEED=%u\n", seed);
	make_image(f, &image, 400, 300, true);
	for (unsigned round = 0; round < 150; round++) {
		restore_image(f, &image, true);
		damage_by_chance(f, &image, &seed);
		(void)open_and_check(f, &image, true);
	}
	free_image(&image);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_changed_byte_costs_one_record_and_a_gap_names_it),
	    TEST(a_changed_byte_is_no_torn_write_even_at_the_very_end),
	    TEST(a_file_cut_at_each_byte_loses_the_end_and_says_so),
	    TEST(a_write_cut_at_each_byte_is_removed_and_its_numbers_are_free),
	    TEST(a_sector_that_reads_as_zeros_is_a_gap_unless_it_was_the_last_write),
	    TEST(a_lost_header_is_made_again),
	    TEST(a_missing_segment_is_a_gap),
	    TEST(segments_under_each_others_names_are_put_right),
	    TEST(damage_leaves_a_copy_of_the_segment),
	    TEST(a_gap_that_was_acknowledged_is_not_told_of_again),
	    TEST(damage_in_many_places_at_once_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

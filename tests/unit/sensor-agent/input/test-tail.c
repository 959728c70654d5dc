/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/sensor-agent/input/log_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/base/random.h"
#include "common/base/text.h"
#include "sensor-agent/input/line.h"
#include "sensor-agent/input/tail.h"
#include "tests/lib/shared.h"

static struct tail *tail;

static void
start(struct log_fixture *l)
{
	tail = tail_new(l->f->spool, "eve", l->dir, "eve.json");
}

static int
setup(void **state)
{
	int result = log_fixture_setup(state);

	if (result == 0)
		start(*state);
	return result;
}

static int
teardown(void **state)
{
	tail_free(tail);
	return log_fixture_teardown(state);
}

/* Takes everything there is, and waits until a renamed file counts as finished. */
static void
take(struct log_fixture *l)
{
	for (int rounds = 0; rounds < 3;) {
		enum status status = tail_poll(tail, l->now_ms, 100);

		if (status == STATUS_AGAIN) {
			l->now_ms += TAIL_GRACE_MS;
			rounds++;
		} else {
			assert_int_equal(status, STATUS_OK);
		}
	}
}

/* Takes what is there now, without letting time pass. */
static void
take_now(struct log_fixture *l)
{
	enum status status;

	while ((status = tail_poll(tail, l->now_ms, 100)) == STATUS_OK)
		;
	assert_int_equal(status, STATUS_AGAIN);
}

/* The process dies; synced or not. */
static void
restart(struct log_fixture *l, bool synced)
{
	if (synced)
		fixture_sync(l->f);
	tail_free(tail);
	fixture_crash(l->f);
	fixture_open(l->f);
	start(l);
}

static void
lines_become_events_and_what_is_not_json_stays_raw(void **state)
{
	struct log_fixture *l = *state;

	log_write(l, "eve.json",
	    "{\"a\":1}\n{\"b\":\"\\u0000\"}\n\nnot json\n[1]\n  {\"c\":2}\r\n");
	log_write(l, "eve.json", "{\"bad\":\"\xff\"}\n{\"open\":\n");
	take(l);
	log_expect(l, "{\"a\":1}\n{\"b\":\"\\u0000\"}\nRAW: not json\nRAW: [1]\n  {\"c\":2}\r\n"
		      "RAW: {\"bad\":\"\xff\"}\nRAW: {\"open\":\n");
}

static void
a_half_written_line_waits_for_its_end(void **state)
{
	struct log_fixture *l = *state;

	log_write(l, "eve.json", "{\"a\":1}\n{\"b\"");
	take(l);
	log_expect(l, "{\"a\":1}\n");
	log_write(l, "eve.json", ":2");
	take(l);
	log_expect(l, "{\"a\":1}\n");
	log_write(l, "eve.json", "}\n");
	take(l);
	log_expect(l, "{\"a\":1}\n{\"b\":2}\n");
}

static void
a_file_may_appear_later(void **state)
{
	struct log_fixture *l = *state;
	struct tail_status status;

	take(l);
	tail_get_status(tail, &status);
	assert_int_equal(status.trouble, STATUS_NOT_FOUND);
	assert_false(status.open);
	log_write(l, "eve.json", "{\"a\":1}\n");
	take(l);
	log_expect(l, "{\"a\":1}\n");
	tail_get_status(tail, &status);
	assert_int_equal(status.trouble, STATUS_OK);
	assert_int_equal(status.lines, 1);
	assert_int_equal(status.offset, 8);
}

static void
what_is_no_file_is_not_read(void **state)
{
	struct log_fixture *l = *state;
	struct tail_status status;

	assert_int_equal(mkfifoat(l->dir_fd, "eve.json", 0600), 0);
	take(l);
	tail_get_status(tail, &status);
	assert_int_equal(status.trouble, STATUS_INVALID);
}

static void
after_a_crash_reading_goes_on_behind_what_is_durable(void **state)
{
	struct log_fixture *l = *state;

	log_write(l, "eve.json", "{\"a\":1}\n{\"b\":2}\n");
	take(l);
	restart(l, true);
	log_write(l, "eve.json", "{\"c\":3}\n");
	take(l);
	restart(l, false); /* c was not durable: it is read again */
	log_write(l, "eve.json", "{\"d\":4}\n");
	take(l);
	log_expect(l, "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n{\"d\":4}\n");
}

static void
a_renamed_file_is_read_to_its_end_before_the_new_one(void **state)
{
	struct log_fixture *l = *state;

	log_write(l, "eve.json", "{\"a\":1}\n");
	take_now(l);
	log_rename(l, "eve.json", "eve.json.1");
	log_write(l, "eve.json.1", "{\"b\":2}\n"); /* the writer has it open still */
	take_now(l);
	log_write(l, "eve.json", "{\"d\":4}\n");
	log_write(l, "eve.json.1", "{\"c\":3}\n");
	take_now(l);
	log_write(l, "eve.json.1", "{\"last\"");
	take(l);
	log_expect(l, "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\nRAW: {\"last\"\n{\"d\":4}\n");
}

static void
a_file_renamed_while_nobody_looked_is_found_again(void **state)
{
	struct log_fixture *l = *state;

	log_write(l, "eve.json", "{\"a\":1}\n{\"b\":2}\n");
	take(l);
	log_write(l, "eve.json", "{\"c\":3}\n");
	fixture_sync(l->f);
	log_rename(l, "eve.json", "eve.json.1");
	restart(l, true);
	log_write(l, "eve.json.1", "{\"d\":4}\n");
	take(l);
	log_write(l, "eve.json", "{\"e\":5}\n");
	take(l);
	log_expect(l, "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n{\"d\":4}\n{\"e\":5}\n");
}

static void
several_rotations_while_nobody_looked_are_read_in_their_order(void **state)
{
	struct log_fixture *l = *state;

	log_write(l, "eve.json", "{\"a\":1}\n");
	take(l);
	fixture_sync(l->f);
	log_write(l, "eve.json", "{\"b\":2}\n");
	log_rename(l, "eve.json", "eve.json-20261122");
	usleep(20000); /* files are told apart by when they were written last */
	log_write(l, "eve.json", "{\"c\":3}\n");
	log_rename(l, "eve.json", "eve.json-20261123");
	usleep(20000);
	log_write(l, "eve.json", "{\"d\":4}\n");
	log_write(l, "eve.json.gz", "not a line");
	restart(l, true);
	take(l);
	take(l);
	log_expect(l, "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n{\"d\":4}\n");
}

static void
a_truncated_file_is_a_gap_and_begins_anew(void **state)
{
	struct log_fixture *l = *state;

	log_write(l, "eve.json", "{\"a\":1}\n{\"half");
	take(l);
	log_truncate(l, "eve.json");
	take(l);
	log_write(l, "eve.json", "{\"b\":2}\n");
	take(l);
	log_expect(l, "{\"a\":1}\nGAP: {\"from\":8,\"reason\":\"truncated\"}\n{\"b\":2}\n");
	restart(l, true);
	log_write(l, "eve.json", "{\"c\":3}\n");
	take(l);
	log_expect(l,
	    "{\"a\":1}\nGAP: {\"from\":8,\"reason\":\"truncated\"}\n{\"b\":2}\n{\"c\":3}\n");
}

static void
a_file_truncated_and_grown_again_between_two_looks_is_noticed(void **state)
{
	struct log_fixture *l = *state;

	log_write(l, "eve.json", "{\"a\":1}\n");
	take(l);
	log_truncate(l, "eve.json");
	log_write(l, "eve.json", "{\"b\":2}\n{\"c\":3}\n");
	take(l);
	log_expect(l,
	    "{\"a\":1}\nGAP: {\"from\":8,\"reason\":\"truncated\"}\n{\"b\":2}\n{\"c\":3}\n");
}

static void
a_file_truncated_while_nobody_looked_is_noticed(void **state)
{
	struct log_fixture *l = *state;

	log_write(l, "eve.json", "{\"a\":1}\n{\"b\":2}\n");
	take(l);
	restart(l, true);
	log_truncate(l, "eve.json");
	log_write(l, "eve.json", "{\"c\":3}\n");
	take(l);
	log_expect(l,
	    "{\"a\":1}\n{\"b\":2}\nGAP: {\"from\":16,\"reason\":\"file-gone\"}\n{\"c\":3}\n");
}

/* As when an inode is used again: device and inode are the same, the beginning is not. */
static void
another_file_under_the_same_inode_is_noticed(void **state)
{
	struct log_fixture *l = *state;

	log_write(l, "eve.json", "{\"a\":1}\n");
	take(l);
	restart(l, true);
	log_truncate(l, "eve.json");
	log_write(l, "eve.json", "{\"new\":1}\n{\"new\":2}\n");
	take(l);
	log_expect(l, "{\"a\":1}\nGAP: {\"from\":8,\"reason\":\"file-gone\"}\n"
		      "{\"new\":1}\n{\"new\":2}\n");
}

static void
a_deleted_file_is_read_to_its_end_and_a_new_one_from_its_beginning(void **state)
{
	struct log_fixture *l = *state;

	log_write(l, "eve.json", "{\"a\":1}\n");
	take_now(l);
	log_write(l, "eve.json", "{\"b\":2}\n");
	log_remove(l, "eve.json");
	take(l);
	restart(l, true); /* that it is finished is known afterwards too */
	log_write(l, "eve.json", "{\"c\":3}\n");
	take(l);
	log_expect(l, "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n");
}

static void
a_file_deleted_while_nobody_looked_is_a_gap(void **state)
{
	struct log_fixture *l = *state;

	log_write(l, "eve.json", "{\"a\":1}\n");
	log_write(l, "keeps-the-inode", "x");
	take(l);
	restart(l, true);
	log_remove(l, "eve.json");
	take(l);
	log_expect(l, "{\"a\":1}\n");
	log_write(l, "eve.json", "{\"b\":2}\n");
	take(l);
	log_expect(l, "{\"a\":1}\nGAP: {\"from\":8,\"reason\":\"file-gone\"}\n{\"b\":2}\n");
}

/* A line of len bytes: {"x":"aaa..."}. */
static char *
long_line(size_t len)
{
	char *line = alloc_zeroed(len + 1, 1);

	memset(line, 'a', len);
	memcpy(line, "{\"x\":\"", 6);
	memcpy(line + len - 2, "\"}", 2);
	return line;
}

static void
expect_oversize(struct log_fixture *l, size_t index, const char *line, uint64_t offset)
{
	struct fixture_records records;
	uint8_t hash[32];
	struct buf wanted;

	fixture_sync(l->f);
	records = fixture_read(l->f, 1);
	assert_true(index < records.count);
	assert_int_equal(records.items[index].head.type, RECORD_OVERSIZE);
	assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA256, line, strlen(line), hash), 0);
	buf_init(&wanted, 1 << 20);
	buf_printf(&wanted, "{\"offset\":%llu,\"len\":%zu,\"sha256\":\"",
	    (unsigned long long)offset, strlen(line));
	text_hex(&wanted, bytes_of(hash, sizeof(hash)));
	buf_put_text(&wanted, "\",\"head\":\"");
	text_base64(&wanted, bytes_of(line, LINE_HEAD_MAX));
	buf_put_text(&wanted, "\"}");
	assert_string_equal(records.items[index].data, buf_text(&wanted));
	buf_done(&wanted);
	fixture_records_done(&records);
}

static void
a_line_of_ten_megabytes_becomes_a_record_of_its_beginning_and_hash(void **state)
{
	struct log_fixture *l = *state;
	char *line = long_line(10 << 20);
	struct tail_status status;

	log_write(l, "eve.json", "{\"a\":1}\n");
	log_write_bytes(l, "eve.json", line, 5 << 20);
	take(l);
	log_expect(l, "{\"a\":1}\n");
	restart(l, true); /* in the middle of it */
	take(l);
	log_write(l, "eve.json", line + (5 << 20));
	log_write(l, "eve.json", "\n{\"b\":2}\n");
	take(l);
	expect_oversize(l, 1, line, 8);
	tail_get_status(tail, &status);
	assert_int_equal(status.oversize, 1);
	assert_int_equal(status.offset, 8 + (10 << 20) + 1 + 8);
	restart(l, true);
	log_write(l, "eve.json", "{\"c\":3}\n");
	take(l);
	fixture_sync(l->f);
	assert_int_equal(spool_durable(l->f->spool), 4);
	free(line);
}

static void
the_longest_line_that_is_kept_is_kept_whole(void **state)
{
	struct log_fixture *l = *state;
	char *kept = long_line(LINE_MAX_LEN), *cut = long_line(LINE_MAX_LEN + 1);
	struct fixture_records records;

	log_write(l, "eve.json", kept);
	log_write(l, "eve.json", "\n");
	log_write(l, "eve.json", cut);
	log_write(l, "eve.json", "\n{\"b\":2}\n");
	take(l);
	expect_oversize(l, 1, cut, LINE_MAX_LEN + 1);
	records = fixture_read(l->f, 1);
	assert_int_equal(records.count, 3);
	assert_int_equal(records.items[0].head.type, RECORD_EVENT);
	assert_string_equal(records.items[0].data, kept);
	assert_string_equal(records.items[2].data, "{\"b\":2}");
	fixture_records_done(&records);
	free(kept);
	free(cut);
}

static void
a_full_spool_holds_reading_up_and_loses_nothing(void **state)
{
	struct log_fixture *l = *state;
	char line[1000];
	unsigned blocked = 0, lines = 0;
	struct spool_status status;

	fixture_close(l->f);
	tail_free(tail);
	fixture_empty_dir(l->f->dir_fd);
	l->f->options.segment_size = SPOOL_SEGMENT_SIZE_MIN;
	l->f->options.quota = 2 * SPOOL_SEGMENT_SIZE_MIN;
	fixture_open(l->f);
	start(l);
	for (unsigned i = 0; i < 400; i++) {
		snprintf(line, sizeof(line), "{\"n\":%u,\"x\":\"%0900d\"}\n", i, 0);
		log_write(l, "eve.json", line);
	}
	while (lines < 400 && blocked < 100) {
		struct fixture_records records;
		enum status polled = tail_poll(tail, l->now_ms, 37);

		fixture_sync(l->f);
		if (polled == STATUS_OK)
			continue;
		blocked += polled == STATUS_NO_SPACE;
		spool_get_status(l->f->spool, &status);
		records = fixture_read(l->f, status.first);
		for (size_t i = 0; i < records.count; i++) {
			snprintf(line, sizeof(line), "{\"n\":%u,", lines++);
			assert_memory_equal(records.items[i].data, line, strlen(line));
		}
		fixture_records_done(&records);
		assert_int_equal(fixture_ack(l->f, status.durable), STATUS_OK);
	}
	assert_int_equal(lines, 400);
	assert_true(blocked >= 3);
}

/* What a model of the writer has written, in order. */
struct model {
	struct buf written; /* whole lines */
	unsigned number;
	unsigned rotations;
};

static void
model_write(struct log_fixture *l, struct model *m, unsigned *seed)
{
	char line[400];
	int len = snprintf(line, sizeof(line), "{\"n\":%u,\"x\":\"%0*d\"}\n", m->number,
	    1 + rand_r(seed) % 300, 0);
	size_t cut = (size_t)rand_r(seed) % (size_t)len;

	m->number++;
	buf_put(&m->written, line, (size_t)len);
	if (rand_r(seed) % 3 == 0) { /* in two writes, with something between them */
		log_write_bytes(l, "eve.json", line, cut);
		take_now(l);
		if (rand_r(seed) % 2 == 0)
			restart(l, rand_r(seed) % 2 == 0);
		log_write_bytes(l, "eve.json", line + cut, (size_t)len - cut);
	} else {
		log_write_bytes(l, "eve.json", line, (size_t)len);
	}
}

static void
model_rotate(struct log_fixture *l, struct model *m)
{
	char name[64];

	if (faccessat(l->dir_fd, "eve.json", F_OK, 0) != 0)
		return;
	snprintf(name, sizeof(name), "eve.json.%u", ++m->rotations);
	usleep(11000); /* so that files differ in when they were written last */
	log_rename(l, "eve.json", name);
}

static void
whatever_happens_each_line_is_taken_once_and_in_order(void **state)
{
	struct log_fixture *l = *state;
	const char *given = getenv("PORTCULLIS_SEED");
	struct model m = {0};
	unsigned seed;

	random_bytes(&seed, sizeof(seed));
	if (given != NULL)
		seed = (unsigned)strtoul(given, NULL, 10);
	print_message("PORTCULLIS_SEED=%u\n", seed);
	buf_init(&m.written, 8 << 20);
	model_write(l, &m, &seed);
	take_now(l);
	fixture_sync(l->f); /* files that were rotated before are none of ours */
	for (unsigned step = 0; step < 1500; step++) {
		switch (rand_r(&seed) % 16) {
		case 0:
			restart(l, rand_r(&seed) % 2 == 0);
			break;
		case 1:
			if (rand_r(&seed) % 3 == 0)
				model_rotate(l, &m);
			break;
		case 2:
			fixture_sync(l->f);
			break;
		case 3:
			l->now_ms += TAIL_GRACE_MS;
			break;
		case 4:
		case 5:
		case 6:
			take_now(l);
			break;
		default:
			model_write(l, &m, &seed);
		}
	}
	for (unsigned i = 0; i <= m.rotations; i++)
		take(l);
	log_expect(l, buf_text(&m.written));
	buf_done(&m.written);
}

/* A process that writes and rotates as fast as it can. */
static void
write_and_rotate(struct log_fixture *l, const struct buf *data, unsigned times)
{
	char name[64];

	for (unsigned i = 1; i <= times; i++) {
		log_write_bytes(l, "eve.json", data->data, data->len / 2);
		usleep(11000); /* so that files differ in when they were written last */
		log_write_bytes(l, "eve.json", data->data + data->len / 2,
		    data->len - data->len / 2);
		snprintf(name, sizeof(name), "eve.json.%u", i);
		if (i < times && renameat(l->dir_fd, "eve.json", l->dir_fd, name) != 0)
			_exit(1);
	}
}

static void
a_writer_that_rotates_while_it_is_read_loses_no_line_of_real_data(void **state)
{
	enum {
		TIMES = 12
	};
	struct log_fixture *l = *state;
	struct buf data, wanted;
	int result;
	pid_t pid;

	buf_init(&data, 1 << 20);
	if (!shared_read("realdata/suricata-eve/botnet-mixed.eve.json", &data))
		buf_put_text(&data, "{\"event_type\":\"alert\"}\n{\"event_type\":\"dns\"}\n");
	buf_init(&wanted, 32 << 20);
	for (unsigned i = 0; i < TIMES; i++)
		buf_put_bytes(&wanted, buf_bytes(&data));
	log_write(l, "eve.json", "");
	take_now(l);
	pid = fork();
	if (pid == 0) {
		write_and_rotate(l, &data, TIMES);
		_exit(0);
	}
	while (waitpid(pid, &result, WNOHANG) == 0)
		take_now(l);
	assert_int_equal(result, 0);
	for (unsigned i = 0; i <= TIMES; i++)
		take(l);
	log_expect(l, buf_text(&wanted));
	buf_done(&data);
	buf_done(&wanted);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(lines_become_events_and_what_is_not_json_stays_raw),
	    TEST(a_half_written_line_waits_for_its_end),
	    TEST(a_file_may_appear_later),
	    TEST(what_is_no_file_is_not_read),
	    TEST(after_a_crash_reading_goes_on_behind_what_is_durable),
	    TEST(a_renamed_file_is_read_to_its_end_before_the_new_one),
	    TEST(a_file_renamed_while_nobody_looked_is_found_again),
	    TEST(several_rotations_while_nobody_looked_are_read_in_their_order),
	    TEST(a_truncated_file_is_a_gap_and_begins_anew),
	    TEST(a_file_truncated_and_grown_again_between_two_looks_is_noticed),
	    TEST(a_file_truncated_while_nobody_looked_is_noticed),
	    TEST(another_file_under_the_same_inode_is_noticed),
	    TEST(a_deleted_file_is_read_to_its_end_and_a_new_one_from_its_beginning),
	    TEST(a_file_deleted_while_nobody_looked_is_a_gap),
	    TEST(a_line_of_ten_megabytes_becomes_a_record_of_its_beginning_and_hash),
	    TEST(the_longest_line_that_is_kept_is_kept_whole),
	    TEST(a_full_spool_holds_reading_up_and_loses_nothing),
	    TEST(whatever_happens_each_line_is_taken_once_and_in_order),
	    TEST(a_writer_that_rotates_while_it_is_read_loses_no_line_of_real_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

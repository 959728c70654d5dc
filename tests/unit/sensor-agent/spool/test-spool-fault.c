/* SPDX-License-Identifier: Apache-2.0
 *
 * A sensor in small, killed or failed at every named place of the spool.  A child reads
 * lines from a file, so to say, and takes records that nobody can send again; it syncs,
 * delivers to a console (a file elsewhere), acknowledges, and takes a new log_id half-way.
 * After the fault it is started again until it is done.  Then the console must hold every
 * line exactly once, every other record that was answered OK exactly once, none twice, and
 * no number with two contents.
 */
#include "tests/unit/sensor-agent/spool/fixture.h"

#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fault_point.h"
#include "common/base/fileio.h"

enum {
	LINES = 160,
	LINE_LEN = 1400,
	SYNC_EVERY = 8,
	DELIVER_EVERY = 24,
	OTHER_EVERY = 5,
	POINTS_MIN = 16,
	EXIT_FAILED = 3
};

/* What the console holds of a record. */
struct held {
	uint8_t log_id[SPOOL_LOG_ID_SIZE];
	uint64_t seq;
	uint8_t hash[SPOOL_HASH_SIZE];
	char kind; /* 'l'ine, 'o'ther, 'x' what the spool says */
	unsigned number;
};

struct sensor {
	struct fixture *f;
	int outside; /* directory of the console's and the producer's files */
	char path[64];
};

static void
append_file(int dir_fd, const char *name, const void *data, size_t len)
{
	int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	close(fd);
}

static void
read_outside(int dir_fd, const char *name, struct buf *out)
{
	buf_init(out, 8 << 20);
	if (fileio_read(dir_fd, name, out) != STATUS_OK)
		buf_clear(out);
}

static void
must(enum status status)
{
	if (status != STATUS_OK)
		_exit(EXIT_FAILED);
}

static struct held
held_of(const uint8_t *log_id, uint64_t seq, const uint8_t *hash, const struct record *record)
{
	struct held held = {.seq = seq, .kind = 'x'};

	memcpy(held.log_id, log_id, SPOOL_LOG_ID_SIZE);
	memcpy(held.hash, hash, SPOOL_HASH_SIZE);
	if (record->type == RECORD_EVENT) {
		held.kind = (char)record->payload.data[1];
		held.number = (unsigned)atoi((const char *)record->payload.data + 6);
	}
	return held;
}

/* The console stores a batch; each record once by (log, number, hash). */
static void
console_store(struct sensor *s, struct bytes bytes)
{
	struct batch batch;
	struct record record;
	struct bytes raw;
	uint64_t seq;
	uint8_t hash[SPOOL_HASH_SIZE];

	must(batch_open(bytes, &batch));
	memcpy(hash, batch.header.prev_hash, sizeof(hash));
	while (batch_next(&batch, &record, &seq, &raw)) {
		struct held held;
		struct buf input;

		buf_init(&input, SPOOL_ENTRY_MAX);
		buf_put(&input, hash, SPOOL_HASH_SIZE);
		buf_put_u64le(&input, seq);
		buf_put_bytes(&input, raw);
		if (gnutls_hash_fast(GNUTLS_DIG_SHA256, input.data, input.len, hash) != 0)
			abort();
		buf_done(&input);
		held = held_of(batch.header.log_id, seq, hash, &record);
		append_file(s->outside, "console", &held, sizeof(held));
	}
}

/* The console says what it holds of this log. */
static void
console_resume(struct sensor *s)
{
	struct spool_status status;
	struct buf console;

	spool_get_status(s->f->spool, &status);
	read_outside(s->outside, "console", &console);
	for (size_t at = 0; at < console.len; at += sizeof(struct held)) {
		struct held held;

		memcpy(&held, console.data + at, sizeof(held));
		if (memcmp(held.log_id, status.log_id, SPOOL_LOG_ID_SIZE) == 0 &&
		    held.seq >= status.first)
			must(spool_ack(s->f->spool, held.log_id, status.first, held.seq,
			    held.hash));
	}
	buf_done(&console);
}

static void
deliver(struct sensor *s)
{
	struct spool_status status;
	struct spool_reader reader = {0};
	struct spool_batch batch;
	enum status result;
	struct buf out;

	spool_get_status(s->f->spool, &status);
	reader.next = status.first;
	buf_init(&out, BATCH_SIZE_MAX + SPOOL_ENTRY_MAX);
	while (
	    (result = spool_read(s->f->spool, &reader, 16, 60000, &out, &batch)) == STATUS_OK) {
		console_store(s, buf_bytes(&out));
		must(spool_ack(s->f->spool, status.log_id, batch.first, batch.last,
		    batch.last_hash));
		buf_clear(&out);
	}
	buf_done(&out);
	must(result == STATUS_END ? STATUS_OK : result);
}

static void
append_text(struct sensor *s, const char *source, unsigned number,
    const struct spool_position *position)
{
	char text[LINE_LEN];
	struct spool_append append = {.type = RECORD_EVENT,
	    .source = source,
	    .data = bytes_of(text, sizeof(text)),
	    .position = position};
	enum status status = STATUS_NO_SPACE;
	uint64_t seq;

	memset(text, '.', sizeof(text));
	snprintf(text, sizeof(text), "%u", number);
	for (int i = 0; i < 3 && status == STATUS_NO_SPACE; i++) {
		status = spool_append(s->f->spool, &append, &seq);
		if (status == STATUS_NO_SPACE)
			deliver(s);
	}
	must(status);
}

/* A record that nobody can send again: it counts when it is answered. */
static void
take_other(struct sensor *s, unsigned number)
{
	append_file(s->outside, "submitted", &number, sizeof(number));
	append_text(s, "other", number, NULL);
	must(spool_sync(s->f->spool));
	append_file(s->outside, "answered", &number, sizeof(number));
}

static void
reincarnate_once(struct sensor *s)
{
	if (faccessat(s->outside, "reincarnated", F_OK, 0) == 0)
		return;
	must(spool_sync(s->f->spool));
	must(spool_reincarnate(s->f->spool));
	append_file(s->outside, "reincarnated", "", 0);
}

static void
sensor_run(struct sensor *s)
{
	struct spool_position position = {0};
	struct buf submitted;
	unsigned other;

	must(spool_open(s->f->dir_fd, &s->f->options, &s->f->spool, NULL));
	console_resume(s);
	read_outside(s->outside, "submitted", &submitted);
	other = (unsigned)(submitted.len / sizeof(unsigned));
	buf_done(&submitted);
	(void)spool_position(s->f->spool, "lines", &position);
	for (unsigned line = (unsigned)position.offset; line < LINES; line++) {
		position.offset = line + 1;
		append_text(s, "lines", line, &position);
		if (line % OTHER_EVERY == 0)
			take_other(s, other++);
		if (line % SYNC_EVERY == SYNC_EVERY - 1)
			must(spool_sync(s->f->spool));
		if (line % DELIVER_EVERY == DELIVER_EVERY - 1)
			deliver(s);
		if (line == LINES / 2)
			reincarnate_once(s);
	}
	must(spool_set_counter(s->f->spool, 7));
	must(spool_sync(s->f->spool));
	deliver(s);
	spool_close(s->f->spool);
	s->f->spool = NULL;
}

/* Names and counts of the places passed, for the parent. */
static void
write_passed(struct sensor *s)
{
	const char *name;
	unsigned hits;

	for (size_t i = 0; (name = fault_point_passed(i, &hits)) != NULL; i++) {
		char line[80];
		int len = snprintf(line, sizeof(line), "%s %u\n", name, hits);

		append_file(s->outside, "passed", line, (size_t)len);
	}
}

/* Runs the sensor in a child under a fault; true when it came to its end. */
static bool
run_child(struct sensor *s, const char *fault)
{
	pid_t pid = fork();
	int result;

	if (pid == 0) {
		if (fault_point_arm(fault) != STATUS_OK)
			_exit(4);
		sensor_run(s);
		write_passed(s);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &result, 0), pid);
	if (WIFSIGNALED(result)) {
		assert_int_equal(WTERMSIG(result), SIGKILL);
		return false;
	}
	if (WEXITSTATUS(result) != 0 && WEXITSTATUS(result) != EXIT_FAILED)
		fail_msg("the child ended with %d", WEXITSTATUS(result));
	return WEXITSTATUS(result) == 0;
}

static int
compare_held(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct held, hash));
}

static void
check_console(struct sensor *s, const char *fault)
{
	unsigned lines[LINES] = {0}, others[LINES] = {0};
	struct buf console, answered, submitted;
	struct held *held;
	size_t count;

	read_outside(s->outside, "console", &console);
	read_outside(s->outside, "answered", &answered);
	read_outside(s->outside, "submitted", &submitted);
	held = (struct held *)(void *)console.data;
	count = console.len / sizeof(struct held);
	qsort(held, count, sizeof(*held), compare_held);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && compare_held(&held[i], &held[i - 1]) == 0) {
			if (memcmp(held[i].hash, held[i - 1].hash, SPOOL_HASH_SIZE) != 0)
				fail_msg("%s: two contents under one number", fault);
			continue; /* sent twice, counted once */
		}
		if (held[i].kind == 'l')
			lines[held[i].number]++;
		else if (held[i].kind == 'o')
			others[held[i].number]++;
	}
	for (unsigned i = 0; i < LINES; i++)
		if (lines[i] != 1)
			fail_msg("%s: line %u is there %u times", fault, i, lines[i]);
	for (size_t i = 0; i < answered.len / sizeof(unsigned); i++) {
		unsigned number;

		memcpy(&number, answered.data + i * sizeof(number), sizeof(number));
		if (others[number] != 1)
			fail_msg("%s: answered record %u is there %u times", fault, number,
			    others[number]);
	}
	for (unsigned i = 0; i < LINES; i++)
		if (others[i] > (i < submitted.len / sizeof(unsigned)))
			fail_msg("%s: record %u was never submitted so often", fault, i);
	buf_done(&console);
	buf_done(&answered);
	buf_done(&submitted);
}

/* One life under a fault, then others until the work is done. */
static void
live_through(struct sensor *s, const char *fault)
{
	bool done;

	fixture_empty_dir(s->f->dir_fd);
	fixture_empty_dir(s->outside);
	done = run_child(s, fault);
	for (int i = 0; !done && i < 3; i++)
		done = run_child(s, NULL);
	if (!done)
		fail_msg("%s: never came to its end", fault);
	check_console(s, fault);
}

static int
sensor_setup(void **state)
{
	struct sensor *s = NEW(struct sensor);

	snprintf(s->path, sizeof(s->path), "/tmp/portcullis-outside-XXXXXX");
	if (fixture_setup((void **)&s->f) != 0 || mkdtemp(s->path) == NULL)
		return -1;
	s->f->options.quota = 4 * SPOOL_SEGMENT_SIZE_MIN;
	*state = s;
	return fileio_open_dir(s->path, 0700, &s->outside) == STATUS_OK ? 0 : -1;
}

static int
sensor_teardown(void **state)
{
	struct sensor *s = *state;

	fixture_empty_dir(s->outside);
	close(s->outside);
	if (rmdir(s->path) != 0)
		return -1;
	*state = s->f;
	free(s);
	return fixture_teardown(state);
}

static void
without_a_fault_every_record_arrives_once(void **state)
{
	live_through(*state, "");
}

/* The places that a life passes, and how often. */
static size_t
find_points(struct sensor *s, char names[][48], unsigned *hits)
{
	struct buf passed;
	size_t count = 0;
	int used;

	live_through(s, "");
	read_outside(s->outside, "passed", &passed);
	for (const char *at = buf_text(&passed); *at != '\0'; at += used) {
		assert_true(count < FAULT_POINTS_MAX);
		assert_int_equal(sscanf(at, "%47s %u\n%n", names[count], &hits[count], &used),
		    2);
		count++;
	}
	buf_done(&passed);
	return count;
}

static void
sweep(struct sensor *s, const char *action)
{
	char names[FAULT_POINTS_MAX][48];
	unsigned hits[FAULT_POINTS_MAX];
	size_t count = find_points(s, names, hits);

	assert_true(count >= POINTS_MIN);
	for (size_t i = 0; i < count; i++) {
		unsigned at[] = {1, 2, hits[i] / 2, hits[i]};

		for (size_t j = 0; j < COUNT_OF(at); j++) {
			char fault[96];

			if (at[j] == 0 || at[j] > hits[i] || (j > 0 && at[j] <= at[j - 1]))
				continue;
			snprintf(fault, sizeof(fault), "%.47s:%u:%.16s", names[i], at[j],
			    action);
			live_through(s, fault);
		}
	}
	print_message("%zu places\n", count);
}

static void
killed_anywhere_nothing_is_lost_or_doubled(void **state)
{
	sweep(*state, "kill");
}

static void
an_input_output_error_anywhere_loses_and_doubles_nothing(void **state)
{
	sweep(*state, "EIO");
}

static void
a_full_disk_anywhere_loses_and_doubles_nothing(void **state)
{
	sweep(*state, "ENOSPC");
}

/* A crash in the middle of a write, then another in the middle of mending it. */
static void
killed_while_mending_nothing_is_lost_or_doubled(void **state)
{
	struct sensor *s = *state;

	for (unsigned hit = 1; hit < 60; hit += 7) {
		char fault[96];

		snprintf(fault, sizeof(fault), "spool.write.half:%u:kill", hit);
		fixture_empty_dir(s->f->dir_fd);
		fixture_empty_dir(s->outside);
		if (run_child(s, fault))
			break;
		(void)run_child(s, "spool.mend.erase:1:kill");
		assert_true(run_child(s, NULL));
		check_console(s, fault);
	}
}

/* What no named place foresees: the kernel ends a write in the middle. */
static void
a_write_that_the_kernel_cuts_ends_the_object_and_not_the_data(void **state)
{
	struct sensor *s = *state;
	struct rlimit old, limit;
	bool done = false;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t size = 1000; size < 60000; size += 7001) {
		fixture_empty_dir(s->f->dir_fd);
		fixture_empty_dir(s->outside);
		assert_true(run_child(s, "spool.sync.after:3:kill") == false);
		limit = (struct rlimit){.rlim_cur = size, .rlim_max = old.rlim_max};
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		done = run_child(s, NULL);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		assert_false(done);
		assert_true(run_child(s, NULL));
		check_console(s, "RLIMIT_FSIZE");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_fault_every_record_arrives_once),
	    cmocka_unit_test(killed_anywhere_nothing_is_lost_or_doubled),
	    cmocka_unit_test(an_input_output_error_anywhere_loses_and_doubles_nothing),
	    cmocka_unit_test(a_full_disk_anywhere_loses_and_doubles_nothing),
	    cmocka_unit_test(killed_while_mending_nothing_is_lost_or_doubled),
	    cmocka_unit_test(a_write_that_the_kernel_cuts_ends_the_object_and_not_the_data),
	};

#if FAULT_POINTS
	return cmocka_run_group_tests(tests, sensor_setup, sensor_teardown);
#else
	(void)tests;
	printf("1..0 # SKIP built without fault points\n");
	return 0;
#endif
}

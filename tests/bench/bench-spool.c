/* SPDX-License-Identifier: Apache-2.0
 *
 * Events accepted a second by the spool, in groups of 256 and of 1, against a plain file
 * that the same bytes are written to and synced in the same groups, in turns in one run.
 * Also what opening a full spool and reading it back costs, and scanning lines as JSON.
 * Argument: a directory on the disk that is to be measured (default: the present one).
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/base/json_scan.h"
#include "sensor-agent/spool/spool.h"

enum {
	ROUNDS = 5,
	EVENT_LEN = 600,
	ROUND_US = 700000
};

static const char *const event_start =
    "{\"timestamp\":\"2011-08-12T14:52:57.716360+0200\",\"flow_id\":1031464864740687,"
    "\"event_type\":\"alert\",\"src_ip\":\"147.32.84.165\",\"src_port\":1181,\"dest_ip\":"
    "\"78.40.125.4\",\"dest_port\":6667,\"proto\":\"TCP\",\"alert\":{\"action\":\"allowed\","
    "\"signature\":\"ET CURRENT_EVENTS SUSPICIOUS IRC\",\"severity\":2},\"payload\":\"";

static char event[EVENT_LEN + 1];

static void
check(enum status status, const char *what)
{
	if (status == STATUS_OK)
		return;
	fprintf(stderr, "%s: %s\n", what, status_text(status));
	exit(1);
}

/* Accepts groups until the time is over; gives events a second. */
static double
spool_round(struct spool *spool, unsigned group, uint64_t *bytes)
{
	struct spool_position position = {.device = 1, .inode = 2};
	struct spool_append append = {.type = RECORD_EVENT,
	    .source = "suricata",
	    .data = bytes_of(event, EVENT_LEN),
	    .position = &position};
	int64_t start = clock_mono_us(), end = start;
	struct spool_status before, after;
	uint64_t count = 0, seq;

	spool_get_status(spool, &before);
	while (end - start < ROUND_US) {
		for (unsigned i = 0; i < group; i++) {
			position.offset += EVENT_LEN + 1;
			check(spool_append(spool, &append, &seq), "append");
		}
		check(spool_sync(spool), "sync");
		count += group;
		end = clock_mono_us();
	}
	spool_get_status(spool, &after);
	*bytes = (after.used - before.used) / count;
	return (double)count * 1e6 / (double)(end - start);
}

/* The same with a plain file: each group in one write, then fdatasync. */
static double
plain_round(int dir_fd, unsigned group, size_t bytes)
{
	int fd = openat(dir_fd, "plain", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	uint8_t *data = alloc_zeroed(group, bytes);
	int64_t start = clock_mono_us(), end = start;
	uint64_t count = 0;

	memset(data, 'x', group * bytes);
	while (end - start < ROUND_US) {
		check(fileio_write_all(fd, data, group * bytes), "write");
		if (fdatasync(fd) != 0)
			check(STATUS_IO, "fdatasync");
		count += group;
		end = clock_mono_us();
	}
	free(data);
	close(fd);
	return (double)count * 1e6 / (double)(end - start);
}

static int
compare(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;

	return (first > second) - (first < second);
}

static void
compare_groups(struct spool *spool, int dir_fd, unsigned group)
{
	double spooled[ROUNDS], plain[ROUNDS], ratio[ROUNDS];
	uint64_t bytes;

	for (int i = 0; i < ROUNDS; i++) {
		spooled[i] = spool_round(spool, group, &bytes);
		plain[i] = plain_round(dir_fd, group, bytes);
		ratio[i] = spooled[i] / plain[i];
	}
	qsort(spooled, ROUNDS, sizeof(double), compare);
	qsort(plain, ROUNDS, sizeof(double), compare);
	qsort(ratio, ROUNDS, sizeof(double), compare);
	printf("groups of %3u: %8.0f events/s accepted, plain file %8.0f, ratio %.2f "
	       "(%.2f to %.2f)\n",
	    group, spooled[ROUNDS / 2], plain[ROUNDS / 2], ratio[ROUNDS / 2], ratio[0],
	    ratio[ROUNDS - 1]);
}

static void
read_back(struct spool *spool)
{
	struct spool_reader reader = {.next = 1};
	struct spool_batch batch;
	struct buf out;
	int64_t start = clock_mono_us();
	uint64_t count = 0;

	buf_init(&out, BATCH_SIZE_MAX + SPOOL_ENTRY_MAX);
	while (spool_read(spool, &reader, 4096, BATCH_SIZE_MAX, &out, &batch) == STATUS_OK) {
		count += batch.count;
		buf_clear(&out);
	}
	buf_done(&out);
	printf("read back:    %8.0f events/s\n",
	    (double)count * 1e6 / (double)(clock_mono_us() - start));
}

static void
scan_lines(void)
{
	static const char *const paths[] = {"timestamp", "event_type", "src_ip", "dest_ip",
	    "src_port", "dest_port", "proto", "alert.severity", "alert.signature"};
	struct json_value values[sizeof(paths) / sizeof(paths[0])];
	struct json_fields fields;
	int64_t start, end;
	uint64_t count = 0;
	size_t offset;

	json_fields_init(&fields, paths, sizeof(paths) / sizeof(paths[0]));
	start = end = clock_mono_us();
	while (end - start < ROUND_US) {
		for (int i = 0; i < 1000; i++)
			check(json_scan(&fields, bytes_of(event, EVENT_LEN), values, &offset),
			    "scan");
		count += 1000;
		end = clock_mono_us();
	}
	printf("JSON scan:    %8.0f lines/s, %.0f MB/s\n",
	    (double)count * 1e6 / (double)(end - start),
	    (double)count * EVENT_LEN / (double)(end - start));
}

static void
empty_dir(int dir_fd)
{
	DIR *dir = fdopendir(openat(dir_fd, ".", O_RDONLY | O_DIRECTORY));
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		(void)unlinkat(dir_fd, entry->d_name, 0);
	closedir(dir);
}

int
main(int argc, char **argv)
{
	struct spool_options options = {.quota = UINT64_C(32) << 30,
	    .segment_size = SPOOL_SEGMENT_SIZE};
	char path[4096];
	struct spool_status status;
	struct spool *spool;
	int64_t start;
	int dir_fd, spool_fd;

	memset(event, 'a', EVENT_LEN);
	memcpy(event, event_start, strlen(event_start));
	memcpy(event + EVENT_LEN - 2, "\"}", 2);
	snprintf(path, sizeof(path), "%s/bench-spool-XXXXXX", argc > 1 ? argv[1] : ".");
	if (mkdtemp(path) == NULL)
		check(STATUS_IO, path);
	check(fileio_open_dir(path, 0700, &dir_fd), path);
	if (mkdirat(dir_fd, "spool", 0700) != 0)
		check(STATUS_IO, path);
	spool_fd = openat(dir_fd, "spool", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check(spool_open(spool_fd, &options, &spool, NULL), "open");
	compare_groups(spool, dir_fd, 256);
	compare_groups(spool, dir_fd, 1);
	read_back(spool);
	spool_get_status(spool, &status);
	spool_close(spool);
	start = clock_mono_us();
	check(spool_open(spool_fd, &options, &spool, NULL), "open again");
	printf("opening:      %8.0f MB/s (%llu events)\n",
	    (double)status.used / (double)(clock_mono_us() - start),
	    (unsigned long long)status.durable);
	spool_close(spool);
	scan_lines();
	empty_dir(spool_fd);
	close(spool_fd);
	(void)unlinkat(dir_fd, "spool", AT_REMOVEDIR);
	empty_dir(dir_fd);
	close(dir_fd);
	return rmdir(path) == 0 ? 0 : 1;
}

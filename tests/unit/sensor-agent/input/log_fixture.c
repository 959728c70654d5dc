/* SPDX-License-Identifier: Apache-2.0
 *
 * The log fixture.
 */
#include "tests/unit/sensor-agent/input/log_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"

int
log_fixture_setup(void **state)
{
	struct log_fixture *l = NEW(struct log_fixture);

	snprintf(l->dir, sizeof(l->dir), "/tmp/portcullis-logs-XXXXXX");
	l->now_ms = 1000;
	if (fixture_setup((void **)&l->f) != 0 || mkdtemp(l->dir) == NULL ||
	    fileio_open_dir(l->dir, 0700, &l->dir_fd) != STATUS_OK)
		return -1;
	l->f->options.segment_size = 2 << 20;
	l->f->options.quota = 64 << 20;
	fixture_open(l->f);
	*state = l;
	return 0;
}

/* Files, and directories of files. */
static void
log_empty(int dir_fd)
{
	DIR *dir = fdopendir(openat(dir_fd, ".", O_RDONLY | O_DIRECTORY));
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		int fd;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    unlinkat(dir_fd, entry->d_name, 0) == 0)
			continue;
		fd = openat(dir_fd, entry->d_name, O_RDONLY | O_DIRECTORY);
		assert_true(fd >= 0);
		fixture_empty_dir(fd);
		close(fd);
		assert_int_equal(unlinkat(dir_fd, entry->d_name, AT_REMOVEDIR), 0);
	}
	closedir(dir);
}

int
log_fixture_teardown(void **state)
{
	struct log_fixture *l = *state;

	log_empty(l->dir_fd);
	close(l->dir_fd);
	if (rmdir(l->dir) != 0)
		return -1;
	*state = l->f;
	free(l);
	return fixture_teardown(state);
}

void
log_write_bytes(struct log_fixture *l, const char *name, const void *data, size_t len)
{
	int fd = openat(l->dir_fd, name, O_WRONLY | O_CREAT | O_APPEND, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fileio_write_all(fd, data, len), STATUS_OK);
	close(fd);
}

void
log_write(struct log_fixture *l, const char *name, const char *text)
{
	log_write_bytes(l, name, text, strlen(text));
}

void
log_rename(struct log_fixture *l, const char *from, const char *to)
{
	assert_int_equal(renameat(l->dir_fd, from, l->dir_fd, to), 0);
}

void
log_remove(struct log_fixture *l, const char *name)
{
	assert_int_equal(unlinkat(l->dir_fd, name, 0), 0);
}

void
log_truncate(struct log_fixture *l, const char *name)
{
	int fd = openat(l->dir_fd, name, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	close(fd);
}

void
log_mkdir(struct log_fixture *l, const char *name)
{
	assert_int_equal(mkdirat(l->dir_fd, name, 0700), 0);
}

char *
log_records(struct log_fixture *l)
{
	static const char *const types[] = {"?", "", "RAW: ", "OVERSIZE: ", "HEALTH: ",
	    "FAILURE: ", "GAP: ", "DROPPED: ", "LOST: ", "ORIGIN: "};
	struct fixture_records records;
	struct buf text;

	fixture_sync(l->f);
	records = fixture_read(l->f, 1);
	buf_init(&text, 64 << 20);
	for (size_t i = 0; i < records.count; i++) {
		buf_put_text(&text, types[records.items[i].head.type]);
		buf_put(&text, records.items[i].data, records.items[i].len);
		buf_put_text(&text, "\n");
	}
	fixture_records_done(&records);
	return buf_take_text(&text);
}

void
log_expect(struct log_fixture *l, const char *records)
{
	char *found = log_records(l);
	size_t same = 0;

	while (found[same] != '\0' && found[same] == records[same])
		same++;
	while (same > 0 && found[same - 1] != '\n')
		same--;
	if (strcmp(found, records) != 0)
		fail_msg("byte %zu: found %.60s, expected %.60s", same, found + same,
		    records + same);
	free(found);
}

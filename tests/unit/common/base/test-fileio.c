/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/fileio.h"

static char dir_path[] = "/tmp/portcullis-fileio-XXXXXX";
static int dir_fd;

static int
make_dir(void **state)
{
	return mkdtemp(dir_path) != NULL &&
		       fileio_open_dir(dir_path, 0700, &dir_fd) == STATUS_OK
		   ? 0
		   : -1;
}

static int
remove_dir(void **state)
{
	unlinkat(dir_fd, "file", 0);
	unlinkat(dir_fd, "fifo", 0);
	close(dir_fd);
	return rmdir(dir_path); /* fails when a temporary file was left */
}

static void
a_replaced_file_reads_back_whole(void **state)
{
	struct buf buf;
	struct stat info;

	buf_init(&buf, 100);
	assert_int_equal(fileio_replace(dir_fd, "file", 0600, "one", 3), STATUS_OK);
	assert_int_equal(fileio_replace(dir_fd, "file", 0600, "second", 6), STATUS_OK);
	assert_int_equal(fileio_read(dir_fd, "file", &buf), STATUS_OK);
	assert_string_equal(buf_text(&buf), "second");
	assert_int_equal(fstatat(dir_fd, "file", &info, 0), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	buf_done(&buf);
}

static void
a_file_over_the_maximum_is_refused(void **state)
{
	struct buf buf;

	assert_int_equal(fileio_replace(dir_fd, "file", 0600, "12345", 5), STATUS_OK);
	buf_init(&buf, 5);
	assert_int_equal(fileio_read(dir_fd, "file", &buf), STATUS_OK);
	buf_done(&buf);
	buf_init(&buf, 4);
	assert_int_equal(fileio_read(dir_fd, "file", &buf), STATUS_LIMIT);
	buf_done(&buf);
}

static void
what_is_not_a_regular_file_is_refused(void **state)
{
	struct buf buf;

	buf_init(&buf, 5);
	assert_int_equal(fileio_read(AT_FDCWD, "/dev/zero", &buf), STATUS_INVALID);
	assert_int_equal(fileio_read(AT_FDCWD, dir_path, &buf), STATUS_INVALID);
	assert_int_equal(mkfifoat(dir_fd, "fifo", 0600), 0);
	assert_int_equal(fileio_read(dir_fd, "fifo", &buf), STATUS_INVALID);
	assert_int_equal(fileio_read(dir_fd, "absent", &buf), STATUS_NOT_FOUND);
	buf_done(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_replaced_file_reads_back_whole),
	    cmocka_unit_test(a_file_over_the_maximum_is_refused),
	    cmocka_unit_test(what_is_not_a_regular_file_is_refused),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/daemon/place.h"
#include "tests/lib/temp_dir.h"

static const struct place_user nobody_else = {0, 0};

static int
listen_at(const char *path, enum status wanted, const char *text_has)
{
	struct buf text;
	int fd = -1;

	buf_init(&text, 1024);
	assert_int_equal(place_listen_unix(path, &nobody_else, (gid_t)-1, &fd, &text), wanted);
	assert_true((fd >= 0) == (wanted == STATUS_OK));
	if (text_has != NULL)
		assert_non_null(strstr(buf_text(&text), text_has));
	buf_done(&text);
	return fd;
}

static bool
answers(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool connected;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	connected = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return connected;
}

static void
a_socket_is_its_owners_alone_where_there_is_no_group(void **state)
{
	char path[PLACE_PATH_SIZE];
	struct stat info;
	int fd;

	place_path(path, *state, "a.sock");
	fd = listen_at(path, STATUS_OK, NULL);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_true(answers(path));
	close(fd);
}

static void
the_group_that_is_given_may_connect(void **state)
{
	char path[PLACE_PATH_SIZE];
	struct stat info;
	struct buf text;
	int fd;

	buf_init(&text, 1024);
	place_path(path, *state, "group.sock");
	assert_int_equal(place_listen_unix(path, &nobody_else, getgid(), &fd, &text),
	    STATUS_OK);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0660);
	assert_int_equal(info.st_gid, getgid());
	close(fd);
	buf_done(&text);
}

static void
what_a_dead_daemon_left_is_replaced(void **state)
{
	char path[PLACE_PATH_SIZE];
	int fd;

	place_path(path, *state, "b.sock");
	close(listen_at(path, STATUS_OK, NULL));
	assert_false(answers(path));
	fd = listen_at(path, STATUS_OK, NULL);
	assert_true(answers(path));
	close(fd);
}

static void
a_daemon_that_lives_is_not_disturbed(void **state)
{
	char path[PLACE_PATH_SIZE];
	int fd;

	place_path(path, *state, "c.sock");
	fd = listen_at(path, STATUS_OK, NULL);
	listen_at(path, STATUS_EXISTS, "does the daemon run already");
	assert_true(answers(path));
	close(fd);
}

static void
a_file_that_is_no_socket_is_left_alone(void **state)
{
	char path[PLACE_PATH_SIZE];

	place_path(path, *state, "d.sock");
	close(open(path, O_CREAT | O_WRONLY, 0600));
	listen_at(path, STATUS_EXISTS, path);
	assert_int_equal(access(path, F_OK), 0);
}

static void
a_path_that_is_too_long_is_told_so(void **state)
{
	char name[200], path[PLACE_PATH_SIZE];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	place_path(path, *state, name);
	listen_at(path, STATUS_LIMIT, "RuntimeDirectory");
}

static void
a_group_that_does_not_exist_is_none(void **state)
{
	assert_true(place_find_group("no-such-group-here") == (gid_t)-1);
	assert_true(place_find_group(NULL) == (gid_t)-1);
}

static struct temp_dir dir;

static int
setup(void **state)
{
	*state = dir.path;
	return temp_dir_make(&dir) ? 0 : -1;
}

static int
teardown(void **state)
{
	temp_dir_remove(&dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_socket_is_its_owners_alone_where_there_is_no_group),
	    cmocka_unit_test(the_group_that_is_given_may_connect),
	    cmocka_unit_test(what_a_dead_daemon_left_is_replaced),
	    cmocka_unit_test(a_daemon_that_lives_is_not_disturbed),
	    cmocka_unit_test(a_file_that_is_no_socket_is_left_alone),
	    cmocka_unit_test(a_path_that_is_too_long_is_told_so),
	    cmocka_unit_test(a_group_that_does_not_exist_is_none),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/sensor-agent/spool/fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "sensor-agent/input/line.h"
#include "sensor-agent/input/line_socket.h"

struct server {
	struct fixture *f;
	struct line_socket *socket;
	struct sockaddr_un address;
	socklen_t address_len;
};

/* An abstract address: no file to clean up. */
static int
listen_somewhere(struct server *s)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	s->address = (struct sockaddr_un){.sun_family = AF_UNIX};
	s->address_len = sizeof(sa_family_t); /* the kernel chooses one */
	if (fd < 0 || bind(fd, (struct sockaddr *)&s->address, s->address_len) != 0 ||
	    listen(fd, 128) != 0)
		return -1;
	s->address_len = sizeof(s->address);
	return getsockname(fd, (struct sockaddr *)&s->address, &s->address_len) == 0 ? fd : -1;
}

static int
setup(void **state)
{
	struct server *s = NEW(struct server);
	int fd;

	if (fixture_setup((void **)&s->f) != 0)
		return -1;
	s->f->options.segment_size = 2 << 20;
	s->f->options.quota = 64 << 20;
	fixture_open(s->f);
	fd = listen_somewhere(s);
	*state = s;
	return line_socket_new(s->f->spool, "api", fd, &s->socket) == STATUS_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	struct server *s = *state;

	line_socket_free(s->socket);
	*state = s->f;
	free(s);
	return fixture_teardown(state);
}

static int
dial(struct server *s)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&s->address, s->address_len), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Lets the server do what there is to do, without a sync. */
static void
serve(struct server *s)
{
	enum status status;

	while ((status = line_socket_poll(s->socket, 50)) == STATUS_OK)
		;
	assert_int_equal(status, STATUS_AGAIN);
}

static void
sync_and_answer(struct server *s)
{
	fixture_sync(s->f);
	line_socket_synced(s->socket);
	serve(s);
}

/* What the client has received by now. */
static const char *
hear(int fd)
{
	static char text[65536];
	ssize_t got = recv(fd, text, sizeof(text) - 1, 0);

	text[got > 0 ? got : 0] = '\0';
	return text;
}

static bool
readable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, 0) == 1;
}

static void
a_line_is_answered_after_it_is_durable_and_not_before(void **state)
{
	struct server *s = *state;
	int fd = dial(s);
	struct fixture_records records;

	say(fd, "{\"a\":1}\n{\"b\":2}\nnot json\n{\"half\"");
	serve(s);
	assert_string_equal(hear(fd), "");
	sync_and_answer(s);
	assert_string_equal(hear(fd), "OK 1\nOK 2\nOK 3\n");
	say(fd, ":1}\n");
	serve(s);
	sync_and_answer(s);
	assert_string_equal(hear(fd), "OK 4\n");
	records = fixture_read(s->f, 1);
	assert_int_equal(records.count, 4);
	assert_int_equal(records.items[2].head.type, RECORD_RAW);
	assert_string_equal(records.items[3].data, "{\"half\":1}");
	assert_string_equal(records.items[3].source, "api");
	fixture_records_done(&records);
	close(fd);
}

static void
the_descriptor_tells_when_there_is_something_to_do(void **state)
{
	struct server *s = *state;
	int fd;

	assert_false(readable(line_socket_fd(s->socket)));
	fd = dial(s);
	assert_true(readable(line_socket_fd(s->socket)));
	serve(s);
	assert_false(readable(line_socket_fd(s->socket)));
	say(fd, "{}\n");
	assert_true(readable(line_socket_fd(s->socket)));
	serve(s);
	assert_false(readable(line_socket_fd(s->socket)));
	close(fd);
	assert_true(readable(line_socket_fd(s->socket)));
	sync_and_answer(s);
	assert_false(readable(line_socket_fd(s->socket)));
}

static void
a_full_spool_is_told_to_the_client(void **state)
{
	struct server *s = *state;
	char line[60000];
	struct line_socket_status status;
	int fd, full = 0;

	fixture_close(s->f);
	line_socket_free(s->socket);
	fixture_empty_dir(s->f->dir_fd);
	s->f->options.segment_size = SPOOL_SEGMENT_SIZE_MIN;
	s->f->options.quota = 2 * SPOOL_SEGMENT_SIZE_MIN;
	fixture_open(s->f);
	assert_int_equal(line_socket_new(s->f->spool, "api", listen_somewhere(s), &s->socket),
	    STATUS_OK);
	fd = dial(s);
	memset(line, ' ', sizeof(line));
	line[0] = '{';
	line[sizeof(line) - 3] = '}';
	line[sizeof(line) - 2] = '\n';
	line[sizeof(line) - 1] = '\0';
	for (int i = 0; i < 5; i++) {
		say(fd, line);
		serve(s);
		sync_and_answer(s);
		full += strcmp(hear(fd), "ERR full\n") == 0;
	}
	assert_int_equal(full, 3);
	line_socket_get_status(s->socket, &status);
	assert_int_equal(status.lines, 2);
	assert_int_equal(status.refused, 3);
	assert_int_equal(fixture_ack(s->f, 2), STATUS_OK);
	say(fd, line);
	serve(s);
	sync_and_answer(s);
	assert_string_equal(hear(fd), "OK 3\n");
	close(fd);
}

static void
answers_come_in_the_order_of_the_lines(void **state)
{
	struct server *s = *state;
	char *line = alloc_zeroed(LINE_MAX_LEN + 3, 1);
	int fd = dial(s);

	say(fd, "{\"a\":1}\n");
	memset(line, 'x', LINE_MAX_LEN + 1);
	for (size_t sent = 0; sent < LINE_MAX_LEN + 1;) {
		ssize_t put = send(fd, line + sent, LINE_MAX_LEN + 1 - sent, MSG_NOSIGNAL);

		if (put > 0)
			sent += (size_t)put;
		serve(s);
	}
	say(fd, "\n{\"b\":2}\n");
	serve(s);
	assert_string_equal(hear(fd), ""); /* the refusal waits for the line before it */
	sync_and_answer(s);
	assert_string_equal(hear(fd), "OK 1\nERR too-long\nOK 2\n");
	close(fd);
	free(line);
}

static void
a_client_that_hangs_up_keeps_what_it_was_answered(void **state)
{
	struct server *s = *state;
	struct line_socket_status status;
	int fd = dial(s);

	say(fd, "{\"a\":1}\n{\"not finished\"");
	serve(s);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	serve(s);
	sync_and_answer(s);
	assert_string_equal(hear(fd), "OK 1\n");
	line_socket_get_status(s->socket, &status);
	assert_int_equal(status.clients, 0);
	assert_int_equal(spool_durable(s->f->spool), 1);
	close(fd);
}

static void
a_client_that_fetches_no_answers_is_not_read_without_end(void **state)
{
	struct server *s = *state;
	struct line_socket_status status;
	int fd = dial(s), size = 4096;
	unsigned sent = 0, answered = 0;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	for (unsigned quiet = 0; quiet < 50;) {
		if (send(fd, "{}\n", 3, MSG_NOSIGNAL) == 3) {
			sent++;
			quiet = 0;
		} else {
			assert_int_equal(errno, EAGAIN);
			quiet++;
		}
		if (sent % 100 == 0 || quiet > 0) {
			serve(s);
			sync_and_answer(s);
		}
		assert_true(sent < 1000000);
	}
	line_socket_get_status(s->socket, &status);
	assert_true(status.lines < sent);
	for (unsigned quiet = 0; answered < sent && quiet < 100; quiet++) {
		for (const char *at = hear(fd); *at != '\0'; at++) {
			answered += *at == '\n';
			quiet = 0;
		}
		serve(s);
		sync_and_answer(s);
	}
	assert_int_equal(answered, sent); /* and then none is forgotten */
	close(fd);
}

static void
more_clients_than_there_is_room_for_are_told_so(void **state)
{
	struct server *s = *state;
	int fds[LINE_SOCKET_CLIENTS_MAX + 3];
	struct line_socket_status status;

	for (size_t i = 0; i < COUNT_OF(fds); i++)
		fds[i] = dial(s);
	serve(s);
	serve(s);
	line_socket_get_status(s->socket, &status);
	assert_int_equal(status.clients, LINE_SOCKET_CLIENTS_MAX);
	assert_int_equal(status.rejected, 3);
	assert_string_equal(hear(fds[LINE_SOCKET_CLIENTS_MAX]), "ERR too-many-clients\n");
	say(fds[LINE_SOCKET_CLIENTS_MAX - 1], "{}\n");
	serve(s);
	sync_and_answer(s);
	assert_string_equal(hear(fds[LINE_SOCKET_CLIENTS_MAX - 1]), "OK 1\n");
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		close(fds[i]);
	serve(s);
	line_socket_get_status(s->socket, &status);
	assert_int_equal(status.clients, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_line_is_answered_after_it_is_durable_and_not_before),
	    TEST(the_descriptor_tells_when_there_is_something_to_do),
	    TEST(a_full_spool_is_told_to_the_client),
	    TEST(answers_come_in_the_order_of_the_lines),
	    TEST(a_client_that_hangs_up_keeps_what_it_was_answered),
	    TEST(a_client_that_fetches_no_answers_is_not_read_without_end),
	    TEST(more_clients_than_there_is_room_for_are_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The control socket from both sides: a listening socket in a directory of the test's own,
 * the daemon's side in this process, clients as plain channels or, for control_ask, as this
 * process with the daemon in a child.
 */
#include "tests/lib/test.h"

#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/fileio.h"
#include "common/daemon/control.h"
#include "common/loop/loop.h"
#include "common/proc/channel.h"
#include "common/wire/frame.h"
#include "tests/lib/temp_dir.h"

enum {
	TURNS = 200,
	NOBODY = 65534,
	GROUP_READ = 64001,
	GROUP_CHANGE = 64002,
	GROUP_OTHER = 64003,
};

struct fixture {
	struct temp_dir dir;
	char path[TEMP_DIR_PATH_SIZE + 16];
	struct loop *loop;
	struct control *control;

	/* what the owner of the socket saw */
	unsigned int requests, gone;
	struct control_client *client; /* of the last request; NULL: gone */
	char command[CONTROL_COMMAND_MAX];
	char args[64]; /* joined with "," */
	bool may_change;
	uid_t uid;
	char file[64]; /* what stood in the first descriptor that was passed */
	bool hold;     /* answer later */
};

/* What one client of the test has got. */
struct peer {
	struct channel channel;
	unsigned int rows;
	bool ended; /* by a CONTROL_END */
	unsigned int code;
	char text[200];
	bool closed; /* by the daemon */
};

static void
on_request(void *arg, struct control_client *client, const struct control_request *request)
{
	struct fixture *fixture = arg;
	int fd = fds_take(request->fds, 0);
	size_t used = 0;

	fixture->requests++;
	fixture->client = client;
	fixture->may_change = request->may_change;
	fixture->uid = request->uid;
	memcpy(fixture->command, request->command, sizeof(fixture->command));
	fixture->args[0] = '\0';
	for (size_t i = 0; i < request->args.count && used < sizeof(fixture->args); i++)
		used += (size_t)snprintf(fixture->args + used, sizeof(fixture->args) - used,
		    "%.*s,", (int)request->args.items[i].len,
		    (const char *)request->args.items[i].data);
	if (fd >= 0) {
		ssize_t got = read(fd, fixture->file, sizeof(fixture->file) - 1);

		assert_true(got >= 0);
		close(fd);
	}
	if (fixture->hold)
		return;
	assert_int_equal(control_row(client, bytes_of_text("{\"n\":1}")), STATUS_OK);
	assert_int_equal(control_row(client, bytes_of_text("{\"n\":2}")), STATUS_OK);
	control_end(client, 3, "no more");
	assert_int_equal(control_row(client, bytes_of_text("{}")), STATUS_CLOSED);
}

static void
on_gone(void *arg, struct control_client *client)
{
	struct fixture *fixture = arg;

	fixture->gone++;
	if (fixture->client == client)
		fixture->client = NULL;
}

static const struct control_ops ops = {.request = on_request, .gone = on_gone};

static int
listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 2 * CONTROL_CLIENTS_MAX), 0);
	return fd;
}

static int
open_control(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	*state = fixture;
	if (!temp_dir_make(&fixture->dir))
		return -1;
	snprintf(fixture->path, sizeof(fixture->path), "%s/control", fixture->dir.path);
	fixture->loop = loop_new();
	fixture->control = control_new_take(fixture->loop, listen_at(fixture->path), GROUP_READ,
	    GROUP_CHANGE, &ops, fixture);
	return 0;
}

static int
close_control(void **state)
{
	struct fixture *fixture = *state;

	control_free(fixture->control);
	loop_free(fixture->loop);
	temp_dir_remove(&fixture->dir);
	free(fixture);
	return 0;
}

/* --- clients --- */

static enum status
peer_on_frame(void *arg, struct channel_frame *frame)
{
	struct peer *peer = arg;
	struct control_end end;

	assert_false(peer->ended);
	if (frame->type == CONTROL_ROW) {
		peer->rows++;
		return STATUS_OK;
	}
	assert_int_equal(frame->type, CONTROL_END);
	assert_int_equal(edge_message_get(frame->payload, control_end_fields, sizeof(end),
			     &end),
	    STATUS_OK);
	peer->ended = true;
	peer->code = end.code;
	snprintf(peer->text, sizeof(peer->text), "%.*s", (int)end.text.len,
	    (const char *)end.text.data);
	return STATUS_OK;
}

static void
peer_on_ended(void *arg, enum status why)
{
	((struct peer *)arg)->closed = true;
}

static const struct channel_ops peer_ops = {.frame = peer_on_frame, .ended = peer_on_ended};

static int
connect_to(const struct fixture *fixture)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, fixture->path, strlen(fixture->path));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void
peer_open(struct peer *peer, const struct fixture *fixture)
{
	*peer = (struct peer){.rows = 0};
	channel_init(&peer->channel, fixture->loop, &peer_ops, peer, CONTROL_ROW_MAX,
	    4 * CONTROL_REQUEST_MAX);
	channel_open(&peer->channel, connect_to(fixture));
}

static void
peer_ask(struct peer *peer, const char *command, const struct edge_list *args, struct fds *fds)
{
	struct control_message message = {.command = bytes_of_text(command)};
	struct buf payload;

	if (args != NULL)
		message.args = *args;
	buf_init(&payload, CONTROL_REQUEST_MAX);
	edge_message_put(&payload, control_message_fields, &message);
	assert_true(buf_ok(&payload));
	assert_int_equal(channel_put(&peer->channel, CONTROL_REQUEST, buf_bytes(&payload),
			     bytes_of("", 0), fds),
	    STATUS_OK);
	buf_done(&payload);
}

/* Turns the loop until a condition that both sides can bring about holds, or too long. */
#define TURN_UNTIL(fixture, condition)                                   \
	do {                                                             \
		for (int turn = 0; turn < TURNS && !(condition); turn++) \
			loop_turn((fixture)->loop, 20);                  \
		assert_true(condition);                                  \
	} while (0)

/* --- one request --- */

static void
a_request_gets_its_rows_and_its_end(void **state)
{
	struct edge_list args = {.items = {bytes_of_text("reason=revoked"),
				     bytes_of_text("limit=5")},
	    .count = 2};
	struct fixture *fixture = *state;
	struct peer peer;

	peer_open(&peer, fixture);
	peer_ask(&peer, "failures", &args, NULL);
	TURN_UNTIL(fixture, peer.closed);
	assert_int_equal(peer.rows, 2);
	assert_true(peer.ended);
	assert_int_equal(peer.code, 3);
	assert_string_equal(peer.text, "no more");
	assert_string_equal(fixture->command, "failures");
	assert_string_equal(fixture->args, "reason=revoked,limit=5,");
	assert_int_equal(fixture->uid, geteuid());
	assert_true(fixture->may_change);
	assert_int_equal(fixture->gone, 1);
	channel_done(&peer.channel);
}

static void
an_answer_may_come_later(void **state)
{
	struct fixture *fixture = *state;
	int mark;
	struct peer peer;

	fixture->hold = true;
	peer_open(&peer, fixture);
	peer_ask(&peer, "status", NULL, NULL);
	TURN_UNTIL(fixture, fixture->client != NULL);
	control_set_data(fixture->client, &mark);
	assert_ptr_equal(control_data(fixture->client), &mark);
	loop_turn(fixture->loop, 0);
	assert_false(peer.ended);
	assert_int_equal(control_row(fixture->client, bytes_of_text("{}")), STATUS_OK);
	control_end(fixture->client, 0, NULL);
	TURN_UNTIL(fixture, peer.closed);
	assert_int_equal(peer.rows, 1);
	assert_int_equal(peer.code, 0);
	assert_string_equal(peer.text, "");
	channel_done(&peer.channel);
}

static void
descriptors_are_passed_and_closed_where_not_taken(void **state)
{
	struct fixture *fixture = *state;
	struct fds fds = {.count = 0};
	struct peer peer;
	char byte;
	int file[2], ignored[2];

	assert_int_equal(pipe(file), 0);
	assert_int_equal(pipe(ignored), 0);
	assert_int_equal(write(file[1], "certificate", 11), 11);
	fds_add(&fds, file[0]);
	fds_add(&fds, ignored[1]);
	peer_open(&peer, fixture);
	peer_ask(&peer, "cert install", NULL, &fds);
	TURN_UNTIL(fixture, peer.closed);
	assert_string_equal(fixture->file, "certificate");
	assert_int_equal(read(ignored[0], &byte, 1), 0); /* no writer is left */
	close(file[1]);
	close(ignored[0]);
	channel_done(&peer.channel);
}

static void
one_who_leaves_is_told_once(void **state)
{
	struct fixture *fixture = *state;
	struct peer asked, silent;

	fixture->hold = true;
	peer_open(&asked, fixture);
	peer_open(&silent, fixture);
	peer_ask(&asked, "status", NULL, NULL);
	TURN_UNTIL(fixture, fixture->client != NULL);
	channel_done(&silent.channel);
	channel_done(&asked.channel);
	TURN_UNTIL(fixture, fixture->client == NULL);
	loop_turn(fixture->loop, 0);
	assert_int_equal(fixture->gone, 1);
}

static void
whoever_waits_when_the_socket_is_closed_is_gone(void **state)
{
	struct fixture *fixture = *state;
	struct peer peer;

	fixture->hold = true;
	peer_open(&peer, fixture);
	peer_ask(&peer, "status", NULL, NULL);
	TURN_UNTIL(fixture, fixture->client != NULL);
	control_free(fixture->control);
	fixture->control = NULL;
	assert_int_equal(fixture->gone, 1);
	TURN_UNTIL(fixture, peer.closed);
	assert_false(peer.ended);
	channel_done(&peer.channel);
}

/* --- clients that break the rules --- */

/* Sends bytes as they are; the daemon closes and hands nothing out. */
static void
assert_refused(struct fixture *fixture, struct bytes bytes)
{
	struct peer peer;

	peer_open(&peer, fixture);
	assert_int_equal(send(peer.channel.fd, bytes.data, bytes.len, MSG_NOSIGNAL), bytes.len);
	TURN_UNTIL(fixture, peer.closed);
	assert_int_equal(fixture->requests, 0);
	assert_false(peer.ended);
	channel_done(&peer.channel);
}

static void
a_frame_over_the_maximum_is_refused_by_its_length(void **state)
{
	uint8_t header[FRAME_HEADER_SIZE];

	frame_header(header, CONTROL_REQUEST, CONTROL_REQUEST_MAX + 1);
	assert_refused(*state, bytes_of(header, sizeof(header)));
}

static void
put_request(struct buf *out, uint8_t type, size_t command_len, bool tail)
{
	static const char letters[CONTROL_COMMAND_MAX + 1] = {
	    [0 ... CONTROL_COMMAND_MAX] = 'x'};
	struct control_message message = {.command = bytes_of(letters, command_len)};
	size_t begin = frame_begin(out, type);

	edge_message_put(out, control_message_fields, &message);
	if (tail)
		buf_put_u8(out, 0);
	frame_end(out, begin);
}

static void
what_is_not_a_request_is_refused(void **state)
{
	const struct {
		uint8_t type;
		size_t command_len;
		bool tail;
	} cases[] = {
	    {CONTROL_ROW, 6, false},
	    {CONTROL_END, 6, false},
	    {0, 6, false},
	    {CHANNEL_TYPE_FDS, 6, false}, /* descriptors that did not come */
	    {CONTROL_REQUEST, CONTROL_COMMAND_MAX, false},
	    {CONTROL_REQUEST, 6, true},
	};
	struct buf bytes;

	buf_init(&bytes, 1000);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		buf_clear(&bytes);
		put_request(&bytes, cases[i].type, cases[i].command_len, cases[i].tail);
		assert_refused(*state, buf_bytes(&bytes));
	}
	buf_done(&bytes);
}

static void
the_longest_command_is_a_whole_text(void **state)
{
	struct fixture *fixture = *state;
	struct peer peer;
	struct buf bytes;

	buf_init(&bytes, 1000);
	put_request(&bytes, CONTROL_REQUEST, CONTROL_COMMAND_MAX - 1, false);
	peer_open(&peer, fixture);
	assert_int_equal(send(peer.channel.fd, bytes.data, bytes.len, 0), bytes.len);
	TURN_UNTIL(fixture, peer.closed);
	assert_int_equal(strlen(fixture->command), CONTROL_COMMAND_MAX - 1);
	channel_done(&peer.channel);
	buf_done(&bytes);
}

static void
a_second_request_ends_the_connection(void **state)
{
	struct fixture *fixture = *state;
	struct peer peer;

	fixture->hold = true;
	peer_open(&peer, fixture);
	peer_ask(&peer, "status", NULL, NULL);
	peer_ask(&peer, "status", NULL, NULL);
	TURN_UNTIL(fixture, peer.closed);
	assert_int_equal(fixture->requests, 1);
	assert_int_equal(fixture->gone, 1);
	channel_done(&peer.channel);
}

/* --- clients that take their time --- */

static void
a_client_that_does_not_read_stops_the_rows_but_not_the_end(void **state)
{
	static char json[1 << 16];
	struct fixture *fixture = *state;
	unsigned int put = 0;
	enum status status;
	struct peer peer;

	memset(json, ' ', sizeof(json));
	fixture->hold = true;
	peer_open(&peer, fixture);
	peer_ask(&peer, "events", NULL, NULL);
	TURN_UNTIL(fixture, fixture->client != NULL);
	while (control_row(fixture->client, bytes_of(json, sizeof(json))) == STATUS_OK)
		put++;
	assert_in_range(put, CONTROL_OUT_MAX / sizeof(json) - 2,
	    CONTROL_OUT_MAX / sizeof(json));
	while ((status = control_row(fixture->client, bytes_of(json, 1))) == STATUS_OK)
		put++; /* until not a byte more fits */
	assert_int_equal(status, STATUS_AGAIN);
	control_end(fixture->client, 1, "not all of them");
	assert_non_null(fixture->client);
	TURN_UNTIL(fixture, peer.closed);
	assert_int_equal(peer.rows, put);
	assert_true(peer.ended);
	assert_string_equal(peer.text, "not all of them");
	channel_done(&peer.channel);
}

static void
rows_go_on_when_the_client_has_read(void **state)
{
	static char json[1 << 16];
	struct fixture *fixture = *state;
	unsigned int put = 0;
	struct peer peer;

	memset(json, ' ', sizeof(json));
	fixture->hold = true;
	peer_open(&peer, fixture);
	peer_ask(&peer, "events", NULL, NULL);
	TURN_UNTIL(fixture, fixture->client != NULL);
	for (int round = 0; round < 3; round++) {
		while (control_row(fixture->client, bytes_of(json, sizeof(json))) == STATUS_OK)
			put++;
		TURN_UNTIL(fixture, peer.rows == put);
	}
	assert_true(put > 2 * CONTROL_OUT_MAX / sizeof(json));
	channel_done(&peer.channel);
}

static void
those_who_never_ask_make_room_for_those_who_do(void **state)
{
	struct fixture *fixture = *state;
	struct peer silent[CONTROL_CLIENTS_MAX], peer;

	for (size_t i = 0; i < COUNT_OF(silent); i++)
		peer_open(&silent[i], fixture);
	peer_open(&peer, fixture);
	peer_ask(&peer, "status", NULL, NULL);
	TURN_UNTIL(fixture, peer.closed);
	assert_true(peer.ended);
	TURN_UNTIL(fixture, silent[0].closed);
	assert_false(silent[1].closed);
	for (size_t i = 0; i < COUNT_OF(silent); i++)
		channel_done(&silent[i].channel);
	channel_done(&peer.channel);
}

static void
there_is_a_largest_number_of_those_who_wait_for_an_answer(void **state)
{
	struct fixture *fixture = *state;
	struct peer asking[CONTROL_CLIENTS_MAX], peer;

	fixture->hold = true;
	for (size_t i = 0; i < COUNT_OF(asking); i++) {
		peer_open(&asking[i], fixture);
		peer_ask(&asking[i], "status", NULL, NULL);
	}
	TURN_UNTIL(fixture, fixture->requests == CONTROL_CLIENTS_MAX);
	peer_open(&peer, fixture);
	TURN_UNTIL(fixture, peer.closed);
	assert_false(asking[0].closed);
	for (size_t i = 0; i < COUNT_OF(asking); i++)
		channel_done(&asking[i].channel);
	channel_done(&peer.channel);
}

/* --- who asks --- */

/* Connects as another user, as far as the kernel tells; needs root. */
static void
peer_open_as(struct peer *peer, struct fixture *fixture, uid_t uid, gid_t gid, gid_t second)
{
	gid_t own_gid = getegid(), own_groups[64];
	int own_count = getgroups((int)COUNT_OF(own_groups), own_groups);

	assert_true(own_count >= 0);
	assert_int_equal(chmod(fixture->dir.path, 0755), 0);
	assert_int_equal(chmod(fixture->path, 0666), 0);
	assert_int_equal(setgroups(second != 0 ? 1 : 0, &second), 0);
	assert_int_equal(setegid(gid), 0);
	assert_int_equal(seteuid(uid), 0);
	peer_open(peer, fixture);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(setegid(own_gid), 0);
	assert_int_equal(setgroups((size_t)own_count, own_groups), 0);
}

static void
the_kernel_says_who_may_read_and_who_may_change(void **state)
{
	static const struct {
		uid_t uid;
		gid_t gid, second;
		bool may_read, may_change;
	} cases[] = {
	    {0, 0, 0, true, true},
	    {NOBODY, GROUP_READ, 0, true, false},
	    {NOBODY, GROUP_OTHER, GROUP_READ, true, false},
	    {NOBODY, GROUP_CHANGE, 0, true, true},
	    {NOBODY, GROUP_OTHER, GROUP_CHANGE, true, true},
	    {NOBODY, GROUP_OTHER, 0, false, false},
	};
	struct fixture *fixture = *state;
	struct peer peer;

	if (geteuid() != 0)
		SKIP_TEST("what it needs is not here");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		fixture->requests = fixture->gone = 0;
		peer_open_as(&peer, fixture, cases[i].uid, cases[i].gid, cases[i].second);
		peer_ask(&peer, "status", NULL, NULL);
		TURN_UNTIL(fixture, peer.closed);
		assert_true(peer.ended);
		assert_int_equal(fixture->requests, cases[i].may_read);
		assert_int_equal(fixture->gone, cases[i].may_read);
		if (cases[i].may_read) {
			assert_int_equal(fixture->may_change, cases[i].may_change);
			assert_int_equal(fixture->uid, cases[i].uid);
		} else {
			assert_int_equal(peer.code, 4);
			assert_string_not_equal(peer.text, "");
		}
		channel_done(&peer.channel);
	}
}

/* --- the command line's side --- */

static void
serve_one_by_one(void *arg, struct control_client *client,
    const struct control_request *request)
{
	char json[32];

	if (strcmp(request->command, "die") == 0)
		_exit(0);
	for (size_t i = 0; i < request->args.count; i++) {
		int len = snprintf(json, sizeof(json), "{\"n\":%zu}", i);

		if (control_row(client, bytes_of(json, (size_t)len)) != STATUS_OK)
			_exit(1);
	}
	control_end(client, request->fds->count > 0 ? 6 : 0, "as told");
}

static void
ignore_gone(void *arg, struct control_client *client)
{
}

/* A daemon in a child process; ends with us. */
static pid_t
start_daemon(const char *path)
{
	static const struct control_ops daemon_ops = {.request = serve_one_by_one,
	    .gone = ignore_gone};
	int fd = listen_at(path);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct loop *loop = loop_new();

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		control_new_take(loop, fd, (gid_t)-1, (gid_t)-1, &daemon_ops, NULL);
		loop_run(loop);
		_exit(0);
	}
	close(fd);
	return pid;
}

static void
count_row(struct bytes json, void *arg)
{
	char expected[32];

	snprintf(expected, sizeof(expected), "{\"n\":%u}", (*(unsigned int *)arg)++);
	assert_true(bytes_equal_text(json, expected));
}

static int
ask(const char *path, const char *command, size_t args, struct fds *fds, unsigned int *ret_rows,
    char **ret_text)
{
	struct control_message message = {.command = bytes_of_text(command)};

	for (size_t i = 0; i < args; i++)
		message.args.items[message.args.count++] = bytes_of_text("x");
	*ret_rows = 0;
	return control_ask(path, &message, fds, count_row, ret_rows, ret_text);
}

static void
the_command_line_gets_rows_code_and_text(void **state)
{
	struct fixture *fixture = *state;
	struct fds fds = {.count = 0};
	char path[sizeof(fixture->path) + 8], *text;
	unsigned int rows;
	pid_t daemon;
	int status;

	snprintf(path, sizeof(path), "%s-2", fixture->path);
	daemon = start_daemon(path);
	assert_int_equal(ask(path, "three", 3, &fds, &rows, &text), 0);
	assert_int_equal(rows, 3);
	free(text);
	fds_add(&fds, dup(0));
	assert_int_equal(ask(path, "none", 0, &fds, &rows, &text), 6);
	assert_int_equal(rows, 0);
	assert_string_equal(text, "as told");
	assert_int_equal(fds.count, 0);
	free(text);
	assert_int_equal(ask(path, "die", 0, &fds, &rows, &text), 1);
	assert_non_null(strstr(text, "ended the connection"));
	free(text);
	assert_int_equal(waitpid(daemon, &status, 0), daemon);
	assert_int_equal(status, 0);
}

static void
a_daemon_that_is_not_there_is_told_with_its_path(void **state)
{
	struct fixture *fixture = *state;
	struct fds fds = {.count = 0};
	char path[200], *text;
	unsigned int rows;

	snprintf(path, sizeof(path), "%s-none", fixture->path);
	fds_add(&fds, dup(0));
	assert_int_equal(ask(path, "status", 0, &fds, &rows, &text), 5);
	assert_non_null(strstr(text, path));
	assert_non_null(strstr(text, "No such file"));
	assert_int_equal(fds.count, 0);
	free(text);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(ask(path, "status", 0, &fds, &rows, &text), 5);
	assert_non_null(strstr(text, "too long"));
	free(text);
}

static void
a_request_that_is_too_long_is_not_sent(void **state)
{
	static char letters[CONTROL_REQUEST_MAX];
	struct control_message message = {.command = bytes_of_text("status"),
	    .args = {.items = {bytes_of(letters, sizeof(letters))}, .count = 1}};
	struct fixture *fixture = *state;
	struct fds fds = {.count = 0};
	unsigned int rows = 0;
	char *text;

	memset(letters, 'x', sizeof(letters));
	assert_int_equal(control_ask(fixture->path, &message, &fds, count_row, &rows, &text),
	    1);
	assert_string_equal(text, "the request is too long");
	free(text);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_control, close_control)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_request_gets_its_rows_and_its_end),
	    CASE(an_answer_may_come_later),
	    CASE(descriptors_are_passed_and_closed_where_not_taken),
	    CASE(one_who_leaves_is_told_once),
	    CASE(whoever_waits_when_the_socket_is_closed_is_gone),
	    CASE(a_frame_over_the_maximum_is_refused_by_its_length),
	    CASE(what_is_not_a_request_is_refused),
	    CASE(the_longest_command_is_a_whole_text),
	    CASE(a_second_request_ends_the_connection),
	    CASE(a_client_that_does_not_read_stops_the_rows_but_not_the_end),
	    CASE(rows_go_on_when_the_client_has_read),
	    CASE(those_who_never_ask_make_room_for_those_who_do),
	    CASE(there_is_a_largest_number_of_those_who_wait_for_an_answer),
	    CASE(the_kernel_says_who_may_read_and_who_may_change),
	    CASE(the_command_line_gets_rows_code_and_text),
	    CASE(a_daemon_that_is_not_there_is_told_with_its_path),
	    CASE(a_request_that_is_too_long_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

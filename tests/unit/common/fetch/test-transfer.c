/* SPDX-License-Identifier: Apache-2.0
 *
 * Transfers against a server in a child process that gives one canned answer a path.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/fetch/transfer.h"
#include "common/loop/loop.h"

static const char *const answers[][2] = {
    {"GET /good ", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"v1\"\r\n\r\nhello"},
    {"GET /missing ", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
    {"GET /moved ", "HTTP/1.1 302 Found\r\nLocation: /good\r\nContent-Length: 0\r\n\r\n"},
    {"GET /short ", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhello"},
    {"GET /large ", "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"},
    {"GET /endless ", "HTTP/1.1 200 OK\r\n\r\n0123456789012345678901234567890123456789"},
    {"GET /junk ", "SSH-2.0-OpenSSH_9.2\r\n"},
    {"GET /same ", "HTTP/1.1 304 Not Modified\r\n\r\n"},
    {"GET /gzip ",
	"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"},
    {"GET /silent ", NULL},
};

static uint16_t port;
static pid_t server;

static void
serve_one(int client)
{
	char request[2048];
	ssize_t got = read(client, request, sizeof(request) - 1);

	for (size_t i = 0; got > 0 && i < COUNT_OF(answers); i++) {
		if (strncmp(request, answers[i][0], strlen(answers[i][0])) != 0)
			continue;
		if (answers[i][1] == NULL)
			return; /* the descriptor stays open: silence */
		if (write(client, answers[i][1], strlen(answers[i][1])) < 0)
			break;
	}
	close(client);
}

static int
start_server(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 16) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		return -1;
	port = ntohs(address.sin_port);
	server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			serve_one(accept(fd, NULL, NULL));
	}
	close(fd);
	return transfers_prepare_process() == STATUS_OK ? 0 : -1;
}

static int
stop_server(void **state)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	return 0;
}

struct seen {
	struct loop *loop;
	unsigned int wanted, count;
	uint64_t id;
	enum edge_fetch_outcome outcome;
	uint16_t http_status;
	char etag[40];
	char body[100];
	int64_t at_ms;
	bool connected;
};

static void
on_done(void *arg, uint64_t id, const struct transfer_result *result)
{
	struct seen *seen = arg;
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);

	seen->id = id;
	seen->outcome = result->outcome;
	seen->http_status = result->http_status;
	seen->at_ms = clock_mono_ms();
	snprintf(seen->etag, sizeof(seen->etag), "%.*s", (int)result->etag.len,
	    (const char *)result->etag.data);
	if (result->fd >= 0 && result->len > 0)
		assert_int_equal(fileio_pread_all(result->fd, seen->body, result->len, 0),
		    STATUS_OK);
	if (result->fd >= 0 && result->len == 0)
		seen->connected = getpeername(result->fd, (struct sockaddr *)&peer, &len) == 0;
	fileio_close(result->fd);
	if (++seen->count == seen->wanted)
		loop_stop(seen->loop);
}

static struct edge_fetch_get
get_of(char url[static 128], const char *path)
{
	snprintf(url, 128, "http://127.0.0.1:%u%s", port, path);
	return (
	    struct edge_fetch_get){.id = 7, .url = bytes_of(url, strlen(url)), .max_bytes = 30};
}

static struct transfers *
open_transfers(struct seen *seen, bool allow_loopback)
{
	struct transfers_policy policy = {.allow_loopback = allow_loopback,
	    .connect_ms = 2000,
	    .total_ms = 400};

	*seen = (struct seen){.loop = loop_new(), .wanted = 1};
	return transfers_new(seen->loop, &policy, on_done, seen);
}

static void
close_transfers(struct transfers *transfers, struct seen *seen)
{
	transfers_free(transfers);
	loop_free(seen->loop);
}

static struct seen
fetch(const char *path, bool allow_loopback, const char *etag)
{
	struct seen seen;
	struct transfers *transfers = open_transfers(&seen, allow_loopback);
	char url[128];
	struct edge_fetch_get get = get_of(url, path);

	get.etag = bytes_of_text(etag);
	transfers_get(transfers, &get);
	assert_int_equal(seen.count, 0); /* never within the call */
	loop_run(seen.loop);
	close_transfers(transfers, &seen);
	return seen;
}

static void
a_body_arrives_whole(void **state)
{
	struct seen seen = fetch("/good", true, "");

	assert_int_equal(seen.outcome, EDGE_FETCH_OK);
	assert_int_equal(seen.id, 7);
	assert_string_equal(seen.body, "hello");
	assert_string_equal(seen.etag, "\"v1\"");
}

static void
what_a_hostile_server_does_is_told_apart(void **state)
{
	static const struct {
		const char *path;
		enum edge_fetch_outcome outcome;
	} cases[] = {{"/missing", EDGE_FETCH_STATUS}, {"/moved", EDGE_FETCH_STATUS},
	    {"/short", EDGE_FETCH_TRUNCATED}, {"/large", EDGE_FETCH_TOO_LARGE},
	    {"/endless", EDGE_FETCH_TOO_LARGE}, {"/junk", EDGE_FETCH_PROTOCOL},
	    {"/silent", EDGE_FETCH_TIMEOUT}, {"/gzip", EDGE_FETCH_OK}};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(fetch(cases[i].path, true, "").outcome, cases[i].outcome);
	assert_int_equal(fetch("/moved", true, "").http_status, 302);
}

static void
an_answer_of_not_modified_counts_only_when_asked_for(void **state)
{
	assert_int_equal(fetch("/same", true, "\"v1\"").outcome, EDGE_FETCH_NOT_MODIFIED);
	assert_int_equal(fetch("/same", true, "").outcome, EDGE_FETCH_STATUS);
}

static void
loopback_is_refused_unless_allowed(void **state)
{
	assert_int_equal(fetch("/good", false, "").outcome, EDGE_FETCH_DENIED);
}

static void
a_silent_host_does_not_take_the_time_of_the_next_request(void **state)
{
	struct seen seen;
	struct transfers *transfers = open_transfers(&seen, true);
	char url[2][128];
	struct edge_fetch_get silent = get_of(url[0], "/silent"),
			      good = get_of(url[1], "/good");

	good.id = 8;
	seen.wanted = 2;
	transfers_get(transfers, &silent);
	transfers_get(transfers, &good); /* waits for its host, and has its full time then */
	loop_run(seen.loop);
	assert_int_equal(seen.id, 8);
	assert_int_equal(seen.outcome, EDGE_FETCH_OK);
	close_transfers(transfers, &seen);
}

static void
a_dial_gives_a_connected_socket(void **state)
{
	struct seen seen;
	struct transfers *transfers = open_transfers(&seen, false);
	struct edge_fetch_dial dial = {.id = 9,
	    .host = bytes_of_text("127.0.0.1"),
	    .port = port,
	    .timeout_ms = 1000};

	transfers_dial(transfers, &dial);
	loop_run(seen.loop);
	assert_int_equal(seen.outcome, EDGE_FETCH_OK);
	assert_true(seen.connected);
	close_transfers(transfers, &seen);
}

static void
a_dial_that_is_refused_says_so(void **state)
{
	struct seen seen;
	struct transfers *transfers = open_transfers(&seen, false);
	struct edge_fetch_dial dial = {.id = 9,
	    .host = bytes_of_text("127.0.0.1"),
	    .port = 1,
	    .timeout_ms = 1000};

	transfers_dial(transfers, &dial);
	loop_run(seen.loop);
	assert_int_equal(seen.outcome, EDGE_FETCH_CONNECT);
	close_transfers(transfers, &seen);
}

static void
what_is_not_finished_is_dropped_clean(void **state)
{
	struct seen seen;
	struct transfers *transfers = open_transfers(&seen, true);
	char url[128];
	struct edge_fetch_get silent = get_of(url, "/silent");

	for (int i = 0; i < 3; i++)
		transfers_get(transfers, &silent);
	loop_turn(seen.loop, 20);
	close_transfers(transfers, &seen);
	assert_int_equal(seen.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_body_arrives_whole),
	    cmocka_unit_test(what_a_hostile_server_does_is_told_apart),
	    cmocka_unit_test(an_answer_of_not_modified_counts_only_when_asked_for),
	    cmocka_unit_test(loopback_is_refused_unless_allowed),
	    cmocka_unit_test(a_silent_host_does_not_take_the_time_of_the_next_request),
	    cmocka_unit_test(a_dial_gives_a_connected_socket),
	    cmocka_unit_test(a_dial_that_is_refused_says_so),
	    cmocka_unit_test(what_is_not_finished_is_dropped_clean),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}

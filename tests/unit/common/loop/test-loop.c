/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/loop/loop.h"

/* What a callback saw, and what it is to do. */
struct seen {
	struct loop *loop;
	struct loop_io *io;
	struct loop_timer *timer;
	int fd;
	unsigned calls;
	unsigned ready; /* of the last call */
	bool read;      /* read one byte each time */
	bool free_self;
	unsigned stop_at; /* stops the loop at this call */
	char *order;      /* appends its letter */
	char letter;
};

static void
seen_call(struct seen *seen)
{
	seen->calls++;
	if (seen->order != NULL)
		strncat(seen->order, &seen->letter, 1);
	if (seen->calls == seen->stop_at)
		loop_stop(seen->loop);
}

static void
on_ready(unsigned ready, void *arg)
{
	struct seen *seen = arg;
	char byte;

	seen->ready = ready;
	if (seen->read)
		assert_true(read(seen->fd, &byte, 1) >= 0);
	if (seen->free_self) {
		loop_io_free(seen->io);
		seen->io = NULL;
	}
	seen_call(seen);
}

static void
on_fire(void *arg)
{
	struct seen *seen = arg;

	if (seen->free_self) {
		loop_timer_free(seen->timer);
		seen->timer = NULL;
	}
	seen_call(seen);
}

static void
on_deferred(void *arg)
{
	seen_call(arg);
}

static void
make_pair(int pair[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
			     pair),
	    0);
}

static void
close_pair(int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

/* A connected TCP pair on loopback. */
static void
make_tcp_pair(int pair[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	pair[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(pair[0], (struct sockaddr *)&address, len), 0);
	pair[1] = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_true(pair[1] >= 0);
	close(listener);
}

static void
a_descriptor_is_called_for_what_it_wants_and_no_longer(void **state)
{
	struct loop *loop = loop_new();
	struct seen seen = {.loop = loop, .read = true};
	int pair[2];

	make_pair(pair);
	seen.fd = pair[0];
	seen.io = loop_io_new(loop, pair[0], LOOP_NOW, on_ready, &seen);
	assert_int_equal(write(pair[1], "ab", 2), 2);
	loop_turn(loop, 0);
	assert_int_equal(seen.calls, 0); /* no interest yet */

	loop_io_want(seen.io, LOOP_READ);
	loop_turn(loop, 0);
	assert_int_equal(seen.calls, 1);
	assert_int_equal(seen.ready, LOOP_READ);

	loop_io_want(seen.io, 0);
	loop_turn(loop, 0);
	assert_int_equal(seen.calls, 1);

	seen.read = false;
	loop_io_want(seen.io, LOOP_READ | LOOP_WRITE);
	loop_turn(loop, 0);
	assert_int_equal(seen.ready, LOOP_READ | LOOP_WRITE);
	loop_io_free(seen.io);
	loop_free(loop);
	close_pair(pair);
}

static void
a_watch_may_free_itself_in_its_callback(void **state)
{
	for (int class = LOOP_NOW; class <= LOOP_LATER; class ++) {
		struct loop *loop = loop_new();
		struct seen seen = {.loop = loop, .free_self = true};
		int pair[2];

		make_pair(pair);
		seen.io = loop_io_new(loop, pair[0], (enum loop_class) class, on_ready, &seen);
		loop_io_want(seen.io, LOOP_READ | LOOP_HANGUP);
		assert_int_equal(write(pair[1], "a", 1), 1);
		close(pair[1]);
		for (int i = 0; i < 3; i++)
			loop_turn(loop, 0);
		assert_int_equal(seen.calls, 1);
		close(pair[0]);
		loop_free(loop);
	}
}

/* The trap that common/loop/io.c speaks of: no spinning, whatever ends the connection. */
static void
a_hang_up_is_told_once_while_bytes_stay_unread(void **state)
{
	for (int reset = 0; reset <= 1; reset++) {
		struct loop *loop = loop_new();
		struct seen seen = {.loop = loop};
		struct linger linger = {.l_onoff = reset};
		int pair[2];

		make_tcp_pair(pair);
		seen.io = loop_io_new(loop, pair[1], LOOP_NOW, on_ready, &seen);
		loop_io_want(seen.io, LOOP_HANGUP);
		assert_int_equal(write(pair[0], "unread", 6), 6);
		loop_turn(loop, 20);
		loop_turn(loop, 20);
		assert_int_equal(seen.calls, 0);

		setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		close(pair[0]);
		for (int i = 0; i < 10; i++)
			loop_turn(loop, 5);
		assert_int_equal(seen.calls, 1);
		assert_int_equal(seen.ready, LOOP_HANGUP);

		/* nothing is left that would wake the loop */
		int64_t before_ms = clock_mono_ms();
		loop_turn(loop, 50);
		assert_true(clock_mono_ms() - before_ms >= 45);
		loop_io_free(seen.io);
		close(pair[1]);
		loop_free(loop);
	}
}

static void
bytes_that_came_while_only_the_hang_up_was_wanted_are_read_later(void **state)
{
	struct loop *loop = loop_new();
	struct seen seen = {.loop = loop};
	int pair[2];

	make_pair(pair);
	seen.io = loop_io_new(loop, pair[0], LOOP_NOW, on_ready, &seen);
	loop_io_want(seen.io, LOOP_HANGUP);
	assert_int_equal(write(pair[1], "x", 1), 1);
	loop_turn(loop, 10);
	assert_int_equal(seen.calls, 0);
	loop_io_want(seen.io, LOOP_READ | LOOP_HANGUP);
	loop_turn(loop, 10);
	assert_int_equal(seen.ready, LOOP_READ);
	close(pair[1]);
	loop_turn(loop, 10);
	assert_int_equal(seen.ready, LOOP_READ | LOOP_HANGUP);
	loop_io_free(seen.io);
	close(pair[0]);
	loop_free(loop);
}

static void
the_later_class_comes_after_and_a_few_a_turn_and_never_starves(void **state)
{
	enum {
		LATER = LOOP_LATER_A_TURN + 3
	};
	struct loop *loop = loop_new();
	char order[64] = "";
	struct seen now = {.loop = loop, .order = order, .letter = 'n'};
	struct seen later[LATER];
	int now_pair[2], pairs[LATER][2];

	make_pair(now_pair);
	for (int i = 0; i < LATER; i++) {
		make_pair(pairs[i]);
		later[i] = (struct seen){.loop = loop,
		    .order = order,
		    .letter = 'l',
		    .fd = pairs[i][0],
		    .read = true};
		later[i].io = loop_io_new(loop, pairs[i][0], LOOP_LATER, on_ready, &later[i]);
		loop_io_want(later[i].io, LOOP_READ);
		assert_int_equal(write(pairs[i][1], "x", 1), 1);
	}
	/* always ready: writable */
	now.io = loop_io_new(loop, now_pair[0], LOOP_NOW, on_ready, &now);
	loop_io_want(now.io, LOOP_WRITE);
	loop_turn(loop, -1);
	loop_turn(loop, -1);
	assert_string_equal(order, "nllllllllnlll");
	loop_io_free(now.io);
	close_pair(now_pair);
	for (int i = 0; i < LATER; i++) {
		loop_io_free(later[i].io);
		close_pair(pairs[i]);
	}
	loop_free(loop);
}

static void
a_watch_freed_while_it_waits_for_its_place_is_not_called(void **state)
{
	struct loop *loop = loop_new();
	struct seen seen[LOOP_LATER_A_TURN + 1];
	int pairs[LOOP_LATER_A_TURN + 1][2];
	unsigned calls = 0;

	for (int i = 0; i <= LOOP_LATER_A_TURN; i++) {
		make_pair(pairs[i]);
		seen[i] = (struct seen){.loop = loop};
		seen[i].io = loop_io_new(loop, pairs[i][0], LOOP_LATER, on_ready, &seen[i]);
		loop_io_want(seen[i].io, LOOP_WRITE);
	}
	loop_turn(loop, 0);
	for (int i = 0; i <= LOOP_LATER_A_TURN; i++) {
		if (seen[i].calls == 0) {
			loop_io_free(seen[i].io);
			seen[i].io = NULL;
		}
	}
	loop_turn(loop, 0);
	for (int i = 0; i <= LOOP_LATER_A_TURN; i++) {
		if (seen[i].io == NULL)
			assert_int_equal(seen[i].calls, 0);
		calls += seen[i].io == NULL;
		loop_io_free(seen[i].io);
		close_pair(pairs[i]);
	}
	assert_int_equal(calls, 1);
	loop_free(loop);
}

static void
a_timer_is_never_early(void **state)
{
	struct loop *loop = loop_new();
	struct seen seen = {.loop = loop};
	int64_t begun_ms;

	seen.timer = loop_timer_new(loop, on_fire, &seen);
	for (int delay_ms = 0; delay_ms < 20; delay_ms++) {
		seen.stop_at = seen.calls + 1;
		begun_ms = clock_mono_ms();
		loop_timer_once(seen.timer, delay_ms);
		assert_true(loop_timer_is_set(seen.timer));
		loop_run(loop);
		assert_true(clock_mono_ms() - begun_ms >= delay_ms);
		assert_false(loop_timer_is_set(seen.timer));
	}
	loop_timer_free(seen.timer);
	loop_free(loop);
}

static void
a_period_goes_on_until_it_is_stopped_and_makes_up_for_nothing(void **state)
{
	struct loop *loop = loop_new();
	struct seen seen = {.loop = loop, .stop_at = 3};

	seen.timer = loop_timer_new(loop, on_fire, &seen);
	loop_timer_every(seen.timer, 5);
	loop_run(loop);
	assert_int_equal(seen.calls, 3);
	usleep(40000);
	loop_turn(loop, 0);
	loop_turn(loop, 0);
	assert_int_equal(seen.calls, 4);
	loop_timer_stop(seen.timer);
	loop_turn(loop, 20);
	assert_int_equal(seen.calls, 4);
	loop_timer_free(seen.timer);
	loop_free(loop);
}

static void
a_timer_may_free_itself(void **state)
{
	struct loop *loop = loop_new();
	struct seen seen = {.loop = loop, .free_self = true, .stop_at = 1};

	seen.timer = loop_timer_new(loop, on_fire, &seen);
	loop_timer_every(seen.timer, 1);
	loop_run(loop);
	loop_turn(loop, 10);
	assert_int_equal(seen.calls, 1);
	loop_free(loop);
}

static void
defer_again(void *arg)
{
	struct seen *seen = arg;

	seen_call(seen);
	loop_defer(seen->loop, on_deferred, seen);
}

static void
what_is_put_off_runs_once_and_what_it_puts_off_a_turn_later(void **state)
{
	struct loop *loop = loop_new();
	struct seen seen = {.loop = loop};

	for (int i = 0; i < 100; i++)
		loop_defer(loop, defer_again, &seen);
	assert_int_equal(seen.calls, 0);
	loop_turn(loop, -1);
	assert_int_equal(seen.calls, 100);
	loop_turn(loop, -1);
	assert_int_equal(seen.calls, 200);
	loop_turn(loop, 0);
	assert_int_equal(seen.calls, 200);
	loop_defer(loop, on_deferred, &seen);
	loop_free(loop); /* nothing put off is forgotten */
	assert_int_equal(seen.calls, 201);
}

static void
a_signal_comes_as_a_callback(void **state)
{
	struct loop *loop = loop_new();
	struct seen seen = {.loop = loop, .stop_at = 1};
	struct loop_signal *signal = loop_signal_new(loop, SIGUSR1, on_deferred, &seen);

	raise(SIGUSR1);
	loop_run(loop);
	assert_int_equal(seen.calls, 1);
	loop_signal_free(signal);
	loop_free(loop);
}

static void
sleep_in_turn(void *arg)
{
	usleep(30000);
}

static void
the_worst_turn_is_measured_without_the_waiting(void **state)
{
	struct loop *loop = loop_new();
	struct seen seen = {.loop = loop};

	seen.timer = loop_timer_new(loop, on_fire, &seen);
	loop_timer_once(seen.timer, 60);
	loop_turn(loop, -1);
	while (seen.calls == 0)
		loop_turn(loop, -1);
	assert_in_range(loop_worst_turn_us(loop), 0, 29000);
	loop_defer(loop, sleep_in_turn, NULL);
	loop_turn(loop, 0);
	assert_true(loop_worst_turn_us(loop) >= 30000);
	assert_int_equal(loop_worst_turn_us(loop), 0);
	loop_timer_free(seen.timer);
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_descriptor_is_called_for_what_it_wants_and_no_longer),
	    cmocka_unit_test(a_watch_may_free_itself_in_its_callback),
	    cmocka_unit_test(a_hang_up_is_told_once_while_bytes_stay_unread),
	    cmocka_unit_test(bytes_that_came_while_only_the_hang_up_was_wanted_are_read_later),
	    cmocka_unit_test(the_later_class_comes_after_and_a_few_a_turn_and_never_starves),
	    cmocka_unit_test(a_watch_freed_while_it_waits_for_its_place_is_not_called),
	    cmocka_unit_test(a_timer_is_never_early),
	    cmocka_unit_test(a_period_goes_on_until_it_is_stopped_and_makes_up_for_nothing),
	    cmocka_unit_test(a_timer_may_free_itself),
	    cmocka_unit_test(what_is_put_off_runs_once_and_what_it_puts_off_a_turn_later),
	    cmocka_unit_test(a_signal_comes_as_a_callback),
	    cmocka_unit_test(the_worst_turn_is_measured_without_the_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

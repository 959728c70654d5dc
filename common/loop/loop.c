/* SPDX-License-Identifier: Apache-2.0
 *
 * The turn of the loop and what is put off.  libevent waits and calls back; order and
 * classes are ours, because its priorities let the lower ones starve: while one session
 * always has bytes, no handshake would ever be served.
 */
#include "common/loop/loop.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/time.h>

#include <event2/event.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/loop/internal.h"

struct loop_deferred {
	void (*run)(void *arg);
	void *arg;
};

/* Two lists, of which one is filled while the other one is run. */
struct loop_deferrals {
	struct loop_deferred *list;
	size_t count, cap;
};

struct loop {
	struct event_base *base;
	struct event *wait; /* ends a turn of limited waiting */
	bool stopping;
	struct loop_deferrals filling, running;
	struct loop_io_queue later; /* ready descriptors of the class LOOP_LATER */
	int64_t turn_began_us;      /* 0: no callback has run in this turn */
	int64_t worst_turn_us;
};

static void
loop_wait_over(evutil_socket_t fd, short what, void *arg)
{
}

struct loop *
loop_new(void)
{
	struct loop *loop = NEW(struct loop);
	struct event_config *config = event_config_new();

	if (config == NULL ||
	    event_config_require_features(config, EV_FEATURE_ET | EV_FEATURE_EARLY_CLOSE) !=
		0 ||
	    event_config_set_flag(config,
		EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV) != 0)
		abort();
	loop->base = event_base_new_with_config(config);
	event_config_free(config);
	if (loop->base == NULL) {
		fputs("the kernel gives no event loop (epoll)\n", stderr);
		abort();
	}
	loop->wait = evtimer_new(loop->base, loop_wait_over, NULL);
	if (loop->wait == NULL)
		abort();
	TAILQ_INIT(&loop->later);
	return loop;
}

void
loop_turn_begin(struct loop *loop)
{
	if (loop->turn_began_us == 0)
		loop->turn_began_us = clock_mono_us();
}

struct event_base *
loop_base(struct loop *loop)
{
	return loop->base;
}

struct loop_io_queue *
loop_later(struct loop *loop)
{
	return &loop->later;
}

void
loop_defer(struct loop *loop, void (*run)(void *arg), void *arg)
{
	struct loop_deferrals *filling = &loop->filling;

	assert(filling->count < LOOP_DEFER_MAX);
	if (filling->count == filling->cap) {
		filling->cap = filling->cap > 0 ? filling->cap * 2 : 16;
		filling->list =
		    alloc_resize(filling->list, filling->cap, sizeof(*filling->list));
	}
	filling->list[filling->count++] = (struct loop_deferred){run, arg};
}

static void
loop_run_deferred(struct loop *loop)
{
	struct loop_deferrals running = loop->filling;

	if (running.count == 0)
		return;
	loop_turn_begin(loop);
	loop->filling = loop->running;
	for (size_t i = 0; i < running.count; i++)
		running.list[i].run(running.list[i].arg);
	running.count = 0;
	loop->running = running;
}

static void
loop_run_later(struct loop *loop)
{
	for (int i = 0; i < LOOP_LATER_A_TURN; i++) {
		struct loop_io *io = TAILQ_FIRST(&loop->later);

		if (io == NULL)
			return;
		loop_turn_begin(loop);
		loop_io_serve(io);
	}
}

void
loop_turn(struct loop *loop, int64_t wait_ms)
{
	bool busy = loop->filling.count > 0 || !TAILQ_EMPTY(&loop->later);
	int flags = EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY;
	struct timeval wait = {wait_ms / 1000, wait_ms % 1000 * 1000};
	int64_t took_us;

	if (busy || wait_ms == 0)
		flags |= EVLOOP_NONBLOCK;
	else if (wait_ms > 0 && evtimer_add(loop->wait, &wait) != 0)
		abort();
	if (event_base_loop(loop->base, flags) < 0)
		abort();
	evtimer_del(loop->wait);
	loop_run_deferred(loop);
	loop_run_later(loop);
	if (loop->turn_began_us == 0)
		return;
	took_us = clock_mono_us() - loop->turn_began_us;
	if (took_us > loop->worst_turn_us)
		loop->worst_turn_us = took_us;
	loop->turn_began_us = 0;
}

void
loop_run(struct loop *loop)
{
	while (!loop->stopping)
		loop_turn(loop, -1);
	loop->stopping = false;
}

void
loop_stop(struct loop *loop)
{
	loop->stopping = true;
}

int64_t
loop_worst_turn_us(struct loop *loop)
{
	int64_t worst_us = loop->worst_turn_us;

	loop->worst_turn_us = 0;
	return worst_us;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	while (loop->filling.count > 0)
		loop_run_deferred(loop);
	assert(TAILQ_EMPTY(&loop->later));
	free(loop->filling.list);
	free(loop->running.list);
	event_free(loop->wait);
	event_base_free(loop->base);
	free(loop);
}

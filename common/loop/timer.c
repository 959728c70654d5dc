/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers and signals on the loop.  libevent counts from the time of its last wait and by
 * a coarse clock, so its timers can come some milliseconds early; ours ask the clock and
 * wait for the rest.
 */
#include "common/loop/loop.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/time.h>

#include <event2/event.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/loop/internal.h"

struct loop_timer {
	struct loop *loop;
	struct event *event;
	bool set;
	int64_t deadline_mono_ms;
	int64_t period_ms; /* 0: once */
	void (*on_fire)(void *arg);
	void *arg;
};

struct loop_signal {
	struct loop *loop;
	struct event *event;
	void (*on_signal)(void *arg);
	void *arg;
};

static void
loop_timer_arm(struct loop_timer *timer, int64_t wait_ms)
{
	struct timeval wait = {wait_ms / 1000, wait_ms % 1000 * 1000};

	if (evtimer_add(timer->event, &wait) != 0)
		abort();
}

static void
loop_timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *timer = arg;
	int64_t now_ms = clock_mono_ms();

	loop_turn_begin(timer->loop);
	if (now_ms < timer->deadline_mono_ms) {
		loop_timer_arm(timer, timer->deadline_mono_ms - now_ms);
		return;
	}
	timer->set = timer->period_ms > 0;
	if (timer->set) {
		timer->deadline_mono_ms += timer->period_ms;
		if (timer->deadline_mono_ms <= now_ms)
			timer->deadline_mono_ms = now_ms + timer->period_ms;
		loop_timer_arm(timer, timer->deadline_mono_ms - now_ms);
	}
	timer->on_fire(timer->arg); /* may free it */
}

struct loop_timer *
loop_timer_new(struct loop *loop, void (*on_fire)(void *arg), void *arg)
{
	struct loop_timer *timer = NEW(struct loop_timer);

	*timer = (struct loop_timer){.loop = loop, .on_fire = on_fire, .arg = arg};
	timer->event = evtimer_new(loop_base(loop), loop_timer_fired, timer);
	if (timer->event == NULL)
		abort();
	return timer;
}

static void
loop_timer_set(struct loop_timer *timer, int64_t delay_ms, int64_t period_ms)
{
	timer->set = true;
	timer->deadline_mono_ms = clock_mono_ms() + delay_ms;
	timer->period_ms = period_ms;
	loop_timer_arm(timer, delay_ms);
}

void
loop_timer_once(struct loop_timer *timer, int64_t delay_ms)
{
	assert(delay_ms >= 0);
	loop_timer_set(timer, delay_ms, 0);
}

void
loop_timer_every(struct loop_timer *timer, int64_t period_ms)
{
	assert(period_ms > 0);
	loop_timer_set(timer, period_ms, period_ms);
}

void
loop_timer_stop(struct loop_timer *timer)
{
	timer->set = false;
	evtimer_del(timer->event);
}

bool
loop_timer_is_set(const struct loop_timer *timer)
{
	return timer->set;
}

void
loop_timer_free(struct loop_timer *timer)
{
	if (timer == NULL)
		return;
	event_free(timer->event);
	free(timer);
}

static void
loop_signal_fired(evutil_socket_t signo, short what, void *arg)
{
	struct loop_signal *signal = arg;

	loop_turn_begin(signal->loop);
	signal->on_signal(signal->arg);
}

struct loop_signal *
loop_signal_new(struct loop *loop, int signo, void (*on_signal)(void *arg), void *arg)
{
	struct loop_signal *signal = NEW(struct loop_signal);

	*signal = (struct loop_signal){.loop = loop, .on_signal = on_signal, .arg = arg};
	signal->event = evsignal_new(loop_base(loop), signo, loop_signal_fired, signal);
	if (signal->event == NULL || evsignal_add(signal->event, NULL) != 0)
		abort();
	return signal;
}

void
loop_signal_free(struct loop_signal *signal)
{
	if (signal == NULL)
		return;
	event_free(signal->event);
	free(signal);
}

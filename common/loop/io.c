/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors on the loop.  One libevent event each, level-triggered, but for the interest
 * in the hang-up alone: libevent tells an RST (EPOLLERR) as "readable", which a watch for
 * EV_CLOSED does not get, so that the loop would spin.  That watch is therefore for
 * reading too, edge-triggered, and asks poll(2) which of the two it was.
 */
#include "common/loop/loop.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "common/base/alloc.h"
#include "common/loop/internal.h"

struct loop_io {
	struct loop *loop;
	struct event *event;
	int fd;
	enum loop_class class;
	unsigned interest; /* of enum loop_ready */
	unsigned pending;  /* ready, waiting in the queue of LOOP_LATER; 0: not in it */
	TAILQ_ENTRY(loop_io) queued;
	void (*on_ready)(unsigned ready, void *arg);
	void *arg;
};

static void
loop_io_unqueue(struct loop_io *io)
{
	if (io->pending == 0)
		return;
	TAILQ_REMOVE(loop_later(io->loop), io, queued);
	io->pending = 0;
}

static bool
loop_io_hung_up(int fd)
{
	struct pollfd probe = {.fd = fd, .events = POLLRDHUP};

	return poll(&probe, 1, 0) > 0 && (probe.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/* What of the interest is due. */
static unsigned
loop_io_ready(const struct loop_io *io, short what)
{
	unsigned ready = 0;

	if (io->interest == LOOP_HANGUP)
		return loop_io_hung_up(io->fd) ? LOOP_HANGUP : 0;
	if (what & EV_READ)
		ready |= LOOP_READ;
	if (what & EV_WRITE)
		ready |= LOOP_WRITE;
	if (what & EV_CLOSED)
		ready |= LOOP_HANGUP;
	return ready & io->interest;
}

static void loop_io_fired(evutil_socket_t fd, short what, void *arg);

/* Sets the event to the interest. */
static void
loop_io_arm(struct loop_io *io)
{
	short what = EV_PERSIST;

	if (event_del(io->event) != 0)
		abort();
	if (io->interest == 0)
		return;
	if (io->interest == LOOP_HANGUP)
		what |= EV_READ | EV_CLOSED | EV_ET;
	if (io->interest & LOOP_READ)
		what |= EV_READ;
	if (io->interest & LOOP_WRITE)
		what |= EV_WRITE;
	if (io->interest & LOOP_HANGUP)
		what |= EV_CLOSED;
	/* fails for what epoll cannot watch (a bug) and without kernel memory */
	if (event_assign(io->event, loop_base(io->loop), io->fd, what, loop_io_fired, io) !=
		0 ||
	    event_add(io->event, NULL) != 0)
		abort();
}

/* Calls back.  Nothing of io is touched after: the callback may have freed it. */
static void
loop_io_call(struct loop_io *io, unsigned ready)
{
	if (ready & LOOP_HANGUP) {
		io->interest &= ~(unsigned)LOOP_HANGUP;
		loop_io_arm(io);
	}
	io->on_ready(ready, io->arg);
}

static void
loop_io_fired(evutil_socket_t fd, short what, void *arg)
{
	struct loop_io *io = arg;
	unsigned ready = loop_io_ready(io, what);

	loop_turn_begin(io->loop);
	if (ready == 0)
		return;
	if (io->class == LOOP_NOW) {
		loop_io_call(io, ready);
		return;
	}
	/* no more news of it until it has been served */
	assert(io->pending == 0);
	event_del(io->event);
	io->pending = ready;
	TAILQ_INSERT_TAIL(loop_later(io->loop), io, queued);
}

void
loop_io_serve(struct loop_io *io)
{
	unsigned ready = io->pending;

	loop_io_unqueue(io);
	loop_io_arm(io);
	loop_io_call(io, ready);
}

struct loop_io *
loop_io_new(struct loop *loop, int fd, enum loop_class class,
    void (*on_ready)(unsigned ready, void *arg), void *arg)
{
	struct loop_io *io = NEW(struct loop_io);

	*io = (struct loop_io){.loop = loop,
	    .fd = fd,
	    .class = class,
	    .on_ready = on_ready,
	    .arg = arg};
	io->event = event_new(loop_base(loop), fd, EV_READ, loop_io_fired, io);
	if (io->event == NULL)
		abort();
	return io;
}

void
loop_io_want(struct loop_io *io, unsigned interest)
{
	if (interest == io->interest)
		return;
	io->interest = interest;
	/* what waits in the queue was ready for another interest: it is found again */
	loop_io_unqueue(io);
	loop_io_arm(io);
}

void
loop_io_set_class(struct loop_io *io, enum loop_class class)
{
	if (class == io->class)
		return;
	io->class = class;
	if (io->pending != 0) {
		loop_io_unqueue(io);
		loop_io_arm(io);
	}
}

void
loop_io_free(struct loop_io *io)
{
	if (io == NULL)
		return;
	loop_io_unqueue(io);
	event_free(io->event);
	free(io);
}

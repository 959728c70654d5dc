/* SPDX-License-Identifier: Apache-2.0
 *
 * The one loop of a process: descriptors, timers, signals, and work put off to the next
 * turn.  The only place that knows libevent.  One thread; nothing here may be called from
 * a signal handler or another thread.
 *
 * A turn is: wait, run every callback that is due, run what was put off before this turn,
 * then run at most LOOP_LATER_A_TURN descriptors of the class LOOP_LATER.  So established
 * sessions (LOOP_NOW) go before handshakes (LOOP_LATER), and handshakes never starve.
 *
 * Watches may be freed at any time, also from their own callback; a freed watch is never
 * called again.  An object of yours with a callback on the stack goes by loop_defer.
 */
#ifndef PORTCULLIS_LOOP_LOOP_H
#define PORTCULLIS_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_io;
struct loop_timer;
struct loop_signal;

enum {
	LOOP_LATER_A_TURN = 8,
	LOOP_DEFER_MAX = 1 << 20 /* more put off at one time is a bug */
};

/* Aborts when the kernel has no epoll to give: a process without its loop is none. */
struct loop *loop_new(void);

/* Runs what is still put off, then frees.  All watches are freed before. */
void loop_free(struct loop *loop);

/* Turns until loop_stop, which lets the present turn end. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* One turn, waiting at most wait_ms (0: not at all, -1: without end).  For tests and for
 * programs with a loop of their own above. */
void loop_turn(struct loop *loop, int64_t wait_ms);

/* Calls run(arg) once after the callbacks of this turn, with no callback of the loop on
 * the stack: the place to free an object whose callback may be running.  What is put off
 * by such a call runs a turn later. */
void loop_defer(struct loop *loop, void (*run)(void *arg), void *arg);

/* The longest time one turn took from its first callback to its end, in microseconds,
 * since the last call of this function. */
int64_t loop_worst_turn_us(struct loop *loop);

/* --- descriptors --- */

enum loop_ready {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
	LOOP_HANGUP = 4 /* the peer closed or reset; told once, then the interest is gone */
};

enum loop_class {
	LOOP_NOW,  /* served each turn */
	LOOP_LATER /* served after, in the order they became ready, some each turn */
};

/* Watches a descriptor, with no interest yet.  on_ready gets the set of enum loop_ready
 * that is due.  The descriptor stays the caller's: it is closed after loop_io_free. */
struct loop_io *loop_io_new(struct loop *loop, int fd, enum loop_class class,
    void (*on_ready)(unsigned ready, void *arg), void *arg);

/* The whole interest, a set of enum loop_ready.  LOOP_HANGUP alone notices the end of the
 * connection (FIN or RST) while bytes that arrive stay unread.  With LOOP_READ or
 * LOOP_WRITE an error of the socket is told as that, and the read or write says which. */
void loop_io_want(struct loop_io *io, unsigned interest);
void loop_io_set_class(struct loop_io *io, enum loop_class class);
void loop_io_free(struct loop_io *io);

/* --- timers: monotonic milliseconds, never early by clock_mono_ms --- */

struct loop_timer *loop_timer_new(struct loop *loop, void (*on_fire)(void *arg), void *arg);

/* Fires once after delay_ms (0: in the next turn).  Replaces what was set. */
void loop_timer_once(struct loop_timer *timer, int64_t delay_ms);

/* Fires every period_ms (> 0); periods missed in a long turn are not made up for. */
void loop_timer_every(struct loop_timer *timer, int64_t period_ms);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_is_set(const struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

/* --- signals: delivered on the loop; one loop a process may have them --- */

struct loop_signal *loop_signal_new(struct loop *loop, int signo, void (*on_signal)(void *arg),
    void *arg);
void loop_signal_free(struct loop_signal *signal);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this folder share: the turn (loop.c), descriptors (io.c), timers and
 * signals (timer.c).  Nobody else includes it.
 */
#ifndef PORTCULLIS_LOOP_INTERNAL_H
#define PORTCULLIS_LOOP_INTERNAL_H

#include <sys/queue.h>

struct event_base;
struct loop;
struct loop_io;

TAILQ_HEAD(loop_io_queue, loop_io);

struct event_base *loop_base(struct loop *loop);

/* Ready descriptors that wait for their place in a turn, oldest first. */
struct loop_io_queue *loop_later(struct loop *loop);

/* Every callback of libevent calls it first: the turn is measured from there. */
void loop_turn_begin(struct loop *loop);

/* Takes the descriptor out of the queue and calls it back. */
void loop_io_serve(struct loop_io *io);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames and descriptors over one socketpair, on the loop: what edges and the control
 * channels are made of.  Knows no credit and no meaning of a type.  A frame with
 * descriptors is preceded by a frame of our own that says how many, so that they cannot be
 * mistaken for those of another frame.
 *
 * The other end may be a process that was taken over: whatever it sends, the answer is a
 * status, the memory is bounded and every descriptor it sends is taken or closed.
 */
#ifndef PORTCULLIS_PROC_CHANNEL_H
#define PORTCULLIS_PROC_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/proc/fds.h"
#include "common/wire/frame.h"

struct loop;
struct loop_io;

enum {
	CHANNEL_TYPE_FDS = 0xff, /* the channel's own; the rest is the owner's */
	CHANNEL_FDS_QUEUE = 64,  /* frames with descriptors that wait to be written */
	CHANNEL_ARRIVED_MAX = 2 * FDS_MAX
};

struct channel_frame {
	uint8_t type;
	struct bytes payload; /* valid until the callback returns */
	struct fds fds;       /* what is not taken is closed after the callback */
};

struct channel_ops {
	/* Anything but STATUS_OK ends the channel as broken by its peer. */
	enum status (*frame)(void *arg, struct channel_frame *frame);
	/* The peer closed (STATUS_END) or broke the rules (STATUS_INVALID).  Called from the
	 * loop; the owner closes the channel, there or soon. */
	void (*ended)(void *arg, enum status why);
	/* Some of what was queued has been written.  May be NULL. */
	void (*written)(void *arg);
};

struct channel_parcel; /* descriptors that wait for their place in the stream */

struct channel {
	struct loop *loop;
	int fd; /* -1: closed */
	struct loop_io *io;
	const struct channel_ops *ops;
	void *arg;
	size_t payload_max;

	struct frame_decoder decoder;
	int arrived[CHANNEL_ARRIVED_MAX]; /* descriptors whose frame has not come whole */
	size_t arrived_count;
	size_t promised; /* the next frame carries so many of them */
	bool reading;

	size_t out_max; /* bytes that may wait to be written */
	struct buf out;
	size_t out_written; /* of out; the rest waits */
	uint64_t queued;    /* bytes ever put into the stream */
	TAILQ_HEAD(, channel_parcel) parcels;
	size_t parcel_count;
	bool out_dead; /* the peer reads no more; what it has sent is still read */
	bool failed;   /* the system could not write: ends as broken, so that it is made anew */
	bool flush_due;
};

/* payload_max: of a frame that comes in (<= FRAME_PAYLOAD_MAX).  out_max: bytes that may
 * wait to be written.  The channel is closed until channel_open. */
void channel_init(struct channel *channel, struct loop *loop, const struct channel_ops *ops,
    void *arg, size_t payload_max, size_t out_max);

/* Takes the descriptor. */
void channel_open(struct channel *channel, int fd);
bool channel_is_open(const struct channel *channel);

/* Forgets what was not read and not written.  Not from within ops->frame of this channel.
 * May be opened again. */
void channel_close(struct channel *channel);

/* Closes and frees; the loop may be gone by then. */
void channel_done(struct channel *channel);

/* Queues a frame made of two parts (either may be empty); written at the end of this turn.
 * fds may be NULL; on STATUS_OK they are the channel's and the list is empty.  STATUS_LIMIT
 * when out_max or CHANNEL_FDS_QUEUE is reached; STATUS_CLOSED when not open. */
enum status channel_put(struct channel *channel, uint8_t type, struct bytes head,
    struct bytes body, struct fds *fds) MUST_USE;

/* Bytes of the stream that have been written, of channel->queued. */
uint64_t channel_written(const struct channel *channel);

/* Writes now as much as the peer takes.  STATUS_OK all, STATUS_AGAIN a part. */
enum status channel_flush(struct channel *channel);

/* Without the loop: waits until something can be read and reads it, writing what is queued
 * meanwhile.  STATUS_OK frames may have been handed out; STATUS_TIMEOUT at the deadline;
 * STATUS_END, STATUS_INVALID as in ops->ended, which is not called from here. */
enum status channel_wait(struct channel *channel, int64_t deadline_mono_ms) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and writing of a channel.
 *
 * Descriptors travel with the first byte of the frame that announces them: the kernel
 * never joins the bytes that follow in the stream to a read before them, so they cannot
 * arrive late, and since they come in order a queue is enough to find the frame they
 * belong to.
 */
#include "common/proc/channel.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/loop/loop.h"

enum {
	READ_STEP = 1 << 16
};

struct channel_parcel {
	TAILQ_ENTRY(channel_parcel) next;
	uint64_t at; /* the byte of the stream they go with */
	struct fds fds;
};

/* Room for the control message that carries descriptors. */
union channel_control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int) * FDS_MAX)];
};

static int32_t
channel_limit(const void *arg, uint8_t type)
{
	const struct channel *channel = arg;

	return (int32_t)channel->payload_max;
}

void
channel_init(struct channel *channel, struct loop *loop, const struct channel_ops *ops,
    void *arg, size_t payload_max, size_t out_max)
{
	assert(payload_max <= FRAME_PAYLOAD_MAX);
	*channel = (struct channel){.loop = loop,
	    .fd = -1,
	    .ops = ops,
	    .arg = arg,
	    .payload_max = payload_max};
	channel->out_max = out_max;
	/* what was written goes at the latest when it is half of all (channel_compact) */
	buf_init(&channel->out, 2 * out_max);
	TAILQ_INIT(&channel->parcels);
}

bool
channel_is_open(const struct channel *channel)
{
	return channel->fd >= 0;
}

/* Bytes that wait to be written. */
static size_t
channel_waiting(const struct channel *channel)
{
	return channel->out.len - channel->out_written;
}

uint64_t
channel_written(const struct channel *channel)
{
	return channel->queued - channel_waiting(channel);
}

/* --- writing --- */

/* Drops what waits to be written, with its descriptors. */
static void
channel_drop_out(struct channel *channel)
{
	struct channel_parcel *parcel;

	while ((parcel = TAILQ_FIRST(&channel->parcels)) != NULL) {
		TAILQ_REMOVE(&channel->parcels, parcel, next);
		fds_close(&parcel->fds);
		free(parcel);
	}
	channel->parcel_count = 0;
	buf_clear(&channel->out);
	channel->out_written = 0;
}

/* Attaches the descriptors of a parcel to a message. */
static void
channel_attach(struct msghdr *message, union channel_control *control, const struct fds *fds)
{
	struct cmsghdr *header;

	memset(control, 0, sizeof(*control));
	message->msg_control = control;
	message->msg_controllen = CMSG_SPACE(sizeof(int) * fds->count);
	header = CMSG_FIRSTHDR(message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * fds->count);
	memcpy(CMSG_DATA(header), fds->fd, sizeof(int) * fds->count);
}

/* One sendmsg: up to the next byte that carries descriptors of its own. */
static ssize_t
channel_write_step(struct channel *channel)
{
	struct channel_parcel *parcel = TAILQ_FIRST(&channel->parcels), *next = parcel;
	uint64_t at = channel_written(channel);
	struct iovec part = {.iov_base = channel->out.data + channel->out_written,
	    .iov_len = channel_waiting(channel)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	union channel_control control;
	bool carries = parcel != NULL && parcel->at == at;
	ssize_t put;

	if (carries) {
		channel_attach(&message, &control, &parcel->fds);
		next = TAILQ_NEXT(parcel, next);
	}
	if (next != NULL && next->at - at < part.iov_len)
		part.iov_len = next->at - at;
	put = sendmsg(channel->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (put <= 0 || !carries)
		return put;
	TAILQ_REMOVE(&channel->parcels, parcel, next);
	channel->parcel_count--;
	fds_close(&parcel->fds);
	free(parcel);
	return put;
}

/* Gives memory back to the front: all written, or more than half of what is held. */
static void
channel_compact(struct channel *channel)
{
	if (channel->out_written < channel->out.len / 2 + 1)
		return;
	buf_drain(&channel->out, channel->out_written);
	channel->out_written = 0;
}

/* The peer reads no more, and soon the end is read here; or the system fails us, and then
 * the end is made for both. */
static void
channel_cannot_write(struct channel *channel, int error)
{
	channel->out_dead = true;
	channel_drop_out(channel);
	if (error == EPIPE || error == ECONNRESET)
		return;
	channel->failed = true;
	shutdown(channel->fd, SHUT_RDWR);
}

enum status
channel_flush(struct channel *channel)
{
	bool progress = false;

	while (channel->fd >= 0 && channel_waiting(channel) > 0) {
		ssize_t put = channel_write_step(channel);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno != EAGAIN) {
			channel_cannot_write(channel, errno);
			break;
		}
		if (put < 0)
			break;
		channel->out_written += (size_t)put;
		progress = true;
	}
	channel_compact(channel);
	if (channel->io != NULL)
		loop_io_want(channel->io, LOOP_READ | (channel->out.len > 0 ? LOOP_WRITE : 0));
	if (progress && channel->ops->written != NULL)
		channel->ops->written(channel->arg);
	return channel->out.len > 0 ? STATUS_AGAIN : STATUS_OK;
}

static void
channel_flush_deferred(void *arg)
{
	struct channel *channel = arg;

	channel->flush_due = false;
	(void)channel_flush(channel); /* the rest goes when the loop says so */
}

enum status
channel_put(struct channel *channel, uint8_t type, struct bytes head, struct bytes body,
    struct fds *fds)
{
	size_t count = fds != NULL ? fds->count : 0;
	size_t size = FRAME_HEADER_SIZE + head.len + body.len;
	size_t size_fds = count > 0 ? FRAME_HEADER_SIZE + 1 : 0;
	size_t before = channel->out.len, begin;
	struct channel_parcel *parcel;

	if (!channel_is_open(channel))
		return STATUS_CLOSED;
	if (channel->out_dead) { /* into the void; its end is about to be told */
		if (fds != NULL)
			fds_close(fds);
		return STATUS_OK;
	}
	if (size + size_fds > channel->out_max - channel_waiting(channel) ||
	    (count > 0 && channel->parcel_count == CHANNEL_FDS_QUEUE))
		return STATUS_LIMIT;
	if (count > 0) {
		parcel = NEW(struct channel_parcel);
		parcel->at = channel->queued;
		parcel->fds = *fds;
		fds->count = 0;
		TAILQ_INSERT_TAIL(&channel->parcels, parcel, next);
		channel->parcel_count++;
		frame_put(&channel->out, CHANNEL_TYPE_FDS,
		    bytes_of(&(uint8_t){(uint8_t)count}, 1));
	}
	begin = frame_begin(&channel->out, type);
	buf_put_bytes(&channel->out, head);
	buf_put_bytes(&channel->out, body);
	frame_end(&channel->out, begin);
	channel->queued += channel->out.len - before;
	if (!channel->flush_due) {
		channel->flush_due = true;
		loop_defer(channel->loop, channel_flush_deferred, channel);
	}
	return STATUS_OK;
}

/* --- reading --- */

/* Collects the descriptors that came with a message; false when there are too many. */
static bool
channel_collect_fds(struct channel *channel, struct msghdr *message)
{
	bool fits = (message->msg_flags & MSG_CTRUNC) == 0;

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
	     header = CMSG_NXTHDR(message, header)) {
		size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fd;

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(fd));
			if (channel->arrived_count < CHANNEL_ARRIVED_MAX)
				channel->arrived[channel->arrived_count++] = fd;
			else {
				close(fd);
				fits = false;
			}
		}
	}
	return fits;
}

/* The announcement of descriptors: they are here already, or it is a lie. */
static enum status
channel_promise(struct channel *channel, struct bytes payload)
{
	size_t count = payload.len == 1 ? payload.data[0] : 0;

	if (count == 0 || count > FDS_MAX || channel->promised > 0 ||
	    count > channel->arrived_count)
		return STATUS_INVALID;
	channel->promised = count;
	return STATUS_OK;
}

/* Hands out one frame with the descriptors that were announced for it. */
static enum status
channel_hand_out(struct channel *channel, const struct frame *wire)
{
	struct channel_frame frame = {.type = wire->type, .payload = wire->payload};
	enum status status;

	if (wire->type == CHANNEL_TYPE_FDS)
		return channel_promise(channel, wire->payload);
	for (size_t i = 0; i < channel->promised; i++)
		fds_add(&frame.fds, channel->arrived[i]);
	channel->arrived_count -= channel->promised;
	memmove(channel->arrived, channel->arrived + channel->promised,
	    channel->arrived_count * sizeof(channel->arrived[0]));
	channel->promised = 0;
	status = channel->ops->frame(channel->arg, &frame);
	fds_close(&frame.fds);
	return status;
}

/* Hands out all frames that data completes. */
static enum status
channel_decode(struct channel *channel, struct bytes data)
{
	struct frame frame;
	enum status status;

	while ((status = frame_decoder_next(&channel->decoder, &data, &frame)) == STATUS_OK) {
		status = channel_hand_out(channel, &frame);
		if (status != STATUS_OK)
			break;
	}
	if (status != STATUS_AGAIN)
		return STATUS_INVALID;
	/* descriptors that nothing announced */
	if (channel->promised == 0 && channel->arrived_count > 0 &&
	    !frame_decoder_inside(&channel->decoder))
		return STATUS_INVALID;
	return STATUS_OK;
}

/* One recvmsg and what is in it.  STATUS_AGAIN nothing there, STATUS_END, STATUS_INVALID. */
static enum status
channel_read(struct channel *channel)
{
	uint8_t data[READ_STEP];
	struct iovec part = {.iov_base = data, .iov_len = sizeof(data)};
	union channel_control control;
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control)};
	ssize_t got = recvmsg(channel->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	enum status status;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? STATUS_AGAIN : STATUS_END;
	if (!channel_collect_fds(channel, &message))
		return STATUS_INVALID;
	if (got == 0)
		return channel->failed ? STATUS_INVALID : STATUS_END;
	assert(!channel->reading);
	channel->reading = true;
	status = channel_decode(channel, bytes_of(data, (size_t)got));
	channel->reading = false;
	return status;
}

enum status
channel_wait(struct channel *channel, int64_t deadline_mono_ms)
{
	int64_t left_ms = deadline_mono_ms - clock_mono_ms();
	struct pollfd wait = {.fd = channel->fd, .events = POLLIN};
	enum status status;

	if (left_ms < 0)
		return STATUS_TIMEOUT;
	if (channel_flush(channel) == STATUS_AGAIN)
		wait.events |= POLLOUT;
	if (poll(&wait, 1, left_ms < 1000 ? (int)left_ms : 1000) <= 0)
		return clock_mono_ms() < deadline_mono_ms ? STATUS_OK : STATUS_TIMEOUT;
	status = channel_read(channel);
	return status == STATUS_AGAIN ? STATUS_OK : status;
}

static void
channel_on_ready(unsigned ready, void *arg)
{
	struct channel *channel = arg;
	enum status status;

	if (ready & LOOP_WRITE)
		(void)channel_flush(channel);
	if ((ready & LOOP_READ) == 0)
		return;
	status = channel_read(channel);
	if (status == STATUS_OK || status == STATUS_AGAIN)
		return;
	loop_io_want(channel->io, 0);
	channel->ops->ended(channel->arg, status);
}

/* --- life --- */

void
channel_open(struct channel *channel, int fd)
{
	assert(!channel_is_open(channel));
	channel->fd = fd;
	channel->out_dead = channel->failed = false;
	frame_decoder_init(&channel->decoder, channel_limit, channel);
	channel->io = loop_io_new(channel->loop, fd, LOOP_NOW, channel_on_ready, channel);
	loop_io_want(channel->io, LOOP_READ);
}

void
channel_close(struct channel *channel)
{
	assert(!channel->reading);
	if (!channel_is_open(channel))
		return;
	loop_io_free(channel->io);
	channel->io = NULL;
	fileio_close(channel->fd);
	channel->fd = -1;
	channel_drop_out(channel);
	for (size_t i = 0; i < channel->arrived_count; i++)
		fileio_close(channel->arrived[i]);
	channel->arrived_count = 0;
	channel->promised = 0;
	frame_decoder_done(&channel->decoder);
}

void
channel_done(struct channel *channel)
{
	channel_close(channel);
	buf_done(&channel->out);
}

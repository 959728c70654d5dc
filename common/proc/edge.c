/* SPDX-License-Identifier: Apache-2.0
 *
 * Credit, calls and the ups and downs of an edge, over a channel.
 *
 * Both ends count: the sender what it has not heard back about (unanswered), the receiver
 * what it has not said to be done (held); neither may pass the credit.  So the queue to a
 * peer that does not read is bounded by the credit, and a peer that does not stop when it
 * should is found out.
 */
#include "common/proc/edge.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/cursor.h"
#include "common/loop/loop.h"
#include "common/proc/channel.h"
#include "common/proc/edge_internal.h"

enum {
	EDGE_TYPE_CREDIT = 0xfe, /* u32: bytes whose work is done */
	EDGE_CREDIT_SIZE = 4,
	EDGE_CALL_SIZE = 4, /* before the payload of calls and replies: u32, which call */
	/* beside what has credit: one credit frame, announcements of descriptors */
	EDGE_OUT_SLACK = 16 + CHANNEL_FDS_QUEUE * 8
};

static_assert((int)EDGE_PAYLOAD_MAX + EDGE_CALL_SIZE <= (int)FRAME_PAYLOAD_MAX, "fits a frame");

struct edge {
	struct edge_spec spec;
	struct loop *loop;
	struct channel channel;
	void *state, *data;
	bool up;
	bool fall_due;  /* noticed inside a call: falls when the stack is empty */
	uint32_t epoch; /* counts the falls */

	size_t unanswered; /* bytes sent that the peer has not released */
	size_t refused;    /* what the last send without credit needed; 0: none */
	size_t held;       /* bytes received that we have not released */
	size_t release;    /* released, and the peer not told yet */
	bool tell_due;
	uint64_t told_at; /* where in the stream the last credit frame ends */

	uint32_t last_call;
	uint32_t waiting; /* the call whose reply is awaited; 0: none */
	uint32_t overdue; /* the call that timed out and may still be answered; 0: none */
	uint8_t reply_type;
	struct buf reply;
};

static size_t
edge_call_size(const struct edge *edge)
{
	return edge->spec.call ? EDGE_CALL_SIZE : 0;
}

/* What a frame costs: all its bytes. */
static size_t
edge_cost(const struct edge *edge, size_t payload_len)
{
	return FRAME_HEADER_SIZE + edge_call_size(edge) + payload_len;
}

/* --- the other side's credit: what we have done --- */

static void
edge_tell(struct edge *edge)
{
	struct buf count;

	if (!edge->up || edge->release == 0 || channel_written(&edge->channel) < edge->told_at)
		return;
	buf_init(&count, EDGE_CREDIT_SIZE);
	buf_put_u32le(&count, (uint32_t)edge->release);
	if (channel_put(&edge->channel, EDGE_TYPE_CREDIT, buf_bytes(&count), bytes_of(NULL, 0),
		NULL) != STATUS_OK)
		abort(); /* there is always room for one */
	buf_done(&count);
	edge->told_at = edge->channel.queued;
	edge->release = 0;
}

static void
edge_tell_deferred(void *arg)
{
	struct edge *edge = arg;

	edge->tell_due = false;
	edge_tell(edge);
	(void)channel_flush(&edge->channel); /* what is left goes when the loop says so */
}

/* The last credit frame may have left: the next one has its place. */
static void
edge_on_written(void *arg)
{
	edge_tell(arg);
}

void
edge_release(struct edge *edge, struct edge_ticket ticket)
{
	if (!edge->up || ticket.epoch != edge->epoch)
		return;
	assert(ticket.cost <= edge->held);
	edge->held -= ticket.cost;
	edge->release += ticket.cost;
	if (edge->tell_due)
		return;
	edge->tell_due = true;
	loop_defer(edge->loop, edge_tell_deferred, edge);
}

/* --- frames that come in --- */

static enum status
edge_take_credit(struct edge *edge, struct bytes payload)
{
	struct cursor cursor = cursor_of(payload);
	uint32_t count = cursor_u32le(&cursor);

	if (!cursor_finished(&cursor) || count > edge->unanswered)
		return STATUS_INVALID;
	edge->unanswered -= count;
	if (edge->refused == 0 || edge->refused > edge->spec.credit_bytes - edge->unanswered)
		return STATUS_OK;
	edge->refused = 0;
	if (!edge->spec.call && edge->spec.ops != NULL && edge->spec.ops->credit != NULL)
		edge->spec.ops->credit(edge->state, edge);
	return STATUS_OK;
}

/* A reply, at the `from` end.  One that comes after its time is dropped. */
static enum status
edge_take_reply(struct edge *edge, const struct edge_frame *frame)
{
	uint32_t call = frame->ticket.call;

	if (call != edge->waiting && call != edge->overdue)
		return STATUS_INVALID;
	if (call == edge->waiting) {
		buf_clear(&edge->reply);
		buf_put_bytes(&edge->reply, frame->payload);
		edge->reply_type = frame->type;
		edge->waiting = 0;
	} else {
		edge->overdue = 0;
	}
	edge_release(edge, frame->ticket);
	return STATUS_OK;
}

static enum status
edge_take_work(struct edge *edge, struct edge_frame *frame)
{
	enum status status;

	if (edge->spec.ops == NULL || edge->spec.ops->frame == NULL)
		return STATUS_INVALID;
	status = edge->spec.ops->frame(edge->state, edge, frame);
	if (status == STATUS_OK && edge->spec.ops->release_on_return && !edge->spec.call)
		edge_release(edge, frame->ticket);
	return status;
}

static enum status
edge_on_frame(void *arg, struct channel_frame *in)
{
	struct edge *edge = arg;
	struct cursor cursor = cursor_of(in->payload);
	struct edge_frame frame = {.type = in->type, .fds = in->fds};
	size_t cost = FRAME_HEADER_SIZE + in->payload.len;
	enum status status;

	if (in->type == EDGE_TYPE_CREDIT)
		return edge_take_credit(edge, in->payload);
	if (in->type > EDGE_TYPE_MAX || cost > edge->spec.credit_bytes - edge->held)
		return STATUS_INVALID;
	if (edge->spec.call)
		frame.ticket.call = cursor_u32le(&cursor);
	if (!cursor_ok(&cursor) || (edge->spec.call && frame.ticket.call == 0))
		return STATUS_INVALID;
	frame.payload = bytes_of(cursor.at, cursor.left);
	frame.ticket.epoch = edge->epoch;
	frame.ticket.cost = (uint32_t)cost;
	edge->held += cost;
	if (edge->spec.call && edge->spec.from)
		return edge_take_reply(edge, &frame);
	status = edge_take_work(edge, &frame);
	in->fds = frame.fds; /* what was not taken is closed by the channel */
	return status;
}

/* --- up and down --- */

static void
edge_fall(struct edge *edge)
{
	bool was_up = edge->up;

	channel_close(&edge->channel);
	edge->up = false;
	edge->fall_due = false;
	edge->epoch++;
	edge->unanswered = edge->refused = edge->held = edge->release = 0;
	edge->waiting = edge->overdue = 0;
	if (was_up && edge->spec.ops != NULL && edge->spec.ops->down != NULL)
		edge->spec.ops->down(edge->state, edge);
}

static void
edge_on_ended(void *arg, enum status why)
{
	struct edge *edge = arg;

	if (why == STATUS_INVALID)
		edge->spec.broken(edge->spec.arg, edge);
	edge_fall(edge);
}

static const struct channel_ops edge_channel_ops = {
    .frame = edge_on_frame,
    .ended = edge_on_ended,
    .written = edge_on_written,
};

void
edge_rise(struct edge *edge, int fd)
{
	enum status status;

	if (edge->up) {
		do {
			status = channel_wait(&edge->channel, clock_mono_ms());
		} while (status == STATUS_OK);
		edge_fall(edge);
	}
	channel_open(&edge->channel, fd);
	edge->told_at = edge->channel.queued;
	edge->up = true;
	if (edge->spec.ops != NULL && edge->spec.ops->up != NULL)
		edge->spec.ops->up(edge->state, edge);
}

struct edge *
edge_new(struct loop *loop, const struct edge_spec *spec)
{
	struct edge *edge = NEW(struct edge);
	size_t payload_max;

	edge->spec = *spec;
	if (edge->spec.credit_bytes == 0)
		edge->spec.credit_bytes = EDGE_CREDIT_DEFAULT;
	edge->loop = loop;
	payload_max = edge_payload_max(edge) + edge_call_size(edge);
	channel_init(&edge->channel, loop, &edge_channel_ops, edge, payload_max,
	    edge->spec.credit_bytes + EDGE_OUT_SLACK);
	buf_init(&edge->reply, payload_max);
	return edge;
}

void
edge_set_state(struct edge *edge, void *state)
{
	edge->state = state;
}

void
edge_close(struct edge *edge)
{
	edge->up = false;
	(void)channel_flush(&edge->channel); /* a last word where the peer takes it */
	channel_close(&edge->channel);
}

void
edge_free(struct edge *edge)
{
	if (edge == NULL)
		return;
	channel_done(&edge->channel);
	buf_done(&edge->reply);
	free(edge);
}

/* --- sending --- */

/* Queues a frame if there is credit. */
static enum status
edge_put(struct edge *edge, uint8_t type, uint32_t call, struct bytes payload, struct fds *fds)
{
	size_t cost = edge_cost(edge, payload.len);
	uint8_t raw[EDGE_CALL_SIZE] = {(uint8_t)call, (uint8_t)(call >> 8),
	    (uint8_t)(call >> 16), (uint8_t)(call >> 24)};
	enum status status;

	assert(type <= EDGE_TYPE_MAX && payload.len <= edge_payload_max(edge));
	if (!edge_is_up(edge))
		return STATUS_CLOSED;
	if (cost > edge->spec.credit_bytes - edge->unanswered) {
		edge->refused = cost;
		return STATUS_AGAIN;
	}
	status = channel_put(&edge->channel, type, bytes_of(raw, edge_call_size(edge)), payload,
	    fds);
	if (status == STATUS_LIMIT) {
		/* bytes are bounded by credit: too many frames with descriptors are waiting */
		edge->refused = cost;
		return STATUS_AGAIN;
	}
	if (status == STATUS_OK)
		edge->unanswered += cost;
	return status;
}

enum status
edge_send(struct edge *edge, uint8_t type, struct bytes payload, struct fds *fds)
{
	assert(!edge->spec.call);
	return edge_put(edge, type, 0, payload, fds);
}

static void
edge_fall_deferred(void *arg)
{
	struct edge *edge = arg;

	if (edge->fall_due)
		edge_fall(edge);
}

/* Falls when no callback or caller is on the stack. */
static void
edge_fall_later(struct edge *edge)
{
	if (edge->fall_due)
		return;
	edge->fall_due = true;
	loop_defer(edge->loop, edge_fall_deferred, edge);
}

/* Reads, without the loop, until what is looked for has come.  STATUS_CLOSED when the
 * edge is about to fall. */
static enum status
edge_read_until(struct edge *edge, const uint32_t *until_zero, int64_t deadline_mono_ms)
{
	enum status status = STATUS_OK;

	while (status == STATUS_OK && *until_zero != 0)
		status = channel_wait(&edge->channel, deadline_mono_ms);
	if (*until_zero == 0)
		return STATUS_OK;
	if (status == STATUS_TIMEOUT)
		return STATUS_TIMEOUT;
	if (status == STATUS_INVALID)
		edge->spec.broken(edge->spec.arg, edge);
	edge_fall_later(edge);
	return STATUS_CLOSED;
}

enum status
edge_call(struct edge *edge, uint8_t type, struct bytes payload, int64_t timeout_ms,
    uint8_t *ret_type, struct bytes *ret_payload)
{
	int64_t now_ms = clock_mono_ms();
	uint32_t call = edge->last_call == UINT32_MAX ? 1 : edge->last_call + 1;
	enum status status;

	assert(edge->spec.call && edge->spec.from && edge->waiting == 0);
	if (!edge_is_up(edge))
		return STATUS_CLOSED;
	status = edge_read_until(edge, &edge->overdue, now_ms);
	if (status != STATUS_OK)
		return status == STATUS_TIMEOUT ? STATUS_AGAIN : status;
	edge_tell(edge);
	status = edge_put(edge, type, call, payload, NULL);
	if (status != STATUS_OK)
		return status;
	edge->last_call = edge->waiting = call;
	status = edge_read_until(edge, &edge->waiting, now_ms + timeout_ms);
	if (status == STATUS_OK) {
		*ret_type = edge->reply_type;
		*ret_payload = buf_bytes(&edge->reply);
	} else {
		edge->overdue = edge->waiting;
		edge->waiting = 0;
	}
	return status;
}

enum status
edge_reply(struct edge *edge, struct edge_ticket ticket, uint8_t type, struct bytes payload)
{
	enum status status;

	assert(edge->spec.call && !edge->spec.from);
	if (!edge->up || ticket.epoch != edge->epoch)
		return STATUS_CLOSED;
	edge_release(edge, ticket);
	status = edge_put(edge, type, ticket.call, payload, NULL);
	if (status != STATUS_AGAIN)
		return status;
	/* a caller waits for each answer; this one calls on without reading them */
	edge->spec.broken(edge->spec.arg, edge);
	edge_fall_later(edge);
	return STATUS_CLOSED;
}

/* --- questions --- */

bool
edge_is_up(const struct edge *edge)
{
	return edge->up && !edge->fall_due;
}

bool
edge_has_credit(const struct edge *edge, size_t payload_len)
{
	return edge_is_up(edge) &&
	       edge_cost(edge, payload_len) <= edge->spec.credit_bytes - edge->unanswered;
}

size_t
edge_payload_max(const struct edge *edge)
{
	size_t by_credit = edge->spec.credit_bytes - edge_cost(edge, 0);

	return by_credit < EDGE_PAYLOAD_MAX ? by_credit : EDGE_PAYLOAD_MAX;
}

size_t
edge_unanswered(const struct edge *edge)
{
	return edge->unanswered;
}

const char *
edge_name(const struct edge *edge)
{
	return edge->spec.name;
}

const char *
edge_peer(const struct edge *edge)
{
	return edge->spec.peer;
}

unsigned
edge_instance(const struct edge *edge)
{
	return edge->spec.instance;
}

void
edge_set_data(struct edge *edge, void *data)
{
	edge->data = data;
}

void *
edge_data(const struct edge *edge)
{
	return edge->data;
}

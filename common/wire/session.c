/* SPDX-License-Identifier: Apache-2.0
 *
 * The session: verdict, what comes, deadlines.  The table says what is allowed, the
 * functions here say what follows; what goes is session_put.c.
 */
#include "common/wire/session.h"

#include <assert.h>
#include <string.h>

#include "common/wire/session_table.h"

void
session_init(struct session *session, enum session_role role, int64_t now_ms)
{
	*session = (struct session){
	    .role = role,
	    .min_version = SESSION_VERSION_MIN,
	    .max_version = SESSION_VERSION_MAX,
	    .heard_ms = now_ms,
	};
	buf_init(&session->held, FRAME_HEADER_SIZE + (size_t)message_limit(MESSAGE_HELLO));
	session_table_enter(session, SESSION_JUDGE, now_ms);
}

void
session_done(struct session *session)
{
	window_done(&session->out);
	window_done(&session->in);
	wants_done(&session->wants);
	buf_done(&session->held);
}

void
session_accept(struct session *session, int64_t now_ms)
{
	assert(session->state == SESSION_JUDGE || session->state == SESSION_PARK);
	session_table_enter(session, SESSION_HELLO, now_ms);
}

void
session_park(struct session *session, int64_t now_ms)
{
	assert(session->state == SESSION_JUDGE);
	session_table_enter(session, SESSION_PARK, now_ms);
}

int32_t
session_limit(const void *arg, uint8_t type)
{
	const struct session *session = arg;

	switch (session_table_step(session->role, session->state, type)) {
	case SESSION_VIOLATION:
		return FRAME_REFUSED;
	case SESSION_IGNORE:
		return FRAME_PAYLOAD_MAX;
	case SESSION_TAKE:
	case SESSION_HOLD:
	case SESSION_END:
		break;
	}
	return message_limit(type);
}

bool
session_reads(const struct session *session)
{
	switch (session->state) {
	case SESSION_HELLO:
		return session->role != SESSION_SENSOR;
	case SESSION_PARK:
	case SESSION_CHECK:
	case SESSION_ACCEPT:
	case SESSION_LIVE:
		return true;
	case SESSION_JUDGE:
	case SESSION_CLOSING:
	case SESSION_CLOSED:
	case SESSION_STATE_COUNT:
		break;
	}
	return false;
}

static enum session_step
session_violate(struct session *session, enum message_error code, uint8_t type)
{
	session->violation = code;
	session->violation_type = type;
	return SESSION_VIOLATION;
}

void
session_frame_failed(struct session *session, const struct frame_decoder *decoder)
{
	bool known = message_name(decoder->failed_type) != NULL;
	bool allowed = decoder->failed != STATUS_DENIED;

	session_violate(session, known && !allowed ? MESSAGE_ERROR_STATE : MESSAGE_ERROR_FRAME,
	    decoder->failed_type);
}

/* Chooses the highest version that both sides speak; false where there is none. */
static bool
session_choose_version(struct session *session, uint64_t min, uint64_t max)
{
	uint64_t highest = max < session->max_version ? max : session->max_version;

	if (highest < min || highest < session->min_version)
		return false;
	session->version = highest;
	return true;
}

static enum message_error
session_apply_hello(struct session *session, const struct message_hello *hello, int64_t now_ms)
{
	if (!session_choose_version(session, hello->min_version, hello->max_version))
		return MESSAGE_ERROR_VERSION;
	memcpy(session->log_id, hello->log_id, sizeof(session->log_id));
	session_table_enter(session, SESSION_CHECK, now_ms);
	return 0;
}

static enum message_error
session_apply_accept(struct session *session, const struct message_accept *accept,
    int64_t now_ms)
{
	if (!session_choose_version(session, accept->version, accept->version))
		return MESSAGE_ERROR_VERSION;
	window_init(&session->out, accept->window_records, accept->window_bytes);
	session_table_enter(session, SESSION_LIVE, now_ms);
	return 0;
}

static enum message_error
session_apply_phello(struct session *session, const struct message_phello *phello,
    int64_t now_ms)
{
	if (!session_choose_version(session, phello->min_version, phello->max_version))
		return MESSAGE_ERROR_VERSION;
	session_table_enter(session, SESSION_CHECK, now_ms);
	return 0;
}

static enum message_error
session_apply_paccept(struct session *session, const struct message_paccept *paccept,
    int64_t now_ms)
{
	if (session->accepted || !session->hello_sent)
		return MESSAGE_ERROR_STATE;
	if (paccept->version != session->version)
		return MESSAGE_ERROR_VERSION;
	session->accepted = true;
	window_init(&session->out, UINT64_MAX, paccept->window_bytes);
	if (session->state == SESSION_ACCEPT)
		session_table_enter(session, SESSION_LIVE, now_ms);
	return 0;
}

static enum message_error
session_apply_batch(struct session *session, const struct batch *batch)
{
	if (memcmp(batch->header.log_id, session->log_id, sizeof(session->log_id)) != 0)
		return MESSAGE_ERROR_LOG;
	if (batch->header.first_seq <= session->last_seq)
		return MESSAGE_ERROR_ORDER;
	if (window_take(&session->in, batch->header.count, (uint32_t)batch->payload.len) !=
	    STATUS_OK)
		return MESSAGE_ERROR_WINDOW;
	session->last_seq = batch_last_seq(batch);
	return 0;
}

static enum message_error
session_apply_records(struct session *session, const struct session_input *input)
{
	const struct batch *batch = &input->batch;

	if (input->records.id != session->in.taken + 1)
		return MESSAGE_ERROR_ORDER;
	if (window_take(&session->in, batch->header.count, (uint32_t)batch->payload.len) !=
	    STATUS_OK)
		return MESSAGE_ERROR_WINDOW;
	return 0;
}

static enum message_error
session_apply_ack(struct session *session, const struct message_ack *ack)
{
	if (memcmp(ack->log_id, session->log_id, sizeof(session->log_id)) != 0)
		return MESSAGE_ERROR_LOG;
	return window_give(&session->out, ack->batches) == STATUS_OK ? 0 : MESSAGE_ERROR_WINDOW;
}

/* What a taken frame changes in the session; 0, or what is wrong with it. */
static enum message_error
session_apply(struct session *session, const struct session_input *input, uint8_t type,
    int64_t now_ms)
{
	const struct message *message = &input->message;

	switch (type) {
	case MESSAGE_HELLO:
		return session_apply_hello(session, &message->hello, now_ms);
	case MESSAGE_ACCEPT:
		return session_apply_accept(session, &message->accept, now_ms);
	case MESSAGE_BATCH:
		return session_apply_batch(session, &input->batch);
	case MESSAGE_ACK:
		return session_apply_ack(session, &message->ack);
	case MESSAGE_CRL_WANT:
		if (session->their_wants == WANTS_MAX)
			return MESSAGE_ERROR_WINDOW;
		session->their_wants++;
		return 0;
	case MESSAGE_CRL_PART:
		return wants_part(&session->wants, &message->crl_part) == STATUS_OK
			   ? 0
			   : MESSAGE_ERROR_ORDER;
	case MESSAGE_PHELLO:
		return session_apply_phello(session, &message->phello, now_ms);
	case MESSAGE_PACCEPT:
		return session_apply_paccept(session, &message->paccept, now_ms);
	case MESSAGE_RECORDS:
		return session_apply_records(session, input);
	case MESSAGE_PACK:
		return window_give(&session->out, message->pack.id) == STATUS_OK
			   ? 0
			   : MESSAGE_ERROR_WINDOW;
	default:
		return 0;
	}
}

static enum status
session_decode(const struct frame *frame, struct session_input *input)
{
	switch (frame->type) {
	case MESSAGE_BATCH:
		return batch_open(frame->payload, &input->batch);
	case MESSAGE_RECORDS:
		return records_open(frame->payload, &input->records, &input->batch);
	default:
		return message_decode(frame->type, frame->payload, &input->message);
	}
}

static enum session_step
session_take(struct session *session, const struct frame *frame, int64_t now_ms,
    struct session_input *input)
{
	enum message_error error;

	if (session_decode(frame, input) != STATUS_OK)
		return session_violate(session, MESSAGE_ERROR_FORM, frame->type);
	error = session_apply(session, input, frame->type, now_ms);
	if (error != 0)
		return session_violate(session, error, frame->type);
	input->trusted = session->state != SESSION_PARK;
	return SESSION_TAKE;
}

/* The far side ends it.  What it says counts only where we had judged it good; a farewell
 * that is malformed is a farewell all the same. */
static enum session_step
session_end(struct session *session, const struct frame *frame, struct session_input *input)
{
	input->trusted =
	    session->state != SESSION_PARK && session_decode(frame, input) == STATUS_OK;
	if (!input->trusted)
		input->message = (struct message){.type = frame->type};
	session_close(session);
	return SESSION_END;
}

static enum session_step
session_hold(struct session *session, const struct frame *frame)
{
	if (session->held.len > 0)
		return session_violate(session, MESSAGE_ERROR_STATE, frame->type);
	frame_put(&session->held, frame->type, frame->payload);
	return SESSION_HOLD;
}

enum session_step
session_receive(struct session *session, const struct frame *frame, int64_t now_ms,
    struct session_input *input)
{
	enum session_step step = session_table_step(session->role, session->state, frame->type);

	/* also where nothing is decoded: what an earlier frame left must not be taken for it */
	input->trusted = false;
	input->message.type = frame->type;
	if (step == SESSION_IGNORE)
		return step;
	session->heard_ms = now_ms;
	session->probing = false;
	if (session->state == SESSION_LIVE)
		session->deadline_ms = now_ms + SESSION_SILENCE_MS;
	if (step == SESSION_VIOLATION)
		return session_violate(session,
		    message_name(frame->type) != NULL ? MESSAGE_ERROR_STATE
						      : MESSAGE_ERROR_FRAME,
		    frame->type);
	if (frame->payload.len > (size_t)message_limit(frame->type))
		return session_violate(session, MESSAGE_ERROR_FRAME, frame->type);
	if (step == SESSION_HOLD)
		return session_hold(session, frame);
	if (step == SESSION_END)
		return session_end(session, frame, input);
	return session_take(session, frame, now_ms, input);
}

bool
session_held(const struct session *session, struct frame *ret_frame)
{
	if (session->held.len == 0)
		return false;
	*ret_frame = (struct frame){
	    .type = session->held.data[FRAME_HEADER_SIZE - 1],
	    .payload = bytes_of(session->held.data + FRAME_HEADER_SIZE,
		session->held.len - FRAME_HEADER_SIZE),
	};
	return true;
}

int64_t
session_deadline(const struct session *session)
{
	return session->deadline_ms;
}

enum session_due
session_tick(struct session *session, int64_t now_ms)
{
	if (now_ms < session->deadline_ms)
		return SESSION_DUE_NOTHING;
	if (session->state == SESSION_LIVE && !session->probing &&
	    (session->paused || now_ms - session->heard_ms < 3 * SESSION_SILENCE_MS)) {
		session->deadline_ms = now_ms + SESSION_SILENCE_MS;
		return SESSION_DUE_PING;
	}
	session->deadline_ms = SESSION_NEVER;
	session_violate(session, MESSAGE_ERROR_TIMEOUT, 0);
	return SESSION_DUE_EXPIRED;
}

void
session_probe(struct session *session, int64_t now_ms)
{
	if (session->state != SESSION_LIVE || session->probing)
		return;
	session->probing = true;
	session->deadline_ms = now_ms + SESSION_PROBE_MS;
}

void
session_pause(struct session *session, bool paused, int64_t now_ms)
{
	if (session->paused == paused)
		return;
	session->paused = paused;
	session->heard_ms = now_ms;
	if (session->state == SESSION_LIVE)
		session->deadline_ms = now_ms + SESSION_SILENCE_MS;
}

void
session_close(struct session *session)
{
	session_table_enter(session, SESSION_CLOSED, 0);
}

const char *
session_state_name(enum session_state state)
{
	static const char *const names[SESSION_STATE_COUNT] = {"judge", "park", "hello",
	    "check", "accept", "live", "closing", "closed"};

	return names[state];
}

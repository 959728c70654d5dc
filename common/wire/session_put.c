/* SPDX-License-Identifier: Apache-2.0
 *
 * The sending half of the session: what may go now, and what follows when it went.
 */
#include "common/wire/session.h"

#include <assert.h>
#include <string.h>

#include "common/wire/session_table.h"

/* Whether the session's own affairs allow the message that the table allows, before it is
 * written. */
static enum status
session_check_put(const struct session *session, const struct message *message)
{
	switch (message->type) {
	case MESSAGE_HELLO:
		return message->hello.min_version == session->min_version &&
			       message->hello.max_version == session->max_version
			   ? STATUS_OK
			   : STATUS_INVALID;
	case MESSAGE_ACCEPT:
		return message->accept.version == session->version ? STATUS_OK : STATUS_INVALID;
	case MESSAGE_PHELLO:
		return session->hello_sent ? STATUS_DENIED : STATUS_OK;
	case MESSAGE_PACCEPT:
		if (!session->hello_sent)
			return STATUS_DENIED;
		return message->paccept.version == session->version ? STATUS_OK
								    : STATUS_INVALID;
	case MESSAGE_CRL_WANT:
		return wants_check(&session->wants, message->crl_want.id);
	case MESSAGE_CRL_PART:
		return session->their_wants > 0 ? STATUS_OK : STATUS_DENIED;
	case MESSAGE_ACK:
		return message->ack.batches <= session->in.taken ? STATUS_OK : STATUS_INVALID;
	case MESSAGE_PACK:
		return message->pack.id <= session->in.taken ? STATUS_OK : STATUS_INVALID;
	default:
		return STATUS_OK;
	}
}

/* Frames of the peer are given back; session_check_put has seen that so many came. */
static void
session_give(struct session *session, uint64_t given)
{
	enum status status = window_give(&session->in, given);

	assert(status == STATUS_OK);
}

/* What a message that went changes in the session. */
static void
session_went(struct session *session, const struct message *message, int64_t now_ms)
{
	const struct message_crl_part *part = &message->crl_part;

	switch (message->type) {
	case MESSAGE_HELLO:
		memcpy(session->log_id, message->hello.log_id, sizeof(session->log_id));
		session_table_enter(session, SESSION_CHECK, now_ms);
		break;
	case MESSAGE_ACCEPT:
		window_init(&session->in, message->accept.window_records,
		    message->accept.window_bytes);
		session_table_enter(session, SESSION_LIVE, now_ms);
		break;
	case MESSAGE_PHELLO:
		session->hello_sent = true;
		break;
	case MESSAGE_PACCEPT:
		window_init(&session->in, UINT64_MAX, message->paccept.window_bytes);
		session_table_enter(session, session->accepted ? SESSION_LIVE : SESSION_ACCEPT,
		    now_ms);
		break;
	case MESSAGE_CRL_WANT:
		wants_open(&session->wants, message->crl_want.id);
		break;
	case MESSAGE_CRL_PART:
		if (part->offset + part->data.len == part->total)
			session->their_wants--;
		break;
	case MESSAGE_ACK:
		session_give(session, message->ack.batches);
		break;
	case MESSAGE_PACK:
		session_give(session, message->pack.id);
		break;
	case MESSAGE_BUSY:
		if (session->state != SESSION_LIVE)
			session_table_enter(session, SESSION_CLOSING, now_ms);
		break;
	case MESSAGE_REFUSE:
	case MESSAGE_BYE:
	case MESSAGE_ERROR:
		session_table_enter(session, SESSION_CLOSING, now_ms);
		break;
	default:
		break;
	}
}

/* Takes a failed append back: out is as it was before. */
static enum status
session_undo(struct buf *out, size_t len)
{
	buf_truncate(out, len);
	out->overflow = false;
	return STATUS_LIMIT;
}

enum status
session_put(struct session *session, const struct message *message, int64_t now_ms,
    struct buf *out)
{
	size_t len = out->len;
	enum status status;

	if (!session_table_sends(session->role, session->state, message->type) ||
	    message->type == MESSAGE_BATCH || message->type == MESSAGE_RECORDS)
		return STATUS_DENIED;
	status = session_check_put(session, message);
	if (status != STATUS_OK)
		return status;
	message_put(out, message);
	if (!buf_ok(out))
		return session_undo(out, len);
	session_went(session, message, now_ms);
	return STATUS_OK;
}

enum status
session_put_batch(struct session *session, struct bytes payload, struct buf *out)
{
	size_t len = out->len;
	struct batch batch;

	if (!session_table_sends(session->role, session->state, MESSAGE_BATCH))
		return STATUS_DENIED;
	if (batch_open(payload, &batch) != STATUS_OK ||
	    memcmp(batch.header.log_id, session->log_id, sizeof(session->log_id)) != 0 ||
	    batch.header.first_seq <= session->last_seq)
		return STATUS_INVALID;
	if (!window_has_room(&session->out, batch.header.count, (uint32_t)payload.len))
		return STATUS_LIMIT;
	frame_put(out, MESSAGE_BATCH, payload);
	if (!buf_ok(out))
		return session_undo(out, len);
	session->last_seq = batch_last_seq(&batch);
	return window_take(&session->out, batch.header.count, (uint32_t)payload.len);
}

enum status
session_put_records(struct session *session, enum records_source source, struct bytes sensor,
    int64_t received_us, struct bytes payload, struct buf *out, uint64_t *ret_id)
{
	struct records_header header = {
	    .source = source,
	    .sensor = sensor,
	    .id = session->out.taken + 1,
	    .received_us = received_us,
	};
	size_t len = out->len;
	struct batch batch;
	size_t begin;

	if (!session_table_sends(session->role, session->state, MESSAGE_RECORDS))
		return STATUS_DENIED;
	if (batch_open(payload, &batch) != STATUS_OK || !message_is_name(sensor))
		return STATUS_INVALID;
	if (!window_has_room(&session->out, batch.header.count, (uint32_t)payload.len))
		return STATUS_LIMIT;
	begin = frame_begin(out, MESSAGE_RECORDS);
	records_put(out, &header);
	buf_put_bytes(out, payload);
	frame_end(out, begin);
	if (!buf_ok(out))
		return session_undo(out, len);
	*ret_id = header.id;
	return window_take(&session->out, batch.header.count, (uint32_t)payload.len);
}

enum status
session_put_violation(struct session *session, int64_t now_ms, struct buf *out)
{
	const char *name = message_name(session->violation_type);
	struct message message = {.type = MESSAGE_ERROR};
	enum status status;
	struct buf detail;

	buf_init(&detail, 128);
	buf_printf(&detail, "%s in state %s", name != NULL ? name : "frame",
	    session_state_name(session->state));
	message.error.code = session->violation;
	message.error.type = session->violation_type;
	message.error.detail = buf_bytes(&detail);
	status = session_put(session, &message, now_ms, out);
	buf_done(&detail);
	return status;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * One transaction for all that came in a turn of the loop: begun by the first who writes,
 * committed when the turn ends, and only then are the answers sent.
 */
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/log/log.h"
#include "common/loop/loop.h"
#include "console-server/store/store_state.h"

enum {
	RETRY_MS = 30000,
	BYE_STORE = 7, /* docs/protocol.md, bye-cause */
};

static struct edge_store_drop
store_drop_of(uint64_t session)
{
	return (struct edge_store_drop){.session = session,
	    .cause = BYE_STORE,
	    .retry_ms = RETRY_MS};
}

static void
store_clear_replies(struct store_state *state)
{
	for (size_t i = 0; i < state->reply_count; i++)
		buf_done(&state->replies[i].payload);
	state->reply_count = 0;
}

static void
store_send_replies(struct store_state *state)
{
	for (size_t i = 0; i < state->reply_count; i++) {
		struct store_reply *reply = &state->replies[i];

		/* the worker gave credit for its answers; one that is gone asks again */
		(void)!edge_send(reply->edge, reply->type, buf_bytes(&reply->payload), NULL);
		if (reply->has_ticket)
			edge_release(reply->edge, reply->ticket);
	}
	store_clear_replies(state);
}

static void
store_commit(void *arg)
{
	struct store_state *state = arg;
	enum status status;

	if (!state->open)
		return;
	state->open = false;
	status = db_run(&state->db, "COMMIT");
	if (status == STATUS_OK) {
		store_send_replies(state);
		return;
	}
	state->open = true; /* still is, until it is rolled back */
	store_undo(state, status);
}

enum status
store_begin(struct store_state *state)
{
	enum status status;

	if (state->open)
		return STATUS_OK;
	status = db_run(&state->db, "BEGIN IMMEDIATE");
	if (status != STATUS_OK)
		return status;
	state->open = true;
	loop_defer(proc_loop(state->proc), store_commit, state);
	return STATUS_OK;
}

void
store_reply(struct store_state *state, struct edge *edge, uint8_t type,
    const struct edge_field *fields, const void *message, const struct edge_ticket *ticket)
{
	struct store_reply *reply;

	state->replies =
	    alloc_resize(state->replies, state->reply_count + 1, sizeof(*state->replies));
	reply = &state->replies[state->reply_count++];
	*reply = (struct store_reply){.edge = edge, .type = type, .has_ticket = ticket != NULL};
	if (ticket != NULL)
		reply->ticket = *ticket;
	buf_init(&reply->payload, STORE_PAYLOAD_MAX);
	edge_message_put(&reply->payload, fields, message);
}

void
store_reply_failed(struct store_state *state, struct store_session *session,
    const struct edge_ticket *ticket)
{
	struct edge_store_drop drop = store_drop_of(session->number);

	session->sensor = 0;
	store_reply(state, session->edge, EDGE_STORE_DROP, edge_store_drop_fields, &drop,
	    ticket);
}

/* Whoever waited for this commit is told to come back. */
static void
store_drop_waiting(struct store_state *state)
{
	for (size_t i = 0; i < state->reply_count; i++) {
		struct store_reply *reply = &state->replies[i];
		struct edge_store_session session;
		struct edge_store_drop drop;

		if (reply->has_ticket)
			edge_release(reply->edge, reply->ticket);
		if (reply->type != EDGE_STORE_ACK && reply->type != EDGE_STORE_OPENED &&
		    reply->type != EDGE_STORE_DROP)
			continue;
		/* all begin with the session's number */
		if (edge_message_get(bytes_of(reply->payload.data, sizeof(uint64_t)),
			edge_store_session_fields, sizeof(session), &session) != STATUS_OK)
			continue;
		drop = store_drop_of(session.session);
		buf_clear(&reply->payload);
		edge_message_put(&reply->payload, edge_store_drop_fields, &drop);
		(void)!edge_send(reply->edge, EDGE_STORE_DROP, buf_bytes(&reply->payload),
		    NULL);
	}
	store_clear_replies(state);
}

void
store_undo(struct store_state *state, enum status why)
{
	log_error("store-failed", LOG_KEY(status_text(why)),
	    LOG_TEXT("cause", status_text(why)), LOG_TEXT("detail", db_error(&state->db)),
	    LOG_MESSAGE(
		"the database can't be written; sensors keep what is not acknowledged"));
	if (db_rollback(&state->db) != STATUS_OK)
		abort(); /* the role is started again and reads what the disk holds */
	state->open = false;
	ingest_forget(state->ingest);
	store_drop_waiting(state);
}

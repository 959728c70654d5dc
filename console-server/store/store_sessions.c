/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions of the workers: who is let in, and which older session gives way.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/map.h"
#include "common/loop/loop.h"
#include "console-server/store/store_state.h"

enum {
	UNENROLLED_RETRY_MS = 60000,
	BYE_REPLACED = 3, /* docs/protocol.md, bye-cause */
};

struct session_key {
	const struct edge *edge;
	uint64_t number;
};

static struct bytes
session_key(struct session_key *key, const struct edge *edge, uint64_t number)
{
	memset(key, 0, sizeof(*key));
	key->edge = edge;
	key->number = number;
	return bytes_of(key, sizeof(*key));
}

struct store_session *
store_find_session(struct store_state *state, const struct edge *edge, uint64_t number)
{
	struct session_key key;

	return map_get(state->sessions, session_key(&key, edge, number));
}

void
store_free_session(void *arg)
{
	struct store_session *session = arg;

	loop_timer_free(session->timer);
	buf_done(&session->held);
	free(session);
}

static void
store_send_session(struct store_session *session, uint8_t type)
{
	struct edge_store_session message = {.session = session->number};
	struct buf payload;

	buf_init(&payload, STORE_PAYLOAD_MAX);
	edge_message_put(&payload, edge_store_session_fields, &message);
	(void)!edge_send(session->edge, type, buf_bytes(&payload), NULL);
	buf_done(&payload);
}

static void
store_drop_session(struct store_session *session, enum reason reason, uint8_t cause,
    const char *detail)
{
	struct edge_store_drop drop = {.session = session->number,
	    .reason = (uint8_t)reason,
	    .cause = cause,
	    .detail = bytes_of_text(detail)};
	struct buf payload;

	buf_init(&payload, STORE_PAYLOAD_MAX);
	edge_message_put(&payload, edge_store_drop_fields, &drop);
	(void)!edge_send(session->edge, EDGE_STORE_DROP, buf_bytes(&payload), NULL);
	buf_done(&payload);
}

void
store_drop_name(struct store_state *state, struct bytes name, enum reason reason,
    const char *detail)
{
	struct store_session *session = map_take(state->live, name);

	if (session == NULL)
		return;
	session->sensor = 0;
	store_drop_session(session, reason, 0, detail);
}

static void
store_answer_open(struct store_state *state, struct store_session *session,
    const struct registry_answer *answer, const struct edge_ticket *ticket)
{
	struct edge_store_opened opened = {.session = session->number,
	    .reason = (uint8_t)answer->reason,
	    .detail = bytes_of_text(answer->detail != NULL ? answer->detail : ""),
	    .retry_ms = answer->verdict == REGISTRY_REFUSE ? UNENROLLED_RETRY_MS : 0,
	    .counter = answer->counter,
	    .copies = 1};
	struct ingest_position position;
	struct ingest_log *log;
	enum status status;

	memcpy(opened.store_id, state->store_id, STORE_ID_SIZE);
	if (answer->verdict == REGISTRY_ACCEPT) {
		status = ingest_open_log(state->ingest, answer->sensor, session->log_id,
		    clock_wall_us(), &log);
		if (status != STATUS_OK) {
			store_reply_failed(state, session, ticket);
			store_undo(state, status);
			return;
		}
		ingest_position(log, session->first, &position);
		opened.held = position.held;
		opened.has_held_hash = position.has_hash;
		memcpy(opened.held_hash, position.hash, sizeof(opened.held_hash));
		opened.top = position.top;
	}
	store_reply(state, session->edge, EDGE_STORE_OPENED, edge_store_opened_fields, &opened,
	    ticket);
}

/* It is the session of its name from now on; the older one gives way. */
static enum status
store_make_live(struct store_state *state, struct store_session *session,
    const struct registry_answer *answer)
{
	struct bytes name = bytes_of_text(session->name);
	struct store_session *old = map_take(state->live, name);

	if (old != NULL) {
		old->sensor = 0;
		store_drop_session(old, REASON_OK, BYE_REPLACED, "");
	}
	session->sensor = answer->sensor;
	session->counter = answer->counter;
	return map_put(state->live, name, session);
}

/* Decides on a session's OPEN, now or after its rival was asked. */
static void
store_decide(struct store_state *state, struct store_session *session, bool live_answered,
    const struct edge_ticket *ticket)
{
	struct bytes name = bytes_of_text(session->name);
	struct store_session *rival = map_get(state->live, name);
	struct registry_answer answer;
	enum status status;

	session->claim.live = rival != NULL;
	session->claim.same_log = rival != NULL && memcmp(rival->log_id, session->log_id,
						       sizeof(session->log_id)) == 0;
	session->claim.now_us = clock_wall_us();
	status = store_begin(state);
	if (status == STATUS_OK)
		status =
		    registry_decide(&state->registry, &session->claim, live_answered, &answer);
	if (status == STATUS_OK && answer.verdict == REGISTRY_PING_FIRST) {
		session->waits_for = rival;
		loop_timer_once(session->timer, STORE_PING_MS);
		store_send_session(rival, EDGE_STORE_PING);
		if (ticket != NULL)
			edge_release(session->edge, *ticket);
		return;
	}
	if (status == STATUS_OK && answer.verdict == REGISTRY_ACCEPT)
		status = store_make_live(state, session, &answer);
	if (status != STATUS_OK) {
		store_reply_failed(state, session, ticket);
		store_undo(state, status);
		return;
	}
	store_answer_open(state, session, &answer, ticket);
}

/* A session that others wait for is dead, whatever its worker still believes. */
static void
store_drop_dead(struct store_state *state, struct store_session *rival)
{
	if (rival->sensor != 0)
		store_drop_name(state, bytes_of_text(rival->name), REASON_TIMEOUT,
		    "it did not answer");
}

static void
store_on_ping_timeout(void *arg)
{
	struct store_session *session = arg;
	struct store_state *state = edge_data(session->edge);
	struct store_session *rival = session->waits_for;

	session->waits_for = NULL;
	if (rival != NULL)
		store_drop_dead(state, rival);
	store_decide(state, session, false, NULL);
}

struct pinged {
	struct store_session *rival;
	struct store_session *waiting;
};

static void
store_find_waiting(struct bytes key, void *value, void *arg)
{
	struct store_session *session = value;
	struct pinged *pinged = arg;

	if (session->waits_for == pinged->rival)
		pinged->waiting = session;
}

/* The next session that waits for this one; NULL: none. */
static struct store_session *
store_next_waiting(struct store_state *state, struct store_session *rival)
{
	struct pinged pinged = {.rival = rival};

	map_each(state->sessions, store_find_waiting, &pinged);
	return pinged.waiting;
}

static void
store_resolve_waiting(struct store_state *state, struct store_session *rival, bool alive)
{
	struct store_session *session;

	while ((session = store_next_waiting(state, rival)) != NULL) {
		session->waits_for = NULL;
		loop_timer_stop(session->timer);
		store_decide(state, session, alive, NULL);
	}
}

void
store_on_pinged(struct store_state *state, struct edge *edge, uint64_t number, bool alive)
{
	struct store_session *rival = store_find_session(state, edge, number);

	if (rival == NULL || store_next_waiting(state, rival) == NULL)
		return;
	if (!alive)
		store_drop_dead(state, rival);
	store_resolve_waiting(state, rival, alive);
}

/* Takes the session out of the world; those that waited for it go on. */
static void
store_forget_session(struct store_state *state, struct store_session *session)
{
	struct session_key key;

	if (map_get(state->live, bytes_of_text(session->name)) == session)
		(void)map_take(state->live, bytes_of_text(session->name));
	store_resolve_waiting(state, session, false);
	(void)map_take(state->sessions, session_key(&key, session->edge, session->number));
	store_free_session(session);
}

void
store_on_open(struct store_state *state, struct edge *edge, const struct edge_store_open *open,
    const struct edge_frame *frame)
{
	struct store_session *session = NEW(struct store_session);
	struct session_key key;

	session->edge = edge;
	session->number = open->session;
	session->first = open->first;
	memcpy(session->name, open->name.data, open->name.len);
	memcpy(session->log_id, open->log_id, sizeof(session->log_id));
	session->timer = loop_timer_new(proc_loop(state->proc), store_on_ping_timeout, session);
	buf_init(&session->held, STORE_PAYLOAD_MAX);
	buf_put_bytes(&session->held, open->address);
	session->claim = (struct registry_claim){.name = bytes_of_text(session->name),
	    .counter = open->counter,
	    .address = buf_bytes(&session->held),
	    .not_after = open->not_after_s};
	memcpy(session->claim.anchor, open->anchor, REGISTRY_HASH_SIZE);
	memcpy(session->claim.pin, open->pin, REGISTRY_HASH_SIZE);
	session->claim.waived = open->waived;
	if (map_put(state->sessions, session_key(&key, edge, open->session), session) !=
	    STATUS_OK) {
		store_drop_session(session, REASON_PROTOCOL, 0, "too many sessions");
		edge_release(edge, frame->ticket);
		store_free_session(session);
		return;
	}
	store_decide(state, session, false, &frame->ticket);
}

void
store_on_close(struct store_state *state, struct edge *edge, uint64_t number)
{
	struct store_session *session = store_find_session(state, edge, number);

	if (session != NULL)
		store_forget_session(state, session);
}

struct of_edge {
	const struct edge *edge;
	struct store_session *session;
};

static void
store_find_of_edge(struct bytes key, void *value, void *arg)
{
	struct of_edge *wanted = arg;
	struct store_session *session = value;

	if (session->edge == wanted->edge)
		wanted->session = session;
}

void
store_on_edge_down(struct store_state *state, struct edge *edge)
{
	struct of_edge wanted = {.edge = edge};

	do {
		wanted.session = NULL;
		map_each(state->sessions, store_find_of_edge, &wanted);
		if (wanted.session != NULL)
			store_forget_session(state, wanted.session);
	} while (wanted.session != NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The store role over its edges.
 */
#include "console-server/store/store_role.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/map.h"
#include "common/base/random.h"
#include "common/daemon/daemon.h"
#include "common/pki/reason.h"
#include "console-server/store/store_state.h"

enum {
	PATH_SIZE = 4096
};

const struct edge_field store_settings_fields[] = {
    {EDGE_FIELD_BYTES, offsetof(struct store_settings, directory)},
    {EDGE_FIELD_U8, offsetof(struct store_settings, log_format)},
    {EDGE_FIELD_U8, offsetof(struct store_settings, log_level)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field store_act_fields[] = {
    {EDGE_FIELD_U64, offsetof(struct store_act, id)},
    {EDGE_FIELD_U8, offsetof(struct store_act, kind)},
    {EDGE_FIELD_BYTES, offsetof(struct store_act, name)},
    {EDGE_FIELD_BYTES, offsetof(struct store_act, address)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field store_done_fields[] = {
    {EDGE_FIELD_U64, offsetof(struct store_done, id)},
    {EDGE_FIELD_U8, offsetof(struct store_done, status)},
    {EDGE_FIELD_END, 0},
};

/* --- workers --- */

/* The sensor has sent something after ACCEPT, so it has stored the counter. */
static enum status
store_confirm(struct store_state *state, struct store_session *session)
{
	if (session->confirmed)
		return STATUS_OK;
	session->confirmed = true;
	return registry_confirm(&state->registry, session->sensor, session->counter);
}

static enum status
store_write_batch(struct store_state *state, struct store_session *session,
    struct bytes payload, struct edge_store_ack *ret_ack)
{
	struct ingest_result result;
	struct ingest_log *log;
	struct batch batch;
	enum status status = batch_open(payload, &batch);

	if (status != STATUS_OK)
		return status;
	status = store_begin(state);
	if (status == STATUS_OK)
		status = store_confirm(state, session);
	if (status == STATUS_OK)
		status = ingest_open_log(state->ingest, session->sensor, session->log_id,
		    clock_wall_us(), &log);
	if (status == STATUS_OK)
		status = ingest_batch(state->ingest, log, &batch, clock_wall_us(), &result);
	if (status != STATUS_OK)
		return status;
	*ret_ack = (struct edge_store_ack){.session = session->number,
	    .level = 1,
	    .first = result.first,
	    .last = result.last};
	memcpy(ret_ack->hash, result.hash, sizeof(ret_ack->hash));
	return STATUS_OK;
}

static enum status
store_on_batch(struct store_state *state, struct edge *edge, const struct edge_frame *frame)
{
	struct edge_store_batch message;
	struct store_session *session;
	struct edge_store_ack ack;
	enum status status;

	if (edge_message_get(frame->payload, edge_store_batch_fields, sizeof(message),
		&message) != STATUS_OK)
		return STATUS_INVALID;
	session = store_find_session(state, edge, message.session);
	if (session == NULL || session->sensor == 0) {
		edge_release(edge, frame->ticket); /* dropped meanwhile */
		return STATUS_OK;
	}
	status = store_write_batch(state, session, message.batch, &ack);
	if (status == STATUS_INVALID) {
		edge_release(edge, frame->ticket);
		return STATUS_INVALID; /* the worker has checked it: so it lies */
	}
	if (status != STATUS_OK) {
		store_reply_failed(state, session, &frame->ticket);
		if (status != STATUS_LIMIT) /* which is about this log alone */
			store_undo(state, status);
		return STATUS_OK;
	}
	store_reply(state, edge, EDGE_STORE_ACK, edge_store_ack_fields, &ack, &frame->ticket);
	return STATUS_OK;
}

static enum status
store_on_open_frame(struct store_state *state, struct edge *edge,
    const struct edge_frame *frame)
{
	struct edge_store_open open;

	if (edge_message_get(frame->payload, edge_store_open_fields, sizeof(open), &open) !=
		STATUS_OK ||
	    open.name.len == 0 || open.name.len > REGISTRY_NAME_MAX || open.first == 0 ||
	    open.counter > INT64_MAX || open.pair ||
	    store_find_session(state, edge, open.session) != NULL)
		return STATUS_INVALID;
	store_on_open(state, edge, &open, frame);
	return STATUS_OK;
}

static enum status
store_on_failure(struct store_state *state, struct edge *edge, const struct edge_frame *frame)
{
	struct edge_store_failure message;
	struct failure failure;
	enum status status;
	int64_t row;

	if (edge_message_get(frame->payload, edge_store_failure_fields, sizeof(message),
		&message) != STATUS_OK ||
	    message.reason == REASON_OK || message.reason >= REASON_COUNT || message.count == 0)
		return STATUS_INVALID;
	failure = (struct failure){.reported_by = message.reported_by,
	    .reason = (enum reason)message.reason,
	    .identity = message.identity,
	    .proved = message.proved,
	    .link_id = message.link_id,
	    .record = message.record,
	    .at_us = message.at_us,
	    .count = message.count};
	status = store_begin(state);
	if (status == STATUS_OK)
		status = failures_add(&state->failures, &failure, &row);
	edge_release(edge, frame->ticket);
	if (status != STATUS_OK)
		store_undo(state, status);
	return STATUS_OK;
}

static enum status
store_on_link(void *arg, struct edge *edge, struct edge_frame *frame)
{
	struct store_state *state = arg;
	struct edge_store_session session;
	struct edge_store_pinged pinged;

	switch (frame->type) {
	case EDGE_STORE_OPEN:
		return store_on_open_frame(state, edge, frame);
	case EDGE_STORE_BATCH:
		return store_on_batch(state, edge, frame);
	case EDGE_STORE_FAILURE:
		return store_on_failure(state, edge, frame);
	case EDGE_STORE_PINGED:
		if (edge_message_get(frame->payload, edge_store_pinged_fields, sizeof(pinged),
			&pinged) != STATUS_OK)
			return STATUS_INVALID;
		edge_release(edge, frame->ticket);
		store_on_pinged(state, edge, pinged.session, pinged.alive);
		return STATUS_OK;
	case EDGE_STORE_CLOSE:
		if (edge_message_get(frame->payload, edge_store_session_fields, sizeof(session),
			&session) != STATUS_OK)
			return STATUS_INVALID;
		edge_release(edge, frame->ticket);
		store_on_close(state, edge, session.session);
		return STATUS_OK;
	default:
		return STATUS_INVALID;
	}
}

static void
store_on_link_up(void *arg, struct edge *edge)
{
	edge_set_data(edge, arg);
}

static void
store_on_link_down(void *arg, struct edge *edge)
{
	store_on_edge_down(arg, edge);
}

/* --- operators, through view --- */

static enum status
store_act(struct store_state *state, const struct store_act *act)
{
	switch ((enum store_act_kind)act->kind) {
	case STORE_APPROVE:
		return registry_approve(&state->registry, act->name);
	case STORE_RETIRE:
		store_drop_name(state, act->name, REASON_IDENTITY_UNENROLLED,
		    "retired by an operator");
		return registry_retire(&state->registry, act->name);
	case STORE_ACCEPT_KEY:
		store_drop_name(state, act->name, REASON_IDENTITY_DUPLICATE,
		    "another key was accepted for this name");
		return registry_accept_key(&state->registry, act->name);
	case STORE_PEER_SET:
		return registry_peer_set(&state->registry, act->name, act->address);
	case STORE_PEER_REMOVE:
		return registry_peer_remove(&state->registry);
	case STORE_ACT_COUNT:
		break;
	}
	return STATUS_INVALID;
}

static enum status
store_on_admin(void *arg, struct edge *edge, struct edge_frame *frame)
{
	struct store_state *state = arg;
	struct store_done done;
	struct store_act act;
	enum status status;

	if (frame->type != STORE_ADMIN_ACT ||
	    edge_message_get(frame->payload, store_act_fields, sizeof(act), &act) !=
		STATUS_OK ||
	    act.kind >= STORE_ACT_COUNT || act.name.len > REGISTRY_NAME_MAX)
		return STATUS_INVALID;
	status = store_begin(state);
	if (status == STATUS_OK)
		status = store_act(state, &act);
	done = (struct store_done){.id = act.id, .status = (uint8_t)status};
	store_reply(state, edge, STORE_ADMIN_DONE, store_done_fields, &done, &frame->ticket);
	if (status != STATUS_OK && status != STATUS_NOT_FOUND && status != STATUS_INVALID)
		store_undo(state, status);
	return STATUS_OK;
}

/* --- start and end --- */

static void
store_done(void *arg)
{
	struct store_state *state = arg;

	if (state->db.handle != NULL) {
		(void)!db_rollback(&state->db);
		registry_done(&state->registry);
		failures_done(&state->failures);
		ingest_free(state->ingest);
		db_close(&state->db);
	}
	for (size_t i = 0; i < state->reply_count; i++)
		buf_done(&state->replies[i].payload);
	free(state->replies);
	map_free(state->live);
	map_free(state->sessions);
	free(state);
}

/* The id of this store: made once, with the file. */
static enum status
store_read_id(struct store_state *state)
{
	struct query query;
	enum status status;

	query_init(&query, &state->db, "SELECT value FROM meta WHERE key='store_id'");
	status = query_step(&query);
	if (status == STATUS_OK) {
		struct bytes id = query_column_bytes(&query, 0);

		if (id.len == STORE_ID_SIZE)
			memcpy(state->store_id, id.data, STORE_ID_SIZE);
		else
			status = STATUS_CORRUPT;
	}
	query_done(&query);
	if (status != STATUS_END)
		return status;
	random_bytes(state->store_id, STORE_ID_SIZE);
	query_init(&query, &state->db, "INSERT INTO meta(key,value) VALUES('store_id',?1)");
	query_bytes(&query, bytes_of(state->store_id, STORE_ID_SIZE));
	status = query_run(&query);
	query_done(&query);
	return status;
}

static enum status
store_open(struct store_state *state, struct bytes directory, struct buf *reterr_reason)
{
	char path[PATH_SIZE], file[PATH_SIZE + 16];
	enum status status;

	snprintf(path, sizeof(path), "%.*s", (int)directory.len, (const char *)directory.data);
	snprintf(file, sizeof(file), "%s/console.db", path);
	status = sandbox_allow_path(proc_sandbox(state->proc), path, SANDBOX_WRITE);
	if (status == STATUS_OK)
		status = db_open_writer(file, &state->db);
	if (status != STATUS_OK) {
		buf_printf(reterr_reason, "%s: %s", file, status_text(status));
		return status;
	}
	registry_init(&state->registry, &state->db);
	failures_init(&state->failures, &state->db);
	state->ingest = ingest_new(&state->db);
	status = store_read_id(state);
	if (status != STATUS_OK)
		buf_printf(reterr_reason, "%s: %s", file, db_error(&state->db));
	return status;
}

static enum status
store_init(struct proc *proc, const struct proc_config *config, void **ret_state,
    struct buf *reterr_reason)
{
	struct store_settings settings;
	struct store_state *state;
	enum status status = edge_message_get(config->payload, store_settings_fields,
	    sizeof(settings), &settings);

	if (status == STATUS_OK)
		status = daemon_open_log("portcullis-console", proc_name(proc),
		    settings.log_format, settings.log_level);
	if (status != STATUS_OK)
		return status;
	state = NEW(struct store_state);
	state->proc = proc;
	state->sessions = map_new(STORE_SESSIONS_MAX, store_free_session);
	state->live = map_new(STORE_SESSIONS_MAX, NULL);
	status = store_open(state, settings.directory, reterr_reason);
	if (status != STATUS_OK) {
		store_done(state);
		return status;
	}
	*ret_state = state;
	return STATUS_OK;
}

/* The place of the store does not change while it runs. */
static enum status
store_prepare(void *arg, const struct proc_config *config, struct buf *reterr_reason)
{
	struct store_state *state = arg;
	struct store_settings settings;
	enum status status = edge_message_get(config->payload, store_settings_fields,
	    sizeof(settings), &settings);

	if (status == STATUS_OK)
		state->prepared_level = (enum log_level)settings.log_level;
	return status;
}

static void
store_apply(void *arg)
{
	log_set_level(((struct store_state *)arg)->prepared_level);
}

static const struct edge_ops link_ops = {.up = store_on_link_up,
    .down = store_on_link_down,
    .frame = store_on_link};
static const struct edge_ops admin_ops = {.frame = store_on_admin};

static const struct proc_edge_use store_edges[] = {
    {"link-store", &link_ops},
    {"admin-store", &admin_ops},
};

const struct proc_role store_role = {
    .name = "store",
    .instances = 1,
    .sandbox = {.flags = SANDBOX_FILES},
    .edges = store_edges,
    .edge_count = sizeof(store_edges) / sizeof(store_edges[0]),
    .init = store_init,
    .prepare = store_prepare,
    .commit = store_apply,
    .done = store_done,
};

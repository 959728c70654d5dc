/* SPDX-License-Identifier: Apache-2.0
 *
 * The worker role: settings, edges, start and end.
 */
#include "console-server/link/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/daemon/daemon.h"
#include "common/loop/loop.h"
#include "console-server/link/worker_state.h"

enum {
	PAYLOAD_MAX = (1 << 20) + 4096,
	LOG_TICK_MS = 10000,
	JUDGE_EVERY_MS = 10000, /* dates pass without a new snapshot */
	BYE_RETRY_MS = 2000,
};

#define AT(member) offsetof(struct worker_settings, member)

const struct edge_field worker_settings_fields[] = {
    {EDGE_FIELD_BYTES, AT(name)},
    {EDGE_FIELD_U32, AT(half_open_max)},
    {EDGE_FIELD_U32, AT(half_open_per_address)},
    {EDGE_FIELD_U8, AT(log_format)},
    {EDGE_FIELD_U8, AT(log_level)},
    {EDGE_FIELD_END, 0},
};

enum status
worker_send_store(struct worker *worker, uint8_t type, const struct edge_field *fields,
    const void *message)
{
	struct buf payload;
	enum status status;

	buf_init(&payload, PAYLOAD_MAX);
	edge_message_put(&payload, fields, message);
	status = buf_ok(&payload) ? edge_send(proc_edge(worker->proc, "link-store", 0), type,
					buf_bytes(&payload), NULL)
				  : STATUS_LIMIT;
	buf_done(&payload);
	return status;
}

/* --- trust and identity --- */

static void
worker_on_snapshot(void *arg)
{
	worker_judge_again(arg);
}

static void
worker_on_identity(void *arg)
{
	struct worker *worker = arg;

	if (link_base_credentials(worker->base) == NULL)
		log_warn("no-identity",
		    LOG_MESSAGE("no certificate is installed, so nobody can be let in; "
				"install one with `cert import`"));
}

static void
worker_on_wanted(void *arg, const struct edge_trust_wanted *wanted)
{
	struct worker *worker = arg;
	struct worker_session *session;

	TAILQ_FOREACH(session, &worker->half_open, order) {
		if (link_number(session->link) == wanted->id) {
			link_on_wanted(session->link, wanted);
			return;
		}
	}
}

static const struct link_base_ops base_ops = {.snapshot = worker_on_snapshot,
    .identity = worker_on_identity,
    .wanted = worker_on_wanted};

static enum status
worker_on_trust_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	return link_base_on_trust(((struct worker *)state)->base, edge, frame);
}

static enum status
worker_on_identity_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	return link_base_on_identity(((struct worker *)state)->base, edge, frame);
}

/* --- the store --- */

static enum status
worker_on_opened(struct worker *worker, const struct edge_frame *frame)
{
	struct edge_store_opened opened;
	struct worker_session *session;

	if (edge_message_get(frame->payload, edge_store_opened_fields, sizeof(opened),
		&opened) != STATUS_OK ||
	    opened.reason >= REASON_COUNT)
		return STATUS_INVALID;
	session = session_find(worker, opened.session);
	if (session != NULL)
		session_on_opened(session, &opened);
	return STATUS_OK;
}

static enum status
worker_on_ack(struct worker *worker, const struct edge_frame *frame)
{
	struct worker_session *session;
	struct edge_store_ack ack;

	if (edge_message_get(frame->payload, edge_store_ack_fields, sizeof(ack), &ack) !=
	    STATUS_OK)
		return STATUS_INVALID;
	session = session_find(worker, ack.session);
	if (session != NULL)
		session_on_ack(session, &ack);
	return STATUS_OK;
}

static enum status
worker_on_drop(struct worker *worker, const struct edge_frame *frame)
{
	struct worker_session *session;
	struct edge_store_drop drop;

	if (edge_message_get(frame->payload, edge_store_drop_fields, sizeof(drop), &drop) !=
		STATUS_OK ||
	    drop.reason >= REASON_COUNT)
		return STATUS_INVALID;
	session = session_find(worker, drop.session);
	if (session != NULL)
		session_on_drop(session, &drop);
	return STATUS_OK;
}

static enum status
worker_on_ping(struct worker *worker, const struct edge_frame *frame)
{
	struct edge_store_session message;
	struct worker_session *session;

	if (edge_message_get(frame->payload, edge_store_session_fields, sizeof(message),
		&message) != STATUS_OK)
		return STATUS_INVALID;
	session = session_find(worker, message.session);
	if (session != NULL) {
		session->probed = true;
		link_probe(session->link);
	}
	return STATUS_OK;
}

static enum status
worker_on_store(void *state, struct edge *edge, struct edge_frame *frame)
{
	switch (frame->type) {
	case EDGE_STORE_OPENED:
		return worker_on_opened(state, frame);
	case EDGE_STORE_ACK:
		return worker_on_ack(state, frame);
	case EDGE_STORE_DROP:
		return worker_on_drop(state, frame);
	case EDGE_STORE_PING:
		return worker_on_ping(state, frame);
	default:
		return STATUS_INVALID;
	}
}

static void
worker_end_list(struct session_list *list, enum message_bye cause)
{
	struct worker_session *session;

	while ((session = TAILQ_FIRST(list)) != NULL)
		link_bye(session->link, cause, BYE_RETRY_MS);
}

/* The store died: what it had not committed is gone, so every session begins anew. */
static void
worker_on_store_down(void *state, struct edge *edge)
{
	struct worker *worker = state;

	worker_end_list(&worker->asked, MESSAGE_BYE_STORE);
	worker_end_list(&worker->accepted, MESSAGE_BYE_STORE);
}

static void
worker_on_store_credit(void *state, struct edge *edge)
{
	struct worker *worker = state;
	struct worker_session *session;

	TAILQ_FOREACH(session, &worker->accepted, order) {
		if (session->held.len > 0 && !session_send_held(session))
			return;
	}
}

/* key answers calls, and says nothing else. */
static enum status
worker_on_key(void *state, struct edge *edge, struct edge_frame *frame)
{
	return STATUS_INVALID;
}

/* --- start and end --- */

static void
worker_on_judge_timer(void *arg)
{
	struct worker *worker = arg;
	struct worker_session *session;

	/* a certificate or a CRL may have run out since the verdict */
	TAILQ_FOREACH(session, &worker->accepted, order)
		session->judged_by = 0;
	worker_judge_again(worker);
	loop_timer_every(worker->judge_timer, JUDGE_EVERY_MS);
}

static void
worker_on_slice_timer(void *arg)
{
	worker_judge_again(arg);
}

static void
worker_on_accept_timer(void *arg)
{
	worker_listen_on(arg);
}

static void
worker_on_log_timer(void *arg)
{
	log_tick();
}

static void
worker_done(void *state)
{
	struct worker *worker = state;

	worker_end_list(&worker->half_open, MESSAGE_BYE_STOPPING);
	worker_end_list(&worker->asked, MESSAGE_BYE_STOPPING);
	worker_end_list(&worker->accepted, MESSAGE_BYE_STOPPING);
	for (size_t i = 0; i < worker->listener_count; i++) {
		loop_io_free(worker->listeners[i]);
		fileio_close(worker->listen_fds[i]);
	}
	loop_timer_free(worker->judge_timer);
	loop_timer_free(worker->slice_timer);
	loop_timer_free(worker->accept_timer);
	loop_timer_free(worker->log_timer);
	tls_free(worker->tls);
	link_base_free(worker->base);
	free(worker);
}

static enum status
worker_read_settings(struct bytes payload, struct worker_settings *ret_settings,
    struct worker_config *ret_config)
{
	struct worker_settings settings;
	enum status status =
	    edge_message_get(payload, worker_settings_fields, sizeof(settings), &settings);

	if (status != STATUS_OK || settings.name.len >= WORKER_NAME_SIZE)
		return STATUS_INVALID;
	*ret_settings = settings;
	*ret_config = (struct worker_config){.half_open_max = settings.half_open_max,
	    .half_open_per_address = settings.half_open_per_address,
	    .log_level = (enum log_level)settings.log_level};
	snprintf(ret_config->reported_by, sizeof(ret_config->reported_by), "console:%.*s",
	    (int)settings.name.len, (const char *)settings.name.data);
	return STATUS_OK;
}

static enum status
worker_configure(struct worker *worker, const struct proc_config *config)
{
	struct worker_settings settings;
	enum status status = worker_read_settings(config->payload, &settings, &worker->config);
	int fd;

	if (status != STATUS_OK)
		return status;
	while (worker->listener_count < WORKER_LISTENERS_MAX &&
	       (fd = fds_take(config->fds, worker->listener_count)) >= 0)
		worker->listen_fds[worker->listener_count++] = fd;
	return daemon_open_log("portcullis-console", proc_name(worker->proc),
	    settings.log_format, settings.log_level);
}

static enum status
worker_init(struct proc *proc, const struct proc_config *config, void **ret_state,
    struct buf *reterr_reason)
{
	struct worker *worker = NEW(struct worker);
	enum status status;

	worker->proc = proc;
	TAILQ_INIT(&worker->half_open);
	TAILQ_INIT(&worker->asked);
	TAILQ_INIT(&worker->accepted);
	worker->tls = tls_new(proc_loop(proc));
	worker->base = link_base_new(proc, &base_ops, worker);
	worker->judge_timer = loop_timer_new(proc_loop(proc), worker_on_judge_timer, worker);
	worker->slice_timer = loop_timer_new(proc_loop(proc), worker_on_slice_timer, worker);
	worker->accept_timer = loop_timer_new(proc_loop(proc), worker_on_accept_timer, worker);
	worker->log_timer = loop_timer_new(proc_loop(proc), worker_on_log_timer, worker);
	status = worker_configure(worker, config);
	if (status != STATUS_OK) {
		buf_printf(reterr_reason, "settings of the worker: %s", status_text(status));
		worker_done(worker);
		return status;
	}
	*ret_state = worker;
	return STATUS_OK;
}

static enum status
worker_prepare(void *state, const struct proc_config *config, struct buf *reterr_reason)
{
	struct worker *worker = state;
	struct worker_settings settings;

	return worker_read_settings(config->payload, &settings, &worker->prepared);
}

static void
worker_commit(void *state)
{
	struct worker *worker = state;

	worker->config = worker->prepared;
	log_set_level(worker->config.log_level);
}

static void
worker_ready(void *state)
{
	struct worker *worker = state;

	worker_listen(worker);
	loop_timer_every(worker->judge_timer, JUDGE_EVERY_MS);
	loop_timer_every(worker->log_timer, LOG_TICK_MS);
}

static const struct edge_ops trust_ops = {.release_on_return = true,
    .frame = worker_on_trust_frame};
static const struct edge_ops identity_ops = {.release_on_return = true,
    .frame = worker_on_identity_frame};
static const struct edge_ops store_ops = {.release_on_return = true,
    .down = worker_on_store_down,
    .frame = worker_on_store,
    .credit = worker_on_store_credit};
static const struct edge_ops key_ops = {.frame = worker_on_key};

static const struct proc_edge_use worker_edges[] = {
    {"link-key", &key_ops},
    {"link-identity", &identity_ops},
    {"link-trust", &trust_ops},
    {"link-store", &store_ops},
};

const struct proc_role worker_role = {
    .name = "link",
    .instances = 1,
    .sandbox = {.flags = SANDBOX_ACCEPT},
    .edges = worker_edges,
    .edge_count = sizeof(worker_edges) / sizeof(worker_edges[0]),
    .init = worker_init,
    .ready = worker_ready,
    .prepare = worker_prepare,
    .commit = worker_commit,
    .done = worker_done,
};

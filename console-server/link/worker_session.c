/* SPDX-License-Identifier: Apache-2.0
 *
 * A session: from the verdict over the store's word to batches and acknowledgements.  The
 * identity comes from the verdict alone, and is told to the store once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/message.h"
#include "console-server/link/worker_state.h"

static const struct link_ops session_ops;

static struct session_list *
session_list_of(struct worker *worker, enum session_place place)
{
	switch (place) {
	case SESSION_HALF_OPEN:
		return &worker->half_open;
	case SESSION_ASKED:
		return &worker->asked;
	case SESSION_ACCEPTED:
		break;
	}
	return &worker->accepted;
}

void
session_move(struct worker_session *session, enum session_place place)
{
	struct worker *worker = session->worker;

	TAILQ_REMOVE(session_list_of(worker, session->place), session, order);
	worker->half_open_count -= session->place == SESSION_HALF_OPEN;
	session->place = place;
	TAILQ_INSERT_TAIL(session_list_of(worker, place), session, order);
	worker->half_open_count += place == SESSION_HALF_OPEN;
}

struct worker_session *
session_find(struct worker *worker, uint64_t number)
{
	struct session_list *lists[] = {&worker->asked, &worker->accepted};
	struct worker_session *session;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		TAILQ_FOREACH(session, lists[i], order) {
			if (session->number == number)
				return session;
		}
	}
	return NULL;
}

void
session_begin(struct worker *worker, int fd, const char *address)
{
	struct worker_session *session = NEW(struct worker_session);
	struct link_params params = {.tls = worker->tls,
	    .loop = proc_loop(worker->proc),
	    .base = worker->base,
	    .fd = fd,
	    .role = SESSION_CONSOLE,
	    .label = address,
	    .ops = &session_ops,
	    .arg = session};

	session->worker = worker;
	session->number = ++worker->next_number;
	snprintf(session->address, sizeof(session->address), "%s", address);
	buf_init(&session->held, WORKER_HELD_MAX);
	session->link = link_new(&params);
	if (session->link == NULL) { /* no certificate is installed: nobody can be let in */
		free(session);
		return;
	}
	TAILQ_INSERT_TAIL(&worker->half_open, session, order);
	worker->half_open_count++;
}

static void
session_tell_store(struct worker_session *session, uint8_t type)
{
	struct edge_store_session message = {.session = session->number};

	(void)!worker_send_store(session->worker, type, edge_store_session_fields, &message);
}

static void
session_on_ended(void *arg, const struct link_end *end)
{
	struct worker_session *session = arg;
	struct worker *worker = session->worker;

	if (end->reason != REASON_OK)
		worker_record(session, end);
	else if (session->place == SESSION_ACCEPTED)
		log_info("link-ended", LOG_KEY(session->address),
		    LOG_TEXT("sensor", verdict_identity(link_verdict(session->link))),
		    LOG_TEXT("address", session->address),
		    LOG_TEXT("link_id", link_id(session->link)),
		    LOG_TEXT("detail", end->detail));
	else
		log_debug("link-ended", LOG_TEXT("address", session->address),
		    LOG_TEXT("detail", end->detail));
	if (session->place != SESSION_HALF_OPEN)
		session_tell_store(session, EDGE_STORE_CLOSE);
	TAILQ_REMOVE(session_list_of(worker, session->place), session, order);
	worker->half_open_count -= session->place == SESSION_HALF_OPEN;
	buf_done(&session->held);
	free(session);
}

static void
session_on_judged(void *arg)
{
	struct worker_session *session = arg;

	session->judged_by = link_base_snapshot(session->worker->base)->number;
}

/* A sensor whose clock is so far off would date its events wrongly, and judge certificates
 * and CRLs wrongly: it is told, and comes back when the clock is right. */
static bool
session_clock_is_off(struct worker_session *session, int64_t clock_us)
{
	int64_t offset_us = clock_us - clock_wall_us();
	char detail[LINK_DETAIL_SIZE];
	struct buf length;

	if (offset_us <= WORKER_DRIFT_MAX_US && offset_us >= -WORKER_DRIFT_MAX_US)
		return false;
	buf_init(&length, 64);
	text_duration(&length, (offset_us < 0 ? -offset_us : offset_us) / 1000);
	snprintf(detail, sizeof(detail), "its clock is %s %s ours", buf_text(&length),
	    offset_us < 0 ? "behind" : "ahead of");
	buf_done(&length);
	link_refuse(session->link, REASON_CLOCK_DRIFT, detail, WORKER_DRIFT_RETRY_MS);
	return true;
}

/* HELLO: what the verdict proved and what the sensor says of itself, to the store. */
static void
session_on_hello(struct worker_session *session, const struct message_hello *hello)
{
	const struct verdict *verdict = link_verdict(session->link);
	size_t last = verdict_cert_count(verdict) - 1;
	struct edge_store_open open = {.session = session->number,
	    .name = bytes_of_text(verdict_identity(verdict)),
	    .waived = verdict_outcome(verdict) == VERDICT_WAIVED,
	    .first = hello->first,
	    .next = hello->next,
	    .counter = hello->counter,
	    .clock_us = hello->clock,
	    .software = hello->software,
	    .address = bytes_of_text(session->address),
	    .link_id = bytes_of_text(link_id(session->link)),
	    .not_after_s = verdict_cert(verdict, 0)->not_after_s};

	if (session_clock_is_off(session, hello->clock))
		return;
	if (open.name.len == 0) {
		link_refuse(session->link, REASON_PROFILE_CN,
		    "the certificate names no appliance", 0);
		return;
	}
	memcpy(open.anchor, verdict_cert(verdict, last)->sha256, sizeof(open.anchor));
	memcpy(open.pin, verdict_cert(verdict, 0)->key_sha256, sizeof(open.pin));
	memcpy(open.log_id, hello->log_id, sizeof(open.log_id));
	memcpy(session->log_id, hello->log_id, sizeof(session->log_id));
	session_move(session, SESSION_ASKED);
	if (worker_send_store(session->worker, EDGE_STORE_OPEN, edge_store_open_fields,
		&open) != STATUS_OK)
		link_bye(session->link, MESSAGE_BYE_STORE, 5000);
}

/* Keeps a batch until the store gives credit; the session is not read meanwhile. */
static void
session_hold(struct worker_session *session, struct bytes batch)
{
	buf_put_u32le(&session->held, (uint32_t)batch.len);
	buf_put_bytes(&session->held, batch);
	if (!buf_ok(&session->held))
		link_bye(session->link, MESSAGE_BYE_STORE, 5000);
	else
		link_read(session->link, false);
}

static enum status
session_send_batch(struct worker_session *session, struct bytes batch)
{
	struct edge_store_batch message = {session->number, batch};

	return worker_send_store(session->worker, EDGE_STORE_BATCH, edge_store_batch_fields,
	    &message);
}

bool
session_send_held(struct worker_session *session)
{
	while (session->held.len > 0) {
		uint32_t len;

		memcpy(&len, session->held.data,
		    sizeof(len)); /* written by us, little-endian */
		if (session_send_batch(session,
			bytes_of(session->held.data + sizeof(len), len)) != STATUS_OK)
			return false;
		buf_drain(&session->held, sizeof(len) + len);
	}
	link_read(session->link, true);
	return true;
}

static void
session_on_batch(struct worker_session *session, struct bytes batch)
{
	if (session->held.len > 0 || session_send_batch(session, batch) != STATUS_OK)
		session_hold(session, batch);
}

static void
session_on_message(void *arg, uint8_t type, const struct session_input *input)
{
	struct worker_session *session = arg;
	struct edge_store_pinged pinged = {.session = session->number, .alive = true};

	if (session->probed) {
		session->probed = false;
		(void)!worker_send_store(session->worker, EDGE_STORE_PINGED,
		    edge_store_pinged_fields, &pinged);
	}
	if (type == MESSAGE_HELLO)
		session_on_hello(session, &input->message.hello);
	else if (type == MESSAGE_BATCH)
		session_on_batch(session, input->batch.payload);
}

void
session_on_opened(struct worker_session *session, const struct edge_store_opened *opened)
{
	struct message message = {.type = MESSAGE_ACCEPT};
	struct message_accept *accept = &message.accept;
	char detail[LINK_DETAIL_SIZE];

	if (session->place != SESSION_ASKED)
		return;
	if (opened->reason != REASON_OK) {
		snprintf(detail, sizeof(detail), "%.*s", (int)opened->detail.len,
		    (const char *)opened->detail.data);
		link_refuse(session->link, (enum reason)opened->reason, detail,
		    opened->retry_ms);
		return;
	}
	*accept = (struct message_accept){.version = link_session(session->link)->version,
	    .counter = opened->counter,
	    .copies = opened->copies,
	    .held = opened->held,
	    .top = opened->top,
	    .window_records = WORKER_WINDOW_RECORDS,
	    .window_bytes = WORKER_WINDOW_BYTES,
	    .clock = clock_wall_us()};
	if (accept->version == 0)
		accept->version = SESSION_VERSION_MAX;
	memcpy(accept->store_id, opened->store_id, sizeof(accept->store_id));
	if (opened->has_held_hash)
		accept->held_hash = bytes_of(opened->held_hash, sizeof(opened->held_hash));
	session_move(session, SESSION_ACCEPTED);
	if (link_put(session->link, &message) != STATUS_OK) {
		link_cut(session->link);
		return;
	}
	log_info("link-accepted", LOG_KEY(session->address),
	    LOG_TEXT("sensor", verdict_identity(link_verdict(session->link))),
	    LOG_TEXT("address", session->address), LOG_TEXT("link_id", link_id(session->link)),
	    LOG_TEXT("verdict",
		verdict_outcome_text(verdict_outcome(link_verdict(session->link)))));
}

void
session_on_ack(struct worker_session *session, const struct edge_store_ack *ack)
{
	struct message message = {.type = MESSAGE_ACK};

	memcpy(message.ack.log_id, session->log_id, sizeof(message.ack.log_id));
	message.ack.level = ack->level;
	message.ack.solo = ack->solo;
	message.ack.batches = ++session->batches;
	message.ack.intervals.count = 1;
	message.ack.intervals.at[0].first = ack->first;
	message.ack.intervals.at[0].last = ack->last;
	memcpy(message.ack.intervals.at[0].hash, ack->hash, sizeof(ack->hash));
	if (link_put(session->link, &message) != STATUS_OK)
		link_cut(session->link); /* it reads nothing: it will come back and be told */
}

void
session_on_drop(struct worker_session *session, const struct edge_store_drop *drop)
{
	char detail[LINK_DETAIL_SIZE];

	snprintf(detail, sizeof(detail), "%.*s", (int)drop->detail.len,
	    (const char *)drop->detail.data);
	if (drop->reason != REASON_OK)
		link_refuse(session->link, (enum reason)drop->reason, detail, drop->retry_ms);
	else
		link_bye(session->link, (enum message_bye)drop->cause, drop->retry_ms);
}

static const struct link_ops session_ops = {.judged = session_on_judged,
    .message = session_on_message,
    .ended = session_on_ended};

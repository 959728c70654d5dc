/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate.  Read link_on_handshaken, link_judge and link_on_data: everything that a peer
 * can make happen comes through them.
 */
#include "common/link/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/base/text.h"
#include "common/loop/loop.h"

enum {
	ALERT_MS = 2000 /* how long the alert behind a REFUSE is waited for */
};

static const char *const sensor_protocols[] = {"portcullis-sensor/1"};
static const char *const pair_protocols[] = {"portcullis-pair/1"};

struct link {
	struct link_params params;
	char *name;
	char *label;
	char id[TLS_LINK_ID_SIZE];
	uint64_t number;
	struct tls_stream *stream;
	struct session session;
	bool session_begun;
	struct frame_decoder decoder;
	struct verdict *verdict;
	uint8_t unread_sha256[PUBKEY_HASH_SIZE]; /* of a leaf that could not be read */
	bool unread;
	struct loop_timer *timer;
	bool reading; /* as the owner wants it */
	bool parked;  /* only CRL evidence is wanting */
	bool refused; /* by a peer that is not judged: its alert is awaited */
	bool over;    /* ended was called, or is being called */
	char detail[LINK_DETAIL_SIZE];
	char peer_reason[33];
};

static uint64_t next_number; /* one process, one loop: a counter will do */

/* --- the end --- */

static void
link_free(void *arg)
{
	struct link *link = arg;

	verdict_free(link->verdict);
	loop_timer_free(link->timer);
	if (link->session_begun) {
		session_done(&link->session);
		frame_decoder_done(&link->decoder);
	}
	free(link->name);
	free(link->label);
	free(link);
}

/* The one way out: the owner is told once, the object goes when nothing of it runs. */
static void
link_finish(struct link *link, const struct link_end *end)
{
	if (link->over)
		return;
	link->over = true;
	loop_timer_stop(link->timer);
	if (link->session_begun)
		session_close(&link->session);
	link->params.ops->ended(link->params.arg, end);
	loop_defer(link->params.loop, link_free, link);
}

static void
link_set_detail(struct link *link, const char *text)
{
	snprintf(link->detail, sizeof(link->detail), "%s", text != NULL ? text : "");
}

/* Sends the last words, then the alert; the stream ends by itself. */
static void
link_close_stream(struct link *link, unsigned int alert)
{
	struct tls_stream *stream = link->stream;

	link->stream = NULL;
	if (stream != NULL)
		tls_stream_close(stream, alert);
}

void
link_refuse(struct link *link, enum reason reason, const char *detail, int64_t retry_ms)
{
	const struct reason_info *info = reason_info(reason);
	struct message message = {.type = MESSAGE_REFUSE};
	struct link_end end = {.kind = LINK_END_REFUSED_BY_US,
	    .reason = reason,
	    .alert_sent = info->alert,
	    .detail = link->detail};

	if (link->over)
		return;
	link_set_detail(link, detail);
	message.refuse.reason = bytes_of_text(info->slug);
	message.refuse.clock = clock_wall_us();
	message.refuse.retry_after_ms = (uint64_t)retry_ms;
	/* where the state does not allow it any more, the alert alone says it */
	if (link->stream != NULL && session_put(&link->session, &message, clock_mono_ms(),
					tls_stream_out(link->stream)) == STATUS_OK)
		tls_stream_flush(link->stream);
	link_close_stream(link, info->alert);
	link_finish(link, &end);
}

void
link_bye(struct link *link, enum message_bye cause, int64_t retry_ms)
{
	struct message message = {.type = MESSAGE_BYE};
	struct link_end end = {.kind = LINK_END_BYE,
	    .detail = link->detail,
	    .bye_cause = (uint8_t)cause};

	if (link->over)
		return;
	message.bye.cause = cause;
	message.bye.retry_after_ms = (uint64_t)retry_ms;
	if (link->stream != NULL && link->session_begun &&
	    session_put(&link->session, &message, clock_mono_ms(),
		tls_stream_out(link->stream)) == STATUS_OK)
		tls_stream_flush(link->stream);
	link_close_stream(link, 0);
	link_finish(link, &end);
}

void
link_cut(struct link *link)
{
	struct link_end end = {.kind = LINK_END_LOST, .detail = link->detail};

	if (link->over)
		return;
	if (link->stream != NULL)
		tls_stream_abort(link->stream);
	link->stream = NULL;
	link_finish(link, &end);
}

/* The peer broke the protocol, or a deadline passed. */
static void
link_violation(struct link *link, enum reason reason, const char *detail)
{
	struct link_end end = {.kind = LINK_END_VIOLATION,
	    .reason = reason,
	    .detail = link->detail};

	if (link->over)
		return;
	link_set_detail(link, detail);
	if (link->stream != NULL && session_put_violation(&link->session, clock_mono_ms(),
					tls_stream_out(link->stream)) == STATUS_OK)
		tls_stream_flush(link->stream);
	link_close_stream(link, 0);
	link_finish(link, &end);
}

/* A REFUSE of a peer that we have not judged yet is not believed; the alert behind it is as
 * good as any. */
static void
link_await_alert(struct link *link)
{
	link->parked = false;
	link->refused = true;
	tls_stream_read(link->stream, true);
	loop_timer_once(link->timer, ALERT_MS);
}

/* The alert did not come. */
static void
link_refused(struct link *link)
{
	struct link_end end = {.kind = LINK_END_REFUSED_BY_PEER,
	    .reason = REASON_PEER_REFUSED_US,
	    .detail = link->detail};

	link_close_stream(link, 0);
	link_finish(link, &end);
}

/* --- timers --- */

static void
link_set_timer(struct link *link)
{
	int64_t deadline_ms = session_deadline(&link->session);
	int64_t now_ms = clock_mono_ms();

	if (link->over || deadline_ms == SESSION_NEVER)
		loop_timer_stop(link->timer);
	else
		loop_timer_once(link->timer, deadline_ms > now_ms ? deadline_ms - now_ms : 0);
}

static void
link_send_ping(struct link *link)
{
	struct message message = {.type = MESSAGE_PING};

	message.ping.nonce = 1;
	message.ping.clock = clock_wall_us();
	(void)!link_put(link, &message);
}

static void link_refuse_unanswered(struct link *link);

static void
link_on_timer(void *arg)
{
	struct link *link = arg;
	enum session_state state = link->session.state;

	if (link->refused) {
		link_refused(link);
		return;
	}
	switch (session_tick(&link->session, clock_mono_ms())) {
	case SESSION_DUE_NOTHING:
		break;
	case SESSION_DUE_PING:
		link_send_ping(link);
		break;
	case SESSION_DUE_EXPIRED:
		if (state == SESSION_PARK)
			link_refuse_unanswered(link);
		else
			link_violation(link, REASON_TIMEOUT,
			    state == SESSION_LIVE ? "nothing was heard for too long"
						  : "no answer in time");
		return;
	}
	link_set_timer(link);
}

/* --- frames --- */

static void
link_apply_reading(struct link *link)
{
	bool on = link->reading && session_reads(&link->session);

	if (link->stream == NULL)
		return;
	session_pause(&link->session, !link->reading, clock_mono_ms());
	tls_stream_read(link->stream, on);
}

/* The peer ended the session with a word of its own. */
static void
link_on_farewell(struct link *link, const struct session_input *input)
{
	struct link_end end = {.kind = LINK_END_BYE, .detail = link->detail};
	const struct message *message = &input->message;

	if (message->type == MESSAGE_REFUSE && !input->trusted) {
		link_await_alert(link);
		return;
	}
	if (message->type == MESSAGE_REFUSE) {
		/* the slug's form was checked when it was decoded */
		snprintf(link->peer_reason, sizeof(link->peer_reason), "%.*s",
		    (int)message->refuse.reason.len, (const char *)message->refuse.reason.data);
		end.kind = LINK_END_REFUSED_BY_PEER;
		end.reason = REASON_PEER_REFUSED_US;
		end.peer_reason = link->peer_reason;
		end.peer_clock_us = message->refuse.clock;
		end.retry_ms = (int64_t)message->refuse.retry_after_ms;
	} else if (message->type == MESSAGE_ERROR) {
		end.kind = LINK_END_VIOLATION;
		end.reason = REASON_PROTOCOL;
		link_set_detail(link, "the peer says that we broke the protocol");
	} else if (message->type == MESSAGE_BUSY) {
		end.retry_ms = (int64_t)message->busy.retry_after_ms;
	} else {
		end.bye_cause = (uint8_t)message->bye.cause;
		end.retry_ms = (int64_t)message->bye.retry_after_ms;
	}
	link_close_stream(link, 0);
	link_finish(link, &end);
}

static void
link_answer_ping(struct link *link, const struct message *ping)
{
	struct message message = {.type = MESSAGE_PONG};

	message.pong.nonce = ping->ping.nonce;
	message.pong.clock = clock_wall_us();
	(void)!link_put(link, &message);
}

static void
link_on_frame(struct link *link, const struct frame *frame)
{
	struct session_input input;

	switch (session_receive(&link->session, frame, clock_mono_ms(), &input)) {
	case SESSION_VIOLATION:
		link_violation(link, REASON_PROTOCOL, "a frame that is not allowed here");
		return;
	case SESSION_TAKE:
		if (frame->type == MESSAGE_PING)
			link_answer_ping(link, &input.message);
		link->params.ops->message(link->params.arg, frame->type, &input);
		return;
	case SESSION_END:
		link_on_farewell(link, &input);
		return;
	case SESSION_HOLD:
	case SESSION_IGNORE:
		return;
	}
}

static void
link_on_data(void *arg, struct bytes data)
{
	struct link *link = arg;
	struct frame frame;
	enum status status = STATUS_OK;

	while (!link->over && !link->refused &&
	       (status = frame_decoder_next(&link->decoder, &data, &frame)) == STATUS_OK)
		link_on_frame(link, &frame);
	if (link->over || link->refused)
		return;
	if (status != STATUS_AGAIN) {
		session_frame_failed(&link->session, &link->decoder);
		link_violation(link, REASON_PROTOCOL,
		    status == STATUS_LIMIT ? "a frame that claims too much"
					   : "a type that is not allowed here");
		return;
	}
	link_apply_reading(link);
	link_set_timer(link);
}

/* --- the verdict --- */

static void
link_pass(struct link *link)
{
	struct frame held;

	if (link_base_is_own(link->params.base, link->verdict)) {
		link_refuse(link, REASON_IDENTITY_DUPLICATE,
		    "the peer shows this appliance's own certificate name or key", 0);
		return;
	}
	link->parked = false;
	session_accept(&link->session, clock_mono_ms());
	link->reading = true;
	link->params.ops->judged(link->params.arg);
	if (!link->over && session_held(&link->session, &held))
		link_on_frame(link, &held);
	if (link->over)
		return;
	link_apply_reading(link);
	link_set_timer(link);
}

static void
link_refuse_unjudged(struct link *link)
{
	link_refuse(link, verdict_reason(link->verdict), verdict_detail(link->verdict), 60000);
}

/* No evidence came in time.  A CRL that is held and is no use says more than that. */
static void
link_refuse_unanswered(struct link *link)
{
	if (verdict_reason(link->verdict) == REASON_CRL_MISSING)
		link_refuse(link, REASON_CRL_UNREACHABLE, "no CRL came in time", 60000);
	else
		link_refuse_unjudged(link);
}

/* Only CRL evidence is wanting: trust has it fetched, once for all who wait. */
static void
link_park(struct link *link, const struct judge_question *question)
{
	struct edge_trust_want want = {.id = link->number,
	    .purpose = (uint8_t)question->purpose,
	    .use = (uint8_t)(question->peer_dials ? PATH_USE_CLIENT : PATH_USE_SERVER)};

	if (tls_stream_peer(link->stream, want.chain.items, PATH_CHAIN_MAX,
		&want.chain.count) != STATUS_OK ||
	    link_base_want(link->params.base, &want) != STATUS_OK) {
		link_refuse_unjudged(link);
		return;
	}
	link->parked = true;
	session_park(&link->session, clock_mono_ms());
	link->reading = true;
	link_apply_reading(link);
	link_set_timer(link);
}

/* A certificate that could not be read is known by its hash alone. */
static void
link_note_unread(struct link *link)
{
	struct bytes der;

	link->unread =
	    verdict_cert_count(link->verdict) == 0 && tls_stream_leaf(link->stream, &der);
	if (link->unread)
		pubkey_sha256(der, link->unread_sha256);
}

/* Judges; may_park: evidence that is wanting may still be waited for. */
static void
link_judge(struct link *link, bool may_park)
{
	struct judge_question question = {.purpose = TRUST_APPLIANCE,
	    .peer_dials = !link->params.dials,
	    .name = link->name,
	    .now_s = clock_wall_s()};
	struct snapshot *snapshot = link_base_snapshot(link->params.base);

	verdict_free(link->verdict);
	link->verdict =
	    judge_peer(snapshot, link_base_memo(link->params.base), &question, link->stream);
	link_note_unread(link);
	if (verdict_outcome(link->verdict) != VERDICT_REJECT)
		link_pass(link);
	else if (may_park && verdict_wants_crl(link->verdict))
		link_park(link, &question);
	else
		link_refuse_unjudged(link);
}

static void
link_on_handshaken(void *arg)
{
	struct link *link = arg;

	(void)tls_stream_link_id(link->stream, link->id);
	session_init(&link->session, link->params.role, clock_mono_ms());
	frame_decoder_init(&link->decoder, session_limit, &link->session);
	link->session_begun = true;
	if (link_base_snapshot(link->params.base) == NULL) {
		link_cut(link); /* this process has only just begun */
		return;
	}
	link_judge(link, true);
}

void
link_on_wanted(struct link *link, const struct edge_trust_wanted *wanted)
{
	if (link->over || !link->parked)
		return;
	link->parked = false;
	/* the evidence is in the snapshot by now, or the reason why there is none */
	link_judge(link, false);
}

enum judge_live
link_judge_again(struct link *link, int64_t *stale_since_s, int64_t now_s)
{
	struct judge_question question = {.purpose = TRUST_APPLIANCE,
	    .peer_dials = !link->params.dials,
	    .name = link->name,
	    .now_s = now_s};
	struct snapshot *snapshot = link_base_snapshot(link->params.base);
	enum judge_live answer;

	verdict_free(link->verdict);
	link->verdict =
	    judge_peer(snapshot, link_base_memo(link->params.base), &question, link->stream);
	answer = judge_live(link->verdict, &snapshot->purposes[TRUST_APPLIANCE].policy,
	    *stale_since_s, now_s);
	if (answer == JUDGE_STALE && *stale_since_s == 0)
		*stale_since_s = now_s;
	else if (answer == JUDGE_KEEP)
		*stale_since_s = 0;
	if (answer == JUDGE_DROP)
		link_refuse_unjudged(link);
	return answer;
}

/* --- the stream --- */

static void
link_on_drained(void *arg)
{
	struct link *link = arg;

	if (!link->over && link->params.ops->drained != NULL)
		link->params.ops->drained(link->params.arg);
}

static enum link_end_kind
link_kind_of(const struct tls_end *end)
{
	switch (end->kind) {
	case TLS_END_ALERT:
		return LINK_END_REFUSED_BY_PEER;
	case TLS_END_HANDSHAKE:
		return LINK_END_REFUSED_BY_US;
	case TLS_END_TIMEOUT:
	case TLS_END_RECORD:
		return LINK_END_VIOLATION;
	case TLS_END_CLOSED:
	case TLS_END_LOST:
	case TLS_END_LOCAL:
		break;
	}
	return LINK_END_LOST;
}

static void
link_on_stream_ended(void *arg, const struct tls_end *tls_end)
{
	struct link *link = arg;
	struct link_end end = {.kind = link_kind_of(tls_end),
	    .reason = tls_end->reason,
	    .alert_sent = tls_end->alert_sent,
	    .alert_received = tls_end->alert_received,
	    .detail = link->detail};

	if (link->id[0] == '\0')
		(void)tls_stream_link_id(link->stream, link->id);
	link->stream = NULL;
	link_set_detail(link, tls_end->detail);
	if (link->refused)
		end.kind = LINK_END_REFUSED_BY_PEER;
	if (end.kind == LINK_END_REFUSED_BY_PEER)
		end.reason = REASON_PEER_REFUSED_US;
	else if (end.kind == LINK_END_LOST)
		end.reason = REASON_OK; /* nobody refused anything */
	else if (tls_end->kind == TLS_END_TIMEOUT)
		end.reason = REASON_TIMEOUT;
	link_finish(link, &end);
}

static const struct tls_stream_ops stream_ops = {.handshaken = link_on_handshaken,
    .data = link_on_data,
    .drained = link_on_drained,
    .ended = link_on_stream_ended};

struct link *
link_new(const struct link_params *params)
{
	bool pair = params->role == SESSION_PAIR;
	struct tls_stream_params stream = {.fd = params->fd,
	    .dials = params->dials,
	    .credentials = link_base_credentials(params->base),
	    .protocols = pair ? pair_protocols : sensor_protocols,
	    .protocol_count = 1,
	    .label = params->label,
	    .out_max = LINK_OUT_MAX,
	    .ops = &stream_ops};
	struct link *link;

	if (stream.credentials == NULL) {
		fileio_close(params->fd);
		return NULL;
	}
	link = NEW(struct link);
	link->params = *params;
	link->name = params->name != NULL ? alloc_text(params->name) : NULL;
	link->label = alloc_text(params->label);
	link->number = ++next_number;
	link->timer = loop_timer_new(params->loop, link_on_timer, link);
	stream.arg = link;
	link->stream = tls_stream_new(params->tls, &stream);
	return link;
}

/* --- what the owner asks and does --- */

const struct verdict *
link_verdict(const struct link *link)
{
	return link->verdict;
}

const uint8_t *
link_unread_sha256(const struct link *link)
{
	return link->unread ? link->unread_sha256 : NULL;
}

const char *
link_protocol(const struct link *link)
{
	return link->stream != NULL ? tls_stream_protocol(link->stream) : NULL;
}

const char *
link_label(const struct link *link)
{
	return link->label;
}

const char *
link_id(const struct link *link)
{
	return link->id;
}

const struct session *
link_session(const struct link *link)
{
	return &link->session;
}

bool
link_dials(const struct link *link)
{
	return link->params.dials;
}

bool
link_is_live(const struct link *link)
{
	return !link->over && link->session_begun && link->session.state == SESSION_LIVE;
}

bool
link_is_parked(const struct link *link)
{
	return link->parked;
}

uint64_t
link_number(const struct link *link)
{
	return link->number;
}

enum status
link_put(struct link *link, const struct message *message)
{
	enum status status;

	if (link->over || link->stream == NULL)
		return STATUS_CLOSED;
	status =
	    session_put(&link->session, message, clock_mono_ms(), tls_stream_out(link->stream));
	if (status == STATUS_OK)
		tls_stream_flush(link->stream);
	link_set_timer(link);
	return status;
}

enum status
link_put_batch(struct link *link, struct bytes batch)
{
	enum status status;

	if (link->over || link->stream == NULL)
		return STATUS_CLOSED;
	status = session_put_batch(&link->session, batch, tls_stream_out(link->stream));
	if (status == STATUS_OK)
		tls_stream_flush(link->stream);
	return status;
}

void
link_read(struct link *link, bool on)
{
	if (link->over || link->reading == on)
		return;
	link->reading = on;
	link_apply_reading(link);
}

void
link_probe(struct link *link)
{
	if (link->over)
		return;
	session_probe(&link->session, clock_mono_ms());
	link_send_ping(link);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The edge to link: the log as it stands, batches within the window, what the console says
 * of them (docs/protocol.md section 7).
 */
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/fault_point.h"
#include "common/log/log.h"
#include "common/loop/loop.h"
#include "sensor-agent/agent.h"
#include "sensor-agent/inputs.h"

enum {
	READY_MAX = 256
};

static struct edge *
agent_edge(const struct agent *agent)
{
	return proc_edge(agent->proc, "link-spool", 0);
}

/* The end of one session or the start of the first: what the next HELLO says. */
static void
agent_say_ready(struct agent *agent)
{
	struct edge *edge = agent_edge(agent);
	struct edge_store_ready ready;
	struct spool_status status;
	struct buf payload;

	spool_get_status(agent->spool, &status);
	ready = (struct edge_store_ready){.first = status.first,
	    .next = status.durable + 1,
	    .counter = status.counter};
	memcpy(ready.log_id, status.log_id, sizeof(ready.log_id));
	buf_init(&payload, READY_MAX);
	edge_message_put(&payload, edge_store_ready_fields, &ready);
	agent->ready_due =
	    edge_send(edge, EDGE_STORE_READY, buf_bytes(&payload), NULL) == STATUS_AGAIN;
	buf_done(&payload);
}

static void
agent_end_session(struct agent *agent)
{
	outgoing_stop(&agent->outgoing);
	buf_clear(&agent->batch);
}

/* --- out --- */

/* Reads the next batch where none waits; false when there is nothing to send. */
static bool
agent_read_batch(struct agent *agent)
{
	size_t records, bytes;
	enum status status;

	if (agent->batch.len > 0)
		return true;
	if (!outgoing_room(&agent->outgoing, &records, &bytes))
		return false;
	agent->reader.next = agent->outgoing.next;
	status = spool_read(agent->spool, &agent->reader, records, bytes, &agent->batch,
	    &agent->batch_info);
	if (status != STATUS_OK && status != STATUS_END)
		agent_fail(agent, status);
	return status == STATUS_OK;
}

void
agent_send(struct agent *agent)
{
	const struct spool_batch *info = &agent->batch_info;

	while (!agent->failed && !agent->ready_due && agent->outgoing.live &&
	       agent_read_batch(agent)) {
		size_t len = agent->batch.len;

		if (!outgoing_fits(&agent->outgoing, info->count, len) ||
		    edge_send(agent_edge(agent), EDGE_STORE_SEND, buf_bytes(&agent->batch),
			NULL) != STATUS_OK)
			return; /* goes with the next acknowledgement, or with credit */
		outgoing_sent(&agent->outgoing, info->last, info->count, len);
		buf_clear(&agent->batch);
	}
}

static void
agent_on_credit(void *state, struct edge *edge)
{
	struct agent *agent = state;

	if (agent->ready_due)
		agent_say_ready(agent);
	agent_send(agent);
}

/* --- the session --- */

/* The log goes on under another name; takes time in proportion to the backlog, and where
 * the supervisor loses patience the next start ends it. */
static void
agent_reincarnate(struct agent *agent, const char *why)
{
	enum status status;

	log_warn("spool-reincarnated", LOG_TEXT("why", why),
	    LOG_MESSAGE("this spool is a copy of an older state; what is not acknowledged "
			"goes on under a new log id"));
	agent_end_session(agent);
	status = spool_reincarnate(agent->spool);
	if (status == STATUS_OK)
		agent_say_ready(agent);
	else
		agent_fail(agent, status);
}

/* The counter is on the disk before anything is sent: a reconnection shows it. */
static bool
agent_keep_counter(struct agent *agent, uint64_t counter)
{
	enum status status = status_from_errno(FAULT_POINT("agent.counter"));

	if (status == STATUS_OK)
		status = spool_set_counter(agent->spool, counter);
	if (status == STATUS_OK)
		return true;
	if (status != STATUS_NO_SPACE) {
		agent_fail(agent, status);
		return false;
	}
	/* a full spool is emptied by sending: after a crash the console may ask twice who
	 * this is, no more */
	log_warn("spool-full", LOG_MESSAGE("no place for the session counter; going on"));
	return true;
}

static void
agent_look_up(const struct agent *agent, const struct edge_store_accepted *accepted,
    struct outgoing_log *ret_own)
{
	struct spool_status status;

	spool_get_status(agent->spool, &status);
	*ret_own = (struct outgoing_log){.first = status.first, .next = status.durable + 1};
	if (accepted->has_held_hash && accepted->held < ret_own->next)
		ret_own->has_hash =
		    spool_hash_at(agent->spool, accepted->held, ret_own->hash) == STATUS_OK;
}

/* What is acknowledged goes; an answer that does not fit our log trims nothing. */
static void
agent_trim(struct agent *agent, uint64_t first, uint64_t last, const uint8_t *hash)
{
	struct spool_status own;
	enum status status;

	spool_get_status(agent->spool, &own);
	status = spool_ack(agent->spool, own.log_id, first, last, hash);
	if (status == STATUS_INVALID) {
		agent->acks_refused++;
		log_warn("ack-refused", LOG_U64("first", first), LOG_U64("last", last),
		    LOG_TEXT("console", agent->link.console),
		    LOG_MESSAGE("the console acknowledges records that are not ours; nothing "
				"is given up for it"));
	} else if (status == STATUS_OK) {
		spool_get_status(agent->spool, &own);
		outgoing_skip(&agent->outgoing, own.first);
	} else if (status != STATUS_NO_SPACE) {
		agent_fail(agent, status);
	}
}

static enum status
agent_on_accepted(struct agent *agent, const struct edge_frame *frame)
{
	struct edge_store_accepted accepted;
	struct outgoing_log own;
	enum outgoing_start start;

	if (edge_message_get(frame->payload, edge_store_accepted_fields, sizeof(accepted),
		&accepted) != STATUS_OK)
		return STATUS_INVALID;
	agent_end_session(agent);
	agent_look_up(agent, &accepted, &own);
	if (outgoing_accept(&agent->outgoing, &accepted, &own, &start) != STATUS_OK)
		return STATUS_INVALID;
	if (start == OUTGOING_OLD_IMAGE) {
		agent_reincarnate(agent, "the console holds records that are not in it");
		return STATUS_OK;
	}
	if (start == OUTGOING_REGRESSED) {
		log_warn("console-regressed", LOG_BYTES("console", accepted.console),
		    LOG_U64("top", accepted.top),
		    LOG_MESSAGE("the console holds less than it once did, as after a restore; "
				"all that is still here is sent again"));
		agent->regressed_us = clock_wall_us(); /* the next health record says it */
	}
	/* where one copy is enough, what it holds is acknowledged: the ACK may have been lost
	 */
	if (accepted.copies == 1 && own.has_hash && accepted.held >= own.first)
		agent_trim(agent, own.first, accepted.held, accepted.held_hash);
	if (!agent->failed && agent_keep_counter(agent, accepted.counter)) {
		agent->reader = (struct spool_reader){.next = agent->outgoing.next};
		agent_send(agent);
	}
	return STATUS_OK;
}

void
agent_relieve(struct agent *agent)
{
	struct outgoing_interval solo;
	struct spool_status status;

	spool_get_status(agent->spool, &status);
	if (!outgoing_take_solo(&agent->outgoing, status.percent, &solo))
		return;
	log_warn("spool-trimmed-solo", LOG_U64("first", solo.first), LOG_U64("last", solo.last),
	    LOG_MESSAGE("the spool runs full and the other console is away: records that one "
			"console holds were given up here"));
	agent_trim(agent, solo.first, solo.last, solo.hash);
}

static enum status
agent_on_acked(struct agent *agent, const struct edge_frame *frame)
{
	struct edge_store_ack ack;
	enum outgoing_ack what;

	if (edge_message_get(frame->payload, edge_store_ack_fields, sizeof(ack), &ack) !=
		STATUS_OK ||
	    outgoing_acked(&agent->outgoing, &ack, &what) != STATUS_OK)
		return STATUS_INVALID;
	if (what == OUTGOING_TRIM)
		agent_trim(agent, ack.first, ack.last, ack.hash);
	agent_relieve(agent);
	if (agent->failed)
		return STATUS_OK;
	inputs_resume(agent->inputs);
	agent_send(agent);
	return STATUS_OK;
}

static enum status
agent_on_reincarnate(struct agent *agent, const struct edge_frame *frame)
{
	struct edge_store_reincarnate wanted;
	struct spool_status status;

	if (edge_message_get(frame->payload, edge_store_reincarnate_fields, sizeof(wanted),
		&wanted) != STATUS_OK)
		return STATUS_INVALID;
	spool_get_status(agent->spool, &status);
	if (memcmp(wanted.log_id, status.log_id, sizeof(wanted.log_id)) == 0)
		agent_reincarnate(agent, "the console asks for it");
	return STATUS_OK;
}

/* --- what link says of itself --- */

static void
agent_copy(struct bytes text, char *copy, size_t size)
{
	snprintf(copy, size, "%.*s", (int)text.len, (const char *)text.data);
}

static enum status
agent_on_state(struct agent *agent, const struct edge_frame *frame)
{
	struct agent_link_state *link = &agent->link;
	struct edge_store_state state;

	if (edge_message_get(frame->payload, edge_store_state_fields, sizeof(state), &state) !=
		STATUS_OK ||
	    state.state >= EDGE_LINK_STATE_COUNT || state.reason >= REASON_COUNT)
		return STATUS_INVALID;
	link->state = (enum edge_link_state)state.state;
	link->reason = (enum reason)state.reason;
	link->since_us = state.since_us;
	link->next_try_us = state.next_try_us;
	link->clock_offset_us = state.clock_offset_us;
	agent_copy(state.console, link->console, sizeof(link->console));
	agent_copy(state.detail, link->detail, sizeof(link->detail));
	return STATUS_OK;
}

static enum status
agent_on_failure(struct agent *agent, const struct edge_frame *frame)
{
	struct edge_store_failure failure;

	if (edge_message_get(frame->payload, edge_store_failure_fields, sizeof(failure),
		&failure) != STATUS_OK ||
	    failure_log_add(agent->failures, &failure) != STATUS_OK)
		return STATUS_INVALID;
	agent_tell_failures(agent);
	return STATUS_OK;
}

static enum status
agent_on_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	struct agent *agent = state;

	if (agent->failed)
		return STATUS_OK;
	switch (frame->type) {
	case EDGE_STORE_ACCEPTED:
		return agent_on_accepted(agent, frame);
	case EDGE_STORE_ACKED:
		return agent_on_acked(agent, frame);
	case EDGE_STORE_REINCARNATE:
		return agent_on_reincarnate(agent, frame);
	case EDGE_STORE_STATE:
		return agent_on_state(agent, frame);
	case EDGE_STORE_FAILURE:
		return agent_on_failure(agent, frame);
	case EDGE_STORE_CLOSE:
		agent_end_session(agent);
		agent_say_ready(agent);
		return STATUS_OK;
	default:
		return STATUS_INVALID;
	}
}

static void
agent_on_up(void *state, struct edge *edge)
{
	agent_say_ready(state);
}

/* Link died: what was in flight is sent again in the next session. */
static void
agent_on_down(void *state, struct edge *edge)
{
	struct agent *agent = state;

	agent_end_session(agent);
	agent->ready_due = false;
	agent->link = (struct agent_link_state){.state = EDGE_LINK_DISCONNECTED,
	    .detail = "the role that holds the link is being started",
	    .since_us = clock_wall_us()};
}

const struct edge_ops agent_link_ops = {.release_on_return = true,
    .up = agent_on_up,
    .down = agent_on_down,
    .frame = agent_on_frame,
    .credit = agent_on_credit};

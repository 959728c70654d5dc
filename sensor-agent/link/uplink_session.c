/* SPDX-License-Identifier: Apache-2.0
 *
 * A session with a console: HELLO after our own verdict, batches after its ACCEPT.
 * "Connected" is ACCEPT and nothing before it.
 */
#include <string.h>

#include "common/base/clock.h"
#include "common/log/log.h"
#include "common/loop/loop.h"
#include "common/wire/message.h"
#include "sensor-agent/link/uplink_state.h"

static void
uplink_on_judged(void *arg)
{
	struct uplink *uplink = arg;
	const struct edge_store_ready *ready = &uplink->ready;
	struct message message = {.type = MESSAGE_HELLO};

	message.hello = (struct message_hello){.min_version = SESSION_VERSION_MIN,
	    .max_version = SESSION_VERSION_MAX,
	    .first = ready->first,
	    .next = ready->next,
	    .counter = ready->counter,
	    .clock = clock_wall_us(),
	    .software = bytes_of_text("portcullis " PORTCULLIS_VERSION)};
	memcpy(message.hello.log_id, ready->log_id, sizeof(message.hello.log_id));
	uplink->place = UPLINK_ASKING;
	uplink->stale_since_s = 0;
	if (link_put(uplink->link, &message) != STATUS_OK)
		link_cut(uplink->link);
}

static void
uplink_on_accept(struct uplink *uplink, const struct message_accept *accept)
{
	const struct uplink_console *console = uplink_console(uplink);
	struct edge_store_accepted accepted = {.console = bytes_of_text(console->name),
	    .counter = accept->counter,
	    .copies = (uint8_t)accept->copies,
	    .held = accept->held,
	    .has_held_hash = accept->held_hash.len == sizeof(accepted.held_hash),
	    .top = accept->top,
	    .window_records = (uint32_t)accept->window_records,
	    .window_bytes = accept->window_bytes};

	memcpy(accepted.store_id, accept->store_id, sizeof(accepted.store_id));
	if (accepted.has_held_hash)
		memcpy(accepted.held_hash, accept->held_hash.data, sizeof(accepted.held_hash));
	uplink->clock_offset_us = accept->clock - clock_wall_us();
	uplink->place = UPLINK_LIVE;
	uplink->tried = 0;
	backoff_reset(&uplink->backoff);
	uplink_tell_state(uplink, EDGE_LINK_SYNCED, REASON_OK, "", 0);
	log_info("link-connected", LOG_TEXT("console", console->name),
	    LOG_TEXT("address", uplink->label), LOG_TEXT("link_id", link_id(uplink->link)),
	    LOG_U64("held", accept->held));
	if (uplink_send_spool(uplink, EDGE_STORE_ACCEPTED, edge_store_accepted_fields,
		&accepted) != STATUS_OK)
		link_bye(uplink->link, MESSAGE_BYE_STORE, 0);
}

/* Each interval by itself; the count of batches goes with the last, as it covers all. */
static void
uplink_on_ack(struct uplink *uplink, const struct message_ack *ack)
{
	for (size_t i = 0; i < ack->intervals.count; i++) {
		const struct message_interval *interval = &ack->intervals.at[i];
		struct edge_store_ack acked = {.level = (uint8_t)ack->level,
		    .solo = ack->solo,
		    .first = interval->first,
		    .last = interval->last,
		    .batches = ack->batches};

		memcpy(acked.hash, interval->hash, sizeof(acked.hash));
		if (uplink_send_spool(uplink, EDGE_STORE_ACKED, edge_store_ack_fields,
			&acked) != STATUS_OK) {
			link_bye(uplink->link, MESSAGE_BYE_STORE, 0);
			return;
		}
	}
}

static void
uplink_on_reincarnate(struct uplink *uplink, const struct message_new_log *new_log)
{
	struct edge_store_reincarnate message = {.seq = new_log->seq,
	    .cause = (uint8_t)new_log->cause};

	memcpy(message.log_id, new_log->log_id, sizeof(message.log_id));
	(void)!uplink_send_spool(uplink, EDGE_STORE_REINCARNATE, edge_store_reincarnate_fields,
	    &message);
}

static void
uplink_on_message(void *arg, uint8_t type, const struct session_input *input)
{
	struct uplink *uplink = arg;

	if (type == MESSAGE_ACCEPT)
		uplink_on_accept(uplink, &input->message.accept);
	else if (type == MESSAGE_ACK)
		uplink_on_ack(uplink, &input->message.ack);
	else if (type == MESSAGE_REINCARNATE)
		uplink_on_reincarnate(uplink, &input->message.reincarnate);
}

static void
uplink_on_ended(void *arg, const struct link_end *end)
{
	struct edge_store_session closed = {.session = 0};
	struct uplink *uplink = arg;

	if (end->reason != REASON_OK)
		uplink_record(uplink, end);
	else
		log_info("link-lost", LOG_TEXT("console", uplink_console(uplink)->name),
		    LOG_TEXT("address", uplink->label), LOG_TEXT("detail", end->detail));
	uplink->link = NULL;
	uplink->has_ready = false; /* the spool answers CLOSE with READY */
	(void)!uplink_send_spool(uplink, EDGE_STORE_CLOSE, edge_store_session_fields, &closed);
	uplink_retry(uplink, end);
}

static const struct link_ops link_ops = {.judged = uplink_on_judged,
    .message = uplink_on_message,
    .ended = uplink_on_ended};

void
uplink_begin(struct uplink *uplink, int fd)
{
	struct link_params params = {.tls = uplink->tls,
	    .loop = proc_loop(uplink->proc),
	    .base = uplink->base,
	    .fd = fd,
	    .role = SESSION_SENSOR,
	    .dials = true,
	    .name = uplink_console(uplink)->name,
	    .label = uplink->label,
	    .ops = &link_ops,
	    .arg = uplink};

	uplink->place = UPLINK_JUDGING;
	uplink->link = link_new(&params);
	if (uplink->link == NULL)
		uplink_retry(uplink, &(struct link_end){.kind = LINK_END_LOST,
					 .detail = "no certificate is installed"});
}

/* --- the spool --- */

static enum status
uplink_on_ready(struct uplink *uplink, const struct edge_frame *frame)
{
	struct edge_store_ready ready;

	if (edge_message_get(frame->payload, edge_store_ready_fields, sizeof(ready), &ready) !=
	    STATUS_OK)
		return STATUS_INVALID;
	uplink->ready = ready;
	uplink->has_ready = true;
	if (uplink->place == UPLINK_ASKING || uplink->place == UPLINK_LIVE)
		link_bye(uplink->link, MESSAGE_BYE_REINCARNATION, 0); /* another log now */
	else
		uplink_try(uplink);
	return STATUS_OK;
}

enum status
uplink_on_spool(struct uplink *uplink, struct edge_frame *frame)
{
	if (frame->type == EDGE_STORE_READY)
		return uplink_on_ready(uplink, frame);
	if (frame->type != EDGE_STORE_SEND)
		return STATUS_INVALID;
	/* what comes when no session is live is of the one before, and is sent again */
	if (uplink->place == UPLINK_LIVE && uplink->has_ready &&
	    link_put_batch(uplink->link, frame->payload) != STATUS_OK)
		link_cut(uplink->link);
	return STATUS_OK;
}

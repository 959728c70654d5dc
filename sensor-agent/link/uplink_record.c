/* SPDX-License-Identifier: Apache-2.0
 *
 * The sensor's half of the story: its own refusals and those it met, in its log, and
 * through the spool on the console once it is connected again.
 */
#include "common/base/clock.h"
#include "common/link/link_record.h"
#include "common/log/log.h"
#include "sensor-agent/link/uplink_state.h"

void
uplink_tell_state(struct uplink *uplink, enum edge_link_state state, enum reason reason,
    const char *detail, int64_t next_try_ms)
{
	int64_t now_us = clock_wall_us();
	struct edge_store_state message = {.state = (uint8_t)state,
	    .reason = (uint8_t)reason,
	    .detail = bytes_of_text(detail),
	    .since_us = now_us,
	    .next_try_us = next_try_ms > 0 ? now_us + next_try_ms * 1000 : 0,
	    .clock_offset_us = uplink->clock_offset_us};

	if (uplink->console_count > 0)
		message.console = bytes_of_text(uplink_console(uplink)->name);
	/* a state that is not told is told again with the next change */
	(void)!uplink_send_spool(uplink, EDGE_STORE_STATE, edge_store_state_fields, &message);
}

void
uplink_record(struct uplink *uplink, const struct link_end *end)
{
	const struct reason_info *info = reason_info(end->reason);
	struct snapshot *snapshot = link_base_snapshot(uplink->base);
	struct link_record record = {.now_us = clock_wall_us(),
	    .reported_by = uplink->reported_by,
	    .peer = "console",
	    .phase = uplink->place == UPLINK_LIVE ? LINK_PHASE_LIVE : LINK_PHASE_CONNECT,
	    .address = uplink->label,
	    .link_id = link_id(uplink->link),
	    .verdict = link_verdict(uplink->link),
	    .unread_sha256 = link_unread_sha256(uplink->link),
	    .end = end,
	    .policy = snapshot != NULL ? &snapshot->purposes[TRUST_APPLIANCE].policy : NULL,
	    .impact = "no link to this console; events stay in the spool"};
	char identity[LINK_IDENTITY_SIZE];
	struct edge_store_failure failure = {.reason = (uint8_t)end->reason,
	    .proved = link_record_identity(&record, identity),
	    .identity = bytes_of_text(identity),
	    .reported_by = bytes_of_text(uplink->reported_by),
	    .link_id = bytes_of_text(record.link_id),
	    .at_us = record.now_us,
	    .count = 1};
	struct buf json, line;

	if (end->peer_clock_us != 0)
		uplink->clock_offset_us = end->peer_clock_us - record.now_us;
	buf_init(&json, LINK_RECORD_MAX);
	buf_init(&line, LINK_RECORD_MAX);
	link_record_json(&record, &json);
	link_record_line(&record, &line);
	log_warn("link-refused", LOG_KEY(info->slug), LOG_KEY(identity),
	    LOG_TEXT("reason", info->slug), LOG_TEXT("peer", uplink->label),
	    LOG_TEXT("console", uplink_console(uplink)->name),
	    LOG_TEXT("link_id", record.link_id), LOG_TEXT("fix", info->advice),
	    LOG_U64("alert_sent", end->alert_sent),
	    LOG_U64("alert_received", end->alert_received), LOG_MESSAGE(buf_text(&line)));
	failure.record = buf_bytes(&json);
	if (buf_ok(&json))
		(void)!uplink_send_spool(uplink, EDGE_STORE_FAILURE, edge_store_failure_fields,
		    &failure);
	buf_done(&json);
	buf_done(&line);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Failures of this worker's links: one line in the log, one record for the store.  A storm
 * is folded by both: the log counts what it leaves out, the store counts in its row.
 */
#include "common/base/clock.h"
#include "common/link/link_record.h"
#include "console-server/link/worker_state.h"

static const char *
record_impact(const struct worker_session *session)
{
	return session->place == SESSION_ACCEPTED
		   ? "link dropped; the sensor keeps its events and tries again"
		   : "not let in; the sensor keeps its events and tries again";
}

static void
record_log(const struct link_record *record, const char *identity, const char *line)
{
	const struct reason_info *info = reason_info(link_record_reason(record));

	log_warn("link-refused", LOG_KEY(info->slug), LOG_KEY(identity),
	    LOG_TEXT("reason", info->slug), LOG_TEXT("peer", record->address),
	    LOG_TEXT("sensor", identity), LOG_TEXT("link_id", record->link_id),
	    LOG_TEXT("fix", info->advice), LOG_U64("alert_sent", record->end->alert_sent),
	    LOG_U64("alert_received", record->end->alert_received), LOG_MESSAGE(line));
}

void
worker_record(struct worker_session *session, const struct link_end *end)
{
	struct worker *worker = session->worker;
	struct snapshot *snapshot = link_base_snapshot(worker->base);
	struct link_record record = {.now_us = clock_wall_us(),
	    .reported_by = worker->config.reported_by,
	    .peer = "sensor",
	    .phase = session->place == SESSION_ACCEPTED ? LINK_PHASE_LIVE : LINK_PHASE_CONNECT,
	    .address = session->address,
	    .link_id = link_id(session->link),
	    .verdict = link_verdict(session->link),
	    .unread_sha256 = link_unread_sha256(session->link),
	    .end = end,
	    .policy = snapshot != NULL ? &snapshot->purposes[TRUST_APPLIANCE].policy : NULL,
	    .impact = record_impact(session)};
	char identity[LINK_IDENTITY_SIZE];
	struct edge_store_failure failure = {.reason = (uint8_t)end->reason,
	    .proved = link_record_identity(&record, identity),
	    .identity = bytes_of_text(identity),
	    .reported_by = bytes_of_text(worker->config.reported_by),
	    .link_id = bytes_of_text(record.link_id),
	    .at_us = record.now_us,
	    .count = 1};
	struct buf json, line;

	buf_init(&json, LINK_RECORD_MAX);
	buf_init(&line, LINK_RECORD_MAX);
	link_record_json(&record, &json);
	link_record_line(&record, &line);
	record_log(&record, identity, buf_text(&line));
	failure.record = buf_bytes(&json);
	/* without credit the row lacks one of its count; the log has the line */
	if (buf_ok(&json))
		(void)!worker_send_store(worker, EDGE_STORE_FAILURE, edge_store_failure_fields,
		    &failure);
	buf_done(&json);
	buf_done(&line);
}

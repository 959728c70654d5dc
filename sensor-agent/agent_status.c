/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of the sensor as JSON, for operators and for the health records.
 */
#include "common/base/clock.h"
#include "sensor-agent/agent.h"
#include "sensor-agent/inputs.h"

static void
agent_put_time(struct json_write *json, const char *key, int64_t wall_us)
{
	if (wall_us == 0)
		json_none(json, key);
	else
		json_time_us(json, key, wall_us);
}

void
agent_put_link(const struct agent *agent, const char *key, struct json_write *json)
{
	const struct agent_link_state *link = &agent->link;

	json_open_object(json, key);
	json_text(json, "state", edge_link_state_text(link->state));
	json_text(json, "console", link->console[0] != '\0' ? link->console : NULL);
	json_text(json, "reason", link->reason != REASON_OK ? reason_slug(link->reason) : NULL);
	json_text(json, "detail", link->detail[0] != '\0' ? link->detail : NULL);
	json_text(json, "fix",
	    link->reason != REASON_OK ? reason_info(link->reason)->advice : NULL);
	agent_put_time(json, "since", link->since_us);
	agent_put_time(json, "next_try", link->next_try_us);
	json_i64(json, "clock_offset_ms", link->clock_offset_us / 1000);
	json_u64(json, "in_flight", agent->outgoing.window.records);
	json_u64(json, "acks_refused", agent->acks_refused);
	agent_put_time(json, "console_regressed", agent->regressed_us);
	json_close_object(json);
}

static void
agent_put_spool(const struct agent *agent, struct json_write *json)
{
	static const char *const alarms[] = {NULL, "high", "critical"};
	struct spool_status status;

	spool_get_status(agent->spool, &status);
	json_open_object(json, "spool");
	json_u64(json, "waiting", status.next - status.first);
	json_u64(json, "first", status.first);
	json_u64(json, "next", status.next);
	json_u64(json, "durable", status.durable);
	json_u64(json, "used_bytes", status.used);
	json_u64(json, "quota_bytes", status.quota);
	json_u64(json, "percent", status.percent);
	json_text(json, "alarm", alarms[status.alarm]);
	json_bool(json, "full", status.blocked);
	json_u64(json, "dropped", status.dropped);
	json_u64(json, "failures_forgotten", failure_log_forgotten(agent->failures));
	json_u64(json, "session_counter", status.counter);
	json_hex(json, "log_id", bytes_of(status.log_id, sizeof(status.log_id)));
	json_close_object(json);
}

void
agent_put_status(const struct agent *agent, struct buf *out)
{
	struct json_write json = json_write_to(out);

	json_open_object(&json, NULL);
	json_text(&json, "version", PORTCULLIS_VERSION);
	json_time_us(&json, "started", agent->started_us);
	agent_put_link(agent, "link", &json);
	agent_put_spool(agent, &json);
	inputs_put_status(agent->inputs, "inputs", &json);
	admin_put_certificate(agent->admin, "certificate", &json);
	json_close_object(&json);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sensor says of itself: records of refused and endangered links, of its health
 * once a minute, and lines in the log when the spool runs full.
 */
#include "common/base/clock.h"
#include "common/log/log.h"
#include "sensor-agent/agent.h"
#include "sensor-agent/inputs.h"

enum {
	FACT_MAX = 16384
};

void
agent_tell_failures(struct agent *agent)
{
	struct failure_row *row;
	struct buf data;
	enum status status = STATUS_OK;
	uint64_t seq;

	buf_init(&data, FAILURE_RECORD_MAX + 1024);
	while (status == STATUS_OK &&
	       (row = failure_log_due(agent->failures, clock_mono_ms())) != NULL) {
		buf_clear(&data);
		failure_log_put(row, true, &data);
		status = agent_append(agent,
		    &(struct spool_append){.type = RECORD_FAILURE,
			.source = "failure",
			.data = buf_bytes(&data)},
		    &seq);
		if (status == STATUS_OK)
			failure_log_told(row, clock_mono_ms());
	}
	buf_done(&data);
}

void
agent_tell_health(struct agent *agent)
{
	struct buf certificate, link, inputs;
	struct health_facts facts;
	struct json_write json;
	enum status status;

	buf_init(&certificate, FACT_MAX);
	buf_init(&link, FACT_MAX);
	buf_init(&inputs, FACT_MAX);
	json = json_write_to(&certificate);
	admin_put_certificate(agent->admin, NULL, &json);
	json = json_write_to(&link);
	agent_put_link(agent, NULL, &json);
	json = json_write_to(&inputs);
	inputs_put_status(agent->inputs, NULL, &json);
	facts = (struct health_facts){.certificate = buf_bytes(&certificate),
	    .links = buf_bytes(&link)};
	if (buf_ok(&inputs)) /* very many inputs: the record does without */
		facts.inputs = buf_bytes(&inputs);
	status = health_poll(&agent->health, clock_wall_us(), clock_mono_ms(), &facts);
	buf_done(&certificate);
	buf_done(&link);
	buf_done(&inputs);
	if (status == STATUS_OK)
		agent_commit_soon(agent);
	else if (status != STATUS_NO_SPACE) /* then the next look tells it */
		agent_fail(agent, status);
}

void
agent_watch(struct agent *agent)
{
	struct spool_status status;

	spool_get_status(agent->spool, &status);
	if (status.blocked && !agent->blocked)
		log_error("spool-full", LOG_U64("used", status.used),
		    LOG_U64("quota", status.quota),
		    LOG_MESSAGE(
			"the spool is full; look at the link to the consoles, or give it "
			"more with Quota="));
	else if (!status.blocked && agent->blocked)
		log_info("spool-room", LOG_U64("percent", status.percent),
		    LOG_MESSAGE("the spool has room again"));
	agent->blocked = status.blocked;
	if (status.alarm > agent->alarm)
		log_warn("spool-filling", LOG_U64("percent", status.percent),
		    LOG_U64("waiting", status.next - status.first),
		    LOG_MESSAGE("the spool runs full: the consoles take less than comes in"));
	agent->alarm = status.alarm;
}

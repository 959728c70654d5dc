/* SPDX-License-Identifier: Apache-2.0
 *
 * Group commit: what arrives within a few milliseconds is made durable together; then it is
 * accepted, answered and sent.
 */
#include "common/base/fault_point.h"
#include "common/log/log.h"
#include "common/loop/loop.h"
#include "sensor-agent/agent.h"
#include "sensor-agent/inputs.h"

enum {
	COMMIT_RECORDS = 256,
	COMMIT_MS = 5,
};

void
agent_fail(struct agent *agent, enum status why)
{
	if (agent->failed)
		return;
	agent->failed = true;
	outgoing_stop(&agent->outgoing);
	log_error("spool-failed", LOG_TEXT("cause", status_text(why)),
	    LOG_MESSAGE("the spool can't be written or read; what was accepted stays, and the "
			"role begins anew with what is on the disk"));
	proc_exit(agent->proc);
}

static void
agent_commit(struct agent *agent)
{
	enum status status = status_from_errno(FAULT_POINT("agent.commit"));

	loop_timer_stop(agent->commit_timer);
	if (status == STATUS_OK)
		status = spool_sync(agent->spool);
	if (status != STATUS_OK) {
		agent_fail(agent, status);
		return;
	}
	if (FAULT_POINT("agent.committed") != 0) {
		agent_fail(agent, STATUS_IO);
		return;
	}
	inputs_synced(agent->inputs);
	agent_watch(agent);
	agent_send(agent);
}

void
agent_on_commit_timer(void *arg)
{
	struct agent *agent = arg;

	if (!agent->failed)
		agent_commit(agent);
}

void
agent_commit_soon(struct agent *agent)
{
	size_t waiting = spool_unsynced(agent->spool);

	if (agent->failed || waiting == 0)
		return;
	if (waiting >= COMMIT_RECORDS)
		agent_commit(agent);
	else if (!loop_timer_is_set(agent->commit_timer))
		loop_timer_once(agent->commit_timer, COMMIT_MS);
}

enum status
agent_append(struct agent *agent, const struct spool_append *append, uint64_t *ret_seq)
{
	enum status status =
	    agent->failed ? STATUS_IO : spool_append(agent->spool, append, ret_seq);

	if (status == STATUS_OK)
		agent_commit_soon(agent);
	else if (status != STATUS_NO_SPACE)
		agent_fail(agent, status);
	return status;
}

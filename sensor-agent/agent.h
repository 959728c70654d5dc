/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the spool role: its state, and what its files ask of each other.  agent_commit.c
 * makes records durable, agent_link.c sends them, agent_report.c adds what the sensor says
 * of itself, agent_status.c and agent_control.c answer operators, agent_inputs.c reads.
 */
#ifndef PORTCULLIS_SENSOR_AGENT_H
#define PORTCULLIS_SENSOR_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/json_write.h"
#include "common/daemon/admin.h"
#include "common/daemon/control.h"
#include "common/proc/proc.h"
#include "common/wire/edge_store.h"
#include "sensor-agent/failure_log.h"
#include "sensor-agent/input/health.h"
#include "sensor-agent/outgoing.h"
#include "sensor-agent/spool/spool.h"
#include "sensor-agent/spool_role.h"

struct loop_timer;
struct inputs;

enum {
	AGENT_NAME_SIZE = 65,
	AGENT_DETAIL_SIZE = 512,
	AGENT_DIRS_MAX = SANDBOX_PATHS_MAX - 1, /* and that of the spool */
};

/* What link said of itself last. */
struct agent_link_state {
	enum edge_link_state state;
	enum reason reason;
	char console[AGENT_NAME_SIZE];
	char detail[AGENT_DETAIL_SIZE];
	int64_t since_us;
	int64_t next_try_us;
	int64_t clock_offset_us;
};

struct agent {
	struct proc *proc;
	int dir_fd; /* of the spool */
	struct spool *spool;
	struct spool_options options;
	struct inputs *inputs;
	struct loop_timer *commit_timer, *tick_timer;
	bool failed; /* the role ends: nothing is begun any more */

	/* what the sandbox lets it read; for other directories it has to begin anew */
	char *dirs[AGENT_DIRS_MAX];
	size_t dir_count;
	bool anew; /* what was prepared needs that */
	uint8_t prepared_level;

	/* to the console */
	struct outgoing outgoing;
	struct spool_reader reader;
	struct buf batch; /* read and not yet sent, or empty */
	struct spool_batch batch_info;
	bool ready_due; /* READY could not be sent for want of credit */
	struct agent_link_state link;
	uint64_t acks_refused; /* with another hash than ours */

	/* of itself */
	struct health health;
	int64_t regressed_us; /* when a console was found to have lost what it held; 0: never */
	struct failure_log *failures;
	enum spool_alarm alarm; /* as it was logged last */
	bool blocked;
	int64_t started_us;

	/* operators */
	struct control *control;
	struct admin *admin;
	int listen_fd;
	gid_t read_gid, change_gid;
};

/* --- agent_commit.c --- */

/* Appends a record of the sensor's own.  STATUS_NO_SPACE: the spool is full; any other
 * failure has ended the role. */
enum status agent_append(struct agent *agent, const struct spool_append *append,
    uint64_t *ret_seq) MUST_USE;

/* Something was appended: it is made durable soon, with what comes meanwhile. */
void agent_commit_soon(struct agent *agent);
void agent_on_commit_timer(void *arg);

/* The system failed the spool: says so and ends the role, which is started again and reads
 * what is really there.  For every status of the spool but OK and NO_SPACE. */
void agent_fail(struct agent *agent, enum status why);

/* --- agent_link.c --- */

extern const struct edge_ops agent_link_ops;

/* Sends what is durable and fits. */
void agent_send(struct agent *agent);

/* Gives up records that one console holds where the spool is nearly full. */
void agent_relieve(struct agent *agent);

/* --- agent_report.c --- */

/* Failures and health become records, where they are due. */
void agent_tell_failures(struct agent *agent);
void agent_tell_health(struct agent *agent);

/* Logs that the spool runs full, is full, or is no more. */
void agent_watch(struct agent *agent);

/* --- agent_status.c --- */

/* The link, as an object; all there is to know, as an object. */
void agent_put_link(const struct agent *agent, const char *key, struct json_write *json);
void agent_put_status(const struct agent *agent, struct buf *out);

/* --- agent_control.c --- */

extern const struct control_ops agent_control_ops;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The spool role: settings, start and end.
 */
#include "sensor-agent/spool_role.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/daemon/daemon.h"
#include "common/log/log.h"
#include "common/loop/loop.h"
#include "common/pki/profile.h"
#include "common/wire/batch.h"
#include "sensor-agent/agent.h"
#include "sensor-agent/inputs.h"
#include "sensor-agent/spool/spool_host.h"

enum {
	PATH_SIZE = 4096,
	TICK_MS = 5000,
	START_MS = 10 * 60 * 1000, /* a large spool is read as a whole before it is used */
	BATCH_MAX = BATCH_SIZE_MAX + RECORD_HEADER_SIZE + RECORD_PAYLOAD_MAX,
};

#define AT(type, member) offsetof(struct type, member)

const struct edge_field spool_input_settings_fields[] = {
    {EDGE_FIELD_BYTES, AT(spool_input_settings, name)},
    {EDGE_FIELD_U8, AT(spool_input_settings, type)},
    {EDGE_FIELD_BYTES, AT(spool_input_settings, path)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field spool_settings_fields[] = {
    {EDGE_FIELD_BYTES, AT(spool_settings, directory)},
    {EDGE_FIELD_U64, AT(spool_settings, quota)},
    {EDGE_FIELD_BOOL, AT(spool_settings, drop_newest)},
    {EDGE_FIELD_U32, AT(spool_settings, read_gid)},
    {EDGE_FIELD_U32, AT(spool_settings, change_gid)},
    {EDGE_FIELD_U8, AT(spool_settings, log_format)},
    {EDGE_FIELD_U8, AT(spool_settings, log_level)},
    {EDGE_FIELD_LIST, AT(spool_settings, inputs)},
    {EDGE_FIELD_END, 0},
};

/* --- timers and inputs --- */

static void
role_on_tick(void *arg)
{
	struct agent *agent = arg;

	if (!agent->failed)
		agent_tell_failures(agent);
	if (!agent->failed)
		agent_tell_health(agent);
	if (!agent->failed)
		agent_relieve(agent);
	log_tick();
}

static void
role_on_appended(void *arg)
{
	struct agent *agent = arg;

	agent_watch(agent);
	agent_commit_soon(agent);
}

static void
role_on_input_failed(void *arg, enum status why)
{
	agent_fail(arg, why);
}

static const struct inputs_ops inputs_ops = {.appended = role_on_appended,
    .failed = role_on_input_failed};

/* --- edges to those who own keys and anchors --- */

static enum status
role_on_key(void *state, struct edge *edge, struct edge_frame *frame)
{
	return admin_on_key(((struct agent *)state)->admin, edge, frame);
}

static enum status
role_on_trust(void *state, struct edge *edge, struct edge_frame *frame)
{
	return admin_on_trust(((struct agent *)state)->admin, edge, frame);
}

static void
role_on_admin_down(void *state, struct edge *edge)
{
	admin_on_down(((struct agent *)state)->admin);
}

/* --- start --- */

/* What opening found, for the log: what an operator has to know as warnings. */
static void
role_log_report(const struct spool_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct spool_finding *found = &report->findings[i];

		if (spool_finding_alarm(found->kind))
			log_warn("spool-damaged",
			    LOG_TEXT("what", spool_finding_slug(found->kind)),
			    LOG_TEXT("file", found->file), LOG_U64("offset", found->offset),
			    LOG_U64("first", found->first), LOG_U64("last", found->last),
			    LOG_TEXT("detail", found->detail),
			    LOG_MESSAGE(spool_finding_text(found->kind)));
		else
			log_info("spool-recovered",
			    LOG_TEXT("what", spool_finding_slug(found->kind)),
			    LOG_TEXT("file", found->file),
			    LOG_MESSAGE(spool_finding_text(found->kind)));
	}
	if (report->lost > 0 || report->omitted > 0)
		log_error("spool-lost", LOG_U64("records", report->lost),
		    LOG_U64("more_findings", report->omitted),
		    LOG_MESSAGE("records of the spool can't be read any more; gap records say "
				"which"));
}

/* What tells this host from others.  An image or a container may have no machine id; a copy
 * of its spool then passes for the original. */
static enum status
role_know_host(struct spool_options *options)
{
	enum status status = spool_host_machine(options->machine);

	if (status == STATUS_NOT_FOUND || status == STATUS_INVALID) {
		memset(options->machine, 0, sizeof(options->machine));
		log_warn("no-machine-id",
		    LOG_MESSAGE("this host has no machine id in /etc/machine-id, so a spool "
				"that is copied to another host would not be noticed"));
		status = STATUS_OK;
	}
	return status == STATUS_OK ? spool_host_boot_id(options->boot_id) : status;
}

static enum status
role_open_spool(struct agent *agent, const struct spool_settings *settings,
    struct buf *reterr_reason)
{
	static struct spool_report report; /* large, and of one use */
	char path[PATH_SIZE];
	enum status status;

	snprintf(path, sizeof(path), "%.*s", (int)settings->directory.len,
	    (const char *)settings->directory.data);
	agent->options = (struct spool_options){.quota = settings->quota,
	    .segment_size = SPOOL_SEGMENT_SIZE,
	    .drop_newest = settings->drop_newest};
	status = role_know_host(&agent->options);
	if (status == STATUS_OK)
		status = fileio_open_dir(path, 0700, &agent->dir_fd);
	if (status == STATUS_OK)
		status = sandbox_allow_path(proc_sandbox(agent->proc), path, SANDBOX_WRITE);
	if (status == STATUS_OK)
		status = spool_open(agent->dir_fd, &agent->options, &agent->spool, &report);
	if (status != STATUS_OK) {
		buf_printf(reterr_reason, "%s: %s", path,
		    status == STATUS_EXISTS ? "another process has this spool open"
					    : status_text(status));
		return status;
	}
	role_log_report(&report);
	health_init(&agent->health, agent->spool, agent->dir_fd);
	return STATUS_OK;
}

static bool
role_may_read(const struct agent *agent, const char *dir)
{
	for (size_t i = 0; i < agent->dir_count; i++) {
		if (strcmp(agent->dirs[i], dir) == 0)
			return true;
	}
	return false;
}

/* Before the sandbox: the directories of the inputs.  One that is not there yet is said; it
 * is looked for again with the next reload. */
static enum status
role_allow_dirs(struct agent *agent, struct buf *reterr_reason)
{
	const char *dir;

	for (size_t i = 0; (dir = inputs_prepared_dir(agent->inputs, i)) != NULL; i++) {
		enum status status;

		if (role_may_read(agent, dir))
			continue;
		if (agent->dir_count == AGENT_DIRS_MAX) {
			buf_printf(reterr_reason, "the inputs are in more than %d directories",
			    AGENT_DIRS_MAX);
			return STATUS_LIMIT;
		}
		status = sandbox_allow_path(proc_sandbox(agent->proc), dir, SANDBOX_READ);
		if (status == STATUS_OK)
			agent->dirs[agent->dir_count++] = alloc_text(dir);
		else
			log_warn("input-missing", LOG_TEXT("path", dir),
			    LOG_TEXT("cause", status_text(status)),
			    LOG_MESSAGE("the directory of an input can't be read; put it in "
					"order, then reload"));
	}
	return STATUS_OK;
}

static enum status
role_open_inputs(struct agent *agent, const struct spool_settings *settings, struct fds *fds,
    struct buf *reterr_reason)
{
	enum status status;

	agent->inputs = inputs_new(proc_loop(agent->proc), agent->spool, &inputs_ops, agent);
	status = inputs_prepare(agent->inputs, &settings->inputs, fds, reterr_reason);
	if (status == STATUS_OK)
		status = role_allow_dirs(agent, reterr_reason);
	if (status == STATUS_OK)
		inputs_commit(agent->inputs);
	return status;
}

static enum status
role_open(struct agent *agent, const struct proc_config *config, struct buf *reterr_reason)
{
	struct spool_settings settings;
	enum status status = edge_message_get(config->payload, spool_settings_fields,
	    sizeof(settings), &settings);

	if (status == STATUS_OK)
		status = daemon_open_log("portcullis-sensor", proc_name(agent->proc),
		    settings.log_format, settings.log_level);
	if (status != STATUS_OK) {
		buf_printf(reterr_reason, "settings of the spool: %s", status_text(status));
		return status;
	}
	agent->listen_fd = fds_take(config->fds, 0);
	agent->read_gid = settings.read_gid;
	agent->change_gid = settings.change_gid;
	if (agent->listen_fd < 0) {
		buf_put_text(reterr_reason, "no control socket");
		return STATUS_INTERNAL;
	}
	status = role_open_spool(agent, &settings, reterr_reason);
	return status == STATUS_OK
		   ? role_open_inputs(agent, &settings, config->fds, reterr_reason)
		   : status;
}

static void
role_done(void *state)
{
	struct agent *agent = state;

	control_free(agent->control);
	if (agent->control == NULL)
		fileio_close(agent->listen_fd);
	inputs_free(agent->inputs);
	if (agent->spool != NULL)
		spool_close(agent->spool);
	fileio_close(agent->dir_fd);
	for (size_t i = 0; i < agent->dir_count; i++)
		free(agent->dirs[i]);
	outgoing_done(&agent->outgoing);
	failure_log_free(agent->failures);
	admin_free(agent->admin);
	loop_timer_free(agent->commit_timer);
	loop_timer_free(agent->tick_timer);
	buf_done(&agent->batch);
	free(agent);
}

static enum status
role_init(struct proc *proc, const struct proc_config *config, void **ret_state,
    struct buf *reterr_reason)
{
	struct agent *agent = NEW(struct agent);
	enum status status;

	agent->proc = proc;
	agent->listen_fd = agent->dir_fd = -1;
	agent->started_us = clock_wall_us();
	agent->link = (struct agent_link_state){.state = EDGE_LINK_DISCONNECTED,
	    .since_us = agent->started_us};
	agent->failures = failure_log_new();
	agent->admin = admin_new(proc, PROFILE_USE_DIALS);
	agent->commit_timer = loop_timer_new(proc_loop(proc), agent_on_commit_timer, agent);
	agent->tick_timer = loop_timer_new(proc_loop(proc), role_on_tick, agent);
	outgoing_init(&agent->outgoing);
	buf_init(&agent->batch, BATCH_MAX);
	status = role_open(agent, config, reterr_reason);
	if (status != STATUS_OK) {
		role_done(agent);
		return status;
	}
	*ret_state = agent;
	return STATUS_OK;
}

static void
role_ready(void *state)
{
	struct agent *agent = state;
	struct loop *loop = proc_loop(agent->proc);

	agent->control = control_new_take(loop, agent->listen_fd, agent->read_gid,
	    agent->change_gid, &agent_control_ops, agent);
	loop_timer_every(agent->tick_timer, TICK_MS);
	inputs_start(agent->inputs);
}

/* --- reload --- */

/* What the process that runs cannot take up: the sandbox has no door for new directories, and
 * a spool keeps the quota it was opened with. */
static bool
role_needs_anew(const struct agent *agent, const struct spool_settings *settings)
{
	const char *dir;

	for (size_t i = 0; (dir = inputs_prepared_dir(agent->inputs, i)) != NULL; i++) {
		if (!role_may_read(agent, dir))
			return true;
	}
	return settings->quota != agent->options.quota ||
	       settings->drop_newest != agent->options.drop_newest;
}

static enum status
role_prepare(void *state, const struct proc_config *config, struct buf *reterr_reason)
{
	struct agent *agent = state;
	struct spool_settings settings;
	enum status status = edge_message_get(config->payload, spool_settings_fields,
	    sizeof(settings), &settings);

	if (status == STATUS_OK)
		status =
		    inputs_prepare(agent->inputs, &settings.inputs, config->fds, reterr_reason);
	if (status != STATUS_OK) {
		inputs_abort(agent->inputs);
		return status;
	}
	agent->anew = role_needs_anew(agent, &settings);
	agent->prepared_level = settings.log_level;
	return STATUS_OK;
}

static void
role_commit(void *state)
{
	struct agent *agent = state;

	log_set_level((enum log_level)agent->prepared_level);
	if (!agent->anew) {
		inputs_commit(agent->inputs);
		return;
	}
	log_info("spool-anew",
	    LOG_MESSAGE("the new settings of inputs or spool need a new process; this one "
			"ends and the supervisor starts it again"));
	proc_exit(agent->proc);
}

static void
role_abort(void *state)
{
	inputs_abort(((struct agent *)state)->inputs);
}

static const struct edge_ops key_ops = {.release_on_return = true,
    .down = role_on_admin_down,
    .frame = role_on_key};
static const struct edge_ops trust_ops = {.release_on_return = true,
    .down = role_on_admin_down,
    .frame = role_on_trust};

static const struct proc_edge_use spool_edges[] = {
    {"link-spool", &agent_link_ops},
    {"admin-key", &key_ops},
    {"admin-trust", &trust_ops},
};

const struct proc_role spool_role = {
    .name = "spool",
    .instances = 1,
    .sandbox = {.flags = SANDBOX_FILES | SANDBOX_ACCEPT},
    .start_ms = START_MS,
    .edges = spool_edges,
    .edge_count = sizeof(spool_edges) / sizeof(spool_edges[0]),
    .init = role_init,
    .ready = role_ready,
    .prepare = role_prepare,
    .commit = role_commit,
    .abort = role_abort,
    .done = role_done,
};

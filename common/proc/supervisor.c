/* SPDX-License-Identifier: Apache-2.0
 *
 * The supervisor as a whole: starts the roles in the order of the table, watches that they
 * live, feeds the watchdog of the service manager from their signs of life, and stops them
 * in the reverse order.
 */
#include "common/proc/supervisor.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/proc/notify.h"
#include "common/proc/table.h"

enum {
	START_MS = 30 * 1000,
	HANG_MS = 20 * 1000,
	PREPARE_MS = 10 * 1000,
	STOP_MS = 10 * 1000,
	RESTART_BASE_MS = 100,
	RESTART_CAP_MS = 30 * 1000,
	RESTART_RESET_MS = 60 * 1000,
	TICKS_A_SILENCE = 5 /* signs of life in the time after which a role counts as hung */
};

void
supervisor_report(struct supervisor *supervisor, struct proc_event event)
{
	if (event.text == NULL)
		event.text = "";
	supervisor->program->report(supervisor->arg, &event);
}

static void
supervisor_report_kind(struct supervisor *supervisor, enum proc_event_kind kind)
{
	supervisor_report(supervisor,
	    (struct proc_event){.kind = kind, .generation = supervisor->generation});
}

/* --- start --- */

/* Starts the next role when all before it are ready; true when all are. */
static bool
supervisor_advance(struct supervisor *supervisor)
{
	bool all_ready = true;

	for (size_t i = 0; i < supervisor->child_count; i++) {
		struct child *child = &supervisor->children[i];

		if (i > 0 && child->role != child[-1].role && !all_ready)
			return false;
		if (child->starts == 0)
			child_start(child);
		all_ready = all_ready && child->state == CHILD_READY;
	}
	return all_ready;
}

void
supervisor_on_ready(struct supervisor *supervisor)
{
	if (!supervisor->running && !supervisor->stopping && !supervisor->failed &&
	    supervisor_advance(supervisor)) {
		supervisor->running = true;
		supervisor_report_kind(supervisor, PROC_EVENT_RUNNING);
		notify_send("READY=1");
	}
	reload_try(supervisor);
}

/* --- stop --- */

/* Tells the processes of a role to stop; false when there are none. */
static bool
supervisor_stop_role(struct supervisor *supervisor, const struct proc_role *role)
{
	bool any = false;

	for (size_t i = 0; i < supervisor->child_count; i++) {
		struct child *child = &supervisor->children[i];

		if (child->role != role || child->pid == 0)
			continue;
		any = true;
		if (child->told_to_stop)
			continue;
		child->told_to_stop = true;
		child_send(child, CONTROL_STOP, bytes_of(NULL, 0), bytes_of(NULL, 0), NULL);
	}
	return any;
}

/* Goes on with the role before, as soon as one has ended. */
static void
supervisor_stop_next(struct supervisor *supervisor)
{
	while (supervisor->stop_role > 0) {
		const struct proc_role *role =
		    &supervisor->program->roles[supervisor->stop_role - 1];

		if (supervisor_stop_role(supervisor, role)) {
			if (!loop_timer_is_set(supervisor->stop_deadline))
				loop_timer_once(supervisor->stop_deadline,
				    supervisor->timing.stop_ms);
			return;
		}
		loop_timer_stop(supervisor->stop_deadline);
		supervisor->stop_role--;
	}
	loop_stop(supervisor->loop);
}

static void
supervisor_on_stop_deadline(void *arg)
{
	struct supervisor *supervisor = arg;

	for (size_t i = 0; i < supervisor->child_count; i++) {
		if (supervisor->children[i].told_to_stop)
			child_kill(&supervisor->children[i], "did not stop in time");
	}
}

void
supervisor_stop(struct supervisor *supervisor)
{
	if (supervisor->stopping)
		return;
	supervisor->stopping = true;
	reload_abandon(supervisor, "the daemon is stopping");
	supervisor_report_kind(supervisor, PROC_EVENT_STOPPING);
	notify_send("STOPPING=1");
	for (size_t i = 0; i < supervisor->child_count; i++)
		loop_timer_stop(supervisor->children[i].restart);
	supervisor->stop_role = supervisor->program->role_count;
	supervisor_stop_next(supervisor);
}

void
supervisor_on_death(struct supervisor *supervisor)
{
	if (supervisor->stopping)
		supervisor_stop_next(supervisor);
	else if (supervisor->failed)
		supervisor_stop(supervisor);
	else
		reload_try(supervisor);
}

/* --- signs of life --- */

/* Kills what has been silent for too long. */
static void
supervisor_find_hung(struct supervisor *supervisor, int64_t now_ms)
{
	for (size_t i = 0; i < supervisor->child_count; i++) {
		struct child *child = &supervisor->children[i];
		bool ready = child->state == CHILD_READY;
		uint32_t start_ms = child->role->start_ms > 0 ? child->role->start_ms
							      : supervisor->timing.start_ms;
		uint32_t silence_ms = ready ? supervisor->timing.hang_ms : start_ms;

		if (child->pid == 0 || child->killed != NULL || child->told_to_stop ||
		    now_ms - child->alive_mono_ms < silence_ms)
			continue;
		supervisor_report(supervisor,
		    (struct proc_event){.kind = PROC_EVENT_HUNG,
			.role = child->role->name,
			.instance = child->instance,
			.pid = child->pid,
			.text = ready ? "no sign of life" : "not ready in time"});
		child_kill(child, ready ? "gave no sign of life" : "was not ready in time");
	}
}

/* Tells the service manager that all is well, while all roles make progress.  A role that
 * is being started again is not silent: the supervisor sees to it. */
static void
supervisor_feed_watchdog(struct supervisor *supervisor, int64_t now_ms)
{
	int64_t watchdog_ms = notify_watchdog_ms();

	if (watchdog_ms == 0 || now_ms - supervisor->last_watchdog_mono_ms < watchdog_ms / 3)
		return;
	for (size_t i = 0; i < supervisor->child_count; i++) {
		struct child *child = &supervisor->children[i];

		if (child->state == CHILD_READY &&
		    now_ms - child->alive_mono_ms > watchdog_ms / 2)
			return;
	}
	supervisor->last_watchdog_mono_ms = now_ms;
	notify_send("WATCHDOG=1");
}

static void
supervisor_on_tick(void *arg)
{
	struct supervisor *supervisor = arg;
	int64_t now_ms = clock_mono_ms();

	/* we were stopped or starved ourselves: silence proves nothing about the roles */
	if (now_ms - supervisor->last_tick_mono_ms > 2 * (int64_t)supervisor->tick_ms) {
		for (size_t i = 0; i < supervisor->child_count; i++)
			supervisor->children[i].alive_mono_ms = now_ms;
	}
	supervisor->last_tick_mono_ms = now_ms;
	supervisor_find_hung(supervisor, now_ms);
	supervisor_feed_watchdog(supervisor, now_ms);
}

/* --- signals --- */

static void
supervisor_on_stop_signal(void *arg)
{
	supervisor_stop(arg);
}

static void
supervisor_on_reload_signal(void *arg)
{
	struct supervisor *supervisor = arg;

	supervisor->reload.wanted = true;
	reload_try(supervisor);
}

static void
supervisor_on_child_signal(void *arg)
{
	struct supervisor *supervisor = arg;

	for (size_t i = 0; i < supervisor->child_count; i++)
		child_reap(&supervisor->children[i]);
}

/* --- life --- */

static uint32_t
supervisor_default(uint32_t given, uint32_t otherwise)
{
	return given > 0 ? given : otherwise;
}

static struct proc_timing
supervisor_timing(const struct proc_timing *given)
{
	return (struct proc_timing){
	    .start_ms = supervisor_default(given->start_ms, START_MS),
	    .hang_ms = supervisor_default(given->hang_ms, HANG_MS),
	    .prepare_ms = supervisor_default(given->prepare_ms, PREPARE_MS),
	    .stop_ms = supervisor_default(given->stop_ms, STOP_MS),
	    .restart_base_ms = supervisor_default(given->restart_base_ms, RESTART_BASE_MS),
	    .restart_cap_ms = supervisor_default(given->restart_cap_ms, RESTART_CAP_MS),
	    .restart_reset_ms = supervisor_default(given->restart_reset_ms, RESTART_RESET_MS),
	};
}

/* How often roles give a sign of life and we look. */
static uint32_t
supervisor_tick_ms(const struct supervisor *supervisor)
{
	int64_t silence_ms = supervisor->timing.hang_ms, watchdog_ms = notify_watchdog_ms();

	if (watchdog_ms > 0 && watchdog_ms < silence_ms)
		silence_ms = watchdog_ms;
	return silence_ms < 10 * TICKS_A_SILENCE ? 10
						 : (uint32_t)(silence_ms / TICKS_A_SILENCE);
}

static void
supervisor_make_children(struct supervisor *supervisor)
{
	const struct proc_program *program = supervisor->program;

	for (size_t i = 0; i < program->role_count; i++)
		supervisor->child_count += program->roles[i].instances;
	supervisor->children = alloc_zeroed(supervisor->child_count, sizeof(struct child));
	supervisor->child_count = 0;
	for (size_t i = 0; i < program->role_count; i++) {
		for (unsigned j = 0; j < program->roles[i].instances; j++)
			child_init(&supervisor->children[supervisor->child_count++], supervisor,
			    &program->roles[i], j);
	}
}

/* Reads the first configuration; false when it is refused. */
static bool
supervisor_load(struct supervisor *supervisor)
{
	struct buf reason;
	enum status status;

	buf_init(&reason, PROC_REASON_MAX);
	supervisor->generation = supervisor->last_generation = 1;
	status = supervisor->program->load(supervisor->arg, 1, &reason);
	if (status == STATUS_OK) {
		supervisor->program->settle(supervisor->arg, 1, true);
	} else {
		if (reason.len == 0)
			buf_put_text(&reason, status_text(status));
		supervisor_report(supervisor,
		    (struct proc_event){.kind = PROC_EVENT_INIT_FAILED,
			.generation = 1,
			.text = buf_text(&reason)});
	}
	buf_done(&reason);
	return status == STATUS_OK;
}

/* With the configuration loaded: from the first start to the last end. */
static void
supervisor_run(struct supervisor *supervisor)
{
	struct loop *loop = supervisor->loop;
	struct loop_signal *signals[] = {
	    loop_signal_new(loop, SIGTERM, supervisor_on_stop_signal, supervisor),
	    loop_signal_new(loop, SIGINT, supervisor_on_stop_signal, supervisor),
	    loop_signal_new(loop, SIGHUP, supervisor_on_reload_signal, supervisor),
	    loop_signal_new(loop, SIGCHLD, supervisor_on_child_signal, supervisor),
	};

	reload_init(supervisor);
	supervisor->stop_deadline =
	    loop_timer_new(loop, supervisor_on_stop_deadline, supervisor);
	supervisor->tick = loop_timer_new(loop, supervisor_on_tick, supervisor);
	supervisor->last_tick_mono_ms = supervisor->last_watchdog_mono_ms = clock_mono_ms();
	loop_timer_every(supervisor->tick, supervisor->tick_ms);
	supervisor_make_children(supervisor);
	(void)supervisor_advance(supervisor); /* no role is ready yet */
	if (supervisor->failed)
		supervisor_stop(supervisor);
	loop_run(loop);

	for (size_t i = 0; i < supervisor->child_count; i++)
		child_done(&supervisor->children[i]);
	loop_turn(loop, 0); /* what was put off and still points to them */
	free(supervisor->children);
	loop_timer_free(supervisor->tick);
	loop_timer_free(supervisor->stop_deadline);
	reload_done(supervisor);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		loop_signal_free(signals[i]);
}

/* Descriptors 0 to 2 must be something, or a socket of ours would become the stderr of a
 * role. */
static void
supervisor_fill_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	fileio_close(fd);
}

int
proc_supervise(const struct proc_program *program, struct loop *loop, void *arg)
{
	struct supervisor supervisor = {.program = program,
	    .timing = supervisor_timing(&program->timing),
	    .arg = arg,
	    .loop = loop};
	bool loaded;

	table_check(program);
	supervisor_fill_standard_fds();
	signal(SIGPIPE, SIG_IGN);
	supervisor.exe_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (supervisor.exe_fd < 0 || sandbox_begin() != STATUS_OK ||
	    notify_init() != STATUS_OK) {
		supervisor_report(&supervisor,
		    (struct proc_event){.kind = PROC_EVENT_INIT_FAILED,
			.text = "no /proc, or NOTIFY_SOCKET makes no sense"});
		fileio_close(supervisor.exe_fd);
		return 1;
	}
	supervisor.tick_ms = supervisor_tick_ms(&supervisor);
	loaded = supervisor_load(&supervisor);
	if (loaded)
		supervisor_run(&supervisor);
	notify_done();
	fileio_close(supervisor.exe_fd);
	return loaded && !supervisor.failed ? 0 : 1;
}

void
proc_set_status(const char *text)
{
	notify_sendf("STATUS=%s", text);
}

const char *
proc_event_name(enum proc_event_kind kind)
{
	switch (kind) {
	case PROC_EVENT_STARTED:
		return "started";
	case PROC_EVENT_READY:
		return "ready";
	case PROC_EVENT_INIT_FAILED:
		return "init-failed";
	case PROC_EVENT_DIED:
		return "died";
	case PROC_EVENT_STOPPED:
		return "stopped";
	case PROC_EVENT_HUNG:
		return "hung";
	case PROC_EVENT_EDGE_BROKEN:
		return "edge-broken";
	case PROC_EVENT_RUNNING:
		return "running";
	case PROC_EVENT_RELOADED:
		return "reloaded";
	case PROC_EVENT_RELOAD_FAILED:
		return "reload-failed";
	case PROC_EVENT_STOPPING:
		return "stopping";
	}
	abort();
}

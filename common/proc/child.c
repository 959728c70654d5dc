/* SPDX-License-Identifier: Apache-2.0
 *
 * The role processes as the supervisor sees them: start, what they say, their joining by
 * edges, their end and their return.
 */
#include "common/proc/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/cursor.h"
#include "common/base/fileio.h"
#include "common/proc/table.h"

enum {
	CHILD_OUT_MAX = 4 << 20, /* of its control channel */
	CHILD_SAFE_FD = 10,      /* above the numbers that a role inherits */
	CHILD_DURING_RELOAD_MS = 50
};

static void
child_report(struct child *child, enum proc_event_kind kind, const char *text)
{
	struct proc_event event = {.kind = kind,
	    .role = child->role->name,
	    .instance = child->instance,
	    .pid = child->pid,
	    .text = text};

	supervisor_report(child->supervisor, event);
}

void
child_kill(struct child *child, const char *why)
{
	if (child->pid == 0 || child->killed != NULL)
		return;
	child->killed = why;
	/* ours until it is reaped, so the number cannot be another's */
	kill(child->pid, SIGKILL);
}

/* --- what is said to it --- */

void
child_send(struct child *child, enum control_type type, struct bytes head, struct bytes body,
    struct fds *fds)
{
	enum status status = channel_put(&child->control, (uint8_t)type, head, body, fds);

	if (status != STATUS_OK && fds != NULL)
		fds_close(fds);
	if (status == STATUS_LIMIT)
		child_kill(child, "did not read its control channel");
}

bool
child_send_config(struct child *child, enum control_type type, struct bytes head,
    uint64_t generation)
{
	struct supervisor *supervisor = child->supervisor;
	struct fds fds = {.count = 0};
	struct buf payload;
	bool fits;

	buf_init(&payload, PROC_CONFIG_MAX);
	supervisor->program->describe(supervisor->arg, generation, child->role->name,
	    child->instance, &payload, &fds);
	fits = buf_ok(&payload);
	if (fits)
		child_send(child, type, head, buf_bytes(&payload), &fds);
	fds_close(&fds);
	buf_done(&payload);
	return fits;
}

/* --- edges --- */

/* Makes the connection between two processes that are ready. */
static void
child_join(size_t number, struct child *from, struct child *to)
{
	struct child *ends[2] = {from, to};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		/* out of descriptors: its next start tries again */
		child_kill(from, "could not be joined: no descriptors left");
		return;
	}
	for (int i = 0; i < 2; i++) {
		uint8_t head[2] = {(uint8_t)number, (uint8_t)ends[1 - i]->instance};
		struct fds fds = {.count = 0};

		fds_add(&fds, pair[i]);
		child_send(ends[i], CONTROL_JOIN, bytes_of(head, sizeof(head)),
		    bytes_of(NULL, 0), &fds);
	}
}

/* Joins a process that has become ready to all that are. */
static void
child_join_all(struct child *child)
{
	struct supervisor *supervisor = child->supervisor;
	const struct proc_program *program = supervisor->program;

	for (size_t i = 0; i < program->edge_count; i++) {
		const struct proc_edge *edge = &program->edges[i];
		const struct proc_role *peer = table_peer(program, edge, child->role);
		bool from = strcmp(edge->from, child->role->name) == 0;

		for (size_t j = 0; peer != NULL && j < supervisor->child_count; j++) {
			struct child *other = &supervisor->children[j];

			if (other->role != peer || other->state != CHILD_READY)
				continue;
			child_join(i, from ? child : other, from ? other : child);
		}
	}
}

/* A role says that its peer on an edge broke the rules.  It may lie; so it is not the
 * accused that is started again, but the end that faces the outside. */
static enum status
child_on_broken(struct child *child, struct bytes payload)
{
	struct supervisor *supervisor = child->supervisor;
	const struct proc_program *program = supervisor->program;
	struct cursor cursor = cursor_of(payload);
	uint8_t number = cursor_u8(&cursor), instance = cursor_u8(&cursor);
	const struct proc_role *peer;

	if (!cursor_finished(&cursor) || number >= program->edge_count)
		return STATUS_INVALID;
	peer = table_peer(program, &program->edges[number], child->role);
	if (peer == NULL)
		return STATUS_INVALID;
	for (size_t i = 0; i < supervisor->child_count; i++) {
		struct child *other = &supervisor->children[i];
		struct child *accused =
		    strcmp(program->edges[number].from, peer->name) == 0 ? other : child;

		if (other->role != peer || other->instance != instance)
			continue;
		child_report(accused, PROC_EVENT_EDGE_BROKEN, program->edges[number].name);
		child_kill(accused, "broke the rules of an edge");
	}
	return STATUS_OK;
}

/* --- what it says --- */

static enum status
child_on_ready(struct child *child, struct bytes sandbox)
{
	char *text;

	if (child->state != CHILD_STARTING)
		return STATUS_INVALID;
	child->state = CHILD_READY;
	text = alloc_text_copy(sandbox.data, sandbox.len);
	child_report(child, PROC_EVENT_READY, text);
	free(text);
	child_join_all(child);
	supervisor_on_ready(child->supervisor);
	return STATUS_OK;
}

static enum status
child_on_init_failed(struct child *child, struct bytes reason)
{
	char *text;

	if (child->state != CHILD_STARTING)
		return STATUS_INVALID;
	text = alloc_text_copy(reason.data, reason.len);
	child_report(child, PROC_EVENT_INIT_FAILED, text);
	free(text);
	if (!child->supervisor->running)
		child->supervisor->failed = true;
	return STATUS_OK;
}

static enum status
child_on_answer(struct child *child, struct bytes payload, bool ready)
{
	struct cursor cursor = cursor_of(payload);
	uint64_t generation = cursor_u64le(&cursor);

	if (!cursor_ok(&cursor) || cursor.left > PROC_REASON_MAX)
		return STATUS_INVALID;
	reload_on_answer(child, generation, ready, bytes_of(cursor.at, cursor.left));
	return STATUS_OK;
}

static enum status
child_on_frame(void *arg, struct channel_frame *frame)
{
	struct child *child = arg;

	child->alive_mono_ms = clock_mono_ms();
	switch (frame->type) {
	case CONTROL_READY:
		return child_on_ready(child, frame->payload);
	case CONTROL_INIT_FAILED:
		return child_on_init_failed(child, frame->payload);
	case CONTROL_ALIVE:
		return STATUS_OK;
	case CONTROL_PREPARED:
		return child_on_answer(child, frame->payload, true);
	case CONTROL_REFUSED:
		return child_on_answer(child, frame->payload, false);
	case CONTROL_BROKEN:
		return child_on_broken(child, frame->payload);
	default:
		return STATUS_INVALID;
	}
}

/* It has closed its end, so it is about to die; if not, it hangs and is found. */
static void
child_on_ended(void *arg, enum status why)
{
	struct child *child = arg;

	channel_close(&child->control);
	if (why == STATUS_INVALID)
		child_kill(child, "broke the rules of its control channel");
}

static const struct channel_ops child_ops = {
    .frame = child_on_frame,
    .ended = child_on_ended,
};

/* --- its end --- */

/* The number of the system call that the sandbox ended it for; -1 when it left none. */
static int
child_last_words(struct child *child)
{
	int nr = -1;

	if (read(child->last_words_fd, &nr, sizeof(nr)) != (ssize_t)sizeof(nr))
		return -1;
	return nr;
}

static void
child_describe_death(struct child *child, int wait_status, struct buf *out)
{
	int signo = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;

	if (child->killed != NULL)
		buf_printf(out, "killed: it %s", child->killed);
	else if (signo == SIGSYS) {
		buf_put_text(out, "killed by its sandbox (SIGSYS) for calling ");
		sandbox_syscall_name(child_last_words(child), out);
	} else if (signo == SIGABRT)
		buf_put_text(out, "aborted (SIGABRT): a check of its own failed");
	else if (signo != 0)
		buf_printf(out, "killed by signal %d (SIG%s)", signo, sigabbrev_np(signo));
	else
		buf_printf(out, "exited with status %d", WEXITSTATUS(wait_status));
}

/* Schedules the return; how long it will take, or -1 for never. */
static int64_t
child_plan_return(struct child *child)
{
	struct supervisor *supervisor = child->supervisor;
	int64_t lived_ms = clock_mono_ms() - child->started_mono_ms;
	uint32_t delay_ms;

	if (supervisor->stopping || supervisor->failed)
		return -1;
	if (lived_ms >= supervisor->timing.restart_reset_ms)
		backoff_reset(&child->backoff);
	delay_ms = backoff_next(&child->backoff);
	loop_timer_once(child->restart, delay_ms);
	return delay_ms;
}

static void
child_bury(struct child *child, int wait_status)
{
	struct supervisor *supervisor = child->supervisor;
	bool exited = WIFEXITED(wait_status);
	struct proc_event event = {
	    .kind = PROC_EVENT_DIED,
	    .role = child->role->name,
	    .instance = child->instance,
	    .pid = child->pid,
	    .exit_code = exited ? WEXITSTATUS(wait_status) : -1,
	    .signal = exited ? 0 : WTERMSIG(wait_status),
	};
	struct buf text;

	buf_init(&text, PROC_REASON_MAX);
	child_describe_death(child, wait_status, &text);
	channel_close(&child->control);
	fileio_close(child->last_words_fd);
	child->last_words_fd = -1;
	child->state = CHILD_DOWN;
	child->pid = 0;
	event.delay_ms = child_plan_return(child);
	event.text = buf_text(&text);
	if (child->told_to_stop && exited && event.exit_code == 0)
		event.kind = PROC_EVENT_STOPPED;
	supervisor_report(supervisor, event);
	buf_done(&text);
	reload_on_death(child);
	supervisor_on_death(supervisor);
}

void
child_reap(struct child *child)
{
	enum status status = channel_is_open(&child->control) ? STATUS_OK : STATUS_END;
	siginfo_t info = {.si_pid = 0};
	int wait_status;

	if (child->pid == 0 ||
	    waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	    info.si_pid == 0)
		return;
	/* its last frames: a reason, an answer.  Until then its number stays its own. */
	while (status == STATUS_OK)
		status = channel_wait(&child->control, clock_mono_ms());
	if (waitpid(child->pid, &wait_status, 0) == child->pid)
		child_bury(child, wait_status);
}

/* --- its start --- */

/* In the new process: becomes the role.  Nothing here may fail silently. */
static void
child_exec(const struct child *child, int control_fd, int words_fd)
{
	const struct proc_role *role = child->role;
	int exe_fd = fcntl(child->supervisor->exe_fd, F_DUPFD_CLOEXEC, CHILD_SAFE_FD);
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	char title[64], name[32], number[32];
	char *argv[] = {title, name, number, NULL};
	sigset_t none;

	snprintf(title, sizeof(title), role->instances > 1 ? "%s: %s %u" : "%s: %s",
	    child->supervisor->program->name, role->name, child->instance);
	snprintf(name, sizeof(name), "--role=%s", role->name);
	snprintf(number, sizeof(number), "--instance=%u", child->instance);
	control_fd = fcntl(control_fd, F_DUPFD_CLOEXEC, CHILD_SAFE_FD);
	words_fd = fcntl(words_fd, F_DUPFD_CLOEXEC, CHILD_SAFE_FD);
	sigemptyset(&none);
	if (exe_fd < 0 || null_fd < 0 || control_fd < 0 || words_fd < 0 ||
	    dup2(null_fd, STDIN_FILENO) < 0 || dup2(control_fd, CONTROL_FD) < 0 ||
	    dup2(words_fd, LAST_WORDS_FD) < 0 ||
	    close_range(LAST_WORDS_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) != 0)
		return;
	if (geteuid() == 0 && role->uid != 0 &&
	    (setgroups(0, NULL) != 0 || setresgid(role->gid, role->gid, role->gid) != 0 ||
		setresuid(role->uid, role->uid, role->uid) != 0))
		return;
	execveat(exe_fd, "", argv, environ, AT_EMPTY_PATH);
}

/* Forks with one end of the control channel and of the pipe for last words; false (and an
 * errno value) when the system has no process or descriptor to give. */
static bool
child_fork(struct child *child)
{
	int control[2] = {-1, -1}, words[2] = {-1, -1};
	bool forked = false;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) == 0 &&
	    pipe2(words, O_CLOEXEC | O_NONBLOCK) == 0) {
		child->pid = fork();
		if (child->pid == 0) {
			child_exec(child, control[1], words[1]);
			dprintf(STDERR_FILENO, "%s: cannot start: %s\n", child->role->name,
			    strerror(errno));
			_exit(127);
		}
		forked = child->pid > 0;
	}
	fileio_close(control[1]);
	fileio_close(words[1]);
	if (!forked) {
		child->pid = 0;
		fileio_close(control[0]);
		fileio_close(words[0]);
		return false;
	}
	child->last_words_fd = words[0];
	channel_open(&child->control, control[0]);
	return true;
}

/* Says whom it will be joined to, and its configuration. */
static bool
child_send_start(struct child *child)
{
	struct supervisor *supervisor = child->supervisor;
	const struct proc_program *program = supervisor->program;
	size_t count_at;
	struct buf head;
	bool fits;

	buf_init(&head, 16 + 2 * PROC_EDGES_MAX);
	buf_put_u64le(&head, supervisor->generation);
	buf_put_u32le(&head, supervisor->tick_ms);
	count_at = head.len;
	buf_put_u8(&head, 0);
	for (size_t i = 0; i < program->edge_count; i++) {
		const struct proc_role *peer =
		    table_peer(program, &program->edges[i], child->role);

		if (peer == NULL)
			continue;
		buf_put_u8(&head, (uint8_t)i);
		buf_put_u8(&head, (uint8_t)peer->instances);
		head.data[count_at]++;
	}
	fits =
	    child_send_config(child, CONTROL_START, buf_bytes(&head), supervisor->generation);
	buf_done(&head);
	return fits;
}

void
child_start(struct child *child)
{
	struct supervisor *supervisor = child->supervisor;

	child->starts++;
	child->told_to_stop = false;
	child->killed = NULL;
	child->started_mono_ms = child->alive_mono_ms = clock_mono_ms();
	if (!child_fork(child)) {
		supervisor_report(supervisor,
		    (struct proc_event){.kind = PROC_EVENT_DIED,
			.role = child->role->name,
			.instance = child->instance,
			.exit_code = -1,
			.delay_ms = child_plan_return(child),
			.text = "the system has no process or descriptor to give"});
		return;
	}
	child->state = CHILD_STARTING;
	child_report(child, PROC_EVENT_STARTED, NULL);
	if (!child_send_start(child)) {
		child_report(child, PROC_EVENT_INIT_FAILED, "its configuration is too large");
		supervisor->failed = supervisor->failed || !supervisor->running;
		child_kill(child, "has a configuration that is too large");
	}
}

static void
child_on_restart(void *arg)
{
	struct child *child = arg;

	/* it begins with the generation that comes out of it */
	if (child->supervisor->reload.active)
		loop_timer_once(child->restart, CHILD_DURING_RELOAD_MS);
	else
		child_start(child);
}

void
child_init(struct child *child, struct supervisor *supervisor, const struct proc_role *role,
    unsigned instance)
{
	*child = (struct child){.supervisor = supervisor,
	    .role = role,
	    .instance = instance,
	    .last_words_fd = -1};
	channel_init(&child->control, supervisor->loop, &child_ops, child, PROC_REASON_MAX + 64,
	    CHILD_OUT_MAX);
	backoff_init(&child->backoff, supervisor->timing.restart_base_ms,
	    supervisor->timing.restart_cap_ms);
	child->restart = loop_timer_new(supervisor->loop, child_on_restart, child);
}

void
child_done(struct child *child)
{
	loop_timer_free(child->restart);
	channel_done(&child->control);
}

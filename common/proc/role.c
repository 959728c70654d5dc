/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a role process: hears from the supervisor what it is to be, opens what it
 * owns, enters its sandbox, serves its edges, reloads, and ends when told to or when the
 * supervisor is gone.
 */
#include "common/proc/proc.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/cursor.h"
#include "common/base/text.h"
#include "common/loop/loop.h"
#include "common/proc/channel.h"
#include "common/proc/control.h"
#include "common/proc/edge_internal.h"
#include "common/proc/table.h"

enum {
	ROLE_OUT_MAX = 1 << 18,   /* of the control channel */
	ROLE_START_MS = 60 * 1000 /* for the first word of the supervisor */
};

/* Our ends of one edge of the table, one for each instance at the other end. */
struct proc_ends {
	struct edge **ends;
	unsigned count;
};

enum proc_phase {
	PROC_BORN,
	PROC_STARTED,
	PROC_FAILED,
	PROC_READY
};

struct proc {
	const struct proc_program *program;
	const struct proc_role *role;
	unsigned instance;
	struct loop *loop;
	struct channel control;
	struct sandbox sandbox;
	struct proc_ends *ends; /* as program->edges; count 0: not ours */
	void *state;
	enum proc_phase phase;
	bool stop_due;     /* told to stop before it was ready */
	bool orphan;       /* the supervisor is gone */
	uint64_t prepared; /* the generation that waits for commit or abort; 0: none */
	struct loop_timer *heartbeat;
	uint32_t heartbeat_ms;
	int64_t alive_mono_ms; /* of the last sign of life */
};

/* --- to the supervisor --- */

static void
proc_tell(struct proc *proc, enum control_type type, struct bytes head, struct bytes text)
{
	/* a control channel that is full has not been read for very long */
	if (channel_put(&proc->control, (uint8_t)type, head, text, NULL) != STATUS_OK) {
		proc->orphan = true;
		proc_exit(proc);
	}
	proc->alive_mono_ms = clock_mono_ms();
}

static void
proc_on_heartbeat(void *arg)
{
	struct proc *proc = arg;

	/* one that is not read yet says it already */
	if (proc->control.out.len == 0)
		proc_tell(proc, CONTROL_ALIVE, bytes_of(NULL, 0), bytes_of(NULL, 0));
}

void
proc_progress(struct proc *proc)
{
	if (clock_mono_ms() - proc->alive_mono_ms < proc->heartbeat_ms)
		return;
	proc_on_heartbeat(proc);
	(void)channel_flush(&proc->control); /* what is left goes when the loop says so */
}

static void
proc_on_broken(void *arg, struct edge *edge)
{
	struct proc *proc = arg;
	const struct proc_edge *found = table_edge(proc->program, edge_name(edge));
	uint8_t which[2] = {(uint8_t)(found - proc->program->edges),
	    (uint8_t)edge_instance(edge)};

	proc_tell(proc, CONTROL_BROKEN, bytes_of(which, sizeof(which)), bytes_of(NULL, 0));
}

/* --- edges --- */

static const struct edge_ops *
proc_ops(const struct proc_role *role, const char *edge)
{
	for (size_t i = 0; i < role->edge_count; i++) {
		if (strcmp(role->edges[i].edge, edge) == 0)
			return role->edges[i].ops;
	}
	return NULL;
}

static void
proc_make_ends(struct proc *proc, size_t number, unsigned count)
{
	const struct proc_edge *edge = &proc->program->edges[number];
	struct proc_ends *ends = &proc->ends[number];
	struct edge_spec spec = {
	    .name = edge->name,
	    .peer = table_peer(proc->program, edge, proc->role)->name,
	    .from = strcmp(edge->from, proc->role->name) == 0,
	    .call = edge->call,
	    .credit_bytes = edge->credit_bytes,
	    .ops = proc_ops(proc->role, edge->name),
	    .broken = proc_on_broken,
	    .arg = proc,
	};

	ends->count = count;
	ends->ends = alloc_zeroed(count, sizeof(struct edge *));
	for (spec.instance = 0; spec.instance < count; spec.instance++)
		ends->ends[spec.instance] = edge_new(proc->loop, &spec);
}

static const struct proc_ends *
proc_find_ends(const struct proc *proc, const char *name)
{
	static const struct proc_ends none = {.count = 0};
	const struct proc_edge *edge = table_edge(proc->program, name);

	return edge != NULL ? &proc->ends[edge - proc->program->edges] : &none;
}

unsigned
proc_edge_count(const struct proc *proc, const char *name)
{
	return proc_find_ends(proc, name)->count;
}

struct edge *
proc_edge(struct proc *proc, const char *name, unsigned instance)
{
	const struct proc_ends *ends = proc_find_ends(proc, name);

	return instance < ends->count ? ends->ends[instance] : NULL;
}

static void
proc_each_end(struct proc *proc, void (*visit)(struct proc *proc, struct edge *edge))
{
	for (size_t i = 0; i < proc->program->edge_count; i++) {
		for (unsigned j = 0; j < proc->ends[i].count; j++)
			visit(proc, proc->ends[i].ends[j]);
	}
}

static void
proc_give_state(struct proc *proc, struct edge *edge)
{
	edge_set_state(edge, proc->state);
}

static void
proc_close_end(struct proc *proc, struct edge *edge)
{
	edge_close(edge);
}

static void
proc_free_end(struct proc *proc, struct edge *edge)
{
	edge_free(edge);
}

/* --- what the supervisor says --- */

/* The names of the edges and how many peers each has; false when they do not fit the table. */
static bool
proc_take_edges(struct proc *proc, struct cursor *cursor)
{
	for (unsigned left = cursor_u8(cursor); left > 0; left--) {
		uint8_t number = cursor_u8(cursor), peers = cursor_u8(cursor);

		if (!cursor_ok(cursor) || number >= proc->program->edge_count ||
		    proc->ends[number].count > 0 ||
		    table_peer(proc->program, &proc->program->edges[number], proc->role) ==
			NULL)
			return false;
		proc_make_ends(proc, number, peers);
	}
	return cursor_ok(cursor);
}

/* The first word: who we are joined to, and the configuration to begin with. */
static enum status
proc_on_start(struct proc *proc, struct channel_frame *frame)
{
	struct cursor cursor = cursor_of(frame->payload);
	struct proc_config config = {.generation = cursor_u64le(&cursor), .fds = &frame->fds};
	struct buf reason;
	enum status status;

	proc->heartbeat_ms = cursor_u32le(&cursor);
	if (!proc_take_edges(proc, &cursor))
		return STATUS_INVALID;
	config.payload = bytes_of(cursor.at, cursor.left);
	buf_init(&reason, PROC_REASON_MAX);
	status = proc->role->init(proc, &config, &proc->state, &reason);
	proc->phase = status == STATUS_OK ? PROC_STARTED : PROC_FAILED;
	if (status == STATUS_OK) {
		proc_each_end(proc, proc_give_state);
	} else {
		if (reason.len == 0)
			buf_put_text(&reason, status_text(status));
		proc_tell(proc, CONTROL_INIT_FAILED, buf_bytes(&reason), bytes_of(NULL, 0));
		(void)channel_flush(&proc->control); /* the exit status says the rest */
	}
	buf_done(&reason);
	return STATUS_OK;
}

static enum status
proc_on_join(struct proc *proc, struct channel_frame *frame)
{
	struct cursor cursor = cursor_of(frame->payload);
	uint8_t number = cursor_u8(&cursor), instance = cursor_u8(&cursor);

	if (!cursor_finished(&cursor) || number >= proc->program->edge_count ||
	    instance >= proc->ends[number].count || frame->fds.count != 1)
		return STATUS_INVALID;
	edge_rise(proc->ends[number].ends[instance], fds_take(&frame->fds, 0));
	return STATUS_OK;
}

static enum status
proc_on_prepare(struct proc *proc, struct channel_frame *frame)
{
	struct cursor cursor = cursor_of(frame->payload);
	struct proc_config config = {.generation = cursor_u64le(&cursor), .fds = &frame->fds};
	struct bytes generation = bytes_of(frame->payload.data, sizeof(uint64_t));
	enum status status = STATUS_OK;
	struct buf reason;

	if (!cursor_ok(&cursor) || proc->prepared != 0)
		return STATUS_INVALID;
	config.payload = bytes_of(cursor.at, cursor.left);
	buf_init(&reason, PROC_REASON_MAX);
	if (proc->role->prepare != NULL)
		status = proc->role->prepare(proc->state, &config, &reason);
	if (status == STATUS_OK) {
		proc->prepared = config.generation;
		proc_tell(proc, CONTROL_PREPARED, generation, bytes_of(NULL, 0));
	} else {
		if (reason.len == 0)
			buf_put_text(&reason, status_text(status));
		proc_tell(proc, CONTROL_REFUSED, generation, buf_bytes(&reason));
	}
	buf_done(&reason);
	return STATUS_OK;
}

/* An abort also comes to a role that refused and has nothing to undo. */
static enum status
proc_on_settle(struct proc *proc, struct bytes payload, bool in_force)
{
	struct cursor cursor = cursor_of(payload);
	uint64_t generation = cursor_u64le(&cursor);
	void (*settle)(void *state) = in_force ? proc->role->commit : proc->role->abort;

	if (!cursor_finished(&cursor) || (in_force && proc->prepared != generation))
		return STATUS_INVALID;
	if (proc->prepared != generation)
		return STATUS_OK;
	proc->prepared = 0;
	if (settle != NULL)
		settle(proc->state);
	return STATUS_OK;
}

static void
proc_stop(struct proc *proc)
{
	if (proc->role->stop != NULL)
		proc->role->stop(proc->state);
	else
		proc_exit(proc);
}

/* Only the start, and a stop that came with it. */
static enum status
proc_before_ready(struct proc *proc, struct channel_frame *frame)
{
	if (frame->type == CONTROL_START && proc->phase == PROC_BORN)
		return proc_on_start(proc, frame);
	if (frame->type != CONTROL_STOP)
		return STATUS_INVALID;
	proc->stop_due = true;
	return STATUS_OK;
}

static enum status
proc_on_control(void *arg, struct channel_frame *frame)
{
	struct proc *proc = arg;

	if (proc->phase != PROC_READY)
		return proc_before_ready(proc, frame);
	switch (frame->type) {
	case CONTROL_JOIN:
		return proc_on_join(proc, frame);
	case CONTROL_PREPARE:
		return proc_on_prepare(proc, frame);
	case CONTROL_COMMIT:
		return proc_on_settle(proc, frame->payload, true);
	case CONTROL_ABORT:
		return proc_on_settle(proc, frame->payload, false);
	case CONTROL_STOP:
		proc_stop(proc);
		return STATUS_OK;
	default:
		return STATUS_INVALID;
	}
}

/* The supervisor is gone, and so are we. */
static void
proc_on_control_ended(void *arg, enum status why)
{
	struct proc *proc = arg;

	proc->orphan = true;
	proc_exit(proc);
}

static const struct channel_ops proc_control_ops = {
    .frame = proc_on_control,
    .ended = proc_on_control_ended,
};

/* --- life --- */

static const char *
proc_argument(char *arg, const char *prefix)
{
	size_t len = strlen(prefix);

	return arg != NULL && strncmp(arg, prefix, len) == 0 ? arg + len : NULL;
}

bool
proc_is_role(int argc, char *argv[])
{
	return argc == 3 && proc_argument(argv[1], "--role=") != NULL &&
	       proc_argument(argv[2], "--instance=") != NULL;
}

static bool
proc_is_kind(int fd, mode_t kind)
{
	struct stat info;

	return fstat(fd, &info) == 0 && (info.st_mode & S_IFMT) == kind &&
	       fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* Finds out who we are; false where no supervisor of ours started us. */
static bool
proc_identify(struct proc *proc, char *argv[])
{
	const char *name = proc_argument(argv[1], "--role=");
	const char *number = proc_argument(argv[2], "--instance=");
	uint64_t instance;

	proc->role = table_role(proc->program, name);
	if (proc->role == NULL ||
	    !text_parse_u64(number, 0, PROC_INSTANCES_MAX - 1, &instance) ||
	    !proc_is_kind(CONTROL_FD, S_IFSOCK) || !proc_is_kind(LAST_WORDS_FD, S_IFIFO))
		return false;
	proc->instance = (unsigned)instance;
	return true;
}

/* What the supervisor commands comes over the control channel and not by signals, which
 * a terminal sends to all of us. */
static void
proc_settle_in(const struct proc *proc)
{
	static const int ignored[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	prctl(PR_SET_NAME, proc->role->name);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || sandbox_begin() != STATUS_OK)
		abort();
}

/* Waits for the first word and does what it says; false when the process has to end. */
static bool
proc_start(struct proc *proc)
{
	int64_t deadline_mono_ms = clock_mono_ms() + ROLE_START_MS;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && proc->phase == PROC_BORN)
		status = channel_wait(&proc->control, deadline_mono_ms);
	return proc->phase == PROC_STARTED;
}

static void
proc_serve(struct proc *proc)
{
	struct buf report;

	buf_init(&report, PROC_REASON_MAX);
	if (sandbox_enter(&proc->sandbox, &report) != STATUS_OK) {
		fprintf(stderr, "%s: %s\n", proc->role->name, buf_text(&report));
		abort();
	}
	proc->phase = PROC_READY;
	proc->heartbeat = loop_timer_new(proc->loop, proc_on_heartbeat, proc);
	loop_timer_every(proc->heartbeat, proc->heartbeat_ms);
	proc_tell(proc, CONTROL_READY, buf_bytes(&report), bytes_of(NULL, 0));
	(void)channel_flush(&proc->control); /* what is left goes when the loop says so */
	buf_done(&report);
	if (proc->role->ready != NULL)
		proc->role->ready(proc->state);
	if (proc->stop_due)
		proc_stop(proc);
	loop_run(proc->loop);
	loop_timer_free(proc->heartbeat);
	proc_each_end(proc, proc_close_end);
	if (proc->role->done != NULL)
		proc->role->done(proc->state);
}

int
proc_role_run(const struct proc_program *program, char *argv[])
{
	struct proc proc = {.program = program};
	bool served;

	if (!proc_identify(&proc, argv)) {
		fprintf(stderr, "%s: only the supervisor starts a role\n", program->name);
		return 2;
	}
	proc_settle_in(&proc);
	proc.loop = loop_new();
	proc.ends = alloc_zeroed(program->edge_count, sizeof(struct proc_ends));
	sandbox_init(&proc.sandbox, proc.role->sandbox, LAST_WORDS_FD);
	channel_init(&proc.control, proc.loop, &proc_control_ops, &proc, FRAME_PAYLOAD_MAX,
	    ROLE_OUT_MAX);
	channel_open(&proc.control, CONTROL_FD);

	served = proc_start(&proc);
	if (served)
		proc_serve(&proc);

	channel_close(&proc.control);
	loop_free(proc.loop);
	proc_each_end(&proc, proc_free_end);
	for (size_t i = 0; i < program->edge_count; i++)
		free(proc.ends[i].ends);
	free(proc.ends);
	sandbox_done(&proc.sandbox);
	channel_done(&proc.control);
	return served && !proc.orphan ? 0 : 1;
}

struct loop *
proc_loop(struct proc *proc)
{
	return proc->loop;
}

const char *
proc_name(const struct proc *proc)
{
	return proc->role->name;
}

unsigned
proc_instance(const struct proc *proc)
{
	return proc->instance;
}

struct sandbox *
proc_sandbox(struct proc *proc)
{
	return &proc->sandbox;
}

void
proc_exit(struct proc *proc)
{
	loop_stop(proc->loop);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the supervisor share: the whole (supervisor.c), its role processes
 * (child.c), the reload (reload.c).  Nobody else includes it.
 */
#ifndef PORTCULLIS_PROC_SUPERVISOR_H
#define PORTCULLIS_PROC_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/loop/backoff.h"
#include "common/loop/loop.h"
#include "common/proc/channel.h"
#include "common/proc/control.h"
#include "common/proc/proc.h"

enum child_state {
	CHILD_DOWN,
	CHILD_STARTING, /* not in its sandbox yet */
	CHILD_READY
};

/* A place for one role process; the processes in it come and go. */
struct child {
	struct supervisor *supervisor;
	const struct proc_role *role;
	unsigned instance;

	enum child_state state;
	pid_t pid; /* 0: none */
	struct channel control;
	int last_words_fd;
	int64_t started_mono_ms;
	int64_t alive_mono_ms; /* of the last sign of life */
	unsigned starts;
	bool told_to_stop;
	const char *killed; /* why we killed it; NULL: we did not */

	struct backoff backoff;
	struct loop_timer *restart;

	bool asked; /* by the present reload */
	bool prepared;
};

struct reload {
	bool wanted;
	bool active;
	uint64_t generation; /* that is being prepared */
	struct loop_timer *deadline;
};

struct supervisor {
	const struct proc_program *program;
	struct proc_timing timing; /* without zeroes */
	void *arg;
	struct loop *loop;
	int exe_fd;

	struct child *children;
	size_t child_count;

	uint64_t generation;      /* in force */
	uint64_t last_generation; /* ever tried */
	struct reload reload;

	bool running; /* all roles have been ready */
	bool failed;  /* the first start did not succeed */
	bool stopping;
	size_t stop_role; /* whose processes are being waited for, in the reverse order */
	struct loop_timer *stop_deadline;

	struct loop_timer *tick;
	uint32_t tick_ms;
	int64_t last_tick_mono_ms;
	int64_t last_watchdog_mono_ms;
};

/* --- supervisor.c --- */

/* Reports; event->text may be NULL. */
void supervisor_report(struct supervisor *supervisor, struct proc_event event);
void supervisor_on_ready(struct supervisor *supervisor);
void supervisor_on_death(struct supervisor *supervisor);
void supervisor_stop(struct supervisor *supervisor);

/* --- child.c --- */

void child_init(struct child *child, struct supervisor *supervisor,
    const struct proc_role *role, unsigned instance);
void child_done(struct child *child);

/* Starts a process, or tries again later. */
void child_start(struct child *child);

/* Collects the process if it has ended. */
void child_reap(struct child *child);

/* Kills; why is a literal, for the report. */
void child_kill(struct child *child, const char *why);

/* Sends; a child that has not read for so long that this fails is killed. */
void child_send(struct child *child, enum control_type type, struct bytes head,
    struct bytes body, struct fds *fds);

/* Its part of a generation after head (of the message); false when it is too large. */
bool child_send_config(struct child *child, enum control_type type, struct bytes head,
    uint64_t generation);

/* --- reload.c --- */

void reload_init(struct supervisor *supervisor);
void reload_done(struct supervisor *supervisor);

/* Begins the reload that is wanted as soon as nothing is in its way. */
void reload_try(struct supervisor *supervisor);
void reload_on_answer(struct child *child, uint64_t generation, bool ready, struct bytes why);
void reload_on_death(struct child *child);
void reload_abandon(struct supervisor *supervisor, const char *why);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A daemon as a supervisor and role processes of the same binary, each with one loop.  The
 * program gives a table of roles and of the edges between them; this folder starts them,
 * joins them, watches them, starts them again, reloads and stops them.  It knows no role's
 * work, no configuration format and writes no log: what happens is reported to the program.
 *
 * main() of a program:
 *
 *	if (proc_is_role(argc, argv))
 *		return proc_role_run(&program, argv);
 *	... options, first configuration, listening sockets ...
 *	return proc_supervise(&program, loop, arg);
 */
#ifndef PORTCULLIS_PROC_PROC_H
#define PORTCULLIS_PROC_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/proc/edge.h"
#include "common/proc/fds.h"
#include "common/proc/sandbox.h"

struct loop;
struct proc;

enum {
	PROC_ROLES_MAX = 32,       /* in the table */
	PROC_INSTANCES_MAX = 64,   /* of one role */
	PROC_EDGES_MAX = 64,       /* in the table */
	PROC_CONFIG_MAX = 1 << 20, /* bytes of one role's configuration */
	PROC_REASON_MAX = 1024     /* bytes of a reason */
};

/* A role's part of one generation of the configuration. */
struct proc_config {
	uint64_t generation;
	struct bytes payload; /* as describe() of the program wrote it; valid for the call */
	struct fds *fds;      /* listening sockets and the like; what is not taken is closed */
};

/* Binds an edge of the table to what this role does with it; one that is not in the table of
 * a program that shares the role is nothing there. */
struct proc_edge_use {
	const char *edge;
	const struct edge_ops *ops;
};

struct proc_role {
	const char *name;   /* at most 15 characters: a-z and '-' */
	unsigned instances; /* 1 .. PROC_INSTANCES_MAX */
	uid_t uid;          /* when started as root: whom it runs as (0: stays root) */
	gid_t gid;
	struct sandbox_profile sandbox;
	uint32_t start_ms; /* longest silence before ready; 0: PROC_START_MS */
	const struct proc_edge_use *edges;
	size_t edge_count;

	/* Before the sandbox: opens what the role owns, allows its paths (proc_sandbox).  On
	 * failure the reason is text for the operator; at the first start of the daemon it
	 * ends the daemon. */
	enum status (*init)(struct proc *proc, const struct proc_config *config,
	    void **ret_state, struct buf *reterr_reason);
	/* In the sandbox, before the first edge comes up: start accepting, set timers. */
	void (*ready)(void *state);
	/* A reload: prepare builds the new generation beside the old one, which goes on; the
	 * one that follows, commit or abort, must not fail.  NULL: nothing to change. */
	enum status (
	    *prepare)(void *state, const struct proc_config *config, struct buf *reterr_reason);
	void (*commit)(void *state);
	void (*abort)(void *state);
	/* Finish what must be finished and call proc_exit; NULL: at once. */
	void (*stop)(void *state);
	/* The loop has ended: free the state. */
	void (*done)(void *state);
};

/* Between every instance of role `from` and every instance of role `to`. */
struct proc_edge {
	const char *name; /* "link-store" */
	const char *from; /* the end nearer to the outside: restarted when the edge breaks */
	const char *to;
	uint32_t credit_bytes; /* each way; 0: EDGE_CREDIT_DEFAULT */
	bool call;             /* from asks with edge_call, to answers with edge_reply */
};

enum proc_event_kind {
	PROC_EVENT_STARTED,     /* role, pid */
	PROC_EVENT_READY,       /* role, pid, text: what its sandbox holds */
	PROC_EVENT_INIT_FAILED, /* role, pid, text: its reason */
	PROC_EVENT_DIED,    /* role, pid, exit or signal, text; restart follows in delay_ms */
	PROC_EVENT_STOPPED, /* role, pid: ended as it was told to */
	PROC_EVENT_HUNG,    /* role, pid, text: no sign of life; it is being killed */
	PROC_EVENT_EDGE_BROKEN,   /* role, pid: the end that is being killed, text */
	PROC_EVENT_RUNNING,       /* all roles are ready for the first time */
	PROC_EVENT_RELOADED,      /* generation */
	PROC_EVENT_RELOAD_FAILED, /* generation, text; the old configuration stays */
	PROC_EVENT_STOPPING,
};

struct proc_event {
	enum proc_event_kind kind;
	const char *role; /* NULL where the event is of the whole daemon */
	unsigned instance;
	pid_t pid;
	int exit_code;    /* DIED: -1 when it was a signal */
	int signal;       /* DIED: 0 when it exited */
	int64_t delay_ms; /* DIED: until the next start */
	uint64_t generation;
	const char *text; /* one sentence, never NULL; may contain bytes from a role: escape */
};

/* "store-started" and the like are the program's words; this is the kind alone: "died". */
const char *proc_event_name(enum proc_event_kind kind);

/* Times in milliseconds; 0 takes the default. */
struct proc_timing {
	uint32_t start_ms;         /* 30,000: silence of a role before it is ready */
	uint32_t hang_ms;          /* 20,000: silence of a ready role */
	uint32_t prepare_ms;       /* 10,000: for all answers to a prepare */
	uint32_t stop_ms;          /* 10,000: for the instances of one role to end */
	uint32_t restart_base_ms;  /* 100 */
	uint32_t restart_cap_ms;   /* 30,000 */
	uint32_t restart_reset_ms; /* 60,000: a life this long starts the backoff anew */
};

struct proc_program {
	const char *name;              /* "portcullis-console" */
	const struct proc_role *roles; /* started in this order, stopped in the reverse */
	size_t role_count;
	const struct proc_edge *edges;
	size_t edge_count;
	struct proc_timing timing;

	/* The rest is called in the supervisor only, with the arg of proc_supervise. */

	/* Reads and checks the configuration as this generation (1 at the start, then one
	 * more each reload) and keeps it beside the one in force. */
	enum status (*load)(void *arg, uint64_t generation, struct buf *reterr_reason);
	/* Writes a role's part of a generation that was loaded: at most PROC_CONFIG_MAX bytes
	 * (a larger one fails), and descriptors, which are handed over: dup what you keep. */
	void (*describe)(void *arg, uint64_t generation, const char *role, unsigned instance,
	    struct buf *payload, struct fds *fds);
	/* The generation is in force (drop the older one) or not (drop this one). */
	void (*settle)(void *arg, uint64_t generation, bool in_force);
	void (*report)(void *arg, const struct proc_event *event);
};

/* --- main --- */

/* True when the supervisor started this process as a role: main hands over before it
 * looks at its own options. */
bool proc_is_role(int argc, char *argv[]);

/* Lives the life of the role that argv names; the exit code of the process. */
int proc_role_run(const struct proc_program *program, char *argv[]);

/* Starts all roles and runs the loop until the daemon has stopped: SIGTERM and SIGINT stop
 * it, SIGHUP reloads.  Speaks sd_notify where NOTIFY_SOCKET is set.  The exit code of the
 * process: 0 after an ordered stop, 1 when the first configuration or the first start of a
 * role failed (reported).  The table must be right: a wrong one is a bug. */
int proc_supervise(const struct proc_program *program, struct loop *loop, void *arg);

/* Text for `systemctl status` (sd_notify STATUS=), from the supervisor's callbacks. */
void proc_set_status(const char *text);

/* --- a role process, from inside --- */

struct loop *proc_loop(struct proc *proc);
const char *proc_name(const struct proc *proc);
unsigned proc_instance(const struct proc *proc);

/* During init: where the role allows its paths. */
struct sandbox *proc_sandbox(struct proc *proc);

/* The edges of this role with a name: one for each instance at the other end, in order; none
 * where the program has no such edge.  They exist from init on and are down until both ends
 * are ready. */
unsigned proc_edge_count(const struct proc *proc, const char *name);
struct edge *proc_edge(struct proc *proc, const char *name, unsigned instance);

/* A sign of life out of a long init or step, so that it is not taken for a hang. */
void proc_progress(struct proc *proc);

/* Ends the process with this turn of the loop: what stop leads to. */
void proc_exit(struct proc *proc);

#endif

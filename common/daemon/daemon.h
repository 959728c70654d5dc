/* SPDX-License-Identifier: Apache-2.0
 *
 * What the supervisors of both programs have in common: the configuration as generations,
 * the log, and the words for what happens to roles.  A program adds its schema, its roles
 * and what each role is told.  Knows no role's work.
 */
#ifndef PORTCULLIS_DAEMON_DAEMON_H
#define PORTCULLIS_DAEMON_DAEMON_H

#include "common/base/buf.h"
#include "common/config/config.h"
#include "common/config/config_sections.h"
#include "common/proc/proc.h"

enum {
	DAEMON_ROLES_MAX = 16
};

struct daemon_program {
	const char *name; /* "portcullis-console" */
	const struct config_schema *schema;
	const struct proc_edge *edges;
	size_t edge_count;

	/* Writes the role table for a configuration; NULL in a role process, where only names
	 * and functions count.  Returns how many. */
	size_t (*roles)(const void *values, struct proc_role roles[static DAEMON_ROLES_MAX]);
	const struct config_log *(*log)(const void *values);

	/* Before the first role: makes directories, opens listening sockets.  The text of a
	 * failure is for the operator. */
	enum status (*open)(const void *values, struct buf *reterr_text);

	/* A role's part of a configuration (proc_program.describe). */
	void (*describe)(const void *values, const char *role, unsigned instance,
	    struct buf *payload, struct fds *fds);
};

/* Runs the daemon in the foreground until it is told to stop; the exit code of the process:
 * 0 after an ordered stop, 1 when it could not start (said in the log). */
int daemon_run(const struct daemon_program *program, const char *config_path);

/* Lives the life of a role, where proc_is_role says that this process is one. */
int daemon_role(const struct daemon_program *program, char *argv[]);

/* The log of a role process, in the supervisor's format; program and role must outlive it.
 * Before the sandbox. */
enum status daemon_open_log(const char *program, const char *role, uint8_t format,
    uint8_t level) MUST_USE;

#endif

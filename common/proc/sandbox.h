/* SPDX-License-Identifier: Apache-2.0
 *
 * What a role process may ask of the kernel from its first outside byte on: non-dumpable,
 * no core, no new privileges, Landlock where the kernel has it, and a seccomp list of what
 * is allowed, with death for the rest (docs/decisions/0005-sandbox.md).  Knows no role;
 * common/proc enters it between a role's init and its ready.
 */
#ifndef PORTCULLIS_PROC_SANDBOX_H
#define PORTCULLIS_PROC_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/status.h"

/* What a profile adds to the bare loop (read, write, epoll, time, memory, descriptors that
 * are already open). */
enum sandbox_flag {
	SANDBOX_FILES = 1,   /* open, rename, unlink, ... below the allowed paths */
	SANDBOX_ACCEPT = 2,  /* accept on listening sockets it was given */
	SANDBOX_CONNECT = 4, /* make and connect sockets, resolve names */
	SANDBOX_THREADS = 8  /* threads of a library (libcurl's resolver); never processes */
};

struct sandbox_profile {
	unsigned flags;              /* of enum sandbox_flag */
	const char *const *syscalls; /* further names, NULL at the end; may be NULL */
};

enum sandbox_access {
	SANDBOX_READ,
	SANDBOX_WRITE /* and read, make, rename and remove below it */
};

enum {
	SANDBOX_PATHS_MAX = 16
};

struct sandbox {
	struct sandbox_profile profile;
	int path_fds[SANDBOX_PATHS_MAX];
	enum sandbox_access path_access[SANDBOX_PATHS_MAX];
	unsigned path_count;
	int last_words_fd; /* where the number of a forbidden call is left; -1: nowhere */
};

/* Non-dumpable, no core, no new privileges: for every process of ours from its first line. */
enum status sandbox_begin(void) MUST_USE;

void sandbox_init(struct sandbox *sandbox, struct sandbox_profile profile, int last_words_fd);

/* Allows a file or a directory with what is below it.  STATUS_NOT_FOUND and the like when
 * it cannot be opened. */
enum status sandbox_allow_path(struct sandbox *sandbox, const char *path,
    enum sandbox_access access) MUST_USE;

/* Enters; there is no way back.  Writes one line on what holds ("seccomp, landlock 7") to
 * report.  Any failure means that the process must not go on. */
enum status sandbox_enter(struct sandbox *sandbox, struct buf *report) MUST_USE;
void sandbox_done(struct sandbox *sandbox);

/* The name of a system call by its number on this machine; "system call NR" otherwise. */
void sandbox_syscall_name(int nr, struct buf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The service manager: readiness, reload, watchdog and status over NOTIFY_SOCKET
 * (sd_notify(3)), and the sockets it opened for us (sd_listen_fds(3)).  Both protocols are
 * a few lines, so that a build without libsystemd speaks them too.  Used by the supervisor.
 */
#ifndef PORTCULLIS_PROC_NOTIFY_H
#define PORTCULLIS_PROC_NOTIFY_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/status.h"

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID once and removes them from the
 * environment, so that no role speaks for the daemon.  Without them the rest does nothing.
 * STATUS_INVALID when they are there and make no sense. */
enum status notify_init(void) MUST_USE;
void notify_done(void);

/* Sends lines such as "READY=1\nSTATUS=..." ; a manager that is away is no error of ours. */
void notify_send(const char *state);
void notify_sendf(const char *format, ...) PRINTF_LIKE(1, 2);

/* How often the manager wants to hear WATCHDOG=1, at the latest; 0: not at all. */
int64_t notify_watchdog_ms(void);

enum {
	NOTIFY_SOCKETS_MAX = 32
};

/* A socket of a socket unit: FileDescriptorName= (the unit's name otherwise). */
struct notify_socket {
	int fd; /* close-on-exec */
	char name[256];
};

/* The sockets handed to this process (LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES), which are
 * the caller's now; the variables are removed.  0 when there are none.  STATUS_LIMIT when
 * there are more than max: none is taken. */
enum status notify_sockets(struct notify_socket *sockets, size_t max,
    size_t *ret_count) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Newline-delimited JSON on a UNIX stream socket.  Each line is answered, in order: "OK seq"
 * when its record is on the disk, "ERR reason" when it was not taken; a line without an
 * answer may or may not have been.  Knows no event loop: one descriptor tells that there is
 * something to do.
 */
#ifndef PORTCULLIS_SENSOR_INPUT_LINE_SOCKET_H
#define PORTCULLIS_SENSOR_INPUT_LINE_SOCKET_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/status.h"
#include "sensor-agent/spool/spool.h"

enum {
	LINE_SOCKET_CLIENTS_MAX = 64,
	LINE_SOCKET_UNANSWERED_MAX = 256, /* of one client; then it is not read */
	LINE_SOCKET_OUT_MAX = 16 << 10    /* answers that a client does not fetch */
};

struct line_socket;

struct line_socket_status {
	size_t clients;
	uint64_t lines;    /* taken */
	uint64_t refused;  /* answered ERR */
	uint64_t rejected; /* connections over the maximum */
};

/* Takes a listening, non-blocking descriptor. */
enum status line_socket_new(struct spool *spool, const char *source, int listen_fd,
    struct line_socket **ret_socket) MUST_USE;
void line_socket_free(struct line_socket *socket);

/* Readable when line_socket_poll has something to do. */
int line_socket_fd(const struct line_socket *socket);

/* Accepts, reads, appends at most max_lines lines, sends what answers there are.
 * STATUS_OK: there may be more at once; STATUS_AGAIN: nothing more now; else the spool
 * failed.  A full spool is not an error here: the client is told. */
enum status line_socket_poll(struct line_socket *socket, unsigned max_lines) MUST_USE;

/* After spool_sync: answers what has become durable.  Poll again then: a client that was
 * owed too much may have sent more already. */
void line_socket_synced(struct line_socket *socket);

void line_socket_get_status(const struct line_socket *socket,
    struct line_socket_status *ret_status);

#endif

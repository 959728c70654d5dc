/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside common/log: where lines go.  Nothing here waits: a full pipe or journal costs the
 * line, and the caller counts it.
 */
#ifndef PORTCULLIS_LOG_LOG_OUTPUT_H
#define PORTCULLIS_LOG_LOG_OUTPUT_H

#include <stdbool.h>

#include "common/base/bytes.h"
#include "common/base/status.h"

/* Is this descriptor the journal's stream?  (systemd.exec(7), JOURNAL_STREAM) */
bool log_output_is_journal(int fd);

/* Is it a terminal on which colours are wanted?  (NO_COLOR, TERM=dumb) */
bool log_output_is_coloured(int fd);

/* A socket connected to the journal at path; needs nothing opened later.  STATUS_NOT_FOUND
 * where there is no journal. */
enum status log_output_connect(const char *path, int *ret_fd) MUST_USE;

/* One datagram.  STATUS_AGAIN: the journal is full; others: it is not there. */
enum status log_output_send(int fd, struct bytes datagram) MUST_USE;

/* One line of at most LOG_LINE_MAX bytes.  STATUS_AGAIN: the reader does not keep up. */
enum status log_output_write(int fd, struct bytes line) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Orders to a running server of the laboratory: a UNIX socket, a line in, a line out.  When
 * the answer is there the order is in force.
 */
#ifndef PORTCULLIS_PKI_TEST_CONTROL_H
#define PORTCULLIS_PKI_TEST_CONTROL_H

#include "common/base/buf.h"
#include "common/base/status.h"

struct control;
struct loop;

/* Listens at path (removed first, and when freed).  on_line gets a line without its end and
 * appends the answer, one line without its end. */
enum status control_new(struct loop *loop, const char *path,
    void (*on_line)(const char *line, struct buf *answer, void *arg), void *arg,
    struct control **ret_control) MUST_USE;
void control_free(struct control *control);

/* The other end: sends a line, waits for the answer at most timeout_ms, and appends it
 * without its end. */
enum status control_call(const char *path, const char *line, int timeout_ms,
    struct buf *answer) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The filter of system calls of a role process; the seccomp half of sandbox.c.
 */
#ifndef PORTCULLIS_PROC_FILTER_H
#define PORTCULLIS_PROC_FILTER_H

#include "common/base/buf.h"
#include "common/base/status.h"
#include "common/proc/sandbox.h"

/* Loads the filter of a profile.  What it forbids ends the process by SIGSYS, after the
 * number of the call has been written to last_words_fd (int32; -1: nowhere).  On failure
 * the reason is text. */
enum status filter_enter(const struct sandbox_profile *profile, int last_words_fd,
    struct buf *reterr_reason) MUST_USE;

#endif

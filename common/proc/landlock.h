/* SPDX-License-Identifier: Apache-2.0
 *
 * Landlock(7): the files of a role process, as far as the kernel can; the other half of
 * sandbox.c.
 */
#ifndef PORTCULLIS_PROC_LANDLOCK_H
#define PORTCULLIS_PROC_LANDLOCK_H

#include "common/base/status.h"
#include "common/proc/sandbox.h"

/* Restricts this process to the paths of the sandbox, without TCP where its profile has no
 * SANDBOX_CONNECT, and without signals to processes outside.  Sets the version of the
 * kernel's Landlock that holds, 0 where it has none.  No new privileges must be set. */
enum status landlock_enter(const struct sandbox *sandbox, int *ret_abi) MUST_USE;

#endif

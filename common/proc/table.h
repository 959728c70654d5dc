/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions to the program's table, the same on both sides of a control channel.
 */
#ifndef PORTCULLIS_PROC_TABLE_H
#define PORTCULLIS_PROC_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/proc/proc.h"

/* Aborts on a table that cannot work: a bug of the program. */
void table_check(const struct proc_program *program);

/* By name; NULL when there is none. */
const struct proc_role *table_role(const struct proc_program *program, const char *name);
const struct proc_edge *table_edge(const struct proc_program *program, const char *name);

/* The role at the other end of an edge; NULL when role has no part in it. */
const struct proc_role *table_peer(const struct proc_program *program,
    const struct proc_edge *edge, const struct proc_role *role);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The table: look-ups, and the rules it must keep.
 */
#include "common/proc/table.h"

#include <assert.h>
#include <string.h>

const struct proc_role *
table_role(const struct proc_program *program, const char *name)
{
	for (size_t i = 0; i < program->role_count; i++) {
		if (strcmp(program->roles[i].name, name) == 0)
			return &program->roles[i];
	}
	return NULL;
}

const struct proc_edge *
table_edge(const struct proc_program *program, const char *name)
{
	for (size_t i = 0; i < program->edge_count; i++) {
		if (strcmp(program->edges[i].name, name) == 0)
			return &program->edges[i];
	}
	return NULL;
}

const struct proc_role *
table_peer(const struct proc_program *program, const struct proc_edge *edge,
    const struct proc_role *role)
{
	if (strcmp(edge->from, role->name) == 0)
		return table_role(program, edge->to);
	if (strcmp(edge->to, role->name) == 0)
		return table_role(program, edge->from);
	return NULL;
}

static void
table_check_role(const struct proc_program *program, const struct proc_role *role)
{
	assert(strlen(role->name) > 0 && strlen(role->name) <= 15);
	assert(table_role(program, role->name) == role); /* the name is not taken */
	assert(role->instances >= 1 && role->instances <= PROC_INSTANCES_MAX);
	assert(role->init != NULL);
	for (size_t i = 0; i < role->edge_count; i++) {
		const struct proc_edge *edge = table_edge(program, role->edges[i].edge);

		/* a role shared by programs may serve edges that this one does not have */
		assert(edge == NULL || table_peer(program, edge, role) != NULL);
	}
}

static void
table_check_edge(const struct proc_program *program, const struct proc_edge *edge)
{
	assert(table_edge(program, edge->name) == edge);
	assert(
	    table_role(program, edge->from) != NULL && table_role(program, edge->to) != NULL);
	assert(strcmp(edge->from, edge->to) != 0);
	assert(edge->credit_bytes == 0 || edge->credit_bytes >= 1024);
}

void
table_check(const struct proc_program *program)
{
	assert(program->role_count >= 1 && program->role_count <= PROC_ROLES_MAX);
	assert(program->edge_count <= PROC_EDGES_MAX);
	assert(program->load != NULL && program->describe != NULL && program->settle != NULL &&
	       program->report != NULL);
	for (size_t i = 0; i < program->role_count; i++)
		table_check_role(program, &program->roles[i]);
	for (size_t i = 0; i < program->edge_count; i++)
		table_check_edge(program, &program->edges[i]);
}

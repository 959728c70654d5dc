/* SPDX-License-Identifier: Apache-2.0
 *
 * The side of an edge that the role process (role.c) and its tests see: birth, a new
 * connection, and the complaint about a peer.
 */
#ifndef PORTCULLIS_PROC_EDGE_INTERNAL_H
#define PORTCULLIS_PROC_EDGE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/proc/edge.h"

struct loop;

struct edge_spec {
	const char *name;
	const char *peer; /* role at the other end */
	unsigned instance;
	bool from;
	bool call;
	uint32_t credit_bytes; /* 0: EDGE_CREDIT_DEFAULT */
	const struct edge_ops *ops;
	/* The peer broke the rules; the edge is about to fall. */
	void (*broken)(void *arg, struct edge *edge);
	void *arg;
};

/* A down edge.  The strings and ops of the spec outlive it. */
struct edge *edge_new(struct loop *loop, const struct edge_spec *spec);

/* What ops are called with; to be set before the first edge_rise. */
void edge_set_state(struct edge *edge, void *state);

/* A new connection, whose descriptor is taken.  Where the old one is still up, what its
 * peer had sent is handed out first, then it falls. */
void edge_rise(struct edge *edge, int fd);

/* Closes; no callback is called any more.  edge_free may come after the loop is gone. */
void edge_close(struct edge *edge);
void edge_free(struct edge *edge);

#endif

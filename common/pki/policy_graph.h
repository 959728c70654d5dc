/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate policies along a path: RFC 5280 6.1.2 to 6.1.5 with the graph of RFC 9618 in
 * place of the tree, whose size an enemy can make exponential.  The path is given from the
 * certificate that the anchor issued down to the leaf.
 */
#ifndef PORTCULLIS_PKI_POLICY_GRAPH_H
#define PORTCULLIS_PKI_POLICY_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/bytes.h"
#include "common/pki/cert.h"

/* The policy inputs of 6.1.1. */
struct policy_inputs {
	const struct bytes *initial; /* OBJECT IDENTIFIER values; none: any policy */
	size_t initial_count;
	bool explicit_policy;
	bool inhibit_any;
	bool inhibit_mapping;
};

struct policy_graph;

/* For a path of path_len certificates.  The anchor is not one of them, unless its own
 * policies are to count: then it is the first.  inputs must outlive it. */
struct policy_graph *policy_graph_new(const struct policy_inputs *inputs, size_t path_len);
void policy_graph_free(struct policy_graph *graph);

/* The next certificate down; the path_len-th is the leaf.  NULL, or what is wrong (a
 * constant text).  The certificate must outlive the graph.  An anchor without policies
 * leaves all of them open (RFC 5937 3.2). */
const char *policy_graph_add(struct policy_graph *graph, const struct cert *cert, bool anchor);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The graph has a level for each certificate.  A node is one policy that is valid down to
 * there; its parents are the nodes of the level above that expect it.  A node without
 * parents hangs on anyPolicy, which is not stored but a flag of the level.  Pruning (6.1.3
 * (d)(3)) is not needed: whether the graph is empty shows in its lowest level, and the
 * intersection of 6.1.5 (g) walks from there upwards.
 */
#include "common/pki/policy_graph.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/pki/oid.h"
#include "common/pki/policy.h"

struct policy_node {
	struct bytes policy; /* first: policy_order */
	size_t first_parent; /* in the level's parents */
	size_t parent_count; /* 0: the parent is anyPolicy */
	bool mapped;
	bool live; /* 6.1.5 (g): leads to the lowest level */
};

/* A policy that the level below may have under a node (its expected_policy_set). */
struct policy_expect {
	struct bytes policy; /* first: policy_order */
	size_t node;
};

struct policy_level {
	struct policy_node *nodes; /* sorted by policy once the level is done */
	size_t node_count;
	size_t *parents;
	size_t parent_count;
	struct policy_expect *expects; /* sorted by policy */
	size_t expect_count;
	bool any; /* anyPolicy is valid at this level */
};

struct policy_graph {
	const struct policy_inputs *inputs;
	struct policy_level *levels; /* levels[0] is above the first certificate */
	size_t path_len;
	size_t done;  /* certificates added */
	bool is_null; /* the valid_policy_graph is NULL */
	size_t explicit_policy;
	size_t inhibit_any;
	size_t policy_mapping;
};

/* For things that begin with a struct bytes. */
static int
policy_order(const void *a, const void *b)
{
	return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

static void
policy_sort(void *things, size_t count, size_t size)
{
	if (count > 1)
		qsort(things, count, size, policy_order);
}

struct policy_graph *
policy_graph_new(const struct policy_inputs *inputs, size_t path_len)
{
	struct policy_graph *graph = NEW(struct policy_graph);

	graph->inputs = inputs;
	graph->path_len = path_len;
	graph->levels = alloc_zeroed(path_len + 1, sizeof *graph->levels);
	graph->levels[0].any = true;
	graph->explicit_policy = inputs->explicit_policy ? 0 : path_len + 1;
	graph->inhibit_any = inputs->inhibit_any ? 0 : path_len + 1;
	graph->policy_mapping = inputs->inhibit_mapping ? 0 : path_len + 1;
	return graph;
}

void
policy_graph_free(struct policy_graph *graph)
{
	if (graph == NULL)
		return;
	for (size_t i = 0; i <= graph->path_len; i++) {
		free(graph->levels[i].nodes);
		free(graph->levels[i].parents);
		free(graph->levels[i].expects);
	}
	free(graph->levels);
	free(graph);
}

/* The run of the level's expectations that are of this policy. */
static size_t
policy_expected(const struct policy_level *level, struct bytes policy, size_t *ret_first)
{
	size_t low = 0, high = level->expect_count, first;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (bytes_compare(level->expects[middle].policy, policy) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	first = low;
	while (low < level->expect_count && bytes_equal(level->expects[low].policy, policy))
		low++;
	*ret_first = first;
	return low - first;
}

static void
policy_add_node(struct policy_level *level, const struct policy_level *above,
    struct bytes policy, size_t first, size_t count)
{
	level->nodes[level->node_count++] =
	    (struct policy_node){policy, level->parent_count, count, false, false};
	for (size_t i = first; i < first + count; i++)
		level->parents[level->parent_count++] = above->expects[i].node;
}

static bool
policy_listed(const struct bytes *sorted, size_t count, struct bytes policy)
{
	return count > 0 &&
	       bsearch(&policy, sorted, count, sizeof *sorted, policy_order) != NULL;
}

/* 6.1.3 (d): the nodes of a level from the certificate's policies and what the level above
 * expects. */
static void
policy_fill_level(struct policy_level *level, const struct policy_level *above,
    const struct cert *cert, bool any_allowed)
{
	struct bytes policies[POLICY_MAX];
	size_t count = policy_list(cert->policies.value, policies), first, run;

	policy_sort(policies, count, sizeof policies[0]);
	level->nodes = alloc_zeroed(count + above->expect_count, sizeof *level->nodes);
	level->parents = alloc_zeroed(above->expect_count, sizeof *level->parents);
	for (size_t i = 0; i < count; i++) {
		if (bytes_equal(policies[i], oid_any_policy))
			continue;
		run = policy_expected(above, policies[i], &first);
		if (run > 0 || above->any)
			policy_add_node(level, above, policies[i], first, run);
	}
	if (!any_allowed || !policy_listed(policies, count, oid_any_policy))
		return;
	level->any = above->any;
	for (first = 0; first < above->expect_count; first += run) {
		struct bytes policy = above->expects[first].policy;

		run = policy_expected(above, policy, &first);
		if (!policy_listed(policies, count, policy))
			policy_add_node(level, above, policy, first, run);
	}
}

/* Node indices in expects are of the sorted nodes. */
static void
policy_expect_own(struct policy_level *level, size_t room)
{
	level->expects = alloc_zeroed(level->node_count + room, sizeof *level->expects);
	for (size_t i = 0; i < level->node_count; i++)
		if (!level->nodes[i].mapped)
			level->expects[level->expect_count++] =
			    (struct policy_expect){level->nodes[i].policy, i};
}

static struct policy_node *
policy_node_of(const struct policy_level *level, size_t count, struct bytes policy)
{
	return count == 0
		   ? NULL
		   : bsearch(&policy, level->nodes, count, sizeof *level->nodes, policy_order);
}

/* 6.1.4 (b)(1): the mapped nodes, those under anyPolicy made now, and what they expect. */
static void
policy_map(struct policy_level *level, const struct policy_mapping *mappings, size_t count)
{
	size_t before = level->node_count;

	level->nodes = alloc_resize(level->nodes, before + count + 1, sizeof *level->nodes);
	for (size_t i = 0; i < count; i++) {
		bool same = i > 0 && bytes_equal(mappings[i].issuer, mappings[i - 1].issuer);

		if (!same && level->any &&
		    policy_node_of(level, before, mappings[i].issuer) == NULL)
			level->nodes[level->node_count++] =
			    (struct policy_node){.policy = mappings[i].issuer};
	}
	policy_sort(level->nodes, level->node_count, sizeof *level->nodes);
	for (size_t i = 0; i < count; i++) {
		struct policy_node *node =
		    policy_node_of(level, level->node_count, mappings[i].issuer);

		if (node != NULL)
			node->mapped = true;
	}
	policy_expect_own(level, count);
	for (size_t i = 0; i < count; i++) {
		struct policy_node *node =
		    policy_node_of(level, level->node_count, mappings[i].issuer);

		if (node != NULL)
			level->expects[level->expect_count++] =
			    (struct policy_expect){mappings[i].subject,
				(size_t)(node - level->nodes)};
	}
}

/* 6.1.4 (b)(2): where mapping is inhibited, the policies that would be mapped are lost. */
static void
policy_unmap(struct policy_level *level, const struct policy_mapping *mappings, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < level->node_count; i++) {
		bool lost = false;

		for (size_t j = 0; j < count && !lost; j++)
			lost = bytes_equal(mappings[j].issuer, level->nodes[i].policy);
		if (!lost)
			level->nodes[kept++] = level->nodes[i];
	}
	level->node_count = kept;
	policy_expect_own(level, 0);
}

/* 6.1.4 (a), (b).  NULL, or what is wrong. */
static const char *
policy_graph_map(struct policy_graph *graph, struct policy_level *level,
    const struct cert *cert)
{
	struct policy_mapping mappings[POLICY_MAX];
	size_t count = 0;

	if (cert->policy_mappings.present)
		count = policy_mapping_list(cert->policy_mappings.value, mappings);
	for (size_t i = 0; i < count; i++)
		if (bytes_equal(mappings[i].issuer, oid_any_policy) ||
		    bytes_equal(mappings[i].subject, oid_any_policy))
			return "anyPolicy is mapped";
	if (graph->is_null)
		return NULL;
	policy_sort(mappings, count, sizeof mappings[0]);
	policy_sort(level->nodes, level->node_count, sizeof *level->nodes);
	if (graph->policy_mapping > 0)
		policy_map(level, mappings, count);
	else
		policy_unmap(level, mappings, count);
	policy_sort(level->expects, level->expect_count, sizeof *level->expects);
	if (level->node_count == 0 && !level->any)
		graph->is_null = true;
	return NULL;
}

static void
policy_lower(size_t *counter, int skip)
{
	if (skip >= 0 && (size_t)skip < *counter)
		*counter = (size_t)skip;
}

/* 6.1.4 (h) to (j). */
static void
policy_graph_count(struct policy_graph *graph, const struct cert *cert)
{
	if (!cert->self_issued) {
		graph->explicit_policy -= graph->explicit_policy > 0;
		graph->policy_mapping -= graph->policy_mapping > 0;
		graph->inhibit_any -= graph->inhibit_any > 0;
	}
	policy_lower(&graph->explicit_policy, cert->require_explicit_skip);
	policy_lower(&graph->policy_mapping, cert->inhibit_mapping_skip);
	policy_lower(&graph->inhibit_any, cert->inhibit_any_skip);
}

static bool
policy_is_initial(const struct policy_inputs *inputs, struct bytes policy)
{
	for (size_t i = 0; i < inputs->initial_count; i++)
		if (bytes_equal(inputs->initial[i], policy))
			return true;
	return false;
}

/* 6.1.5 (g): whether a policy of the user's set leads down to the leaf.  The policies that
 * count are those that hang on anyPolicy: they are named as the user's domain knows them. */
static bool
policy_graph_meets_initial(struct policy_graph *graph)
{
	struct policy_level *leaf = &graph->levels[graph->path_len];

	if (graph->inputs->initial_count == 0 ||
	    policy_is_initial(graph->inputs, oid_any_policy) || leaf->any)
		return true;
	for (size_t i = 0; i < leaf->node_count; i++)
		leaf->nodes[i].live = true;
	for (size_t depth = graph->path_len; depth > 0; depth--) {
		const struct policy_level *level = &graph->levels[depth];

		for (size_t i = 0; i < level->node_count; i++) {
			const struct policy_node *node = &level->nodes[i];

			if (!node->live)
				continue;
			if (node->parent_count == 0 &&
			    policy_is_initial(graph->inputs, node->policy))
				return true;
			for (size_t j = 0; j < node->parent_count; j++)
				graph->levels[depth - 1]
				    .nodes[level->parents[node->first_parent + j]]
				    .live = true;
		}
	}
	return false;
}

/* 6.1.5 (a), (b), (g). */
static const char *
policy_graph_wrap_up(struct policy_graph *graph, const struct cert *leaf)
{
	graph->explicit_policy -= graph->explicit_policy > 0;
	if (leaf->require_explicit_skip == 0)
		graph->explicit_policy = 0;
	if (graph->explicit_policy > 0)
		return NULL;
	if (graph->is_null)
		return "the path has no valid policy, and one is required";
	if (!policy_graph_meets_initial(graph))
		return "none of the path's policies is one of those required";
	return NULL;
}

const char *
policy_graph_add(struct policy_graph *graph, const struct cert *cert, bool anchor)
{
	size_t depth = ++graph->done;
	bool last = depth == graph->path_len;
	struct policy_level *level = &graph->levels[depth];
	const char *wrong;

	assert(depth <= graph->path_len);
	if (!cert->policies.present && !anchor)
		graph->is_null = true;
	if (!cert->policies.present && anchor) {
		level->any = true;
	} else if (!graph->is_null) {
		policy_fill_level(level, &graph->levels[depth - 1], cert,
		    graph->inhibit_any > 0 || (!last && cert->self_issued));
		graph->is_null = level->node_count == 0 && !level->any;
	}
	if (graph->explicit_policy == 0 && graph->is_null)
		return "the path has no valid policy, and one is required";
	if (last)
		return policy_graph_wrap_up(graph, cert);
	wrong = policy_graph_map(graph, level, cert);
	policy_graph_count(graph, cert);
	return wrong;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The trust role: settings, start, and the edge to the workers.
 */
#include "common/trust/trust_role.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/loop/loop.h"
#include "common/pki/path.h"
#include "common/trust/trust_state.h"

enum {
	PATH_SIZE = 4096
};

#define AT(member) offsetof(struct trust_settings, member)

const struct edge_field trust_settings_fields[] = {
    {EDGE_FIELD_BYTES, AT(directory)},
    {EDGE_FIELD_BOOL, AT(fetch)},
    {EDGE_FIELD_LIST, AT(urls)},
    {EDGE_FIELD_U64, AT(crl_max_bytes)},
    {EDGE_FIELD_I64, AT(refresh_min_ms)},
    {EDGE_FIELD_I64, AT(refresh_max_ms)},
    {EDGE_FIELD_I64, AT(retry_min_ms)},
    {EDGE_FIELD_I64, AT(retry_max_ms)},
    {EDGE_FIELD_LIST, AT(policies)},
    {EDGE_FIELD_END, 0},
};

void
trust_send(struct edge *edge, uint8_t type, const struct edge_field *fields,
    const void *message)
{
	struct buf payload;

	buf_init(&payload, TRUST_PAYLOAD_MAX);
	edge_message_put(&payload, fields, message);
	(void)!edge_send(edge, type, buf_bytes(&payload), NULL);
	buf_done(&payload);
}

/* --- the workers --- */

static enum status
trust_on_link(void *arg, struct edge *edge, struct edge_frame *frame)
{
	struct trust_state *state = arg;
	struct edge_trust_want want;

	if (frame->type != EDGE_TRUST_WANT ||
	    edge_message_get(frame->payload, edge_trust_want_fields, sizeof(want), &want) !=
		STATUS_OK ||
	    want.purpose >= TRUST_PURPOSE_COUNT || want.use > PATH_USE_CLIENT ||
	    want.chain.count > PATH_CHAIN_MAX)
		return STATUS_INVALID;
	trust_on_want(state, edge, frame, &want);
	return STATUS_OK;
}

static void
trust_on_link_down(void *arg, struct edge *edge)
{
	trust_forget_wants(arg, edge);
}

/* --- settings --- */

static enum status
trust_read_policies(const struct edge_list *list, struct trust_config *config)
{
	if (list->count != TRUST_PURPOSE_COUNT)
		return STATUS_INVALID;
	for (size_t i = 0; i < list->count; i++) {
		struct edge_trust_policy *policy = &config->policies[i];
		enum status status = edge_message_get(list->items[i], edge_trust_policy_fields,
		    sizeof(*policy), policy);

		if (status != STATUS_OK || policy->purpose != i)
			return STATUS_INVALID;
	}
	return STATUS_OK;
}

static enum status
trust_read_settings(struct bytes payload, struct trust_settings *settings,
    struct trust_config *config)
{
	enum status status =
	    edge_message_get(payload, trust_settings_fields, sizeof(*settings), settings);

	if (status != STATUS_OK)
		return status;
	*config = (struct trust_config){.fetch = settings->fetch,
	    .crl_max_bytes = settings->crl_max_bytes,
	    .sources = {.refresh_min_ms = settings->refresh_min_ms,
		.refresh_max_ms = settings->refresh_max_ms,
		.retry_min_ms = settings->retry_min_ms,
		.retry_max_ms = settings->retry_max_ms}};
	return trust_read_policies(&settings->policies, config);
}

static enum status
trust_prepare(void *arg, const struct proc_config *config, struct buf *reterr_reason)
{
	struct trust_state *state = arg;
	struct trust_settings settings;
	enum status status = trust_read_settings(config->payload, &settings, &state->prepared);

	if (status == STATUS_OK)
		trust_fetch_begin(state, &settings.urls);
	else
		buf_put_text(reterr_reason, "settings of the trust role");
	return status;
}

static void
trust_commit(void *arg)
{
	struct trust_state *state = arg;

	state->config = state->prepared;
	trust_publish(state);
	trust_fetch_due(state);
}

/* --- start and end --- */

/* A damaged file is not worth a refusal to start: certificates are added again, CRLs come
 * again.  The reason goes to the supervisor's log with the sandbox report. */
static void
trust_on_damaged(const char *file, enum status status, void *arg)
{
	fprintf(stderr, "trust: %s: %s; ignored\n", file, status_text(status));
}

static void
trust_done(void *arg)
{
	struct trust_state *state = arg;

	anchors_free(state->anchors);
	crls_free(state->crls);
	sources_free(state->sources);
	for (size_t i = 0; i < TRUST_ISSUERS_MAX; i++)
		cert_free(state->issuers[i]);
	loop_timer_free(state->timer);
	fileio_close(state->anchors_fd);
	fileio_close(state->crls_fd);
	fileio_close(state->issuers_fd);
	while (!TAILQ_EMPTY(&state->wants)) {
		struct want *want = TAILQ_FIRST(&state->wants);

		TAILQ_REMOVE(&state->wants, want, link);
		want_free(want);
	}
	free(state);
}

static enum status
trust_open_dir(struct trust_state *state, struct bytes parent, const char *name, int *ret_fd,
    struct buf *reterr_reason)
{
	char path[PATH_SIZE];
	enum status status;

	snprintf(path, sizeof(path), "%.*s%s", (int)parent.len, (const char *)parent.data,
	    name);
	status = fileio_open_dir(path, 0700, ret_fd);
	if (status == STATUS_OK)
		status = sandbox_allow_path(proc_sandbox(state->proc), path, SANDBOX_WRITE);
	if (status != STATUS_OK)
		buf_printf(reterr_reason, "%s: %s", path, status_text(status));
	return status;
}

static void
trust_on_timer(void *arg)
{
	trust_fetch_due(arg);
}

static enum status
trust_open(struct trust_state *state, struct bytes directory, struct buf *reterr_reason)
{
	int parent_fd;
	enum status status = trust_open_dir(state, directory, "", &parent_fd, reterr_reason);

	if (status != STATUS_OK)
		return status;
	fileio_close(parent_fd);
	status =
	    trust_open_dir(state, directory, "/anchors", &state->anchors_fd, reterr_reason);
	if (status == STATUS_OK)
		status =
		    trust_open_dir(state, directory, "/crls", &state->crls_fd, reterr_reason);
	if (status == STATUS_OK)
		status = trust_open_dir(state, directory, "/issuers", &state->issuers_fd,
		    reterr_reason);
	if (status == STATUS_OK)
		status =
		    anchors_open(state->anchors_fd, trust_on_damaged, NULL, &state->anchors);
	if (status == STATUS_OK)
		status = crls_open(state->crls_fd, trust_on_damaged, NULL, &state->crls);
	if (status == STATUS_OK) {
		trust_load_issuers(state);
		trust_rebuild_crls(state);
	}
	return status;
}

static enum status
trust_init(struct proc *proc, const struct proc_config *config, void **ret_state,
    struct buf *reterr_reason)
{
	struct trust_state *state = NEW(struct trust_state);
	struct trust_settings settings;
	enum status status;

	state->proc = proc;
	state->anchors_fd = state->crls_fd = state->issuers_fd = -1;
	TAILQ_INIT(&state->wants);
	state->sources = sources_new();
	state->timer = loop_timer_new(proc_loop(proc), trust_on_timer, state);
	status = trust_read_settings(config->payload, &settings, &state->config);
	if (status != STATUS_OK)
		buf_put_text(reterr_reason, "settings of the trust role");
	else
		status = trust_open(state, settings.directory, reterr_reason);
	if (status != STATUS_OK) {
		trust_done(state);
		return status;
	}
	trust_fetch_begin(state, &settings.urls);
	state->snapshot = 1;
	*ret_state = state;
	return STATUS_OK;
}

static const struct edge_ops link_ops = {.up = trust_publish_to,
    .down = trust_on_link_down,
    .frame = trust_on_link,
    .credit = trust_publish_to};

static const struct proc_edge_use trust_edges[] = {
    {"link-trust", &link_ops},
    {"trust-fetch", &trust_fetch_ops},
    {"admin-trust", &trust_admin_ops},
};

const struct proc_role trust_role = {
    .name = "trust",
    .instances = 1,
    .sandbox = {.flags = SANDBOX_FILES},
    .edges = trust_edges,
    .edge_count = sizeof(trust_edges) / sizeof(trust_edges[0]),
    .init = trust_init,
    .prepare = trust_prepare,
    .commit = trust_commit,
    .done = trust_done,
};

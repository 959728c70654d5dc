/* SPDX-License-Identifier: Apache-2.0
 *
 * The fetch role over its edges: a request is a transfer, its ticket waits in a table until
 * the transfer ends.
 */
#include "common/fetch/fetch.h"

#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/base/map.h"
#include "common/fetch/transfer.h"

enum {
	ANSWER_MAX = 4096,
	REQUESTS_MAX = TRANSFERS_ACTIVE_MAX + TRANSFERS_WAITING_MAX + 2 * TRANSFERS_DIALS_MAX,
};

#define AT(member) offsetof(struct fetch_settings, member)

const struct edge_field fetch_settings_fields[] = {
    {EDGE_FIELD_BOOL, AT(allow_loopback)},
    {EDGE_FIELD_LIST, AT(hosts)},
    {EDGE_FIELD_BYTES, AT(proxy)},
    {EDGE_FIELD_U32, AT(connect_ms)},
    {EDGE_FIELD_U32, AT(total_ms)},
    {EDGE_FIELD_END, 0},
};

struct fetch {
	struct transfers *transfers;
	struct map *requests; /* by our number: struct request */
	uint64_t next;
	struct transfers_policy prepared;
	uint8_t *prepared_bytes; /* what its views point into */
};

/* Who asked, under which number, and by which frame. */
struct request {
	struct edge *edge;
	struct edge_ticket ticket;
	uint64_t id;
	bool dial;
};

static struct bytes
fetch_key(const uint64_t *number)
{
	return bytes_of(number, sizeof(*number));
}

static enum status
fetch_read_settings(struct bytes payload, struct transfers_policy *ret_policy)
{
	struct fetch_settings settings;
	enum status status =
	    edge_message_get(payload, fetch_settings_fields, sizeof(settings), &settings);

	if (status == STATUS_OK)
		*ret_policy =
		    (struct transfers_policy){.allow_loopback = settings.allow_loopback,
			.hosts = settings.hosts,
			.proxy = settings.proxy,
			.connect_ms = settings.connect_ms,
			.total_ms = settings.total_ms};
	return status;
}

static void
fetch_answer(const struct request *request, const struct transfer_result *result)
{
	struct edge_fetch_got got = {.id = request->id,
	    .outcome = (uint8_t)result->outcome,
	    .http_status = result->http_status,
	    .etag = result->etag,
	    .last_modified = result->last_modified,
	    .detail = bytes_of_text(result->detail),
	    .len = result->len};
	struct edge_fetch_dialled dialled = {.id = request->id,
	    .outcome = (uint8_t)result->outcome,
	    .address = result->address,
	    .detail = bytes_of_text(result->detail)};
	struct fds fds = {.count = 0};
	struct buf payload;

	buf_init(&payload, ANSWER_MAX);
	if (result->fd >= 0)
		fds_add(&fds, result->fd);
	if (request->dial)
		edge_message_put(&payload, edge_fetch_dialled_fields, &dialled);
	else
		edge_message_put(&payload, edge_fetch_got_fields, &got);
	/* requests hold more credit than their answers need; an asker that is gone asks anew */
	if (edge_send(request->edge, request->dial ? EDGE_FETCH_DIALLED : EDGE_FETCH_GOT,
		buf_bytes(&payload), &fds) != STATUS_OK)
		fds_close(&fds);
	buf_done(&payload);
}

static void
fetch_on_done(void *arg, uint64_t id, const struct transfer_result *result)
{
	struct fetch *fetch = arg;
	struct request *request = map_take(fetch->requests, fetch_key(&id));

	fetch_answer(request, result);
	edge_release(request->edge, request->ticket);
	free(request);
}

/* Remembers who asked; false when too many wait, and the request is answered. */
static bool
fetch_remember(struct fetch *fetch, struct edge *edge, const struct edge_frame *frame,
    uint64_t id, bool dial)
{
	struct request *request = NEW(struct request);
	struct transfer_result busy = {.outcome = EDGE_FETCH_BUSY,
	    .detail = "too many at once",
	    .fd = -1};

	*request = (struct request){edge, frame->ticket, id, dial};
	fetch->next++;
	if (map_put(fetch->requests, fetch_key(&fetch->next), request) == STATUS_OK)
		return true;
	fetch_answer(request, &busy);
	edge_release(edge, frame->ticket);
	free(request);
	return false;
}

static enum status
fetch_on_get(void *state, struct edge *edge, struct edge_frame *frame)
{
	struct fetch *fetch = state;
	struct edge_fetch_get get;

	if (frame->type != EDGE_FETCH_GET ||
	    edge_message_get(frame->payload, edge_fetch_get_fields, sizeof(get), &get) !=
		STATUS_OK)
		return STATUS_INVALID;
	if (!fetch_remember(fetch, edge, frame, get.id, false))
		return STATUS_OK;
	get.id = fetch->next;
	transfers_get(fetch->transfers, &get);
	return STATUS_OK;
}

static enum status
fetch_on_dial(void *state, struct edge *edge, struct edge_frame *frame)
{
	struct fetch *fetch = state;
	struct edge_fetch_dial dial;

	if (frame->type != EDGE_FETCH_DIAL ||
	    edge_message_get(frame->payload, edge_fetch_dial_fields, sizeof(dial), &dial) !=
		STATUS_OK)
		return STATUS_INVALID;
	if (!fetch_remember(fetch, edge, frame, dial.id, true))
		return STATUS_OK;
	dial.id = fetch->next;
	transfers_dial(fetch->transfers, &dial);
	return STATUS_OK;
}

static enum status
fetch_init(struct proc *proc, const struct proc_config *config, void **ret_state,
    struct buf *reterr_reason)
{
	struct transfers_policy policy;
	struct fetch *fetch;
	enum status status = fetch_read_settings(config->payload, &policy);

	if (status == STATUS_OK)
		status = transfers_prepare_process();
	if (status != STATUS_OK) {
		buf_printf(reterr_reason, "fetch settings or libcurl: %s", status_text(status));
		return status;
	}
	fetch = NEW(struct fetch);
	fetch->requests = map_new(REQUESTS_MAX, free);
	fetch->transfers = transfers_new(proc_loop(proc), &policy, fetch_on_done, fetch);
	*ret_state = fetch;
	return STATUS_OK;
}

static void
fetch_forget_prepared(void *state)
{
	struct fetch *fetch = state;

	free(fetch->prepared_bytes);
	fetch->prepared_bytes = NULL;
}

static enum status
fetch_prepare(void *state, const struct proc_config *config, struct buf *reterr_reason)
{
	struct fetch *fetch = state;
	enum status status;

	fetch_forget_prepared(fetch);
	fetch->prepared_bytes = alloc_copy(config->payload.data, config->payload.len);
	status = fetch_read_settings(bytes_of(fetch->prepared_bytes, config->payload.len),
	    &fetch->prepared);
	if (status != STATUS_OK)
		buf_printf(reterr_reason, "fetch settings: %s", status_text(status));
	return status;
}

static void
fetch_commit(void *state)
{
	struct fetch *fetch = state;

	transfers_set(fetch->transfers, &fetch->prepared);
	fetch_forget_prepared(fetch);
}

static void
fetch_done(void *state)
{
	struct fetch *fetch = state;

	transfers_free(fetch->transfers);
	map_free(fetch->requests);
	fetch_forget_prepared(fetch);
	free(fetch);
}

static const struct edge_ops get_ops = {.frame = fetch_on_get};
static const struct edge_ops dial_ops = {.frame = fetch_on_dial};

static const struct proc_edge_use fetch_edges[] = {
    {"trust-fetch", &get_ops},
    {"link-fetch", &dial_ops},
};

/* bodies of downloads */
static const char *const fetch_syscalls[] = {"memfd_create", NULL};

const struct proc_role fetch_role = {
    .name = "fetch",
    .instances = 1,
    .sandbox = {.flags = SANDBOX_CONNECT | SANDBOX_THREADS, .syscalls = fetch_syscalls},
    .edges = fetch_edges,
    .edge_count = sizeof(fetch_edges) / sizeof(fetch_edges[0]),
    .init = fetch_init,
    .prepare = fetch_prepare,
    .commit = fetch_commit,
    .abort = fetch_forget_prepared,
    .done = fetch_done,
};

/* SPDX-License-Identifier: Apache-2.0
 *
 * Fetching: what is due is asked of the fetch role, what comes is taken in.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/loop/loop.h"
#include "common/trust/trust_state.h"
#include "common/wire/edge_fetch.h"

/* The fetch's number is the source's place in the list, which never changes. */
static bool
trust_ask(struct trust_state *state, struct edge *edge, struct source *source, uint64_t number)
{
	bool same = source->validators_of == source->present && source->reason == REASON_OK;
	struct edge_fetch_get get = {.id = number,
	    .url = bytes_of_text(source->urls[source->present]),
	    .max_bytes = state->config.crl_max_bytes};
	struct buf payload;
	enum status status;

	if (same) {
		get.etag = buf_bytes(&source->etag);
		get.last_modified = buf_bytes(&source->last_modified);
	}
	buf_init(&payload, TRUST_PAYLOAD_MAX);
	edge_message_put(&payload, edge_fetch_get_fields, &get);
	status = edge_send(edge, EDGE_FETCH_GET, buf_bytes(&payload), NULL);
	buf_done(&payload);
	if (status == STATUS_OK)
		source_begin(source);
	return status == STATUS_OK;
}

static uint64_t
trust_source_number(struct trust_state *state, const struct source *source)
{
	size_t i = 0;

	while (sources_at(state->sources, i) != source)
		i++;
	return i;
}

void
trust_fetch_due(struct trust_state *state)
{
	struct edge *edge = proc_edge(state->proc, "trust-fetch", 0);
	int64_t now_ms = clock_mono_ms(), next_ms = INT64_MAX;
	struct source *source;

	if (!state->config.fetch || !edge_is_up(edge))
		return;
	while ((source = sources_next(state->sources, now_ms, &next_ms)) != NULL) {
		if (!trust_ask(state, edge, source, trust_source_number(state, source)))
			return; /* no credit: edge_ops.credit goes on here */
	}
	if (next_ms != INT64_MAX)
		loop_timer_once(state->timer, next_ms - now_ms);
}

void
trust_fetch_begin(struct trust_state *state, const struct edge_list *urls)
{
	for (size_t i = 0; i < urls->count; i++)
		(void)sources_get(state->sources, &urls->items[i], 1);
	for (size_t i = 0; i < crls_count(state->crls); i++) {
		const char *url = crls_at(state->crls, i)->url;
		struct bytes bytes;

		if (url == NULL)
			continue;
		bytes = bytes_of_text(url);
		(void)sources_get(state->sources, &bytes, 1);
	}
}

/* What an operator reads about an answer that brought nothing. */
static enum reason
trust_fetch_reason(enum edge_fetch_outcome outcome)
{
	return outcome == EDGE_FETCH_TOO_LARGE ? REASON_CRL_TOO_LARGE : REASON_CRL_UNREACHABLE;
}

static void
trust_keep_validators(struct source *source, const struct edge_fetch_got *got)
{
	source->validators_of = source->present;
	buf_clear(&source->etag);
	buf_clear(&source->last_modified);
	buf_put_bytes(&source->etag, got->etag);
	buf_put_bytes(&source->last_modified, got->last_modified);
}

/* The nextUpdate of the CRL that came from this URL; 0: none is held. */
static int64_t
trust_next_update(const struct trust_state *state, const char *url)
{
	for (size_t i = 0; i < crls_count(state->crls); i++) {
		const struct crls_item *item = crls_at(state->crls, i);

		if (item->url != NULL && strcmp(item->url, url) == 0)
			return item->index->next_update_s;
	}
	return 0;
}

/* Reads the body and takes it in.  REASON_OK, or why it is no use. */
static enum reason
trust_take_body(struct trust_state *state, int fd, uint64_t len, const char *url,
    struct buf *detail, bool *ret_new)
{
	struct crls_taken taken;
	enum reason reason;
	enum status status;
	void *body = len > 0 ? mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;

	if (body == MAP_FAILED) {
		buf_put_text(detail, "an empty answer");
		return REASON_CRL_MALFORMED;
	}
	status = trust_take_crl(state, bytes_of(body, len), url, &taken);
	munmap(body, len);
	reason = taken.reason;
	*ret_new = taken.is_new;
	buf_put_text(detail, taken.detail);
	if (status != STATUS_OK) {
		buf_printf(detail, "it can't be kept: %s", status_text(status));
		reason = REASON_CRL_MISSING;
	}
	crls_taken_done(&taken);
	return reason;
}

static void
trust_on_answer(struct trust_state *state, struct source *source,
    const struct edge_fetch_got *got, int fd)
{
	const char *url = source->urls[source->present];
	enum reason reason = REASON_OK, before = source->reason;
	bool news = false, again;
	struct buf detail;

	buf_init(&detail, SOURCES_DETAIL_SIZE);
	if (got->outcome == EDGE_FETCH_OK) {
		reason = trust_take_body(state, fd, got->len, url, &detail, &news);
	} else if (got->outcome != EDGE_FETCH_NOT_MODIFIED) {
		reason = trust_fetch_reason((enum edge_fetch_outcome)got->outcome);
		buf_printf(&detail, "%s: %s: %.*s", url,
		    edge_fetch_outcome_text((enum edge_fetch_outcome)got->outcome),
		    (int)got->detail.len, (const char *)got->detail.data);
	}
	if (reason == REASON_OK) {
		if (got->outcome == EDGE_FETCH_OK)
			trust_keep_validators(source, got);
		source->answered_us = clock_wall_us();
		source_done(source, &state->config.sources, trust_next_update(state, url),
		    clock_wall_s(), clock_mono_ms());
		again = false;
	} else {
		again = source_failed(source, &state->config.sources, reason,
		    bytes_of_text(buf_text(&detail)), clock_mono_ms());
	}
	buf_done(&detail);
	if (again) {
		source->due_ms = 0;
		return;
	}
	/* news for those who judge: a CRL, or the first time that there is none */
	if (news || before != source->reason)
		trust_publish(state);
	trust_source_settled(state, source, news);
}

static enum status
trust_on_fetch(void *arg, struct edge *edge, struct edge_frame *frame)
{
	struct trust_state *state = arg;
	struct edge_fetch_got got;
	struct source *source;
	int fd = fds_take(&frame->fds, 0);

	if (frame->type != EDGE_FETCH_GOT ||
	    edge_message_get(frame->payload, edge_fetch_got_fields, sizeof(got), &got) !=
		STATUS_OK ||
	    got.outcome >= EDGE_FETCH_OUTCOME_COUNT ||
	    got.id >= sources_count(state->sources) ||
	    (got.outcome == EDGE_FETCH_OK) != (fd >= 0) ||
	    got.len > state->config.crl_max_bytes) {
		fileio_close(fd);
		return STATUS_INVALID;
	}
	source = sources_at(state->sources, got.id);
	if (source->fetching)
		trust_on_answer(state, source, &got, fd);
	fileio_close(fd);
	trust_fetch_due(state);
	return STATUS_OK;
}

/* What was asked of a fetch role that died is asked again. */
static void
trust_on_fetch_down(void *arg, struct edge *edge)
{
	struct trust_state *state = arg;

	for (size_t i = 0; i < sources_count(state->sources); i++)
		sources_at(state->sources, i)->fetching = false;
}

static void
trust_on_fetch_up(void *arg, struct edge *edge)
{
	trust_fetch_due(arg);
}

const struct edge_ops trust_fetch_ops = {
    .release_on_return = true,
    .up = trust_on_fetch_up,
    .down = trust_on_fetch_down,
    .frame = trust_on_fetch,
    .credit = trust_on_fetch_up,
};

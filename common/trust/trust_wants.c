/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions that wait for CRL evidence.  A chain is verified here again before a URL out of
 * it is fetched: a worker that was taken over must not make this host fetch what it likes.
 */
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/pki/dist_point.h"
#include "common/pki/path.h"
#include "common/trust/trust_state.h"

void
want_free(struct want *want)
{
	buf_done(&want->chain);
	free(want);
}

static void
want_answer(struct trust_state *state, struct want *want,
    enum edge_trust_wanted_outcome outcome)
{
	struct edge_trust_wanted wanted = {.id = want->id,
	    .outcome = (uint8_t)outcome,
	    .reason = (uint8_t)want->reason};

	if (want->url != NULL)
		wanted.url = bytes_of_text(want->url);
	if (want->detail != NULL)
		wanted.detail = bytes_of_text(want->detail);
	trust_send(want->edge, EDGE_TRUST_WANTED, edge_trust_wanted_fields, &wanted);
	edge_release(want->edge, want->ticket);
	want_free(want);
}

/* The outcome when all sources have settled. */
static enum edge_trust_wanted_outcome
want_outcome(const struct want *want)
{
	if (want->news)
		return EDGE_TRUST_WANTED_NEW;
	return want->reason != REASON_OK ? EDGE_TRUST_WANTED_FAILED : EDGE_TRUST_WANTED_NOTHING;
}

/* A session's: the worker is told, and judges again. */
static void
want_settled_session(struct trust_state *state, struct want *want)
{
	want_answer(state, want, want_outcome(want));
}

static bool
want_is_settled(const struct want *want)
{
	for (size_t i = 0; i < want->source_count; i++) {
		if (want->sources[i] != NULL)
			return false;
	}
	return true;
}

static void
want_note_failure(struct want *want, const struct source *source)
{
	if (source->reason == REASON_OK)
		return;
	want->reason = source->reason;
	want->url = source->urls[0];
	want->detail = source->detail;
}

void
trust_source_settled(struct trust_state *state, const struct source *source, bool news)
{
	struct want *want = TAILQ_FIRST(&state->wants);

	while (want != NULL) {
		struct want *next = TAILQ_NEXT(want, link);
		bool waited = false;

		for (size_t i = 0; i < want->source_count; i++) {
			if (want->sources[i] == source) {
				want->sources[i] = NULL;
				waited = true;
			}
		}
		if (waited) {
			want->news = want->news || news;
			want_note_failure(want, source);
			if (want_is_settled(want)) {
				TAILQ_REMOVE(&state->wants, want, link);
				state->want_count--;
				want->settled(state, want);
			}
		}
		want = next;
	}
}

void
trust_forget_wants(struct trust_state *state, const struct edge *edge)
{
	struct want *want = TAILQ_FIRST(&state->wants);

	while (want != NULL) {
		struct want *next = TAILQ_NEXT(want, link);

		if (want->edge == edge) {
			TAILQ_REMOVE(&state->wants, want, link);
			state->want_count--;
			want_free(want);
		}
		want = next;
	}
}

/* The http URLs of one distribution point, as one source. */
static struct source *
trust_source_of_point(struct trust_state *state, const struct dist_point *point)
{
	struct bytes urls[SOURCES_URLS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < point->names.count && count < SOURCES_URLS_MAX; i++) {
		const struct general_name *name = &point->names.full[i];

		if (name->kind == GENERAL_NAME_URI)
			urls[count++] = name->value;
	}
	return count > 0 ? sources_get(state->sources, urls, count) : NULL;
}

/* Adds the sources of a certificate to what a session waits for.  One that has just failed
 * is not asked again: its failure is the answer. */
static void
want_add_cert(struct trust_state *state, struct want *want, struct bytes der)
{
	struct dist_point_walk walk;
	struct dist_point point;
	struct cert *cert;

	if (cert_parse(der, &cert, NULL) != STATUS_OK)
		return;
	dist_point_begin(&walk, cert->crl_dist_points.value);
	while (cert->crl_dist_points.present && dist_point_next(&walk, &point)) {
		struct source *source = trust_source_of_point(state, &point);

		if (source == NULL || want->source_count == TRUST_WANT_SOURCES_MAX)
			continue;
		if (source_is_cold(source, clock_mono_ms())) {
			want_note_failure(want, source);
			continue;
		}
		if (!source->fetching)
			source->due_ms = 0;
		want->sources[want->source_count++] = source;
	}
	cert_free(cert);
}

/* The certificates of the path whose revocation could not be judged. */
static void
want_add_missing(struct trust_state *state, struct want *want, const struct verdict *verdict,
    const struct edge_list *chain)
{
	size_t count = verdict_cert_count(verdict) - (verdict_anchored(verdict) ? 1 : 0);

	for (size_t i = 0; i < count; i++) {
		const struct verdict_cert *cert = verdict_cert(verdict, i);

		if (cert->revocation.status == REVOCATION_GOOD)
			continue;
		for (size_t k = 0; k < chain->count; k++) {
			uint8_t sha256[PUBKEY_HASH_SIZE];

			pubkey_sha256(chain->items[k], sha256);
			if (memcmp(sha256, cert->sha256, PUBKEY_HASH_SIZE) == 0)
				want_add_cert(state, want, chain->items[k]);
		}
	}
}

static struct verdict *
trust_judge_want(struct trust_state *state, const struct edge_trust_want *asked)
{
	struct path_input input = {.chain = asked->chain.items,
	    .chain_count = asked->chain.count,
	    .trust = anchors_trust(state->anchors, (enum trust_purpose)asked->purpose)};
	struct crl_set *crls = trust_crl_set(state);
	struct path_params params;
	struct verdict *verdict;

	path_params_init(&params, clock_wall_s());
	params.use = (enum path_use)asked->use;
	input.crls = crls;
	verdict = path_validate(&input, &params);
	crl_set_free(crls);
	return verdict;
}

bool
trust_want_evidence(struct trust_state *state, struct want *want, const struct verdict *verdict,
    const struct edge_list *chain)
{
	if (!verdict_wants_crl(verdict) || state->want_count == TRUST_WANTS_MAX)
		return false;
	trust_learn_issuers(state, chain->items, chain->count);
	if (!state->config.fetch)
		return false;
	want_add_missing(state, want, verdict, chain);
	if (want_is_settled(want))
		return false;
	TAILQ_INSERT_TAIL(&state->wants, want, link);
	state->want_count++;
	trust_fetch_due(state);
	return true;
}

void
trust_on_want(struct trust_state *state, struct edge *edge, const struct edge_frame *frame,
    const struct edge_trust_want *asked)
{
	struct want *want = NEW(struct want);
	struct verdict *verdict = trust_judge_want(state, asked);

	*want = (struct want){.edge = edge,
	    .ticket = frame->ticket,
	    .id = asked->id,
	    .settled = want_settled_session};
	if (verdict_outcome(verdict) == VERDICT_ACCEPT) {
		want_answer(state, want, EDGE_TRUST_WANTED_NEW);
	} else if (!trust_want_evidence(state, want, verdict, &asked->chain)) {
		if (!verdict_wants_crl(verdict)) {
			want->reason = verdict_reason(verdict);
			want_answer(state, want, EDGE_TRUST_WANTED_REFUSED);
		} else {
			want_answer(state, want, want_outcome(want));
		}
	}
	verdict_free(verdict);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The search keeps a stack of certificates; each remembers which candidate for its issuer is
 * next.  Candidates whose key identifier fits are tried first (RFC 4158 3.5), anchors before
 * others.  A candidate with the name and key of one that is on the stack makes a loop
 * (5.2) and is passed over.
 */
#include "common/pki/path_search.h"

#include <assert.h>

enum path_source {
	SOURCE_ANCHORS,
	SOURCE_UNTRUSTED,
	SOURCE_INTERMEDIATES,
	SOURCE_COUNT
};

/* Which candidates of one certificate were looked at. */
struct path_frame {
	bool mismatched; /* the second pass: those whose key identifier does not fit */
	enum path_source source;
	size_t next;
	bool extended; /* an issuer was found */
	enum reason miss;
};

struct path_walk {
	const struct path_pool *pool;
	struct path_signatures *signatures;
	size_t max_len;
	path_visit visit;
	void *arg;
	struct path_list path;
	struct path_frame frames[PATH_LEN_MAX];
	struct path_miss *miss;
	bool ended;
};

/* The index-th candidate of a source for issuing cert, or NULL past the last. */
static const struct cert *
path_candidate_at(const struct path_pool *pool, enum path_source source, size_t index,
    const struct cert *cert)
{
	size_t first, count;

	switch (source) {
	case SOURCE_ANCHORS:
		count = trust_find_anchors(pool->trust, cert->issuer.canonical, &first);
		return index < count ? trust_anchor(pool->trust, first + index) : NULL;
	case SOURCE_UNTRUSTED:
		return index < pool->untrusted_count ? pool->untrusted[index] : NULL;
	case SOURCE_INTERMEDIATES:
		count = trust_find_intermediates(pool->trust, cert->issuer.canonical, &first);
		return index < count ? trust_intermediate(pool->trust, first + index) : NULL;
	case SOURCE_COUNT:
		break;
	}
	return NULL;
}

/* Where one of the two says nothing, they fit. */
static bool
path_key_ids_fit(const struct cert *cert, const struct cert *candidate)
{
	return cert->authority_key.len == 0 || candidate->key_id.len == 0 ||
	       bytes_equal(cert->authority_key, candidate->key_id);
}

static bool
path_has_key(const struct path_list *path, const struct cert *candidate)
{
	for (size_t i = 0; i < path->count; i++)
		if (pubkey_same(&path->certs[i]->key, &candidate->key) &&
		    bytes_equal(path->certs[i]->subject.canonical,
			candidate->subject.canonical))
			return true;
	return false;
}

static bool
path_candidate_fits(const struct path_walk *walk, const struct path_frame *frame,
    const struct cert *candidate)
{
	const struct cert *cert = walk->path.certs[walk->path.count - 1];

	if (!bytes_equal(candidate->subject.canonical, cert->issuer.canonical) ||
	    path_key_ids_fit(cert, candidate) == frame->mismatched)
		return false;
	if (frame->source == SOURCE_ANCHORS)
		return walk->pool->anchor == NULL || cert_same(walk->pool->anchor, candidate);
	return !path_has_key(&walk->path, candidate);
}

/* The next candidate for the issuer of the last certificate, or NULL. */
static const struct cert *
path_next_candidate(struct path_walk *walk, struct path_frame *frame)
{
	const struct cert *cert = walk->path.certs[walk->path.count - 1];

	for (;;) {
		const struct cert *candidate =
		    path_candidate_at(walk->pool, frame->source, frame->next, cert);

		if (candidate == NULL) {
			frame->next = 0;
			if (++frame->source < SOURCE_COUNT)
				continue;
			if (frame->mismatched)
				return NULL;
			frame->mismatched = true;
			frame->source = SOURCE_ANCHORS;
			continue;
		}
		frame->next++;
		if (++walk->signatures->steps > PATH_STEP_BUDGET) {
			walk->signatures->exhausted = true;
			return NULL;
		}
		if (path_candidate_fits(walk, frame, candidate))
			return candidate;
	}
}

/* Whether issuer signed cert; computed at most once. */
static enum signature_result
path_signature(struct path_signatures *signatures, const struct cert *cert,
    const struct cert *issuer)
{
	struct path_signature *known;

	for (unsigned int i = 0; i < signatures->computed; i++) {
		known = &signatures->known[i];
		if (cert_same(known->cert, cert) &&
		    pubkey_same(&known->issuer->key, &issuer->key))
			return known->result;
	}
	if (signatures->memo != NULL && sig_memo_has(signatures->memo, cert, &issuer->key))
		return SIGNATURE_GOOD;
	if (signatures->computed == PATH_SIGNATURE_BUDGET) {
		signatures->exhausted = true;
		return SIGNATURE_BAD;
	}
	known = &signatures->known[signatures->computed++];
	*known = (struct path_signature){cert, issuer,
	    pubkey_verify(&issuer->key, &cert->algorithm, cert->tbs, cert->signature)};
	return known->result;
}

static void
path_push(struct path_walk *walk, const struct cert *cert)
{
	assert(walk->path.count < PATH_LEN_MAX);
	walk->frames[walk->path.count] = (struct path_frame){.miss = REASON_NO_ISSUER};
	walk->path.unverified[walk->path.count] = false;
	walk->path.certs[walk->path.count++] = cert;
}

/* Shows the path that this anchor completes. */
static void
path_complete(struct path_walk *walk, const struct cert *anchor)
{
	if (walk->signatures->full == PATH_FULL_BUDGET) {
		walk->signatures->exhausted = true;
		return;
	}
	walk->signatures->full++;
	if (anchor != NULL)
		path_push(walk, anchor);
	walk->path.anchored = true;
	walk->ended = walk->visit(walk->arg, &walk->path);
	walk->path.anchored = false;
	if (anchor != NULL)
		walk->path.count--;
}

static void
path_note_miss(struct path_frame *frame, enum reason reason)
{
	if (reason > frame->miss)
		frame->miss = reason;
}

/* Goes on with a candidate for the issuer of the last certificate. */
static void
path_try(struct path_walk *walk, struct path_frame *frame, const struct cert *candidate)
{
	size_t last = walk->path.count - 1;
	bool anchor = frame->source == SOURCE_ANCHORS;
	enum signature_result result;

	/* an issuer that is no anchor needs room for one above it */
	if (walk->path.count + (anchor ? 1 : 2) > walk->max_len) {
		frame->miss = REASON_LIMITS;
		return;
	}
	result = path_signature(walk->signatures, walk->path.certs[last], candidate);
	if (result == SIGNATURE_BAD) {
		path_note_miss(frame, REASON_SIGNATURE);
		return;
	}
	frame->extended = true;
	walk->path.unverified[last] = result != SIGNATURE_GOOD;
	if (anchor)
		path_complete(walk, candidate);
	else
		path_push(walk, candidate);
}

/* A certificate without an issuer: the end of this way. */
static void
path_dead_end(struct path_walk *walk, const struct path_frame *frame)
{
	struct path_miss *miss = walk->miss;

	if (miss->reason > frame->miss ||
	    (miss->reason == frame->miss && miss->path.count >= walk->path.count))
		return;
	miss->reason = frame->miss;
	miss->path = walk->path;
}

static bool
path_is_anchor(const struct path_pool *pool, const struct cert *cert)
{
	size_t first, count = trust_find_anchors(pool->trust, cert->subject.canonical, &first);

	for (size_t i = 0; i < count; i++)
		if (cert_same(trust_anchor(pool->trust, first + i), cert))
			return pool->anchor == NULL || cert_same(pool->anchor, cert);
	return false;
}

void
path_search(const struct path_pool *pool, const struct cert *leaf, size_t max_len,
    struct path_signatures *signatures, path_visit visit, void *arg, struct path_miss *ret_miss)
{
	struct path_walk walk = {.pool = pool,
	    .signatures = signatures,
	    .max_len = max_len < PATH_LEN_MAX ? max_len : PATH_LEN_MAX,
	    .visit = visit,
	    .arg = arg,
	    .miss = ret_miss};

	*ret_miss = (struct path_miss){.reason = REASON_OK};
	path_push(&walk, leaf);
	if (path_is_anchor(pool, leaf)) {
		path_complete(&walk, NULL);
		walk.frames[0].extended = true;
	}
	while (walk.path.count > 0 && !walk.ended && !signatures->exhausted) {
		struct path_frame *frame = &walk.frames[walk.path.count - 1];
		const struct cert *candidate = path_next_candidate(&walk, frame);

		if (candidate != NULL) {
			path_try(&walk, frame, candidate);
			continue;
		}
		if (!frame->extended)
			path_dead_end(&walk, frame);
		walk.path.count--;
	}
}

void
path_remember(struct path_signatures *signatures, const struct path_list *path)
{
	if (signatures->memo == NULL)
		return;
	for (size_t i = 0; i + 1 < path->count; i++)
		if (!path->unverified[i])
			sig_memo_put(signatures->memo, path->certs[i],
			    &path->certs[i + 1]->key);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding paths from a certificate to an anchor (RFC 4158): every way over the candidates at
 * hand, by name and signature, depth first, without loops, within a budget.  Whether a path
 * is any good is not decided here.  A part of path.
 */
#ifndef PORTCULLIS_PKI_PATH_SEARCH_H
#define PORTCULLIS_PKI_PATH_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/pki/cert.h"
#include "common/pki/path.h"
#include "common/pki/reason.h"
#include "common/pki/sig_memo.h"
#include "common/pki/trust.h"

enum {
	PATH_STEP_BUDGET = 4096, /* candidates looked at for one verdict */
	PATH_FULL_BUDGET = 16,   /* complete paths judged for one verdict */
};

/* A path, or the beginning of one. */
struct path_list {
	const struct cert *certs[PATH_LEN_MAX]; /* leaf first */
	bool unverified[PATH_LEN_MAX]; /* the signature of this certificate was not computed:
					* its algorithm is weak or not known */
	size_t count;
	bool anchored; /* the last one is an anchor */
};

/* Signatures, each computed once for one verdict.  Shared by all searches of it. */
struct path_signatures {
	struct sig_memo *memo; /* or NULL */
	unsigned int computed;
	unsigned int steps;
	unsigned int full;
	bool exhausted; /* a budget ended */
	struct path_signature {
		const struct cert *cert;
		const struct cert *issuer;
		enum signature_result result;
	} known[PATH_SIGNATURE_BUDGET];
};

/* Where issuers come from. */
struct path_pool {
	const struct trust *trust;
	const struct cert *anchor;           /* not NULL: only this anchor counts */
	const struct cert *const *untrusted; /* none of them is an anchor */
	size_t untrusted_count;
};

/* The nearest miss, where the search ends without an anchor. */
struct path_miss {
	struct path_list path;
	enum reason reason; /* NO_ISSUER, SIGNATURE or LIMITS, at the last certificate; OK: no
			     * path ended without an anchor */
};

/* Called with each complete path; true ends the search. */
typedef bool (*path_visit)(void *arg, const struct path_list *path);

/* Searches from leaf.  max_len: certificates of a path, leaf and anchor included. */
void path_search(const struct path_pool *pool, const struct cert *leaf, size_t max_len,
    struct path_signatures *signatures, path_visit visit, void *arg,
    struct path_miss *ret_miss);

/* Tells the memo about the signatures of a complete path. */
void path_remember(struct path_signatures *signatures, const struct path_list *path);

#endif

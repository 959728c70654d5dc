/* SPDX-License-Identifier: Apache-2.0
 *
 * The CRLs that a judgement is made with: indexes, found by issuer, and what was refused or
 * could not be had, so that a missing CRL has its true reason.  Filled, then not changed.
 */
#ifndef PORTCULLIS_PKI_CRL_SET_H
#define PORTCULLIS_PKI_CRL_SET_H

#include <stddef.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/pki/crl_index.h"
#include "common/pki/reason.h"

enum {
	CRL_SET_MAX = 4096, /* indexes, and refusals, of one set */
};

/* A CRL that is not in the set, and why.  It explains the state of a certificate when its
 * issuer has the name, or one of its distribution points the URL; one with neither may have
 * been anybody's. */
struct crl_refusal {
	enum reason reason; /* crl-unreachable, crl-malformed, crl-signature, ... */
	struct bytes issuer_canonical;
	const char *url;    /* or NULL */
	const char *detail; /* for people, escaped */
};

struct crl_set;

struct crl_set *crl_set_new(void);
void crl_set_free(struct crl_set *set);

/* Takes an index, whatever happens.  STATUS_LIMIT: the set is full. */
enum status crl_set_add_take(struct crl_set *set, struct crl_index *index) MUST_USE;

/* Remembers a refusal (copied); past CRL_SET_MAX they are dropped. */
void crl_set_add_refusal(struct crl_set *set, const struct crl_refusal *refusal);

size_t crl_set_count(const struct crl_set *set);
const struct crl_index *crl_set_at(const struct crl_set *set, size_t i);

/* The indexes whose CRL has this issuer are [*ret_first, *ret_first + the result). */
size_t crl_set_find(const struct crl_set *set, struct bytes issuer_canonical,
    size_t *ret_first);

size_t crl_set_refusal_count(const struct crl_set *set);
const struct crl_refusal *crl_set_refusal(const struct crl_set *set, size_t i);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Holding a path against RFC 5280 section 6.1: everything but revocation and the search.
 * All checks run; each adds what it finds.  A part of path.
 */
#ifndef PORTCULLIS_PKI_PATH_CHECK_H
#define PORTCULLIS_PKI_PATH_CHECK_H

#include "common/pki/finding.h"
#include "common/pki/path.h"
#include "common/pki/path_search.h"

enum {
	/* What checking all paths of one verdict may cost, in comparisons of names (of which
	 * other validators allow as many) and bytes that are read again. */
	PATH_CHECK_BUDGET = 1 << 20,

	/* a byte of policies, which is sorted and searched for, in the same coin */
	PATH_CHECK_POLICY_COST = 4,
};

/* Checks a path.  One that is not anchored is checked as far as it can be: what depends on
 * what is above (constraints, policies) is left out.  budget is counted down. */
void path_check(const struct path_list *path, const struct path_params *params, size_t *budget,
    struct findings *findings);

#endif

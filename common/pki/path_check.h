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

/* Checks a path.  One that is not anchored is checked as far as it can be: what depends on
 * what is above (constraints, policies) is left out.  name_budget counts down the
 * comparisons of name constraints, over all paths of a verdict. */
void path_check(const struct path_list *path, const struct path_params *params,
    size_t *name_budget, struct findings *findings);

#endif

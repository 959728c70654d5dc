/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a leaf has the names that are asked for (RFC 6125, RFC 5280 4.2.1.6).  A part of
 * path.
 */
#ifndef PORTCULLIS_PKI_PATH_NAMES_H
#define PORTCULLIS_PKI_PATH_NAMES_H

#include "common/pki/cert.h"
#include "common/pki/finding.h"
#include "common/pki/path.h"

/* Adds a finding for each name that the leaf does not have. */
void path_names_check(const struct cert *leaf, const struct path_name *names, size_t count,
    struct findings *findings);

#endif

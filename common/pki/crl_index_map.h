/* SPDX-License-Identifier: Apache-2.0
 *
 * An index out of a descriptor: mapped read-only, one copy in memory for all processes that
 * were given the same file.
 */
#ifndef PORTCULLIS_PKI_CRL_INDEX_MAP_H
#define PORTCULLIS_PKI_CRL_INDEX_MAP_H

#include "common/base/status.h"
#include "common/pki/crl_index.h"

/* Maps and opens; the descriptor may be closed after.  The file must not change any more.
 * STATUS_CORRUPT: damaged, truncated or empty; STATUS_UNSUPPORTED: of another version. */
enum status crl_index_map(int fd, struct crl_index **ret_index) MUST_USE;

#endif

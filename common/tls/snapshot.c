/* SPDX-License-Identifier: Apache-2.0
 *
 * Counting references to a snapshot.
 */
#include "common/tls/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"

struct snapshot *
snapshot_new_take(uint64_t number,
    const struct snapshot_purpose purposes[static TRUST_PURPOSE_COUNT], struct crl_set *crls)
{
	struct snapshot *snapshot = NEW(struct snapshot);

	snapshot->refs = 1;
	snapshot->number = number;
	memcpy(snapshot->purposes, purposes, sizeof(snapshot->purposes));
	snapshot->crls = crls;
	return snapshot;
}

struct snapshot *
snapshot_ref(struct snapshot *snapshot)
{
	snapshot->refs++;
	return snapshot;
}

void
snapshot_unref(struct snapshot *snapshot)
{
	if (snapshot == NULL || --snapshot->refs > 0)
		return;
	for (size_t i = 0; i < TRUST_PURPOSE_COUNT; i++)
		trust_free(snapshot->purposes[i].trust);
	crl_set_free(snapshot->crls);
	free(snapshot);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * A trust snapshot: everything that judging a peer needs, as one immutable, counted thing
 * that is replaced whole.  Anchors, intermediates and policy are per purpose; an anchor of
 * one is never a candidate in another.  Made of what the `trust` role sends (common/link).
 */
#ifndef PORTCULLIS_TLS_SNAPSHOT_H
#define PORTCULLIS_TLS_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/pki/crl_set.h"
#include "common/pki/trust.h"

enum snapshot_revocation {
	SNAPSHOT_STRICT, /* each certificate needs a current CRL */
	SNAPSHOT_GRACE,  /* grace_s past nextUpdate will do */
	SNAPSHOT_OFF,
};

struct snapshot_policy {
	bool validation; /* off: failures are shown and waived (S1) */
	bool profile;    /* the appliance profile is asked */
	enum snapshot_revocation revocation;
	int64_t grace_s;
	int64_t crl_max_age_s; /* 0: no limit */
	int64_t live_stale_s;  /* how long a live link outlives its CRLs */
};

struct snapshot_purpose {
	struct trust *trust; /* NULL: no anchors, everybody is refused */
	struct snapshot_policy policy;
};

struct snapshot {
	unsigned int refs;
	uint64_t number; /* ascends */
	struct snapshot_purpose purposes[TRUST_PURPOSE_COUNT];
	struct crl_set *crls; /* NULL: none */
};

/* Takes trust sets and CRLs. */
struct snapshot *snapshot_new_take(uint64_t number,
    const struct snapshot_purpose purposes[static TRUST_PURPOSE_COUNT], struct crl_set *crls);

struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot);

#endif

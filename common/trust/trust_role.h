/* SPDX-License-Identifier: Apache-2.0
 *
 * The trust role: holds anchors and CRLs, checks what comes, publishes snapshots to those
 * who judge, has missing CRLs fetched.  It parses hostile bytes, so it has no network, no
 * key and no event; what it publishes was verified.
 */
#ifndef PORTCULLIS_TRUST_TRUST_ROLE_H
#define PORTCULLIS_TRUST_TRUST_ROLE_H

#include "common/pki/trust.h"
#include "common/proc/proc.h"
#include "common/wire/edge_message.h"
#include "common/wire/edge_trust.h"

/* The role's part of the configuration: this, then an edge_trust_policy for each purpose
 * (enum trust_purpose), each behind its length. */
struct trust_settings {
	struct bytes directory; /* absolute path of trust/ */
	bool fetch;             /* are CRLs fetched at all? */
	struct edge_list urls;  /* fetched besides those of certificates */
	uint64_t crl_max_bytes;
	int64_t refresh_min_ms;
	int64_t refresh_max_ms;
	int64_t retry_min_ms;
	int64_t retry_max_ms;
	struct edge_list policies; /* edge_trust_policy messages, one a purpose */
};

extern const struct edge_field trust_settings_fields[];

/* A row for the role table.  Edges: "link-trust", "trust-fetch", "admin-trust". */
extern const struct proc_role trust_role;

#endif

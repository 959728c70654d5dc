/* SPDX-License-Identifier: Apache-2.0
 *
 * What a process that holds links knows and owns besides them: the trust snapshot that
 * peers are judged by, the identity it shows, and the memory of signatures that were
 * verified.  It builds them from what `trust` and `key` send over its edges, and asks `key`
 * for signatures.  Shared by the workers of the console and the sensor's uplink.
 */
#ifndef PORTCULLIS_LINK_LINK_BASE_H
#define PORTCULLIS_LINK_LINK_BASE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/pki/sig_memo.h"
#include "common/pki/verdict.h"
#include "common/proc/proc.h"
#include "common/tls/credentials.h"
#include "common/tls/snapshot.h"
#include "common/wire/edge_trust.h"

struct link_base;

struct link_base_ops {
	/* Another snapshot is in force: judge what is live again. */
	void (*snapshot)(void *arg);
	/* What this appliance shows has changed; NULL credentials: nothing is installed. */
	void (*identity)(void *arg);
	/* An answer to link_base_want. */
	void (*wanted)(void *arg, const struct edge_trust_wanted *wanted);
};

struct link_base *link_base_new(struct proc *proc, const struct link_base_ops *ops, void *arg);
void link_base_free(struct link_base *base);

/* The snapshot in force, and NULL before the first has come. */
struct snapshot *link_base_snapshot(const struct link_base *base);
struct tls_credentials *link_base_credentials(const struct link_base *base);
struct sig_memo *link_base_memo(const struct link_base *base);

/* The subject CN of our own leaf; "" where none is installed. */
const char *link_base_own_name(const struct link_base *base);

/* Whether a peer shows that name or our key: it is ourselves, or somebody who has our key. */
bool link_base_is_own(const struct link_base *base, const struct verdict *verdict);

/* Asks trust for the CRL evidence that a chain lacks; the answer has the same id.
 * STATUS_AGAIN, STATUS_CLOSED: not asked. */
enum status link_base_want(struct link_base *base, const struct edge_trust_want *want) MUST_USE;

/* For the role's edge table; state is the role's, so these take the base. */
enum status link_base_on_trust(struct link_base *base, struct edge *edge,
    struct edge_frame *frame);
enum status link_base_on_identity(struct link_base *base, struct edge *edge,
    struct edge_frame *frame);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A TCP proxy that misbehaves on order, for connections that stand as well as for new ones.
 */
#ifndef PORTCULLIS_PKI_TEST_PROXY_H
#define PORTCULLIS_PKI_TEST_PROXY_H

#include "common/base/buf.h"
#include "pki-test/net.h"
#include "pki-test/proxy_fault.h"

struct loop;
struct proxy;

enum {
	PROXY_CONNECTIONS_MAX = 5000,
};

/* Forwards what connects to a listening socket, which it takes, to a target. */
struct proxy *proxy_new(struct loop *loop, int listener, const struct net_address *target);
void proxy_free(struct proxy *proxy);

/* From now on, also for connections that stand.  Where octets were thrown away the
 * connection is reset, for what comes after them would make no sense. */
void proxy_set_fault(struct proxy *proxy, const struct proxy_fault *fault);

/* Resets all connections. */
void proxy_drop(struct proxy *proxy);

/* Appends the counts as one JSON object: connections, open, failed (the target could not be
 * reached), octets up and down. */
void proxy_stats(const struct proxy *proxy, struct buf *out);

#endif

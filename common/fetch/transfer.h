/* SPDX-License-Identifier: Apache-2.0
 *
 * Downloads and dials over libcurl's multi interface on the loop.  Knows nothing of CRLs:
 * it brings bytes, or a connected socket, or says why not.  At most one download a host at
 * a time, so that a server that hangs delays only itself; a download's clock starts when it
 * gets its turn.  Used by the fetch role.
 */
#ifndef PORTCULLIS_FETCH_TRANSFER_H
#define PORTCULLIS_FETCH_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/wire/edge_fetch.h"

struct loop;
struct transfers;

enum {
	TRANSFERS_ACTIVE_MAX = 32,   /* downloads at once */
	TRANSFERS_WAITING_MAX = 256, /* downloads that wait for their turn */
	TRANSFERS_DIALS_MAX = 64,    /* connections being made at once */
	TRANSFERS_DETAIL_SIZE = 256,
};

/* Policy, copied by transfers_new and transfers_set. */
struct transfers_policy {
	bool allow_loopback;
	struct edge_list hosts; /* hosts that may be fetched from; empty: all */
	struct bytes proxy;     /* "http://HOST:PORT", or empty */
	uint32_t connect_ms;
	uint32_t total_ms;
};

struct transfer_result {
	enum edge_fetch_outcome outcome;
	uint16_t http_status;
	struct bytes etag;
	struct bytes last_modified;
	struct bytes address; /* numeric, of the last connection tried; may be empty */
	const char *detail;   /* one line; may hold foreign bytes; never NULL */
	int fd;               /* the body (a sealed memfd) or the socket; -1: none.  The
			       * receiver's from here on */
	uint64_t len;         /* of the body */
};

/* Called once for each transfer, from the loop; views are valid during the call. */
typedef void transfer_done(void *arg, uint64_t id, const struct transfer_result *result);

struct transfers *transfers_new(struct loop *loop, const struct transfers_policy *policy,
    transfer_done *done, void *arg);
void transfers_free(struct transfers *transfers);

/* Takes effect with transfers that start from now on. */
void transfers_set(struct transfers *transfers, const struct transfers_policy *policy);

/* Starts or queues; the outcome always comes by transfer_done, never within the call. */
void transfers_get(struct transfers *transfers, const struct edge_fetch_get *get);
void transfers_dial(struct transfers *transfers, const struct edge_fetch_dial *dial);

/* Prepares the process for libcurl: once, before the sandbox. */
enum status transfers_prepare_process(void) MUST_USE;

#endif

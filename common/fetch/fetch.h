/* SPDX-License-Identifier: Apache-2.0
 *
 * The fetch role: names, outgoing connections, CRL downloads.  It holds no anchor, key or
 * event and decides nothing: trust says what to download, link where to dial, and both
 * judge what comes.
 */
#ifndef PORTCULLIS_FETCH_FETCH_H
#define PORTCULLIS_FETCH_FETCH_H

#include "common/proc/proc.h"
#include "common/wire/edge_message.h"

/* The role's part of the configuration. */
struct fetch_settings {
	bool allow_loopback;
	struct edge_list hosts; /* hosts that CRLs may be fetched from; empty: all */
	struct bytes proxy;     /* "http://HOST:PORT", or empty */
	uint32_t connect_ms;
	uint32_t total_ms;
};

extern const struct edge_field fetch_settings_fields[];

/* A row for the role table of a program; edges "trust-fetch" and "link-fetch". */
extern const struct proc_role fetch_role;

#endif

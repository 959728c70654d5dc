/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a URL that came out of a certificate may lead.  Such a URL is text from a peer: it
 * must not make this host talk to itself or its neighbours (server-side request
 * forgery, CVE-2026-123552).  Judged on the resolved address, as names can say anything.
 */
#ifndef PORTCULLIS_FETCH_ADDRESS_H
#define PORTCULLIS_FETCH_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"

/* False for loopback (unless allowed), link-local, multicast, unspecified, broadcast and
 * reserved addresses, also where IPv6 wraps IPv4 (mapped, compatible, 6to4, NAT64). */
bool address_allowed(const struct sockaddr *address, bool allow_loopback);

/* Appends "192.0.2.1:80" or "[2001:db8::1]:80". */
void address_text(const struct sockaddr *address, struct buf *out);

/* A URL that may be fetched at all: http, a host, no user name, printable ASCII, at most
 * 1,024 bytes.  *ret_host is a view of the host, without brackets and port. */
bool address_parse_url(struct bytes url, struct bytes *ret_host);

/* Is the host on the list?  An entry is a host name, or ".example.com" for all below it;
 * an empty list allows every host. */
bool address_host_listed(struct bytes host, const struct bytes *list, size_t count);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Host names, mail addresses and URIs: their form, and whether a name in a certificate
 * stands for a host (RFC 6125 6.4).  ASCII only; knows nothing of certificates.
 */
#ifndef PORTCULLIS_PKI_DNS_NAME_H
#define PORTCULLIS_PKI_DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/bytes.h"

enum {
	DNS_NAME_MAX = 253,
	DNS_LABEL_MAX = 63,
};

/* Labels of letters, digits, hyphens (not first or last), and underscores, which are no host
 * names but common; no empty label, no final dot. */
bool dns_name_valid(struct bytes name);

/* The same without underscores: what RFC 1123 calls a host. */
bool dns_name_is_host(struct bytes name);

/* "*." before a valid name: a wildcard is a whole label, the first. */
bool dns_name_is_wildcard(struct bytes name);

/* Whether a dNSName of a certificate stands for host.  A wildcard stands for exactly one
 * label, before a name of at least two. */
bool dns_name_matches(struct bytes name, struct bytes host);

/* The two sides of "local@host": one @, neither side empty.  A quoted local part with an @
 * in it is not taken. */
bool email_split(struct bytes email, struct bytes *ret_local, struct bytes *ret_host);

/* The host of a URI with an authority (RFC 3986 3.2.2), without user and port; false where
 * there is none.  The host may be an IP literal; dns_name_is_host tells. */
bool uri_host(struct bytes uri, struct bytes *ret_host);

/* Whether text is an IPv4 address in four decimal numbers. */
bool dns_name_is_ipv4(struct bytes text);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Between `fetch`, which alone goes out on the network, and those who ask it to.
 */
#ifndef PORTCULLIS_WIRE_EDGE_FETCH_H
#define PORTCULLIS_WIRE_EDGE_FETCH_H

#include <stdint.h>

#include "common/wire/edge_message.h"

enum edge_fetch_type {
	EDGE_FETCH_GET = 0x80, /* trust -> fetch: a CRL by http */
	EDGE_FETCH_GOT,        /* with a sealed memfd of the body when the outcome is OK */
	EDGE_FETCH_DIAL,       /* link -> fetch: a connected socket */
	EDGE_FETCH_DIALLED,    /* with the socket when the outcome is OK */
};

enum edge_fetch_outcome {
	EDGE_FETCH_OK,
	EDGE_FETCH_NOT_MODIFIED, /* 304 to our validators */
	EDGE_FETCH_BAD_URL,      /* not http, a user name in it, not a URL */
	EDGE_FETCH_DENIED,       /* the host or address is not allowed by the configuration */
	EDGE_FETCH_NAME,         /* the name does not resolve */
	EDGE_FETCH_CONNECT,      /* refused, unreachable */
	EDGE_FETCH_TIMEOUT,      /* too slow, or silent */
	EDGE_FETCH_STATUS, /* an HTTP status that is neither 200 nor 304 (redirects too) */
	EDGE_FETCH_TOO_LARGE,
	EDGE_FETCH_TRUNCATED, /* the body ended early */
	EDGE_FETCH_PROTOCOL,  /* not HTTP */
	EDGE_FETCH_BUSY,      /* too much is asked at once; ask again later */
	EDGE_FETCH_OUTCOME_COUNT,
};

struct edge_fetch_get {
	uint64_t id; /* repeated in the answer */
	struct bytes url;
	uint64_t max_bytes;
	struct bytes etag;          /* what the last answer had, or empty */
	struct bytes last_modified; /* likewise */
};

struct edge_fetch_got {
	uint64_t id;
	uint8_t outcome;
	uint16_t http_status; /* 0: none came */
	struct bytes etag;
	struct bytes last_modified;
	struct bytes detail; /* one line for the operator, may hold foreign bytes */
	uint64_t len;        /* of the body */
};

struct edge_fetch_dial {
	uint64_t id;
	struct bytes host; /* name or address */
	uint16_t port;
	uint32_t timeout_ms;
};

struct edge_fetch_dialled {
	uint64_t id;
	uint8_t outcome;
	struct bytes address; /* numeric, with port: of the last one tried */
	struct bytes detail;
};

extern const struct edge_field edge_fetch_get_fields[];
extern const struct edge_field edge_fetch_got_fields[];
extern const struct edge_field edge_fetch_dial_fields[];
extern const struct edge_field edge_fetch_dialled_fields[];

/* "connect", "timeout", ...: for records and logs. */
const char *edge_fetch_outcome_text(enum edge_fetch_outcome outcome);

#endif

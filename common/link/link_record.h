/* SPDX-License-Identifier: Apache-2.0
 *
 * The record of a refused or endangered link: what an operator reads in the log, the store,
 * the page and the command line, on either side.  Made here and nowhere else, of the
 * verdict and of how the link ended.  Every string of the peer's is escaped when it is
 * shown, or was when the verdict was made.
 */
#ifndef PORTCULLIS_LINK_LINK_RECORD_H
#define PORTCULLIS_LINK_LINK_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/link/link.h"
#include "common/tls/snapshot.h"

enum {
	LINK_RECORD_MAX = 16384, /* bytes of the JSON */
	LINK_IDENTITY_SIZE = 80,
};

enum link_phase {
	LINK_PHASE_CONNECT,
	LINK_PHASE_LIVE,
	LINK_PHASE_PEER_SYNC,
};

/* What the record is made of. */
struct link_record {
	int64_t now_us;
	const char *reported_by; /* "console:main", "sensor:s7.example" */
	const char *peer;        /* "sensor", "console": what the far side is to us */
	enum link_phase phase;
	const char *address;           /* of the peer */
	const char *link_id;           /* "" where there is none */
	const struct verdict *verdict; /* NULL: the handshake did not get so far */
	const uint8_t *unread_sha256;  /* link_unread_sha256 */
	const struct link_end *end;
	const struct snapshot_policy *policy; /* NULL: not known yet */
	const char *impact;                   /* one line, or NULL */
};

/* Appends the JSON object. */
void link_record_json(const struct link_record *record, struct buf *out);

/* Appends the one line for people. */
void link_record_line(const struct link_record *record, struct buf *out);

/* For whom the record is kept: the identity, where chain and possession were proved (then
 * true), else the source address, /32 or /64. */
bool link_record_identity(const struct link_record *record,
    char ret_identity[static LINK_IDENTITY_SIZE]);

/* The reason to report: the peer's slug of a refusal of us counts only in the text. */
enum reason link_record_reason(const struct link_record *record);

#endif

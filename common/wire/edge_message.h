/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages between the roles of one program (docs/protocol.md, "Inside the house"): a
 * plain struct and a table of its fields give both directions.  Fixed little-endian layout,
 * no lengths to agree on by hand.  Both ends are the same binary, but the sender may have
 * been taken over: reading is as strict as for a stranger.
 *
 * The messages themselves are in edge_key.h, edge_trust.h, edge_fetch.h and edge_store.h.
 */
#ifndef PORTCULLIS_WIRE_EDGE_MESSAGE_H
#define PORTCULLIS_WIRE_EDGE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

enum edge_field_kind {
	EDGE_FIELD_END,
	EDGE_FIELD_U8,    /* uint8_t */
	EDGE_FIELD_BOOL,  /* bool */
	EDGE_FIELD_U16,   /* uint16_t */
	EDGE_FIELD_U32,   /* uint32_t */
	EDGE_FIELD_U64,   /* uint64_t */
	EDGE_FIELD_I64,   /* int64_t */
	EDGE_FIELD_ID,    /* uint8_t[16] */
	EDGE_FIELD_HASH,  /* uint8_t[32] */
	EDGE_FIELD_BYTES, /* struct bytes: a view into the payload when read */
	EDGE_FIELD_LIST,  /* struct edge_list of such views */
};

struct edge_field {
	enum edge_field_kind kind;
	size_t offset;
};

enum {
	EDGE_LIST_MAX = 64
};

struct edge_list {
	struct bytes items[EDGE_LIST_MAX];
	size_t count;
};

/* Appends the fields of a message in the order of their table. */
void edge_message_put(struct buf *out, const struct edge_field *fields, const void *message);

/* Reads a payload that is exactly these fields.  STATUS_INVALID, and *ret_message is not
 * touched, when it is not.  Views live as long as the payload. */
enum status edge_message_get(struct bytes payload, const struct edge_field *fields,
    size_t message_size, void *ret_message) MUST_USE;

#endif

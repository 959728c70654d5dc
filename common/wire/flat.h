/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of CBOR (RFC 8949) that control messages use: numbers, booleans, byte strings,
 * text, and the heads of arrays and maps, all of definite length.  Indefinite lengths,
 * tags, floating point, null and other simple values do not exist here.  libcbor's
 * streaming calls do the reading; its tree builder is never used.
 */
#ifndef PORTCULLIS_WIRE_FLAT_H
#define PORTCULLIS_WIRE_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/cursor.h"

enum flat_kind {
	FLAT_NONE, /* a form of CBOR that is not used here */
	FLAT_NUMBER,
	FLAT_NEGATIVE, /* -1 - number */
	FLAT_BOOL,
	FLAT_BYTES,
	FLAT_TEXT,
	FLAT_ARRAY, /* number items follow */
	FLAT_MAP,   /* number pairs follow */
};

struct flat_item {
	enum flat_kind kind;
	uint64_t number; /* value, or count of what follows; boolean: 0 or 1 */
	struct bytes bytes;
};

/* Reads one item; of an array or map the head only.  False (the cursor has failed) at the
 * end, on an item that is cut and on a form that is not used. */
bool flat_next(struct cursor *cursor, struct flat_item *ret_item);

/* Appends in the shortest form. */
void flat_put_number(struct buf *out, uint64_t value);
void flat_put_signed(struct buf *out, int64_t value);
void flat_put_bool(struct buf *out, bool value);
void flat_put_bytes(struct buf *out, struct bytes value);
void flat_put_text(struct buf *out, struct bytes value);
void flat_put_array(struct buf *out, size_t count);
void flat_put_map(struct buf *out, size_t count);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Single CBOR items by libcbor's streaming decoder and its encoders.  A callback that is
 * not set here leaves the item FLAT_NONE, which is refused.
 */
#include "common/wire/flat.h"

#include <cbor.h>

enum {
	FLAT_HEAD_MAX = 9
};

static void
flat_set(void *arg, enum flat_kind kind, uint64_t number)
{
	*(struct flat_item *)arg = (struct flat_item){.kind = kind, .number = number};
}

static void
flat_on_u8(void *arg, uint8_t value)
{
	flat_set(arg, FLAT_NUMBER, value);
}

static void
flat_on_u16(void *arg, uint16_t value)
{
	flat_set(arg, FLAT_NUMBER, value);
}

static void
flat_on_u32(void *arg, uint32_t value)
{
	flat_set(arg, FLAT_NUMBER, value);
}

static void
flat_on_u64(void *arg, uint64_t value)
{
	flat_set(arg, FLAT_NUMBER, value);
}

static void
flat_on_neg8(void *arg, uint8_t value)
{
	flat_set(arg, FLAT_NEGATIVE, value);
}

static void
flat_on_neg16(void *arg, uint16_t value)
{
	flat_set(arg, FLAT_NEGATIVE, value);
}

static void
flat_on_neg32(void *arg, uint32_t value)
{
	flat_set(arg, FLAT_NEGATIVE, value);
}

static void
flat_on_neg64(void *arg, uint64_t value)
{
	flat_set(arg, FLAT_NEGATIVE, value);
}

static void
flat_on_bool(void *arg, bool value)
{
	flat_set(arg, FLAT_BOOL, value);
}

static void
flat_on_bytes(void *arg, cbor_data data, size_t len)
{
	flat_set(arg, FLAT_BYTES, 0);
	((struct flat_item *)arg)->bytes = bytes_of(data, len);
}

static void
flat_on_text(void *arg, cbor_data data, size_t len)
{
	flat_set(arg, FLAT_TEXT, 0);
	((struct flat_item *)arg)->bytes = bytes_of(data, len);
}

static void
flat_on_array(void *arg, size_t count)
{
	flat_set(arg, FLAT_ARRAY, count);
}

static void
flat_on_map(void *arg, size_t count)
{
	flat_set(arg, FLAT_MAP, count);
}

bool
flat_next(struct cursor *cursor, struct flat_item *ret_item)
{
	struct cbor_callbacks callbacks = cbor_empty_callbacks;
	struct flat_item item = {.kind = FLAT_NONE};
	struct cbor_decoder_result result;

	callbacks.uint8 = flat_on_u8;
	callbacks.uint16 = flat_on_u16;
	callbacks.uint32 = flat_on_u32;
	callbacks.uint64 = flat_on_u64;
	callbacks.negint8 = flat_on_neg8;
	callbacks.negint16 = flat_on_neg16;
	callbacks.negint32 = flat_on_neg32;
	callbacks.negint64 = flat_on_neg64;
	callbacks.boolean = flat_on_bool;
	callbacks.byte_string = flat_on_bytes;
	callbacks.string = flat_on_text;
	callbacks.array_start = flat_on_array;
	callbacks.map_start = flat_on_map;

	if (cursor->failed)
		return false;
	result = cbor_stream_decode(cursor->at, cursor->left, &callbacks, &item);
	if (result.status != CBOR_DECODER_FINISHED || item.kind == FLAT_NONE) {
		cursor->failed = true;
		return false;
	}
	(void)cursor_bytes(cursor, result.read);
	*ret_item = item;
	return true;
}

void
flat_put_number(struct buf *out, uint64_t value)
{
	uint8_t head[FLAT_HEAD_MAX];

	buf_put(out, head, cbor_encode_uint(value, head, sizeof(head)));
}

void
flat_put_signed(struct buf *out, int64_t value)
{
	uint8_t head[FLAT_HEAD_MAX];

	if (value >= 0)
		flat_put_number(out, (uint64_t)value);
	else
		buf_put(out, head,
		    cbor_encode_negint((uint64_t)(-1 - value), head, sizeof(head)));
}

void
flat_put_bool(struct buf *out, bool value)
{
	uint8_t head[FLAT_HEAD_MAX];

	buf_put(out, head, cbor_encode_bool(value, head, sizeof(head)));
}

void
flat_put_bytes(struct buf *out, struct bytes value)
{
	uint8_t head[FLAT_HEAD_MAX];

	buf_put(out, head, cbor_encode_bytestring_start(value.len, head, sizeof(head)));
	buf_put_bytes(out, value);
}

void
flat_put_text(struct buf *out, struct bytes value)
{
	uint8_t head[FLAT_HEAD_MAX];

	buf_put(out, head, cbor_encode_string_start(value.len, head, sizeof(head)));
	buf_put_bytes(out, value);
}

void
flat_put_array(struct buf *out, size_t count)
{
	uint8_t head[FLAT_HEAD_MAX];

	buf_put(out, head, cbor_encode_array_start(count, head, sizeof(head)));
}

void
flat_put_map(struct buf *out, size_t count)
{
	uint8_t head[FLAT_HEAD_MAX];

	buf_put(out, head, cbor_encode_map_start(count, head, sizeof(head)));
}

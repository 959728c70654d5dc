/* SPDX-License-Identifier: Apache-2.0
 *
 * The reading cursor.
 */
#include "common/base/cursor.h"

#include <string.h>

struct bytes
cursor_bytes(struct cursor *cursor, size_t len)
{
	struct bytes view = {cursor->at, len};

	if (cursor->failed || len > cursor->left) {
		cursor->failed = true;
		return (struct bytes){NULL, 0};
	}
	if (len > 0)
		cursor->at += len;
	cursor->left -= len;
	return view;
}

static uint64_t
cursor_le(struct cursor *cursor, size_t width)
{
	struct bytes raw = cursor_bytes(cursor, width);
	uint64_t value = 0;

	for (size_t i = 0; i < raw.len; i++)
		value |= (uint64_t)raw.data[i] << (8 * i);
	return value;
}

uint8_t
cursor_u8(struct cursor *cursor)
{
	return (uint8_t)cursor_le(cursor, 1);
}

uint16_t
cursor_u16le(struct cursor *cursor)
{
	return (uint16_t)cursor_le(cursor, 2);
}

uint32_t
cursor_u32le(struct cursor *cursor)
{
	return (uint32_t)cursor_le(cursor, 4);
}

uint64_t
cursor_u64le(struct cursor *cursor)
{
	return cursor_le(cursor, 8);
}

void
cursor_copy(struct cursor *cursor, void *ret_data, size_t len)
{
	struct bytes raw = cursor_bytes(cursor, len);

	memset(ret_data, 0, len);
	if (raw.len > 0)
		memcpy(ret_data, raw.data, raw.len);
}

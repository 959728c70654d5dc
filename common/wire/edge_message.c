/* SPDX-License-Identifier: Apache-2.0
 *
 * The one encoder and the one decoder of messages between roles.
 */
#include "common/wire/edge_message.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/cursor.h"

enum {
	ID_SIZE = 16,
	HASH_SIZE = 32,
};

static void
edge_put_bytes(struct buf *out, struct bytes value)
{
	buf_put_u32le(out, (uint32_t)value.len);
	buf_put_bytes(out, value);
}

static void
edge_put_list(struct buf *out, const struct edge_list *list)
{
	assert(list->count <= EDGE_LIST_MAX);
	buf_put_u8(out, (uint8_t)list->count);
	for (size_t i = 0; i < list->count; i++)
		edge_put_bytes(out, list->items[i]);
}

static void
edge_put_field(struct buf *out, enum edge_field_kind kind, const void *at)
{
	switch (kind) {
	case EDGE_FIELD_U8:
		buf_put_u8(out, *(const uint8_t *)at);
		break;
	case EDGE_FIELD_BOOL:
		buf_put_u8(out, *(const bool *)at);
		break;
	case EDGE_FIELD_U16:
		buf_put_u16le(out, *(const uint16_t *)at);
		break;
	case EDGE_FIELD_U32:
		buf_put_u32le(out, *(const uint32_t *)at);
		break;
	case EDGE_FIELD_U64:
		buf_put_u64le(out, *(const uint64_t *)at);
		break;
	case EDGE_FIELD_I64:
		buf_put_u64le(out, (uint64_t) * (const int64_t *)at);
		break;
	case EDGE_FIELD_ID:
		buf_put(out, at, ID_SIZE);
		break;
	case EDGE_FIELD_HASH:
		buf_put(out, at, HASH_SIZE);
		break;
	case EDGE_FIELD_BYTES:
		edge_put_bytes(out, *(const struct bytes *)at);
		break;
	case EDGE_FIELD_LIST:
		edge_put_list(out, at);
		break;
	case EDGE_FIELD_END:
		break;
	}
}

void
edge_message_put(struct buf *out, const struct edge_field *fields, const void *message)
{
	for (; fields->kind != EDGE_FIELD_END; fields++)
		edge_put_field(out, fields->kind, (const char *)message + fields->offset);
}

static struct bytes
edge_get_bytes(struct cursor *cursor)
{
	return cursor_bytes(cursor, cursor_u32le(cursor));
}

static void
edge_get_list(struct cursor *cursor, struct edge_list *list)
{
	size_t count = cursor_u8(cursor);

	if (count > EDGE_LIST_MAX)
		cursor->failed = true;
	for (list->count = 0; list->count < count && cursor_ok(cursor); list->count++)
		list->items[list->count] = edge_get_bytes(cursor);
}

static void
edge_get_bool(struct cursor *cursor, bool *ret_value)
{
	uint8_t value = cursor_u8(cursor);

	if (value > 1)
		cursor->failed = true;
	*ret_value = value == 1;
}

static void
edge_get_field(struct cursor *cursor, enum edge_field_kind kind, void *at)
{
	switch (kind) {
	case EDGE_FIELD_U8:
		*(uint8_t *)at = cursor_u8(cursor);
		break;
	case EDGE_FIELD_BOOL:
		edge_get_bool(cursor, at);
		break;
	case EDGE_FIELD_U16:
		*(uint16_t *)at = cursor_u16le(cursor);
		break;
	case EDGE_FIELD_U32:
		*(uint32_t *)at = cursor_u32le(cursor);
		break;
	case EDGE_FIELD_U64:
		*(uint64_t *)at = cursor_u64le(cursor);
		break;
	case EDGE_FIELD_I64:
		*(int64_t *)at = (int64_t)cursor_u64le(cursor);
		break;
	case EDGE_FIELD_ID:
		cursor_copy(cursor, at, ID_SIZE);
		break;
	case EDGE_FIELD_HASH:
		cursor_copy(cursor, at, HASH_SIZE);
		break;
	case EDGE_FIELD_BYTES:
		*(struct bytes *)at = edge_get_bytes(cursor);
		break;
	case EDGE_FIELD_LIST:
		edge_get_list(cursor, at);
		break;
	case EDGE_FIELD_END:
		break;
	}
}

enum status
edge_message_get(struct bytes payload, const struct edge_field *fields, size_t message_size,
    void *ret_message)
{
	struct cursor cursor = cursor_of(payload);
	char *message = alloc_zeroed(1, message_size);
	enum status status = STATUS_INVALID;

	for (; fields->kind != EDGE_FIELD_END && cursor_ok(&cursor); fields++)
		edge_get_field(&cursor, fields->kind, message + fields->offset);
	if (cursor_finished(&cursor)) {
		memcpy(ret_message, message, message_size);
		status = STATUS_OK;
	}
	free(message);
	return status;
}

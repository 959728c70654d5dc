/* SPDX-License-Identifier: Apache-2.0
 *
 * Decoding control messages.  A value is read into its place, then judged by the same
 * function that the encoder asserts (message_fits.c), so that what is accepted and what is
 * sent cannot drift apart.
 */
#include "common/wire/message.h"

#include <string.h>

#include "common/base/cursor.h"
#include "common/wire/flat.h"
#include "common/wire/message_schema.h"

enum {
	PAIRS_MAX = 32,
	ITEMS_MAX = 192,
};

static bool
read_number(struct cursor *cursor, uint64_t *ret_value)
{
	struct flat_item item;

	if (!flat_next(cursor, &item) || item.kind != FLAT_NUMBER)
		return false;
	*ret_value = item.number;
	return true;
}

static bool
read_signed(struct cursor *cursor, int64_t *ret_value)
{
	struct flat_item item;

	if (!flat_next(cursor, &item) || item.number > INT64_MAX)
		return false;
	if (item.kind != FLAT_NUMBER && item.kind != FLAT_NEGATIVE)
		return false;
	*ret_value =
	    item.kind == FLAT_NUMBER ? (int64_t)item.number : -1 - (int64_t)item.number;
	return true;
}

static bool
read_bool(struct cursor *cursor, bool *ret_value)
{
	struct flat_item item;

	if (!flat_next(cursor, &item) || item.kind != FLAT_BOOL)
		return false;
	*ret_value = item.number == 1;
	return true;
}

static bool
read_string(struct cursor *cursor, enum flat_kind kind, struct bytes *ret_value)
{
	struct flat_item item;

	if (!flat_next(cursor, &item) || item.kind != kind)
		return false;
	*ret_value = item.bytes;
	return true;
}

static bool
read_fixed(struct cursor *cursor, uint8_t *ret_data, size_t len)
{
	struct bytes value;

	if (!read_string(cursor, FLAT_BYTES, &value) || value.len != len)
		return false;
	memcpy(ret_data, value.data, len);
	return true;
}

/* The head of an array of at most max groups of items. */
static bool
read_array(struct cursor *cursor, size_t group, size_t max, size_t *ret_count)
{
	struct flat_item item;

	if (!flat_next(cursor, &item) || item.kind != FLAT_ARRAY)
		return false;
	if (item.number % group != 0 || item.number / group > max)
		return false;
	*ret_count = (size_t)item.number / group;
	return true;
}

static bool
read_intervals(struct cursor *cursor, bool hashed, struct message_intervals *intervals)
{
	if (!read_array(cursor, hashed ? 3 : 2, MESSAGE_INTERVALS_MAX, &intervals->count))
		return false;
	for (size_t i = 0; i < intervals->count; i++) {
		struct message_interval *at = &intervals->at[i];

		if (!read_number(cursor, &at->first) || !read_number(cursor, &at->last))
			return false;
		if (hashed && !read_fixed(cursor, at->hash, sizeof(at->hash)))
			return false;
	}
	return true;
}

static bool
read_names(struct cursor *cursor, struct message_names *names)
{
	if (!read_array(cursor, 1, MESSAGE_NAMES_MAX, &names->count))
		return false;
	for (size_t i = 0; i < names->count; i++) {
		if (!read_string(cursor, FLAT_TEXT, &names->at[i]))
			return false;
	}
	return true;
}

static bool
read_objects(struct cursor *cursor, struct message_object_versions *objects)
{
	if (!read_array(cursor, 3, MESSAGE_OBJECTS_MAX, &objects->count))
		return false;
	for (size_t i = 0; i < objects->count; i++) {
		struct message_object_version *at = &objects->at[i];

		if (!read_string(cursor, FLAT_TEXT, &at->key) ||
		    !read_number(cursor, &at->epoch) || !read_number(cursor, &at->version))
			return false;
	}
	return true;
}

static bool
read_field(struct cursor *cursor, const struct message_field *field, void *value)
{
	switch (field->kind) {
	case MESSAGE_KIND_NUMBER:
		return read_number(cursor, value);
	case MESSAGE_KIND_SIGNED:
		return read_signed(cursor, value);
	case MESSAGE_KIND_BOOL:
		return read_bool(cursor, value);
	case MESSAGE_KIND_FIXED:
		return read_fixed(cursor, value, field->max);
	case MESSAGE_KIND_BYTES:
		return read_string(cursor, FLAT_BYTES, value);
	case MESSAGE_KIND_TEXT:
	case MESSAGE_KIND_NAME:
	case MESSAGE_KIND_SLUG:
	case MESSAGE_KIND_URL:
		return read_string(cursor, FLAT_TEXT, value);
	case MESSAGE_KIND_INTERVALS:
		return read_intervals(cursor, true, value);
	case MESSAGE_KIND_RANGES:
		return read_intervals(cursor, false, value);
	case MESSAGE_KIND_NAMES:
		return read_names(cursor, value);
	case MESSAGE_KIND_OBJECTS:
		return read_objects(cursor, value);
	}
	return false;
}

/* The value of a field of a later version: one item, or an array of single items. */
static bool
skip_value(struct cursor *cursor)
{
	struct flat_item item;
	struct flat_item inner;

	if (!flat_next(cursor, &item) || item.kind == FLAT_MAP)
		return false;
	if (item.kind != FLAT_ARRAY)
		return true;
	if (item.number > ITEMS_MAX)
		return false;
	for (uint64_t i = 0; i < item.number; i++) {
		if (!flat_next(cursor, &inner) || inner.kind == FLAT_MAP ||
		    inner.kind == FLAT_ARRAY)
			return false;
	}
	return true;
}

/* Reads the pairs of the map; *ret_seen has bit k - 1 set for each known key k. */
static bool
read_pairs(struct cursor *cursor, const struct message_schema *schema, uint64_t count,
    struct message *message, uint32_t *ret_seen)
{
	uint64_t lowest_key = 0;
	uint32_t seen = 0;
	uint64_t key;

	for (uint64_t i = 0; i < count; i++) {
		if (!read_number(cursor, &key) || key < lowest_key || key > UINT32_MAX)
			return false;
		lowest_key = key + 1;
		if (key < 1 || key > schema->count) {
			if (!skip_value(cursor))
				return false;
			continue;
		}
		const struct message_field *field = &schema->fields[key - 1];
		void *value = (uint8_t *)message + field->offset;

		if (!read_field(cursor, field, value) || !message_field_fits(field, value))
			return false;
		seen |= UINT32_C(1) << (key - 1);
	}
	*ret_seen = seen;
	return true;
}

static bool
has_required(const struct message_schema *schema, uint32_t seen)
{
	for (size_t i = 0; i < schema->count; i++) {
		if (!schema->fields[i].optional && (seen & (UINT32_C(1) << i)) == 0)
			return false;
	}
	return true;
}

enum status
message_decode(uint8_t type, struct bytes payload, struct message *message)
{
	const struct message_schema *schema = message_schema(type);
	struct cursor cursor = cursor_of(payload);
	struct flat_item head;
	uint32_t seen;

	if (schema == NULL || schema->count == 0)
		return STATUS_UNSUPPORTED;
	message->type = type;
	memset(&message->hello, 0, schema->size);
	if (payload.len > (size_t)schema->limit || !flat_next(&cursor, &head) ||
	    head.kind != FLAT_MAP || head.number > PAIRS_MAX)
		return STATUS_INVALID;
	if (!read_pairs(&cursor, schema, head.number, message, &seen) ||
	    !has_required(schema, seen) || !cursor_finished(&cursor) ||
	    !message_is_sound(message))
		return STATUS_INVALID;
	return STATUS_OK;
}

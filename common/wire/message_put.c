/* SPDX-License-Identifier: Apache-2.0
 *
 * Encoding control messages, in the deterministic form (RFC 8949 section 4.2.1): shortest
 * heads, ascending keys, and nothing for an optional field with its default value.
 */
#include "common/wire/message.h"

#include <assert.h>

#include "common/wire/flat.h"
#include "common/wire/frame.h"
#include "common/wire/message_schema.h"

static void
put_intervals(struct buf *out, bool hashed, const struct message_intervals *intervals)
{
	flat_put_array(out, intervals->count * (hashed ? 3 : 2));
	for (size_t i = 0; i < intervals->count; i++) {
		const struct message_interval *at = &intervals->at[i];

		flat_put_number(out, at->first);
		flat_put_number(out, at->last);
		if (hashed)
			flat_put_bytes(out, bytes_of(at->hash, sizeof(at->hash)));
	}
}

static void
put_names(struct buf *out, const struct message_names *names)
{
	flat_put_array(out, names->count);
	for (size_t i = 0; i < names->count; i++)
		flat_put_text(out, names->at[i]);
}

static void
put_objects(struct buf *out, const struct message_object_versions *objects)
{
	flat_put_array(out, objects->count * 3);
	for (size_t i = 0; i < objects->count; i++) {
		flat_put_text(out, objects->at[i].key);
		flat_put_number(out, objects->at[i].epoch);
		flat_put_number(out, objects->at[i].version);
	}
}

static void
put_field(struct buf *out, const struct message_field *field, const void *value)
{
	switch (field->kind) {
	case MESSAGE_KIND_NUMBER:
		flat_put_number(out, *(const uint64_t *)value);
		break;
	case MESSAGE_KIND_SIGNED:
		flat_put_signed(out, *(const int64_t *)value);
		break;
	case MESSAGE_KIND_BOOL:
		flat_put_bool(out, *(const bool *)value);
		break;
	case MESSAGE_KIND_FIXED:
		flat_put_bytes(out, bytes_of(value, field->max));
		break;
	case MESSAGE_KIND_BYTES:
		flat_put_bytes(out, *(const struct bytes *)value);
		break;
	case MESSAGE_KIND_TEXT:
	case MESSAGE_KIND_NAME:
	case MESSAGE_KIND_SLUG:
	case MESSAGE_KIND_URL:
		flat_put_text(out, *(const struct bytes *)value);
		break;
	case MESSAGE_KIND_INTERVALS:
		put_intervals(out, true, value);
		break;
	case MESSAGE_KIND_RANGES:
		put_intervals(out, false, value);
		break;
	case MESSAGE_KIND_NAMES:
		put_names(out, value);
		break;
	case MESSAGE_KIND_OBJECTS:
		put_objects(out, value);
		break;
	}
}

/* An optional field with its default value is left out; only simple kinds are optional. */
static bool
field_is_left_out(const struct message_field *field, const void *value)
{
	if (!field->optional)
		return false;
	if (field->kind == MESSAGE_KIND_NUMBER || field->kind == MESSAGE_KIND_SIGNED)
		return *(const uint64_t *)value == 0;
	if (field->kind == MESSAGE_KIND_BOOL)
		return !*(const bool *)value;
	return ((const struct bytes *)value)->len == 0;
}

void
message_put(struct buf *out, const struct message *message)
{
	const struct message_schema *schema = message_schema(message->type);
	size_t begin;
	size_t count = 0;

	assert(schema != NULL && schema->count > 0 && message_is_sound(message));
	for (size_t i = 0; i < schema->count; i++) {
		const struct message_field *field = &schema->fields[i];

		count += !field_is_left_out(field, (const uint8_t *)message + field->offset);
	}
	begin = frame_begin(out, message->type);
	flat_put_map(out, count);
	for (size_t i = 0; i < schema->count; i++) {
		const struct message_field *field = &schema->fields[i];
		const void *value = (const uint8_t *)message + field->offset;

		if (field_is_left_out(field, value))
			continue;
		assert(message_field_fits(field, value));
		flat_put_number(out, i + 1);
		put_field(out, field, value);
	}
	frame_end(out, begin);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * What may stand in a message: limits of the types, values of the fields, and what must
 * hold between them.  Decoder and encoder both ask here.
 */
#include "common/wire/message.h"

#include <string.h>

#include "common/base/text.h"
#include "common/wire/frame.h"
#include "common/wire/message_schema.h"

enum {
	NAME_MAX_LEN = 64,
	SLUG_MAX_LEN = 32,
	URL_MAX_LEN = 1024,
};

int32_t
message_limit(uint8_t type)
{
	const struct message_schema *schema = message_schema(type);

	return schema == NULL ? FRAME_REFUSED : schema->limit;
}

const char *
message_name(uint8_t type)
{
	const struct message_schema *schema = message_schema(type);

	return schema == NULL ? NULL : schema->name;
}

/* 1 to max bytes, each of them in a range or in the list of others. */
static bool
text_consists_of(struct bytes text, size_t max, const char *ranges, const char *others)
{
	if (text.len < 1 || text.len > max)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = (char)text.data[i];
		bool found = c != '\0' && strchr(others, c) != NULL;

		for (const char *range = ranges; *range != '\0' && !found; range += 2)
			found = c >= range[0] && c <= range[1];
		if (!found)
			return false;
	}
	return true;
}

bool
message_is_name(struct bytes text)
{
	return text_consists_of(text, NAME_MAX_LEN, "azAZ09", ".-");
}

bool
message_is_slug(struct bytes text)
{
	return text_consists_of(text, SLUG_MAX_LEN, "az09", "-");
}

bool
message_is_url(struct bytes text)
{
	return text_consists_of(text, URL_MAX_LEN, "!~", "");
}

static bool
text_is_utf8(struct bytes text)
{
	uint32_t code_point;
	size_t len;

	while (text.len > 0) {
		len = text_utf8_char(text, &code_point);
		if (len == 0)
			return false;
		text = bytes_of(text.data + len, text.len - len);
	}
	return true;
}

static bool
length_fits(const struct message_field *field, struct bytes value)
{
	return value.len >= field->min && value.len <= field->max;
}

/* Intervals ascend, do not overlap, and number from 1. */
static bool
intervals_fit(const struct message_field *field, const struct message_intervals *intervals)
{
	uint64_t before = 0;

	if (intervals->count < field->min || intervals->count > MESSAGE_INTERVALS_MAX)
		return false;
	for (size_t i = 0; i < intervals->count; i++) {
		const struct message_interval *at = &intervals->at[i];

		if (at->first <= before || at->last < at->first ||
		    at->last > MESSAGE_NUMBER_MAX)
			return false;
		before = at->last;
	}
	return true;
}

static bool
names_fit(const struct message_field *field, const struct message_names *names)
{
	if (names->count < field->min || names->count > MESSAGE_NAMES_MAX)
		return false;
	for (size_t i = 0; i < names->count; i++) {
		if (!message_is_name(names->at[i]))
			return false;
	}
	return true;
}

static bool
objects_fit(const struct message_object_versions *objects)
{
	if (objects->count > MESSAGE_OBJECTS_MAX)
		return false;
	for (size_t i = 0; i < objects->count; i++) {
		const struct message_object_version *at = &objects->at[i];

		if (at->key.len < 1 || at->key.len > NAME_MAX_LEN || !text_is_utf8(at->key) ||
		    at->epoch > MESSAGE_NUMBER_MAX || at->version > MESSAGE_NUMBER_MAX)
			return false;
	}
	return true;
}

bool
message_field_fits(const struct message_field *field, const void *value)
{
	switch (field->kind) {
	case MESSAGE_KIND_NUMBER:
		return *(const uint64_t *)value >= field->min &&
		       *(const uint64_t *)value <= field->max;
	case MESSAGE_KIND_SIGNED:
	case MESSAGE_KIND_BOOL:
	case MESSAGE_KIND_FIXED:
		return true;
	case MESSAGE_KIND_BYTES:
		return length_fits(field, *(const struct bytes *)value);
	case MESSAGE_KIND_TEXT:
		return length_fits(field, *(const struct bytes *)value) &&
		       text_is_utf8(*(const struct bytes *)value);
	case MESSAGE_KIND_NAME:
		return message_is_name(*(const struct bytes *)value);
	case MESSAGE_KIND_SLUG:
		return message_is_slug(*(const struct bytes *)value);
	case MESSAGE_KIND_URL:
		return message_is_url(*(const struct bytes *)value);
	case MESSAGE_KIND_INTERVALS:
	case MESSAGE_KIND_RANGES:
		return intervals_fit(field, value);
	case MESSAGE_KIND_NAMES:
		return names_fit(field, value);
	case MESSAGE_KIND_OBJECTS:
		return objects_fit(value);
	}
	return false;
}

bool
message_is_sound(const struct message *message)
{
	const struct message_crl_part *part = &message->crl_part;

	switch (message->type) {
	case MESSAGE_HELLO:
		return message->hello.min_version <= message->hello.max_version &&
		       message->hello.first <= message->hello.next;
	case MESSAGE_PHELLO:
		return message->phello.min_version <= message->phello.max_version;
	case MESSAGE_CRL_PART:
		return part->offset <= part->total &&
		       part->data.len <= part->total - part->offset &&
		       (part->data.len == 0) == (part->total == 0);
	default:
		return true;
	}
}

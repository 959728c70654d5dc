/* SPDX-License-Identifier: Apache-2.0
 *
 * The form of each control message as data: the CDDL of docs/protocol.md section 5, row by
 * row.  Private to common/wire and its tests.
 */
#ifndef PORTCULLIS_WIRE_MESSAGE_SCHEMA_H
#define PORTCULLIS_WIRE_MESSAGE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct message;

enum message_kind {
	MESSAGE_KIND_NUMBER,    /* uint64_t, min..max */
	MESSAGE_KIND_SIGNED,    /* int64_t */
	MESSAGE_KIND_BOOL,      /* bool */
	MESSAGE_KIND_FIXED,     /* uint8_t[max] */
	MESSAGE_KIND_BYTES,     /* struct bytes, min..max long */
	MESSAGE_KIND_TEXT,      /* struct bytes, UTF-8, min..max long */
	MESSAGE_KIND_NAME,      /* struct bytes, message_is_name */
	MESSAGE_KIND_SLUG,      /* struct bytes, message_is_slug */
	MESSAGE_KIND_URL,       /* struct bytes, message_is_url */
	MESSAGE_KIND_INTERVALS, /* struct message_intervals, min..MESSAGE_INTERVALS_MAX */
	MESSAGE_KIND_RANGES,    /* the same without hashes */
	MESSAGE_KIND_NAMES,     /* struct message_names */
	MESSAGE_KIND_OBJECTS,   /* struct message_object_versions */
};

/* The field with key k is row k - 1: keys are 1, 2, 3 and so on. */
struct message_field {
	const char *name;
	enum message_kind kind;
	bool optional;
	size_t offset; /* in struct message */
	uint64_t min;
	uint64_t max;
};

struct message_schema {
	const char *name;
	int32_t limit; /* longest payload */
	size_t size;   /* of the member of struct message */
	size_t count;  /* of fields; 0: not a control message */
	const struct message_field *fields;
};

/* NULL for a type that does not exist. */
const struct message_schema *message_schema(uint8_t type);

/* Whether the value at its place in the message is one that the field may have. */
bool message_field_fits(const struct message_field *field, const void *value);

/* What must hold between the fields of one message. */
bool message_is_sound(const struct message *message);

#endif

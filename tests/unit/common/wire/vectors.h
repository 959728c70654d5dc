/* SPDX-License-Identifier: Apache-2.0
 *
 * The test vectors that stand in docs/protocol.md, in its blocks "portcullis-vectors".
 */
#ifndef PORTCULLIS_TESTS_WIRE_VECTORS_H
#define PORTCULLIS_TESTS_WIRE_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"

enum vector_kind {
	VECTOR_TRANSCRIPT, /* begins one: name, pair */
	VECTOR_FIELDS,     /* begins frames that are only decoded: name */
	VECTOR_FRAME,      /* dialler, type, bytes (whole frame), lines */
	VECTOR_ACCEPT,     /* dialler */
	VECTOR_PARK,       /* dialler */
	VECTOR_BAD,        /* type, bytes (payload), lines (why) */
};

struct vector {
	enum vector_kind kind;
	bool pair;
	bool dialler; /* this side sends, or judges */
	char *name;   /* of the transcript, or of the message type */
	uint8_t type;
	struct bytes bytes;
	char *lines; /* "field value\n"... */
};

struct vectors {
	size_t count;
	struct vector *at;
};

/* Reads and parses; ends the test on anything it does not understand. */
void vectors_read(const char *path, struct vectors *ret_vectors);
void vectors_done(struct vectors *vectors);

#endif

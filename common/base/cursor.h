/* SPDX-License-Identifier: Apache-2.0
 *
 * A reader over bytes with a sticky error: read ten fields, ask cursor_ok once.  After the
 * first read past the end every read gives zero or nothing.
 */
#ifndef PORTCULLIS_BASE_CURSOR_H
#define PORTCULLIS_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"

struct cursor {
	const uint8_t *at;
	size_t left;
	bool failed;
};

static inline struct cursor
cursor_of(struct bytes bytes)
{
	return (struct cursor){.at = bytes.data, .left = bytes.len};
}

static inline bool
cursor_ok(const struct cursor *cursor)
{
	return !cursor->failed;
}

/* True when nothing failed and nothing is left. */
static inline bool
cursor_finished(const struct cursor *cursor)
{
	return !cursor->failed && cursor->left == 0;
}

/* The next len bytes, a view; empty (and failed) when there are fewer. */
struct bytes cursor_bytes(struct cursor *cursor, size_t len);

uint8_t cursor_u8(struct cursor *cursor);
uint16_t cursor_u16le(struct cursor *cursor);
uint32_t cursor_u32le(struct cursor *cursor);
uint64_t cursor_u64le(struct cursor *cursor);

/* Copies len bytes out; zeroes on failure. */
void cursor_copy(struct cursor *cursor, void *ret_data, size_t len);

#endif

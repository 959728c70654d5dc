/* SPDX-License-Identifier: Apache-2.0
 *
 * A view of bytes that somebody else owns.
 */
#ifndef PORTCULLIS_BASE_BYTES_H
#define PORTCULLIS_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *data;
	size_t len;
};

static inline struct bytes
bytes_of(const void *data, size_t len)
{
	return (struct bytes){data, len};
}

/* The bytes of a C string, without its NUL. */
static inline struct bytes
bytes_of_text(const char *text)
{
	return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static inline bool
bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool
bytes_equal_text(struct bytes a, const char *text)
{
	return bytes_equal(a, bytes_of_text(text));
}

/* Order as memcmp does, shorter first where one is the beginning of the other. */
static inline int
bytes_compare(struct bytes a, struct bytes b)
{
	size_t shared = a.len < b.len ? a.len : b.len;
	int order = shared > 0 ? memcmp(a.data, b.data, shared) : 0;

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

#endif

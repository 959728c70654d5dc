/* SPDX-License-Identifier: Apache-2.0
 *
 * A growing byte buffer with a maximum given at birth, and a writer of little-endian
 * numbers and text with a sticky error: write ten things, ask buf_ok once.
 */
#ifndef PORTCULLIS_BASE_BUF_H
#define PORTCULLIS_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"

struct buf {
	uint8_t *data;
	size_t len;
	size_t cap;
	size_t max;    /* len never passes it */
	bool overflow; /* sticky: something did not fit and was not written */
};

/* max is in bytes and includes everything that is ever in the buffer at one time. */
void buf_init(struct buf *buf, size_t max);
void buf_done(struct buf *buf);

/* Forgets the contents and the error, keeps the memory. */
void buf_clear(struct buf *buf);

/* True as long as everything fitted. */
static inline bool
buf_ok(const struct buf *buf)
{
	return !buf->overflow;
}

static inline struct bytes
buf_bytes(const struct buf *buf)
{
	return (struct bytes){buf->data, buf->len};
}

/* Room for len more bytes, to be filled by the caller and claimed with buf_claim; NULL
 * (and the sticky error) where the maximum forbids it. */
uint8_t *buf_reserve(struct buf *buf, size_t len);
void buf_claim(struct buf *buf, size_t len);

/* Removes len bytes at the front.  len <= buf->len. */
void buf_drain(struct buf *buf, size_t len);

/* Shortens to len.  len <= buf->len. */
void buf_truncate(struct buf *buf, size_t len);

void buf_put(struct buf *buf, const void *data, size_t len);
void buf_put_bytes(struct buf *buf, struct bytes bytes);
void buf_put_u8(struct buf *buf, uint8_t value);
void buf_put_u16le(struct buf *buf, uint16_t value);
void buf_put_u32le(struct buf *buf, uint32_t value);
void buf_put_u64le(struct buf *buf, uint64_t value);
void buf_put_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *buf, const char *format, va_list args) PRINTF_LIKE(2, 0);

/* The contents as a C string: a NUL stands behind them (not counted in len).  Valid until
 * the buffer changes; bytes after a NUL inside the contents are not seen by str*(). */
const char *buf_text(struct buf *buf);

/* Hands the memory over as a C string, freed with free(); the buffer is empty after. */
char *buf_take_text(struct buf *buf);

#endif

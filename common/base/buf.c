/* SPDX-License-Identifier: Apache-2.0
 *
 * The bounded buffer.  Memory is always one byte larger than cap, for the NUL of buf_text.
 */
#include "common/base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"

enum {
	BUF_FIRST_CAP = 64
};

void
buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){.max = max};
}

void
buf_done(struct buf *buf)
{
	if (buf == NULL)
		return;
	free(buf->data);
	*buf = (struct buf){.max = buf->max};
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->overflow = false;
}

uint8_t *
buf_reserve(struct buf *buf, size_t len)
{
	size_t cap;

	if (buf->overflow || len > buf->max - buf->len) {
		buf->overflow = true;
		return NULL;
	}
	if (buf->data == NULL || len > buf->cap - buf->len) {
		cap = buf->cap > buf->max / 2 ? buf->max : buf->cap * 2;
		if (cap < buf->len + len)
			cap = buf->len + len;
		if (cap < BUF_FIRST_CAP && BUF_FIRST_CAP <= buf->max)
			cap = BUF_FIRST_CAP;
		buf->data = alloc_resize(buf->data, cap + 1, 1);
		buf->cap = cap;
	}
	return buf->data + buf->len;
}

void
buf_claim(struct buf *buf, size_t len)
{
	assert(len <= buf->cap - buf->len);
	buf->len += len;
}

void
buf_drain(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	if (len > 0 && len < buf->len)
		memmove(buf->data, buf->data + len, buf->len - len);
	buf->len -= len;
}

void
buf_truncate(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	buf->len = len;
}

void
buf_put(struct buf *buf, const void *data, size_t len)
{
	uint8_t *room = buf_reserve(buf, len);

	if (room == NULL || len == 0)
		return;
	memcpy(room, data, len);
	buf->len += len;
}

void
buf_put_bytes(struct buf *buf, struct bytes bytes)
{
	buf_put(buf, bytes.data, bytes.len);
}

/* Writes the width low bytes of value, lowest first. */
static void
buf_put_le(struct buf *buf, uint64_t value, size_t width)
{
	uint8_t raw[8];

	for (size_t i = 0; i < width; i++)
		raw[i] = (uint8_t)(value >> (8 * i));
	buf_put(buf, raw, width);
}

void
buf_put_u8(struct buf *buf, uint8_t value)
{
	buf_put_le(buf, value, 1);
}

void
buf_put_u16le(struct buf *buf, uint16_t value)
{
	buf_put_le(buf, value, 2);
}

void
buf_put_u32le(struct buf *buf, uint32_t value)
{
	buf_put_le(buf, value, 4);
}

void
buf_put_u64le(struct buf *buf, uint64_t value)
{
	buf_put_le(buf, value, 8);
}

void
buf_put_text(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

void
buf_vprintf(struct buf *buf, const char *format, va_list args)
{
	va_list again;
	uint8_t *room;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	assert(len >= 0);
	/* the byte beyond cap takes vsnprintf's NUL */
	room = buf_reserve(buf, (size_t)len);
	if (room == NULL)
		return;
	vsnprintf((char *)room, (size_t)len + 1, format, args);
	buf->len += (size_t)len;
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(buf, format, args);
	va_end(args);
}

const char *
buf_text(struct buf *buf)
{
	if (buf->data == NULL)
		return "";
	buf->data[buf->len] = '\0';
	return (const char *)buf->data;
}

char *
buf_take_text(struct buf *buf)
{
	char *text;

	if (buf->data == NULL)
		return alloc_text("");
	buf->data[buf->len] = '\0';
	text = (char *)buf->data;
	*buf = (struct buf){.max = buf->max};
	return text;
}

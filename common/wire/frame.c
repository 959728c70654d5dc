/* SPDX-License-Identifier: Apache-2.0
 *
 * Frame headers and the decoder.  A frame that lies whole in the caller's data is handed
 * out in place; only one that is cut is collected, in a buffer that goes with it.
 */
#include "common/wire/frame.h"

#include <assert.h>

#include "common/base/cursor.h"

void
frame_header(uint8_t header[static FRAME_HEADER_SIZE], uint8_t type, size_t payload_len)
{
	assert(payload_len <= FRAME_PAYLOAD_MAX);
	for (size_t i = 0; i < 4; i++)
		header[i] = (uint8_t)(payload_len >> (8 * i));
	header[4] = type;
}

void
frame_put(struct buf *out, uint8_t type, struct bytes payload)
{
	uint8_t header[FRAME_HEADER_SIZE];

	frame_header(header, type, payload.len);
	/* the sticky error of out must not leave a header without its payload */
	if (buf_reserve(out, sizeof(header) + payload.len) == NULL)
		return;
	buf_put(out, header, sizeof(header));
	buf_put_bytes(out, payload);
}

size_t
frame_begin(struct buf *out, uint8_t type)
{
	const uint8_t header[FRAME_HEADER_SIZE] = {0, 0, 0, 0, type};
	size_t begin = out->len;

	buf_put(out, header, sizeof(header));
	return begin;
}

void
frame_end(struct buf *out, size_t begin)
{
	uint8_t *header;

	if (!buf_ok(out)) {
		buf_truncate(out, begin);
		return;
	}
	header = out->data + begin;
	frame_header(header, header[4], out->len - begin - FRAME_HEADER_SIZE);
}

int32_t
frame_limit_any(const void *arg, uint8_t type)
{
	return FRAME_PAYLOAD_MAX;
}

void
frame_decoder_init(struct frame_decoder *decoder, frame_limit_fn *limit, const void *limit_arg)
{
	*decoder = (struct frame_decoder){.limit = limit, .limit_arg = limit_arg};
	buf_init(&decoder->part, FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX);
}

void
frame_decoder_done(struct frame_decoder *decoder)
{
	buf_done(&decoder->part);
}

bool
frame_decoder_inside(const struct frame_decoder *decoder)
{
	return decoder->part.len > 0 && !decoder->given;
}

/* Judges a complete header; the size of the whole frame, or 0 and the failure noted. */
static size_t
frame_judge(struct frame_decoder *decoder, const uint8_t header[static FRAME_HEADER_SIZE])
{
	struct cursor cursor = cursor_of(bytes_of(header, FRAME_HEADER_SIZE));
	uint32_t len = cursor_u32le(&cursor);
	uint8_t type = cursor_u8(&cursor);
	int32_t limit = decoder->limit(decoder->limit_arg, type);

	assert(limit <= FRAME_PAYLOAD_MAX);
	if (limit >= 0 && len <= (uint32_t)limit)
		return FRAME_HEADER_SIZE + (size_t)len;
	decoder->failed = limit < 0 ? STATUS_DENIED : STATUS_LIMIT;
	decoder->failed_type = type;
	return 0;
}

/* Moves up to len bytes from data to the collected part. */
static void
frame_collect(struct frame_decoder *decoder, struct bytes *data, size_t len)
{
	size_t take = len < data->len ? len : data->len;

	buf_put(&decoder->part, data->data, take);
	*data = bytes_of(data->data + take, data->len - take);
}

static struct frame
frame_view(const uint8_t *start, size_t size)
{
	return (struct frame){
	    .type = start[4],
	    .payload = bytes_of(start + FRAME_HEADER_SIZE, size - FRAME_HEADER_SIZE),
	};
}

/* Goes on with a frame of which a part was collected before. */
static enum status
frame_continue(struct frame_decoder *decoder, struct bytes *data, struct frame *ret_frame)
{
	if (decoder->expected == 0) {
		frame_collect(decoder, data, FRAME_HEADER_SIZE - decoder->part.len);
		if (decoder->part.len < FRAME_HEADER_SIZE)
			return STATUS_AGAIN;
		decoder->expected = frame_judge(decoder, decoder->part.data);
		if (decoder->expected == 0)
			return decoder->failed;
	}
	frame_collect(decoder, data, decoder->expected - decoder->part.len);
	if (decoder->part.len < decoder->expected)
		return STATUS_AGAIN;
	*ret_frame = frame_view(decoder->part.data, decoder->expected);
	decoder->given = true;
	return STATUS_OK;
}

enum status
frame_decoder_next(struct frame_decoder *decoder, struct bytes *data, struct frame *ret_frame)
{
	size_t size;

	if (decoder->failed != STATUS_OK)
		return decoder->failed;
	if (decoder->given) {
		buf_done(&decoder->part);
		decoder->expected = 0;
		decoder->given = false;
	}
	if (data->len == 0)
		return STATUS_AGAIN;
	if (decoder->part.len > 0 || data->len < FRAME_HEADER_SIZE)
		return frame_continue(decoder, data, ret_frame);
	size = frame_judge(decoder, data->data);
	if (size == 0)
		return decoder->failed;
	if (size > data->len) {
		decoder->expected = size;
		return frame_continue(decoder, data, ret_frame);
	}
	*ret_frame = frame_view(data->data, size);
	*data = bytes_of(data->data + size, data->len - size);
	return STATUS_OK;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The frame decoder.  Checks besides memory: however the stream is cut, the same frames
 * and the same failure come out, and no more is held than has come.
 */
#include <assert.h>

#include "common/wire/frame.h"
#include "common/wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int32_t
limit_of(const void *arg, uint8_t type)
{
	return message_limit(type);
}

/* Decodes in pieces of step bytes; what came out is appended to seen. */
static enum status
decode(const uint8_t *data, size_t size, size_t step, struct buf *seen)
{
	struct frame_decoder decoder;
	enum status status = STATUS_AGAIN;
	struct frame frame;

	frame_decoder_init(&decoder, limit_of, NULL);
	for (size_t at = 0; at < size && status == STATUS_AGAIN; at += step) {
		struct bytes piece = bytes_of(data + at, size - at < step ? size - at : step);

		while ((status = frame_decoder_next(&decoder, &piece, &frame)) == STATUS_OK)
			frame_put(seen, frame.type, frame.payload);
		assert(decoder.part.len <= at + step);
	}
	frame_decoder_done(&decoder);
	return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t steps[] = {1, 3, 7, 4096};
	struct buf whole;
	struct buf cut;
	enum status status;

	buf_init(&whole, size);
	buf_init(&cut, size);
	status = decode(data, size, size > 0 ? size : 1, &whole);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		buf_clear(&cut);
		assert(decode(data, size, steps[i], &cut) == status);
		assert(bytes_equal(buf_bytes(&whole), buf_bytes(&cut)));
	}
	buf_done(&whole);
	buf_done(&cut);
	return 0;
}

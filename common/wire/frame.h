/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames (docs/protocol.md section 2): 4-byte little-endian length of the payload, 1-byte
 * type, payload.  Knows no socket and no message: a header, and a decoder over bytes as
 * they come.  Used by the links between appliances and by the edges between roles.
 */
#ifndef PORTCULLIS_WIRE_FRAME_H
#define PORTCULLIS_WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

enum {
	FRAME_HEADER_SIZE = 5,
	/* the longest payload of any frame, on a link or an edge */
	FRAME_PAYLOAD_MAX = (1 << 20) + (1 << 16),
	FRAME_REFUSED = -1,
};

struct frame {
	uint8_t type;
	struct bytes payload;
};

/* Appends one whole frame.  payload.len <= FRAME_PAYLOAD_MAX. */
void frame_put(struct buf *out, uint8_t type, struct bytes payload);

/* A header alone, where the payload is sent from elsewhere. */
void frame_header(uint8_t header[static FRAME_HEADER_SIZE], uint8_t type, size_t payload_len);

/* Appends a header whose length is not known yet; frame_end fills it in.  Between the two
 * the caller appends the payload.  Returns where the frame begins, for frame_end. */
size_t frame_begin(struct buf *out, uint8_t type);
void frame_end(struct buf *out, size_t begin);

/* The longest payload that a frame of this type may have now, or FRAME_REFUSED where the
 * type is not allowed.  Asked once per frame, when its header is complete. */
typedef int32_t frame_limit_fn(const void *arg, uint8_t type);

/* Any type, up to FRAME_PAYLOAD_MAX: the limit of the edges. */
frame_limit_fn frame_limit_any;

struct frame_decoder {
	frame_limit_fn *limit;
	const void *limit_arg;
	struct buf part; /* of a frame that has not come whole */
	size_t expected; /* its size with header; 0 until the header is complete */
	bool given;      /* part was handed out and is to be forgotten */
	enum status failed;
	uint8_t failed_type;
};

void frame_decoder_init(struct frame_decoder *decoder, frame_limit_fn *limit,
    const void *limit_arg);
void frame_decoder_done(struct frame_decoder *decoder);

/* Takes the next frame from the front of *data, which is moved past what was consumed.
 *
 *   STATUS_OK      *ret_frame is a frame; its payload is a view into data or the decoder,
 *                  valid until data goes or the decoder is called again
 *   STATUS_AGAIN   all of data was consumed and the frame is not whole yet
 *   STATUS_LIMIT   the header claims more than its type may have
 *   STATUS_DENIED  the type is not allowed now
 *
 * The last two are for good: there is no resynchronisation, and each further call says the
 * same (failed_type tells the type).  Memory held is what has come, not what was claimed;
 * none between frames. */
enum status frame_decoder_next(struct frame_decoder *decoder, struct bytes *data,
    struct frame *ret_frame) MUST_USE;

/* True when the bytes so far end inside a frame: the end of the stream is then a cut. */
bool frame_decoder_inside(const struct frame_decoder *decoder);

#endif

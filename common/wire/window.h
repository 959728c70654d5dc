/* SPDX-License-Identifier: Apache-2.0
 *
 * What is in flight of a session: frames with records, counted in records and bytes, given
 * back in their order.  Both ends keep one; they agree because frames are counted, not
 * guessed from record numbers (docs/protocol.md section 6).
 */
#ifndef PORTCULLIS_WIRE_WINDOW_H
#define PORTCULLIS_WIRE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/status.h"

enum {
	WINDOW_FRAMES_MAX = 256
};

struct window_frame {
	uint32_t records;
	uint32_t bytes;
};

struct window {
	uint64_t max_records;
	uint64_t max_bytes;
	uint64_t records; /* in flight */
	uint64_t bytes;
	uint64_t taken; /* frames of this session so far */
	uint64_t given; /* of which given back */
	struct window_frame *ring;
	size_t cap;
};

void window_init(struct window *window, uint64_t max_records, uint64_t max_bytes);
void window_done(struct window *window);

/* Whether a frame fits.  One alone always does, whatever its size. */
bool window_has_room(const struct window *window, uint32_t records, uint32_t bytes);

/* Puts a frame in flight; STATUS_LIMIT where it does not fit. */
enum status window_take(struct window *window, uint32_t records, uint32_t bytes) MUST_USE;

/* The first `given` frames of the session are done (a smaller number than before says
 * nothing new).  STATUS_INVALID where so many were never in flight. */
enum status window_give(struct window *window, uint64_t given) MUST_USE;

#endif

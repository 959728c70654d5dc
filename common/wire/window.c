/* SPDX-License-Identifier: Apache-2.0
 *
 * The window as a ring of frames; frame n of the session is at n modulo cap.
 */
#include "common/wire/window.h"

#include <stdlib.h>

#include "common/base/alloc.h"

enum {
	RING_FIRST = 8
};

void
window_init(struct window *window, uint64_t max_records, uint64_t max_bytes)
{
	*window = (struct window){.max_records = max_records, .max_bytes = max_bytes};
}

void
window_done(struct window *window)
{
	free(window->ring);
	window->ring = NULL;
	window->cap = 0;
}

bool
window_has_room(const struct window *window, uint32_t records, uint32_t bytes)
{
	if (window->taken == window->given)
		return true;
	return window->taken - window->given < WINDOW_FRAMES_MAX &&
	       window->records + records <= window->max_records &&
	       window->bytes + bytes <= window->max_bytes;
}

static void
window_grow(struct window *window)
{
	size_t cap = window->cap == 0 ? RING_FIRST : window->cap * 2;
	struct window_frame *ring = alloc_zeroed(cap, sizeof(*ring));

	for (uint64_t n = window->given; n < window->taken; n++)
		ring[n % cap] = window->ring[n % window->cap];
	free(window->ring);
	window->ring = ring;
	window->cap = cap;
}

enum status
window_take(struct window *window, uint32_t records, uint32_t bytes)
{
	if (!window_has_room(window, records, bytes))
		return STATUS_LIMIT;
	if (window->taken - window->given == window->cap)
		window_grow(window);
	window->ring[window->taken % window->cap] = (struct window_frame){records, bytes};
	window->taken++;
	window->records += records;
	window->bytes += bytes;
	return STATUS_OK;
}

enum status
window_give(struct window *window, uint64_t given)
{
	if (given > window->taken)
		return STATUS_INVALID;
	for (; window->given < given; window->given++) {
		const struct window_frame *frame = &window->ring[window->given % window->cap];

		window->records -= frame->records;
		window->bytes -= frame->bytes;
	}
	/* an idle session keeps a small ring only */
	if (window->taken == window->given && window->cap > RING_FIRST)
		window_done(window);
	return STATUS_OK;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * What is on its way.
 */
#include "sensor-agent/outgoing.h"

#include <assert.h>
#include <string.h>

#include "common/wire/batch.h"
#include "common/wire/message.h"

void
outgoing_init(struct outgoing *outgoing)
{
	*outgoing = (struct outgoing){.live = false};
	window_init(&outgoing->window, 0, 0);
}

void
outgoing_done(struct outgoing *outgoing)
{
	window_done(&outgoing->window);
}

/* The place of a store, or that of the one not heard of for longest. */
static struct outgoing_store *
outgoing_find_store(struct outgoing *outgoing, const uint8_t id[static 16], bool *ret_known)
{
	struct outgoing_store *oldest = &outgoing->stores[0];

	for (size_t i = 0; i < OUTGOING_STORES_MAX; i++) {
		struct outgoing_store *store = &outgoing->stores[i];

		if (store->used > 0 && memcmp(store->id, id, sizeof(store->id)) == 0) {
			*ret_known = true;
			return store;
		}
		if (store->used < oldest->used)
			oldest = store;
	}
	*ret_known = false;
	return oldest;
}

static enum outgoing_start
outgoing_meet_store(struct outgoing *outgoing, const struct edge_store_accepted *accepted)
{
	bool known, lost;

	outgoing->store = outgoing_find_store(outgoing, accepted->store_id, &known);
	lost = known && accepted->top < outgoing->store->top;
	memcpy(outgoing->store->id, accepted->store_id, sizeof(outgoing->store->id));
	outgoing->store->top = accepted->top;
	outgoing->store->used = ++outgoing->sessions;
	return lost ? OUTGOING_REGRESSED : OUTGOING_GO;
}

enum status
outgoing_accept(struct outgoing *outgoing, const struct edge_store_accepted *accepted,
    const struct outgoing_log *own, enum outgoing_start *ret_start)
{
	outgoing_stop(outgoing);
	if (accepted->copies < 1 || accepted->copies > 2 || accepted->window_records == 0 ||
	    accepted->window_records > MESSAGE_WINDOW_RECORDS_MAX ||
	    accepted->window_bytes < MESSAGE_WINDOW_BYTES_MIN ||
	    accepted->window_bytes > MESSAGE_WINDOW_BYTES_MAX ||
	    accepted->counter > MESSAGE_NUMBER_MAX || accepted->held > MESSAGE_NUMBER_MAX)
		return STATUS_INVALID;
	if (accepted->top >= own->next || accepted->held >= own->next ||
	    (accepted->has_held_hash && own->has_hash &&
		memcmp(accepted->held_hash, own->hash, sizeof(own->hash)) != 0)) {
		*ret_start = OUTGOING_OLD_IMAGE;
		return STATUS_OK;
	}
	*ret_start = outgoing_meet_store(outgoing, accepted);
	outgoing->live = true;
	outgoing->copies = accepted->copies;
	outgoing->next = accepted->held + 1 > own->first ? accepted->held + 1 : own->first;
	window_init(&outgoing->window, accepted->window_records, accepted->window_bytes);
	return STATUS_OK;
}

void
outgoing_stop(struct outgoing *outgoing)
{
	outgoing->live = false;
	outgoing->solo = (struct outgoing_interval){.last = 0};
	window_done(&outgoing->window);
	window_init(&outgoing->window, 0, 0);
}

bool
outgoing_room(const struct outgoing *outgoing, size_t *ret_records, size_t *ret_bytes)
{
	const struct window *window = &outgoing->window;

	if (!outgoing->live || !window_has_room(window, 1, BATCH_HEADER_SIZE))
		return false;
	/* an empty window takes one batch whatever its size: that of one long record */
	*ret_records = (size_t)(window->max_records - window->records);
	*ret_bytes = (size_t)(window->max_bytes - window->bytes);
	if (*ret_records > BATCH_RECORDS_MAX)
		*ret_records = BATCH_RECORDS_MAX;
	if (*ret_bytes > BATCH_SIZE_MAX)
		*ret_bytes = BATCH_SIZE_MAX;
	return true;
}

bool
outgoing_fits(const struct outgoing *outgoing, uint32_t count, size_t bytes)
{
	return outgoing->live && window_has_room(&outgoing->window, count, (uint32_t)bytes);
}

void
outgoing_sent(struct outgoing *outgoing, uint64_t last, uint32_t count, size_t bytes)
{
	enum status status = window_take(&outgoing->window, count, (uint32_t)bytes);

	assert(status == STATUS_OK); /* outgoing_fits was asked */
	outgoing_skip(outgoing, last + 1);
}

void
outgoing_skip(struct outgoing *outgoing, uint64_t first)
{
	if (first > outgoing->next)
		outgoing->next = first;
}

/* Lengthens what one console holds, where the new piece joins. */
static void
outgoing_add_solo(struct outgoing *outgoing, const struct edge_store_ack *ack)
{
	struct outgoing_interval *solo = &outgoing->solo;

	if (solo->last != 0 && (ack->first > solo->last + 1 || ack->last <= solo->last))
		return;
	if (solo->last == 0 || ack->first < solo->first)
		solo->first = ack->first;
	solo->last = ack->last;
	memcpy(solo->hash, ack->hash, sizeof(solo->hash));
}

enum status
outgoing_acked(struct outgoing *outgoing, const struct edge_store_ack *ack,
    enum outgoing_ack *ret_what)
{
	enum outgoing_ack what;

	*ret_what = OUTGOING_KEEP;
	if (!outgoing->live) /* of a session that has ended here already */
		return STATUS_OK;
	if (ack->level < 1 || ack->level > 2 || ack->first == 0 || ack->first > ack->last ||
	    ack->last > MESSAGE_NUMBER_MAX ||
	    window_give(&outgoing->window, ack->batches) != STATUS_OK)
		return STATUS_INVALID;
	what = ack->level == 2 || outgoing->copies == 1 ? OUTGOING_TRIM : OUTGOING_KEEP;
	if (ack->last > outgoing->store->top)
		outgoing->store->top = ack->last;
	if (what == OUTGOING_KEEP && ack->solo)
		outgoing_add_solo(outgoing, ack);
	else if (what == OUTGOING_TRIM && ack->last >= outgoing->solo.last)
		outgoing->solo = (struct outgoing_interval){.last = 0};
	*ret_what = what;
	return STATUS_OK;
}

bool
outgoing_take_solo(struct outgoing *outgoing, unsigned int percent,
    struct outgoing_interval *ret_solo)
{
	if (outgoing->solo.last == 0 || percent < OUTGOING_PRESSURE)
		return false;
	*ret_solo = outgoing->solo;
	outgoing->solo = (struct outgoing_interval){.last = 0};
	return true;
}

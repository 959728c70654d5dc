/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of open wants.  Most sessions have none, so it exists only while one is open.
 */
#include "common/wire/wants.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/alloc.h"

void
wants_done(struct wants *wants)
{
	free(wants->open);
	*wants = (struct wants){0};
}

static struct want *
wants_find(const struct wants *wants, uint64_t id)
{
	for (size_t i = 0; i < wants->count; i++) {
		if (wants->open[i].id == id)
			return &wants->open[i];
	}
	return NULL;
}

enum status
wants_check(const struct wants *wants, uint64_t id)
{
	if (wants_find(wants, id) != NULL)
		return STATUS_INVALID;
	return wants->count < WANTS_MAX ? STATUS_OK : STATUS_LIMIT;
}

void
wants_open(struct wants *wants, uint64_t id)
{
	assert(wants->count < WANTS_MAX);
	if (wants->open == NULL)
		wants->open = alloc_zeroed(WANTS_MAX, sizeof(*wants->open));
	wants->open[wants->count++] = (struct want){.id = id};
}

static void
wants_close(struct wants *wants, struct want *want)
{
	*want = wants->open[--wants->count];
	if (wants->count == 0)
		wants_done(wants);
}

enum status
wants_part(struct wants *wants, const struct message_crl_part *part)
{
	struct want *want = wants_find(wants, part->id);

	if (want == NULL || part->offset != want->next ||
	    (want->next > 0 && part->total != want->total))
		return STATUS_INVALID;
	want->total = part->total;
	want->next += part->data.len;
	if (want->next == want->total)
		wants_close(wants, want);
	return STATUS_OK;
}

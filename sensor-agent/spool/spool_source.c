/* SPDX-License-Identifier: Apache-2.0
 *
 * Positions of sources.
 */
#include "sensor-agent/spool/spool_source.h"

#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/cursor.h"
#include "common/wire/record.h"

bool
spool_source_valid(struct bytes name)
{
	struct bytes source, rest;
	struct buf payload;
	bool valid;

	if (name.len > RECORD_SOURCE_MAX)
		return false;
	buf_init(&payload, 1 + RECORD_SOURCE_MAX);
	buf_put_u8(&payload, (uint8_t)name.len);
	buf_put_bytes(&payload, name);
	valid = record_split_source(buf_bytes(&payload), &source, &rest);
	buf_done(&payload);
	return valid;
}

void
spool_position_put(struct buf *out, const struct spool_position *position, struct bytes source)
{
	buf_put_u64le(out, position->device);
	buf_put_u64le(out, position->inode);
	buf_put_u64le(out, position->offset);
	buf_put_u64le(out, position->mark);
	buf_put_u32le(out, position->mark_len);
	buf_put_bytes(out, source);
}

bool
spool_position_parse(struct bytes tail, struct spool_position *ret_position,
    struct bytes *ret_source)
{
	struct cursor at = cursor_of(tail);
	struct spool_position position;

	position.device = cursor_u64le(&at);
	position.inode = cursor_u64le(&at);
	position.offset = cursor_u64le(&at);
	position.mark = cursor_u64le(&at);
	position.mark_len = cursor_u32le(&at);
	if (!cursor_ok(&at))
		return false;
	*ret_position = position;
	*ret_source = cursor_bytes(&at, at.left);
	return true;
}

struct map *
spool_sources_new(void)
{
	return map_new(SPOOL_SOURCES_MAX, free);
}

/* A source whose file is finished: nothing is forgotten with it. */
static void
spool_find_finished(struct bytes key, void *value, void *arg)
{
	const struct spool_position *position = value;
	struct bytes *found = arg;

	if (position->inode == 0 && position->offset == 0)
		*found = key;
}

enum status
spool_sources_set(struct map *sources, struct bytes source,
    const struct spool_position *position)
{
	struct spool_position *known = map_get(sources, source);
	enum status status;

	if (known != NULL) {
		*known = *position;
		return STATUS_OK;
	}
	if (map_count(sources) == SPOOL_SOURCES_MAX) {
		struct bytes finished = bytes_of(NULL, 0);

		map_each(sources, spool_find_finished, &finished);
		if (finished.len == 0)
			return STATUS_LIMIT;
		map_remove(sources, finished);
	}
	known = alloc_copy(position, sizeof(*position));
	status = map_put(sources, source, known);
	if (status != STATUS_OK)
		free(known);
	return status;
}

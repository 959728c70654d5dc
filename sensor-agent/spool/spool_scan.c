/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk.
 */
#include "sensor-agent/spool/spool_scan.h"

#include <string.h>

#include "common/base/cursor.h"

void
spool_scan_init(struct spool_scan *scan, struct bytes segment, uint32_t salt,
    uint64_t first_seq, uint64_t known, uint64_t end)
{
	*scan = (struct spool_scan){.segment = segment,
	    .salt = salt,
	    .filled = spool_entry_filled(segment),
	    .offset = SPOOL_HEADER_SIZE,
	    .expected = first_seq,
	    .known = end > 0 && end - 1 > known ? end - 1 : known,
	    .end = end};
}

/* Whether an entry can stand where number expected is awaited: numbers only grow, and what
 * it says of itself holds together. */
static bool
spool_scan_fits(const struct spool_scan *scan, const struct spool_entry *entry)
{
	struct spool_mark mark;
	uint64_t last;
	uint32_t skip;

	if (entry->seq < scan->expected || entry->durable >= entry->seq ||
	    (scan->end > 0 && entry->seq > scan->end))
		return false;
	switch (entry->kind) {
	case SPOOL_ENTRY_RECORD:
		return entry->seq < UINT64_MAX;
	case SPOOL_ENTRY_HOLE:
		return spool_entry_hole(entry, &last, &skip) && last >= entry->seq - 1 &&
		       last < UINT64_MAX - 1;
	case SPOOL_ENTRY_MARK:
		return spool_entry_mark(entry, &mark) && mark.acked < entry->seq;
	case SPOOL_ENTRY_POSITION:
	case SPOOL_ENTRY_SEAL:
		return true;
	}
	return false;
}

/* The intact entry at offset. */
static enum status
spool_scan_parse(const struct spool_scan *scan, size_t offset, struct spool_entry *ret_entry,
    size_t *reterr_len)
{
	struct bytes rest = bytes_of(scan->segment.data + offset, scan->segment.len - offset);
	struct spool_entry entry;
	enum status status = spool_entry_parse(scan->salt, rest, &entry, reterr_len);

	if (status == STATUS_OK && !spool_scan_fits(scan, &entry)) {
		*reterr_len = 0;
		return STATUS_CORRUPT;
	}
	if (status == STATUS_OK)
		*ret_entry = entry;
	return status;
}

/* A cheap look at whether an entry may begin here, before checksums are computed: 0, or how
 * many places can be left out. */
static size_t
spool_scan_implausible(const uint8_t *at, size_t left)
{
	struct cursor fields = cursor_of(bytes_of(at + 8, 8));
	uint32_t len = cursor_u32le(&fields);
	uint16_t kind = cursor_u16le(&fields), tail_len = cursor_u16le(&fields);

	if (len == 0 && kind == 0 && tail_len == 0)
		return 5; /* the next four would have no length either */
	return len < SPOOL_ENTRY_HOLE_SIZE || len > SPOOL_ENTRY_MAX || len > left ||
	       kind < SPOOL_ENTRY_RECORD || kind > SPOOL_ENTRY_MARK;
}

/* The next intact entry behind offset; false when there is none. */
static bool
spool_scan_resync(const struct spool_scan *scan, size_t offset, struct spool_entry *ret_entry,
    size_t *ret_offset)
{
	size_t len, step;

	offset += SPOOL_ENTRY_HOLE_SIZE; /* room for the hole that is put in its place */
	for (; offset + SPOOL_ENTRY_HOLE_SIZE <= scan->filled; offset += step) {
		step = spool_scan_implausible(scan->segment.data + offset,
		    scan->segment.len - offset);
		if (step > 0)
			continue;
		step = 1;
		if (spool_scan_parse(scan, offset, ret_entry, &len) != STATUS_OK)
			continue;
		*ret_offset = offset;
		return true;
	}
	return false;
}

static size_t
spool_scan_behind(const struct spool_scan *scan, const struct spool_entry *entry, size_t offset)
{
	uint64_t last;
	uint32_t skip = 0;

	if (entry->kind == SPOOL_ENTRY_HOLE)
		(void)spool_entry_hole(entry, &last, &skip);
	return skip > scan->segment.len - offset - entry->len ? scan->segment.len
							      : offset + entry->len + skip;
}

/* Raises known by what the intact entries from offset on say. */
static void
spool_scan_look_ahead(struct spool_scan *scan, const struct spool_entry *first, size_t offset)
{
	struct spool_entry entry = *first;
	size_t len;

	if (scan->looked_ahead)
		return;
	scan->looked_ahead = true;
	do {
		if (entry.durable > scan->known)
			scan->known = entry.durable;
		offset = spool_scan_behind(scan, &entry, offset);
	} while (spool_scan_parse(scan, offset, &entry, &len) == STATUS_OK ||
		 spool_scan_resync(scan, offset, &entry, &offset));
}

/* How many records the bytes from offset on can have held at most; 0: they are all zero. */
static uint64_t
spool_scan_at_most(const struct spool_scan *scan)
{
	const size_t least = SPOOL_ENTRY_MIN + RECORD_HEADER_SIZE;

	return scan->filled > scan->offset ? (scan->filled - scan->offset + least - 1) / least
					   : 0;
}

/* Nothing intact follows the bad place: what is missing is told by what else is known. */
static void
spool_scan_last(struct spool_scan *scan, struct spool_scan_item *item, bool torn)
{
	uint64_t at_most = spool_scan_at_most(scan);

	item->last = scan->known;
	if (scan->known < scan->expected) {
		item->kind = scan->end > 0 || at_most == 0 ? SPOOL_SCAN_END : SPOOL_SCAN_TORN;
		if (item->kind == SPOOL_SCAN_END || torn)
			return;
		item->last = scan->expected + at_most - 1;
	}
	item->kind = SPOOL_SCAN_DAMAGE;
	item->len = scan->segment.len - scan->offset;
	scan->expected = item->last + 1;
	scan->offset = scan->segment.len;
}

static void
spool_scan_bad(struct spool_scan *scan, struct spool_scan_item *item, size_t len)
{
	bool torn = spool_entry_torn(scan->segment, scan->offset, len);
	struct spool_entry next;
	size_t offset;

	item->first = scan->expected;
	if (!spool_scan_resync(scan, scan->offset, &next, &offset)) {
		spool_scan_last(scan, item, torn);
		return;
	}
	spool_scan_look_ahead(scan, &next, offset);
	if (torn && scan->known < scan->expected) {
		item->kind = SPOOL_SCAN_TORN;
		return;
	}
	item->kind = SPOOL_SCAN_DAMAGE;
	item->len = offset - scan->offset;
	item->last = next.seq - 1;
	scan->expected = next.seq;
	scan->offset = offset;
}

void
spool_scan_next(struct spool_scan *scan, struct spool_scan_item *ret_item)
{
	struct spool_entry entry;
	enum status status = STATUS_END;
	uint64_t last;
	uint32_t skip;
	size_t len = 0;

	*ret_item = (struct spool_scan_item){.offset = scan->offset};
	if (scan->offset < scan->segment.len)
		status = spool_scan_parse(scan, scan->offset, &entry, &len);
	if (status != STATUS_OK) {
		spool_scan_bad(scan, ret_item, len);
		return;
	}
	if (entry.seq > scan->expected) { /* records are missing, but no bytes */
		ret_item->kind = SPOOL_SCAN_DAMAGE;
		ret_item->first = scan->expected;
		ret_item->last = entry.seq - 1;
		scan->expected = entry.seq;
		return;
	}
	ret_item->kind = SPOOL_SCAN_ENTRY;
	ret_item->len = entry.len;
	ret_item->entry = entry;
	if (entry.kind == SPOOL_ENTRY_RECORD)
		scan->expected = entry.seq + 1;
	if (spool_entry_hole(&entry, &last, &skip))
		scan->expected = last + 1;
	scan->offset = spool_scan_behind(scan, &entry, scan->offset);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks the entries of a segment in memory and says of what is not an entry what it is: a
 * write that a crash cut short (never accepted), or damage (something that was there cannot
 * be read any more).  Reads no file and changes nothing; recovery, check and show use it.
 *
 * The rule.  A bad entry is torn when it looks unfinished (spool_entry_torn) and nothing
 * proves that it was synced: no later entry says so (its field durable), no later segment
 * exists, nobody acknowledged it.  Then nothing behind it was accepted either: records are
 * synced in their order.  Every other bad entry is damage.
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_SCAN_H
#define PORTCULLIS_SENSOR_SPOOL_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "sensor-agent/spool/spool_entry.h"

enum spool_scan_kind {
	SPOOL_SCAN_ENTRY,
	SPOOL_SCAN_DAMAGE, /* bytes offset..offset+len; records first..last (none: last < first)
			    */
	SPOOL_SCAN_TORN,   /* from offset to the end */
	SPOOL_SCAN_END,
};

struct spool_scan_item {
	enum spool_scan_kind kind;
	size_t offset;
	size_t len;
	uint64_t first;
	uint64_t last;
	struct spool_entry entry;
};

struct spool_scan {
	struct bytes segment; /* the whole file */
	uint32_t salt;
	size_t filled; /* without the zeros at the end */
	size_t offset;
	uint64_t expected; /* the number of the next record */
	uint64_t known;    /* numbers up to here are known to have been synced */
	uint64_t end;      /* first number of the next segment; 0: this is the last one */
	bool looked_ahead; /* known counts what the rest of the segment says */
};

void spool_scan_init(struct spool_scan *scan, struct bytes segment, uint32_t salt,
    uint64_t first_seq, uint64_t known, uint64_t end);

/* After SPOOL_SCAN_TORN and SPOOL_SCAN_END there is nothing more. */
void spool_scan_next(struct spool_scan *scan, struct spool_scan_item *ret_item);

#endif

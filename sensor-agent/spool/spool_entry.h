/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of a spool segment: its header and its entries.  Knows no file and no rule of
 * recovery.  A record stands in its entry exactly as docs/protocol.md section 6 has it, so
 * it is sent without being encoded again; what is around it is local and never sent.
 *
 * Numbers are little-endian.  Header of a segment, SPOOL_HEADER_SIZE bytes:
 *
 *     0  8 magic "PCSPOOL1"    24  8 first_seq        96  8 created, wall us
 *     8 16 log_id              32 32 prev_hash
 *                              64 32 machine         104  8 size of the file
 *                                                    508  4 CRC-32C of all before
 *
 * Entries follow one another from there; zero bytes end them.
 *
 *     0  4 CRC-32C of 8..63         16  8 durable: the highest number that was synced when
 *     4  4 CRC-32C of 64..len-1            this was written
 *     8  4 len of the whole entry   24 32 prev_hash: chain hash of seq - 1
 *    12  2 kind                     56  8 seq
 *    14  2 length of the tail       64  … record (32 bytes and its payload), or nothing
 *                                    …  … tail, then one byte 0xe5
 *
 * Both checksums begin with that of log_id, so an event cannot contain what looks like an
 * entry of this spool.  The last byte is never zero: an entry of which the end was not
 * written can be told from one that was damaged (spool_entry_torn).
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_ENTRY_H
#define PORTCULLIS_SENSOR_SPOOL_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/wire/batch.h"
#include "common/wire/record.h"

enum {
	SPOOL_HEADER_SIZE = 512,
	SPOOL_LOG_ID_SIZE = BATCH_LOG_ID_SIZE,
	SPOOL_HASH_SIZE = RECORD_HASH_SIZE,
	SPOOL_HEAD_SIZE = 64, /* of an entry */
	SPOOL_TAIL_MAX = 256,
	SPOOL_ENTRY_MIN = SPOOL_HEAD_SIZE + 1,
	SPOOL_ENTRY_HOLE_SIZE = SPOOL_ENTRY_MIN + 12, /* no entry is shorter */
	SPOOL_ENTRY_MAX =
	    SPOOL_ENTRY_MIN + RECORD_HEADER_SIZE + RECORD_PAYLOAD_MAX + SPOOL_TAIL_MAX,
};

struct spool_header {
	uint8_t log_id[SPOOL_LOG_ID_SIZE];
	uint64_t first_seq;
	uint8_t prev_hash[SPOOL_HASH_SIZE];
	uint8_t machine[SPOOL_HASH_SIZE];
	int64_t created_us;
	uint64_t size; /* that the file was made with; a shorter one was damaged */
};

enum spool_entry_kind {
	SPOOL_ENTRY_RECORD = 1,
	SPOOL_ENTRY_POSITION, /* tail: where a source is being read, without a record */
	SPOOL_ENTRY_HOLE,     /* tail: last, skip; seq..last were lost to damage, and skip
			       * bytes after this entry are not to be read */
	SPOOL_ENTRY_SEAL,     /* the segment that begins with seq exists: go there */
	SPOOL_ENTRY_MARK,     /* tail: struct spool_mark */
};

/* The durable knowledge of a log besides its records, as of seq - 1. */
struct spool_mark {
	uint64_t acked; /* trim mark: records up to here are not needed any more */
	uint8_t acked_hash[SPOOL_HASH_SIZE];
	uint64_t counter; /* of sessions, as the consoles handed it out last */
};

/* Views into the bytes that were parsed. */
struct spool_entry {
	enum spool_entry_kind kind;
	size_t len; /* of the whole entry */
	uint64_t seq;
	uint64_t durable;
	const uint8_t *prev_hash;
	struct bytes record; /* empty but for SPOOL_ENTRY_RECORD */
	struct bytes tail;
};

/* What the checksums of a log begin with. */
uint32_t spool_entry_salt(const uint8_t log_id[static SPOOL_LOG_ID_SIZE]);

void spool_header_put(const struct spool_header *header,
    uint8_t ret_bytes[static SPOOL_HEADER_SIZE]);

/* False when the checksum or the magic is wrong. */
bool spool_header_parse(const uint8_t bytes[static SPOOL_HEADER_SIZE],
    struct spool_header *ret_header);

/* How long the entry of a record and a tail is. */
static inline size_t
spool_entry_size(size_t record_len, size_t tail_len)
{
	return SPOOL_ENTRY_MIN + record_len + tail_len;
}

/* Appends an entry; its len is not looked at.  ret_hash (or NULL) gets the chain hash of
 * seq.  STATUS_LIMIT when the buffer is full (nothing is appended then). */
enum status spool_entry_put(struct buf *out, uint32_t salt, const struct spool_entry *entry,
    uint8_t *ret_hash) MUST_USE;

/* Parses the entry at the start of bytes.  STATUS_END: zero bytes, no entry; STATUS_CORRUPT:
 * no intact entry.  *ret_len (or NULL) is then the entry's length where its head is intact,
 * else 0. */
enum status spool_entry_parse(uint32_t salt, struct bytes bytes, struct spool_entry *ret_entry,
    size_t *reterr_len) MUST_USE;

/* The length without the zero bytes at the end. */
size_t spool_entry_filled(struct bytes segment);

/* Whether what is wrong with the entry at offset is that parts of it never reached the
 * disk: its end, or a whole 512-byte sector of it, is still zero (segments are zero before
 * they are written).  len is its length where known, else 0.  Anything else is damage. */
bool spool_entry_torn(struct bytes segment, size_t offset, size_t len);

/* Entries without a record. */
enum status spool_entry_put_hole(struct buf *out, uint32_t salt,
    const struct spool_entry *entry, uint64_t last, uint32_t skip) MUST_USE;
enum status spool_entry_put_seal(struct buf *out, uint32_t salt,
    const struct spool_entry *entry) MUST_USE;
enum status spool_entry_put_mark(struct buf *out, uint32_t salt,
    const struct spool_entry *entry, const struct spool_mark *mark) MUST_USE;

/* The tail of an entry of the kind; false when it has another form. */
bool spool_entry_hole(const struct spool_entry *entry, uint64_t *ret_last, uint32_t *ret_skip);
bool spool_entry_mark(const struct spool_entry *entry, struct spool_mark *ret_mark);

/* Chain hash: SHA-256(prev_hash, seq, record); the three stand together in an entry. */
void spool_entry_hash(const struct spool_entry *entry,
    uint8_t ret_hash[static SPOOL_HASH_SIZE]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/base/text.h"
#include "sensor-agent/spool/spool_entry.h"

static const uint8_t log_id[SPOOL_LOG_ID_SIZE] = {1, 2, 3};
static const uint8_t zero_hash[SPOOL_HASH_SIZE];

static void
put(struct buf *out, uint64_t seq, const char *payload, const char *tail, uint8_t *ret_hash)
{
	struct record record = {.type = 1,
	    .wall_us = -5,
	    .mono_us = 9,
	    .payload = bytes_of_text(payload)};
	struct spool_entry entry = {.kind = SPOOL_ENTRY_RECORD,
	    .seq = seq,
	    .durable = seq - 1,
	    .prev_hash = zero_hash,
	    .tail = bytes_of_text(tail)};
	struct buf raw;

	buf_init(&raw, 4096);
	record_put(&raw, &record);
	entry.record = buf_bytes(&raw);
	assert_int_equal(spool_entry_put(out, spool_entry_salt(log_id), &entry, ret_hash),
	    STATUS_OK);
	buf_done(&raw);
}

static void
an_entry_reads_back_as_it_was_put(void **state)
{
	struct record record;
	struct spool_entry entry;
	struct cursor at;
	struct bytes raw;
	uint8_t hash[SPOOL_HASH_SIZE], again[SPOOL_HASH_SIZE];
	struct buf buf;

	buf_init(&buf, 4096);
	put(&buf, 7, "\4testline", "position", hash);
	assert_int_equal(buf.len, spool_entry_size(RECORD_HEADER_SIZE + 9, 8));
	assert_int_equal(spool_entry_parse(spool_entry_salt(log_id), buf_bytes(&buf), &entry,
			     NULL),
	    STATUS_OK);
	assert_int_equal(entry.kind, SPOOL_ENTRY_RECORD);
	assert_int_equal(entry.seq, 7);
	assert_int_equal(entry.durable, 6);
	assert_int_equal(entry.len, buf.len);
	assert_true(bytes_equal_text(entry.tail, "position"));
	at = cursor_of(entry.record);
	assert_true(record_next(&at, &record, &raw));
	assert_int_equal(record.wall_us, -5);
	assert_int_equal(record.mono_us, 9);
	assert_true(bytes_equal_text(record.payload, "\4testline"));
	spool_entry_hash(&entry, again);
	assert_memory_equal(hash, again, sizeof(hash));
	buf_done(&buf);
}

static void
the_chain_is_that_of_the_protocol_document(void **state)
{
	/* The first two records of the transcript "first-contact". */
	static const char *const records[] =
	    {"1f0000000100000001402046484706"
	     "00b007b007b007b007414b4c00000000000873757269636174617b226576656e745f7479706522"
	     "3a22616c657274227d",
		"14000000020000000240204648470600b007b007b007b007424b4c0000000000"
		"097a65656b2f636f6e6e6e6f74206a736f6e2000"};
	static const char *const hashes[] =
	    {"2de64dac0677053a015f0202a6f07e33de147093e23bc88296e695541659f9ce",
		"cba24d12983858b1bcbbcd129cc3fd13606c43083a65af637dffe0c3f5ac64bb"};
	uint8_t hash[SPOOL_HASH_SIZE] = {0}, wanted[SPOOL_HASH_SIZE], record[64];

	for (uint64_t i = 0; i < 2; i++) {
		size_t len = strlen(records[i]) / 2;
		struct spool_entry entry = {.kind = SPOOL_ENTRY_RECORD,
		    .seq = i + 1,
		    .prev_hash = hash,
		    .record = bytes_of(record, len)};
		struct buf buf;

		assert_true(text_parse_hex(records[i], record, len));
		assert_true(text_parse_hex(hashes[i], wanted, sizeof(wanted)));
		buf_init(&buf, 4096);
		assert_int_equal(spool_entry_put(&buf, 0, &entry, hash), STATUS_OK);
		assert_memory_equal(hash, wanted, sizeof(hash));
		buf_done(&buf);
	}
}

static void
a_change_of_any_byte_is_noticed(void **state)
{
	uint32_t salt = spool_entry_salt(log_id);
	struct spool_entry entry;
	struct buf buf;

	buf_init(&buf, 4096);
	put(&buf, 7, "\4testline", "position", NULL);
	for (size_t i = 0; i < buf.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			buf.data[i] ^= (uint8_t)(1 << bit);
			assert_int_equal(spool_entry_parse(salt, buf_bytes(&buf), &entry, NULL),
			    STATUS_CORRUPT);
			buf.data[i] ^= (uint8_t)(1 << bit);
		}
	}
	for (size_t len = 0; len < buf.len; len++)
		assert_int_not_equal(spool_entry_parse(salt, bytes_of(buf.data, len), &entry,
					 NULL),
		    STATUS_OK);
	assert_int_equal(spool_entry_parse(salt + 1, buf_bytes(&buf), &entry, NULL),
	    STATUS_CORRUPT);
	buf_done(&buf);
}

static void
zero_bytes_are_the_end(void **state)
{
	static const uint8_t zeros[200];
	struct spool_entry entry;

	assert_int_equal(spool_entry_parse(1, bytes_of(zeros, sizeof(zeros)), &entry, NULL),
	    STATUS_END);
	assert_int_equal(spool_entry_parse(1, bytes_of(zeros, 3), &entry, NULL), STATUS_END);
	assert_int_equal(spool_entry_parse(1, bytes_of(zeros, 0), &entry, NULL), STATUS_END);
}

static void
unfinished_is_told_from_damaged(void **state)
{
	uint8_t segment[4096] = {0};
	const size_t at = 900;
	struct buf buf;

	buf_init(&buf, 4096);
	put(&buf, 7,
	    "\4testa line that is long enough to reach from one sector of the disk into the "
	    "next one, which takes a few words more than one would think at first sight",
	    "", NULL);
	memcpy(segment + at, buf.data, buf.len);
	for (size_t cut = 1; cut < buf.len; cut++) { /* a write that was cut short */
		memset(segment + at + cut, 0, buf.len - cut);
		if (cut < 64)
			assert_true(
			    spool_entry_torn(bytes_of(segment, 4096), at, 0) || cut > 56);
		else
			assert_true(spool_entry_torn(bytes_of(segment, 4096), at, buf.len));
		memcpy(segment + at, buf.data, buf.len);
	}
	memset(segment + at, 0, 1024 - at); /* the first sector did not reach the disk */
	assert_true(spool_entry_torn(bytes_of(segment, 4096), at, buf.len));
	assert_true(spool_entry_torn(bytes_of(segment, 4096), at, 0));
	memcpy(segment + at, buf.data, buf.len);
	segment[at + 70] ^= 1; /* damage */
	assert_false(spool_entry_torn(bytes_of(segment, 4096), at, buf.len));
	segment[at + 3] ^= 1;
	assert_false(spool_entry_torn(bytes_of(segment, 4096), at, 0));
	buf_done(&buf);
}

static void
a_header_reads_back_and_notices_changes(void **state)
{
	struct spool_header header = {.first_seq = 5, .created_us = 77}, read;
	uint8_t bytes[SPOOL_HEADER_SIZE];

	memset(header.machine, 3, sizeof(header.machine));
	spool_header_put(&header, bytes);
	assert_true(spool_header_parse(bytes, &read));
	assert_int_equal(read.first_seq, 5);
	assert_int_equal(read.created_us, 77);
	assert_memory_equal(read.machine, header.machine, sizeof(read.machine));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] ^= 0x40;
		assert_false(spool_header_parse(bytes, &read));
		bytes[i] ^= 0x40;
	}
}

static void
marks_and_holes_read_back(void **state)
{
	struct spool_mark mark = {.acked = 4, .counter = 9}, read_mark;
	struct spool_entry entry = {.seq = 6, .durable = 5, .prev_hash = zero_hash}, read;
	uint64_t last;
	uint32_t skip;
	struct buf buf;

	buf_init(&buf, 4096);
	assert_int_equal(spool_entry_put_hole(&buf, 1, &entry, 8, 100), STATUS_OK);
	assert_int_equal(buf.len, SPOOL_ENTRY_HOLE_SIZE);
	assert_int_equal(spool_entry_parse(1, buf_bytes(&buf), &read, NULL), STATUS_OK);
	assert_true(spool_entry_hole(&read, &last, &skip));
	assert_int_equal(last, 8);
	assert_int_equal(skip, 100);
	assert_false(spool_entry_mark(&read, &read_mark));
	buf_clear(&buf);
	memset(mark.acked_hash, 7, sizeof(mark.acked_hash));
	assert_int_equal(spool_entry_put_mark(&buf, 1, &entry, &mark), STATUS_OK);
	assert_int_equal(spool_entry_parse(1, buf_bytes(&buf), &read, NULL), STATUS_OK);
	assert_true(spool_entry_mark(&read, &read_mark));
	assert_memory_equal(&mark, &read_mark, sizeof(mark));
	assert_false(spool_entry_hole(&read, &last, &skip));
	buf_done(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_entry_reads_back_as_it_was_put),
	    cmocka_unit_test(the_chain_is_that_of_the_protocol_document),
	    cmocka_unit_test(a_change_of_any_byte_is_noticed),
	    cmocka_unit_test(zero_bytes_are_the_end),
	    cmocka_unit_test(unfinished_is_told_from_damaged),
	    cmocka_unit_test(a_header_reads_back_and_notices_changes),
	    cmocka_unit_test(marks_and_holes_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdlib.h>

#include "common/wire/batch.h"

static void
put_raw(struct buf *out, size_t len)
{
	static uint8_t zeros[RECORD_PAYLOAD_MAX];
	const struct record record = {.type = RECORD_EVENT, .payload = bytes_of(zeros, len)};

	record_put(out, &record);
}

static void
a_batch_takes_records_until_it_is_full(void **state)
{
	const struct batch_header header = {.first_seq = 7};
	struct batch_writer writer;
	struct batch batch;
	struct buf raw;
	struct buf out;
	uint32_t added = 0;

	buf_init(&raw, BATCH_SIZE_MAX);
	buf_init(&out, 2 * BATCH_SIZE_MAX);
	put_raw(&raw, RECORD_PAYLOAD_MAX);
	buf_put_text(&out, "before");
	batch_begin(&writer, &out, &header);
	while (batch_add(&writer, buf_bytes(&raw)) == STATUS_OK)
		added++;
	batch_end(&writer);
	assert_int_equal(added, 3);
	assert_int_equal(batch_open(bytes_of(out.data + 6, out.len - 6), &batch), STATUS_OK);
	assert_int_equal(batch.header.count, 3);
	assert_int_equal(batch_last_seq(&batch), 9);

	buf_clear(&raw);
	put_raw(&raw, 0);
	buf_clear(&out);
	batch_begin(&writer, &out, &header);
	for (added = 0; batch_add(&writer, buf_bytes(&raw)) == STATUS_OK; added++)
		;
	batch_end(&writer);
	assert_int_equal(added, BATCH_RECORDS_MAX);
	assert_int_equal(batch_open(buf_bytes(&out), &batch), STATUS_OK);
	buf_done(&raw);
	buf_done(&out);
}

static void
a_full_buffer_ends_a_batch_too(void **state)
{
	const struct batch_header header = {.first_seq = 1};
	struct batch_writer writer;
	struct batch batch;
	struct buf raw;
	struct buf out;

	buf_init(&raw, 1000);
	buf_init(&out, BATCH_HEADER_SIZE + RECORD_HEADER_SIZE + 20);
	put_raw(&raw, 10);
	batch_begin(&writer, &out, &header);
	assert_int_equal(batch_add(&writer, buf_bytes(&raw)), STATUS_OK);
	assert_int_equal(batch_add(&writer, buf_bytes(&raw)), STATUS_LIMIT);
	batch_end(&writer);
	assert_true(buf_ok(&out));
	assert_int_equal(batch_open(buf_bytes(&out), &batch), STATUS_OK);
	buf_done(&raw);
	buf_done(&out);
}

static void
more_than_a_batch_may_hold_is_refused(void **state)
{
	const struct batch_header header = {.first_seq = 1};
	struct batch_writer writer;
	struct batch batch;
	struct buf raw;
	struct buf out;

	/* one record more than allowed, appended behind the writer's back */
	buf_init(&raw, 1000);
	buf_init(&out, 2 * BATCH_SIZE_MAX);
	put_raw(&raw, 0);
	batch_begin(&writer, &out, &header);
	while (batch_add(&writer, buf_bytes(&raw)) == STATUS_OK)
		;
	buf_put_bytes(&out, buf_bytes(&raw));
	writer.count++;
	batch_end(&writer);
	assert_int_equal(batch_open(buf_bytes(&out), &batch), STATUS_INVALID);

	/* a record whose payload is one byte too long */
	buf_clear(&out);
	batch_begin(&writer, &out, &header);
	put_raw(&out, RECORD_PAYLOAD_MAX);
	buf_put_u8(&out, 0);
	writer.count = 1;
	batch_end(&writer);
	assert_int_equal(batch_open(buf_bytes(&out), &batch), STATUS_INVALID);
	out.data[BATCH_HEADER_SIZE]++;
	assert_int_equal(batch_open(buf_bytes(&out), &batch), STATUS_INVALID);
	buf_done(&raw);
	buf_done(&out);
}

static void
a_source_is_split_from_what_follows(void **state)
{
	struct bytes source;
	struct bytes rest;
	struct buf payload;

	buf_init(&payload, 100);
	record_put_source(&payload, bytes_of_text("zeek/conn"));
	buf_put_text(&payload, "{}");
	assert_true(record_split_source(buf_bytes(&payload), &source, &rest));
	assert_true(bytes_equal_text(source, "zeek/conn"));
	assert_true(bytes_equal_text(rest, "{}"));
	assert_false(record_split_source(bytes_of("", 0), &source, &rest));
	assert_false(record_split_source(bytes_of("\0{}", 3), &source, &rest));
	assert_false(record_split_source(bytes_of("\5abc", 4), &source, &rest));
	assert_false(record_split_source(bytes_of("\3a c", 4), &source, &rest));
	assert_false(record_split_source(bytes_of("\3a\x80z", 4), &source, &rest));
	buf_done(&payload);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_batch_takes_records_until_it_is_full),
	    cmocka_unit_test(a_full_buffer_ends_a_batch_too),
	    cmocka_unit_test(more_than_a_batch_may_hold_is_refused),
	    cmocka_unit_test(a_source_is_split_from_what_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

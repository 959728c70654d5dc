/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/wire/edge_fetch.h"
#include "common/wire/edge_key.h"
#include "common/wire/edge_store.h"
#include "common/wire/edge_trust.h"

static void
a_message_is_read_as_it_was_written(void **state)
{
	struct edge_trust_want want = {.id = 0x0102030405060708, .purpose = 1, .use = 2};
	struct edge_trust_want back;
	struct buf buf;

	buf_init(&buf, 1000);
	want.chain.items[0] = bytes_of_text("leaf");
	want.chain.items[1] = bytes_of_text("");
	want.chain.count = 2;
	edge_message_put(&buf, edge_trust_want_fields, &want);
	assert_int_equal(edge_message_get(buf_bytes(&buf), edge_trust_want_fields, sizeof(back),
			     &back),
	    STATUS_OK);
	assert_true(back.id == want.id);
	assert_int_equal(back.use, 2);
	assert_int_equal(back.chain.count, 2);
	assert_true(bytes_equal_text(back.chain.items[0], "leaf"));
	assert_int_equal(back.chain.items[1].len, 0);
	buf_done(&buf);
}

static void
a_message_that_is_cut_or_longer_is_refused(void **state)
{
	struct edge_store_open open = {.session = 7,
	    .name = bytes_of_text("s1.example"),
	    .waived = true,
	    .first = 1};
	struct edge_store_open back = {.session = 99};
	struct buf buf;

	buf_init(&buf, 1000);
	edge_message_put(&buf, edge_store_open_fields, &open);
	for (size_t len = 0; len < buf.len; len++) {
		uint8_t *cut = alloc_copy(buf.data, len); /* so that reading past it is seen */

		assert_int_equal(edge_message_get(bytes_of(cut, len), edge_store_open_fields,
				     sizeof(back), &back),
		    STATUS_INVALID);
		free(cut);
	}
	buf_put_u8(&buf, 0);
	assert_int_equal(edge_message_get(buf_bytes(&buf), edge_store_open_fields, sizeof(back),
			     &back),
	    STATUS_INVALID);
	assert_true(back.session == 99);
	buf_done(&buf);
}

static void
lists_and_truths_out_of_range_are_refused(void **state)
{
	static const struct edge_field list[] = {{EDGE_FIELD_LIST, 0}, {EDGE_FIELD_END, 0}};
	static const struct edge_field truth[] = {{EDGE_FIELD_BOOL, 0}, {EDGE_FIELD_END, 0}};
	struct edge_list items;
	uint8_t raw[1 + 4 * (EDGE_LIST_MAX + 1)] = {EDGE_LIST_MAX + 1};
	bool flag = false;

	assert_int_equal(edge_message_get(bytes_of(raw, sizeof(raw)), list, sizeof(items),
			     &items),
	    STATUS_INVALID);
	assert_int_equal(edge_message_get(bytes_of("\x02", 1), truth, sizeof(flag), &flag),
	    STATUS_INVALID);
	assert_int_equal(edge_message_get(bytes_of("\x01", 1), truth, sizeof(flag), &flag),
	    STATUS_OK);
	assert_true(flag);
}

static void
a_length_that_lies_is_refused(void **state)
{
	static const struct edge_field one[] = {{EDGE_FIELD_BYTES, 0}, {EDGE_FIELD_END, 0}};
	struct bytes value;

	assert_int_equal(edge_message_get(bytes_of("\xff\xff\xff\xff"
						   "ab",
					      6),
			     one, sizeof(value), &value),
	    STATUS_INVALID);
}

/* Every table can be written and read: its kinds and offsets fit its struct. */
static void
every_table_goes_round(void **state)
{
#define ROW(message)                                               \
	{                                                          \
#message, message##_fields, sizeof(struct message) \
	}
	static const struct {
		const char *name;
		const struct edge_field *fields;
		size_t size;
	} tables[] = {ROW(edge_key_sign), ROW(edge_key_signed), ROW(edge_key_identity),
	    ROW(edge_key_load), ROW(edge_key_loaded), ROW(edge_key_install),
	    ROW(edge_key_installed), ROW(edge_fetch_get), ROW(edge_fetch_got),
	    ROW(edge_fetch_dial), ROW(edge_fetch_dialled), ROW(edge_trust_begin),
	    ROW(edge_trust_policy), ROW(edge_trust_cert), ROW(edge_trust_crl),
	    ROW(edge_trust_refusal), ROW(edge_trust_commit), ROW(edge_trust_want),
	    ROW(edge_trust_wanted), ROW(edge_trust_offer), ROW(edge_trust_offered),
	    ROW(edge_trust_give), ROW(edge_trust_given), ROW(edge_trust_list),
	    ROW(edge_trust_listed), ROW(edge_trust_add), ROW(edge_trust_remove),
	    ROW(edge_trust_import), ROW(edge_trust_judge), ROW(edge_trust_done),
	    ROW(edge_store_open), ROW(edge_store_opened), ROW(edge_store_batch),
	    ROW(edge_store_ack), ROW(edge_store_session), ROW(edge_store_pinged),
	    ROW(edge_store_drop), ROW(edge_store_failure), ROW(edge_store_ready),
	    ROW(edge_store_accepted), ROW(edge_store_state)};

	for (size_t i = 0; i < COUNT_OF(tables); i++) {
		uint8_t *zeros = alloc_zeroed(1, tables[i].size);
		uint8_t *back = alloc_zeroed(1, tables[i].size);
		struct buf first, second;

		buf_init(&first, 4096);
		buf_init(&second, 4096);
		edge_message_put(&first, tables[i].fields, zeros);
		assert_int_equal(edge_message_get(buf_bytes(&first), tables[i].fields,
				     tables[i].size, back),
		    STATUS_OK);
		edge_message_put(&second, tables[i].fields, back);
		assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&second)));
		buf_done(&first);
		buf_done(&second);
		free(zeros);
		free(back);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_message_is_read_as_it_was_written),
	    cmocka_unit_test(a_message_that_is_cut_or_longer_is_refused),
	    cmocka_unit_test(lists_and_truths_out_of_range_are_refused),
	    cmocka_unit_test(a_length_that_lies_is_refused),
	    cmocka_unit_test(every_table_goes_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/wire/flat.h"
#include "common/wire/frame.h"
#include "common/wire/message.h"

/* Encodes, and gives the payload of the frame. */
static struct bytes
encode(struct buf *out, const struct message *message)
{
	buf_clear(out);
	message_put(out, message);
	assert_true(buf_ok(out));
	return bytes_of(out->data + FRAME_HEADER_SIZE, out->len - FRAME_HEADER_SIZE);
}

static void
the_largest_messages_fit_their_limits(void **state)
{
	static const char name[] =
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct message message = {.type = MESSAGE_PACK};
	struct message again;
	struct bytes payload;
	struct buf out;

	buf_init(&out, FRAME_PAYLOAD_MAX);
	message.pack.id = MESSAGE_NUMBER_MAX;
	message.pack.sensor = bytes_of(name, 64);
	message.pack.intervals.count = MESSAGE_INTERVALS_MAX;
	for (size_t i = 0; i < MESSAGE_INTERVALS_MAX; i++) {
		message.pack.intervals.at[i].first = MESSAGE_NUMBER_MAX - 2 * (64 - i);
		message.pack.intervals.at[i].last = message.pack.intervals.at[i].first;
	}
	payload = encode(&out, &message);
	assert_true(payload.len <= (size_t)message_limit(MESSAGE_PACK));
	assert_int_equal(message_decode(MESSAGE_PACK, payload, &again), STATUS_OK);
	assert_memory_equal(&again.pack.intervals, &message.pack.intervals,
	    sizeof(again.pack.intervals));

	memset(&message, 0, sizeof(message));
	message.type = MESSAGE_OBJECT_HAVE;
	message.object_have.kind = bytes_of(name, 32);
	message.object_have.objects.count = MESSAGE_OBJECTS_MAX;
	for (size_t i = 0; i < MESSAGE_OBJECTS_MAX; i++) {
		message.object_have.objects.at[i] =
		    (struct message_object_version){bytes_of(name, 64), MESSAGE_NUMBER_MAX,
			MESSAGE_NUMBER_MAX};
	}
	payload = encode(&out, &message);
	assert_true(payload.len <= (size_t)message_limit(MESSAGE_OBJECT_HAVE));
	assert_int_equal(message_decode(MESSAGE_OBJECT_HAVE, payload, &again), STATUS_OK);
	buf_done(&out);
}

static void
bulk_fits_its_frame(void **state)
{
	static uint8_t bulk[MESSAGE_OBJECT_BODY_MAX];
	struct message message = {.type = MESSAGE_OBJECT};
	struct bytes payload;
	struct buf out;

	buf_init(&out, FRAME_PAYLOAD_MAX);
	message.object.kind = bytes_of_text("setting");
	message.object.key = bytes_of_text("x");
	message.object.body = bytes_of(bulk, sizeof(bulk));
	payload = encode(&out, &message);
	assert_true(payload.len <= (size_t)message_limit(MESSAGE_OBJECT));

	memset(&message, 0, sizeof(message));
	message.type = MESSAGE_CRL_PART;
	message.crl_part.id = MESSAGE_NUMBER_MAX;
	message.crl_part.total = MESSAGE_CRL_MAX;
	message.crl_part.offset = MESSAGE_CRL_MAX - MESSAGE_CRL_DATA_MAX;
	message.crl_part.data = bytes_of(bulk, MESSAGE_CRL_DATA_MAX);
	payload = encode(&out, &message);
	assert_true(payload.len <= (size_t)message_limit(MESSAGE_CRL_PART));
	buf_done(&out);
}

static void
numbers_beyond_a_signed_column_are_refused(void **state)
{
	struct message message;
	struct buf out;

	buf_init(&out, 100);
	for (int beyond = 0; beyond < 2; beyond++) {
		buf_clear(&out);
		flat_put_map(&out, 2);
		flat_put_number(&out, 1);
		flat_put_number(&out, MESSAGE_NUMBER_MAX + (uint64_t)beyond);
		flat_put_number(&out, 2);
		flat_put_signed(&out, INT64_MIN);
		assert_int_equal(message_decode(MESSAGE_PING, buf_bytes(&out), &message),
		    beyond ? STATUS_INVALID : STATUS_OK);
	}
	assert_int_equal(message_decode(MESSAGE_PING,
			     bytes_of("\xa2\1\1\2\x3b\xff\xff\xff\xff\xff\xff\xff\xff", 13),
			     &message),
	    STATUS_INVALID);
	buf_done(&out);
}

/* A map with a known PING and, after it, unknown fields. */
static enum status
decode_with_unknown(uint64_t fields, uint64_t items)
{
	struct message message;
	enum status status;
	struct buf out;

	buf_init(&out, 8192);
	flat_put_map(&out, (size_t)(2 + fields));
	flat_put_number(&out, 1);
	flat_put_number(&out, 1);
	flat_put_number(&out, 2);
	flat_put_number(&out, 2);
	for (uint64_t i = 0; i < fields; i++) {
		flat_put_number(&out, 100 + i);
		flat_put_array(&out, (size_t)items);
		for (uint64_t k = 0; k < items; k++)
			flat_put_bool(&out, true);
	}
	status = message_decode(MESSAGE_PING, buf_bytes(&out), &message);
	buf_done(&out);
	return status;
}

static void
unknown_fields_are_ignored_up_to_a_bound(void **state)
{
	assert_int_equal(decode_with_unknown(1, 0), STATUS_OK);
	assert_int_equal(decode_with_unknown(30, 10), STATUS_OK);
	assert_int_equal(decode_with_unknown(31, 10), STATUS_INVALID);
	assert_int_equal(decode_with_unknown(1, 192), STATUS_OK);
	assert_int_equal(decode_with_unknown(1, 193), STATUS_INVALID);
}

static void
a_payload_over_the_limit_is_refused_whatever_it_says(void **state)
{
	static uint8_t large[4097];
	struct message message;
	struct buf out;

	buf_init(&out, 8192);
	flat_put_map(&out, 3);
	flat_put_number(&out, 1);
	flat_put_number(&out, 1);
	flat_put_number(&out, 2);
	flat_put_number(&out, 2);
	flat_put_number(&out, 3);
	flat_put_bytes(&out, bytes_of(large, 4096 - out.len - 3));
	assert_int_equal(out.len, 4096);
	assert_int_equal(message_decode(MESSAGE_PING, buf_bytes(&out), &message), STATUS_OK);
	assert_int_equal(message_decode(MESSAGE_PING, bytes_of(large, sizeof(large)), &message),
	    STATUS_INVALID);
	buf_done(&out);
}

static void
types_that_are_not_control_messages_are_told_apart(void **state)
{
	struct message message;

	for (unsigned int type = 0; type < 256; type++) {
		bool control = (type >= MESSAGE_HELLO && type <= MESSAGE_REINCARNATE) ||
			       (type >= MESSAGE_PHELLO && type <= MESSAGE_PSTATE);
		bool bulk = type == MESSAGE_BATCH || type == MESSAGE_RECORDS;

		assert_int_equal(message_decode((uint8_t)type, bytes_of("", 0), &message),
		    control && !bulk ? STATUS_INVALID : STATUS_UNSUPPORTED);
		assert_int_equal(message_name((uint8_t)type) != NULL, control);
		assert_int_equal(message_limit((uint8_t)type) > 0, control);
	}
}

static void
names_slugs_and_urls_are_known_by_their_characters(void **state)
{
	char text[2] = "";

	for (int c = 0; c < 256; c++) {
		bool digit = c >= '0' && c <= '9';
		bool lower = c >= 'a' && c <= 'z';
		bool upper = c >= 'A' && c <= 'Z';

		text[0] = (char)c;
		assert_int_equal(message_is_slug(bytes_of(text, 1)),
		    digit || lower || c == '-');
		assert_int_equal(message_is_name(bytes_of(text, 1)),
		    digit || lower || upper || c == '-' || c == '.');
		assert_int_equal(message_is_url(bytes_of(text, 1)), c > ' ' && c < 127);
	}
	assert_false(message_is_name(bytes_of("", 0)));
	assert_false(message_is_slug(bytes_of_text("a-slug-of-thirty-three-characters")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_largest_messages_fit_their_limits),
	    cmocka_unit_test(bulk_fits_its_frame),
	    cmocka_unit_test(numbers_beyond_a_signed_column_are_refused),
	    cmocka_unit_test(unknown_fields_are_ignored_up_to_a_bound),
	    cmocka_unit_test(a_payload_over_the_limit_is_refused_whatever_it_says),
	    cmocka_unit_test(types_that_are_not_control_messages_are_told_apart),
	    cmocka_unit_test(names_slugs_and_urls_are_known_by_their_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

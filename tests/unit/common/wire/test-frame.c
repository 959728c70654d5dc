/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/wire/frame.h"

/* Type 1 up to 10 bytes, type 2 up to 300, others not at all. */
static int32_t
small_limit(const void *arg, uint8_t type)
{
	if (arg != NULL)
		++*(int *)(uintptr_t)arg;
	if (type == 1)
		return 10;
	return type == 2 ? 300 : FRAME_REFUSED;
}

static void
put_sample(struct buf *out)
{
	uint8_t longer[300];

	memset(longer, 'x', sizeof(longer));
	frame_put(out, 1, bytes_of_text("hello"));
	frame_put(out, 1, bytes_of(NULL, 0));
	frame_put(out, 2, bytes_of(longer, sizeof(longer)));
	frame_put(out, 1, bytes_of_text("0123456789"));
}

/* Takes what is whole in data; checks the frames of put_sample from *at on. */
static void
take_sample(struct frame_decoder *decoder, struct bytes data, size_t *at)
{
	static const struct {
		uint8_t type;
		size_t len;
		char first;
	} expected[] = {{1, 5, 'h'}, {1, 0, 0}, {2, 300, 'x'}, {1, 10, '0'}};
	enum status status;
	struct frame frame;

	while ((status = frame_decoder_next(decoder, &data, &frame)) == STATUS_OK) {
		assert_true(*at < COUNT_OF(expected));
		assert_int_equal(frame.type, expected[*at].type);
		assert_int_equal(frame.payload.len, expected[*at].len);
		if (frame.payload.len > 0)
			assert_int_equal(frame.payload.data[0], expected[*at].first);
		++*at;
	}
	assert_int_equal(status, STATUS_AGAIN);
	assert_int_equal(data.len, 0);
}

static void
frames_come_out_of_any_two_part_cut(void **state)
{
	struct frame_decoder decoder;
	struct buf out;

	buf_init(&out, 1000);
	put_sample(&out);
	for (size_t cut = 0; cut <= out.len; cut++) {
		size_t at = 0;

		frame_decoder_init(&decoder, small_limit, NULL);
		take_sample(&decoder, bytes_of(out.data, cut), &at);
		take_sample(&decoder, bytes_of(out.data + cut, out.len - cut), &at);
		assert_int_equal(at, 4);
		assert_false(frame_decoder_inside(&decoder));
		frame_decoder_done(&decoder);
	}
	buf_done(&out);
}

static void
frames_come_out_byte_by_byte(void **state)
{
	struct frame_decoder decoder;
	int asked = 0;
	struct buf out;
	size_t at = 0;

	buf_init(&out, 1000);
	put_sample(&out);
	frame_decoder_init(&decoder, small_limit, &asked);
	for (size_t i = 0; i < out.len; i++) {
		take_sample(&decoder, bytes_of(out.data + i, 1), &at);
		if (i == 3)
			assert_true(frame_decoder_inside(&decoder));
	}
	assert_int_equal(at, 4);
	assert_int_equal(asked, 4);
	frame_decoder_done(&decoder);
	buf_done(&out);
}

static void
a_whole_frame_is_handed_out_in_place(void **state)
{
	struct frame_decoder decoder;
	struct bytes data;
	struct frame frame;
	struct buf out;

	buf_init(&out, 1000);
	frame_put(&out, 1, bytes_of_text("hello"));
	data = buf_bytes(&out);
	frame_decoder_init(&decoder, small_limit, NULL);
	assert_int_equal(frame_decoder_next(&decoder, &data, &frame), STATUS_OK);
	assert_ptr_equal(frame.payload.data, out.data + FRAME_HEADER_SIZE);
	assert_null(decoder.part.data);
	frame_decoder_done(&decoder);
	buf_done(&out);
}

static void
a_lying_length_is_refused_at_the_header_and_for_good(void **state)
{
	static const uint8_t lies[][FRAME_HEADER_SIZE] = {
	    {11, 0, 0, 0, 1},
	    {0xff, 0xff, 0xff, 0xff, 1},
	    {0, 0, 0, 0x80, 1},
	    {45, 1, 0, 0, 2},
	};
	struct frame_decoder decoder;
	struct frame frame;
	struct bytes data;

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		for (size_t cut = 0; cut < FRAME_HEADER_SIZE; cut++) {
			frame_decoder_init(&decoder, small_limit, NULL);
			data = bytes_of(lies[i], cut);
			assert_int_equal(frame_decoder_next(&decoder, &data, &frame),
			    STATUS_AGAIN);
			data = bytes_of(lies[i] + cut, FRAME_HEADER_SIZE - cut);
			assert_int_equal(frame_decoder_next(&decoder, &data, &frame),
			    STATUS_LIMIT);
			assert_int_equal(decoder.failed_type, lies[i][4]);
			data = bytes_of("\0\0\0\0\1", 5);
			assert_int_equal(frame_decoder_next(&decoder, &data, &frame),
			    STATUS_LIMIT);
			frame_decoder_done(&decoder);
		}
	}
}

static void
a_type_that_is_not_allowed_is_refused_at_the_header(void **state)
{
	struct frame_decoder decoder;
	struct bytes data = bytes_of("\0\0\0\0\3", 5);
	struct frame frame;

	frame_decoder_init(&decoder, small_limit, NULL);
	assert_int_equal(frame_decoder_next(&decoder, &data, &frame), STATUS_DENIED);
	assert_int_equal(decoder.failed_type, 3);
	frame_decoder_done(&decoder);
}

static void
memory_follows_what_came_and_not_what_was_claimed(void **state)
{
	struct frame_decoder decoder;
	struct bytes data = bytes_of("\0\0\x10\0\x80"
				     "some",
	    9);
	struct frame frame;

	frame_decoder_init(&decoder, frame_limit_any, NULL);
	assert_int_equal(frame_decoder_next(&decoder, &data, &frame), STATUS_AGAIN);
	assert_true(frame_decoder_inside(&decoder));
	assert_true(decoder.part.cap <= 128);
	frame_decoder_done(&decoder);
}

static void
a_frame_that_does_not_fit_leaves_nothing_behind(void **state)
{
	struct buf out;
	size_t begin;

	buf_init(&out, 12);
	frame_put(&out, 1, bytes_of_text("ab"));
	frame_put(&out, 1, bytes_of_text("c"));
	assert_false(buf_ok(&out));
	assert_int_equal(out.len, 7);

	buf_clear(&out);
	begin = frame_begin(&out, 2);
	buf_put_text(&out, "abc");
	frame_end(&out, begin);
	assert_true(buf_ok(&out));
	assert_memory_equal(out.data,
	    "\3\0\0\0\2"
	    "abc",
	    8);
	begin = frame_begin(&out, 2);
	frame_end(&out, begin);
	assert_false(buf_ok(&out));
	assert_int_equal(out.len, 8);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frames_come_out_of_any_two_part_cut),
	    cmocka_unit_test(frames_come_out_byte_by_byte),
	    cmocka_unit_test(a_whole_frame_is_handed_out_in_place),
	    cmocka_unit_test(a_lying_length_is_refused_at_the_header_and_for_good),
	    cmocka_unit_test(a_type_that_is_not_allowed_is_refused_at_the_header),
	    cmocka_unit_test(memory_follows_what_came_and_not_what_was_claimed),
	    cmocka_unit_test(a_frame_that_does_not_fit_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

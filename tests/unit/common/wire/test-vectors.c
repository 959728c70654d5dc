/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/protocol.md against the code: what the document shows is what is decoded, encoded
 * and allowed.
 */
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/wire/session.h"
#include "tests/unit/common/wire/dump.h"
#include "tests/unit/common/wire/vectors.h"

static struct vectors vectors;

static int32_t
any_limit(const void *arg, uint8_t type)
{
	return message_limit(type);
}

static struct frame
frame_of(const struct vector *vector)
{
	struct bytes data = vector->bytes;
	struct frame frame = {0};
	struct frame_decoder decoder;

	frame_decoder_init(&decoder, any_limit, NULL);
	assert_int_equal(frame_decoder_next(&decoder, &data, &frame), STATUS_OK);
	assert_int_equal(data.len, 0);
	assert_int_equal(frame.type, vector->type);
	frame_decoder_done(&decoder);
	return frame;
}

/* Decodes a frame into its lines. */
static void
dump_frame(struct buf *out, const struct frame *frame)
{
	struct records_header records;
	struct message message;
	struct batch batch;

	if (frame->type == MESSAGE_BATCH) {
		assert_int_equal(batch_open(frame->payload, &batch), STATUS_OK);
		dump_batch(out, &batch);
	} else if (frame->type == MESSAGE_RECORDS) {
		assert_int_equal(records_open(frame->payload, &records, &batch), STATUS_OK);
		dump_records(out, &records, &batch);
	} else {
		assert_int_equal(message_decode(frame->type, frame->payload, &message),
		    STATUS_OK);
		dump_message(out, &message);
	}
}

static void
each_frame_of_the_document_means_what_it_says(void **state)
{
	size_t frames = 0;
	struct buf out;

	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < vectors.count; i++) {
		if (vectors.at[i].kind != VECTOR_FRAME)
			continue;
		struct frame frame = frame_of(&vectors.at[i]);

		buf_clear(&out);
		dump_frame(&out, &frame);
		assert_string_equal(buf_text(&out), vectors.at[i].lines);
		frames++;
	}
	assert_true(frames >= 40);
	buf_done(&out);
}

static void
put_again(struct buf *out, const struct frame *frame)
{
	struct batch_writer writer;
	struct records_header records;
	struct message message;
	struct record record;
	struct batch batch;
	struct bytes raw;
	size_t begin;
	uint64_t seq;

	if (frame->type != MESSAGE_BATCH && frame->type != MESSAGE_RECORDS) {
		assert_int_equal(message_decode(frame->type, frame->payload, &message),
		    STATUS_OK);
		message_put(out, &message);
		return;
	}
	begin = frame_begin(out, frame->type);
	if (frame->type == MESSAGE_RECORDS) {
		assert_int_equal(records_open(frame->payload, &records, &batch), STATUS_OK);
		records_put(out, &records);
	} else {
		assert_int_equal(batch_open(frame->payload, &batch), STATUS_OK);
	}
	batch_begin(&writer, out, &batch.header);
	while (batch_next(&batch, &record, &seq, &raw)) {
		struct buf again;

		buf_init(&again, raw.len);
		record_put(&again, &record);
		assert_true(bytes_equal(buf_bytes(&again), raw));
		assert_int_equal(batch_add(&writer, buf_bytes(&again)), STATUS_OK);
		buf_done(&again);
	}
	batch_end(&writer);
	frame_end(out, begin);
}

static void
each_frame_of_a_transcript_is_encoded_to_the_same_bytes(void **state)
{
	bool transcript = false;
	struct buf out;

	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *vector = &vectors.at[i];

		if (vector->kind == VECTOR_TRANSCRIPT || vector->kind == VECTOR_FIELDS)
			transcript = vector->kind == VECTOR_TRANSCRIPT;
		if (vector->kind != VECTOR_FRAME || !transcript)
			continue;
		struct frame frame = frame_of(vector);

		buf_clear(&out);
		put_again(&out, &frame);
		assert_int_equal(out.len, vector->bytes.len);
		assert_memory_equal(out.data, vector->bytes.data, out.len);
	}
	buf_done(&out);
}

static void
each_bad_payload_is_refused(void **state)
{
	struct records_header records;
	struct message message;
	enum status status;
	struct batch batch;
	size_t bad = 0;

	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *vector = &vectors.at[i];

		if (vector->kind != VECTOR_BAD)
			continue;
		if (vector->type == MESSAGE_BATCH)
			status = batch_open(vector->bytes, &batch);
		else if (vector->type == MESSAGE_RECORDS)
			status = records_open(vector->bytes, &records, &batch);
		else
			status = message_decode(vector->type, vector->bytes, &message);
		if (status != STATUS_INVALID)
			fail_msg("accepted: %s %s", vector->name, vector->lines);
		bad++;
	}
	assert_true(bad >= 35);
}

static void
each_frame_cut_short_is_refused(void **state)
{
	struct records_header records;
	struct message message;
	enum status status;
	struct batch batch;

	for (size_t i = 0; i < vectors.count; i++) {
		if (vectors.at[i].kind != VECTOR_FRAME)
			continue;
		struct frame frame = frame_of(&vectors.at[i]);

		for (size_t len = 0; len < frame.payload.len; len++) {
			/* a copy, so that the sanitizer sees a read behind the end */
			uint8_t *copy = malloc(len == 0 ? 1 : len);
			struct bytes cut = bytes_of(copy, len);

			assert_non_null(copy);
			if (len > 0)
				memcpy(copy, frame.payload.data, len);
			if (frame.type == MESSAGE_BATCH)
				status = batch_open(cut, &batch);
			else if (frame.type == MESSAGE_RECORDS)
				status = records_open(cut, &records, &batch);
			else
				status = message_decode(frame.type, cut, &message);
			assert_int_equal(status, STATUS_INVALID);
			free(copy);
		}
	}
}

/* All that one side says in the transcript that begins at vectors.at[i]. */
static void
collect_side(size_t i, bool dialler, struct buf *ret_stream)
{
	for (i++; i < vectors.count; i++) {
		if (vectors.at[i].kind == VECTOR_TRANSCRIPT ||
		    vectors.at[i].kind == VECTOR_FIELDS || vectors.at[i].kind == VECTOR_BAD)
			return;
		if (vectors.at[i].kind == VECTOR_FRAME && vectors.at[i].dialler == dialler)
			buf_put_bytes(ret_stream, vectors.at[i].bytes);
	}
}

/* Feeds the pieces and puts what comes out together again. */
static void
expect_same(struct bytes stream, const size_t *cuts, size_t cut_count)
{
	struct frame_decoder decoder;
	struct frame frame;
	struct buf again;
	size_t at = 0;

	buf_init(&again, stream.len);
	frame_decoder_init(&decoder, any_limit, NULL);
	for (size_t i = 0; i <= cut_count; i++) {
		size_t end = i < cut_count ? cuts[i] : stream.len;
		struct bytes data = bytes_of(stream.data + at, end - at);

		while (frame_decoder_next(&decoder, &data, &frame) == STATUS_OK)
			frame_put(&again, frame.type, frame.payload);
		at = end;
	}
	assert_false(frame_decoder_inside(&decoder));
	assert_int_equal(again.len, stream.len);
	assert_memory_equal(again.data, stream.data, stream.len);
	frame_decoder_done(&decoder);
	buf_done(&again);
}

static void
transcripts_survive_every_cut(void **state)
{
	struct buf stream;
	size_t *bytewise;

	buf_init(&stream, 1 << 20);
	for (size_t i = 0; i < vectors.count; i++) {
		for (int side = 0; side < 2 && vectors.at[i].kind == VECTOR_TRANSCRIPT;
		     side++) {
			buf_clear(&stream);
			collect_side(i, side == 0, &stream);
			if (stream.len == 0)
				continue;
			for (size_t cut = 0; cut <= stream.len; cut++)
				expect_same(buf_bytes(&stream), &cut, 1);
			bytewise = calloc(stream.len, sizeof(*bytewise));
			assert_non_null(bytewise);
			for (size_t cut = 0; cut < stream.len; cut++)
				bytewise[cut] = cut;
			expect_same(buf_bytes(&stream), bytewise, stream.len);
			free(bytewise);
		}
	}
	buf_done(&stream);
}

/* The frame is what this side may send now, and its session writes the same bytes. */
static void
play_send(struct session *sender, const struct vector *vector)
{
	struct frame frame = frame_of(vector);
	struct records_header records;
	struct message message;
	struct batch batch;
	struct buf out;
	uint64_t id;

	buf_init(&out, 1 << 20);
	if (frame.type == MESSAGE_BATCH) {
		assert_int_equal(session_put_batch(sender, frame.payload, &out), STATUS_OK);
	} else if (frame.type == MESSAGE_RECORDS) {
		assert_int_equal(records_open(frame.payload, &records, &batch), STATUS_OK);
		assert_int_equal(session_put_records(sender, records.source, records.sensor,
				     records.received_us, batch.payload, &out, &id),
		    STATUS_OK);
		assert_int_equal(id, records.id);
	} else {
		assert_int_equal(message_decode(frame.type, frame.payload, &message),
		    STATUS_OK);
		if (frame.type == MESSAGE_HELLO) {
			sender->min_version = message.hello.min_version;
			sender->max_version = message.hello.max_version;
		}
		assert_int_equal(session_put(sender, &message, 0, &out), STATUS_OK);
	}
	assert_int_equal(out.len, vector->bytes.len);
	assert_memory_equal(out.data, vector->bytes.data, out.len);
	buf_done(&out);
}

/* The other side takes it, holds it, ends by it, or answers with the ERROR that follows. */
static void
play_receive(struct session *receiver, const struct vector *vector)
{
	struct frame frame = frame_of(vector);
	struct session_input input;
	bool error_follows = vector + 1 < vectors.at + vectors.count &&
			     vector[1].kind == VECTOR_FRAME && vector[1].type == MESSAGE_ERROR;

	switch (session_receive(receiver, &frame, 0, &input)) {
	case SESSION_VIOLATION:
		assert_true(error_follows);
		break;
	case SESSION_TAKE:
		assert_int_equal(input.trusted, receiver->state != SESSION_PARK);
		assert_false(error_follows);
		break;
	case SESSION_HOLD:
		assert_int_equal(receiver->state, SESSION_PARK);
		break;
	case SESSION_END:
		assert_int_equal(receiver->state, SESSION_CLOSED);
		assert_true(input.trusted);
		break;
	case SESSION_IGNORE:
		fail_msg("%s ignored", vector->name);
		break;
	}
}

static void
play_verdict(struct session *session, bool accept)
{
	struct session_input input;
	struct frame frame;

	if (!accept) {
		session_park(session, 0);
		return;
	}
	session_accept(session, 0);
	if (session_held(session, &frame))
		assert_int_equal(session_receive(session, &frame, 0, &input), SESSION_TAKE);
}

static void
transcripts_run_through_both_state_machines(void **state)
{
	struct session dialler = {0};
	struct session listener = {0};
	size_t played = 0;

	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *vector = &vectors.at[i];

		switch (vector->kind) {
		case VECTOR_TRANSCRIPT:
			session_done(&dialler);
			session_done(&listener);
			session_init(&dialler, vector->pair ? SESSION_PAIR : SESSION_SENSOR, 0);
			session_init(&listener, vector->pair ? SESSION_PAIR : SESSION_CONSOLE,
			    0);
			played++;
			break;
		case VECTOR_ACCEPT:
		case VECTOR_PARK:
			play_verdict(vector->dialler ? &dialler : &listener,
			    vector->kind == VECTOR_ACCEPT);
			break;
		case VECTOR_FRAME:
			play_send(vector->dialler ? &dialler : &listener, vector);
			play_receive(vector->dialler ? &listener : &dialler, vector);
			break;
		case VECTOR_FIELDS:
		case VECTOR_BAD:
			i = vectors.count;
			break;
		}
	}
	assert_true(played >= 7);
	session_done(&dialler);
	session_done(&listener);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_frame_of_the_document_means_what_it_says),
	    cmocka_unit_test(each_frame_of_a_transcript_is_encoded_to_the_same_bytes),
	    cmocka_unit_test(each_bad_payload_is_refused),
	    cmocka_unit_test(each_frame_cut_short_is_refused),
	    cmocka_unit_test(transcripts_survive_every_cut),
	    cmocka_unit_test(transcripts_run_through_both_state_machines),
	};
	int failed;

	if (argc != 2) {
		fprintf(stderr, "usage: %s protocol.md\n", argv[0]);
		return 2;
	}
	vectors_read(argv[1], &vectors);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	vectors_done(&vectors);
	return failed;
}

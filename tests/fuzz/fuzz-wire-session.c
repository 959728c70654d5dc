/* SPDX-License-Identifier: Apache-2.0
 *
 * A session against a hostile peer: the first byte is the role and how it is judged, the
 * rest is the stream.  Checks besides memory: nothing is trusted before the verdict, at
 * most one frame is held, wants and window stay within their bounds, and after a violation
 * an ERROR can be written and ends it.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/wire/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
put(struct session *session, const struct message *message, struct buf *out)
{
	buf_clear(out);
	(void)!session_put(session, message, 0, out);
}

/* Goes on as an owner would: says hello, accepts, asks for a CRL, answers. */
static void
drive(struct session *session, struct buf *out)
{
	struct message message = {0};

	if (session->state == SESSION_HELLO && session->role == SESSION_SENSOR) {
		message.type = MESSAGE_HELLO;
		message.hello.min_version = session->min_version;
		message.hello.max_version = session->max_version;
		message.hello.first = message.hello.next = 1;
	} else if (session->role == SESSION_PAIR && !session->hello_sent) {
		message.type = MESSAGE_PHELLO;
		message.phello.min_version = session->min_version;
		message.phello.max_version = session->max_version;
	} else if (session->state == SESSION_CHECK && session->role == SESSION_PAIR) {
		message.type = MESSAGE_PACCEPT;
		message.paccept.version = session->version;
		message.paccept.window_bytes = MESSAGE_WINDOW_BYTES_MIN;
	} else if (session->state == SESSION_CHECK && session->role == SESSION_CONSOLE) {
		message.type = MESSAGE_ACCEPT;
		message.accept.version = session->version;
		message.accept.copies = 2;
		message.accept.window_records = 100;
		message.accept.window_bytes = MESSAGE_WINDOW_BYTES_MIN;
	} else {
		message.type = MESSAGE_CRL_WANT;
		message.crl_want.id = session->wants.count + 1;
	}
	put(session, &message, out);
}

static void
check(const struct session *session, enum session_step step, const struct session_input *input)
{
	assert(session->wants.count <= WANTS_MAX);
	assert(session->their_wants <= WANTS_MAX);
	assert(session->held.len <= FRAME_HEADER_SIZE + 4096);
	assert(session->in.taken - session->in.given <= WINDOW_FRAMES_MAX);
	if (session->state == SESSION_PARK)
		assert(!input->trusted);
	if (step == SESSION_END)
		assert(session->state == SESSION_CLOSED);
}

static void
run(struct session *session, struct bytes data, bool parked)
{
	struct frame_decoder decoder;
	struct session_input input;
	enum session_step step;
	struct frame frame;
	struct buf out;
	int frames = 0;

	buf_init(&out, FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX);
	frame_decoder_init(&decoder, session_limit, session);
	drive(session, &out);
	while (session_reads(session)) {
		enum status status = frame_decoder_next(&decoder, &data, &frame);

		if (status == STATUS_AGAIN)
			break;
		step = SESSION_VIOLATION;
		if (status == STATUS_OK) {
			step = session_receive(session, &frame, frames, &input);
			check(session, step, &input);
		} else {
			session_frame_failed(session, &decoder);
		}
		if (step == SESSION_VIOLATION) {
			buf_clear(&out);
			if (session_put_violation(session, 0, &out) != STATUS_OK)
				abort();
			assert(session->state == SESSION_CLOSING);
		}
		if (parked && ++frames == 3) {
			if (session->state == SESSION_PARK)
				session_accept(session, 0);
			if (session_held(session, &frame))
				(void)session_receive(session, &frame, 0, &input);
		}
		drive(session, &out);
	}
	(void)session_tick(session, INT64_MAX - 1);
	frame_decoder_done(&decoder);
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session session;
	bool parked;

	if (size == 0)
		return 0;
	session_init(&session, (enum session_role)(data[0] % SESSION_ROLE_COUNT), 0);
	parked = (data[0] & 0x80) != 0;
	if (parked)
		session_park(&session, 0);
	else
		session_accept(&session, 0);
	run(&session, bytes_of(data + 1, size - 1), parked);
	session_done(&session);
	return 0;
}

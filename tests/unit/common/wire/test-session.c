/* SPDX-License-Identifier: Apache-2.0
 *
 * The allowed-table, written a second time as words, for every role, state and type; the
 * rules that go beyond it; and two sessions that talk at random without ever refusing
 * what the other may say.
 */
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/wire/session.h"
#include "common/wire/session_table.h"

/* "TYPE" is taken, "TYPE=" ends the session, "TYPE?" is held; all others are refused. */
static const struct {
	enum session_role role;
	enum session_state state;
	const char *receives;
	const char *sends;
} rows[] = {
    {SESSION_SENSOR, SESSION_JUDGE, "", "REFUSE BYE ERROR"},
    {SESSION_SENSOR, SESSION_PARK,
	"CRL_WANT CRL_PART REFUSE= BUSY= BYE= ERROR=", "CRL_WANT CRL_PART REFUSE BYE ERROR"},
    {SESSION_SENSOR, SESSION_HELLO, "", "HELLO CRL_WANT CRL_PART REFUSE BYE ERROR"},
    {SESSION_SENSOR, SESSION_CHECK, "ACCEPT CRL_WANT CRL_PART REFUSE= BUSY= BYE= ERROR=",
	"CRL_WANT CRL_PART REFUSE BYE ERROR"},
    {SESSION_SENSOR, SESSION_ACCEPT, "", ""},
    {SESSION_SENSOR, SESSION_LIVE,
	"ACK CRL_WANT CRL_PART CONSOLES BUSY PING PONG REINCARNATE REFUSE= BYE= ERROR=",
	"BATCH CRL_WANT CRL_PART PING PONG REFUSE BYE ERROR"},
    {SESSION_CONSOLE, SESSION_JUDGE, "", "BUSY REFUSE BYE ERROR"},
    {SESSION_CONSOLE, SESSION_PARK, "HELLO? CRL_WANT CRL_PART REFUSE= BYE= ERROR=",
	"BUSY CRL_WANT CRL_PART REFUSE BYE ERROR"},
    {SESSION_CONSOLE, SESSION_HELLO, "HELLO CRL_WANT CRL_PART REFUSE= BYE= ERROR=",
	"BUSY CRL_WANT CRL_PART REFUSE BYE ERROR"},
    {SESSION_CONSOLE, SESSION_CHECK, "CRL_WANT CRL_PART REFUSE= BYE= ERROR=",
	"ACCEPT BUSY CRL_WANT CRL_PART REFUSE BYE ERROR"},
    {SESSION_CONSOLE, SESSION_ACCEPT, "", ""},
    {SESSION_CONSOLE, SESSION_LIVE, "BATCH CRL_WANT CRL_PART PING PONG REFUSE= BYE= ERROR=",
	"ACK CRL_WANT CRL_PART CONSOLES BUSY PING PONG REINCARNATE REFUSE BYE ERROR"},
    {SESSION_PAIR, SESSION_JUDGE, "", "BUSY REFUSE BYE ERROR"},
    {SESSION_PAIR, SESSION_PARK, "PHELLO? CRL_WANT CRL_PART REFUSE= BUSY= BYE= ERROR=",
	"BUSY CRL_WANT CRL_PART REFUSE BYE ERROR"},
    {SESSION_PAIR, SESSION_HELLO, "PHELLO CRL_WANT CRL_PART REFUSE= BUSY= BYE= ERROR=",
	"PHELLO BUSY CRL_WANT CRL_PART REFUSE BYE ERROR"},
    {SESSION_PAIR, SESSION_CHECK, "PACCEPT CRL_WANT CRL_PART REFUSE= BUSY= BYE= ERROR=",
	"PHELLO PACCEPT BUSY CRL_WANT CRL_PART REFUSE BYE ERROR"},
    {SESSION_PAIR, SESSION_ACCEPT, "PACCEPT CRL_WANT CRL_PART REFUSE= BUSY= BYE= ERROR=",
	"BUSY CRL_WANT CRL_PART REFUSE BYE ERROR"},
    {SESSION_PAIR, SESSION_LIVE,
	"VECTOR VECTOR_DONE FILL RECORDS PACK OBJECT_HAVE OBJECT OBJECT_ACK PROBE PROBED "
	"PSTATE CRL_WANT CRL_PART PING PONG BUSY REFUSE= BYE= ERROR=",
	"VECTOR VECTOR_DONE FILL RECORDS PACK OBJECT_HAVE OBJECT OBJECT_ACK PROBE PROBED "
	"PSTATE CRL_WANT CRL_PART PING PONG BUSY REFUSE BYE ERROR"},
};

/* Whether name followed by mark is a word of the list. */
static bool
has_word(const char *list, const char *name, const char *mark)
{
	char padded[512];
	char word[40];

	snprintf(padded, sizeof(padded), " %s ", list);
	snprintf(word, sizeof(word), " %s%s ", name, mark);
	return strstr(padded, word) != NULL;
}

static enum session_step
expected_step(const char *list, const char *name)
{
	if (name == NULL)
		return SESSION_VIOLATION;
	if (has_word(list, name, ""))
		return SESSION_TAKE;
	if (has_word(list, name, "="))
		return SESSION_END;
	return has_word(list, name, "?") ? SESSION_HOLD : SESSION_VIOLATION;
}

static void
every_type_in_every_state_of_every_role_is_as_written(void **state)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct session session;

		session_init(&session, rows[i].role, 0);
		session.state = rows[i].state;
		for (unsigned int type = 0; type < 256; type++) {
			const char *name = message_name((uint8_t)type);
			enum session_step step = expected_step(rows[i].receives, name);

			assert_int_equal(session_table_step(rows[i].role, rows[i].state,
					     (uint8_t)type),
			    step);
			assert_int_equal(session_limit(&session, (uint8_t)type),
			    step == SESSION_VIOLATION ? FRAME_REFUSED
						      : message_limit((uint8_t)type));
			assert_int_equal(session_table_sends(rows[i].role, rows[i].state,
					     (uint8_t)type),
			    name != NULL && has_word(rows[i].sends, name, ""));
		}
		session_done(&session);
	}
	assert_int_equal(COUNT_OF(rows), 3 * (SESSION_CLOSING - SESSION_JUDGE));
}

static void
nothing_is_said_and_all_ignored_once_it_is_closing(void **state)
{
	for (unsigned int role = 0; role < SESSION_ROLE_COUNT; role++) {
		for (unsigned int type = 0; type < 256; type++) {
			assert_false(session_table_sends(role, SESSION_CLOSING, (uint8_t)type));
			assert_false(session_table_sends(role, SESSION_CLOSED, (uint8_t)type));
			assert_int_equal(session_table_step(role, SESSION_CLOSING,
					     (uint8_t)type),
			    SESSION_IGNORE);
		}
	}
}

/* A session, what it has written, and how much of that the other has read. */
struct end {
	struct session session;
	struct frame_decoder decoder;
	struct buf out;
	size_t read;
};

static void
end_init(struct end *end, enum session_role role)
{
	session_init(&end->session, role, 0);
	frame_decoder_init(&end->decoder, session_limit, &end->session);
	buf_init(&end->out, 64 << 20);
	end->read = 0;
}

static void
end_done(struct end *end)
{
	session_done(&end->session);
	frame_decoder_done(&end->decoder);
	buf_done(&end->out);
}

/* The next frame of one end is read by the other; false where there is none. */
static bool
deliver(struct end *from, struct end *to, enum session_step *ret_step,
    struct session_input *input)
{
	struct bytes data = bytes_of(from->out.data + from->read, from->out.len - from->read);
	struct frame frame;
	enum status status;

	if (data.len == 0)
		return false;
	status = frame_decoder_next(&to->decoder, &data, &frame);
	from->read = from->out.len - data.len;
	if (status == STATUS_DENIED || status == STATUS_LIMIT) {
		session_frame_failed(&to->session, &to->decoder);
		*ret_step = SESSION_VIOLATION;
		return true;
	}
	assert_int_equal(status, STATUS_OK);
	*ret_step = session_receive(&to->session, &frame, 0, input);
	return true;
}

static enum session_step
deliver_one(struct end *from, struct end *to)
{
	struct session_input input;
	enum session_step step = SESSION_IGNORE;

	assert_true(deliver(from, to, &step, &input));
	return step;
}

/* A message of a type with contents that are valid in the sessions of these tests. */
static struct message
sample(struct end *end, uint8_t type)
{
	static uint64_t serial;
	struct message message = {.type = type};

	switch (type) {
	case MESSAGE_HELLO:
		message.hello.min_version = message.hello.max_version = 1;
		message.hello.first = message.hello.next = 1;
		break;
	case MESSAGE_ACCEPT:
		message.accept.version = message.accept.copies = 1;
		message.accept.window_records = 10;
		message.accept.window_bytes = MESSAGE_WINDOW_BYTES_MIN;
		break;
	case MESSAGE_REFUSE:
		message.refuse.reason = bytes_of_text("revoked");
		break;
	case MESSAGE_ACK:
		message.ack.level = 1;
		message.ack.intervals.count = 1;
		message.ack.intervals.at[0].first = message.ack.intervals.at[0].last = 1;
		message.ack.batches = end->session.in.taken;
		break;
	case MESSAGE_CRL_WANT:
		message.crl_want.id = ++serial;
		break;
	case MESSAGE_CONSOLES:
		message.consoles.names.count = 1;
		message.consoles.names.at[0] = bytes_of_text("console-a");
		break;
	case MESSAGE_REINCARNATE:
		message.reincarnate.seq = 1;
		break;
	case MESSAGE_PHELLO:
		message.phello.min_version = message.phello.max_version = 1;
		break;
	case MESSAGE_PACCEPT:
		message.paccept.version = 1;
		message.paccept.window_bytes = MESSAGE_WINDOW_BYTES_MIN;
		break;
	case MESSAGE_VECTOR:
		message.vector.sensor = bytes_of_text("s");
		break;
	case MESSAGE_FILL:
		message.fill.sensor = bytes_of_text("s");
		message.fill.ranges.count = 1;
		message.fill.ranges.at[0].first = message.fill.ranges.at[0].last = 1;
		break;
	case MESSAGE_PACK:
		message.pack.sensor = bytes_of_text("s");
		message.pack.id = end->session.in.taken;
		message.pack.intervals.count = 1;
		message.pack.intervals.at[0].first = message.pack.intervals.at[0].last = 1;
		break;
	case MESSAGE_OBJECT_HAVE:
		message.object_have.kind = bytes_of_text("user");
		break;
	case MESSAGE_OBJECT:
		message.object.kind = bytes_of_text("user");
		message.object.key = bytes_of_text("k");
		break;
	case MESSAGE_OBJECT_ACK:
		message.object_ack.kind = bytes_of_text("user");
		message.object_ack.key = bytes_of_text("k");
		break;
	case MESSAGE_PROBE:
		message.probe.sensor = bytes_of_text("s");
		break;
	default:
		break;
	}
	return message;
}

static enum status
put(struct end *end, uint8_t type)
{
	struct message message = sample(end, type);

	return session_put(&end->session, &message, 0, &end->out);
}

static void
make_batch(struct buf *out, uint64_t first_seq, uint32_t count, uint8_t log)
{
	const struct batch_header header = {.log_id = {log}, .first_seq = first_seq};
	const struct record record = {.type = 1, .payload = bytes_of_text("\1x{}")};
	struct batch_writer writer;
	struct buf raw;

	buf_init(&raw, 100);
	record_put(&raw, &record);
	batch_begin(&writer, out, &header);
	while (count-- > 0)
		assert_int_equal(batch_add(&writer, buf_bytes(&raw)), STATUS_OK);
	batch_end(&writer);
	buf_done(&raw);
}

static enum status
put_batch(struct end *end, uint64_t first_seq, uint32_t count)
{
	enum status status;
	struct buf batch;
	uint64_t id;

	buf_init(&batch, BATCH_SIZE_MAX);
	make_batch(&batch, first_seq, count, 0);
	if (end->session.role == SESSION_PAIR)
		status = session_put_records(&end->session, RECORDS_LIVE, bytes_of_text("s"), 0,
		    buf_bytes(&batch), &end->out, &id);
	else
		status = session_put_batch(&end->session, buf_bytes(&batch), &end->out);
	buf_done(&batch);
	return status;
}

/* Two ends, live. */
static void
connect_ends(struct end *sensor, struct end *console)
{
	end_init(sensor, SESSION_SENSOR);
	end_init(console, SESSION_CONSOLE);
	session_accept(&sensor->session, 0);
	session_accept(&console->session, 0);
	assert_int_equal(put(sensor, MESSAGE_HELLO), STATUS_OK);
	assert_int_equal(deliver_one(sensor, console), SESSION_TAKE);
	assert_int_equal(console->session.state, SESSION_CHECK);
	assert_int_equal(put(console, MESSAGE_ACCEPT), STATUS_OK);
	assert_int_equal(deliver_one(console, sensor), SESSION_TAKE);
	assert_int_equal(sensor->session.state, SESSION_LIVE);
	assert_int_equal(console->session.state, SESSION_LIVE);
}

static void
a_batch_before_accept_is_refused_at_its_header(void **state)
{
	struct end sensor;
	struct end console;

	connect_ends(&sensor, &console);
	assert_int_equal(put_batch(&sensor, 1, 1), STATUS_OK);
	console.session.state = SESSION_CHECK;
	assert_int_equal(deliver_one(&sensor, &console), SESSION_VIOLATION);
	assert_int_equal(console.session.violation, MESSAGE_ERROR_STATE);
	assert_int_equal(console.session.violation_type, MESSAGE_BATCH);
	end_done(&sensor);
	end_done(&console);
}

static void
a_long_frame_before_accept_is_refused_at_its_header(void **state)
{
	uint8_t header[FRAME_HEADER_SIZE];
	struct session session;
	struct frame_decoder decoder;
	struct bytes data = bytes_of(header, sizeof(header));
	struct frame frame;

	session_init(&session, SESSION_CONSOLE, 0);
	session_accept(&session, 0);
	frame_decoder_init(&decoder, session_limit, &session);
	frame_header(header, MESSAGE_HELLO, 4097);
	assert_int_equal(frame_decoder_next(&decoder, &data, &frame), STATUS_LIMIT);
	session_frame_failed(&session, &decoder);
	assert_int_equal(session.violation, MESSAGE_ERROR_FRAME);
	frame_decoder_done(&decoder);

	/* CRL_PART alone may be longer */
	frame_decoder_init(&decoder, session_limit, &session);
	frame_header(header, MESSAGE_CRL_PART, 65536);
	data = bytes_of(header, sizeof(header));
	assert_int_equal(frame_decoder_next(&decoder, &data, &frame), STATUS_AGAIN);
	frame_decoder_done(&decoder);
	session_done(&session);
}

static void
a_sensor_that_sends_more_than_its_window_is_refused(void **state)
{
	struct end sensor;
	struct end console;

	connect_ends(&sensor, &console);
	assert_int_equal(put_batch(&sensor, 1, 6), STATUS_OK);
	assert_int_equal(put_batch(&sensor, 7, 5), STATUS_LIMIT);
	assert_int_equal(put_batch(&sensor, 7, 4), STATUS_OK);
	assert_int_equal(deliver_one(&sensor, &console), SESSION_TAKE);
	assert_int_equal(put(&console, MESSAGE_ACK), STATUS_OK);
	assert_int_equal(deliver_one(&console, &sensor), SESSION_TAKE);
	assert_int_equal(put_batch(&sensor, 11, 6), STATUS_OK);
	assert_int_equal(deliver_one(&sensor, &console), SESSION_TAKE);
	assert_int_equal(deliver_one(&sensor, &console), SESSION_TAKE);
	sensor.session.out.max_records = 100;
	assert_int_equal(put_batch(&sensor, 17, 1), STATUS_OK);
	assert_int_equal(deliver_one(&sensor, &console), SESSION_VIOLATION);
	assert_int_equal(console.session.violation, MESSAGE_ERROR_WINDOW);
	end_done(&sensor);
	end_done(&console);
}

static void
numbers_must_ascend_and_the_log_stay_the_same(void **state)
{
	struct end sensor;
	struct end console;
	struct buf other;

	connect_ends(&sensor, &console);
	assert_int_equal(put_batch(&sensor, 5, 2), STATUS_OK);
	assert_int_equal(put_batch(&sensor, 6, 1), STATUS_INVALID);
	buf_init(&other, 1000);
	make_batch(&other, 9, 1, 1);
	assert_int_equal(session_put_batch(&sensor.session, buf_bytes(&other), &sensor.out),
	    STATUS_INVALID);

	sensor.session.last_seq = 0;
	assert_int_equal(put_batch(&sensor, 6, 1), STATUS_OK);
	assert_int_equal(deliver_one(&sensor, &console), SESSION_TAKE);
	assert_int_equal(deliver_one(&sensor, &console), SESSION_VIOLATION);
	assert_int_equal(console.session.violation, MESSAGE_ERROR_ORDER);

	sensor.session.log_id[0] = 1;
	assert_int_equal(session_put_batch(&sensor.session, buf_bytes(&other), &sensor.out),
	    STATUS_OK);
	assert_int_equal(deliver_one(&sensor, &console), SESSION_VIOLATION);
	assert_int_equal(console.session.violation, MESSAGE_ERROR_LOG);
	buf_done(&other);
	end_done(&sensor);
	end_done(&console);
}

static void
an_ack_for_what_was_not_sent_is_refused(void **state)
{
	struct end sensor;
	struct end console;
	struct message ack;

	connect_ends(&sensor, &console);
	ack = sample(&console, MESSAGE_ACK);
	ack.ack.batches = 1;
	assert_int_equal(session_put(&console.session, &ack, 0, &console.out), STATUS_INVALID);
	message_put(&console.out, &ack);
	assert_int_equal(deliver_one(&console, &sensor), SESSION_VIOLATION);
	assert_int_equal(sensor.session.violation, MESSAGE_ERROR_WINDOW);
	ack.ack.batches = 0;
	ack.ack.log_id[0] = 1;
	message_put(&console.out, &ack);
	assert_int_equal(deliver_one(&console, &sensor), SESSION_VIOLATION);
	assert_int_equal(sensor.session.violation, MESSAGE_ERROR_LOG);
	end_done(&sensor);
	end_done(&console);
}

static void
crl_parts_must_answer_a_want_in_order(void **state)
{
	static const struct {
		uint64_t id, total, offset;
		const char *data;
		enum session_step step;
	} parts[] = {
	    {9, 4, 0, "ab", SESSION_VIOLATION},
	    {1, 4, 0, "ab", SESSION_TAKE},
	    {1, 4, 3, "d", SESSION_VIOLATION},
	    {1, 5, 2, "cd", SESSION_VIOLATION},
	    {1, 4, 2, "cd", SESSION_TAKE},
	    {1, 4, 0, "ab", SESSION_VIOLATION},
	};
	struct message want = {.type = MESSAGE_CRL_WANT};
	struct end sensor;
	struct end console;

	connect_ends(&sensor, &console);
	want.crl_want.id = 1;
	assert_int_equal(session_put(&sensor.session, &want, 0, &sensor.out), STATUS_OK);
	assert_int_equal(session_put(&sensor.session, &want, 0, &sensor.out), STATUS_INVALID);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct message part = {.type = MESSAGE_CRL_PART};

		part.crl_part.id = parts[i].id;
		part.crl_part.total = parts[i].total;
		part.crl_part.offset = parts[i].offset;
		part.crl_part.data = bytes_of_text(parts[i].data);
		message_put(&console.out, &part);
		assert_int_equal(deliver_one(&console, &sensor), parts[i].step);
	}
	assert_int_equal(sensor.session.wants.count, 0);
	assert_null(sensor.session.wants.open);
	end_done(&sensor);
	end_done(&console);
}

static void
open_wants_are_bounded_on_both_sides(void **state)
{
	struct end sensor;
	struct end console;

	connect_ends(&sensor, &console);
	for (int i = 0; i < WANTS_MAX; i++) {
		assert_int_equal(put(&sensor, MESSAGE_CRL_WANT), STATUS_OK);
		assert_int_equal(deliver_one(&sensor, &console), SESSION_TAKE);
	}
	assert_int_equal(put(&sensor, MESSAGE_CRL_WANT), STATUS_LIMIT);
	message_put(&sensor.out, &(struct message){.type = MESSAGE_CRL_WANT});
	assert_int_equal(deliver_one(&sensor, &console), SESSION_VIOLATION);
	assert_int_equal(console.session.violation, MESSAGE_ERROR_WINDOW);
	end_done(&sensor);
	end_done(&console);
}

static void
one_hello_is_held_while_parked_and_a_second_refused(void **state)
{
	struct end sensor;
	struct end console;
	struct session_input input;
	struct frame held;

	end_init(&sensor, SESSION_SENSOR);
	end_init(&console, SESSION_CONSOLE);
	session_accept(&sensor.session, 0);
	session_park(&console.session, 0);
	assert_false(session_held(&console.session, &held));
	assert_int_equal(put(&sensor, MESSAGE_HELLO), STATUS_OK);
	assert_int_equal(deliver_one(&sensor, &console), SESSION_HOLD);
	session_accept(&console.session, 0);
	assert_true(session_held(&console.session, &held));
	assert_int_equal(session_receive(&console.session, &held, 0, &input), SESSION_TAKE);
	assert_true(input.trusted);
	assert_int_equal(console.session.state, SESSION_CHECK);
	end_done(&sensor);
	end_done(&console);

	end_init(&console, SESSION_CONSOLE);
	session_park(&console.session, 0);
	held = (struct frame){MESSAGE_HELLO, bytes_of_text("x")};
	assert_int_equal(session_receive(&console.session, &held, 0, &input), SESSION_HOLD);
	assert_int_equal(session_receive(&console.session, &held, 0, &input),
	    SESSION_VIOLATION);
	end_done(&console);
}

static void
a_refusal_from_a_peer_that_is_not_judged_yet_says_nothing(void **state)
{
	struct session_input input;
	struct message refuse = {.type = MESSAGE_REFUSE};
	struct session session;
	struct frame frame;
	struct buf out;

	refuse.refuse.reason = bytes_of_text("revoked");
	buf_init(&out, 1000);
	message_put(&out, &refuse);
	frame = (struct frame){MESSAGE_REFUSE,
	    bytes_of(out.data + FRAME_HEADER_SIZE, out.len - FRAME_HEADER_SIZE)};
	session_init(&session, SESSION_SENSOR, 0);
	session_park(&session, 0);
	assert_int_equal(session_receive(&session, &frame, 0, &input), SESSION_END);
	assert_false(input.trusted);
	assert_int_equal(session.state, SESSION_CLOSED);

	session_init(&session, SESSION_CONSOLE, 0);
	session_accept(&session, 0);
	assert_int_equal(session_receive(&session, &frame, 0, &input), SESSION_END);
	assert_true(input.trusted);
	assert_true(bytes_equal_text(input.message.refuse.reason, "revoked"));
	buf_done(&out);
}

static void
what_an_earlier_frame_left_is_not_taken_for_this_one(void **state)
{
	const struct message empty = {.type = MESSAGE_REFUSE};
	struct message refuse = {.type = MESSAGE_REFUSE};
	struct session_input input;
	struct session session;
	enum session_step step;
	struct end sensor;
	struct end console;
	struct frame frame;
	struct buf out;

	connect_ends(&sensor, &console);
	memset(&input, MESSAGE_CRL_WANT, sizeof(input));
	assert_int_equal(put_batch(&sensor, 1, 1), STATUS_OK);
	assert_true(deliver(&sensor, &console, &step, &input));
	assert_int_equal(step, SESSION_TAKE);
	assert_int_equal(input.message.type, MESSAGE_BATCH);
	end_done(&sensor);
	end_done(&console);

	session_init(&session, SESSION_CONSOLE, 0);
	session_park(&session, 0);
	memset(&input, MESSAGE_CRL_WANT, sizeof(input));
	frame = (struct frame){MESSAGE_HELLO, bytes_of_text("x")};
	assert_int_equal(session_receive(&session, &frame, 0, &input), SESSION_HOLD);
	assert_int_equal(input.message.type, MESSAGE_HELLO);
	assert_false(input.trusted);

	/* a well-formed refusal of a peer that was not judged good: not a word of it */
	refuse.refuse.reason = bytes_of_text("revoked");
	buf_init(&out, 100);
	message_put(&out, &refuse);
	frame = (struct frame){MESSAGE_REFUSE,
	    bytes_of(out.data + FRAME_HEADER_SIZE, out.len - FRAME_HEADER_SIZE)};
	memset(&input, MESSAGE_CRL_WANT, sizeof(input));
	assert_int_equal(session_receive(&session, &frame, 0, &input), SESSION_END);
	assert_false(input.trusted);
	assert_int_equal(input.message.type, MESSAGE_REFUSE);
	assert_memory_equal(&input.message.refuse, &empty.refuse, sizeof(empty.refuse));
	buf_done(&out);
	session_done(&session);
}

static void
the_highest_common_version_is_chosen(void **state)
{
	static const struct {
		uint64_t ours[2], theirs[2], chosen;
	} cases[] = {
	    {{1, 1}, {1, 1}, 1},
	    {{1, 2}, {2, 3}, 2},
	    {{2, 3}, {1, 2}, 2},
	    {{1, 5}, {2, 3}, 3},
	    {{1, 1}, {2, 3}, 0},
	    {{2, 3}, {1, 1}, 0},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct end sensor;
		struct end console;
		struct message hello;
		enum session_step step;

		end_init(&sensor, SESSION_SENSOR);
		end_init(&console, SESSION_CONSOLE);
		console.session.min_version = cases[i].ours[0];
		console.session.max_version = cases[i].ours[1];
		session_accept(&console.session, 0);
		hello = sample(&sensor, MESSAGE_HELLO);
		hello.hello.min_version = cases[i].theirs[0];
		hello.hello.max_version = cases[i].theirs[1];
		message_put(&sensor.out, &hello);
		step = deliver_one(&sensor, &console);
		assert_int_equal(step, cases[i].chosen != 0 ? SESSION_TAKE : SESSION_VIOLATION);
		assert_int_equal(console.session.version, cases[i].chosen);
		end_done(&sensor);
		end_done(&console);
	}
}

static void
a_console_that_accepts_a_version_not_offered_is_refused(void **state)
{
	struct end sensor;
	struct end console;
	struct message accept;

	end_init(&sensor, SESSION_SENSOR);
	end_init(&console, SESSION_CONSOLE);
	session_accept(&sensor.session, 0);
	assert_int_equal(put(&sensor, MESSAGE_HELLO), STATUS_OK);
	accept = sample(&console, MESSAGE_ACCEPT);
	accept.accept.version = 2;
	message_put(&console.out, &accept);
	assert_int_equal(deliver_one(&console, &sensor), SESSION_VIOLATION);
	assert_int_equal(sensor.session.violation, MESSAGE_ERROR_VERSION);
	end_done(&sensor);
	end_done(&console);
}

static void
each_state_has_its_deadline(void **state)
{
	static const struct {
		enum session_role role;
		enum session_state state;
		int64_t ms;
	} times[] = {
	    {SESSION_CONSOLE, SESSION_PARK, 10000},
	    {SESSION_SENSOR, SESSION_PARK, 10000},
	    {SESSION_CONSOLE, SESSION_HELLO, 20000},
	    {SESSION_CONSOLE, SESSION_CHECK, 10000},
	    {SESSION_SENSOR, SESSION_CHECK, 25000},
	    {SESSION_PAIR, SESSION_ACCEPT, 25000},
	    {SESSION_PAIR, SESSION_CLOSING, 2000},
	};
	struct session session;

	for (size_t i = 0; i < COUNT_OF(times); i++) {
		session_init(&session, times[i].role, 0);
		session_table_enter(&session, times[i].state, 500);
		assert_int_equal(session_deadline(&session), 500 + times[i].ms);
		assert_int_equal(session_tick(&session, 499 + times[i].ms),
		    SESSION_DUE_NOTHING);
		assert_int_equal(session_tick(&session, 500 + times[i].ms),
		    SESSION_DUE_EXPIRED);
		assert_int_equal(session.violation, MESSAGE_ERROR_TIMEOUT);
		assert_true(session_deadline(&session) == SESSION_NEVER);
		session_done(&session);
	}
}

static void
silence_is_pinged_twice_and_then_the_peer_is_dead(void **state)
{
	struct session_input input;
	const struct frame ping = {MESSAGE_PING, bytes_of("\xa2\1\1\2\2", 5)};
	struct session session;

	session_init(&session, SESSION_CONSOLE, 0);
	session_table_enter(&session, SESSION_LIVE, 0);
	assert_int_equal(session_tick(&session, 14999), SESSION_DUE_NOTHING);
	assert_int_equal(session_tick(&session, 15000), SESSION_DUE_PING);
	assert_int_equal(session_receive(&session, &ping, 20000, &input), SESSION_TAKE);
	assert_int_equal(session_tick(&session, 34999), SESSION_DUE_NOTHING);
	assert_int_equal(session_tick(&session, 35000), SESSION_DUE_PING);
	assert_int_equal(session_tick(&session, 50000), SESSION_DUE_PING);
	assert_int_equal(session_tick(&session, 65000), SESSION_DUE_EXPIRED);
	session_done(&session);
}

static void
a_side_that_does_not_read_pings_but_counts_no_silence(void **state)
{
	struct session session;

	session_init(&session, SESSION_CONSOLE, 0);
	session_table_enter(&session, SESSION_LIVE, 0);
	session_pause(&session, true, 0);
	for (int64_t now = 15000; now < 300000; now += 15000)
		assert_int_equal(session_tick(&session, now), SESSION_DUE_PING);
	session_pause(&session, false, 300000);
	assert_int_equal(session_tick(&session, 315000), SESSION_DUE_PING);
	assert_int_equal(session_tick(&session, 330000), SESSION_DUE_PING);
	assert_int_equal(session_tick(&session, 345000), SESSION_DUE_EXPIRED);
	session_done(&session);
}

static void
a_probed_session_lives_by_any_frame_and_dies_after_two_seconds(void **state)
{
	struct session_input input;
	const struct frame ping = {MESSAGE_PONG, bytes_of("\xa2\1\1\2\2", 5)};
	struct session session;

	session_init(&session, SESSION_CONSOLE, 0);
	session_table_enter(&session, SESSION_LIVE, 0);
	session_probe(&session, 1000);
	assert_int_equal(session_receive(&session, &ping, 2000, &input), SESSION_TAKE);
	assert_int_equal(session_tick(&session, 3000), SESSION_DUE_NOTHING);
	session_probe(&session, 4000);
	session_probe(&session, 5000);
	assert_int_equal(session_tick(&session, 5999), SESSION_DUE_NOTHING);
	assert_int_equal(session_tick(&session, 6000), SESSION_DUE_EXPIRED);
	session_done(&session);
}

static void
a_violation_is_reported_with_what_and_where(void **state)
{
	struct end sensor;
	struct end console;
	struct session_input input;
	enum session_step step;

	connect_ends(&sensor, &console);
	message_put(&sensor.out, &(struct message){.type = MESSAGE_PSTATE});
	assert_int_equal(deliver_one(&sensor, &console), SESSION_VIOLATION);
	assert_int_equal(session_put_violation(&console.session, 0, &console.out), STATUS_OK);
	assert_int_equal(console.session.state, SESSION_CLOSING);
	assert_int_equal(session_put_violation(&console.session, 0, &console.out),
	    STATUS_DENIED);
	assert_true(deliver(&console, &sensor, &step, &input));
	assert_int_equal(step, SESSION_END);
	assert_int_equal(input.message.error.code, MESSAGE_ERROR_STATE);
	assert_int_equal(input.message.error.type, MESSAGE_PSTATE);
	assert_true(bytes_equal_text(input.message.error.detail, "PSTATE in state live"));
	end_done(&sensor);
	end_done(&console);
}

static void
what_does_not_fit_the_buffer_changes_nothing(void **state)
{
	struct end sensor;
	struct end console;
	struct message want;
	struct buf small;

	connect_ends(&sensor, &console);
	buf_init(&small, 12);
	want = sample(&sensor, MESSAGE_CRL_WANT);
	assert_int_equal(session_put(&sensor.session, &want, 0, &small), STATUS_LIMIT);
	assert_true(buf_ok(&small));
	assert_int_equal(small.len, 0);
	assert_int_equal(sensor.session.wants.count, 0);
	want = sample(&sensor, MESSAGE_BYE);
	assert_int_equal(session_put(&sensor.session, &want, 0, &small), STATUS_OK);
	buf_done(&small);
	end_done(&sensor);
	end_done(&console);
}

/* The talk is the same in each run (splitmix64 from a fixed seed). */
static uint64_t
random_below(uint64_t limit)
{
	static uint64_t seed = 20261123;
	uint64_t value = seed += UINT64_C(0x9e3779b97f4a7c15);

	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (value ^ (value >> 31)) % limit;
}

/* One random deed of an end: a verdict, a message, a batch, or part of a CRL. */
static void
act(struct end *end, uint64_t *wants_to_answer, size_t *want_count)
{
	uint8_t type = (uint8_t)random_below(MESSAGE_TYPE_COUNT);
	struct session_input input;
	struct frame held;

	if (end->session.state == SESSION_JUDGE && random_below(3) == 0) {
		session_park(&end->session, 0);
	} else if (end->session.state <= SESSION_PARK && random_below(4) == 0) {
		session_accept(&end->session, 0);
		if (session_held(&end->session, &held))
			assert_int_equal(session_receive(&end->session, &held, 0, &input),
			    SESSION_TAKE);
		if (end->session.role == SESSION_SENSOR)
			assert_int_equal(put(end, MESSAGE_HELLO), STATUS_OK);
		if (end->session.role == SESSION_PAIR)
			assert_int_equal(put(end, MESSAGE_PHELLO), STATUS_OK);
	} else if (type == MESSAGE_BATCH || type == MESSAGE_RECORDS) {
		(void)!put_batch(end, end->session.last_seq + 1, 1 + (uint32_t)random_below(5));
	} else if (type == MESSAGE_CRL_PART) {
		struct message none = {.type = MESSAGE_CRL_PART};

		if (*want_count == 0)
			return;
		none.crl_part.id = wants_to_answer[*want_count - 1];
		if (session_put(&end->session, &none, 0, &end->out) == STATUS_OK)
			--*want_count;
	} else if (message_name(type) != NULL) {
		/* farewells are rare, so that the talk lasts */
		if ((type == MESSAGE_REFUSE || type == MESSAGE_BYE || type == MESSAGE_ERROR ||
			type == MESSAGE_BUSY) &&
		    random_below(20) != 0)
			return;
		/* a PACK or ACK of nothing does not exist */
		if (type == MESSAGE_PACK && end->session.in.taken == 0)
			return;
		(void)!put(end, type);
	}
}

static void
whatever_one_end_may_say_the_other_takes(void **state)
{
	size_t lived = 0;

	for (int talk = 0; talk < 2000; talk++) {
		struct end ends[2];
		uint64_t wants[2][WANTS_MAX];
		size_t want_count[2] = {0, 0};

		end_init(&ends[0], talk % 2 == 0 ? SESSION_SENSOR : SESSION_PAIR);
		end_init(&ends[1], talk % 2 == 0 ? SESSION_CONSOLE : SESSION_PAIR);
		for (int turn = 0; turn < 400; turn++) {
			size_t i = (size_t)random_below(2);
			struct session_input input;
			enum session_step step;

			if (random_below(2) == 0) {
				act(&ends[i], wants[i], &want_count[i]);
				continue;
			}
			if (!session_reads(&ends[i].session) ||
			    !deliver(&ends[1 - i], &ends[i], &step, &input))
				continue;
			if (step == SESSION_VIOLATION)
				fail_msg("violation %d by %s in %s, talk %d",
				    ends[i].session.violation,
				    message_name(ends[i].session.violation_type),
				    session_state_name(ends[i].session.state), talk);
			if (step == SESSION_TAKE && input.message.type == MESSAGE_CRL_WANT)
				wants[i][want_count[i]++] = input.message.crl_want.id;
		}
		lived += ends[0].session.state == SESSION_LIVE;
		end_done(&ends[0]);
		end_done(&ends[1]);
	}
	assert_true(lived > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_type_in_every_state_of_every_role_is_as_written),
	    cmocka_unit_test(nothing_is_said_and_all_ignored_once_it_is_closing),
	    cmocka_unit_test(a_batch_before_accept_is_refused_at_its_header),
	    cmocka_unit_test(a_long_frame_before_accept_is_refused_at_its_header),
	    cmocka_unit_test(a_sensor_that_sends_more_than_its_window_is_refused),
	    cmocka_unit_test(numbers_must_ascend_and_the_log_stay_the_same),
	    cmocka_unit_test(an_ack_for_what_was_not_sent_is_refused),
	    cmocka_unit_test(crl_parts_must_answer_a_want_in_order),
	    cmocka_unit_test(open_wants_are_bounded_on_both_sides),
	    cmocka_unit_test(one_hello_is_held_while_parked_and_a_second_refused),
	    cmocka_unit_test(a_refusal_from_a_peer_that_is_not_judged_yet_says_nothing),
	    cmocka_unit_test(what_an_earlier_frame_left_is_not_taken_for_this_one),
	    cmocka_unit_test(the_highest_common_version_is_chosen),
	    cmocka_unit_test(a_console_that_accepts_a_version_not_offered_is_refused),
	    cmocka_unit_test(each_state_has_its_deadline),
	    cmocka_unit_test(silence_is_pinged_twice_and_then_the_peer_is_dead),
	    cmocka_unit_test(a_side_that_does_not_read_pings_but_counts_no_silence),
	    cmocka_unit_test(a_probed_session_lives_by_any_frame_and_dies_after_two_seconds),
	    cmocka_unit_test(a_violation_is_reported_with_what_and_where),
	    cmocka_unit_test(what_does_not_fit_the_buffer_changes_nothing),
	    cmocka_unit_test(whatever_one_end_may_say_the_other_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/loop/loop.h"
#include "common/proc/edge.h"
#include "common/proc/edge_internal.h"
#include "common/wire/frame.h"

enum {
	CREDIT = 10000
};

/* What one end saw and what it is to do. */
struct end {
	struct edge *edge;
	unsigned ups, downs, frames, credits, brokens;
	bool hold;   /* keep the tickets */
	bool silent; /* do not answer calls */
	struct edge_ticket tickets[1000];
	unsigned held;
	size_t last_len;
	uint8_t last_type;
	enum status verdict;
};

struct fixture {
	struct loop *loop;
	struct end from, to;
	uint8_t payload[CREDIT];
};

static void
on_up(void *state, struct edge *edge)
{
	((struct end *)state)->ups++;
}

static void
on_down(void *state, struct edge *edge)
{
	((struct end *)state)->downs++;
}

static void
on_credit(void *state, struct edge *edge)
{
	((struct end *)state)->credits++;
}

static enum status
on_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	struct end *end = state;

	assert_ptr_equal(edge, end->edge);
	end->frames++;
	end->last_len = frame->payload.len;
	end->last_type = frame->type;
	if (end->hold || end->silent)
		end->tickets[end->held++] = frame->ticket;
	else if (frame->ticket.call != 0)
		assert_int_equal(edge_reply(edge, frame->ticket, (uint8_t)(frame->type + 1),
				     frame->payload),
		    STATUS_OK);
	else
		edge_release(edge, frame->ticket);
	return end->verdict;
}

static void
on_broken(void *arg, struct edge *edge)
{
	((struct end *)arg)->brokens++;
}

static const struct edge_ops ops = {.up = on_up,
    .down = on_down,
    .frame = on_frame,
    .credit = on_credit};

static void
make_end(struct fixture *f, struct end *end, bool from, bool call)
{
	struct edge_spec spec = {.name = "a-b",
	    .peer = from ? "b" : "a",
	    .from = from,
	    .call = call,
	    .credit_bytes = CREDIT,
	    .ops = &ops,
	    .broken = on_broken,
	    .arg = end};

	end->edge = edge_new(f->loop, &spec);
	edge_set_state(end->edge, end);
}

static void
join(struct fixture *f)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	edge_rise(f->from.edge, pair[0]);
	edge_rise(f->to.edge, pair[1]);
}

static struct fixture *
make(bool call)
{
	struct fixture *f = NEW(struct fixture);

	f->loop = loop_new();
	make_end(f, &f->from, true, call);
	make_end(f, &f->to, false, call);
	join(f);
	return f;
}

static void
unmake(struct fixture *f)
{
	edge_close(f->from.edge);
	edge_close(f->to.edge);
	loop_free(f->loop);
	edge_free(f->from.edge);
	edge_free(f->to.edge);
	free(f);
}

static void
turn(struct fixture *f, int times)
{
	for (int i = 0; i < times; i++)
		loop_turn(f->loop, 0);
}

/* Joins an end to a bare socket: the peer may then send what it likes. */
static int
bare(struct end *end)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			     pair),
	    0);
	edge_rise(end->edge, pair[0]);
	return pair[1];
}

static void
bare_send(int fd, uint8_t type, const void *payload, size_t len)
{
	uint8_t raw[FRAME_HEADER_SIZE + CREDIT + 100] = {0};

	frame_header(raw, type, len);
	memcpy(raw + FRAME_HEADER_SIZE, payload, len);
	assert_int_equal(send(fd, raw, FRAME_HEADER_SIZE + len, 0),
	    (ssize_t)(FRAME_HEADER_SIZE + len));
}

static void
without_credit_nothing_is_sent_until_the_work_is_done(void **state)
{
	struct fixture *f = make(false);
	unsigned sent = 0;

	f->to.hold = true;
	while (edge_send(f->from.edge, 1, bytes_of(f->payload, 995), NULL) == STATUS_OK)
		sent++;
	assert_int_equal(sent, 10); /* 1,000 bytes each with the header */
	assert_int_equal(edge_unanswered(f->from.edge), CREDIT);
	assert_false(edge_has_credit(f->from.edge, 0));
	turn(f, 5);
	assert_int_equal(f->to.frames, 10);
	assert_int_equal(f->from.credits, 0); /* received is not done */

	edge_release(f->to.edge, f->to.tickets[3]);
	turn(f, 5);
	assert_int_equal(f->from.credits, 1);
	assert_int_equal(edge_unanswered(f->from.edge), CREDIT - 1000);
	assert_true(edge_has_credit(f->from.edge, 995));
	assert_false(edge_has_credit(f->from.edge, 996));
	unmake(f);
}

static void
credit_is_told_when_it_is_enough_for_what_was_refused(void **state)
{
	struct fixture *f = make(false);

	f->to.hold = true;
	for (int i = 0; i < 10; i++)
		assert_int_equal(edge_send(f->from.edge, 1, bytes_of(f->payload, 995), NULL),
		    STATUS_OK);
	assert_int_equal(edge_send(f->from.edge, 1, bytes_of(f->payload, 2995), NULL),
	    STATUS_AGAIN);
	turn(f, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(f->from.credits, 0);
		edge_release(f->to.edge, f->to.tickets[i]);
		turn(f, 3);
	}
	assert_int_equal(f->from.credits, 1);
	assert_int_equal(edge_send(f->from.edge, 1, bytes_of(f->payload, 2995), NULL),
	    STATUS_OK);
	unmake(f);
}

static void
both_directions_have_credit_of_their_own(void **state)
{
	struct fixture *f = make(false);

	f->to.hold = f->from.hold = true;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(edge_send(f->from.edge, 1, bytes_of(f->payload, 995), NULL),
		    STATUS_OK);
		assert_int_equal(edge_send(f->to.edge, 1, bytes_of(f->payload, 995), NULL),
		    STATUS_OK);
	}
	turn(f, 5);
	assert_int_equal(f->from.frames, 10);
	assert_int_equal(f->to.frames, 10);
	unmake(f);
}

static void
many_small_works_done_make_few_credit_frames(void **state)
{
	struct fixture *f = make(false);

	f->to.hold = true;
	for (int i = 0; i < 500; i++)
		assert_int_equal(edge_send(f->from.edge, 1, bytes_of(f->payload, 10), NULL),
		    STATUS_OK);
	turn(f, 3);
	assert_int_equal(f->to.frames, 500);
	for (unsigned i = 0; i < 500; i++)
		edge_release(f->to.edge, f->to.tickets[i]);
	turn(f, 3);
	assert_int_equal(edge_unanswered(f->from.edge), 0);
	unmake(f);
}

/* Its peer reads some, gives that much credit, and sends work of its own: both the credit
 * and the answer to the work find room, though the queue is full of what was not read. */
static void
credit_that_came_back_has_room_while_the_rest_waits(void **state)
{
	enum {
		BIG = 4 << 20,
		FRAME = 100000
	};
	struct fixture *f = make(false);
	struct edge_spec spec = {.name = "big",
	    .peer = "b",
	    .from = true,
	    .credit_bytes = BIG,
	    .ops = &ops,
	    .broken = on_broken,
	    .arg = &f->from};
	struct end *end = &f->from;
	struct edge *small = end->edge;
	uint8_t *bytes = alloc_zeroed(1, FRAME);
	unsigned sent = 0;
	size_t got = 0;
	int peer;

	end->edge = edge_new(f->loop, &spec);
	edge_set_state(end->edge, end);
	peer = bare(end);
	for (int round = 0; round < 60; round++) {
		while (edge_send(end->edge, 1, bytes_of(bytes, FRAME - 5), NULL) == STATUS_OK)
			sent++;
		assert_int_equal(sent, BIG / FRAME + (unsigned)round);
		turn(f, 1);
		for (got = 0; got < FRAME;) {
			ssize_t part = recv(peer, bytes, FRAME - got, 0);

			assert_true(part > 0);
			got += (size_t)part;
			turn(f, 1);
		}
		bare_send(peer, 0xfe, "\xa0\x86\1\0", 4); /* 100,000 */
		bare_send(peer, 1, "work", 4);
		turn(f, 3);
		assert_int_equal(end->frames, round + 1);
		assert_int_equal(end->brokens, 0);
	}
	edge_close(end->edge);
	turn(f, 1);
	edge_free(end->edge);
	end->edge = small;
	close(peer);
	free(bytes);
	unmake(f);
}

static void
a_ticket_of_a_former_connection_is_worth_nothing_and_harmless(void **state)
{
	struct fixture *f = make(false);

	f->to.hold = true;
	assert_int_equal(edge_send(f->from.edge, 1, bytes_of(f->payload, 995), NULL),
	    STATUS_OK);
	turn(f, 3);
	join(f);
	assert_int_equal(f->from.ups, 2);
	assert_int_equal(f->from.downs, 1);
	assert_int_equal(edge_unanswered(f->from.edge), 0);
	edge_release(f->to.edge, f->to.tickets[0]);
	turn(f, 3);
	assert_int_equal(f->from.brokens, 0);
	assert_int_equal(f->to.brokens, 0);
	assert_int_equal(f->from.ups - f->from.downs, 1);
	unmake(f);
}

static void
what_the_dead_had_sent_is_handed_out_before_the_edge_falls(void **state)
{
	struct fixture *f = make(false);

	assert_int_equal(edge_send(f->from.edge, 1, bytes_of(f->payload, 100), NULL),
	    STATUS_OK);
	edge_close(f->from.edge); /* dies; nobody has looked yet */
	assert_int_equal(f->to.frames, 0);
	join(f);
	assert_int_equal(f->to.frames, 1);
	assert_int_equal(f->to.downs, 1);
	assert_int_equal(f->to.ups, 2);
	unmake(f);
}

static void
a_down_edge_says_closed_and_keeps_descriptors_with_the_caller(void **state)
{
	struct fixture *f = make(false);
	struct fds fds = {.count = 0};

	edge_close(f->to.edge);
	turn(f, 2);
	assert_int_equal(f->from.downs, 1);
	assert_false(edge_is_up(f->from.edge));
	fds_add(&fds, dup(0));
	assert_int_equal(edge_send(f->from.edge, 1, bytes_of(NULL, 0), &fds), STATUS_CLOSED);
	assert_int_equal(fds.count, 1);
	fds_close(&fds);
	unmake(f);
}

static void
a_peer_that_sends_without_credit_is_found_out(void **state)
{
	struct fixture *f = make(false);
	int peer = bare(&f->to);

	f->to.hold = true;
	for (int i = 0; i < 10; i++)
		bare_send(peer, 1, f->payload, 995);
	turn(f, 3);
	assert_int_equal(f->to.frames, 10);
	assert_int_equal(f->to.brokens, 0);
	bare_send(peer, 1, f->payload, 0);
	turn(f, 3);
	assert_int_equal(f->to.brokens, 1);
	assert_int_equal(f->to.downs, 2); /* the first was the join */
	close(peer);
	unmake(f);
}

static void
each_broken_rule_is_found_out(void **state)
{
	const struct {
		uint8_t type;
		const char *payload;
		size_t len;
		enum status verdict;
	} rules[] = {
	    {0xfe, "\1\0\0\0", 4, STATUS_OK},   /* gives credit that was not taken */
	    {0xfe, "\0\0\0", 3, STATUS_OK},     /* a short credit frame */
	    {0xfe, "\0\0\0\0\0", 5, STATUS_OK}, /* a long one */
	    {0xf0, "", 0, STATUS_OK},           /* a type above the program's */
	    {0x01, "", 0, STATUS_INVALID},      /* what the role says is wrong */
	};

	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		struct fixture *f = make(false);
		int peer = bare(&f->to);

		f->to.verdict = rules[i].verdict;
		bare_send(peer, rules[i].type, rules[i].payload, rules[i].len);
		turn(f, 3);
		assert_int_equal(f->to.brokens, 1);
		assert_int_equal(f->to.downs, 2);
		close(peer);
		unmake(f);
	}
}

static void
the_end_of_a_peer_is_no_broken_rule(void **state)
{
	struct fixture *f = make(false);
	int peer = bare(&f->to);

	send(peer, "\5\0\0", 3, 0); /* dies in the middle of a frame */
	close(peer);
	turn(f, 3);
	assert_int_equal(f->to.brokens, 0);
	assert_int_equal(f->to.downs, 2);
	unmake(f);
}

/* --- calls: the other end is a bare socket, where the answer lies before the question --- */

static void
put_answer(int peer, uint32_t call, const char *text)
{
	uint8_t raw[100];

	for (int i = 0; i < 4; i++)
		raw[i] = (uint8_t)(call >> (8 * i));
	memcpy(raw + 4, text, strlen(text));
	bare_send(peer, 8, raw, 4 + strlen(text));
}

static void
a_call_gets_its_answer(void **state)
{
	struct fixture *f = make(true);
	int peer = bare(&f->from);
	struct bytes reply;
	uint8_t type;

	put_answer(peer, 1, "yes");
	assert_int_equal(edge_call(f->from.edge, 7, bytes_of("?", 1), 1000, &type, &reply),
	    STATUS_OK);
	assert_int_equal(type, 8);
	assert_true(bytes_equal_text(reply, "yes"));
	close(peer);
	unmake(f);
}

static void
a_late_answer_is_dropped_and_calls_before_it_are_refused_at_once(void **state)
{
	struct fixture *f = make(true);
	int peer = bare(&f->from);
	struct bytes reply;
	int64_t begun_ms;
	uint8_t type;

	assert_int_equal(edge_call(f->from.edge, 7, bytes_of("?", 1), 30, &type, &reply),
	    STATUS_TIMEOUT);
	begun_ms = clock_mono_ms();
	for (int i = 0; i < 100; i++)
		assert_int_equal(edge_call(f->from.edge, 7, bytes_of("?", 1), 2000, &type,
				     &reply),
		    STATUS_AGAIN);
	assert_true(clock_mono_ms() - begun_ms < 500);
	put_answer(peer, 1, "late");
	turn(f, 1);
	put_answer(peer, 2, "in time");
	assert_int_equal(edge_call(f->from.edge, 7, bytes_of("?", 1), 1000, &type, &reply),
	    STATUS_OK);
	assert_true(bytes_equal_text(reply, "in time"));
	close(peer);
	unmake(f);
}

static void
an_answer_to_no_call_breaks_the_edge(void **state)
{
	struct fixture *f = make(true);
	int peer = bare(&f->from);
	struct bytes reply;
	uint8_t type;

	put_answer(peer, 5, "no");
	assert_int_equal(edge_call(f->from.edge, 7, bytes_of("?", 1), 1000, &type, &reply),
	    STATUS_CLOSED);
	assert_int_equal(f->from.brokens, 1);
	assert_false(edge_is_up(f->from.edge));
	assert_int_equal(f->from.downs, 1); /* not while the caller is on the stack */
	turn(f, 1);
	assert_int_equal(f->from.downs, 2);
	assert_int_equal(f->from.brokens, 1);
	close(peer);
	unmake(f);
}

static void
a_call_to_one_that_dies_says_closed_before_its_deadline(void **state)
{
	struct fixture *f = make(true);
	int peer = bare(&f->from);
	int64_t begun_ms = clock_mono_ms();
	struct bytes reply;
	uint8_t type;

	close(peer);
	assert_int_equal(edge_call(f->from.edge, 7, bytes_of("?", 1), 2000, &type, &reply),
	    STATUS_CLOSED);
	assert_true(clock_mono_ms() - begun_ms < 1000);
	turn(f, 1);
	assert_int_equal(f->from.downs, 2);
	assert_int_equal(f->from.brokens, 0);
	unmake(f);
}

static void
calls_are_answered_with_their_number_and_without_one_are_refused(void **state)
{
	struct fixture *f = make(true);
	int peer = bare(&f->to);
	uint8_t raw[64];

	bare_send(peer, 7, "\x2a\0\0\0?", 5);
	turn(f, 2);
	assert_int_equal(f->to.frames, 1);
	assert_int_equal(f->to.last_len, 1);
	assert_int_equal(recv(peer, raw, sizeof(raw), 0), 5 + 5 + 5 + 4);
	assert_memory_equal(raw, "\5\0\0\0\x8\x2a\0\0\0?", 10);    /* the answer */
	assert_memory_equal(raw + 10, "\4\0\0\0\xfe\xa\0\0\0", 9); /* and the credit */
	bare_send(peer, 7, "\0\0\0\0?", 5);
	turn(f, 2);
	assert_int_equal(f->to.brokens, 1);
	close(peer);
	unmake(f);
}

static void
one_who_calls_on_without_reading_answers_is_found_out(void **state)
{
	struct fixture *f = make(true);
	int peer = bare(&f->to);
	unsigned calls = 0;

	f->to.silent = true;
	for (uint8_t i = 1; i <= 9; i++)
		bare_send(peer, 7, (uint8_t[1000]){i}, 1000);
	turn(f, 3);
	assert_int_equal(f->to.frames, 9);
	f->to.silent = false;
	/* answered, and not one answer released */
	for (; calls < 9; calls++)
		assert_int_equal(edge_reply(f->to.edge, f->to.tickets[calls], 8,
				     bytes_of(f->payload, 1000)),
		    STATUS_OK);
	turn(f, 2);
	bare_send(peer, 7, (uint8_t[1000]){10}, 1000);
	f->to.silent = true;
	turn(f, 2);
	assert_int_equal(edge_reply(f->to.edge, f->to.tickets[9], 8,
			     bytes_of(f->payload, 1000)),
	    STATUS_CLOSED);
	assert_int_equal(f->to.brokens, 1);
	turn(f, 1);
	assert_int_equal(f->to.downs, 2);
	close(peer);
	unmake(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_credit_nothing_is_sent_until_the_work_is_done),
	    cmocka_unit_test(credit_is_told_when_it_is_enough_for_what_was_refused),
	    cmocka_unit_test(both_directions_have_credit_of_their_own),
	    cmocka_unit_test(many_small_works_done_make_few_credit_frames),
	    cmocka_unit_test(credit_that_came_back_has_room_while_the_rest_waits),
	    cmocka_unit_test(a_ticket_of_a_former_connection_is_worth_nothing_and_harmless),
	    cmocka_unit_test(what_the_dead_had_sent_is_handed_out_before_the_edge_falls),
	    cmocka_unit_test(a_down_edge_says_closed_and_keeps_descriptors_with_the_caller),
	    cmocka_unit_test(a_peer_that_sends_without_credit_is_found_out),
	    cmocka_unit_test(each_broken_rule_is_found_out),
	    cmocka_unit_test(the_end_of_a_peer_is_no_broken_rule),
	    cmocka_unit_test(a_call_gets_its_answer),
	    cmocka_unit_test(a_late_answer_is_dropped_and_calls_before_it_are_refused_at_once),
	    cmocka_unit_test(an_answer_to_no_call_breaks_the_edge),
	    cmocka_unit_test(a_call_to_one_that_dies_says_closed_before_its_deadline),
	    cmocka_unit_test(calls_are_answered_with_their_number_and_without_one_are_refused),
	    cmocka_unit_test(one_who_calls_on_without_reading_answers_is_found_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

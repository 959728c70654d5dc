/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/wire/batch.h"
#include "sensor-agent/outgoing.h"

enum {
	WINDOW_BYTES = 64 << 10
};

/* A console that holds records up to held of a log, and gives a window of 100 records. */
static struct edge_store_accepted
accepted(uint64_t held, uint64_t top, uint8_t copies)
{
	return (struct edge_store_accepted){.counter = 7,
	    .copies = copies,
	    .store_id = {1, 2, 3},
	    .held = held,
	    .top = top,
	    .window_records = 100,
	    .window_bytes = WINDOW_BYTES};
}

static struct outgoing_log
own_log(uint64_t first, uint64_t next)
{
	return (struct outgoing_log){.first = first, .next = next};
}

/* A session in which the log goes on at 11. */
static void
begin(struct outgoing *outgoing, uint8_t copies)
{
	struct edge_store_accepted said = accepted(10, 10, copies);
	struct outgoing_log own = own_log(5, 1000);
	enum outgoing_start start;

	outgoing_init(outgoing);
	assert_int_equal(outgoing_accept(outgoing, &said, &own, &start), STATUS_OK);
	assert_int_equal(start, OUTGOING_GO);
}

static struct edge_store_ack
ack_of(uint8_t level, uint64_t first, uint64_t last, uint64_t batches)
{
	return (struct edge_store_ack){.level = level,
	    .first = first,
	    .last = last,
	    .hash = {(uint8_t)last},
	    .batches = batches};
}

static enum outgoing_start
start_with(const struct edge_store_accepted *said, const struct outgoing_log *own)
{
	enum outgoing_start start = OUTGOING_REGRESSED;
	struct outgoing outgoing;

	outgoing_init(&outgoing);
	assert_int_equal(outgoing_accept(&outgoing, said, own, &start), STATUS_OK);
	assert_true(outgoing.live == (start != OUTGOING_OLD_IMAGE));
	outgoing_done(&outgoing);
	return start;
}

static void
a_session_goes_on_behind_what_the_console_holds(void **state)
{
	struct outgoing outgoing;
	size_t records, bytes;

	begin(&outgoing, 1);
	assert_int_equal(outgoing.next, 11);
	assert_true(outgoing_room(&outgoing, &records, &bytes));
	assert_int_equal(records, 100);
	assert_int_equal(bytes, WINDOW_BYTES);
	outgoing_done(&outgoing);
}

static void
what_was_trimmed_is_not_gone_back_to(void **state)
{
	struct edge_store_accepted said = accepted(3, 3, 1);
	struct outgoing_log own = own_log(8, 20);
	enum outgoing_start start;
	struct outgoing outgoing;

	outgoing_init(&outgoing);
	assert_int_equal(outgoing_accept(&outgoing, &said, &own, &start), STATUS_OK);
	assert_int_equal(outgoing.next, 8);
	outgoing_done(&outgoing);
}

static void
a_console_that_holds_more_than_there_is_shows_an_old_image(void **state)
{
	struct outgoing_log own = own_log(5, 20);
	struct edge_store_accepted all = accepted(19, 19, 1), more = accepted(20, 20, 1);
	struct edge_store_accepted beyond = accepted(10, 25, 1);

	assert_int_equal(start_with(&all, &own), OUTGOING_GO);
	assert_int_equal(start_with(&more, &own), OUTGOING_OLD_IMAGE);
	assert_int_equal(start_with(&beyond, &own), OUTGOING_OLD_IMAGE);
}

static void
another_hash_at_the_same_number_shows_an_old_image(void **state)
{
	struct edge_store_accepted said = accepted(10, 10, 1);
	struct outgoing_log own = own_log(5, 20);

	said.has_held_hash = true;
	said.held_hash[31] = 9;
	own.hash[31] = 9;
	own.has_hash = true;
	assert_int_equal(start_with(&said, &own), OUTGOING_GO);
	own.hash[31] = 8;
	assert_int_equal(start_with(&said, &own), OUTGOING_OLD_IMAGE);
	own.has_hash = false; /* lost to damage: nothing is known against it */
	assert_int_equal(start_with(&said, &own), OUTGOING_GO);
}

static void
a_store_that_held_more_before_has_regressed_and_is_sent_all(void **state)
{
	struct edge_store_accepted said = accepted(4, 4, 1);
	struct outgoing_log own = own_log(5, 1000);
	struct edge_store_ack ack = ack_of(1, 11, 40, 0);
	enum outgoing_start start;
	enum outgoing_ack what;
	struct outgoing outgoing;

	begin(&outgoing, 1);
	assert_int_equal(outgoing_acked(&outgoing, &ack, &what), STATUS_OK);
	said.top = 39;
	assert_int_equal(outgoing_accept(&outgoing, &said, &own, &start), STATUS_OK);
	assert_int_equal(start, OUTGOING_REGRESSED);
	assert_int_equal(outgoing.next, 5);
	/* it is said once */
	assert_int_equal(outgoing_accept(&outgoing, &said, &own, &start), STATUS_OK);
	assert_int_equal(start, OUTGOING_GO);
	/* another store has never held anything */
	said.store_id[0] = 99;
	said.top = 0;
	said.held = 4;
	assert_int_equal(outgoing_accept(&outgoing, &said, &own, &start), STATUS_OK);
	assert_int_equal(start, OUTGOING_GO);
	outgoing_done(&outgoing);
}

static void
what_is_in_flight_takes_the_room_until_it_is_given_back(void **state)
{
	struct edge_store_ack ack = ack_of(1, 11, 70, 1);
	struct outgoing outgoing;
	enum outgoing_ack what;
	size_t records, bytes;

	begin(&outgoing, 1);
	assert_true(outgoing_fits(&outgoing, 60, 1000));
	outgoing_sent(&outgoing, 70, 60, 1000);
	assert_int_equal(outgoing.next, 71);
	assert_false(outgoing_fits(&outgoing, 41, 1000));
	assert_true(outgoing_room(&outgoing, &records, &bytes));
	assert_int_equal(records, 40);
	assert_int_equal(bytes, WINDOW_BYTES - 1000);
	outgoing_sent(&outgoing, 110, 40, 1000);
	assert_false(outgoing_room(&outgoing, &records, &bytes));
	assert_int_equal(outgoing_acked(&outgoing, &ack, &what), STATUS_OK);
	assert_true(outgoing_room(&outgoing, &records, &bytes));
	assert_int_equal(records, 60);
	outgoing_done(&outgoing);
}

static void
a_batch_is_never_larger_than_the_protocol_allows(void **state)
{
	struct edge_store_accepted said = accepted(10, 10, 1);
	struct outgoing_log own = own_log(5, 1000);
	enum outgoing_start start;
	struct outgoing outgoing;
	size_t records, bytes;

	said.window_records = 65536;
	said.window_bytes = 64 << 20;
	outgoing_init(&outgoing);
	assert_int_equal(outgoing_accept(&outgoing, &said, &own, &start), STATUS_OK);
	assert_true(outgoing_room(&outgoing, &records, &bytes));
	assert_int_equal(records, BATCH_RECORDS_MAX);
	assert_int_equal(bytes, BATCH_SIZE_MAX);
	outgoing_done(&outgoing);
}

static void
with_one_copy_level_1_trims_with_two_it_does_not(void **state)
{
	struct edge_store_ack one = ack_of(1, 11, 20, 0), two = ack_of(2, 11, 20, 0);
	struct outgoing outgoing;
	enum outgoing_ack what;

	begin(&outgoing, 1);
	assert_int_equal(outgoing_acked(&outgoing, &one, &what), STATUS_OK);
	assert_int_equal(what, OUTGOING_TRIM);
	outgoing_done(&outgoing);

	begin(&outgoing, 2);
	assert_int_equal(outgoing_acked(&outgoing, &one, &what), STATUS_OK);
	assert_int_equal(what, OUTGOING_KEEP);
	assert_int_equal(outgoing_acked(&outgoing, &two, &what), STATUS_OK);
	assert_int_equal(what, OUTGOING_TRIM);
	outgoing_done(&outgoing);
}

static void
solo_records_go_under_pressure_only_and_once(void **state)
{
	struct edge_store_ack first = ack_of(1, 11, 20, 0), second = ack_of(1, 21, 30, 0);
	struct edge_store_ack apart = ack_of(1, 40, 50, 0);
	struct outgoing_interval solo;
	struct outgoing outgoing;
	enum outgoing_ack what;

	begin(&outgoing, 2);
	assert_int_equal(outgoing_acked(&outgoing, &first, &what), STATUS_OK);
	assert_false(outgoing_take_solo(&outgoing, 100, &solo)); /* not offered for that */
	first.solo = second.solo = apart.solo = true;
	assert_int_equal(outgoing_acked(&outgoing, &first, &what), STATUS_OK);
	assert_int_equal(what, OUTGOING_KEEP);
	assert_int_equal(outgoing_acked(&outgoing, &second, &what), STATUS_OK);
	assert_int_equal(outgoing_acked(&outgoing, &apart, &what), STATUS_OK);
	assert_false(outgoing_take_solo(&outgoing, OUTGOING_PRESSURE - 1, &solo));
	assert_true(outgoing_take_solo(&outgoing, OUTGOING_PRESSURE, &solo));
	assert_int_equal(solo.first, 11);
	assert_int_equal(solo.last, 30);
	assert_int_equal(solo.hash[0], 30);
	assert_false(outgoing_take_solo(&outgoing, 100, &solo));
	outgoing_done(&outgoing);
}

static void
nothing_outlives_its_session(void **state)
{
	struct edge_store_ack late = ack_of(2, 11, 20, 1);
	struct outgoing_interval solo;
	struct outgoing outgoing;
	enum outgoing_ack what;
	size_t records, bytes;

	begin(&outgoing, 1);
	outgoing_sent(&outgoing, 20, 10, 500);
	outgoing_stop(&outgoing);
	assert_false(outgoing_room(&outgoing, &records, &bytes));
	assert_false(outgoing_fits(&outgoing, 1, 1));
	assert_int_equal(outgoing_acked(&outgoing, &late, &what), STATUS_OK);
	assert_int_equal(what, OUTGOING_KEEP);
	assert_false(outgoing_take_solo(&outgoing, 100, &solo));
	outgoing_done(&outgoing);
}

static void
what_breaks_the_rules_of_the_edge_is_refused(void **state)
{
	struct edge_store_ack acks[] = {ack_of(0, 11, 20, 0), ack_of(3, 11, 20, 0),
	    ack_of(1, 0, 20, 0), ack_of(1, 21, 20, 0), ack_of(1, 11, 20, 1),
	    ack_of(1, 11, UINT64_MAX, 0)};
	struct edge_store_accepted bad[4];
	struct outgoing_log own = own_log(5, 1000);
	enum outgoing_start start;
	struct outgoing outgoing;
	enum outgoing_ack what;

	begin(&outgoing, 1);
	for (size_t i = 0; i < COUNT_OF(acks); i++)
		assert_int_equal(outgoing_acked(&outgoing, &acks[i], &what), STATUS_INVALID);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		bad[i] = accepted(10, 10, 1);
	bad[0].copies = 0;
	bad[1].copies = 3;
	bad[2].window_records = 0;
	bad[3].window_bytes = 1;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(outgoing_accept(&outgoing, &bad[i], &own, &start),
		    STATUS_INVALID);
		assert_false(outgoing.live);
	}
	outgoing_done(&outgoing);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_session_goes_on_behind_what_the_console_holds),
	    cmocka_unit_test(what_was_trimmed_is_not_gone_back_to),
	    cmocka_unit_test(a_console_that_holds_more_than_there_is_shows_an_old_image),
	    cmocka_unit_test(another_hash_at_the_same_number_shows_an_old_image),
	    cmocka_unit_test(a_store_that_held_more_before_has_regressed_and_is_sent_all),
	    cmocka_unit_test(what_is_in_flight_takes_the_room_until_it_is_given_back),
	    cmocka_unit_test(a_batch_is_never_larger_than_the_protocol_allows),
	    cmocka_unit_test(with_one_copy_level_1_trims_with_two_it_does_not),
	    cmocka_unit_test(solo_records_go_under_pressure_only_and_once),
	    cmocka_unit_test(nothing_outlives_its_session),
	    cmocka_unit_test(what_breaks_the_rules_of_the_edge_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

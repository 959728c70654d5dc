/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>

#include "common/pki/digest.h"
#include "console-server/store/ingest.h"

struct fixture {
	struct db db;
	struct ingest *ingest;
};

static const uint8_t log_id[BATCH_LOG_ID_SIZE] = "0123456789abcde";

static int
open_store(void **state)
{
	static struct fixture fixture;

	if (db_open_writer(":memory:", &fixture.db) != STATUS_OK)
		return -1;
	fixture.ingest = ingest_new(&fixture.db);
	*state = &fixture;
	return db_run(&fixture.db,
		   "INSERT INTO sensor(id,name,state,anchor,pin,counter,confirmed,address,"
		   "not_after,first_us,last_us) VALUES(1,'s1.example',1,'','',0,0,'',0,0,0)") ==
		       STATUS_OK
		   ? 0
		   : -1;
}

static int
close_store(void **state)
{
	struct fixture *fixture = *state;

	ingest_free(fixture->ingest);
	db_close(&fixture->db);
	return 0;
}

static struct ingest_log *
log_of(struct fixture *fixture)
{
	struct ingest_log *log = NULL;

	assert_int_equal(ingest_open_log(fixture->ingest, 1, log_id, 0, &log), STATUS_OK);
	return log;
}

/* The text of record seq; another history has other texts. */
static void
put_record(struct buf *raw, uint64_t seq, char history)
{
	char text[100];
	int len = snprintf(text, sizeof(text),
	    "%ceve{\"timestamp\":\"1970-01-01T00:00:01Z\",\"event_type\":\"alert\","
	    "\"n\":\"%c%llu\"}",
	    3, history, (unsigned long long)seq);
	struct record record = {.type = RECORD_EVENT, .payload = bytes_of(text, (size_t)len)};

	buf_clear(raw);
	record_put(raw, &record);
}

static void
chain(uint8_t hash[RECORD_HASH_SIZE], uint64_t seq, struct bytes raw)
{
	uint8_t prefix[RECORD_CHAIN_PREFIX_SIZE];

	record_chain_prefix(hash, seq, prefix);
	digest_sha256((const struct bytes[]){bytes_of(prefix, sizeof(prefix)), raw}, 2, hash);
}

/* The chain hash at seq of a history. */
static void
hash_at(uint64_t seq, char history, uint8_t hash[RECORD_HASH_SIZE])
{
	struct buf raw;

	buf_init(&raw, 1000);
	memset(hash, 0, RECORD_HASH_SIZE);
	for (uint64_t i = 1; i <= seq; i++) {
		put_record(&raw, i, history);
		chain(hash, i, buf_bytes(&raw));
	}
	buf_done(&raw);
}

static struct ingest_result
deliver(struct fixture *fixture, uint64_t first, uint64_t last, char history)
{
	struct batch_header header = {.first_seq = first};
	struct batch_writer writer;
	struct ingest_result result;
	struct batch batch;
	struct buf out, raw;

	buf_init(&out, BATCH_SIZE_MAX);
	buf_init(&raw, 1000);
	memcpy(header.log_id, log_id, sizeof(log_id));
	hash_at(first - 1, history, header.prev_hash);
	batch_begin(&writer, &out, &header);
	for (uint64_t seq = first; seq <= last; seq++) {
		put_record(&raw, seq, history);
		assert_int_equal(batch_add(&writer, buf_bytes(&raw)), STATUS_OK);
	}
	batch_end(&writer);
	assert_int_equal(batch_open(buf_bytes(&out), &batch), STATUS_OK);
	assert_int_equal(ingest_batch(fixture->ingest, log_of(fixture), &batch, 5, &result),
	    STATUS_OK);
	buf_done(&out);
	buf_done(&raw);
	return result;
}

static int64_t
ask(struct fixture *fixture, const char *sql)
{
	struct query query;
	int64_t value;

	query_init(&query, &fixture->db, sql);
	assert_int_equal(query_step(&query), STATUS_OK);
	value = query_column_i64(&query, 0);
	query_done(&query);
	return value;
}

static void
records_are_stored_once_however_often_they_come(void **state)
{
	struct fixture *fixture = *state;
	uint8_t expected[RECORD_HASH_SIZE];
	struct ingest_result result = deliver(fixture, 1, 10, 'a');

	assert_int_equal(result.stored, 10);
	hash_at(10, 'a', expected);
	assert_memory_equal(result.hash, expected, RECORD_HASH_SIZE);
	result = deliver(fixture, 5, 12, 'a');
	assert_int_equal(result.stored, 2);
	assert_int_equal(result.duplicates, 6);
	assert_int_equal(result.forked, 0);
	assert_true(ask(fixture, "SELECT count(*) FROM event") == 12);
	assert_true(ask(fixture, "SELECT count(*) FROM span") == 1);
	assert_true(ask(fixture, "SELECT last FROM span") == 12);
	assert_true(ask(fixture, "SELECT count(*) FROM notice") == 0);
}

static void
the_columns_for_searching_are_taken_from_the_line(void **state)
{
	struct fixture *fixture = *state;

	deliver(fixture, 1, 1, 'a');
	assert_true(ask(fixture, "SELECT kind='eve/alert' FROM event") == 1);
	assert_true(ask(fixture, "SELECT time_us FROM event") == 1000000);
}

static void
a_position_says_where_to_go_on(void **state)
{
	struct fixture *fixture = *state;
	struct ingest_position position;
	uint8_t expected[RECORD_HASH_SIZE] = {0};

	ingest_position(log_of(fixture), 1, &position);
	assert_true(position.held == 0 && position.top == 0 && position.has_hash);
	assert_memory_equal(position.hash, expected, RECORD_HASH_SIZE);
	deliver(fixture, 1, 10, 'a');
	ingest_position(log_of(fixture), 4, &position);
	assert_true(position.held == 10 && position.top == 10 && position.has_hash);
	hash_at(10, 'a', expected);
	assert_memory_equal(position.hash, expected, RECORD_HASH_SIZE);
	ingest_position(log_of(fixture), 11, &position);
	assert_true(position.held == 10 && position.has_hash);
	ingest_position(log_of(fixture), 20, &position);
	assert_true(position.held == 19 && position.top == 10 && !position.has_hash);
}

static void
holes_are_kept_and_filled_in_any_order(void **state)
{
	struct fixture *fixture = *state;
	struct ingest_position position;

	deliver(fixture, 7, 9, 'a');
	deliver(fixture, 1, 2, 'a');
	deliver(fixture, 4, 5, 'a');
	assert_true(ask(fixture, "SELECT count(*) FROM span") == 3);
	ingest_forget(fixture->ingest); /* and read again from the table */
	deliver(fixture, 3, 3, 'a');
	assert_true(ask(fixture, "SELECT count(*) FROM span") == 2);
	deliver(fixture, 6, 8, 'a');
	assert_true(ask(fixture, "SELECT count(*) FROM span") == 1);
	assert_true(ask(fixture, "SELECT count(*) FROM event") == 9);
	ingest_position(log_of(fixture), 1, &position);
	assert_true(position.held == 9 && position.has_hash);
	assert_true(ask(fixture, "SELECT count(*) FROM notice") == 0);
}

static void
another_history_is_kept_beside_the_first_and_noticed(void **state)
{
	struct fixture *fixture = *state;
	struct ingest_result result;

	deliver(fixture, 1, 5, 'a');
	result = deliver(fixture, 4, 6, 'b');
	assert_int_equal(result.stored, 3);
	assert_true(result.forked == 4);
	assert_true(ask(fixture, "SELECT count(*) FROM event") == 8);
	assert_true(ask(fixture, "SELECT max(fork) FROM event WHERE seq=4") == 1);
	assert_true(ask(fixture, "SELECT count(*) FROM notice WHERE kind='FORK'") == 1);
	result = deliver(fixture, 4, 6, 'b');
	assert_int_equal(result.duplicates, 3);
	assert_true(result.forked == 0);
}

static void
a_history_that_does_not_go_on_from_ours_is_noticed(void **state)
{
	struct fixture *fixture = *state;

	deliver(fixture, 1, 5, 'a');
	assert_true(deliver(fixture, 6, 7, 'b').forked == 6);
	assert_true(ask(fixture, "SELECT count(*) FROM event") == 7);
}

static void
more_logs_than_memory_keeps_are_all_known(void **state)
{
	struct fixture *fixture = *state;
	uint8_t other_id[BATCH_LOG_ID_SIZE] = {0};
	struct ingest_position position;
	struct ingest_log *log;

	deliver(fixture, 1, 3, 'a');
	for (unsigned int i = 0; i < INGEST_LOGS_MAX + 10; i++) {
		memcpy(other_id, &i, sizeof(i));
		assert_int_equal(ingest_open_log(fixture->ingest, 1, other_id, 0, &log),
		    STATUS_OK);
	}
	ingest_position(log_of(fixture), 1, &position);
	assert_true(position.held == 3 && position.has_hash);
	assert_int_equal(deliver(fixture, 1, 4, 'a').stored, 1);
	assert_true(ask(fixture, "SELECT count(*) FROM log") == INGEST_LOGS_MAX + 11);
}

/* A batch of one record, which nothing goes before, without a look at its status. */
static enum status
deliver_one(struct fixture *fixture, uint64_t seq)
{
	struct batch_header header = {.first_seq = seq, .prev_hash = {seq != 1}};
	struct batch_writer writer;
	struct ingest_result result;
	enum status status;
	struct batch batch;
	struct buf out, raw;

	buf_init(&out, BATCH_SIZE_MAX);
	buf_init(&raw, 1000);
	memcpy(header.log_id, log_id, sizeof(log_id));
	batch_begin(&writer, &out, &header);
	put_record(&raw, seq, 'a');
	assert_int_equal(batch_add(&writer, buf_bytes(&raw)), STATUS_OK);
	batch_end(&writer);
	assert_int_equal(batch_open(buf_bytes(&out), &batch), STATUS_OK);
	status = ingest_batch(fixture->ingest, log_of(fixture), &batch, 5, &result);
	buf_done(&out);
	buf_done(&raw);
	return status;
}

static void
a_log_with_too_many_holes_takes_only_what_touches_what_it_has(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t last = 3 * (INGEST_SPANS_MAX - 1) + 10;

	assert_int_equal(db_run(&fixture->db, "BEGIN"), STATUS_OK);
	for (uint64_t i = 0; i < INGEST_SPANS_MAX; i++)
		assert_int_equal(deliver_one(fixture, 3 * i + 10), STATUS_OK);
	assert_int_equal(deliver_one(fixture, last + 2), STATUS_LIMIT);
	assert_int_equal(deliver_one(fixture, 1), STATUS_LIMIT);
	assert_true(ask(fixture, "SELECT count(*) FROM event") == INGEST_SPANS_MAX);
	assert_int_equal(deliver_one(fixture, 9), STATUS_OK);  /* before the first */
	assert_int_equal(deliver_one(fixture, 11), STATUS_OK); /* behind the first */
	assert_int_equal(deliver_one(fixture, last + 1), STATUS_OK);
	assert_int_equal(deliver_one(fixture, 12), STATUS_OK); /* joins two */
	assert_int_equal(deliver_one(fixture, last + 3), STATUS_OK);
	assert_true(ask(fixture, "SELECT count(*) FROM span") == INGEST_SPANS_MAX);
	ingest_forget(fixture->ingest); /* and can be read again */
	assert_int_equal(deliver_one(fixture, last + 4), STATUS_OK);
	assert_int_equal(db_run(&fixture->db, "COMMIT"), STATUS_OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(records_are_stored_once_however_often_they_come),
	    CASE(the_columns_for_searching_are_taken_from_the_line),
	    CASE(a_position_says_where_to_go_on),
	    CASE(holes_are_kept_and_filled_in_any_order),
	    CASE(another_history_is_kept_beside_the_first_and_noticed),
	    CASE(a_history_that_does_not_go_on_from_ours_is_noticed),
	    CASE(more_logs_than_memory_keeps_are_all_known),
	    CASE(a_log_with_too_many_holes_takes_only_what_touches_what_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

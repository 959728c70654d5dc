/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>

#include "console-server/store/registry.h"

struct fixture {
	struct db db;
	struct registry registry;
};

static int
open_store(void **state)
{
	static struct fixture fixture;

	if (db_open_writer(":memory:", &fixture.db) != STATUS_OK)
		return -1;
	registry_init(&fixture.registry, &fixture.db);
	*state = &fixture;
	return 0;
}

static int
close_store(void **state)
{
	struct fixture *fixture = *state;

	registry_done(&fixture->registry);
	db_close(&fixture->db);
	return 0;
}

static struct registry_claim
claim_of(const char *name, uint8_t key)
{
	struct registry_claim claim = {.name = bytes_of_text(name),
	    .address = bytes_of_text("127.0.0.1"),
	    .now_us = 1};

	memset(claim.anchor, 0xa0, sizeof(claim.anchor));
	memset(claim.pin, key, sizeof(claim.pin));
	return claim;
}

static struct registry_answer
decide(struct registry *registry, const struct registry_claim *claim, bool live_answered)
{
	struct registry_answer answer = {0};

	assert_int_equal(registry_decide(registry, claim, live_answered, &answer), STATUS_OK);
	return answer;
}

/* A sensor that was approved and has connected once, with its first counter confirmed. */
static uint64_t
enrolled(struct registry *registry, const char *name, uint8_t key)
{
	struct registry_claim claim = claim_of(name, key);
	struct registry_answer answer = decide(registry, &claim, false);

	assert_int_equal(answer.reason, REASON_IDENTITY_UNENROLLED);
	assert_int_equal(registry_approve(registry, claim.name), STATUS_OK);
	answer = decide(registry, &claim, false);
	assert_int_equal(answer.verdict, REGISTRY_ACCEPT);
	assert_int_equal(registry_confirm(registry, answer.sensor, answer.counter), STATUS_OK);
	return answer.counter;
}

static void
an_unknown_appliance_waits_for_approval(void **state)
{
	struct registry *registry = &((struct fixture *)*state)->registry;
	struct registry_claim claim = claim_of("s1.example", 1);
	struct registry_answer answer = decide(registry, &claim, false);

	assert_int_equal(answer.verdict, REGISTRY_REFUSE);
	assert_int_equal(answer.reason, REASON_IDENTITY_UNENROLLED);
	answer = decide(registry, &claim, false);
	assert_int_equal(answer.reason, REASON_IDENTITY_UNENROLLED);
	assert_int_equal(registry_approve(registry, claim.name), STATUS_OK);
	answer = decide(registry, &claim, false);
	assert_int_equal(answer.verdict, REGISTRY_ACCEPT);
	assert_int_equal(answer.counter, 1);
	assert_int_equal(registry_approve(registry, bytes_of_text("nobody")), STATUS_NOT_FOUND);
}

static void
a_retired_appliance_is_refused(void **state)
{
	struct registry *registry = &((struct fixture *)*state)->registry;
	struct registry_claim claim = claim_of("s1.example", 1);
	struct registry_answer answer;

	claim.counter = enrolled(registry, "s1.example", 1);
	assert_int_equal(registry_retire(registry, claim.name), STATUS_OK);
	answer = decide(registry, &claim, false);
	assert_int_equal(answer.reason, REASON_IDENTITY_UNENROLLED);
	assert_string_equal(answer.detail, "retired");
}

static void
the_same_appliance_replaces_its_old_session_silently(void **state)
{
	struct registry *registry = &((struct fixture *)*state)->registry;
	struct registry_claim claim = claim_of("s1.example", 1);

	claim.counter = enrolled(registry, "s1.example", 1);
	claim.live = true;
	claim.same_log = true;
	assert_int_equal(decide(registry, &claim, false).verdict, REGISTRY_ACCEPT);
	/* the answer was lost: it still shows the counter it had */
	assert_int_equal(decide(registry, &claim, false).verdict, REGISTRY_ACCEPT);
}

static void
a_clone_is_a_conflict_only_while_the_first_lives(void **state)
{
	struct registry *registry = &((struct fixture *)*state)->registry;
	struct registry_claim claim = claim_of("s1.example", 1);
	struct registry_answer answer;

	claim.counter = enrolled(registry, "s1.example", 1);
	claim.live = true;
	claim.same_log = false;
	assert_int_equal(decide(registry, &claim, false).verdict, REGISTRY_PING_FIRST);
	answer = decide(registry, &claim, true);
	assert_int_equal(answer.verdict, REGISTRY_REFUSE);
	assert_int_equal(answer.reason, REASON_IDENTITY_DUPLICATE);
	claim.live = false; /* it did not answer, its session is gone */
	assert_int_equal(decide(registry, &claim, false).verdict, REGISTRY_ACCEPT);
}

static void
a_stale_counter_beside_a_live_session_is_asked_about(void **state)
{
	struct registry *registry = &((struct fixture *)*state)->registry;
	struct registry_claim claim = claim_of("s1.example", 1);

	enrolled(registry, "s1.example", 1);
	claim.live = true;
	claim.same_log = true;
	claim.counter = 0;
	assert_int_equal(decide(registry, &claim, false).verdict, REGISTRY_PING_FIRST);
}

static void
a_renewed_certificate_keeps_its_appliance(void **state)
{
	struct registry *registry = &((struct fixture *)*state)->registry;
	struct registry_claim claim = claim_of("s1.example", 2);
	struct registry_answer answer;

	claim.counter = enrolled(registry, "s1.example", 1);
	answer = decide(registry, &claim, false);
	assert_int_equal(answer.verdict, REGISTRY_ACCEPT);
	assert_true(answer.renewed);
	/* the old key is now the stranger */
	claim = claim_of("s1.example", 1);
	answer = decide(registry, &claim, false);
	assert_int_equal(answer.reason, REASON_IDENTITY_DUPLICATE);
}

static void
another_key_waits_for_the_operator(void **state)
{
	struct registry *registry = &((struct fixture *)*state)->registry;
	struct registry_claim claim = claim_of("s1.example", 2);

	enrolled(registry, "s1.example", 1);
	assert_int_equal(registry_accept_key(registry, claim.name), STATUS_INVALID);
	assert_int_equal(decide(registry, &claim, false).reason, REASON_IDENTITY_DUPLICATE);
	claim.counter = 7; /* a counter that was never handed out */
	assert_int_equal(decide(registry, &claim, false).reason, REASON_IDENTITY_DUPLICATE);
	assert_int_equal(registry_accept_key(registry, claim.name), STATUS_OK);
	assert_int_equal(decide(registry, &claim, false).verdict, REGISTRY_ACCEPT);
}

static void
another_key_of_another_anchor_is_never_a_renewal(void **state)
{
	struct registry *registry = &((struct fixture *)*state)->registry;
	struct registry_claim claim = claim_of("s1.example", 2);

	claim.counter = enrolled(registry, "s1.example", 1);
	memset(claim.anchor, 0xb0, sizeof(claim.anchor));
	assert_int_equal(decide(registry, &claim, false).reason, REASON_IDENTITY_DUPLICATE);
}

static void
the_peer_console_is_one_name_and_never_a_sensor(void **state)
{
	struct registry *registry = &((struct fixture *)*state)->registry;
	struct registry_claim claim = claim_of("console-b.example", 1);
	struct registry_answer answer;

	assert_int_equal(registry_decide_peer(registry, &claim, &answer), STATUS_OK);
	assert_int_equal(answer.reason, REASON_ROLE);
	assert_int_equal(registry_peer_set(registry, claim.name, bytes_of_text("b:8443")),
	    STATUS_OK);
	assert_int_equal(registry_decide_peer(registry, &claim, &answer), STATUS_OK);
	assert_int_equal(answer.verdict, REGISTRY_ACCEPT);
	assert_int_equal(decide(registry, &claim, false).reason, REASON_ROLE);

	claim = claim_of("console-b.example", 2);
	assert_int_equal(registry_decide_peer(registry, &claim, &answer), STATUS_OK);
	assert_int_equal(answer.reason, REASON_IDENTITY_DUPLICATE);
	claim = claim_of("console-c.example", 1);
	assert_int_equal(registry_decide_peer(registry, &claim, &answer), STATUS_OK);
	assert_int_equal(answer.reason, REASON_ROLE);
	assert_int_equal(registry_peer_remove(registry), STATUS_OK);
	assert_int_equal(registry_peer_remove(registry), STATUS_NOT_FOUND);
}

static void
pending_rows_are_bounded_and_the_oldest_go(void **state)
{
	struct registry *registry = &((struct fixture *)*state)->registry;
	struct registry_sensor sensor;
	char name[40];

	for (int i = 0; i < REGISTRY_PENDING_MAX + 5; i++) {
		struct registry_claim claim;

		snprintf(name, sizeof(name), "s%d.example", i);
		claim = claim_of(name, 1);
		claim.now_us = i;
		decide(registry, &claim, false);
	}
	assert_int_equal(registry_find(registry, bytes_of_text("s4.example"), &sensor),
	    STATUS_NOT_FOUND);
	assert_int_equal(registry_find(registry, bytes_of_text("s5.example"), &sensor),
	    STATUS_OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(an_unknown_appliance_waits_for_approval),
	    CASE(a_retired_appliance_is_refused),
	    CASE(the_same_appliance_replaces_its_old_session_silently),
	    CASE(a_clone_is_a_conflict_only_while_the_first_lives),
	    CASE(a_stale_counter_beside_a_live_session_is_asked_about),
	    CASE(a_renewed_certificate_keeps_its_appliance),
	    CASE(another_key_waits_for_the_operator),
	    CASE(another_key_of_another_anchor_is_never_a_renewal),
	    CASE(the_peer_console_is_one_name_and_never_a_sensor),
	    CASE(pending_rows_are_bounded_and_the_oldest_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

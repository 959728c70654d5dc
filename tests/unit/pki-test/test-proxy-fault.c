/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "pki-test/proxy_fault.h"

static struct proxy_step
step(const char *text, enum proxy_way way, size_t waiting, uint64_t passed, int64_t gone_ms)
{
	struct proxy_fault fault;
	struct proxy_state state = {way, waiting, passed, gone_ms, gone_ms};

	assert_true(proxy_fault_parse(text, &fault));
	return proxy_fault_step(&fault, &state);
}

static void
assert_step(struct proxy_step got, enum proxy_action action, size_t len, int64_t wait_ms)
{
	assert_int_equal(got.action, action);
	assert_int_equal(got.len, len);
	assert_int_equal(got.wait_ms, wait_ms);
}

static void
without_a_fault_and_in_the_other_direction_everything_passes(void **state)
{
	static const char *const faults[] = {"none", "refuse", "duplicate", "delay-down",
	    "dribble-down", "cut-down", "reset-down", "half-open-down", "black-hole-down"};

	for (size_t i = 0; i < COUNT_OF(faults); i++)
		assert_step(step(faults[i], PROXY_UP, 500, 100, 0), PROXY_PASS, 500, 0);
}

static void
time_is_waited_for(void **state)
{
	assert_step(step("delay=200", PROXY_UP, 500, 0, 50), PROXY_WAIT, 0, 150);
	assert_step(step("delay=200", PROXY_UP, 500, 0, 200), PROXY_PASS, 500, 0);
	assert_step(step("dribble=10", PROXY_DOWN, 500, 0, 3), PROXY_WAIT, 0, 7);
	assert_step(step("dribble=10", PROXY_DOWN, 500, 0, 11), PROXY_PASS, 1, 0);
}

static void
octets_are_counted_to_the_last(void **state)
{
	assert_step(step("cut=100", PROXY_UP, 50, 0, 0), PROXY_PASS, 50, 0);
	assert_step(step("cut=100", PROXY_UP, 50, 80, 0), PROXY_PASS, 20, 0);
	assert_step(step("cut=100", PROXY_UP, 50, 100, 0), PROXY_CLOSE, 0, 0);
	assert_step(step("cut=100", PROXY_UP, 50, 101, 0), PROXY_CLOSE, 0, 0);
	assert_step(step("cut", PROXY_UP, 50, 0, 0), PROXY_CLOSE, 0, 0);
	assert_step(step("reset-up=7", PROXY_UP, 50, 7, 0), PROXY_ABORT, 0, 0);
	assert_step(step("half-open=7", PROXY_UP, 50, 3, 0), PROXY_PASS, 4, 0);
	assert_step(step("half-open=7", PROXY_UP, 50, 7, 0), PROXY_STOP, 0, 0);
	assert_step(step("black-hole", PROXY_UP, 50, 7, 0), PROXY_DISCARD, 0, 0);
}

static void
the_end_comes_with_the_last_octet_that_may_pass(void **state)
{
	struct proxy_fault fault;

	assert_true(proxy_fault_parse("cut-up=5", &fault));
	assert_false(proxy_fault_is_due(&fault, PROXY_UP, 4));
	assert_true(proxy_fault_is_due(&fault, PROXY_UP, 5));
	assert_false(proxy_fault_is_due(&fault, PROXY_DOWN, 5));
	assert_true(proxy_fault_parse("half-open=5", &fault));
	assert_false(proxy_fault_is_due(&fault, PROXY_UP, 5));
}

static void
what_is_no_fault_is_not_read(void **state)
{
	static const char *const bad[] = {"", "nonsense", "cut=", "cut=x", "cut=-1", "cut-left",
	    "-up", "cut-up-down", "cut=99999999999", "Cut"};
	struct proxy_fault fault;

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(proxy_fault_parse(bad[i], &fault));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_fault_and_in_the_other_direction_everything_passes),
	    cmocka_unit_test(time_is_waited_for),
	    cmocka_unit_test(octets_are_counted_to_the_last),
	    cmocka_unit_test(the_end_comes_with_the_last_octet_that_may_pass),
	    cmocka_unit_test(what_is_no_fault_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * That the question asked of path_validate is the one that was meant; what it answers is
 * tested with common/pki.
 */
#include "tests/lib/test.h"

#include "common/base/clock.h"
#include "common/tls/judge.h"
#include "tests/unit/common/tls/lab.h"

static struct lab_cert ca;
static struct lab_cert leaf;

static int
group_setup(void **state)
{
	lab_cert_make(&ca, "plant-ca", LAB_P256, GNUTLS_KEY_KEY_CERT_SIGN, NULL);
	lab_cert_make(&leaf, "sensor-7.plant.example", LAB_RSA, GNUTLS_KEY_DIGITAL_SIGNATURE,
	    &ca);
	return 0;
}

static int
group_teardown(void **state)
{
	lab_cert_done(&ca);
	lab_cert_done(&leaf);
	return 0;
}

/* A snapshot whose appliance purpose trusts the CA. */
static struct snapshot *
make_snapshot(const struct snapshot_policy *policy)
{
	struct snapshot_purpose purposes[TRUST_PURPOSE_COUNT] = {0};
	struct cert *anchor;

	assert_int_equal(cert_parse(ca.der, &anchor, NULL), STATUS_OK);
	purposes[TRUST_APPLIANCE].policy = *policy;
	assert_int_equal(trust_new_take(TRUST_APPLIANCE, 1, &anchor, 1, NULL, 0,
			     &purposes[TRUST_APPLIANCE].trust),
	    STATUS_OK);
	return snapshot_new_take(1, purposes, NULL);
}

static enum reason
judge(const struct snapshot_policy *policy, const struct judge_question *question, size_t count,
    enum verdict_outcome *ret_outcome)
{
	struct snapshot *snapshot = make_snapshot(policy);
	struct verdict *verdict = judge_chain(snapshot, NULL, question, &leaf.der, count);
	enum reason reason = verdict_reason(verdict);

	*ret_outcome = verdict_outcome(verdict);
	assert_int_equal(verdict_purpose(verdict), question->purpose);
	verdict_free(verdict);
	snapshot_unref(snapshot);
	return reason;
}

static void
purpose_name_and_policy_reach_the_judge(void **state)
{
	const struct snapshot_policy no_crls = {.validation = true, .revocation = SNAPSHOT_OFF};
	const struct snapshot_policy strict = {.validation = true};
	const struct snapshot_policy off = {.validation = false};
	const struct snapshot_policy profile = {.validation = true,
	    .profile = true,
	    .revocation = SNAPSHOT_OFF};
	const int64_t now_s = clock_wall_s();
	const struct {
		const struct snapshot_policy *policy;
		struct judge_question question;
		size_t count;
		enum verdict_outcome outcome;
		enum reason reason;
	} cases[] = {
	    {&no_crls, {TRUST_APPLIANCE, true, NULL, now_s}, 1, VERDICT_ACCEPT, REASON_OK},
	    {&no_crls, {TRUST_APPLIANCE, false, "SENSOR-7.plant.example", now_s}, 1,
		VERDICT_ACCEPT, REASON_OK},
	    {&no_crls, {TRUST_APPLIANCE, false, "sensor-8.plant.example", now_s}, 1,
		VERDICT_REJECT, REASON_NAME_MISMATCH},
	    {&no_crls, {TRUST_APPLIANCE, true, NULL, now_s + 7200}, 1, VERDICT_REJECT,
		REASON_EXPIRED},
	    {&no_crls, {TRUST_APPLIANCE, true, NULL, now_s}, 0, VERDICT_REJECT,
		REASON_NO_CERTIFICATE},
	    {&no_crls, {TRUST_FORWARD, true, NULL, now_s}, 1, VERDICT_REJECT, REASON_NO_ISSUER},
	    {&strict, {TRUST_APPLIANCE, true, NULL, now_s}, 1, VERDICT_REJECT,
		REASON_CRL_MISSING},
	    {&off, {TRUST_APPLIANCE, true, NULL, now_s}, 1, VERDICT_WAIVED, REASON_CRL_MISSING},
	    {&profile, {TRUST_APPLIANCE, true, NULL, now_s}, 1, VERDICT_REJECT,
		REASON_PROFILE_HASH},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		enum verdict_outcome outcome;

		assert_int_equal(judge(cases[i].policy, &cases[i].question, cases[i].count,
				     &outcome),
		    cases[i].reason);
		assert_int_equal(outcome, cases[i].outcome);
	}
}

static void
a_live_link_outlives_its_crl_for_a_while_and_nothing_else(void **state)
{
	const struct snapshot_policy strict = {.validation = true, .live_stale_s = 100};
	const struct snapshot_policy at_once = {.validation = true, .live_stale_s = 0};
	const struct snapshot_policy no_crls = {.validation = true, .revocation = SNAPSHOT_OFF};
	const struct judge_question question = {.purpose = TRUST_APPLIANCE,
	    .peer_dials = true,
	    .now_s = clock_wall_s()};
	struct snapshot *snapshot = make_snapshot(&strict);
	struct snapshot *lenient = make_snapshot(&no_crls);
	struct verdict *stale = judge_chain(snapshot, NULL, &question, &leaf.der, 1);
	struct verdict *good = judge_chain(lenient, NULL, &question, &leaf.der, 1);
	struct verdict *revoked = verdict_new_rejected(TRUST_APPLIANCE, REASON_REVOKED, "");

	assert_true(verdict_wants_crl(stale));
	assert_int_equal(judge_live(good, &strict, 0, 1000), JUDGE_KEEP);
	assert_int_equal(judge_live(revoked, &strict, 0, 1000), JUDGE_DROP);
	assert_int_equal(judge_live(stale, &strict, 0, 1000), JUDGE_STALE);
	assert_int_equal(judge_live(stale, &strict, 950, 1000), JUDGE_STALE);
	assert_int_equal(judge_live(stale, &strict, 900, 1000), JUDGE_DROP);
	assert_int_equal(judge_live(stale, &at_once, 0, 1000), JUDGE_DROP);
	verdict_free(stale);
	verdict_free(good);
	verdict_free(revoked);
	snapshot_unref(snapshot);
	snapshot_unref(lenient);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(purpose_name_and_policy_reach_the_judge),
	    cmocka_unit_test(a_live_link_outlives_its_crl_for_a_while_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}

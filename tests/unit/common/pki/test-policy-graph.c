/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>

#include "common/pki/oid.h"
#include "common/pki/policy.h"
#include "common/pki/policy_graph.h"
#include "tests/lib/ext_build.h"
#include "tests/lib/pki_build.h"

enum {
	ROOM = 1 << 16,
	PATH_MAX_LEN = 12
};

#define ANY  "2.5.29.32.0"
#define P(n) "1.2.3." #n

static struct pki_key *key;

/* One certificate of a path, from the top down; all zero: no policy extension at all. */
struct step {
	const char *const *policies;
	const char *const *mappings;
	int require_explicit; /* plus 1 */
	int inhibit_mapping;  /* plus 1 */
	int inhibit_any;      /* plus 1 */
	bool self_issued;
};

struct question {
	const char *const *initial;
	bool explicit_policy;
	bool inhibit_any;
	bool inhibit_mapping;
	bool with_anchor; /* the first step is the anchor */
};

static struct cert *
cert_of(const struct step *step)
{
	struct pki_cert_spec spec = {.subject = "a", .issuer = step->self_issued ? "a" : "b"};
	struct buf extra, der;
	struct cert *cert;

	buf_init(&extra, ROOM);
	buf_init(&der, ROOM);
	if (step->policies != NULL)
		ext_policies(&extra, step->policies);
	if (step->mappings != NULL)
		ext_policy_mappings(&extra, step->mappings);
	if (step->require_explicit > 0 || step->inhibit_mapping > 0)
		ext_policy_constraints(&extra, step->require_explicit - 1,
		    step->inhibit_mapping - 1);
	if (step->inhibit_any > 0)
		ext_inhibit_any_policy(&extra, (unsigned int)step->inhibit_any - 1);
	spec.extra = buf_bytes(&extra);
	pki_build_cert(&spec, key, key, &der);
	assert_int_equal(cert_parse(buf_bytes(&der), &cert, NULL), STATUS_OK);
	buf_done(&extra);
	buf_done(&der);
	return cert;
}

static bool
valid(const struct question *question, const struct step *steps, size_t count)
{
	struct bytes initial[8];
	struct buf values[8];
	struct policy_inputs inputs = {initial, 0, question->explicit_policy,
	    question->inhibit_any, question->inhibit_mapping};
	struct policy_graph *graph;
	struct cert *certs[PATH_MAX_LEN];
	bool good = true;

	for (size_t i = 0; question->initial != NULL && question->initial[i] != NULL; i++) {
		buf_init(&values[i], 100);
		assert_true(oid_parse(question->initial[i], &values[i]));
		initial[inputs.initial_count++] = buf_bytes(&values[i]);
	}
	graph = policy_graph_new(&inputs, count);
	for (size_t i = 0; i < count; i++) {
		certs[i] = cert_of(&steps[i]);
		if (policy_graph_add(graph, certs[i], i == 0 && question->with_anchor) != NULL)
			good = false;
	}
	policy_graph_free(graph);
	for (size_t i = 0; i < count; i++)
		cert_free(certs[i]);
	for (size_t i = 0; i < inputs.initial_count; i++)
		buf_done(&values[i]);
	return good;
}

#define POL(...)                              \
	{                                     \
		.policies = LIST(__VA_ARGS__) \
	}

static const struct question explicit = {.explicit_policy = true};

static bool
valid_explicit(const struct step *steps, size_t count)
{
	return valid(&explicit, steps, count);
}

static void
without_demands_any_path_is_valid(void **state)
{
	const struct question none = {0};
	const struct step without[2] = {{0}, {0}};
	const struct step different[2] = {POL(P(1)), POL(P(2))};

	assert_true(valid(&none, without, 2));
	assert_true(valid(&none, different, 2));
	/* given a set of policies, but none is required; then it does not matter */
	assert_true(valid(&(struct question){.initial = LIST(P(9))}, different, 2));
}

static void
a_required_policy_has_to_be_in_all_certificates(void **state)
{
	const struct step same[2] = {POL(P(1), P(2)), POL(P(2), P(3))};
	const struct step different[2] = {POL(P(1)), POL(P(2))};
	const struct step gap[3] = {POL(P(1)), {0}, POL(P(1))};

	assert_true(valid_explicit(same, 2));
	assert_false(valid_explicit(different, 2));
	assert_false(valid_explicit(gap, 3));
	assert_false(valid_explicit(&gap[1], 1));
}

static void
the_initial_set_chooses_among_the_policies(void **state)
{
	const struct step same[2] = {POL(P(1), P(2)), POL(P(2), P(3))};

	assert_true(valid(&(struct question){LIST(P(2)), .explicit_policy = true}, same, 2));
	assert_true(
	    valid(&(struct question){LIST(P(7), P(2)), .explicit_policy = true}, same, 2));
	assert_true(valid(&(struct question){LIST(ANY), .explicit_policy = true}, same, 2));
	/* the first is in the CA only, the third in the leaf only */
	assert_false(valid(&(struct question){LIST(P(1)), .explicit_policy = true}, same, 2));
	assert_false(valid(&(struct question){LIST(P(3)), .explicit_policy = true}, same, 2));
}

static void
any_policy_stands_for_all_until_it_is_inhibited(void **state)
{
	const struct step above[2] = {POL(ANY), POL(P(1))};
	const struct step below[2] = {POL(P(1)), POL(ANY)};
	const struct step both[2] = {POL(ANY), POL(ANY)};
	const struct question inhibited = {.explicit_policy = true, .inhibit_any = true};

	assert_true(valid(&(struct question){LIST(P(1)), .explicit_policy = true}, above, 2));
	assert_true(valid(&(struct question){LIST(P(1)), .explicit_policy = true}, below, 2));
	assert_true(valid(&(struct question){LIST(P(9)), .explicit_policy = true}, both, 2));
	assert_false(valid(&(struct question){LIST(P(2)), .explicit_policy = true}, above, 2));
	assert_false(valid(&inhibited, above, 2));
	assert_false(valid(&inhibited, below, 2));
}

static void
inhibit_any_policy_counts_down_and_spares_self_issued_cas(void **state)
{
	const struct step at_once[2] = {{.policies = LIST(P(1)), .inhibit_any = 1}, POL(ANY)};
	const struct step one_more[2] = {{.policies = LIST(P(1)), .inhibit_any = 2}, POL(ANY)};
	const struct step late[3] = {{.policies = LIST(P(1)), .inhibit_any = 2}, POL(P(1)),
	    POL(ANY)};
	const struct step self[3] = {{.policies = LIST(P(1)), .inhibit_any = 1},
	    {.policies = LIST(ANY), .self_issued = true}, POL(P(1))};
	const struct step self_leaf[2] = {{.policies = LIST(P(1)), .inhibit_any = 1},
	    {.policies = LIST(ANY), .self_issued = true}};

	assert_false(valid_explicit(at_once, 2));
	assert_true(valid_explicit(one_more, 2));
	assert_false(valid_explicit(late, 3));
	assert_true(valid_explicit(self, 3));
	assert_false(valid_explicit(self_leaf, 2));
}

static void
require_explicit_policy_counts_down(void **state)
{
	const struct question none = {0};
	const struct step now[2] = {{.require_explicit = 1}, {0}};
	const struct step now_good[2] = {{LIST(P(1)), .require_explicit = 1}, POL(P(1))};
	const struct step later[3] = {{.require_explicit = 3}, {0}, {0}};
	const struct step in_time[4] = {{.require_explicit = 3}, {0}, {0}, {0}};
	const struct step by_leaf[1] = {{.require_explicit = 1}};
	const struct step self[3] = {{.require_explicit = 3}, {.self_issued = true},
	    {.self_issued = true}};

	assert_false(valid(&none, now, 2));
	assert_true(valid(&none, now_good, 2));
	assert_false(valid(&none, later, 3));
	assert_false(valid(&none, in_time, 4));
	assert_false(valid(&none, by_leaf, 1));
	assert_true(valid(&none, self, 3));
}

static void
a_mapped_policy_goes_on_under_its_new_name(void **state)
{
	const struct step mapped[2] = {{.policies = LIST(P(1)), .mappings = LIST(P(1), P(2))},
	    POL(P(2))};
	const struct step old_name[2] = {{.policies = LIST(P(1)), .mappings = LIST(P(1), P(2))},
	    POL(P(1))};
	const struct step split[2] = {{.policies = LIST(P(1)),
					  .mappings = LIST(P(1), P(2), P(1), P(3))},
	    POL(P(3))};
	const struct step merged[2] = {{.policies = LIST(P(1), P(2)),
					   .mappings = LIST(P(1), P(3), P(2), P(3))},
	    POL(P(3))};
	const struct step twice[3] = {{.policies = LIST(P(1)), .mappings = LIST(P(1), P(2))},
	    {.policies = LIST(P(2)), .mappings = LIST(P(2), P(3))}, POL(P(3))};

	assert_true(valid_explicit(mapped, 2));
	assert_false(valid_explicit(old_name, 2));
	assert_true(valid_explicit(split, 2));
	assert_true(valid_explicit(twice, 3));
	/* the user's set is in the names of the user's domain: the topmost */
	assert_true(valid(&(struct question){LIST(P(1)), .explicit_policy = true}, mapped, 2));
	assert_false(valid(&(struct question){LIST(P(2)), .explicit_policy = true}, mapped, 2));
	assert_true(valid(&(struct question){LIST(P(1)), .explicit_policy = true}, twice, 3));
	assert_true(valid(&(struct question){LIST(P(2)), .explicit_policy = true}, merged, 2));
	assert_false(valid(&(struct question){LIST(P(9)), .explicit_policy = true}, merged, 2));
}

static void
a_policy_under_any_policy_can_be_mapped(void **state)
{
	const struct step mapped[2] = {{.policies = LIST(ANY), .mappings = LIST(P(1), P(2))},
	    POL(P(2))};
	const struct step beside[2] = {{.policies = LIST(ANY), .mappings = LIST(P(1), P(2))},
	    POL(P(5))};
	const struct step unheld[2] = {{.policies = LIST(P(3)), .mappings = LIST(P(1), P(2))},
	    POL(P(2))};
	const struct step any_leaf[2] = {{.policies = LIST(P(1)), .mappings = LIST(P(1), P(2))},
	    POL(ANY)};

	assert_true(valid(&(struct question){LIST(P(1)), .explicit_policy = true}, mapped, 2));
	assert_false(valid(&(struct question){LIST(P(4)), .explicit_policy = true}, mapped, 2));
	assert_true(valid(&(struct question){LIST(P(5)), .explicit_policy = true}, beside, 2));
	assert_false(valid_explicit(unheld, 2));
	assert_true(
	    valid(&(struct question){LIST(P(1)), .explicit_policy = true}, any_leaf, 2));
}

static void
inhibited_mapping_loses_the_policy(void **state)
{
	const struct question inhibited = {.explicit_policy = true, .inhibit_mapping = true};
	const struct step mapped[2] = {{.policies = LIST(P(1)), .mappings = LIST(P(1), P(2))},
	    POL(P(2))};
	const struct step old_name[2] = {{.policies = LIST(P(1)), .mappings = LIST(P(1), P(2))},
	    POL(P(1))};
	const struct step other[2] = {{.policies = LIST(P(1), P(4)),
					  .mappings = LIST(P(1), P(2))},
	    POL(P(4))};
	const struct step later[3] = {{LIST(P(1)), .inhibit_mapping = 1},
	    {.policies = LIST(P(1)), .mappings = LIST(P(1), P(2))}, POL(P(2))};
	const struct step in_time[3] = {{LIST(P(1)), .inhibit_mapping = 2},
	    {.policies = LIST(P(1)), .mappings = LIST(P(1), P(2))}, POL(P(2))};

	assert_false(valid(&inhibited, mapped, 2));
	assert_false(valid(&inhibited, old_name, 2));
	assert_true(valid(&inhibited, other, 2));
	assert_false(valid_explicit(later, 3));
	assert_true(valid_explicit(in_time, 3));
}

static void
mapping_any_policy_is_refused_even_where_no_policy_is_required(void **state)
{
	const struct question none = {0};
	const struct step from[2] = {{.policies = LIST(P(1)), .mappings = LIST(ANY, P(2))},
	    POL(P(2))};
	const struct step to[2] = {{.policies = LIST(P(1)), .mappings = LIST(P(1), ANY)},
	    POL(P(2))};
	const struct step by_leaf[1] = {{.policies = LIST(P(1)), .mappings = LIST(P(1), ANY)}};

	assert_false(valid(&none, from, 2));
	assert_false(valid(&none, to, 2));
	assert_true(valid(&none, by_leaf, 1));
}

static void
an_anchor_without_policies_leaves_all_open(void **state)
{
	const struct question anchor = {.explicit_policy = true, .with_anchor = true};
	const struct step silent[2] = {{0}, POL(P(1))};
	const struct step wrong[2] = {POL(P(2)), POL(P(1))};
	const struct step demanding[2] = {{.require_explicit = 1}, {0}};

	assert_true(valid(&anchor, silent, 2));
	assert_false(valid(&anchor, wrong, 2));
	assert_false(valid(&(struct question){.with_anchor = true}, demanding, 2));
}

static void
mappings_that_multiply_stay_small(void **state)
{
	/* given each of ten CAs maps every policy to every policy; when judged as a tree this
	 * has 8^10 nodes; then the graph has 8 a level */
	static const char *const all[] = {P(1), P(2), P(3), P(4), P(5), P(6), P(7), P(8), NULL};
	const char *every[2 * 64 + 1];
	struct step steps[11];

	for (size_t i = 0; i < 64; i++) {
		every[2 * i] = all[i / 8];
		every[2 * i + 1] = all[i % 8];
	}
	every[128] = NULL;
	for (size_t i = 0; i < 11; i++)
		steps[i] = (struct step){.policies = all, .mappings = i < 10 ? every : NULL};
	assert_true(valid(&(struct question){LIST(P(8)), .explicit_policy = true}, steps, 11));
	assert_false(valid(&(struct question){LIST(P(9)), .explicit_policy = true}, steps, 11));
}

/* policy.h */

static const char *
policies_fault(struct der_build *build, struct bytes *ret_unknown)
{
	static struct der_fault fault;
	struct der der = der_begin(der_build_bytes(build), &fault);

	*ret_unknown = policy_check_policies(&der);
	der_end(&der);
	return fault.what;
}

static void
put_policy(struct der_build *build, const char *policy, const char *qualifier)
{
	der_build_open(build, DER_SEQUENCE);
	der_build_oid(build, policy);
	if (qualifier != NULL) {
		der_build_open(build, DER_SEQUENCE);
		if (*qualifier != '\0') {
			der_build_open(build, DER_SEQUENCE);
			der_build_oid(build, qualifier);
			der_build_text(build, DER_IA5_STRING, "http://a");
			der_build_close(build);
		}
		der_build_close(build);
	}
	der_build_close(build);
}

static void
policies_are_each_named_once_and_their_qualifiers_known(void **state)
{
	static const struct {
		const char *first, *first_qualifier, *second;
		bool good, unknown;
	} cases[] = {
	    {P(1), NULL, P(2), true, false},
	    {P(1), "1.3.6.1.5.5.7.2.1", NULL, true, false},
	    {P(1), "1.3.6.1.5.5.7.2.2", NULL, true, false},
	    {P(1), "1.2.3", P(2), true, true},
	    {P(1), "", NULL, false, false},
	    {P(1), NULL, P(1), false, false},
	    {NULL, NULL, NULL, false, false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct der_build build;
		struct bytes unknown;

		der_build_init(&build);
		der_build_open(&build, DER_SEQUENCE);
		if (cases[i].first != NULL)
			put_policy(&build, cases[i].first, cases[i].first_qualifier);
		if (cases[i].second != NULL)
			put_policy(&build, cases[i].second, NULL);
		der_build_close(&build);
		assert_int_equal(policies_fault(&build, &unknown) == NULL, cases[i].good);
		assert_int_equal(unknown.len > 0, cases[i].unknown);
		der_build_done(&build);
	}
}

static void
more_policies_than_are_allowed_are_refused(void **state)
{
	for (unsigned int count = POLICY_MAX; count <= POLICY_MAX + 1; count++) {
		struct der_build policies, mappings;
		struct der_fault fault;
		struct bytes unknown;
		struct der der;

		der_build_init(&policies);
		der_build_init(&mappings);
		der_build_open(&policies, DER_SEQUENCE);
		der_build_open(&mappings, DER_SEQUENCE);
		for (unsigned int i = 0; i < count; i++) {
			char oid[32];

			snprintf(oid, sizeof oid, "1.2.%u", i);
			put_policy(&policies, oid, NULL);
			der_build_open(&mappings, DER_SEQUENCE);
			der_build_oid(&mappings, oid);
			der_build_oid(&mappings, oid);
			der_build_close(&mappings);
		}
		der_build_close(&policies);
		der_build_close(&mappings);
		assert_int_equal(policies_fault(&policies, &unknown) == NULL,
		    count == POLICY_MAX);
		der = der_begin(der_build_bytes(&mappings), &fault);
		policy_check_mappings(&der);
		assert_int_equal(der_ok(&der), count == POLICY_MAX);
		der_build_done(&policies);
		der_build_done(&mappings);
	}
}

static void
empty_mappings_are_refused(void **state)
{
	struct der_fault fault;
	struct der der = der_begin(bytes_of("\x30\x00", 2), &fault);

	policy_check_mappings(&der);
	assert_false(der_ok(&der));
}

static int
make_key(void **state)
{
	key = pki_key_new();
	return 0;
}

static int
free_key(void **state)
{
	pki_key_free(key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_demands_any_path_is_valid),
	    cmocka_unit_test(a_required_policy_has_to_be_in_all_certificates),
	    cmocka_unit_test(the_initial_set_chooses_among_the_policies),
	    cmocka_unit_test(any_policy_stands_for_all_until_it_is_inhibited),
	    cmocka_unit_test(inhibit_any_policy_counts_down_and_spares_self_issued_cas),
	    cmocka_unit_test(require_explicit_policy_counts_down),
	    cmocka_unit_test(a_mapped_policy_goes_on_under_its_new_name),
	    cmocka_unit_test(a_policy_under_any_policy_can_be_mapped),
	    cmocka_unit_test(inhibited_mapping_loses_the_policy),
	    cmocka_unit_test(mapping_any_policy_is_refused_even_where_no_policy_is_required),
	    cmocka_unit_test(an_anchor_without_policies_leaves_all_open),
	    cmocka_unit_test(mappings_that_multiply_stay_small),
	    cmocka_unit_test(policies_are_each_named_once_and_their_qualifiers_known),
	    cmocka_unit_test(more_policies_than_are_allowed_are_refused),
	    cmocka_unit_test(empty_mappings_are_refused),
	};

	return cmocka_run_group_tests(tests, make_key, free_key);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/base/map.h"
#include "common/pki/crl.h"
#include "pki-test/crl_write.h"
#include "pki-test/recipes/recipe.h"
#include "pki-test/signed_write.h"

static const int64_t NOW = 1767225600; /* 2026-01-01 */
static const uint8_t ca_name[] = {0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04,
    0x03, 0x0c, 0x02, 'C', 'A'};
static const struct crl_write_entry revoked[] = {
    {{(const uint8_t *)"\x11", 1}, 1767139200, "keyCompromise"},
    {{(const uint8_t *)"\x22\x33", 2}, 1767052800, "unspecified"},
};
static struct key *ca_key;

static int
make_key(void **state)
{
	return key_generate("rsa2048", &ca_key) != STATUS_OK;
}

static int
free_key(void **state)
{
	key_free(ca_key);
	return 0;
}

/* Writes a CRL with the settings of a recipe and one more (or NULL). */
static enum status
write_crl(const char *recipe, const char *set, struct buf *out)
{
	struct crl_parties parties = {
	    .signer = ca_key,
	    .issuer = bytes_of(ca_name, sizeof(ca_name)),
	    .entries = revoked,
	    .entry_count = COUNT_OF(revoked),
	    .published = 41,
	    .names = {"", "plant.example", "http://crl/", "issuing"},
	    .now_s = NOW,
	};
	struct settings crl;
	enum status status;

	recipe_settings(recipe_find(RECIPE_CRL, recipe), &crl);
	if (set != NULL)
		settings_set(&crl, set);
	buf_clear(out);
	status = crl_write(&crl, &parties, out);
	settings_done(&crl);
	return status;
}

static void
the_product_reads_what_was_asked_for(void **state)
{
	struct crl_entry entry;
	struct crl_walk walk;
	struct crl crl;
	struct buf der;

	buf_init(&der, SIGNED_MAX);
	assert_int_equal(write_crl("current", NULL, &der), STATUS_OK);
	assert_int_equal(crl_read(buf_bytes(&der), CRL_LEN_MAX, &crl), REASON_OK);
	assert_int_equal(crl.version, 2);
	assert_int_equal(crl.this_update_s, NOW - 60);
	assert_int_equal(crl.next_update_s, NOW + 7 * 86400);
	assert_true(crl.number.present && crl.number.len == 1 && crl.number.octets[0] == 42);
	assert_int_equal(crl.entry_count, 2);
	crl_walk_begin(&walk, &crl);
	for (size_t i = 0; i < COUNT_OF(revoked); i++) {
		assert_true(crl_walk_next(&walk, &entry));
		assert_true(bytes_equal(entry.serial, revoked[i].serial));
		assert_int_equal(entry.revoked_at_s, revoked[i].revoked_s);
		assert_int_equal(entry.reason, i == 0 ? 1 : CRL_REASON_NONE);
	}
	assert_false(crl_walk_next(&walk, &entry));
	crl_done(&crl);
	buf_done(&der);
}

static void
numbers_are_next_previous_given_or_none(void **state)
{
	static const struct {
		const char *set;
		bool has;
		uint64_t number;
	} cases[] = {{"number=next", true, 42}, {"number=previous", true, 40},
	    {"number=7", true, 7}, {"number=", false, 0}, {"version=1", false, 0}};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct settings crl;
		uint64_t number = 0;

		recipe_settings(recipe_find(RECIPE_CRL, "current"), &crl);
		settings_set(&crl, cases[i].set);
		assert_int_equal(crl_write_number(&crl, 41, &number), cases[i].has);
		assert_int_equal(number, cases[i].number);
		settings_done(&crl);
	}
}

static void
further_entries_are_many_distinct_and_of_known_size(void **state)
{
	struct buf two, many;
	struct crl_entry entry;
	struct crl_walk walk;
	struct crl crl;
	struct map *seen = map_new(10000, NULL);

	buf_init(&two, SIGNED_MAX);
	buf_init(&many, SIGNED_MAX);
	assert_int_equal(write_crl("no-reasons", NULL, &two), STATUS_OK);
	assert_int_equal(write_crl("no-reasons", "entries=5000", &many), STATUS_OK);
	/* 30 octets each, and some more in the three lengths around them */
	assert_in_range(many.len - two.len, 150000, 150006);
	assert_int_equal(crl_read(buf_bytes(&many), CRL_LEN_MAX, &crl), REASON_OK);
	crl_walk_begin(&walk, &crl);
	while (crl_walk_next(&walk, &entry))
		assert_int_equal(map_put(seen, entry.serial, &crl), STATUS_OK);
	assert_int_equal(map_count(seen), 5002);
	map_free(seen);
	crl_done(&crl);
	buf_done(&two);
	buf_done(&many);
}

static void
a_list_without_entries_is_absent_unless_asked_for(void **state)
{
	struct buf none, empty;

	buf_init(&none, SIGNED_MAX);
	buf_init(&empty, SIGNED_MAX);
	assert_int_equal(write_crl("current", "omit=yes", &none), STATUS_OK);
	assert_int_equal(write_crl("empty-list", NULL, &empty), STATUS_OK);
	assert_int_equal(empty.len, none.len + 2);
	buf_done(&none);
	buf_done(&empty);
}

static void
what_can_not_be_written_is_refused(void **state)
{
	static const char *const bad[] = {"hash=md6", "reasons=boredom", "entries=9999999999",
	    "entry-serial=x", "idp-only=some", "delta=x", "number=x", "version=0",
	    "this-update=x", "next-update=x", "idp-uri=\\q"};
	struct buf der;

	buf_init(&der, SIGNED_MAX);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(write_crl("current", bad[i], &der), STATUS_INVALID);
	buf_done(&der);
}

static void
reasons_have_the_codes_of_the_rfc(void **state)
{
	assert_int_equal(crl_write_reason_code("unspecified"), 0);
	assert_int_equal(crl_write_reason_code("certificateHold"), 6);
	assert_int_equal(crl_write_reason_code("removeFromCRL"), 8);
	assert_int_equal(crl_write_reason_code("aACompromise"), 10);
	assert_int_equal(crl_write_reason_code(""), -1);
	assert_int_equal(crl_write_reason_code("boredom"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_product_reads_what_was_asked_for),
	    cmocka_unit_test(numbers_are_next_previous_given_or_none),
	    cmocka_unit_test(further_entries_are_many_distinct_and_of_known_size),
	    cmocka_unit_test(a_list_without_entries_is_absent_unless_asked_for),
	    cmocka_unit_test(what_can_not_be_written_is_refused),
	    cmocka_unit_test(reasons_have_the_codes_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, make_key, free_key);
}

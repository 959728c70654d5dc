/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pki-test/issue.h"
#include "pki-test/publish.h"

static const int64_t NOW = 1767225600; /* 2026-01-01 */
static char folder[] = "/tmp/portcullis-lab-XXXXXX";
static char path[100], cache[100];

static int
remove_one(const char *name, const struct stat *info, int kind, struct FTW *where)
{
	return remove(name);
}

static int
make_folder(void **state)
{
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/lab", folder);
	snprintf(cache, sizeof(cache), "%s/keys", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int
remove_lab(void **state)
{
	return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct lab *
make_lab(void)
{
	struct lab_params params = {.domain = "d.example", .key = "p256", .cache = cache};
	struct lab *lab;

	assert_int_equal(lab_make(path, &params, NOW, &lab), STATUS_OK);
	return lab;
}

static struct lab_entry *
issue(struct lab *lab, enum recipe_kind kind, const char *recipe, const char *name)
{
	struct issue_request request = {.recipe = recipe_find(kind, recipe), .name = name};

	assert_int_equal(issue_certificate(lab, &request), STATUS_OK);
	return lab_find(lab, name);
}

static void
what_is_saved_is_loaded(void **state)
{
	struct lab *lab = make_lab(), *again;
	struct lab_entry *leaf = issue(lab, RECIPE_LEAF, "cn-newline", "leaf");
	const struct lab_entry *read;
	const struct key *key;

	assert_int_equal(publish_revoke(lab, leaf, "superseded", NOW - 5), STATUS_OK);
	assert_int_equal(lab_save(lab), STATUS_OK);
	assert_string_equal(leaf->issuer, "issuing");
	lab_free(lab);

	assert_int_equal(lab_open(path, NOW, &again), STATUS_OK);
	assert_string_equal(again->domain, "d.example");
	assert_string_equal(again->crl_url, "http://127.0.0.1:8080/");
	assert_int_equal(again->count, 3); /* root and issuing came by themselves */
	read = lab_find(again, "leaf");
	assert_true(read->revoked && !read->ca && read->revoked_s == NOW - 5);
	assert_string_equal(read->reason, "superseded");
	assert_string_equal(buf_text(&lab_find(again, "leaf")->cn),
	    "leaf.d.example\\x0aok: accepted");
	assert_int_equal(read->serial.len, 16);
	assert_true(lab_find(again, "issuing")->ca);
	assert_int_equal(lab_find(again, "issuing")->crl_number, 1);
	assert_int_equal(lab_key(again, lab_find(again, "leaf"), &key), STATUS_OK);
	lab_free(again);
}

static void
names_are_taken_once_and_must_be_sound(void **state)
{
	static const char *const bad[] = {"", ".", "..", ".a", "-a", "a/b", "a b", "a\n",
	    "\xc3"};
	struct lab *lab = make_lab();
	struct lab_entry *entry;

	issue(lab, RECIPE_LEAF, "good", "leaf");
	assert_int_equal(lab_add(lab, "leaf", false, &entry), STATUS_EXISTS);
	assert_non_null(strstr(buf_text(&lab->error), "leaf"));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(lab_name_is_sound(bad[i]));
	assert_true(lab_name_is_sound("a-B_9.x"));
	lab_free(lab);
}

static void
a_laboratory_is_not_made_over_another(void **state)
{
	struct lab_params params = {0};
	struct lab *lab = make_lab();

	assert_int_equal(lab_save(lab), STATUS_OK);
	lab_free(lab);
	assert_int_equal(lab_make(path, &params, NOW, &lab), STATUS_EXISTS);
	lab_free(lab);
}

static void
keys_come_from_the_cache_and_each_entry_has_its_own(void **state)
{
	uint8_t first[2][KEY_ID_SIZE], second[2][KEY_ID_SIZE];

	for (int round = 0; round < 2; round++) {
		struct lab *lab = make_lab();
		const struct key *key;

		issue(lab, RECIPE_CA, "root", "root");
		issue(lab, RECIPE_CA, "issuing", "issuing");
		assert_int_equal(lab_key(lab, lab_find(lab, "root"), &key), STATUS_OK);
		key_id(key, first[round]);
		assert_int_equal(lab_key(lab, lab_find(lab, "issuing"), &key), STATUS_OK);
		key_id(key, second[round]);
		lab_free(lab);
		remove_lab(NULL);
	}
	assert_memory_equal(first[0], first[1], KEY_ID_SIZE);
	assert_memory_equal(second[0], second[1], KEY_ID_SIZE);
	assert_true(memcmp(first[0], second[0], KEY_ID_SIZE) != 0);
}

static void
what_a_recipe_needs_is_made_and_found_again(void **state)
{
	struct lab *lab = make_lab();
	struct lab_entry *leaf = issue(lab, RECIPE_LEAF, "too-deep", "deep");
	size_t count = lab->count;
	struct buf chain;

	assert_string_equal(leaf->issuer, "issuing-deep-11");
	assert_int_equal(count, 1 + 2 + 11);
	issue(lab, RECIPE_LEAF, "good-deep", "less-deep");
	assert_int_equal(lab->count, count + 1);
	buf_init(&chain, LAB_FILE_MAX);
	assert_int_equal(issue_chain(lab, leaf, false, false, &chain), STATUS_OK);
	count = 0;
	for (const char *at = buf_text(&chain); (at = strstr(at, "-----BEGIN")) != NULL; at++)
		count++;
	assert_int_equal(count, 12);
	buf_done(&chain);
	lab_free(lab);
}

static void
a_number_is_not_given_twice(void **state)
{
	struct lab *lab = make_lab();
	struct lab_entry *ca = issue(lab, RECIPE_CA, "root", "root");
	struct publish_request request = {.recipe = recipe_find(RECIPE_CRL, "rolled-back")};

	assert_int_equal(ca->crl_number, 1);
	assert_int_equal(publish_current(lab, ca), STATUS_OK);
	assert_int_equal(ca->crl_number, 2);
	assert_int_equal(publish_crl(lab, ca, &request), STATUS_OK);
	request.recipe = recipe_find(RECIPE_CRL, "forged");
	assert_int_equal(publish_crl(lab, ca, &request), STATUS_OK);
	assert_int_equal(ca->crl_number, 2);
	lab_free(lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(what_is_saved_is_loaded, remove_lab),
	    cmocka_unit_test_teardown(names_are_taken_once_and_must_be_sound, remove_lab),
	    cmocka_unit_test_teardown(a_laboratory_is_not_made_over_another, remove_lab),
	    cmocka_unit_test(keys_come_from_the_cache_and_each_entry_has_its_own),
	    cmocka_unit_test_teardown(what_a_recipe_needs_is_made_and_found_again, remove_lab),
	    cmocka_unit_test_teardown(a_number_is_not_given_twice, remove_lab),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <ctype.h>

#include "pki-test/recipes/recipe.h"

static void
names_are_unique_within_a_kind_and_can_be_names_of_files(void **state)
{
	const struct recipe *recipe;

	for (size_t n = 0; (recipe = recipe_nth(n)) != NULL; n++) {
		assert_ptr_equal(recipe_find(recipe->kind, recipe->name), recipe);
		for (const char *c = recipe->name; *c != '\0'; c++)
			assert_true(islower(*c) || isdigit(*c) || *c == '-');
		assert_true(recipe->what[0] != '\0');
	}
}

static void
every_setting_of_a_row_is_in_the_table_and_fits(void **state)
{
	const struct recipe *recipe;
	struct settings settings;

	for (size_t n = 0; (recipe = recipe_nth(n)) != NULL; n++) {
		recipe_settings(recipe, &settings);
		if (!settings_ok(&settings))
			fail_msg("%s: %s", recipe->name, buf_text(&settings.error));
		settings_done(&settings);
		assert_null(recipe->settings[RECIPE_SETTINGS_MAX - 1]);
	}
}

/* Whether the issuers of a recipe lead to a self-signed one. */
static bool
issuers_end(const struct recipe *recipe)
{
	for (size_t steps = 0; steps < recipe_ca_count; steps++) {
		struct settings settings;
		const struct recipe *issuer;
		bool self;

		recipe_settings(recipe, &settings);
		self = strcmp(settings_text(&settings, CERT_ISSUER), "self") == 0;
		issuer = recipe_find(RECIPE_CA, settings_text(&settings, CERT_ISSUER));
		settings_done(&settings);
		if (self)
			return true;
		if (issuer == NULL)
			return false;
		recipe = issuer;
	}
	return false;
}

static void
every_chain_of_issuers_ends(void **state)
{
	const struct recipe *recipe;

	for (size_t n = 0; (recipe = recipe_nth(n)) != NULL; n++) {
		if (recipe->kind != RECIPE_CRL && !issuers_end(recipe))
			fail_msg("%s has no end of its issuers", recipe->name);
	}
}

static void
a_good_certificate_below_a_wrong_ca_has_the_reason_of_the_ca(void **state)
{
	for (size_t n = 0; n < recipe_leaf_count; n++) {
		const struct recipe *leaf = &recipe_leaves[n], *ca;
		struct settings settings;

		recipe_settings(leaf, &settings);
		ca = recipe_find(RECIPE_CA, settings_text(&settings, CERT_ISSUER));
		if (ca != NULL && ca->reason != REASON_OK)
			assert_int_equal(leaf->reason, ca->reason);
		settings_done(&settings);
	}
}

static void
every_wrong_ca_is_used_by_a_leaf(void **state)
{
	for (size_t n = 0; n < recipe_ca_count; n++) {
		bool used = recipe_cas[n].reason == REASON_OK;

		for (size_t i = 0; i < recipe_leaf_count && !used; i++)
			used = recipe_leaves[i].reason == recipe_cas[n].reason;
		if (!used)
			fail_msg("no leaf is as wrong as %s", recipe_cas[n].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_unique_within_a_kind_and_can_be_names_of_files),
	    cmocka_unit_test(every_setting_of_a_row_is_in_the_table_and_fits),
	    cmocka_unit_test(every_chain_of_issuers_ends),
	    cmocka_unit_test(a_good_certificate_below_a_wrong_ca_has_the_reason_of_the_ca),
	    cmocka_unit_test(every_wrong_ca_is_used_by_a_leaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

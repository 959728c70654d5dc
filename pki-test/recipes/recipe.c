/* SPDX-License-Identifier: Apache-2.0
 *
 * Lookups in the tables of recipes.
 */
#include "pki-test/recipes/recipe.h"

#include <string.h>

const struct setting_key cert_setting_keys[CERT_SETTING_COUNT] = {
#define SETTING(name, text, fallback, doc) [CERT_##name] = {text, fallback, doc},
#include "pki-test/recipes/cert_setting.def"
#undef SETTING
};

const struct setting_key crl_setting_keys[CRL_SETTING_COUNT] = {
#define SETTING(name, text, fallback, doc) [CRL_##name] = {text, fallback, doc},
#include "pki-test/recipes/crl_setting.def"
#undef SETTING
};

const struct recipe *
recipe_nth(size_t n)
{
	if (n < recipe_leaf_count)
		return &recipe_leaves[n];
	n -= recipe_leaf_count;
	if (n < recipe_ca_count)
		return &recipe_cas[n];
	n -= recipe_ca_count;
	return n < recipe_crl_count ? &recipe_crls[n] : NULL;
}

const struct recipe *
recipe_find(enum recipe_kind kind, const char *name)
{
	const struct recipe *recipe;

	for (size_t n = 0; (recipe = recipe_nth(n)) != NULL; n++) {
		if (recipe->kind == kind && strcmp(recipe->name, name) == 0)
			return recipe;
	}
	return NULL;
}

const char *
recipe_kind_text(enum recipe_kind kind)
{
	static const char *const texts[] = {"leaf", "ca", "crl"};

	return texts[kind];
}

const char *
recipe_purpose_text(enum recipe_purpose purpose)
{
	static const char *const texts[] = {"any", "server", "client"};

	return texts[purpose];
}

const char *
recipe_phase_text(enum recipe_phase phase)
{
	static const char *const texts[] = {"connect", "install"};

	return texts[phase];
}

void
recipe_settings(const struct recipe *recipe, struct settings *settings)
{
	if (recipe->kind == RECIPE_CRL)
		settings_init(settings, crl_setting_keys, CRL_SETTING_COUNT);
	else
		settings_init(settings, cert_setting_keys, CERT_SETTING_COUNT);
	for (size_t i = 0; i < RECIPE_SETTINGS_MAX && recipe->settings[i] != NULL; i++)
		settings_set(settings, recipe->settings[i]);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipes: the kinds of certificates and CRLs that the laboratory makes, right and wrong,
 * as rows of settings.  A row says what a verifier must find; it does not say how anything
 * is written (cert_write, crl_write) nor where it goes (issue, publish).
 */
#ifndef PORTCULLIS_PKI_TEST_RECIPES_RECIPE_H
#define PORTCULLIS_PKI_TEST_RECIPES_RECIPE_H

#include <stddef.h>

#include "common/pki/reason.h"
#include "pki-test/settings.h"

enum recipe_kind {
	RECIPE_LEAF, /* the certificate of an appliance or a server */
	RECIPE_CA,   /* a CA certificate; made by itself when a leaf recipe names it */
	RECIPE_CRL,
};

/* The use for which a verifier is asked. */
enum recipe_purpose {
	RECIPE_ANY, /* wrong (or right) for client and server alike */
	RECIPE_SERVER,
	RECIPE_CLIENT,
};

/* When a verifier must refuse. */
enum recipe_phase {
	RECIPE_CONNECT, /* at every connection, and when it is installed */
	RECIPE_INSTALL, /* when it is installed; a link that has its CRL works */
};

enum {
	RECIPE_SETTINGS_MAX = 16
};

struct recipe {
	const char *name;
	enum recipe_kind kind;
	enum reason reason; /* what a strict verifier with the appliance profile reports */
	enum recipe_purpose purpose;
	enum recipe_phase phase;
	const char *what;                          /* one line */
	const char *settings[RECIPE_SETTINGS_MAX]; /* up to the first NULL */
};

extern const struct recipe recipe_leaves[];
extern const size_t recipe_leaf_count;
extern const struct recipe recipe_cas[];
extern const size_t recipe_ca_count;
extern const struct recipe recipe_crls[];
extern const size_t recipe_crl_count;

/* The row of a name among those of a kind; NULL when there is none. */
const struct recipe *recipe_find(enum recipe_kind kind, const char *name);

/* All recipes, in order, by number; NULL behind the last. */
const struct recipe *recipe_nth(size_t n);

/* "leaf", "ca", "crl"; "any", "server", "client"; "connect", "install". */
const char *recipe_kind_text(enum recipe_kind kind);
const char *recipe_purpose_text(enum recipe_purpose purpose);
const char *recipe_phase_text(enum recipe_phase phase);

enum cert_setting {
#define SETTING(name, text, fallback, doc) CERT_##name,
#include "pki-test/recipes/cert_setting.def"
#undef SETTING
	CERT_SETTING_COUNT
};

enum crl_setting {
#define SETTING(name, text, fallback, doc) CRL_##name,
#include "pki-test/recipes/crl_setting.def"
#undef SETTING
	CRL_SETTING_COUNT
};

extern const struct setting_key cert_setting_keys[CERT_SETTING_COUNT];
extern const struct setting_key crl_setting_keys[CRL_SETTING_COUNT];

/* Initializes settings for the kind of the recipe and applies its row. */
void recipe_settings(const struct recipe *recipe, struct settings *settings);

#endif

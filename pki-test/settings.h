/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of named settings: what a recipe is made of.  The table of keys says each key's
 * name, what it is when nobody sets it, and a line of documentation; a later setting
 * replaces an earlier one.  Reading has a sticky error: read twenty settings, ask once.
 * What a setting does is the business of who reads it.
 */
#ifndef PORTCULLIS_PKI_TEST_SETTINGS_H
#define PORTCULLIS_PKI_TEST_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

struct setting_key {
	const char *name;
	const char *fallback; /* "": absent */
	const char *doc;
};

struct settings {
	const struct setting_key *keys;
	size_t count;
	char **values;    /* NULL where nobody set one */
	struct buf error; /* the first thing that was wrong; empty: nothing */
};

/* The table is borrowed and must outlive the settings. */
void settings_init(struct settings *settings, const struct setting_key *keys, size_t count);
void settings_done(struct settings *settings);

/* Takes "key=value".  An unknown key sets the error. */
void settings_set(struct settings *settings, const char *assignment);

/* Says what is wrong with the value of a key; the first complaint stays. */
void settings_complain(struct settings *settings, size_t key, const char *what);

/* True as long as every setting was known and every value could be read. */
bool settings_ok(const struct settings *settings);

/* The text of a setting; "" when it is absent.  Valid until it is set again. */
const char *settings_text(const struct settings *settings, size_t key);

/* True when it has a text. */
bool settings_has(const struct settings *settings, size_t key);

/* "yes" or "no" (absent: no). */
bool settings_flag(struct settings *settings, size_t key);

/* A decimal number up to max (absent: 0). */
uint64_t settings_number(struct settings *settings, size_t key, uint64_t max);

/* An RFC 3339 time, or "+365d", "-1h" counted from now; in seconds since 1970. */
int64_t settings_time(struct settings *settings, size_t key, int64_t now_s);

/* One of the words of a NULL-terminated list; its index (absent or unknown: 0). */
size_t settings_word(struct settings *settings, size_t key, const char *const words[]);

/* Takes the next item off a comma-separated text; false at its end.  Items are not empty. */
bool settings_next_item(const char **text, struct bytes *ret_item);

/* What stands for %c, %d, %u and %n in a text. */
struct settings_names {
	const char *cn;      /* %c: the common name asked for */
	const char *domain;  /* %d: the domain of the laboratory */
	const char *crl_url; /* %u: where CRLs are served, ends with a slash */
	const char *name;    /* %n: the name of the CA whose CRL is meant */
};

/* Appends text with its names filled in and \xNN, \n and \\ decoded, so that any byte can
 * be written, also NUL.  False where a % or \ sequence is unknown. */
bool settings_expand(struct bytes text, const struct settings_names *names, struct buf *out);

#endif

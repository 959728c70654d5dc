/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside common/config: the types.  Text to value, and what is allowed in words.
 */
#ifndef PORTCULLIS_CONFIG_CONFIG_VALUE_H
#define PORTCULLIS_CONFIG_CONFIG_VALUE_H

#include "common/config/config_object.h"

/* What one value of a type needs in the struct, and how long its text may be. */
size_t config_value_size(enum config_type type);
size_t config_value_text_max(const struct config_key *key);

/* Reads one text into its slot; false where it is not allowed.  What the slot points to
 * lives as long as the configuration (the text must do so as well). */
bool config_value_parse(struct config *config, const struct config_key *key, const char *text,
    void *slot);

/* "a whole number from 1 to 256, or auto". */
void config_value_allowed(const struct config_key *key, struct buf *out);

/* Advice for a frequent mistake; NULL where there is none. */
const char *config_value_hint(const struct config_key *key, const char *text);

/* Is it a domain name of letters, digits and hyphens, of at most max bytes? */
bool config_is_name(const char *text, size_t max);

#endif

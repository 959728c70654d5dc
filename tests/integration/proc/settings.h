/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration of the test daemon: lines of key=value, the same text for every role.
 */
#ifndef PORTCULLIS_TESTS_PROC_SETTINGS_H
#define PORTCULLIS_TESTS_PROC_SETTINGS_H

#include <stdbool.h>

/* The value of a key, copied, freed with free(); NULL when it is not there. */
char *settings_text(const char *settings, const char *key);

/* The value as a number, or otherwise. */
unsigned settings_number(const char *settings, const char *key, unsigned otherwise);

/* True when the value is this one. */
bool settings_is(const char *settings, const char *key, const char *value);

#endif

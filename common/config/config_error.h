/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with a configuration: all of it, up to a bound, each with its place, what
 * was found, what is allowed and, where one is near, the word that was meant.
 */
#ifndef PORTCULLIS_CONFIG_CONFIG_ERROR_H
#define PORTCULLIS_CONFIG_CONFIG_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

enum {
	CONFIG_ERRORS_MAX = 20
};

/* Strings are owned by the list, escaped where they came from the file; NULL where they do
 * not apply.  line and column count from 1, in bytes; 0: the file as a whole. */
struct config_error {
	char *file;
	uint32_t line;
	uint32_t column;
	char *section; /* `Console "a"` */
	char *key;
	char *found;
	char *problem; /* a clause: "is not a whole number from 1 to 256" */
	char *allowed;
	char *hint; /* `did you mean "Address"?` */
};

struct config_errors {
	struct config_error rows[CONFIG_ERRORS_MAX];
	size_t count;
	size_t more; /* found besides, and not kept */
};

void config_errors_init(struct config_errors *errors);
void config_errors_done(struct config_errors *errors);

/* One line, without a newline: `FILE:LINE:COLUMN: [SECTION] KEY: "FOUND" PROBLEM; allowed:
 * ALLOWED; HINT`. */
void config_error_print(const struct config_error *error, struct buf *out);

#endif

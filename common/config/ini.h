/* SPDX-License-Identifier: Apache-2.0
 *
 * The syntax of a configuration file, as systemd.syntax(7) has it, without continuation
 * lines: [Section], [Section "title"], Key=Value, comments on lines of their own (# or ;).
 * Reads bytes in memory and knows no schema: called by the loader, and by its fuzz target.
 */
#ifndef PORTCULLIS_CONFIG_INI_H
#define PORTCULLIS_CONFIG_INI_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"

struct ini {
	struct bytes rest;
	uint32_t line;
};

enum ini_kind {
	INI_SECTION,
	INI_KEY,
};

/* Views into the text.  Lines and columns count from 1, columns in bytes. */
struct ini_item {
	enum ini_kind kind;
	uint32_t line;
	uint32_t column;       /* of name */
	uint32_t value_column; /* of value, or where it would stand */
	struct bytes name;     /* of the section or key: [A-Za-z0-9-]+ */
	struct bytes value;    /* of a key, or the title of a section; may be empty; UTF-8
				* without control characters but tab */
	bool titled;           /* a section with a title */
};

struct ini_error {
	uint32_t line;
	uint32_t column;
	struct bytes found;
	const char *problem; /* a clause, static */
};

/* A byte order mark at the start is skipped. */
void ini_start(struct ini *ini, struct bytes text);

/* The next section or key.  STATUS_END at the end; STATUS_INVALID where a line breaks the
 * syntax, and the next call goes on with the line after it. */
enum status ini_next(struct ini *ini, struct ini_item *ret_item,
    struct ini_error *reterr_error) MUST_USE;

#endif

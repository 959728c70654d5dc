/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of JSON for people: chosen members as a table, or all of them as fields with what is
 * nested in them below.  For machines rows pass as they came, one a line.
 */
#ifndef PORTCULLIS_DAEMON_CLIENT_PRINT_H
#define PORTCULLIS_DAEMON_CLIENT_PRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/bytes.h"
#include "common/cli/output.h"

/* How rows are shown.  The key of a column is the path of a member: "link.state". */
struct client_view {
	enum output_layout layout;
	const struct output_column *columns; /* none: all members, as fields */
	size_t column_count;
	const char *empty; /* said where no row came; NULL: nothing */
};

struct client_print;

/* out and view must outlive it. */
struct client_print *client_print_new(const struct output *out, const struct client_view *view);

void client_print_row(struct bytes json, void *arg);

/* Writes what is held back, or that there was none where that is what was answered; frees. */
void client_print_end(struct client_print *print, bool answered);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be asked of the store: each question is a name, its parameters and one SQL
 * statement whose column names say what they are ("first_us" becomes the time "first").
 * Statements only read, have a deadline, and give a bounded number of rows.
 */
#ifndef PORTCULLIS_CONSOLE_VIEW_QUESTIONS_H
#define PORTCULLIS_CONSOLE_VIEW_QUESTIONS_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/wire/edge_message.h"
#include "console-server/store/db.h"

enum {
	QUESTIONS_DEADLINE_MS = 5000,
	QUESTIONS_ROWS_MAX = 10000,
	QUESTIONS_ROW_MAX = 1 << 20,
};

/* Called for each row with its JSON object; false stops. */
typedef bool question_row(void *arg, struct bytes json);

/* Is there a question of this name? */
bool question_known(const char *name);

/* Asks.  Parameters are "NAME=VALUE" with the names of the statement; those that are not
 * given are NULL, which every statement takes as "all".  STATUS_INVALID: a parameter that
 * the question does not have, or a number that is none; STATUS_TIMEOUT: the deadline;
 * STATUS_LIMIT: there are more rows than QUESTIONS_ROWS_MAX, one is longer than
 * QUESTIONS_ROW_MAX, or row stopped: those before were given. */
enum status question_ask(struct db *db, const char *name, const struct edge_list *params,
    question_row *row, void *arg) MUST_USE;

#endif

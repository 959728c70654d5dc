/* SPDX-License-Identifier: Apache-2.0
 *
 * "Did you mean": the name nearest to what was typed.
 */
#ifndef PORTCULLIS_CLI_SUGGEST_H
#define PORTCULLIS_CLI_SUGGEST_H

#include <stddef.h>

/* Keeps the best candidate so far; start with {.typed = ...}. */
struct suggest {
	const char *typed;
	const char *best; /* NULL: nothing is near enough */
	size_t best_distance;
};

/* Offers a candidate; it must outlive the suggest. */
void suggest_offer(struct suggest *suggest, const char *candidate);

#endif

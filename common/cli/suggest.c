/* SPDX-License-Identifier: Apache-2.0
 *
 * "Did you mean", by the number of single-character edits (with neighbours swapped as one).
 */
#include "common/cli/suggest.h"

#include <string.h>

#include "common/base/text.h"

/* Longer names are not compared. */
enum {
	SUGGEST_NAME_MAX = 40
};

static size_t
suggest_least(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Optimal string alignment distance; the lengths are at most SUGGEST_NAME_MAX. */
static size_t
suggest_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][SUGGEST_NAME_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t k = 0; k <= b_len; k++)
		last[k] = k;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t k = 1; k <= b_len; k++) {
			size_t differ = text_lower(a[i - 1]) != text_lower(b[k - 1]);

			now[k] =
			    suggest_least(last[k] + 1, now[k - 1] + 1, last[k - 1] + differ);
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
			    before[k - 2] + 1 < now[k])
				now[k] = before[k - 2] + 1;
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[b_len];
}

void
suggest_offer(struct suggest *suggest, const char *candidate)
{
	size_t typed_len = strlen(suggest->typed), len = strlen(candidate);
	size_t distance, enough = 1 + typed_len / 4;

	if (typed_len == 0 || typed_len > SUGGEST_NAME_MAX || len > SUGGEST_NAME_MAX)
		return;
	distance = suggest_distance(suggest->typed, typed_len, candidate, len);
	/* the beginning of a longer name is near as well: "fail" for "failures" */
	if (typed_len >= 3 && len > typed_len &&
	    strncmp(suggest->typed, candidate, typed_len) == 0)
		distance = 1;
	if (distance > enough || (suggest->best != NULL && distance >= suggest->best_distance))
		return;
	suggest->best = candidate;
	suggest->best_distance = distance;
}

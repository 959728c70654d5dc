/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings.
 */
#include "common/pki/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
findings_init(struct findings *findings)
{
	findings->count = 0;
	findings->first = REASON_OK;
}

void
findings_add(struct findings *findings, enum reason reason, unsigned int depth,
    const char *format, ...)
{
	struct finding *finding;
	va_list args;

	if (findings->first == REASON_OK || reason < findings->first)
		findings->first = reason;
	/* the last place is taken again, so that the reason is among those kept */
	if (findings->count == FINDING_MAX && reason != findings->first)
		return;
	if (findings->count < FINDING_MAX)
		findings->count++;
	finding = &findings->items[findings->count - 1];
	finding->reason = reason;
	finding->depth = depth;
	va_start(args, format);
	vsnprintf(finding->detail, sizeof finding->detail, format, args);
	va_end(args);
}

static int
finding_order(const void *a, const void *b)
{
	const struct finding *left = a, *right = b;

	if (left->reason != right->reason)
		return left->reason < right->reason ? -1 : 1;
	if (left->depth == right->depth)
		return 0;
	return (left->depth < right->depth) == (left->reason != REASON_SIGNATURE) ? -1 : 1;
}

void
findings_sort(struct findings *findings)
{
	if (findings->count > 1)
		qsort(findings->items, findings->count, sizeof findings->items[0],
		    finding_order);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints the list of portcullis-reasons(7) in scdoc(5) when the tree is built, from the
 * table of reasons.  Not installed itself.
 */
#include <stdio.h>
#include <string.h>

#include "common/pki/reason.h"

/* scdoc gives a meaning to these. */
static void
print_text(const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr("\\*_`~<>#|[]+", *text) != NULL)
			putchar('\\');
		putchar(*text);
	}
}

static void
print_reason(const struct reason_info *info)
{
	printf("*%s*\n\t", info->slug);
	print_text(info->sentence);
	printf("\n\n\t_To do:_ ");
	print_text(info->advice);
	printf("\n\n\t%s; ", reason_severity_text(info->severity));
	if (info->alert != 0)
		printf("TLS alert %u; ", info->alert);
	printf("retry %s.\n\n", reason_retry_text(info->retry));
}

int
main(void)
{
	for (int reason = REASON_OK + 1; reason < REASON_COUNT; reason++)
		print_reason(reason_info((enum reason)reason));
	return fflush(stdout) != 0 || ferror(stdout) ? 1 : 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints the journal's message catalogue (`journalctl -x`) when the tree is built, from the
 * tables of events and reasons.  Not installed itself.
 */
#include <stdio.h>

#include "common/pki/reason.h"

static void
print_entry(const char *id, const char *subject)
{
	printf("-- %s\nSubject: %s\nDefined-By: Portcullis\n", id, subject);
}

static void
print_event(const char *name, const char *id, const char *subject, const char *text)
{
	print_entry(id, subject);
	printf("\n%s\n\nThe lines of this kind: journalctl PORTCULLIS_EVENT=%s\n\n", text,
	    name);
}

/* Cause, how to confirm, how to fix. */
static int
print_reason(const char *slug, const char *id)
{
	const struct reason_info *info;
	enum reason reason;

	if (!reason_from_slug(slug, &reason)) {
		fprintf(stderr, "catalog: %s is no reason\n", slug);
		return 1;
	}
	info = reason_info(reason);
	print_entry(id, info->sentence);
	printf("Documentation: man:portcullis-reasons(7)\n\n%s (reason %s, %s)\n\n",
	    info->sentence, slug, reason_severity_text(info->severity));
	printf("To confirm: the fields of this line (journalctl -o verbose) name the\n"
	       "certificate and the evidence; `failures --reason %s` lists every case and\n"
	       "`explain ID` shows each check of one.\n\n",
	    slug);
	printf("To fix: %s\n\n", info->advice);
	printf("The lines of this kind: journalctl PORTCULLIS_REASON=%s\n\n", slug);
	return 0;
}

int
main(void)
{
	int failures = 0;

	printf("# The message catalogue of Portcullis; made by systemd/catalog.c.\n\n");
#define LOG_EVENT(name, id, subject, text) print_event(name, id, subject, text);
#define LOG_REASON(slug, id)               failures += print_reason(slug, id);
#include "common/log/message_ids.def"
#undef LOG_EVENT
#undef LOG_REASON
	if (fflush(stdout) != 0 || ferror(stdout))
		failures++;
	return failures == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The bounded list of findings.
 */
#include "sensor-agent/spool/spool_report.h"

#include <stdio.h>

static const struct {
	const char *slug;
	const char *text;
} findings[] = {
    [SPOOL_FOUND_NEW] = {"new", "no spool was there; a new log was begun"},
    [SPOOL_FOUND_TORN_TAIL] = {"torn-tail", "a write was cut short by a crash; it had not "
					    "been accepted and was removed"},
    [SPOOL_FOUND_DAMAGE] = {"damage", "records cannot be read any more; a gap is reported "
				      "in their place"},
    [SPOOL_FOUND_MISSING] = {"missing", "the segment of these records is not there; a gap is "
					"reported in their place"},
    [SPOOL_FOUND_HEADER] = {"header", "the header of a segment was damaged and made again"},
    [SPOOL_FOUND_CHAIN] = {"chain", "the hash chain is broken before a record"},
    [SPOOL_FOUND_NAME] = {"name", "a segment bore the name of another"},
    [SPOOL_FOUND_FOREIGN] = {"foreign",
	"a segment of another log is in the directory; it is left alone"},
    [SPOOL_FOUND_STATE] = {"state", "the state file was missing or damaged and made again"},
    [SPOOL_FOUND_OTHER_HOST] = {"other-host", "the spool was made on another machine"},
    [SPOOL_FOUND_REINCARNATED] = {"reincarnated", "the log goes on under a new log_id"},
    [SPOOL_FOUND_FAILED] = {"failed", "a system call failed"},
};

const char *
spool_finding_slug(enum spool_finding_kind kind)
{
	return findings[kind].slug;
}

const char *
spool_finding_text(enum spool_finding_kind kind)
{
	return findings[kind].text;
}

bool
spool_finding_alarm(enum spool_finding_kind kind)
{
	return kind != SPOOL_FOUND_NEW && kind != SPOOL_FOUND_TORN_TAIL;
}

void
spool_report_add(struct spool_report *report, struct spool_finding finding, const char *file)
{
	if (report == NULL)
		return;
	if (finding.kind == SPOOL_FOUND_DAMAGE || finding.kind == SPOOL_FOUND_MISSING)
		report->lost += finding.last - finding.first + 1;
	if (report->count == SPOOL_FINDINGS_MAX) {
		report->omitted++;
		return;
	}
	snprintf(finding.file, sizeof(finding.file), "%s", file != NULL ? file : "");
	report->findings[report->count++] = finding;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks of fields and findings.
 */
#include "common/cli/report.h"

#include "common/base/clock.h"
#include "common/base/text.h"

enum {
	REPORT_LINE_MAX = 1 << 20,
	REPORT_TITLE_WIDTH = 12,
};

void
report_init(struct report *report, const struct output *out)
{
	*report = (struct report){.out = out, .first = true};
	buf_init(&report->line, REPORT_LINE_MAX);
}

void
report_done(struct report *report)
{
	buf_done(&report->line);
}

void
report_begin(struct report *report, const char *file, size_t line, const char *kind)
{
	report->in_findings = false;
	if (report->out->json) {
		buf_clear(&report->line);
		report->json = json_write_to(&report->line);
		json_open_object(&report->json, NULL);
		json_text(&report->json, "file", file);
		if (line > 0)
			json_u64(&report->json, "line", line);
		json_text(&report->json, "kind", kind);
		return;
	}
	if (!report->first)
		output_line(report->out, OUTPUT_PLAIN, "%s", "");
	if (line > 0)
		output_line(report->out, OUTPUT_BOLD, "%s, line %zu: %s", file, line, kind);
	else
		output_line(report->out, OUTPUT_BOLD, "%s: %s", file, kind);
	report->first = false;
}

/* Objects carry the list of findings also when it is empty. */
static void
report_open_findings(struct report *report)
{
	if (report->out->json && !report->in_findings)
		json_open_array(&report->json, "findings");
	report->in_findings = true;
}

void
report_end(struct report *report)
{
	report_open_findings(report);
	if (!report->out->json)
		return;
	json_close_array(&report->json);
	json_close_object(&report->json);
	output_json(report->out, &report->line);
}

void
report_bytes(struct report *report, const char *title, const char *key, struct bytes text)
{
	if (report->out->json)
		json_bytes(&report->json, key, text);
	else
		output_line(report->out, OUTPUT_PLAIN, "  %-*s %.*s", REPORT_TITLE_WIDTH, title,
		    (int)text.len, (const char *)text.data);
}

void
report_text(struct report *report, const char *title, const char *key, const char *text)
{
	report_bytes(report, title, key, bytes_of_text(text));
}

/* Text that was escaped already, as names from common/pki are. */
void
report_escaped(struct report *report, const char *title, const char *key, const char *text)
{
	if (report->out->json)
		json_text(&report->json, key, text);
	else
		output_ready(report->out, "  %-*s %s", REPORT_TITLE_WIDTH, title, text);
}

void
report_hex(struct report *report, const char *title, const char *key, struct bytes value)
{
	struct buf text;

	buf_init(&text, REPORT_LINE_MAX);
	text_hex(&text, value);
	report_text(report, title, key, buf_text(&text));
	buf_done(&text);
}

void
report_time(struct report *report, const char *title, const char *key, int64_t wall_s)
{
	char text[CLOCK_TEXT_SIZE];

	report_text(report, title, key, clock_text_s(wall_s, text));
}

void
report_number(struct report *report, const char *title, const char *key, int64_t value)
{
	if (report->out->json)
		json_i64(&report->json, key, value);
	else
		output_line(report->out, OUTPUT_PLAIN, "  %-*s %lld", REPORT_TITLE_WIDTH, title,
		    (long long)value);
}

/* slug is NULL for a note. */
static void
report_put(struct report *report, enum report_level level, const char *slug, const char *clause,
    const char *detail, const char *fix)
{
	const char *word = level == REPORT_ERROR ? "error" : "warning";

	report_open_findings(report);
	if (report->out->json) {
		json_open_object(&report->json, NULL);
		json_text(&report->json, "level", word);
		json_text(&report->json, "reason", slug);
		json_text(&report->json, "clause", clause);
		json_text(&report->json, "detail", detail);
		json_text(&report->json, "fix", fix);
		json_close_object(&report->json);
		return;
	}
	output_line(report->out, level == REPORT_ERROR ? OUTPUT_BAD : OUTPUT_WARN,
	    "  %s%s%s%s%s%s", word, slug != NULL ? ": " : "", slug != NULL ? slug : "",
	    clause != NULL ? " (" : "", clause != NULL ? clause : "",
	    clause != NULL ? ")" : "");
	output_ready(report->out, "    %s", detail);
	output_ready(report->out, "    fix: %s", fix);
}

void
report_finding(struct report *report, enum report_level level, enum reason reason,
    const char *clause, const char *detail, const char *fix)
{
	const struct reason_info *info = reason_info(reason);

	report->failed = report->failed || level == REPORT_ERROR;
	report_put(report, level, info->slug, clause, detail != NULL ? detail : info->sentence,
	    fix != NULL ? fix : info->advice);
}

void
report_note(struct report *report, const char *clause, const char *detail, const char *fix)
{
	report_put(report, REPORT_WARNING, NULL, clause, detail, fix);
}

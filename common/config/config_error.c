/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of configuration errors, and the nearest word.
 */
#include "common/config/config_error.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/text.h"
#include "common/config/config_object.h"

enum {
	GUESS_WORD_MAX = 64,
	ERROR_TEXT_MAX = 8192
};

void
config_errors_init(struct config_errors *errors)
{
	*errors = (struct config_errors){.count = 0};
}

void
config_errors_done(struct config_errors *errors)
{
	if (errors == NULL)
		return;
	for (size_t i = 0; i < errors->count; i++) {
		struct config_error *row = &errors->rows[i];

		free(row->file);
		free(row->section);
		free(row->key);
		free(row->found);
		free(row->problem);
		free(row->allowed);
		free(row->hint);
	}
	config_errors_init(errors);
}

/* A copy that is safe to print; NULL stays NULL. */
static char *
config_error_escaped(struct bytes foreign)
{
	struct buf buf;

	if (foreign.data == NULL)
		return NULL;
	buf_init(&buf, ERROR_TEXT_MAX);
	text_escape(&buf, foreign);
	return buf_take_text(&buf);
}

static char *
config_error_copy(const char *text)
{
	return text != NULL ? alloc_text(text) : NULL;
}

static char *
config_error_section(const struct config_report *report)
{
	struct buf buf;

	if (report->section == NULL)
		return NULL;
	buf_init(&buf, ERROR_TEXT_MAX);
	buf_put_text(&buf, report->section);
	if (report->title != NULL) {
		buf_put_text(&buf, " \"");
		text_escape(&buf, bytes_of_text(report->title));
		buf_put_text(&buf, "\"");
	}
	return buf_take_text(&buf);
}

void
config_errors_add(struct config_errors *errors, const struct config_report *report)
{
	struct config_error *row;

	if (errors->count == CONFIG_ERRORS_MAX) {
		errors->more++;
		return;
	}
	row = &errors->rows[errors->count++];
	*row = (struct config_error){
	    .file = report->place.file != NULL
			? config_error_escaped(bytes_of_text(report->place.file))
			: NULL,
	    .line = report->place.line,
	    .column = report->place.column,
	    .section = config_error_section(report),
	    .key = config_error_copy(report->key),
	    .found = config_error_escaped(report->found),
	    .problem = alloc_text(report->problem),
	    .allowed = config_error_copy(report->allowed),
	    .hint = config_error_copy(report->hint),
	};
}

/* "a.conf" comes before "a.conf.d/x.conf", so bytes order files as they were read. */
static int
config_error_order(const void *a, const void *b)
{
	const struct config_error *x = a, *y = b;
	int files = strcmp(x->file != NULL ? x->file : "", y->file != NULL ? y->file : "");

	if (files != 0)
		return files;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->column > y->column) - (x->column < y->column);
}

void
config_errors_sort(struct config_errors *errors)
{
	qsort(errors->rows, errors->count, sizeof(errors->rows[0]), config_error_order);
}

void
config_error_print(const struct config_error *error, struct buf *out)
{
	if (error->file != NULL)
		buf_put_text(out, error->file);
	if (error->line > 0)
		buf_printf(out, ":%u:%u", error->line, error->column);
	buf_put_text(out, error->file != NULL ? ":" : "");
	if (error->section != NULL)
		buf_printf(out, " [%s]", error->section);
	if (error->key != NULL)
		buf_printf(out, " %s:", error->key);
	if (error->found != NULL)
		buf_printf(out, " \"%s\"", error->found);
	buf_printf(out, " %s", error->problem);
	if (error->allowed != NULL)
		buf_printf(out, "; allowed: %s", error->allowed);
	if (error->hint != NULL)
		buf_printf(out, "; %s", error->hint);
}

static size_t
config_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits from a to b: insert, delete, replace, swap of neighbours (optimal string
 * alignment), ASCII case-insensitive.  Both at most GUESS_WORD_MAX bytes. */
static size_t
config_distance(struct bytes a, struct bytes b)
{
	size_t rows[3][GUESS_WORD_MAX + 1], *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t k = 0; k <= b.len; k++)
		last[k] = k;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t k = 1; k <= b.len; k++) {
			char x = text_lower((char)a.data[i - 1]);
			char y = text_lower((char)b.data[k - 1]);

			now[k] = config_min(last[k - 1] + (x != y),
			    config_min(last[k], now[k - 1]) + 1);
			if (i > 1 && k > 1 && x == text_lower((char)b.data[k - 2]) &&
			    y == text_lower((char)a.data[i - 2]))
				now[k] = config_min(now[k], before[k - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[b.len];
}

void
config_guess_try(struct config_guess *guess, const char *candidate)
{
	struct bytes other = bytes_of_text(candidate);
	size_t distance;

	if (guess->word.len > GUESS_WORD_MAX || other.len > GUESS_WORD_MAX)
		return;
	distance = config_distance(guess->word, other);
	if (distance > 1 + guess->word.len / 4)
		return;
	if (guess->best == NULL || distance < guess->distance) {
		guess->best = candidate;
		guess->distance = distance;
	}
}

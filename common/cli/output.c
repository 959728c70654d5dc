/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables, fields and JSON lines.
 */
#include "common/cli/output.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/text.h"

enum {
	OUTPUT_ROWS_MAX = 500,     /* held to measure widths, then written */
	OUTPUT_LINE_MAX = 1 << 20, /* bytes in a row; what is more is cut */
	OUTPUT_WIDTH_MAX = 60,     /* a column is not made wider than this */
};

struct output_cell {
	char *text; /* escaped */
	size_t width;
	enum output_paint paint;
};

struct output_table {
	const struct output *out;
	enum output_layout layout;
	const struct output_column *columns;
	size_t column_count;
	size_t *widths;
	struct output_cell *cells; /* of the rows held, column_count each */
	size_t cell_count;
	bool heading_written;
	bool any;
	struct buf line;
	struct json_write json;
};

void
output_escape(struct buf *text, struct bytes foreign)
{
	while (foreign.len > 0) {
		size_t len = foreign.len < TEXT_FOREIGN_MAX ? foreign.len : TEXT_FOREIGN_MAX;

		/* do not cut a character in two; one that is not UTF-8 goes by bytes anyway */
		for (size_t back = 0; len < foreign.len && back < 3 && len > 1 &&
				      (foreign.data[len] & 0xc0) == 0x80;
		     back++)
			len--;
		text_escape(text, bytes_of(foreign.data, len));
		foreign.data += len;
		foreign.len -= len;
	}
}

/* 0, 1 or 2 columns: the broad ranges of Unicode's East Asian Width, and the combining
 * marks of the scripts that names are written in. */
static size_t
output_char_width(uint32_t code)
{
	if ((code >= 0x300 && code <= 0x36f) || (code >= 0x483 && code <= 0x489) ||
	    (code >= 0x591 && code <= 0x5bd) || (code >= 0x64b && code <= 0x65f) ||
	    (code >= 0x1ab0 && code <= 0x1aff) || (code >= 0x20d0 && code <= 0x20ff) ||
	    (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xfe20 && code <= 0xfe2f))
		return 0;
	if ((code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
	    (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
	    (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
	    (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x1f300 && code <= 0x1faff) ||
	    (code >= 0x20000 && code <= 0x3fffd))
		return 2;
	return 1;
}

size_t
output_width(struct bytes text)
{
	size_t width = 0;

	while (text.len > 0) {
		uint32_t code = 0;
		size_t len = text_utf8_char(text, &code);

		width += len > 0 ? output_char_width(code) : 1;
		len = len > 0 ? len : 1;
		text.data += len;
		text.len -= len;
	}
	return width;
}

static const char *
output_paint_start(const struct output *out, enum output_paint paint)
{
	if (!out->color)
		return "";
	switch (paint) {
	case OUTPUT_PLAIN:
		return "";
	case OUTPUT_BOLD:
		return "\x1b[1m";
	case OUTPUT_DIM:
		return "\x1b[2m";
	case OUTPUT_GOOD:
		return "\x1b[32m";
	case OUTPUT_WARN:
		return "\x1b[33m";
	case OUTPUT_BAD:
		return "\x1b[31m";
	}
	return "";
}

static const char *
output_paint_stop(const struct output *out, enum output_paint paint)
{
	return out->color && paint != OUTPUT_PLAIN ? "\x1b[0m" : "";
}

void
output_line(const struct output *out, enum output_paint paint, const char *format, ...)
{
	struct buf raw, text;
	va_list args;

	if (out->json)
		return;
	buf_init(&raw, OUTPUT_LINE_MAX);
	buf_init(&text, 4 * (size_t)OUTPUT_LINE_MAX);
	va_start(args, format);
	buf_vprintf(&raw, format, args);
	va_end(args);
	output_escape(&text, buf_bytes(&raw));
	fprintf(out->file, "%s%s%s\n", output_paint_start(out, paint), buf_text(&text),
	    output_paint_stop(out, paint));
	buf_done(&raw);
	buf_done(&text);
}

void
output_ready(const struct output *out, const char *format, ...)
{
	va_list args;

	if (out->json)
		return;
	va_start(args, format);
	vfprintf(out->file, format, args);
	va_end(args);
	fputc('\n', out->file);
}

void
output_json(const struct output *out, struct buf *line)
{
	static const char too_long[] = "{\"error\":\"this object is too long to be shown\"}";

	buf_put_u8(line, '\n');
	if (buf_ok(line)) /* half an object would not parse */
		fwrite(line->data, 1, line->len, out->file);
	else
		fprintf(out->file, "%s\n", too_long);
}

struct output_table *
output_table_new(const struct output *out, enum output_layout layout,
    const struct output_column *columns, size_t column_count)
{
	struct output_table *table = NEW(struct output_table);

	*table = (struct output_table){.out = out,
	    .layout = layout,
	    .columns = columns,
	    .column_count = column_count,
	    .widths = alloc_zeroed(column_count, sizeof(size_t)),
	    .cells = alloc_zeroed(column_count * OUTPUT_ROWS_MAX, sizeof(struct output_cell))};
	for (size_t i = 0; i < column_count; i++)
		table->widths[i] = output_width(bytes_of_text(columns[i].title));
	buf_init(&table->line, OUTPUT_LINE_MAX);
	table->json = json_write_to(&table->line);
	return table;
}

/* The column of the next cell; opens the row's object at the first. */
static const struct output_column *
output_next_column(struct output_table *table)
{
	size_t at = table->cell_count % table->column_count;

	if (table->out->json && at == 0) {
		buf_clear(&table->line);
		table->json = json_write_to(&table->line);
		json_open_object(&table->json, NULL);
	}
	return &table->columns[at];
}

/* Takes the text in table->line for people; in JSON mode only counts. */
static void
output_cell_done(struct output_table *table)
{
	struct output_cell *cell = &table->cells[table->cell_count];

	*cell = (struct output_cell){.text = NULL};
	if (!table->out->json) {
		cell->text = alloc_text(buf_text(&table->line));
		cell->width = output_width(bytes_of_text(cell->text));
		buf_clear(&table->line);
	}
	table->cell_count++;
}

void
output_cell_bytes(struct output_table *table, struct bytes text)
{
	const struct output_column *column = output_next_column(table);

	if (table->out->json)
		json_bytes(&table->json, column->key, text);
	else
		output_escape(&table->line, text);
	output_cell_done(table);
}

void
output_cell_text(struct output_table *table, const char *text)
{
	if (text == NULL)
		output_cell_none(table);
	else
		output_cell_bytes(table, bytes_of_text(text));
}

void
output_cell_i64(struct output_table *table, int64_t value)
{
	const struct output_column *column = output_next_column(table);

	if (table->out->json)
		json_i64(&table->json, column->key, value);
	else
		buf_printf(&table->line, "%lld", (long long)value);
	output_cell_done(table);
}

void
output_cell_bool(struct output_table *table, bool value)
{
	const struct output_column *column = output_next_column(table);

	if (table->out->json)
		json_bool(&table->json, column->key, value);
	else
		buf_put_text(&table->line, value ? "yes" : "no");
	output_cell_done(table);
}

void
output_cell_time_s(struct output_table *table, int64_t wall_s)
{
	char text[CLOCK_TEXT_SIZE];

	output_cell_text(table, clock_text_s(wall_s, text));
}

void
output_cell_time_us(struct output_table *table, int64_t wall_us)
{
	char text[CLOCK_TEXT_SIZE];

	output_cell_text(table, clock_text_ms(wall_us, text));
}

void
output_cell_none(struct output_table *table)
{
	const struct output_column *column = output_next_column(table);

	if (table->out->json)
		json_none(&table->json, column->key);
	else
		buf_put_u8(&table->line, '-');
	output_cell_done(table);
}

void
output_cell_paint(struct output_table *table, enum output_paint paint)
{
	assert(table->cell_count > 0);
	table->cells[table->cell_count - 1].paint = paint;
}

static void
output_pad(FILE *file, size_t width, size_t wanted)
{
	for (; width < wanted; width++)
		fputc(' ', file);
}

static void
output_write_cell(const struct output_table *table, size_t column,
    const struct output_cell *cell)
{
	const struct output *out = table->out;
	bool last = column + 1 == table->column_count;
	bool right = table->columns[column].right;

	if (right)
		output_pad(out->file, cell->width, table->widths[column]);
	fprintf(out->file, "%s%s%s", output_paint_start(out, cell->paint), cell->text,
	    output_paint_stop(out, cell->paint));
	if (!right && !last)
		output_pad(out->file, cell->width, table->widths[column]);
	fputs(last ? "\n" : "  ", out->file);
}

static void
output_write_heading(struct output_table *table)
{
	for (size_t i = 0; i < table->column_count; i++) {
		struct output_cell cell = {.paint = OUTPUT_BOLD,
		    .width = output_width(bytes_of_text(table->columns[i].title))};

		cell.text = alloc_text(table->columns[i].title);
		output_write_cell(table, i, &cell);
		free(cell.text);
	}
	table->heading_written = true;
}

/* "Title:  value", the values under each other; blocks are parted by an empty line. */
static void
output_write_fields(struct output_table *table, const struct output_cell *row)
{
	const struct output *out = table->out;
	size_t wanted = 0;

	if (table->heading_written)
		fputc('\n', out->file);
	table->heading_written = true;
	for (size_t i = 0; i < table->column_count; i++) {
		size_t width = output_width(bytes_of_text(table->columns[i].title));

		wanted = width > wanted ? width : wanted;
	}
	for (size_t i = 0; i < table->column_count; i++) {
		const char *title = table->columns[i].title;

		fprintf(out->file, "%s%s:%s", output_paint_start(out, OUTPUT_DIM), title,
		    output_paint_stop(out, OUTPUT_DIM));
		output_pad(out->file, output_width(bytes_of_text(title)), wanted + 2);
		fprintf(out->file, "%s%s%s\n", output_paint_start(out, row[i].paint),
		    row[i].text, output_paint_stop(out, row[i].paint));
	}
}

/* Writes the rows held and forgets them; widths only grow. */
static void
output_flush_rows(struct output_table *table)
{
	for (size_t i = 0; i < table->cell_count; i++) {
		size_t *width = &table->widths[i % table->column_count];
		size_t wanted = table->cells[i].width;

		if (wanted > OUTPUT_WIDTH_MAX)
			wanted = OUTPUT_WIDTH_MAX;
		*width = wanted > *width ? wanted : *width;
	}
	for (size_t i = 0; i < table->cell_count; i++) {
		if (table->layout == OUTPUT_FIELDS && i % table->column_count == 0)
			output_write_fields(table, &table->cells[i]);
		if (table->layout == OUTPUT_TABLE && i == 0 && !table->heading_written)
			output_write_heading(table);
		if (table->layout == OUTPUT_TABLE)
			output_write_cell(table, i % table->column_count, &table->cells[i]);
	}
	for (size_t i = 0; i < table->cell_count; i++)
		free(table->cells[i].text);
	table->cell_count = 0;
}

void
output_row_end(struct output_table *table)
{
	assert(table->cell_count > 0 && table->cell_count % table->column_count == 0);
	table->any = true;
	if (table->out->json) {
		json_close_object(&table->json);
		output_json(table->out, &table->line);
		table->cell_count = 0;
	} else if (table->cell_count == table->column_count * OUTPUT_ROWS_MAX) {
		output_flush_rows(table);
	}
}

void
output_table_end(struct output_table *table, const char *empty)
{
	output_flush_rows(table);
	if (!table->any && empty != NULL)
		output_line(table->out, OUTPUT_PLAIN, "%s", empty);
	buf_done(&table->line);
	free(table->cells);
	free(table->widths);
	free(table);
}

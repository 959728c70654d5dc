/* SPDX-License-Identifier: Apache-2.0
 *
 * What commands print: tables and fields for people, one JSON object a line for machines,
 * from the same calls.  Colours only where asked for or on a terminal.  Strings may come
 * from anybody: they are escaped here and nowhere else.
 */
#ifndef PORTCULLIS_CLI_OUTPUT_H
#define PORTCULLIS_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/json_write.h"

struct output {
	FILE *file;
	bool json;
	bool color;
};

enum output_paint {
	OUTPUT_PLAIN,
	OUTPUT_BOLD,
	OUTPUT_DIM,
	OUTPUT_GOOD, /* green */
	OUTPUT_WARN, /* yellow */
	OUTPUT_BAD,  /* red */
};

/* Escapes foreign text of any length (text_escape cuts at TEXT_FOREIGN_MAX). */
void output_escape(struct buf *text, struct bytes foreign);

/* Terminal columns that UTF-8 text takes: wide characters two, combining marks none. */
size_t output_width(struct bytes text);

/* One line for people: the formatted text, escaped.  Nothing in JSON mode. */
void output_line(const struct output *out, enum output_paint paint, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The same for text whose foreign parts were escaped already, as those of common/pki are. */
void output_ready(const struct output *out, const char *format, ...) PRINTF_LIKE(2, 3);

/* Writes what is in line, and a newline: an object made with json_write. */
void output_json(const struct output *out, struct buf *line);

struct output_column {
	const char *title; /* for people: "Last seen" */
	const char *key;   /* for machines: "last_seen" */
	bool right;        /* numbers */
};

enum output_layout {
	OUTPUT_TABLE,  /* a heading, then a row a line */
	OUTPUT_FIELDS, /* a row is a block of "Title: value" lines */
};

struct output_table;

/* columns must outlive the table.  Cells are given in their order, one each a row. */
struct output_table *output_table_new(const struct output *out, enum output_layout layout,
    const struct output_column *columns, size_t column_count);

void output_cell_text(struct output_table *table, const char *text); /* NULL: none */
void output_cell_bytes(struct output_table *table, struct bytes text);
void output_cell_i64(struct output_table *table, int64_t value);
void output_cell_bool(struct output_table *table, bool value); /* yes, no */
void output_cell_time_s(struct output_table *table, int64_t wall_s);
void output_cell_time_us(struct output_table *table, int64_t wall_us);
void output_cell_none(struct output_table *table); /* "-", null */

/* Colours the cell given last. */
void output_cell_paint(struct output_table *table, enum output_paint paint);

/* Ends a row; every column must have its cell. */
void output_row_end(struct output_table *table);

/* Writes what is left and frees.  empty is the line for people when there was no row. */
void output_table_end(struct output_table *table, const char *empty);

#endif

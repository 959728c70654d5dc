/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows for people.
 */
#include "common/daemon/client_print.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/text.h"

enum {
	TITLE_MAX = 64,
	PATH_SIZE = 128,
	DEPTH_MAX = 4, /* what is nested deeper is shown as JSON */
	INDENT = 2,
	TEXT_MAX = 1 << 20,
};

struct client_print {
	const struct output *out;
	const struct client_view *view;
	struct output_table *table; /* NULL: fields, all of them; or JSON */
	bool any;
};

struct client_print *
client_print_new(const struct output *out, const struct client_view *view)
{
	struct client_print *print = NEW(struct client_print);

	*print = (struct client_print){.out = out, .view = view};
	if (!out->json && view->column_count > 0)
		print->table =
		    output_table_new(out, view->layout, view->columns, view->column_count);
	return print;
}

/* The member at a path of names joined by dots; a name may hold dots itself. */
static const json_t *
client_find(const json_t *row, const char *path)
{
	const char *dot;

	while (json_object_get(row, path) == NULL && (dot = strchr(path, '.')) != NULL) {
		char name[PATH_SIZE];

		snprintf(name, sizeof(name), "%.*s", (int)(dot - path), path);
		row = json_object_get(row, name);
		path = dot + 1;
	}
	return json_object_get(row, path);
}

/* Appends a value on one line, not escaped. */
static void
client_put_value(struct buf *text, const json_t *value)
{
	char *dump;

	if (value == NULL || json_is_null(value)) {
		buf_put_u8(text, '-');
	} else if (json_is_string(value)) {
		buf_put(text, json_string_value(value), json_string_length(value));
	} else if (json_is_boolean(value)) {
		buf_put_text(text, json_is_true(value) ? "yes" : "no");
	} else {
		dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
		buf_put_text(text, dump != NULL ? dump : "?");
		free(dump);
	}
}

/* --- a table --- */

static void
client_table_row(struct client_print *print, const json_t *row)
{
	struct buf text;

	buf_init(&text, TEXT_MAX);
	for (size_t i = 0; i < print->view->column_count; i++) {
		buf_clear(&text);
		client_put_value(&text, client_find(row, print->view->columns[i].key));
		output_cell_bytes(print->table, buf_bytes(&text));
	}
	output_row_end(print->table);
	buf_done(&text);
}

/* --- fields --- */

/* Whether a member is shown below its title. */
static bool
client_is_block(const json_t *value, unsigned int depth)
{
	return depth < DEPTH_MAX &&
	       ((json_is_object(value) && json_object_size(value) > 0) ||
		   (json_is_array(value) && json_is_object(json_array_get(value, 0))));
}

/* "last_seen" is shown as "Last seen". */
static void
client_put_title(struct buf *text, const char *key)
{
	size_t len = strnlen(key, TITLE_MAX);

	for (size_t i = 0; i < len; i++) {
		char c = key[i] == '_' ? ' ' : key[i];

		buf_put_u8(text, (uint8_t)(i == 0 && c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
	}
	buf_put_u8(text, ':');
}

static void
client_put_spaces(struct buf *text, size_t until)
{
	while (text->len < until && buf_ok(text))
		buf_put_u8(text, ' ');
}

static void
client_put_list(struct buf *text, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		buf_put_text(text, i > 0 ? ", " : "");
		client_put_value(text, json_array_get(list, i));
	}
	if (json_array_size(list) == 0)
		buf_put_u8(text, '-');
}

static size_t
client_title_width(const json_t *row, unsigned int depth)
{
	size_t widest = 0;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)row, key, value)
	{
		size_t width = strnlen(key, TITLE_MAX);

		if (!client_is_block(value, depth) && width > widest)
			widest = width;
	}
	return widest;
}

/* Members in their order; blocks are indented below their title.  The depth is bounded by
 * DEPTH_MAX, whatever a row holds. */
static void
client_fields(const struct output *out, const json_t *row, unsigned int depth)
{
	size_t indent = (size_t)depth * INDENT, width = client_title_width(row, depth);
	const char *key;
	json_t *value;
	struct buf line;

	buf_init(&line, TEXT_MAX);
	json_object_foreach((json_t *)(uintptr_t)row, key, value)
	{
		bool block = client_is_block(value, depth);

		buf_clear(&line);
		client_put_spaces(&line, indent);
		client_put_title(&line, key);
		if (!block) {
			client_put_spaces(&line, indent + width + 3);
			if (json_is_array(value))
				client_put_list(&line, value);
			else
				client_put_value(&line, value);
		}
		output_line(out, OUTPUT_PLAIN, "%s", buf_text(&line));
		if (block && json_is_object(value))
			client_fields(out, value, depth + 1);
		for (size_t i = 0; block && i < json_array_size(value); i++) {
			if (i > 0)
				output_line(out, OUTPUT_PLAIN, "%s", "");
			client_fields(out, json_array_get(value, i), depth + 1);
		}
	}
	buf_done(&line);
}

/* --- rows --- */

static void
client_print_object(struct client_print *print, const json_t *row)
{
	if (print->table != NULL) {
		client_table_row(print, row);
		return;
	}
	if (print->any)
		output_line(print->out, OUTPUT_PLAIN, "%s", "");
	client_fields(print->out, row, 0);
}

static void
client_print_json(const struct output *out, struct bytes json)
{
	struct buf line;

	buf_init(&line, json.len + 1);
	buf_put_bytes(&line, json);
	output_json(out, &line);
	buf_done(&line);
}

void
client_print_row(struct bytes json, void *arg)
{
	struct client_print *print = arg;
	json_t *row;

	if (print->out->json) {
		client_print_json(print->out, json);
		return;
	}
	row = json_loadb((const char *)json.data, json.len, JSON_ALLOW_NUL, NULL);
	if (json_is_object(row))
		client_print_object(print, row);
	else /* a daemon that writes what is no object: show it, do not hide it */
		output_line(print->out, OUTPUT_PLAIN, "%.*s", (int)json.len,
		    (const char *)json.data);
	print->any = true;
	json_decref(row);
}

void
client_print_end(struct client_print *print, bool answered)
{
	const char *empty = answered ? print->view->empty : NULL;

	if (print->table != NULL)
		output_table_end(print->table, empty);
	else if (!print->any && empty != NULL)
		output_line(print->out, OUTPUT_PLAIN, "%s", empty);
	free(print);
}

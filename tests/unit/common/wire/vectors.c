/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/common/wire/vectors.h"

#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/base/text.h"
#include "common/wire/message.h"

enum {
	FILE_MAX = 1 << 20,
	VECTORS_MAX = 1000,
};

/* What of the vector that is being read has come. */
struct reader {
	struct vectors *vectors;
	struct buf hex;
	struct buf lines;
};

static uint8_t
type_of(const char *name)
{
	for (unsigned int type = 0; type < MESSAGE_TYPE_COUNT; type++) {
		const char *known = message_name((uint8_t)type);

		if (known != NULL && strcmp(known, name) == 0)
			return (uint8_t)type;
	}
	fail_msg("no message type '%s'", name);
	return 0;
}

static struct vector *
last_vector(struct reader *reader)
{
	assert_true(reader->vectors->count > 0);
	return &reader->vectors->at[reader->vectors->count - 1];
}

/* The vector before is complete: takes its bytes and lines over. */
static void
finish_vector(struct reader *reader)
{
	struct vector *vector;
	uint8_t *raw;

	if (reader->vectors->count == 0)
		return;
	vector = last_vector(reader);
	if (vector->kind == VECTOR_FRAME || vector->kind == VECTOR_BAD) {
		raw = alloc_zeroed(reader->hex.len / 2, 1);
		assert_true(text_parse_hex(buf_text(&reader->hex), raw, reader->hex.len / 2));
		vector->bytes = bytes_of(raw, reader->hex.len / 2);
		vector->lines = buf_take_text(&reader->lines);
	}
	buf_clear(&reader->hex);
	buf_clear(&reader->lines);
}

static struct vector *
new_vector(struct reader *reader, enum vector_kind kind, const char *name)
{
	struct vector *vector;

	finish_vector(reader);
	assert_true(reader->vectors->count < VECTORS_MAX);
	vector = &reader->vectors->at[reader->vectors->count++];
	vector->kind = kind;
	vector->name = alloc_text(name);
	if (kind == VECTOR_FRAME || kind == VECTOR_BAD)
		vector->type = type_of(name);
	return vector;
}

static void
read_line(struct reader *reader, const char *line)
{
	char first[32] = "";
	char second[64] = "";
	char third[64] = "";

	if (line[0] == '\0')
		return;
	if (strncmp(line, "    ", 4) == 0) {
		if (strcmp(line + 4, "-") != 0)
			buf_put_text(&reader->hex, line + 4);
		return;
	}
	if (strncmp(line, "  ", 2) == 0) {
		buf_printf(&reader->lines, "%s\n", line + 2);
		return;
	}
	assert_true(sscanf(line, "%31s %63s %63s", first, second, third) >= 2);
	if (strcmp(first, "transcript") == 0)
		new_vector(reader, VECTOR_TRANSCRIPT, third)->pair =
		    strcmp(second, "pair") == 0;
	else if (strcmp(first, "fields") == 0)
		new_vector(reader, VECTOR_FIELDS, second);
	else if (strcmp(first, "bad") == 0)
		new_vector(reader, VECTOR_BAD, second);
	else if (strcmp(second, "accept") == 0)
		new_vector(reader, VECTOR_ACCEPT, second)->dialler = first[0] == '>';
	else if (strcmp(second, "park") == 0)
		new_vector(reader, VECTOR_PARK, second)->dialler = first[0] == '>';
	else if (first[0] == '>' || first[0] == '<')
		new_vector(reader, VECTOR_FRAME, second)->dialler = first[0] == '>';
	else
		fail_msg("vector line '%s'", line);
}

void
vectors_read(const char *path, struct vectors *ret_vectors)
{
	struct reader reader = {.vectors = ret_vectors};
	bool inside = false;
	struct buf file;
	char *text;

	*ret_vectors = (struct vectors){.at = alloc_zeroed(VECTORS_MAX, sizeof(struct vector))};
	buf_init(&file, FILE_MAX);
	buf_init(&reader.hex, FILE_MAX);
	buf_init(&reader.lines, FILE_MAX);
	assert_int_equal(fileio_read(AT_FDCWD, path, &file), STATUS_OK);
	text = buf_take_text(&file);
	for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
		if (strcmp(line, "```portcullis-vectors") == 0)
			inside = true;
		else if (strcmp(line, "```") == 0)
			inside = false;
		else if (inside)
			read_line(&reader, line);
	}
	finish_vector(&reader);
	free(text);
	buf_done(&file);
	buf_done(&reader.hex);
	buf_done(&reader.lines);
}

void
vectors_done(struct vectors *vectors)
{
	for (size_t i = 0; i < vectors->count; i++) {
		free(vectors->at[i].name);
		free(vectors->at[i].lines);
		free((void *)(uintptr_t)vectors->at[i].bytes.data);
	}
	free(vectors->at);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader of INI lines.
 */
#include "common/config/ini.h"

#include "common/base/text.h"

void
ini_start(struct ini *ini, struct bytes text)
{
	static const uint8_t mark[] = {0xef, 0xbb, 0xbf};

	*ini = (struct ini){.rest = text};
	if (text.len >= sizeof(mark) && memcmp(text.data, mark, sizeof(mark)) == 0)
		ini->rest = bytes_of(text.data + sizeof(mark), text.len - sizeof(mark));
}

static bool
ini_is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool
ini_is_word(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-';
}

static struct bytes
ini_skip(struct bytes bytes, size_t len)
{
	return bytes_of(bytes.data + len, bytes.len - len);
}

static struct bytes
ini_trim(struct bytes bytes)
{
	while (bytes.len > 0 && ini_is_blank(bytes.data[0]))
		bytes = ini_skip(bytes, 1);
	while (bytes.len > 0 && ini_is_blank(bytes.data[bytes.len - 1]))
		bytes.len--;
	return bytes;
}

/* The word at the start; its length may be 0. */
static struct bytes
ini_word(struct bytes bytes)
{
	size_t len = 0;

	while (len < bytes.len && ini_is_word(bytes.data[len]))
		len++;
	return bytes_of(bytes.data, len);
}

/* Cuts the next line off the text, without its end (LF or CRLF). */
static struct bytes
ini_take_line(struct ini *ini)
{
	const uint8_t *end = memchr(ini->rest.data, '\n', ini->rest.len);
	size_t len = end != NULL ? (size_t)(end - ini->rest.data) : ini->rest.len;
	struct bytes line = bytes_of(ini->rest.data, len);

	ini->rest = ini_skip(ini->rest, end != NULL ? len + 1 : len);
	ini->line++;
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* One line under work: its start gives the columns. */
struct ini_line {
	const uint8_t *start;
	uint32_t number;
};

static uint32_t
ini_column(const struct ini_line *line, const uint8_t *at)
{
	return (uint32_t)(at - line->start) + 1;
}

static enum status
ini_refuse(const struct ini_line *line, struct bytes found, const char *problem,
    struct ini_error *reterr_error)
{
	*reterr_error = (struct ini_error){
	    .line = line->number,
	    .column = ini_column(line, found.data),
	    .found = found,
	    .problem = problem,
	};
	return STATUS_INVALID;
}

/* Control characters are refused also in comments: such a file is not a text.  Comments may
 * be in any encoding. */
static enum status
ini_check_bytes(const struct ini_line *line, struct bytes text, bool comment,
    struct ini_error *reterr_error)
{
	while (text.len > 0) {
		uint32_t code;
		size_t len = text_utf8_char(text, &code);
		struct bytes first = bytes_of(text.data, len > 0 ? len : 1);

		if ((first.data[0] < 0x20 && first.data[0] != '\t') || first.data[0] == 0x7f)
			return ini_refuse(line, first, "is a control character", reterr_error);
		if (len == 0 && !comment)
			return ini_refuse(line, first, "is not UTF-8", reterr_error);
		text = ini_skip(text, first.len);
	}
	return STATUS_OK;
}

/* What stands between the quotes of [Section "title"]. */
static enum status
ini_read_title(const struct ini_line *line, struct bytes quoted, struct ini_item *item,
    struct ini_error *reterr_error)
{
	if (quoted.len < 3 || quoted.data[0] != '"' || quoted.data[quoted.len - 1] != '"')
		return ini_refuse(line, quoted, "is not a title in double quotes",
		    reterr_error);
	item->titled = true;
	item->value = bytes_of(quoted.data + 1, quoted.len - 2);
	item->value_column = ini_column(line, item->value.data);
	if (memchr(item->value.data, '"', item->value.len) != NULL)
		return ini_refuse(line, quoted, "has a double quote inside the title",
		    reterr_error);
	return STATUS_OK;
}

static enum status
ini_read_section(const struct ini_line *line, struct bytes text, struct ini_item *item,
    struct ini_error *reterr_error)
{
	struct bytes inside, rest;

	if (text.data[text.len - 1] != ']')
		return ini_refuse(line, text, "is a section without its closing bracket",
		    reterr_error);
	inside = ini_trim(bytes_of(text.data + 1, text.len - 2));
	item->kind = INI_SECTION;
	item->name = ini_word(inside);
	item->column = ini_column(line, item->name.data);
	rest = ini_trim(ini_skip(inside, item->name.len));
	if (item->name.len == 0)
		return ini_refuse(line, text, "is a section without a name", reterr_error);
	if (rest.len == 0)
		return STATUS_OK;
	return ini_read_title(line, rest, item, reterr_error);
}

static enum status
ini_read_key(const struct ini_line *line, struct bytes text, struct ini_item *item,
    struct ini_error *reterr_error)
{
	struct bytes rest;

	item->kind = INI_KEY;
	item->name = ini_word(text);
	item->column = ini_column(line, text.data);
	rest = ini_skip(text, item->name.len);
	while (rest.len > 0 && ini_is_blank(rest.data[0]))
		rest = ini_skip(rest, 1);
	if (item->name.len == 0 || rest.len == 0 || rest.data[0] != '=')
		return ini_refuse(line, text, "is not a section, a Key=Value or a comment",
		    reterr_error);
	item->value = ini_trim(ini_skip(rest, 1));
	item->value_column = ini_column(line, item->value.data);
	return STATUS_OK;
}

enum status
ini_next(struct ini *ini, struct ini_item *ret_item, struct ini_error *reterr_error)
{
	while (ini->rest.len > 0) {
		struct bytes whole = ini_take_line(ini), text = ini_trim(whole);
		struct ini_line line = {.start = whole.data, .number = ini->line};
		bool comment = text.len > 0 && (text.data[0] == '#' || text.data[0] == ';');
		struct ini_item item = {.line = ini->line};
		enum status status = ini_check_bytes(&line, whole, comment, reterr_error);

		if (status != STATUS_OK)
			return status;
		if (text.len == 0 || comment)
			continue;
		status = text.data[0] == '['
			     ? ini_read_section(&line, text, &item, reterr_error)
			     : ini_read_key(&line, text, &item, reterr_error);
		if (status == STATUS_OK)
			*ret_item = item;
		return status;
	}
	return STATUS_END;
}

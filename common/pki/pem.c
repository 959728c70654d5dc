/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading PEM and DER files by their content.
 */
#include "common/pki/pem.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/pki/der.h"

/* Where the base64 of a block is. */
struct pem_block {
	struct bytes label;
	struct bytes headers;
	struct bytes body;
	size_t line;      /* of BEGIN */
	size_t body_line; /* where the body begins */
};

static struct bytes
pem_rest(const struct pem *pem)
{
	return bytes_of(pem->input.data + pem->at, pem->input.len - pem->at);
}

static bool
pem_is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Takes the next line, without its end and the blanks on both sides. */
static bool
pem_line(struct pem *pem, struct bytes *ret_line)
{
	struct bytes rest = pem_rest(pem);
	const uint8_t *newline;
	struct bytes line;

	if (rest.len == 0)
		return false;
	newline = memchr(rest.data, '\n', rest.len);
	line = bytes_of(rest.data, newline != NULL ? (size_t)(newline - rest.data) : rest.len);
	pem->at += line.len + (newline != NULL);
	pem->line++;
	while (line.len > 0 && pem_is_blank(line.data[0])) {
		line.data++;
		line.len--;
	}
	while (line.len > 0 && pem_is_blank(line.data[line.len - 1]))
		line.len--;
	*ret_line = line;
	return true;
}

/* "-----BEGIN LABEL-----": the label between a prefix and the dashes. */
static bool
pem_boundary(struct bytes line, const char *prefix, struct bytes *ret_label)
{
	static const char dashes[] = "-----";
	size_t before = strlen(prefix), after = sizeof dashes - 1;

	if (line.len < before + after || memcmp(line.data, prefix, before) != 0 ||
	    memcmp(line.data + line.len - after, dashes, after) != 0)
		return false;
	*ret_label = bytes_of(line.data + before, line.len - before - after);
	return true;
}

static bool
pem_is_begin(struct bytes line, struct bytes *ret_label)
{
	return pem_boundary(line, "-----BEGIN ", ret_label);
}

static bool
pem_is_end(struct bytes line, struct bytes *ret_label)
{
	return pem_boundary(line, "-----END ", ret_label);
}

/* One DER element from the first byte to the last, or at least what begins like one. */
static bool
pem_looks_der(struct bytes input)
{
	struct der_fault fault;
	struct der der = der_begin(input, &fault);
	struct der_tlv tlv;

	if (!der_next_is(&der, DER_SEQUENCE))
		return false;
	if (der_any(&der, &tlv) && !der_more(&der))
		return true;
	return memmem(input.data, input.len, "-----BEGIN ", 11) == NULL;
}

void
pem_init(struct pem *pem, struct bytes input, size_t max_item)
{
	static const uint8_t mark[] = {0xef, 0xbb, 0xbf}; /* UTF-8 with a byte order mark */

	*pem = (struct pem){.input = input, .line = 1};
	pem->is_pem = !pem_looks_der(input);
	if (input.len >= sizeof mark && memcmp(input.data, mark, sizeof mark) == 0)
		pem->at = sizeof mark;
	buf_init(&pem->decoded, max_item);
}

static enum status PRINTF_LIKE(3, 4)
    pem_refuse(struct pem *pem, enum status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(pem->error, sizeof pem->error, format, args);
	va_end(args);
	pem->at = pem->input.len;
	return status;
}

/* Takes the header lines of a block, up to the empty line after them, where it has any. */
static void
pem_take_headers(struct pem *pem, struct pem_block *block)
{
	size_t at = pem->at, line_number = pem->line;
	struct bytes line;

	while (pem_line(pem, &line) && line.len > 0) {
		bool first = block->headers.data == NULL;

		if (first && memchr(line.data, ':', line.len) == NULL)
			break;
		if (first)
			block->headers.data = line.data;
		block->headers.len = (size_t)(line.data + line.len - block->headers.data);
	}
	if (block->headers.data == NULL) {
		pem->at = at;
		pem->line = line_number;
	}
}

/* Takes a block from behind its BEGIN line to its END line. */
static enum status
pem_take_block(struct pem *pem, struct pem_block *block)
{
	struct bytes line, label;
	size_t start;

	pem_take_headers(pem, block);
	start = pem->at;
	block->body_line = pem->line;
	while (pem_line(pem, &line)) {
		if (pem_is_begin(line, &label))
			break;
		if (!pem_is_end(line, &label))
			continue;
		if (!bytes_equal(label, block->label))
			return pem_refuse(pem, STATUS_INVALID,
			    "the END in line %zu does not belong to the BEGIN in line %zu",
			    pem->line - 1, block->line);
		block->body = bytes_of(pem->input.data + start,
		    (size_t)(line.data - pem->input.data) - start);
		return STATUS_OK;
	}
	return pem_refuse(pem, STATUS_INVALID, "no END for the BEGIN in line %zu", block->line);
}

static enum status
pem_decode(struct pem *pem, const struct pem_block *block)
{
	size_t digits = 0, offset, room, line = block->body_line;

	for (size_t i = 0; i < block->body.len; i++)
		digits += block->body.data[i] > ' ';
	/* room at once: growing would leave pieces of a key in freed memory */
	room = digits / 4 * 3 + 3;
	if (room > pem->decoded.max)
		room = pem->decoded.max;
	buf_clear(&pem->decoded);
	(void)buf_reserve(&pem->decoded, room);
	if (text_parse_base64(block->body, &pem->decoded, &offset))
		return STATUS_OK;
	if (!buf_ok(&pem->decoded))
		return pem_refuse(pem, STATUS_LIMIT,
		    "the block in line %zu is larger than %zu bytes", block->line,
		    pem->decoded.max);
	for (size_t i = 0; i < offset; i++)
		line += block->body.data[i] == '\n';
	return pem_refuse(pem, STATUS_INVALID, "malformed base64 near line %zu", line);
}

/* Text without any block says so; what is not even text says that. */
static enum status
pem_refuse_rest(struct pem *pem)
{
	struct bytes input = pem->input;

	if (input.len == 0)
		return pem_refuse(pem, STATUS_INVALID, "the file is empty");
	if (input.len > 1 && (input.data[0] | input.data[1]) == 0xff &&
	    (input.data[0] & input.data[1]) == 0xfe)
		return pem_refuse(pem, STATUS_INVALID,
		    "the file is UTF-16 text; save it as plain text");
	return pem_refuse(pem, STATUS_INVALID, "neither PEM nor DER");
}

static enum status
pem_next_der(struct pem *pem, struct pem_item *ret_item)
{
	if (pem->at > 0)
		return STATUS_END;
	if (pem->input.len > pem->decoded.max)
		return pem_refuse(pem, STATUS_LIMIT, "larger than %zu bytes", pem->decoded.max);
	pem->at = pem->input.len;
	*ret_item = (struct pem_item){.der = pem->input};
	return STATUS_OK;
}

enum status
pem_next(struct pem *pem, struct pem_item *ret_item)
{
	struct pem_block block = {0};
	bool first = pem->line == 1;
	struct bytes line;
	enum status status;

	if (!pem->is_pem)
		return pem_next_der(pem, ret_item);
	do {
		if (!pem_line(pem, &line))
			return first ? pem_refuse_rest(pem) : STATUS_END;
	} while (!pem_is_begin(line, &block.label));
	block.line = pem->line - 1;
	status = pem_take_block(pem, &block);
	if (status == STATUS_OK)
		status = pem_decode(pem, &block);
	if (status != STATUS_OK)
		return status;
	*ret_item = (struct pem_item){.label = block.label,
	    .der = buf_bytes(&pem->decoded),
	    .headers = block.headers,
	    .line = block.line};
	return STATUS_OK;
}

void
pem_done(struct pem *pem)
{
	if (pem == NULL)
		return;
	if (pem->decoded.data != NULL)
		explicit_bzero(pem->decoded.data, pem->decoded.cap);
	buf_done(&pem->decoded);
}

void
pem_write(struct buf *out, const char *label, struct bytes der)
{
	const size_t per_line = 48;

	buf_printf(out, "-----BEGIN %s-----\n", label);
	for (size_t at = 0; at < der.len; at += per_line) {
		size_t left = der.len - at;

		text_base64(out, bytes_of(der.data + at, left < per_line ? left : per_line));
		buf_put_text(out, "\n");
	}
	buf_printf(out, "-----END %s-----\n", label);
}

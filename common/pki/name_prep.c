/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4518 over a stream of code points.
 */
#include "common/pki/name_prep.h"

#include "common/base/text.h"
#include "common/pki/der.h"

struct range {
	uint32_t first;
	uint32_t last;
};

/* RFC 4518 2.2: mapped to nothing. */
static const struct range prep_nothing[] = {
    {0x0000, 0x0008},
    {0x000e, 0x001f},
    {0x007f, 0x0084},
    {0x0086, 0x009f},
    {0x00ad, 0x00ad},
    {0x034f, 0x034f},
    {0x06dd, 0x06dd},
    {0x070f, 0x070f},
    {0x1806, 0x1806},
    {0x180b, 0x180e},
    {0x200b, 0x200f},
    {0x202a, 0x202e},
    {0x2060, 0x2063},
    {0x206a, 0x206f},
    {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},
    {0xfff9, 0xfffc},
    {0x1d173, 0x1d17a},
    {0xe0001, 0xe0001},
    {0xe0020, 0xe007f},
};

/* RFC 4518 2.2: mapped to SPACE. */
static const struct range prep_space[] = {
    {0x0009, 0x000d},
    {0x0020, 0x0020},
    {0x0085, 0x0085},
    {0x00a0, 0x00a0},
    {0x1680, 0x1680},
    {0x2000, 0x200a},
    {0x2028, 0x2029},
    {0x202f, 0x202f},
    {0x205f, 0x205f},
    {0x3000, 0x3000},
};

static bool
prep_in(uint32_t code_point, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code_point >= ranges[i].first && code_point <= ranges[i].last)
			return true;
	return false;
}

#define PREP_IN(code_point, table) \
	prep_in(code_point, table, sizeof(table) / sizeof((table)[0]))

/* Upper-case letters past ASCII in runs: those whose lower case is a fixed distance away, and
 * those that alternate with it (step 2: upper is even or odd as the first one is). */
static const struct {
	uint32_t first;
	uint32_t last;
	uint32_t step;
	uint32_t distance;
} prep_upper[] = {
    {0x00c0, 0x00d6, 1, 32},
    {0x00d8, 0x00de, 1, 32},
    {0x0100, 0x012e, 2, 1},
    {0x0132, 0x0136, 2, 1},
    {0x0139, 0x0147, 2, 1},
    {0x014a, 0x0176, 2, 1},
    {0x0179, 0x017d, 2, 1},
    {0x0391, 0x03a1, 1, 32},
    {0x03a3, 0x03ab, 1, 32},
    {0x0400, 0x040f, 1, 80},
    {0x0410, 0x042f, 1, 32},
    {0x0460, 0x0480, 2, 1},
    {0x048a, 0x04be, 2, 1},
    {0x1e00, 0x1e94, 2, 1},
    {0x1ea0, 0x1efe, 2, 1},
};

static uint32_t
prep_fold(uint32_t code_point)
{
	if (code_point < 0x80)
		return (uint8_t)text_lower((char)code_point);
	for (size_t i = 0; i < sizeof prep_upper / sizeof prep_upper[0]; i++) {
		if (code_point < prep_upper[i].first || code_point > prep_upper[i].last)
			continue;
		if ((code_point - prep_upper[i].first) % prep_upper[i].step == 0)
			return code_point + prep_upper[i].distance;
		return code_point;
	}
	return code_point;
}

static void
prep_put(struct buf *out, uint32_t code_point)
{
	if (code_point < 0x80) {
		buf_put_u8(out, (uint8_t)code_point);
		return;
	}
	if (code_point < 0x800) {
		buf_put_u8(out, (uint8_t)(0xc0 | code_point >> 6));
	} else {
		if (code_point < 0x10000) {
			buf_put_u8(out, (uint8_t)(0xe0 | code_point >> 12));
		} else {
			buf_put_u8(out, (uint8_t)(0xf0 | code_point >> 18));
			buf_put_u8(out, (uint8_t)(0x80 | (code_point >> 12 & 0x3f)));
		}
		buf_put_u8(out, (uint8_t)(0x80 | (code_point >> 6 & 0x3f)));
	}
	buf_put_u8(out, (uint8_t)(0x80 | (code_point & 0x3f)));
}

/* One big-endian character of size bytes. */
static size_t
prep_wide(struct bytes rest, size_t size, uint32_t *ret_code_point)
{
	uint32_t code_point = 0;

	if (rest.len < size)
		return 0;
	for (size_t i = 0; i < size; i++)
		code_point = code_point << 8 | rest.data[i];
	if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point < 0xe000))
		return 0;
	*ret_code_point = code_point;
	return size;
}

/* The next character of a string of this type; its length in bytes, 0 where it is none. */
static size_t
prep_next(uint8_t tag, struct bytes rest, uint32_t *ret_code_point)
{
	switch (tag) {
	case DER_UTF8_STRING:
		return text_utf8_char(rest, ret_code_point);
	case DER_BMP_STRING:
		return prep_wide(rest, 2, ret_code_point);
	case DER_UNIVERSAL_STRING:
		return prep_wide(rest, 4, ret_code_point);
	case DER_TELETEX_STRING: /* as everybody writes it: ISO 8859-1 */
		*ret_code_point = rest.data[0];
		return 1;
	case DER_IA5_STRING:
		*ret_code_point = rest.data[0];
		return rest.data[0] < 0x80 ? 1 : 0;
	default: /* those of printable ASCII; CAs do not keep to the smaller repertoires */
		*ret_code_point = rest.data[0];
		return rest.data[0] >= 0x20 && rest.data[0] < 0x7f ? 1 : 0;
	}
}

bool
name_prep_is_string(uint8_t tag)
{
	return tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING || tag == DER_IA5_STRING ||
	       tag == DER_NUMERIC_STRING || tag == DER_VISIBLE_STRING ||
	       tag == DER_TELETEX_STRING || tag == DER_BMP_STRING ||
	       tag == DER_UNIVERSAL_STRING;
}

bool
name_prep_utf8(uint8_t tag, struct bytes value, struct buf *out)
{
	while (value.len > 0) {
		uint32_t code_point;
		size_t len = prep_next(tag, value, &code_point);

		if (len == 0)
			return false;
		prep_put(out, code_point);
		value = bytes_of(value.data + len, value.len - len);
	}
	return true;
}

bool
name_prep(uint8_t tag, struct bytes value, struct buf *out)
{
	bool begun = false, space = false;

	while (value.len > 0) {
		uint32_t code_point;
		size_t len = prep_next(tag, value, &code_point);

		if (len == 0)
			return false;
		value = bytes_of(value.data + len, value.len - len);
		/* what is printed in ASCII is neither: no need to search the tables */
		if (code_point <= ' ' || code_point >= 0x7f) {
			if (PREP_IN(code_point, prep_nothing))
				continue;
			if (PREP_IN(code_point, prep_space)) {
				space = true;
				continue;
			}
		}
		/* RFC 4518 2.6.1: none around, one between words */
		if (space && begun)
			buf_put_u8(out, ' ');
		space = false;
		begun = true;
		prep_put(out, prep_fold(code_point));
	}
	return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Text in and out.
 */
#include "common/base/text.h"

#include <inttypes.h>
#include <string.h>

size_t
text_utf8_char(struct bytes bytes, uint32_t *ret_code_point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t first = bytes.len > 0 ? bytes.data[0] : 0xff;
	size_t len = first < 0x80   ? 1
		     : first < 0xc2 ? 0
		     : first < 0xe0 ? 2
		     : first < 0xf0 ? 3
		     : first < 0xf5 ? 4
				    : 0;
	uint32_t code;

	if (len == 0 || len > bytes.len)
		return 0;
	code = len == 1 ? first : first & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((bytes.data[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (bytes.data[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code_point = code;
	return len;
}

/* Characters that change how their neighbours are shown, or show nothing. */
static bool
text_deceptive(uint32_t code)
{
	return code < 0x20 || code == '\\' || (code >= 0x7f && code <= 0x9f) || code == 0xad ||
	       code == 0x061c || code == 0x115f || code == 0x1160 || code == 0x180e ||
	       (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0x3164 || code == 0xfeff ||
	       code == 0xffa0 || (code >= 0xfff0 && code <= 0xffff) ||
	       (code >= 0xe0000 && code <= 0xe0fff);
}

void
text_escape(struct buf *out, struct bytes foreign)
{
	text_escape_max(out, foreign, TEXT_FOREIGN_MAX);
}

void
text_escape_max(struct buf *out, struct bytes foreign, size_t max)
{
	struct bytes rest = foreign;
	bool cut = rest.len > max;
	uint32_t code;

	if (cut)
		rest.len = max;
	while (rest.len > 0) {
		size_t len = text_utf8_char(rest, &code);

		if (len > 0 && !text_deceptive(code)) {
			buf_put(out, rest.data, len);
		} else {
			len = len > 0 ? len : 1;
			for (size_t i = 0; i < len; i++)
				buf_printf(out, "\\x%02x", rest.data[i]);
		}
		rest.data += len;
		rest.len -= len;
	}
	if (cut)
		buf_put_text(out, "...");
}

void
text_hex(struct buf *out, struct bytes bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(out, "%02x", bytes.data[i]);
}

static int
text_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = text_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
text_parse_hex(const char *text, void *ret_data, size_t len)
{
	uint8_t *out = ret_data;

	if (strlen(text) != 2 * len)
		return false;
	for (size_t i = 0; i < 2 * len; i++) {
		if (text_hex_digit(text[i]) < 0)
			return false;
	}
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(text_hex_digit(text[2 * i]) << 4 |
				   text_hex_digit(text[2 * i + 1]));
	return true;
}

static const char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
text_base64(struct buf *out, struct bytes bytes)
{
	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
		uint32_t group = (uint32_t)bytes.data[i] << 16;
		char text[4];

		if (have > 1)
			group |= (uint32_t)bytes.data[i + 1] << 8;
		if (have > 2)
			group |= bytes.data[i + 2];
		for (size_t k = 0; k < 4; k++)
			text[k] =
			    k <= have ? base64_alphabet[group >> (18 - 6 * k) & 0x3f] : '=';
		buf_put(out, text, sizeof(text));
	}
}

static int
text_base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool
text_is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
text_parse_base64(struct bytes text, struct buf *out, size_t *reterr_offset)
{
	uint32_t group = 0;
	size_t digits = 0, padding = 0, i;

	for (i = 0; i < text.len; i++) {
		int digit = text_base64_digit(text.data[i]);

		if (text_is_space(text.data[i]))
			continue;
		if (text.data[i] == '=' && digits % 4 >= 2 && digits % 4 + padding < 4) {
			padding++;
			continue;
		}
		if (digit < 0 || padding > 0)
			goto refuse;
		group = group << 6 | (uint32_t)digit;
		if (++digits % 4 == 0) {
			buf_put_u8(out, (uint8_t)(group >> 16));
			buf_put_u8(out, (uint8_t)(group >> 8));
			buf_put_u8(out, (uint8_t)group);
			group = 0;
		}
	}
	if (digits % 4 == 1 || (digits % 4 != 0 && digits % 4 + padding != 4))
		goto refuse;
	if (digits % 4 == 2 && (group & 0xf) == 0) {
		buf_put_u8(out, (uint8_t)(group >> 4));
	} else if (digits % 4 == 3 && (group & 0x3) == 0) {
		buf_put_u8(out, (uint8_t)(group >> 10));
		buf_put_u8(out, (uint8_t)(group >> 2));
	} else if (digits % 4 != 0) {
		goto refuse;
	}
	if (buf_ok(out))
		return true;
refuse:
	*reterr_offset = i;
	return false;
}

bool
text_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*text < '0' || *text > '9' || value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value < min || value > max)
		return false;
	*ret_value = value;
	return true;
}

struct unit {
	const char *name;
	uint64_t factor;
};

/* Reads "<digits><unit>" and moves past it; white space around it is skipped. */
static bool
text_take_quantity(const char **text, const struct unit *units, uint64_t *ret_value)
{
	const char *at = *text;
	char digits[24];
	size_t len;
	uint64_t number;

	at += strspn(at, " ");
	len = strspn(at, "0123456789");
	if (len == 0 || len >= sizeof(digits))
		return false;
	memcpy(digits, at, len);
	digits[len] = '\0';
	if (!text_parse_u64(digits, 0, UINT64_MAX, &number))
		return false;
	at += len;
	at += strspn(at, " ");
	len = strcspn(at, " 0123456789");
	for (; units->name != NULL; units++) {
		if (strlen(units->name) != len || strncmp(units->name, at, len) != 0)
			continue;
		if (number > (uint64_t)INT64_MAX / units->factor)
			return false;
		*ret_value = number * units->factor;
		at += len;
		*text = at + strspn(at, " ");
		return true;
	}
	return false;
}

bool
text_parse_size(const char *text, uint64_t *ret_bytes)
{
	static const struct unit units[] = {{"", 1}, {"B", 1}, {"K", 1 << 10}, {"KiB", 1 << 10},
	    {"M", 1 << 20}, {"MiB", 1 << 20}, {"G", 1 << 30}, {"GiB", 1 << 30},
	    {"T", UINT64_C(1) << 40}, {"TiB", UINT64_C(1) << 40}, {NULL, 0}};
	uint64_t value;

	if (!text_take_quantity(&text, units, &value) || *text != '\0')
		return false;
	*ret_bytes = value;
	return true;
}

bool
text_parse_duration(const char *text, int64_t *ret_ms)
{
	static const struct unit units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"sec", 1000},
	    {"min", 60000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {"w", 604800000},
	    {NULL, 0}};
	uint64_t total = 0, part;

	do {
		if (!text_take_quantity(&text, units, &part) ||
		    part > (uint64_t)INT64_MAX - total)
			return false;
		total += part;
	} while (*text != '\0');
	*ret_ms = (int64_t)total;
	return true;
}

void
text_duration(struct buf *out, int64_t ms)
{
	int64_t s = ms / 1000;

	if (ms < 1000)
		buf_printf(out, "%" PRId64 " ms", ms);
	else if (s < 120)
		buf_printf(out, "%" PRId64 " s", s);
	else if (s < 7200)
		buf_printf(out, "%" PRId64 " min", s / 60);
	else if (s < 172800)
		buf_printf(out, "%" PRId64 " h", s / 3600);
	else
		buf_printf(out, "%" PRId64 " d", s / 86400);
}

void
text_size(struct buf *out, uint64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024 && unit < 4) {
		value /= 1024;
		unit++;
	}
	if (unit == 0)
		buf_printf(out, "%" PRIu64 " B", bytes);
	else
		buf_printf(out, "%.1f %s", value, units[unit]);
}

char
text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool
text_equal_nocase(struct bytes a, struct bytes b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (text_lower((char)a.data[i]) != text_lower((char)b.data[i]))
			return false;
	}
	return true;
}

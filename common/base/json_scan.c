/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanner: a loop over values with a bit per open bracket instead of recursion.  Paths
 * are matched incrementally: each open object knows which paths it may still lead to (a
 * bit each) and how many bytes of them are matched.
 */
#include "common/base/json_scan.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "common/base/cursor.h"
#include "common/base/text.h"

struct json_level {
	uint32_t paths;  /* which paths may still be found in this object */
	uint32_t prefix; /* how many bytes of them its name took, with the dot */
};

struct json_scanner {
	const struct json_fields *fields;
	const uint8_t *at;
	const uint8_t *end;
	unsigned depth;
	uint64_t objects; /* bit n: the bracket at depth n is a brace */
	uint32_t here;    /* the path that the coming value is the end of: at most one bit */
	uint32_t below;   /* the paths that go on inside the coming value */
	uint32_t matched; /* bytes of them that are matched */
	struct json_level levels[JSON_DEPTH_MAX + 1];
	struct json_value values[JSON_FIELDS_MAX];
};

void
json_fields_init(struct json_fields *fields, const char *const *paths, size_t count)
{
	assert(count <= JSON_FIELDS_MAX);
	*fields = (struct json_fields){.paths = paths, .count = count};
	for (size_t i = 0; i < count; i++)
		fields->by_first[(uint8_t)paths[i][0]] |= UINT32_C(1) << i;
}

static void
json_skip_space(struct json_scanner *s)
{
	while (s->at < s->end &&
	       (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
}

/* The next byte, or 0, which no rule allows anywhere outside strings. */
static uint8_t
json_peek(const struct json_scanner *s)
{
	return s->at < s->end ? *s->at : 0;
}

/* How many of the next 8 bytes are ordinary characters of a string: neither quote nor
 * backslash, control byte or the beginning of a longer UTF-8 character. */
static unsigned
json_plain_run(const uint8_t *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
	uint64_t word, quote, escape, special;

	memcpy(&word, at, sizeof(word));
	word = le64toh(word);
	quote = word ^ ones * '"';
	escape = word ^ ones * '\\';
	/* The lowest bit that is set is exact; those above it may be carried over. */
	special = (quote - ones) & ~quote;
	special |= (escape - ones) & ~escape;
	special |= (word - ones * 0x20) & ~word;
	special = (special | word) & highs;
	return special == 0 ? 8 : (unsigned)__builtin_ctzll(special) / 8;
}

static bool
json_hex4(const uint8_t *at, uint32_t *ret_value)
{
	*ret_value = 0;
	for (int i = 0; i < 4; i++) {
		uint8_t c = at[i], low = c | 0x20;

		if (c >= '0' && c <= '9')
			*ret_value = *ret_value << 4 | (uint32_t)(c - '0');
		else if (low >= 'a' && low <= 'f')
			*ret_value = *ret_value << 4 | (uint32_t)(low - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* After a backslash. */
static bool
json_scan_escape(struct json_scanner *s)
{
	uint32_t unit;

	switch (json_peek(s)) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		s->at++;
		return true;
	case 'u':
		if (s->end - s->at < 5 || !json_hex4(s->at + 1, &unit))
			return false;
		s->at += 5;
		return true;
	default:
		return false;
	}
}

/* After the opening quote, to behind the closing one. */
static bool
json_scan_string(struct json_scanner *s, struct bytes *ret_raw)
{
	const uint8_t *start = s->at;

	while (s->at < s->end) {
		uint8_t c = *s->at;
		uint32_t code_point;
		size_t len = 1;

		if (s->end - s->at >= 8 && (len = json_plain_run(s->at)) > 0) {
			s->at += len;
		} else if (c == '"') {
			*ret_raw = bytes_of(start, (size_t)(s->at++ - start));
			return true;
		} else if (c == '\\') {
			s->at++;
			if (!json_scan_escape(s))
				return false;
		} else if (c >= 0x80) {
			len = text_utf8_char(bytes_of(s->at, (size_t)(s->end - s->at)),
			    &code_point);
			if (len == 0)
				return false;
			s->at += len;
		} else if (c < 0x20) {
			return false;
		} else {
			s->at++;
		}
	}
	return false;
}

static bool
json_scan_digits(struct json_scanner *s)
{
	const uint8_t *start = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return s->at > start;
}

/* RFC 8259 section 6: [-] int [frac] [exp], no leading zero. */
static bool
json_scan_number(struct json_scanner *s)
{
	if (json_peek(s) == '-')
		s->at++;
	if (json_peek(s) == '0')
		s->at++;
	else if (!json_scan_digits(s))
		return false;
	if (json_peek(s) == '.') {
		s->at++;
		if (!json_scan_digits(s))
			return false;
	}
	if ((json_peek(s) | 0x20) == 'e') {
		s->at++;
		if (json_peek(s) == '+' || json_peek(s) == '-')
			s->at++;
		return json_scan_digits(s);
	}
	return true;
}

static bool
json_scan_word(struct json_scanner *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
		return false;
	s->at += len;
	return true;
}

static void
json_found(struct json_scanner *s, enum json_kind kind, struct bytes raw)
{
	if (s->here != 0)
		s->values[__builtin_ctz(s->here)] = (struct json_value){kind, raw};
}

/* Which paths the name leads to, as the end (here) or on the way (below). */
static void
json_match_name(struct json_scanner *s, struct bytes name)
{
	const struct json_level *level = &s->levels[s->depth];
	uint32_t left = level->paths;

	if (level->prefix == 0 && left != 0)
		left &= name.len > 0 ? s->fields->by_first[name.data[0]] : 0;
	for (; left != 0; left &= left - 1) {
		unsigned index = (unsigned)__builtin_ctz(left);
		const char *rest = s->fields->paths[index] + level->prefix;

		if (strncmp(rest, (const char *)name.data, name.len) != 0)
			continue;
		/* strncmp stops at a NUL: then rest[name.len] would be beyond it, but a name
		 * has no raw NUL byte, so equal means that rest has name.len bytes. */
		if (rest[name.len] == '\0')
			s->here = UINT32_C(1) << index;
		else if (rest[name.len] == '.')
			s->below |= UINT32_C(1) << index;
	}
	s->matched = level->prefix + (uint32_t)name.len + 1;
}

/* A name, its colon, and the space before the value. */
static bool
json_scan_name(struct json_scanner *s)
{
	struct bytes name;

	s->here = s->below = 0;
	json_skip_space(s);
	if (json_peek(s) != '"')
		return false;
	s->at++;
	if (!json_scan_string(s, &name))
		return false;
	if (s->levels[s->depth].paths != 0)
		json_match_name(s, name);
	json_skip_space(s);
	if (json_peek(s) != ':')
		return false;
	s->at++;
	return true;
}

/* Opens a bracket.  *ret_empty: it was closed at once, else a value is to come. */
static enum status
json_open(struct json_scanner *s, bool object, bool *ret_empty)
{
	if (s->depth == JSON_DEPTH_MAX)
		return STATUS_LIMIT;
	json_found(s, object ? JSON_OBJECT : JSON_ARRAY, bytes_of(s->at, 1));
	s->at++;
	s->objects = s->objects << 1 | object;
	s->levels[++s->depth] = (struct json_level){object ? s->below : 0, s->matched};
	s->here = s->below = 0;
	json_skip_space(s);
	*ret_empty = json_peek(s) == (object ? '}' : ']');
	if (*ret_empty || !object)
		return STATUS_OK;
	return json_scan_name(s) ? STATUS_OK : STATUS_INVALID;
}

static bool
json_scan_scalar(struct json_scanner *s, uint8_t first)
{
	const uint8_t *start = s->at;
	enum json_kind kind = JSON_NUMBER;
	struct bytes raw;
	bool ok;

	if (first == '"') {
		s->at++;
		if (!json_scan_string(s, &raw))
			return false;
		json_found(s, JSON_STRING, raw);
		return true;
	}
	switch (first) {
	case 't':
		kind = JSON_TRUE;
		ok = json_scan_word(s, "true");
		break;
	case 'f':
		kind = JSON_FALSE;
		ok = json_scan_word(s, "false");
		break;
	case 'n':
		kind = JSON_NULL;
		ok = json_scan_word(s, "null");
		break;
	default:
		ok = json_scan_number(s);
	}
	if (ok)
		json_found(s, kind, bytes_of(start, (size_t)(s->at - start)));
	return ok;
}

/* After a value: closes what closes here, then takes the comma (and the next name) before
 * the next value.  *ret_done: the outermost value is complete. */
static bool
json_after_value(struct json_scanner *s, bool *ret_done)
{
	for (; s->depth > 0; s->depth--, s->objects >>= 1) {
		bool object = s->objects & 1;
		uint8_t c;

		json_skip_space(s);
		c = json_peek(s);
		if (c != ',' && c != (object ? '}' : ']'))
			return false;
		s->at++;
		if (c == ',')
			return !object || json_scan_name(s);
	}
	*ret_done = true;
	return true;
}

static enum status
json_scan_values(struct json_scanner *s)
{
	bool done = false;

	while (!done) {
		enum status status = STATUS_OK;
		bool complete = true;
		uint8_t first;

		json_skip_space(s);
		first = json_peek(s);
		if (first == '{' || first == '[')
			status = json_open(s, first == '{', &complete);
		else if (!json_scan_scalar(s, first))
			status = STATUS_INVALID;
		if (status != STATUS_OK)
			return status;
		if (complete && !json_after_value(s, &done))
			return STATUS_INVALID;
	}
	json_skip_space(s);
	return s->at == s->end ? STATUS_OK : STATUS_INVALID;
}

enum status
json_scan(const struct json_fields *fields, struct bytes text, struct json_value *ret_values,
    size_t *reterr_offset)
{
	struct json_scanner s;
	size_t count = fields != NULL ? fields->count : 0;
	enum status status;

	if (text.len == 0) {
		*reterr_offset = 0;
		return STATUS_INVALID;
	}
	s.fields = fields;
	s.at = text.data;
	s.end = text.data + text.len;
	s.depth = 0;
	s.objects = 0;
	s.here = 0;
	s.matched = 0;
	s.below = (uint32_t)((UINT64_C(1) << count) - 1);
	memset(s.values, 0, count * sizeof(s.values[0]));
	status = json_scan_values(&s);
	if (status != STATUS_OK)
		*reterr_offset = (size_t)(s.at - text.data);
	else if (count > 0)
		memcpy(ret_values, s.values, count * sizeof(s.values[0]));
	return status;
}

/* The character that an escape stands for; moves behind it.  The form is known to be
 * right: the scanner has seen it. */
static uint32_t
json_decode_escape(struct bytes *rest)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	uint8_t c = rest->data[1];
	const char *known = strchr(from, c);
	uint32_t high, low;

	if (c != 'u') {
		*rest = bytes_of(rest->data + 2, rest->len - 2);
		return known != NULL ? (uint32_t)to[known - from] : c;
	}
	(void)json_hex4(rest->data + 2, &high);
	*rest = bytes_of(rest->data + 6, rest->len - 6);
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || rest->len < 6 || rest->data[0] != '\\' || rest->data[1] != 'u')
		return 0xfffd;
	(void)json_hex4(rest->data + 2, &low);
	if (low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*rest = bytes_of(rest->data + 6, rest->len - 6);
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static size_t
json_encode_utf8(uint32_t code, char out[static 4])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

size_t
json_value_text(const struct json_value *value, char *ret_text, size_t size)
{
	struct bytes rest = value->raw;
	size_t used = 0;

	if (value->kind != JSON_STRING)
		return 0;
	while (rest.len > 0) {
		char character[4];
		uint32_t code;
		size_t len;

		if (rest.data[0] == '\\') {
			len = json_encode_utf8(json_decode_escape(&rest), character);
		} else {
			len = text_utf8_char(rest, &code);
			memcpy(character, rest.data, len);
			rest = bytes_of(rest.data + len, rest.len - len);
		}
		if (len > size - used)
			break;
		memcpy(ret_text + used, character, len);
		used += len;
	}
	return used;
}

bool
json_value_u64(const struct json_value *value, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (value->kind != JSON_NUMBER)
		return false;
	for (size_t i = 0; i < value->raw.len; i++) {
		uint8_t digit = (uint8_t)(value->raw.data[i] - '0');

		if (digit > 9 || number > (UINT64_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	if (number > max)
		return false;
	*ret_number = number;
	return true;
}

/* The exponent that begins with its e, cut to what can matter; 0 when there is none. */
static int
json_exponent(struct cursor exponent)
{
	uint8_t mark;
	int value;

	(void)cursor_u8(&exponent);
	mark = cursor_u8(&exponent);
	value = mark >= '0' && mark <= '9' ? mark - '0' : 0;
	while (exponent.left > 0 && value < 1000)
		value = value * 10 + (cursor_u8(&exponent) - '0');
	return mark == '-' ? -value : value;
}

bool
json_value_scaled(const struct json_value *value, int digits, int64_t *ret_number)
{
	struct cursor at = cursor_of(value->raw);
	int64_t number = 0;
	int scale = digits; /* the number so far is to be multiplied by 10^scale */
	bool negative, fraction = false;

	if (value->kind != JSON_NUMBER)
		return false;
	negative = *at.at == '-';
	if (negative)
		(void)cursor_u8(&at);
	while (at.left > 0 && (*at.at | 0x20) != 'e') {
		uint8_t c = cursor_u8(&at);
		bool fits = number <= (INT64_MAX - 9) / 10;

		if (c == '.') {
			fraction = true;
		} else if (fits) {
			number = number * 10 + (c - '0');
			scale -= fraction;
		} else {
			scale += !fraction;
		}
	}
	scale += json_exponent(at);
	for (; scale < 0 && number != 0; scale++)
		number /= 10;
	for (; scale > 0 && number != 0; scale--)
		if (__builtin_mul_overflow(number, 10, &number))
			return false;
	*ret_number = negative ? -number : number;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The DER reader.
 */
#include "common/pki/der.h"

#include <inttypes.h>

#include "common/base/clock.h"
#include "common/base/text.h"

static const struct bytes der_nothing = {NULL, 0};

static struct der
der_over(struct bytes part, struct der_fault *fault)
{
	/* no arithmetic on NULL */
	const uint8_t *end = part.len > 0 ? part.data + part.len : part.data;

	return (struct der){part.data, end, fault};
}

struct der
der_begin(struct bytes input, struct der_fault *fault)
{
	*fault = (struct der_fault){.base = input.data};
	return der_over(input, fault);
}

struct der
der_inside(const struct der *der, struct bytes part)
{
	return der_over(part, der->fault);
}

static void
der_fail_at(struct der *der, const uint8_t *at, const char *what)
{
	if (der->fault->what != NULL)
		return;
	der->fault->what = what;
	der->fault->offset = at == NULL ? 0 : (size_t)(at - der->fault->base);
}

void
der_fail(struct der *der, const char *what)
{
	der_fail_at(der, der->at, what);
}

void
der_end(struct der *der)
{
	if (der->at < der->end)
		der_fail(der, "trailing bytes");
}

void
der_fault_text(const struct der_fault *fault, struct buf *out)
{
	if (fault->what != NULL)
		buf_printf(out, "%s (byte %zu)", fault->what, fault->offset);
}

/* Reads the length octets at *at (X.690 8.1.3, 10.1): the shortest form, at most four
 * octets of length.  Returns false with a text at a fault. */
static bool
der_length(const uint8_t **at, const uint8_t *end, size_t *ret_len, const char **reterr_what)
{
	const uint8_t *p = *at;
	size_t octets, len = 0;

	if (p == end) {
		*reterr_what = "cut off before a length";
		return false;
	}
	octets = *p++;
	if (octets < 0x80) {
		*at = p;
		*ret_len = octets;
		return true;
	}
	octets &= 0x7f;
	if (octets == 0 || octets > 4) {
		*reterr_what = octets == 0 ? "indefinite length" : "length too large";
		return false;
	}
	if ((size_t)(end - p) < octets) {
		*reterr_what = "cut off in a length";
		return false;
	}
	if (p[0] == 0 || (octets == 1 && p[0] < 0x80)) {
		*reterr_what = "length not in its shortest form";
		return false;
	}
	for (size_t i = 0; i < octets; i++)
		len = len << 8 | *p++;
	*at = p;
	*ret_len = len;
	return true;
}

bool
der_any(struct der *der, struct der_tlv *ret_tlv)
{
	const uint8_t *start = der->at;
	const uint8_t *at = start;
	const char *what;
	uint8_t tag;
	size_t len;

	if (!der_ok(der))
		return false;
	if (at == der->end) {
		der_fail(der, "an element is missing");
		return false;
	}
	tag = *at++;
	if ((tag & 0x1f) == 0x1f) {
		der_fail(der, "tag of more than one byte");
		return false;
	}
	if (!der_length(&at, der->end, &len, &what)) {
		der_fail(der, what);
		return false;
	}
	if ((size_t)(der->end - at) < len) {
		der_fail(der, "an element is longer than what holds it");
		return false;
	}
	der->at = at + len;
	ret_tlv->tag = tag;
	ret_tlv->value = bytes_of(at, len);
	ret_tlv->whole = bytes_of(start, (size_t)(at - start) + len);
	return true;
}

/* The next element with this tag; faults with the given tag in mind. */
static bool
der_expect(struct der *der, uint8_t tag, struct der_tlv *ret_tlv)
{
	if (der_more(der) && *der->at != tag) {
		der_fail(der, "an element of another type was expected");
		return false;
	}
	return der_any(der, ret_tlv);
}

struct bytes
der_value(struct der *der, uint8_t tag)
{
	struct der_tlv tlv;

	return der_expect(der, tag, &tlv) ? tlv.value : der_nothing;
}

struct bytes
der_whole(struct der *der, uint8_t tag)
{
	struct der_tlv tlv;

	return der_expect(der, tag, &tlv) ? tlv.whole : der_nothing;
}

struct der
der_enter(struct der *der, uint8_t tag)
{
	return der_inside(der, der_value(der, tag));
}

bool
der_optional(struct der *der, uint8_t tag, struct bytes *ret_value)
{
	struct der_tlv tlv;

	if (!der_next_is(der, tag) || !der_any(der, &tlv))
		return false;
	*ret_value = tlv.value;
	return true;
}

bool
der_optional_enter(struct der *der, uint8_t tag, struct der *ret_inner)
{
	struct bytes value;

	if (!der_optional(der, tag, &value))
		return false;
	*ret_inner = der_inside(der, value);
	return true;
}

struct bytes
der_integer(struct der *der, uint8_t tag)
{
	struct bytes value = der_value(der, tag);
	const uint8_t *p = value.data;

	if (!der_ok(der))
		return der_nothing;
	if (value.len == 0) {
		der_fail(der, "empty INTEGER");
		return der_nothing;
	}
	if (value.len > 1 && (p[0] == 0x00 || p[0] == 0xff) && (p[0] ^ p[1]) < 0x80) {
		der_fail_at(der, p, "INTEGER not in its shortest form");
		return der_nothing;
	}
	return value;
}

uint64_t
der_u64(struct der *der, uint8_t tag, uint64_t max)
{
	struct bytes raw = der_integer(der, tag);
	uint64_t value = 0;

	if (raw.len == 0)
		return 0;
	if (raw.data[0] & 0x80) {
		der_fail_at(der, raw.data, "negative INTEGER");
		return 0;
	}
	if (raw.data[0] == 0) {
		raw.data++;
		raw.len--;
	}
	for (size_t i = 0; raw.len <= sizeof value && i < raw.len; i++)
		value = value << 8 | raw.data[i];
	if (raw.len > sizeof value || value > max) {
		der_fail_at(der, raw.data, "INTEGER too large");
		return 0;
	}
	return value;
}

bool
der_boolean(struct der *der, uint8_t tag)
{
	struct bytes value = der_value(der, tag);

	if (!der_ok(der))
		return false;
	if (value.len != 1 || (value.data[0] != 0x00 && value.data[0] != 0xff)) {
		der_fail(der, "BOOLEAN is neither 00 nor ff");
		return false;
	}
	return value.data[0] == 0xff;
}

bool
der_default_false(struct der *der, uint8_t tag)
{
	if (!der_next_is(der, tag))
		return false;
	if (!der_boolean(der, tag))
		der_fail(der, "the default FALSE is written out");
	return der_ok(der);
}

struct bytes
der_oid(struct der *der, uint8_t tag)
{
	struct bytes value = der_value(der, tag);
	bool first = true; /* of the octets of an arc */

	if (!der_ok(der))
		return der_nothing;
	for (size_t i = 0; i < value.len; i++) {
		if (first && value.data[i] == 0x80) {
			der_fail_at(der, value.data,
			    "OBJECT IDENTIFIER not in its shortest form");
			return der_nothing;
		}
		first = value.data[i] < 0x80;
	}
	if (value.len == 0 || !first) {
		der_fail(der, "OBJECT IDENTIFIER cut off");
		return der_nothing;
	}
	return value;
}

struct der_bits
der_bit_string(struct der *der, uint8_t tag)
{
	struct bytes value = der_value(der, tag);
	struct der_bits bits = {0};
	unsigned int unused;

	if (!der_ok(der))
		return bits;
	unused = value.len > 0 ? value.data[0] : 8;
	if (unused > 7 || (value.len == 1 && unused != 0)) {
		der_fail(der, "BIT STRING with a wrong count of unused bits");
		return bits;
	}
	if (value.data[value.len - 1] & ((1u << unused) - 1) && value.len > 1) {
		der_fail(der, "BIT STRING with unused bits that are not zero");
		return bits;
	}
	bits.bytes = bytes_of(value.data + 1, value.len - 1);
	bits.unused = unused;
	return bits;
}

uint32_t
der_named_bits(struct der *der, uint8_t tag)
{
	struct der_bits bits = der_bit_string(der, tag);
	uint32_t set = 0;

	for (size_t n = 0; n < 32 && n / 8 < bits.bytes.len; n++)
		if (bits.bytes.data[n / 8] & (0x80u >> n % 8))
			set |= (uint32_t)1 << n;
	return set;
}

/* Two decimal digits at p; -1 where they are none. */
static int
der_two_digits(const uint8_t *p)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	return (p[0] - '0') * 10 + (p[1] - '0');
}

/* "MMDDHHMMSSZ" at p, of a year. */
static int64_t
der_civil_time(struct der *der, int year, const uint8_t *p)
{
	int field[5];
	int64_t seconds;

	for (size_t i = 0; i < 5; i++)
		field[i] = der_two_digits(p + 2 * i);
	if (p[10] != 'Z' || year < 0 ||
	    !clock_from_civil(year, field[0], field[1], field[2], field[3], field[4],
		&seconds)) {
		der_fail_at(der, p, "not a time of the form RFC 5280 asks for");
		return 0;
	}
	return seconds;
}

static int64_t
der_utc_time(struct der *der)
{
	struct bytes value = der_value(der, DER_UTC_TIME);
	int year;

	if (!der_ok(der))
		return 0;
	year = value.len == 13 ? der_two_digits(value.data) : -1;
	if (year < 0) {
		der_fail(der, "UTCTime is not YYMMDDHHMMSSZ");
		return 0;
	}
	return der_civil_time(der, year < 50 ? 2000 + year : 1900 + year, value.data + 2);
}

int64_t
der_generalized_time(struct der *der, uint8_t tag)
{
	struct bytes value = der_value(der, tag);
	int century, year;

	if (!der_ok(der))
		return 0;
	century = value.len == 15 ? der_two_digits(value.data) : -1;
	year = value.len == 15 ? der_two_digits(value.data + 2) : -1;
	if (century < 0 || year < 0) {
		der_fail(der, "GeneralizedTime is not YYYYMMDDHHMMSSZ");
		return 0;
	}
	return der_civil_time(der, century * 100 + year, value.data + 4);
}

int64_t
der_time(struct der *der)
{
	if (der_next_is(der, DER_UTC_TIME))
		return der_utc_time(der);
	return der_generalized_time(der, DER_GENERALIZED_TIME);
}

static bool
der_utf8_valid(struct bytes value)
{
	uint32_t code;

	while (value.len > 0) {
		size_t len = text_utf8_char(value, &code);

		if (len == 0 || code == 0)
			return false;
		value.data += len;
		value.len -= len;
	}
	return true;
}

/* X.680 table 10. */
static bool
der_printable(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (c != 0 && strchr(" '()+,-./:=?", c) != NULL);
}

bool
der_string_valid(uint8_t tag, struct bytes value)
{
	if (tag == DER_UTF8_STRING)
		return der_utf8_valid(value);
	if (tag == DER_TELETEX_STRING)
		return true;
	if (tag == DER_BMP_STRING)
		return value.len % 2 == 0;
	if (tag == DER_UNIVERSAL_STRING)
		return value.len % 4 == 0;
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = value.data[i];

		if (tag == DER_PRINTABLE_STRING && !der_printable(c))
			return false;
		if (tag == DER_NUMERIC_STRING && c != ' ' && (c < '0' || c > '9'))
			return false;
		if (tag == DER_IA5_STRING && c > 0x7f)
			return false;
		if (tag == DER_VISIBLE_STRING && (c < 0x20 || c > 0x7e))
			return false;
	}
	return tag == DER_PRINTABLE_STRING || tag == DER_NUMERIC_STRING ||
	       tag == DER_IA5_STRING || tag == DER_VISIBLE_STRING;
}

void
der_oid_text(struct bytes oid, struct buf *out)
{
	uint64_t arc = 0;
	bool first = true;

	for (size_t i = 0; i < oid.len; i++) {
		if (arc > UINT64_MAX >> 7) {
			buf_put_text(out, "...");
			return;
		}
		arc = arc << 7 | (oid.data[i] & 0x7f);
		if (oid.data[i] & 0x80)
			continue;
		if (first) {
			uint64_t top = arc < 80 ? arc / 40 : 2;

			buf_printf(out, "%" PRIu64 ".%" PRIu64, top, arc - top * 40);
			first = false;
		} else {
			buf_printf(out, ".%" PRIu64, arc);
		}
		arc = 0;
	}
}

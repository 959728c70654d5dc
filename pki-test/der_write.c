/* SPDX-License-Identifier: Apache-2.0
 *
 * DER elements.  der_open leaves one octet for the length; der_close moves the contents
 * where the length needs more.
 */
#include "pki-test/der_write.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"

size_t
der_open(struct buf *out, uint8_t tag)
{
	buf_put_u8(out, tag);
	buf_put_u8(out, 0);
	return out->len;
}

/* Octets of the long form of a length; 0 for the short form. */
static size_t
der_length_octets(size_t len)
{
	size_t octets = 0;

	if (len < 0x80)
		return 0;
	for (; len > 0; len >>= 8)
		octets++;
	return octets;
}

void
der_close(struct buf *out, size_t mark)
{
	size_t len = out->len - mark;
	size_t octets = der_length_octets(len);

	if (!buf_ok(out))
		return;
	if (octets > 4 || buf_reserve(out, octets) == NULL) {
		out->overflow = true;
		return;
	}
	memmove(out->data + mark + octets, out->data + mark, len);
	buf_claim(out, octets);
	out->data[mark - 1] = (uint8_t)(octets == 0 ? len : 0x80 | octets);
	for (size_t i = 0; i < octets; i++)
		out->data[mark + i] = (uint8_t)(len >> (8 * (octets - 1 - i)));
}

void
der_put(struct buf *out, uint8_t tag, struct bytes content)
{
	size_t mark = der_open(out, tag);

	buf_put_bytes(out, content);
	der_close(out, mark);
}

void
der_put_text(struct buf *out, uint8_t tag, const char *text)
{
	der_put(out, tag, bytes_of_text(text));
}

void
der_put_bool(struct buf *out, bool value)
{
	size_t mark = der_open(out, DER_BOOLEAN);

	buf_put_u8(out, value ? 0xff : 0);
	der_close(out, mark);
}

void
der_put_null(struct buf *out)
{
	der_close(out, der_open(out, DER_NULL));
}

static void
der_put_number(struct buf *out, uint8_t tag, struct bytes big_endian)
{
	size_t mark = der_open(out, tag);

	while (big_endian.len > 1 && big_endian.data[0] == 0) {
		big_endian.data++;
		big_endian.len--;
	}
	if (big_endian.len == 0 || (big_endian.data[0] & 0x80) != 0)
		buf_put_u8(out, 0);
	buf_put_bytes(out, big_endian);
	der_close(out, mark);
}

void
der_put_unsigned(struct buf *out, struct bytes big_endian)
{
	der_put_number(out, DER_INTEGER, big_endian);
}

void
der_put_u64(struct buf *out, uint8_t tag, uint64_t value)
{
	uint8_t raw[8];

	for (size_t i = 0; i < sizeof(raw); i++)
		raw[i] = (uint8_t)(value >> (56 - 8 * i));
	der_put_number(out, tag, bytes_of(raw, sizeof(raw)));
}

static void
der_put_base128(struct buf *out, unsigned long value)
{
	int shift = 0;

	while (value >> shift >= 0x80)
		shift += 7;
	for (; shift > 0; shift -= 7)
		buf_put_u8(out, (uint8_t)(0x80 | ((value >> shift) & 0x7f)));
	buf_put_u8(out, (uint8_t)(value & 0x7f));
}

void
der_put_oid(struct buf *out, const char *dotted)
{
	size_t mark = der_open(out, DER_OID);
	char *end;
	unsigned long first = strtoul(dotted, &end, 10);
	unsigned long second;

	assert(*end == '.' && first <= 2);
	second = strtoul(end + 1, &end, 10);
	der_put_base128(out, first * 40 + second);
	while (*end == '.')
		der_put_base128(out, strtoul(end + 1, &end, 10));
	assert(*end == '\0');
	der_close(out, mark);
}

void
der_put_bits(struct buf *out, struct bytes octets)
{
	size_t mark = der_open(out, DER_BIT_STRING);

	buf_put_u8(out, 0);
	buf_put_bytes(out, octets);
	der_close(out, mark);
}

void
der_put_named_bits(struct buf *out, uint8_t tag, unsigned int mask)
{
	size_t mark = der_open(out, tag);
	unsigned int count = 0;

	for (unsigned int rest = mask; rest != 0; rest >>= 1)
		count++;
	/* X.690 11.2.2: trailing zero bits are not written */
	buf_put_u8(out, (uint8_t)((8 - count % 8) % 8));
	for (unsigned int first = 0; first < count; first += 8) {
		uint8_t octet = 0;

		for (unsigned int bit = 0; bit < 8; bit++)
			octet = (uint8_t)(octet | ((mask >> (first + bit)) & 1U) << (7 - bit));
		buf_put_u8(out, octet);
	}
	der_close(out, mark);
}

void
der_put_time(struct buf *out, int64_t wall_s, enum der_time_form form)
{
	char text[CLOCK_TEXT_SIZE];
	char digits[20];
	size_t len = 0, skip;
	bool utc;

	clock_text_s(wall_s, text);
	for (const char *at = text; *at != '\0' && len < sizeof(digits) - 1; at++) {
		if (*at >= '0' && *at <= '9')
			digits[len++] = *at;
	}
	digits[len++] = 'Z';
	utc =
	    form == DER_TIME_UTC || (form == DER_TIME_RFC5280 && strncmp(text, "2050", 4) < 0 &&
					strncmp(text, "1950", 4) >= 0);
	skip = utc ? 2 : 0;
	der_put(out, utc ? DER_UTC_TIME : DER_GENERALIZED_TIME,
	    bytes_of(digits + skip, len - skip));
}

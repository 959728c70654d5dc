/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing DER in tests.
 */
#include "tests/lib/der_build.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "common/pki/der.h"

void
der_build_init(struct der_build *build)
{
	*build = (struct der_build){0};
	buf_init(&build->out, (size_t)256 << 20);
}

void
der_build_done(struct der_build *build)
{
	buf_done(&build->out);
}

struct bytes
der_build_bytes(const struct der_build *build)
{
	assert(build->depth == 0 && buf_ok(&build->out));
	return buf_bytes(&build->out);
}

/* Tag and length into head, which has room for 10 bytes; returns how many. */
static size_t
der_build_head(uint8_t *head, uint8_t tag, size_t len)
{
	size_t octets = 0, n = 0;

	head[n++] = tag;
	if (len < 0x80) {
		head[n++] = (uint8_t)len;
		return n;
	}
	for (size_t rest = len; rest > 0; rest >>= 8)
		octets++;
	head[n++] = (uint8_t)(0x80 | octets);
	while (octets-- > 0)
		head[n++] = (uint8_t)(len >> 8 * octets);
	return n;
}

void
der_build_open(struct der_build *build, uint8_t tag)
{
	assert(build->depth < DER_BUILD_DEPTH);
	build->open[build->depth] = build->out.len;
	build->tag[build->depth++] = tag;
}

void
der_build_close(struct der_build *build)
{
	size_t start, len, head_len;
	uint8_t head[10];

	assert(build->depth > 0);
	start = build->open[--build->depth];
	len = build->out.len - start;
	head_len = der_build_head(head, build->tag[build->depth], len);
	buf_put(&build->out, head, head_len);
	memmove(build->out.data + start + head_len, build->out.data + start, len);
	memcpy(build->out.data + start, head, head_len);
}

void
der_build_value(struct der_build *build, uint8_t tag, const void *data, size_t len)
{
	uint8_t head[10];

	buf_put(&build->out, head, der_build_head(head, tag, len));
	buf_put(&build->out, data, len);
}

void
der_build_text(struct der_build *build, uint8_t tag, const char *text)
{
	der_build_value(build, tag, text, strlen(text));
}

void
der_build_raw(struct der_build *build, struct bytes der)
{
	buf_put_bytes(&build->out, der);
}

void
der_build_u64(struct der_build *build, uint8_t tag, uint64_t value)
{
	uint8_t raw[9];
	size_t at = sizeof raw;

	do {
		raw[--at] = (uint8_t)value;
		value >>= 8;
	} while (value > 0);
	if (raw[at] & 0x80)
		raw[--at] = 0;
	der_build_value(build, tag, raw + at, sizeof raw - at);
}

void
der_build_boolean(struct der_build *build, uint8_t tag, bool value)
{
	uint8_t raw = value ? 0xff : 0x00;

	der_build_value(build, tag, &raw, 1);
}

void
der_build_oid(struct der_build *build, const char *dotted)
{
	char *end;
	uint64_t first = strtoull(dotted, &end, 10);

	der_build_open(build, DER_OID);
	for (uint64_t arc = first * 40; *end == '.'; arc = 0) {
		size_t shift = 63;

		arc += strtoull(end + 1, &end, 10);
		while (shift > 0 && arc >> shift == 0)
			shift -= 7;
		for (; shift > 0; shift -= 7)
			buf_put_u8(&build->out, (uint8_t)(0x80 | (arc >> shift & 0x7f)));
		buf_put_u8(&build->out, (uint8_t)(arc & 0x7f));
	}
	der_build_close(build);
}

void
der_build_bit_string(struct der_build *build, uint8_t tag, struct bytes bits, uint8_t unused)
{
	der_build_open(build, tag);
	buf_put_u8(&build->out, unused);
	buf_put_bytes(&build->out, bits);
	der_build_close(build);
}

/* "YYYYMMDDHHMMSSZ". */
static const char *
der_build_civil(int64_t seconds, char text[static 32])
{
	time_t when = (time_t)seconds;
	struct tm civil;

	gmtime_r(&when, &civil);
	strftime(text, 32, "%Y%m%d%H%M%SZ", &civil);
	return text;
}

void
der_build_time(struct der_build *build, int64_t seconds)
{
	const int64_t year_2050 = 2524608000;
	char text[32];

	if (seconds < year_2050)
		der_build_text(build, DER_UTC_TIME, der_build_civil(seconds, text) + 2);
	else
		der_build_generalized_time(build, DER_GENERALIZED_TIME, seconds);
}

void
der_build_generalized_time(struct der_build *build, uint8_t tag, int64_t seconds)
{
	char text[32];

	der_build_text(build, tag, der_build_civil(seconds, text));
}

void
der_build_name(struct der_build *build, const char *cn)
{
	der_build_open(build, DER_SEQUENCE);
	if (cn[0] != '\0') {
		der_build_open(build, DER_SET);
		der_build_open(build, DER_SEQUENCE);
		der_build_oid(build, "2.5.4.3");
		der_build_text(build, DER_UTF8_STRING, cn);
		der_build_close(build);
		der_build_close(build);
	}
	der_build_close(build);
}

void
der_build_open_extension(struct der_build *build, const char *oid, bool critical)
{
	der_build_open(build, DER_SEQUENCE);
	der_build_oid(build, oid);
	if (critical)
		der_build_boolean(build, DER_BOOLEAN, true);
	der_build_open(build, DER_OCTET_STRING);
}

void
der_build_close_extension(struct der_build *build)
{
	der_build_close(build);
	der_build_close(build);
}

void
der_build_algorithm(struct der_build *build, const char *oid, bool with_null)
{
	der_build_open(build, DER_SEQUENCE);
	der_build_oid(build, oid);
	if (with_null)
		der_build_value(build, DER_NULL, NULL, 0);
	der_build_close(build);
}

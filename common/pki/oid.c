/* SPDX-License-Identifier: Apache-2.0
 *
 * The identifiers, and reading them from text.
 */
#include "common/pki/oid.h"

#include "common/base/text.h"

const struct bytes oid_common_name = OID_VALUE(0x55, 4, 3);
const struct bytes oid_country = OID_VALUE(0x55, 4, 6);
const struct bytes oid_organization = OID_VALUE(0x55, 4, 10);
const struct bytes oid_unit = OID_VALUE(0x55, 4, 11);
const struct bytes oid_email = OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1);

const struct bytes oid_any_eku = OID_VALUE(0x55, 0x1d, 37, 0);
const struct bytes oid_server_auth = OID_VALUE(0x2b, 6, 1, 5, 5, 7, 3, 1);
const struct bytes oid_client_auth = OID_VALUE(0x2b, 6, 1, 5, 5, 7, 3, 2);

const struct bytes oid_any_policy = OID_VALUE(0x55, 0x1d, 32, 0);
const struct bytes oid_qualifier_cps = OID_VALUE(0x2b, 6, 1, 5, 5, 7, 2, 1);
const struct bytes oid_qualifier_notice = OID_VALUE(0x2b, 6, 1, 5, 5, 7, 2, 2);

const struct bytes oid_authority_info_access = OID_VALUE(0x2b, 6, 1, 5, 5, 7, 1, 1);
const struct bytes oid_ocsp_nocheck = OID_VALUE(0x2b, 6, 1, 5, 5, 7, 0x30, 1, 5);

/* Those of RFC 4514 section 3 and the others that are met. */
static const struct {
	struct bytes oid;
	const char *name;
} attribute_names[] = {
    {OID_VALUE(0x55, 4, 3), "CN"},
    {OID_VALUE(0x55, 4, 4), "SN"},
    {OID_VALUE(0x55, 4, 5), "serialNumber"},
    {OID_VALUE(0x55, 4, 6), "C"},
    {OID_VALUE(0x55, 4, 7), "L"},
    {OID_VALUE(0x55, 4, 8), "ST"},
    {OID_VALUE(0x55, 4, 9), "STREET"},
    {OID_VALUE(0x55, 4, 10), "O"},
    {OID_VALUE(0x55, 4, 11), "OU"},
    {OID_VALUE(0x55, 4, 12), "title"},
    {OID_VALUE(0x55, 4, 42), "GN"},
    {OID_VALUE(0x55, 4, 46), "dnQualifier"},
    {OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1), "emailAddress"},
    {OID_VALUE(0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1), "UID"},
    {OID_VALUE(0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25), "DC"},
};

const char *
oid_attribute_name(struct bytes oid)
{
	for (size_t i = 0; i < sizeof attribute_names / sizeof attribute_names[0]; i++)
		if (bytes_equal(attribute_names[i].oid, oid))
			return attribute_names[i].name;
	return NULL;
}

/* Appends a number in base 128 (X.690 8.19.2). */
static void
oid_put_arc(struct buf *out, uint64_t arc)
{
	unsigned int shift = 0;

	while (shift < 63 && arc >> (shift + 7) > 0)
		shift += 7;
	for (; shift > 0; shift -= 7)
		buf_put_u8(out, (uint8_t)(0x80 | (arc >> shift & 0x7f)));
	buf_put_u8(out, (uint8_t)(arc & 0x7f));
}

/* Reads one arc at *at and the dot after it. */
static bool
oid_next_arc(const char **at, uint64_t *ret_arc)
{
	const char *start = *at;
	char digits[21];
	size_t len = strspn(start, "0123456789");

	if (len == 0 || len >= sizeof digits || (len > 1 && start[0] == '0'))
		return false;
	memcpy(digits, start, len);
	digits[len] = '\0';
	if (!text_parse_u64(digits, 0, UINT64_MAX - 80, ret_arc))
		return false;
	if (start[len] == '.') {
		if (start[len + 1] == '\0')
			return false;
		len++;
	} else if (start[len] != '\0') {
		return false;
	}
	*at = start + len;
	return true;
}

bool
oid_parse(const char *dotted, struct buf *out)
{
	uint64_t first, second, arc;
	size_t start = out->len;

	if (!oid_next_arc(&dotted, &first) || first > 2 || !oid_next_arc(&dotted, &second) ||
	    (first < 2 && second > 39))
		return false;
	oid_put_arc(out, first * 40 + second);
	while (*dotted != '\0') {
		if (!oid_next_arc(&dotted, &arc)) {
			buf_truncate(out, start);
			return false;
		}
		oid_put_arc(out, arc);
	}
	return true;
}

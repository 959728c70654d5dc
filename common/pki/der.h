/* SPDX-License-Identifier: Apache-2.0
 *
 * A strict reader of DER (X.690) over bytes that somebody else owns.  Only definite lengths
 * in their shortest form and one-byte tags; no recursion and no allocation: an object is
 * read by opening readers inside readers, as deep as the code that calls is.
 *
 * The error is sticky and shared: all readers over one object point to one struct
 * der_fault.  After the first fault every read gives zero or nothing, der_more says false,
 * and the caller asks der_ok once at the end.  Knows nothing of X.509.
 */
#ifndef PORTCULLIS_PKI_DER_H
#define PORTCULLIS_PKI_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"

/* Identifier octets as they stand in the encoding. */
enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0a,
	DER_UTF8_STRING = 0x0c,
	DER_NUMERIC_STRING = 0x12,
	DER_PRINTABLE_STRING = 0x13,
	DER_TELETEX_STRING = 0x14,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_VISIBLE_STRING = 0x1a,
	DER_UNIVERSAL_STRING = 0x1c,
	DER_BMP_STRING = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
};

/* Context-specific tags: [n] of a primitive type (implicit), and of a constructed type or
 * explicit.  n is at most 30. */
#define DER_CONTEXT(n)             ((uint8_t)(0x80 + (n)))
#define DER_CONTEXT_CONSTRUCTED(n) ((uint8_t)(0xa0 + (n)))

struct der_fault {
	const uint8_t *base; /* where the object begins */
	const char *what;    /* NULL: no fault.  A constant text */
	size_t offset;       /* of the fault, from base */
};

struct der {
	const uint8_t *at;
	const uint8_t *end;
	struct der_fault *fault;
};

/* One tag-length-value. */
struct der_tlv {
	uint8_t tag;
	struct bytes whole; /* with tag and length */
	struct bytes value; /* without */
};

struct der_bits {
	struct bytes bytes;
	unsigned int unused; /* 0..7 bits at the end of the last byte, all of them zero */
};

/* A reader over a whole object; resets the fault, which must outlive the reader. */
struct der der_begin(struct bytes input, struct der_fault *fault);

/* A reader over bytes that lie inside the same object (an OCTET STRING's value, ...). */
struct der der_inside(const struct der *der, struct bytes part);

static inline bool
der_ok(const struct der *der)
{
	return der->fault->what == NULL;
}

/* True when nothing failed and something is left. */
static inline bool
der_more(const struct der *der)
{
	return der->at < der->end && der->fault->what == NULL;
}

/* True when the next element has this tag; reads nothing. */
static inline bool
der_next_is(const struct der *der, uint8_t tag)
{
	return der_more(der) && *der->at == tag;
}

/* Records a fault at the reader's place unless there is one already.  what is constant. */
void der_fail(struct der *der, const char *what);

/* Faults unless everything was read. */
void der_end(struct der *der);

/* "trailing bytes (byte 123)"; nothing where there is no fault. */
void der_fault_text(const struct der_fault *fault, struct buf *out);

/* The next element, whatever it is; false at a fault or at the end (which is a fault). */
bool der_any(struct der *der, struct der_tlv *ret_tlv);

/* The next element, which must have this tag: its value, the whole of it, a reader in it.
 * Nothing (an empty reader) at a fault. */
struct bytes der_value(struct der *der, uint8_t tag);
struct bytes der_whole(struct der *der, uint8_t tag);
struct der der_enter(struct der *der, uint8_t tag);

/* The same for an element that may be missing: false, and nothing read, where the next
 * one has another tag or there is none. */
bool der_optional(struct der *der, uint8_t tag, struct bytes *ret_value);
bool der_optional_enter(struct der *der, uint8_t tag, struct der *ret_inner);

/* Typed readers.  tag is the type's own, or the context tag that stands for it. */

/* INTEGER or ENUMERATED: the two's complement value in its shortest form, at least a byte. */
struct bytes der_integer(struct der *der, uint8_t tag);

/* An INTEGER from 0 to max. */
uint64_t der_u64(struct der *der, uint8_t tag, uint64_t max);

/* BOOLEAN: 00 or ff. */
bool der_boolean(struct der *der, uint8_t tag);

/* BOOLEAN DEFAULT FALSE: false where it is missing; an encoded FALSE is a fault (X.690 11.5).
 */
bool der_default_false(struct der *der, uint8_t tag);

/* OBJECT IDENTIFIER: its value, well formed. */
struct bytes der_oid(struct der *der, uint8_t tag);

struct der_bits der_bit_string(struct der *der, uint8_t tag);

/* A named bit list: named bit n is (1 << n) of the result; bits past 31 are dropped.
 * Trailing zero bits, which X.690 11.2.2 forbids, are taken: CAs write them. */
uint32_t der_named_bits(struct der *der, uint8_t tag);

/* UTCTime (1950..2049) or GeneralizedTime with seconds and Z and without a fraction
 * (RFC 5280 4.1.2.5), as seconds since 1970. */
int64_t der_time(struct der *der);
int64_t der_generalized_time(struct der *der, uint8_t tag);

/* True when the characters of a string type are ones it may have: UTF8String is UTF-8
 * without NUL, PrintableString, NumericString, IA5String, VisibleString their repertoires,
 * BMPString whole 2-byte and UniversalString whole 4-byte characters.  TeletexString takes
 * any bytes.  False for a tag that is no string type. */
bool der_string_valid(uint8_t tag, struct bytes value);

/* An OBJECT IDENTIFIER's value in dotted form, for people. */
void der_oid_text(struct bytes oid, struct buf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A writer of DER (ITU-T X.690) into a buffer: open an element, write what it holds, close
 * it.  It writes what it is told, also what no decoder should take: the laboratory needs
 * both.  It knows nothing of certificates and reads nothing.  Errors are the buffer's.
 */
#ifndef PORTCULLIS_PKI_TEST_DER_WRITE_H
#define PORTCULLIS_PKI_TEST_DER_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0a,
	DER_UTF8_STRING = 0x0c,
	DER_PRINTABLE_STRING = 0x13,
	DER_T61_STRING = 0x14,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_BMP_STRING = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
};

/* Context-specific tags: [number] of a primitive, and of a constructed element. */
#define DER_CONTEXT(number)             ((uint8_t)(0x80 | (number)))
#define DER_CONTEXT_CONSTRUCTED(number) ((uint8_t)(0xa0 | (number)))

/* Begins an element and says where it began; der_close puts its length in.  Elements are
 * closed in the opposite order.  An element of 4 GiB or more overflows the buffer. */
size_t der_open(struct buf *out, uint8_t tag);
void der_close(struct buf *out, size_t mark);

/* A whole element. */
void der_put(struct buf *out, uint8_t tag, struct bytes content);
void der_put_text(struct buf *out, uint8_t tag, const char *text);
void der_put_bool(struct buf *out, bool value);
void der_put_null(struct buf *out);

/* Non-negative numbers, as short as can be. */
void der_put_u64(struct buf *out, uint8_t tag, uint64_t value);

/* An INTEGER from an unsigned big-endian number of any length. */
void der_put_unsigned(struct buf *out, struct bytes big_endian);

/* An OBJECT IDENTIFIER from dotted text, which is ours: a wrong one asserts. */
void der_put_oid(struct buf *out, const char *dotted);

/* A BIT STRING of whole octets, and one of named bits: bit 0 of the mask is the first. */
void der_put_bits(struct buf *out, struct bytes octets);
void der_put_named_bits(struct buf *out, uint8_t tag, unsigned int mask);

/* UTCTime up to 2049 and GeneralizedTime after, as RFC 5280 4.1.2.5 asks, or one form
 * whatever the year.  Years outside 0..9999 are clamped. */
enum der_time_form {
	DER_TIME_RFC5280,
	DER_TIME_UTC,
	DER_TIME_GENERALIZED,
};
void der_put_time(struct buf *out, int64_t wall_s, enum der_time_form form);

#endif

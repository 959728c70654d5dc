/* SPDX-License-Identifier: Apache-2.0
 *
 * A validating scanner of JSON texts (RFC 8259): no tree, no recursion, no copy.  It says
 * whether the bytes are JSON and, in the same pass, where the values of a few wanted
 * members stand; the bytes themselves are forwarded untouched.  For the event lines of
 * sensors; what people write (the API) is parsed with jansson.
 */
#ifndef PORTCULLIS_BASE_JSON_SCAN_H
#define PORTCULLIS_BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"

enum {
	JSON_DEPTH_MAX = 64, /* objects and arrays inside each other */
	JSON_FIELDS_MAX = 32
};

enum json_kind {
	JSON_ABSENT,
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
	JSON_OBJECT,
	JSON_ARRAY,
};

/* Where a member's value stands.  raw is a view into the text: of a string what is between
 * its quotes, escapes and all; of an object or array its opening bracket only. */
struct json_value {
	enum json_kind kind;
	struct bytes raw;
};

/* The wanted members.  A path is the names from the outermost object inward, joined by
 * dots: "alert.severity" finds {"alert":{"severity":1}} and {"alert.severity":1} alike (Zeek
 * writes the second form, Suricata the first).  Names inside arrays are not found. */
struct json_fields {
	const char *const *paths;
	size_t count;
	uint32_t by_first[256]; /* which paths begin with a byte: a bit each */
};

/* Prepares a table of at most JSON_FIELDS_MAX paths, which must outlive it. */
void json_fields_init(struct json_fields *fields, const char *const *paths, size_t count);

/* Scans one JSON text, white space around it allowed.  ret_values has a place for each path
 * of fields (both NULL where nothing is wanted); of a name that comes twice the last value
 * counts, as with most readers.  Strings must be valid UTF-8; \u escapes are checked for
 * form only (a lone surrogate is grammar, RFC 8259 section 8.2).  A name that is written with
 * escapes is not found.  STATUS_INVALID, or STATUS_LIMIT when it is nested too deep;
 * *reterr_offset is then where in the text. */
enum status json_scan(const struct json_fields *fields, struct bytes text,
    struct json_value *ret_values, size_t *reterr_offset) MUST_USE;

/* Decodes a string's raw bytes into at most size bytes, cut between characters; gives the
 * number of bytes written.  No NUL is appended, and one may be inside ("\u0000"); a lone
 * surrogate becomes U+FFFD.  0 for what is not a string. */
size_t json_value_text(const struct json_value *value, char *ret_text, size_t size);

/* A number that is whole, not negative, written in digits only, and at most max. */
bool json_value_u64(const struct json_value *value, uint64_t max, uint64_t *ret_number);

/* A number times 10^digits (0 to 9), towards zero: with 6 digits seconds become
 * microseconds, exactly.  False when it is none or does not fit. */
bool json_value_scaled(const struct json_value *value, int digits, int64_t *ret_number);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Text in and out: the one escape of foreign strings, hexadecimal, base64, numbers, sizes
 * and durations with units.
 */
#ifndef PORTCULLIS_BASE_TEXT_H
#define PORTCULLIS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"

/* How many bytes of a foreign string are shown before it is cut with "...". */
enum {
	TEXT_FOREIGN_MAX = 256
};

/* Appends a string that came from outside (a peer, a certificate, a file name) so that it
 * can forge nothing: control bytes, DEL, backslash, invalid UTF-8, bidirectional marks,
 * zero-width and line-separator characters become \xNN per byte; more than
 * TEXT_FOREIGN_MAX bytes are cut with "...".  Printable UTF-8 stays readable. */
void text_escape(struct buf *out, struct bytes foreign);

/* The same with another maximum, for sentences that hold foreign strings. */
void text_escape_max(struct buf *out, struct bytes foreign, size_t max);

/* Length in bytes of the valid UTF-8 character at the start (RFC 3629: no surrogates, no
 * overlong forms, at most U+10FFFF); 0 where there is none.  Sets its code point. */
size_t text_utf8_char(struct bytes bytes, uint32_t *ret_code_point);

/* Lower-case hexadecimal. */
void text_hex(struct buf *out, struct bytes bytes);

/* Reads exactly len bytes of hexadecimal; false on any other character or length. */
bool text_parse_hex(const char *text, void *ret_data, size_t len);

/* Base64 of RFC 4648, padded, on one line. */
void text_base64(struct buf *out, struct bytes bytes);

/* Decodes base64, skipping white space; every other character, wrong padding or bits
 * after the end are refused.  On false *reterr_offset is where (in text). */
bool text_parse_base64(struct bytes text, struct buf *out, size_t *reterr_offset);

/* A whole decimal number from min to max, and nothing else. */
bool text_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value);

/* "512", "64K", "8M", "2G" (binary multiples) to bytes. */
bool text_parse_size(const char *text, uint64_t *ret_bytes);

/* "500ms", "10s", "5min", "24h", "7d", or a sum such as "1h 30min", to milliseconds; a bare
 * number is seconds (systemd.time(7)). */
bool text_parse_duration(const char *text, int64_t *ret_ms);

/* "3 d", "2 h", "45 s": a length of time for people, its largest unit only. */
void text_duration(struct buf *out, int64_t ms);

/* "12.4 MiB". */
void text_size(struct buf *out, uint64_t bytes);

/* ASCII only, whatever the locale. */
char text_lower(char c);
bool text_equal_nocase(struct bytes a, struct bytes b);

#endif

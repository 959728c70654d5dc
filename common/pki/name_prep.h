/* SPDX-License-Identifier: Apache-2.0
 *
 * Preparation of the strings in names for comparison: the transcode, map and insignificant
 * space steps of RFC 4518 with case folding, as RFC 5280 7.1 asks (caseIgnoreMatch).
 *
 * Case is folded for the Latin, Greek and Cyrillic letters; compatibility forms (NFKC) are
 * not: two spellings of one accented letter are different names here.
 */
#ifndef PORTCULLIS_PKI_NAME_PREP_H
#define PORTCULLIS_PKI_NAME_PREP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"

/* True for the tags of string types that can be prepared. */
bool name_prep_is_string(uint8_t tag);

/* Appends the string in UTF-8 as it is.  False where the bytes are not of the type. */
bool name_prep_utf8(uint8_t tag, struct bytes value, struct buf *out);

/* Appends the string prepared for comparison.  False where the bytes are not of the type. */
bool name_prep(uint8_t tag, struct bytes value, struct buf *out);

#endif

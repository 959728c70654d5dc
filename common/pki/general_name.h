/* SPDX-License-Identifier: Apache-2.0
 *
 * GeneralName (RFC 5280 4.2.1.6): reading lists of them and judging the form of each kind.
 * Used by certificates, name constraints, and distribution points.
 */
#ifndef PORTCULLIS_PKI_GENERAL_NAME_H
#define PORTCULLIS_PKI_GENERAL_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/pki/der.h"

/* The numbers are those of the context tags. */
enum general_name_kind {
	GENERAL_NAME_OTHER = 0,
	GENERAL_NAME_EMAIL = 1,
	GENERAL_NAME_DNS = 2,
	GENERAL_NAME_X400 = 3,
	GENERAL_NAME_DIRECTORY = 4,
	GENERAL_NAME_EDI_PARTY = 5,
	GENERAL_NAME_URI = 6,
	GENERAL_NAME_IP = 7,
	GENERAL_NAME_REGISTERED_ID = 8,
	GENERAL_NAME_KIND_COUNT
};

struct general_name {
	enum general_name_kind kind;
	struct bytes whole; /* tag and length included */
	struct bytes
	    value; /* DNS, EMAIL, URI: the characters (ASCII); IP: the octets; DIRECTORY:
		    * the whole Name in DER; others: what is under the tag */
};

/* Reads one GeneralName.  Faults: an unknown tag, a character outside ASCII or a control
 * character in an IA5String, a malformed directory name.  The length of an IP is the
 * caller's to judge (4 or 16; twice that in constraints). */
bool general_name_read(struct der *der, struct general_name *ret_name);

/* "DNS", "email", "IP", ... */
const char *general_name_kind_text(enum general_name_kind kind);

/* Appends "DNS:sensor-7.plant.example", escaped. */
void general_name_text(const struct general_name *name, struct buf *out);

#endif

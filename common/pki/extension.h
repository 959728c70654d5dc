/* SPDX-License-Identifier: Apache-2.0
 *
 * The Extensions of certificates, CRLs and CRL entries (RFC 5280 4.1, 5.1): the list, each
 * extension once, and the object identifiers that are known here.  What an extension means
 * is known by its reader.
 */
#ifndef PORTCULLIS_PKI_EXTENSION_H
#define PORTCULLIS_PKI_EXTENSION_H

#include <stdbool.h>

#include "common/base/bytes.h"
#include "common/pki/der.h"

/* The most extensions one list may have; one more is a fault. */
enum {
	EXTENSION_MAX = 64
};

/* Those of joint-iso-ccitt(2) ds(5) ce(29), by their last arc. */
enum extension_ce {
	EXTENSION_SUBJECT_KEY_ID = 14,
	EXTENSION_KEY_USAGE = 15,
	EXTENSION_SUBJECT_ALT_NAME = 17,
	EXTENSION_ISSUER_ALT_NAME = 18,
	EXTENSION_BASIC_CONSTRAINTS = 19,
	EXTENSION_CRL_NUMBER = 20,
	EXTENSION_REASON_CODE = 21,
	EXTENSION_INVALIDITY_DATE = 24,
	EXTENSION_DELTA_CRL_INDICATOR = 27,
	EXTENSION_ISSUING_DIST_POINT = 28,
	EXTENSION_CERTIFICATE_ISSUER = 29,
	EXTENSION_NAME_CONSTRAINTS = 30,
	EXTENSION_CRL_DIST_POINTS = 31,
	EXTENSION_CERTIFICATE_POLICIES = 32,
	EXTENSION_POLICY_MAPPINGS = 33,
	EXTENSION_AUTHORITY_KEY_ID = 35,
	EXTENSION_POLICY_CONSTRAINTS = 36,
	EXTENSION_EXT_KEY_USAGE = 37,
	EXTENSION_FRESHEST_CRL = 46,
	EXTENSION_INHIBIT_ANY_POLICY = 54,
};

struct extension {
	struct bytes oid;
	bool critical;
	bool false_written; /* critical FALSE was written out, which DER forbids */
	struct bytes value; /* of the OCTET STRING */
};

/* The list while it is read. */
struct extension_list {
	struct der der; /* shares the fault of the object it is in */
	struct bytes oids[EXTENSION_MAX];
	size_t count;
};

/* Opens a SEQUENCE SIZE (1..MAX) OF Extension, which is next in der; an empty one is a
 * fault. */
void extension_list_open(struct extension_list *list, struct der *der);

/* The next extension; false at the end or at a fault.  An object identifier that was there
 * before is a fault (RFC 5280 4.2). */
bool extension_list_next(struct extension_list *list, struct extension *ret_extension);

/* The last arc where the object identifier is 2.5.29.n with n below 128, else -1. */
int extension_ce(const struct extension *extension);

/* A reader over the extension's value, sharing the list's fault. */
struct der extension_value(const struct extension_list *list,
    const struct extension *extension);

#endif

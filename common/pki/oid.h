/* SPDX-License-Identifier: Apache-2.0
 *
 * The OBJECT IDENTIFIERs that certificates are read by, as their DER values, and their
 * dotted form.  Those of extensions are in extension.h.
 */
#ifndef PORTCULLIS_PKI_OID_H
#define PORTCULLIS_PKI_OID_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"

/* An initializer from the bytes of an identifier's value, without tag and length. */
#define OID_VALUE(...)                                                                 \
	{                                                                              \
		(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}) \
	}

/* attributes of names */
extern const struct bytes oid_common_name;
extern const struct bytes oid_country;
extern const struct bytes oid_organization;
extern const struct bytes oid_unit;
extern const struct bytes oid_email;

/* extended key usage */
extern const struct bytes oid_any_eku;
extern const struct bytes oid_server_auth;
extern const struct bytes oid_client_auth;

/* policies and their qualifiers */
extern const struct bytes oid_any_policy;
extern const struct bytes oid_qualifier_cps;
extern const struct bytes oid_qualifier_notice;

/* certificate extensions outside 2.5.29 */
extern const struct bytes oid_authority_info_access;
extern const struct bytes oid_ocsp_nocheck;

/* The short name of an attribute type ("CN"), or NULL. */
const char *oid_attribute_name(struct bytes oid);

/* Appends the value of a dotted OBJECT IDENTIFIER ("2.5.29.32.0"); false (and nothing
 * appended) where it is none. */
bool oid_parse(const char *dotted, struct buf *out);

#endif

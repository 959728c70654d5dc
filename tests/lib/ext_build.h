/* SPDX-License-Identifier: Apache-2.0
 *
 * Extensions of certificates for tests: each call appends one to a buffer that goes into
 * pki_cert_spec.extra.  Lists end with NULL: LIST("DNS:a.example", "IP:10.0.0.1").
 */
#ifndef PORTCULLIS_TESTS_LIB_EXT_BUILD_H
#define PORTCULLIS_TESTS_LIB_EXT_BUILD_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "tests/lib/der_build.h"

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A GeneralName from text: "DNS:", "email:", "URI:", "IP:" (with "/mask" in constraints),
 * "DN:" and a CN, "RID:" and a dotted identifier, "other:" and a UTF8String. */
void ext_general_name(struct der_build *build, const char *text);

void ext_subject_alt_name(struct buf *out, const char *const *names);

/* Either list may be NULL. */
void ext_name_constraints(struct buf *out, const char *const *permitted,
    const char *const *excluded);

void ext_ext_key_usage(struct buf *out, const char *const *oids);
void ext_policies(struct buf *out, const char *const *oids);

/* Pairs: issuerDomainPolicy, subjectDomainPolicy, ... */
void ext_policy_mappings(struct buf *out, const char *const *oids);

/* -1 leaves a field out. */
void ext_policy_constraints(struct buf *out, int require_explicit, int inhibit_mapping);
void ext_inhibit_any_policy(struct buf *out, unsigned int skip);

void ext_subject_key_id(struct buf *out, const char *id);
void ext_authority_key_id(struct buf *out, const char *id);

/* A distribution point for each URL. */
void ext_crl_dist_points(struct buf *out, const char *const *urls);

/* Any extension: value is the DER in the OCTET STRING. */
void ext_any(struct buf *out, const char *oid, bool critical, struct bytes value);

#endif

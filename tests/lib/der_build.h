/* SPDX-License-Identifier: Apache-2.0
 *
 * A small writer of DER for tests: certificates and CRLs are built, right or wrong, by the
 * case that needs them.  It writes what it is told; nothing is checked.
 */
#ifndef PORTCULLIS_TESTS_LIB_DER_BUILD_H
#define PORTCULLIS_TESTS_LIB_DER_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"

enum {
	DER_BUILD_DEPTH = 32
};

struct der_build {
	struct buf out;
	size_t open[DER_BUILD_DEPTH]; /* where the values of the open elements begin */
	uint8_t tag[DER_BUILD_DEPTH];
	size_t depth;
};

void der_build_init(struct der_build *build);
void der_build_done(struct der_build *build);

/* Everything written so far; no element may be open. */
struct bytes der_build_bytes(const struct der_build *build);

/* Constructed elements, and primitive ones whose value is DER itself. */
void der_build_open(struct der_build *build, uint8_t tag);
void der_build_close(struct der_build *build);

void der_build_value(struct der_build *build, uint8_t tag, const void *data, size_t len);
void der_build_text(struct der_build *build, uint8_t tag, const char *text);
void der_build_raw(struct der_build *build, struct bytes der);
void der_build_u64(struct der_build *build, uint8_t tag, uint64_t value);
void der_build_boolean(struct der_build *build, uint8_t tag, bool value);
void der_build_oid(struct der_build *build, const char *dotted);
void der_build_bit_string(struct der_build *build, uint8_t tag, struct bytes bits,
    uint8_t unused);

/* UTCTime until 2049, GeneralizedTime after. */
void der_build_time(struct der_build *build, int64_t seconds);
void der_build_generalized_time(struct der_build *build, uint8_t tag, int64_t seconds);

/* A Name of one RDN: CN=text as UTF8String; an empty Name for "". */
void der_build_name(struct der_build *build, const char *cn);

/* SEQUENCE { OID, critical, OCTET STRING { ... whatever is written until
 * der_build_close_extension. */
void der_build_open_extension(struct der_build *build, const char *oid, bool critical);
void der_build_close_extension(struct der_build *build);

/* An AlgorithmIdentifier: NULL parameters where with_null. */
void der_build_algorithm(struct der_build *build, const char *oid, bool with_null);

#endif

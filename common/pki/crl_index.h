/* SPDX-License-Identifier: Apache-2.0
 *
 * What is kept of a CRL whose signature was verified: an image with a sorted table of its
 * serial numbers, written to a file once, mapped read-only by all who judge, looked up by
 * binary search.  It never changes in place.
 *
 * The image is in little-endian order: a header with its own checksum (CRC-32C), then, for
 * indirect CRLs, the names of certificate issuers, then the records.  The checksums are
 * against accidents; who may write the file decides whether it can be believed.
 */
#ifndef PORTCULLIS_PKI_CRL_INDEX_H
#define PORTCULLIS_PKI_CRL_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/pki/crl.h"
#include "common/pki/dist_point.h"
#include "common/pki/name.h"
#include "common/pki/pubkey.h"
#include "common/pki/reason.h"

/* An open index.  All fields are for reading; views point into the image. */
struct crl_index {
	uint8_t sha256[PUBKEY_HASH_SIZE];     /* of the CRL */
	uint8_t key_sha256[PUBKEY_HASH_SIZE]; /* of the SPKI that verified its signature */
	struct name issuer;
	int64_t this_update_s;
	int64_t next_update_s;
	struct crl_number number;
	struct crl_number base;     /* present: a delta CRL */
	struct bytes authority_key; /* keyIdentifier, or empty */
	struct bytes scope_der;     /* issuingDistributionPoint, or empty */
	struct dist_point_scope scope;
	size_t entry_count;

	/* the table; private */
	struct bytes image;
	void (*release)(struct bytes image);
	unsigned int refs;
	size_t serial_width;
	size_t record_width;
	const uint8_t *records;
	struct bytes names;       /* canonical forms of certificate issuers, sorted */
	const uint8_t *name_ends; /* u32 each */
	size_t name_count;
};

/* Appends the image of a CRL that was read, and whose signature the key with this SPKI hash
 * was found to have made, to a buffer.  crl-too-large where the buffer's maximum or the
 * number of issuer names forbids it; crl-malformed where such a name is malformed. */
enum reason crl_index_build(const struct crl *crl,
    const uint8_t key_sha256[static PUBKEY_HASH_SIZE], struct buf *out);

/* Opens an image, which stays with the index: release (may be NULL) is called for it when
 * the last reference goes, or at once on failure.  STATUS_CORRUPT: damaged or truncated;
 * STATUS_UNSUPPORTED: written by another version. */
enum status crl_index_open_take(struct bytes image, void (*release)(struct bytes image),
    struct crl_index **ret_index) MUST_USE;

struct crl_index *crl_index_ref(struct crl_index *index);
void crl_index_unref(struct crl_index *index);

/* What the table says of a certificate. */
struct crl_index_entry {
	int64_t revoked_at_s;
	int reason; /* 0..10, CRL_REASON_NONE */
};

/* Looks a certificate up by its issuer and its serial number as encoded, compared byte for
 * byte.  False where it is not on the list.  Of several entries one that revokes is given
 * before one that removes. */
bool crl_index_find(const struct crl_index *index, struct bytes issuer_canonical,
    struct bytes serial, struct crl_index_entry *ret_entry);

/* Whether two are issues of the same list: issuer, key, scope, complete or delta. */
bool crl_index_same_list(const struct crl_index *a, const struct crl_index *b);

/* Whether an index may take the place of another of the same list: REASON_OK, or
 * crl-rollback where its number is lower or missing, or its thisUpdate earlier. */
enum reason crl_index_replace(const struct crl_index *old, const struct crl_index *new);

/* Whether what the old one says is said again, or overruled, by the new one: both of one
 * issuer, key and scope, the new one later by number and thisUpdate, and either complete or
 * a delta on a base no later than the old delta. */
bool crl_index_overrules(const struct crl_index *new, const struct crl_index *old);

/* Whether a delta CRL can be applied to a complete one (RFC 5280 5.2.4). */
bool crl_index_applies(const struct crl_index *delta, const struct crl_index *complete);

#endif

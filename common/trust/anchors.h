/* SPDX-License-Identifier: Apache-2.0
 *
 * The trust store on disk: anchors and intermediates of each purpose, a file each, named by
 * the hash of the certificate.  Who may be an anchor is decided here; what follows from one
 * is decided in common/pki.
 */
#ifndef PORTCULLIS_TRUST_ANCHORS_H
#define PORTCULLIS_TRUST_ANCHORS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/pki/cert.h"
#include "common/pki/reason.h"
#include "common/pki/trust.h"

struct anchors;

/* One certificate of the store. */
struct anchors_entry {
	enum trust_purpose purpose;
	bool anchor; /* else an intermediate */
	struct cert *cert;
};

/* Opens the store in a directory, making it where it is missing.  A file that does not hold
 * a certificate is left alone and told to report, as is one that is too many. */
enum status anchors_open(int dir_fd,
    void (*report)(const char *file, enum status status, void *arg), void *arg,
    struct anchors **ret_anchors) MUST_USE;
void anchors_free(struct anchors *anchors);

/* Adds a certificate, durably.  An anchor or intermediate is a CA that may sign
 * certificates and is in date: STATUS_INVALID with *reterr_reason (parse, not-a-ca,
 * key-usage, not-yet-valid, expired) and a sentence.  STATUS_EXISTS: it is there. */
enum status anchors_add(struct anchors *anchors, enum trust_purpose purpose, bool anchor,
    struct bytes der, int64_t now_s, enum reason *reterr_reason,
    struct buf *reterr_text) MUST_USE;

/* Removes a certificate from a purpose. */
enum status anchors_remove(struct anchors *anchors, enum trust_purpose purpose,
    const uint8_t sha256[static PUBKEY_HASH_SIZE]) MUST_USE;

/* The set of a purpose as it stands; valid until the next change.  Its generation changes
 * whenever the store does. */
const struct trust *anchors_trust(const struct anchors *anchors, enum trust_purpose purpose);

size_t anchors_count(const struct anchors *anchors);
const struct anchors_entry *anchors_at(const struct anchors *anchors, size_t index);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The CRLs that are held: checked when they come, indexed, kept as files, so that they
 * survive a restart and an air gap.  Where a CRL came from does not matter; what counts is
 * its signature, its number and its dates.  Who is asked for CRLs, and when, is decided
 * elsewhere (wants.h).
 *
 * Files of a CRL, named by the hash of its DER: .crl the DER, .idx the index that is mapped
 * by all who judge, .url where it was fetched from (may be missing).
 */
#ifndef PORTCULLIS_TRUST_CRLS_H
#define PORTCULLIS_TRUST_CRLS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/pki/cert.h"
#include "common/pki/crl_index.h"
#include "common/pki/reason.h"

enum {
	CRLS_MAX = 1024, /* lists held at one time */
	CRLS_URL_MAX = 1024,
};

struct crls;

struct crls_item {
	struct crl_index *index;
	int fd;    /* of the index file, read-only */
	char *url; /* where it was fetched from; NULL: imported or relayed */
};

/* Certificates whose keys may have signed a CRL, and the time.  One that is valid only later
 * is not taken: it would keep all others away until then.  0: whenever. */
struct crls_signers {
	const struct cert *const *certs;
	size_t count;
	int64_t now_s;
};

/* Opens the directory's CRLs.  An index that is damaged is told to report and removed:
 * crls_rebuild makes it again. */
enum status crls_open(int dir_fd,
    void (*report)(const char *file, enum status status, void *arg), void *arg,
    struct crls **ret_crls) MUST_USE;
void crls_free(struct crls *crls);

/* What became of a CRL that was offered. */
struct crls_taken {
	enum reason reason; /* REASON_OK, or why it was not taken */
	bool is_new;        /* with REASON_OK: it replaced an older one, or is the first */
	char detail[CRL_ERROR_SIZE];
	struct buf issuer_canonical; /* of the CRL where it could be read; crls_taken_done */
};

/* Takes a CRL in DER or PEM: reads, verifies the signature, indexes, writes, and puts it in
 * the place of the one before.  The outcome is in ret_taken; a status other than OK says
 * that the files could not be written, and that nothing changed. */
enum status crls_take(struct crls *crls, struct bytes file, size_t max_len,
    const struct crls_signers *signers, const char *url, struct crls_taken *ret_taken) MUST_USE;
void crls_taken_done(struct crls_taken *taken);

/* Takes in again every CRL whose index was damaged, from its DER.  Returns how many. */
size_t crls_rebuild(struct crls *crls, size_t max_len, const struct crls_signers *signers);

size_t crls_count(const struct crls *crls);
const struct crls_item *crls_at(const struct crls *crls, size_t index);

/* The complete CRL held for the key of an issuer (the newest where there are several), or
 * NULL; to relay it. */
const struct crls_item *crls_find_by_key(const struct crls *crls,
    const uint8_t key_sha256[static PUBKEY_HASH_SIZE]);

/* Appends the DER of a CRL that is held. */
enum status crls_read_der(const struct crls *crls, const struct crls_item *item,
    struct buf *out) MUST_USE;

#endif

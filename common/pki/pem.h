/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that hold certificates, CRLs, requests or keys, told apart by content: one DER
 * object, or PEM (RFC 7468) with any number of blocks and any text around them (Bag
 * Attributes, subject= and issuer= lines, a whole web page).  Errors name the line, for
 * such files are edited by hand.  Does not look into the DER, and reads no file: the
 * caller gives the bytes, up to its own maximum.
 */
#ifndef PORTCULLIS_PKI_PEM_H
#define PORTCULLIS_PKI_PEM_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

struct pem_item {
	struct bytes label;   /* "CERTIFICATE", "X509 CRL", ...; empty for a DER file */
	struct bytes der;     /* valid until the next pem_next or pem_done */
	struct bytes headers; /* RFC 1421 header lines ("Proc-Type: 4,ENCRYPTED"); or empty */
	size_t line;          /* where the block begins, from 1; 0 for a DER file */
};

struct pem {
	struct bytes input;
	size_t at;   /* offset of the next line */
	size_t line; /* its number, from 1 */
	bool is_pem;
	struct buf decoded;
	char error[160]; /* what a status other than OK and END means, for people */
};

/* Begins to read input, which must outlive the reader.  max_item is the most bytes of DER
 * that one item may have. */
void pem_init(struct pem *pem, struct bytes input, size_t max_item);

/* The next item.  STATUS_END after the last one; STATUS_INVALID with pem->error ("malformed
 * base64 near line 12", "neither PEM nor DER"); STATUS_LIMIT for an item that is too
 * large.  After an error nothing more is read. */
enum status pem_next(struct pem *pem, struct pem_item *ret_item) MUST_USE;

/* Wipes what was decoded (it may have been a key) and frees. */
void pem_done(struct pem *pem);

/* Appends a PEM block of 64-character lines. */
void pem_write(struct buf *out, const char *label, struct bytes der);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate revocation list (RFC 5280 section 5) from the outside: read strictly in one
 * pass, its signature checked.  Every malformation and every critical extension that is
 * not processed here refuses the whole list; nothing is allocated for its entries.
 *
 * Used where a CRL is taken in (crl_intake); what is kept of it is an index (crl_index).
 * The DER belongs to the caller and must outlive the struct.
 */
#ifndef PORTCULLIS_PKI_CRL_H
#define PORTCULLIS_PKI_CRL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/pki/algorithm.h"
#include "common/pki/dist_point.h"
#include "common/pki/extension.h"
#include "common/pki/name.h"
#include "common/pki/reason.h"

struct cert;

enum {
	CRL_LEN_MAX = 64 * 1024 * 1024, /* the default size cap */
	CRL_SERIAL_MAX = 21, /* octets as encoded: 20 and a sign (RFC 5280 4.1.2.2) */
	CRL_NUMBER_MAX = 20, /* octets (RFC 5280 5.2.3) */
	CRL_ISSUER_LEN_MAX = 16 * 1024, /* DER of the issuer's name */
	CRL_ENTRY_EXTENSION_MAX = 8,    /* of one entry: their comparison is not linear */
	CRL_ERROR_SIZE = 200,

	CRL_REASON_NONE = -1,
	CRL_REASON_HOLD = 6,
	CRL_REASON_REMOVE = 8, /* removeFromCRL, of delta CRLs */
	CRL_REASON_LAST = 10,
};

/* cRLNumber or BaseCRLNumber: big-endian without leading zeros; len 0 is the number 0. */
struct crl_number {
	bool present;
	uint8_t len;
	uint8_t octets[CRL_NUMBER_MAX];
};

struct crl {
	struct bytes der;
	struct bytes tbs; /* what is signed */
	struct algorithm algorithm;
	struct bytes signature;

	unsigned int version; /* 1 or 2 */
	struct name issuer;
	int64_t this_update_s;
	int64_t next_update_s;
	struct bytes entries; /* contents of revokedCertificates; empty where absent */
	size_t entry_count;
	uint8_t serial_max; /* octets of the longest serial */

	bool follows_profile;       /* it has an authorityKeyIdentifier */
	struct bytes authority_key; /* its keyIdentifier, or empty */
	struct crl_number number;
	struct crl_number base; /* present: this is a delta CRL */
	struct bytes scope_der; /* value of issuingDistributionPoint, or empty */
	struct dist_point_scope scope;
	struct bytes unknown_critical; /* identifier of a critical extension that is not
					* processed here, of the CRL or an entry; or empty */

	struct buf issuer_canonical; /* what issuer.canonical points to */
	char error[CRL_ERROR_SIZE];  /* why the CRL was refused, for people; or "" */
};

/* Reads a CRL, which is all of der, at most max_len bytes of it.  REASON_OK, or why it is
 * refused: crl-too-large, crl-malformed, crl-critical-extension; then ret_crl->error says
 * more, and ret_crl->issuer is set where it could be read.  In all cases crl_done frees. */
enum reason crl_read(struct bytes der, size_t max_len, struct crl *ret_crl);
void crl_done(struct crl *crl);

/* Whether the key of this certificate made the signature, with an algorithm that is still
 * good: REASON_OK or crl-signature (with crl->error).  Whether that key may sign CRLs is
 * asked where the index is used. */
enum reason crl_check_signature(struct crl *crl, const struct cert *signer);

/* One entry of the list. */
struct crl_entry {
	struct bytes serial; /* as encoded */
	int64_t revoked_at_s;
	int reason; /* 0..10 (RFC 5280 5.3.1), CRL_REASON_NONE */
	/* certificateIssuer: the Name; empty where the extension is absent, which means that
	 * of the entry before, or the CRL's issuer */
	struct bytes issuer_der;
};

/* Walks the entries of a CRL that was read without a refusal. */
struct crl_walk {
	struct der entries;
	struct der_fault fault;
	struct extension_list extensions; /* here, so that it is not cleared for each entry */
	struct bytes unknown_critical;    /* a critical extension of an entry, or empty */
	bool indirect;
	unsigned int version;
};
void crl_walk_begin(struct crl_walk *walk, const struct crl *crl);
bool crl_walk_next(struct crl_walk *walk, struct crl_entry *ret_entry);

/* The order of two numbers: <0, 0, >0. */
int crl_number_compare(const struct crl_number *a, const struct crl_number *b);

#endif

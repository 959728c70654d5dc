/* SPDX-License-Identifier: Apache-2.0
 *
 * Between `trust`, which holds anchors and CRLs, and those who judge or administer.
 *
 * A snapshot is sent as BEGIN, then a POLICY for each purpose, the certificates of each
 * purpose, the CRL indexes, COMMIT.  The receiver builds it beside the one in force and
 * changes over at COMMIT; a BEGIN in the middle forgets what came before.
 */
#ifndef PORTCULLIS_WIRE_EDGE_TRUST_H
#define PORTCULLIS_WIRE_EDGE_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/wire/edge_message.h"

enum edge_trust_type {
	/* trust -> link, web, forward */
	EDGE_TRUST_BEGIN = 0x80,
	EDGE_TRUST_POLICY,
	EDGE_TRUST_CERT,
	EDGE_TRUST_CRL,     /* with a read-only descriptor of the index file */
	EDGE_TRUST_REFUSAL, /* a CRL that is not among them, and why */
	EDGE_TRUST_COMMIT,
	/* link -> trust, and the answer */
	EDGE_TRUST_WANT, /* CRL evidence is wanting for this chain: get it */
	EDGE_TRUST_WANTED,
	EDGE_TRUST_OFFER, /* a piece of a CRL that a peer sent; unparsed */
	EDGE_TRUST_OFFERED,
	EDGE_TRUST_GIVE, /* a peer wants the CRL of an issuer */
	EDGE_TRUST_GIVEN,
	/* view|spool -> trust, and the answer: administration */
	EDGE_TRUST_LIST,
	EDGE_TRUST_LISTED, /* one for each anchor or CRL, the last has `last` set */
	EDGE_TRUST_ADD,    /* anchors or intermediates, by descriptor */
	EDGE_TRUST_REMOVE,
	EDGE_TRUST_IMPORT, /* a CRL, by descriptor */
	EDGE_TRUST_JUDGE,  /* would this chain be accepted at install time? */
	EDGE_TRUST_DONE,   /* the answer to each of the last four */
};

enum edge_trust_mode {
	EDGE_TRUST_STRICT,
	EDGE_TRUST_GRACE,
	EDGE_TRUST_OFF,
};

struct edge_trust_begin {
	uint64_t number; /* of the snapshot; ascends */
};

struct edge_trust_policy {
	uint8_t purpose;     /* enum trust_purpose */
	uint64_t generation; /* of the anchors */
	bool validation;
	uint8_t mode; /* enum edge_trust_mode */
	int64_t grace_s;
	int64_t crl_max_age_s;
	int64_t live_stale_s;
	bool profile; /* the appliance profile is asked */
};

struct edge_trust_cert {
	uint8_t purpose;
	bool anchor; /* else an intermediate */
	struct bytes der;
};

struct edge_trust_crl {
	uint8_t sha256[32]; /* of the CRL the index was made of */
};

struct edge_trust_refusal {
	uint8_t reason; /* enum reason */
	struct bytes issuer_canonical;
	struct bytes url;
	struct bytes detail;
};

struct edge_trust_commit {
	uint64_t number;
};

struct edge_trust_want {
	uint64_t id; /* repeated in the answer */
	uint8_t purpose;
	uint8_t use;            /* enum path_use of the leaf */
	struct edge_list chain; /* DER, leaf first */
};

enum edge_trust_wanted_outcome {
	EDGE_TRUST_WANTED_NEW,     /* a snapshot with new evidence has been sent before this */
	EDGE_TRUST_WANTED_NOTHING, /* fetched, and nothing new */
	EDGE_TRUST_WANTED_FAILED,  /* could not be had: detail says what and where */
	EDGE_TRUST_WANTED_REFUSED, /* the chain does not verify here: nothing is fetched for it
				    */
};

struct edge_trust_wanted {
	uint64_t id;
	uint8_t outcome;
	uint8_t reason; /* enum reason: crl-unreachable, crl-malformed, crl-signature, ... */
	struct bytes url;
	struct bytes detail;
};

struct edge_trust_offer {
	uint64_t id;
	uint64_t total;
	uint64_t offset;
	struct bytes data;
};

struct edge_trust_offered {
	uint64_t id;
	uint8_t reason; /* REASON_OK: it was taken, or was held already */
};

struct edge_trust_give {
	uint64_t id;
	uint8_t issuer[32]; /* SHA-256 of the CA's SubjectPublicKeyInfo */
	struct bytes url;
	struct bytes number; /* held already, or empty */
	int64_t this_update_s;
};

struct edge_trust_given {
	uint64_t id;
	uint64_t total; /* 0: none, or none newer */
	uint64_t offset;
	struct bytes data;
};

struct edge_trust_list {
	uint64_t id;
	bool crls; /* else anchors and intermediates */
};

struct edge_trust_listed {
	uint64_t id;
	bool last;
	struct bytes json; /* one object as the CLI shows it; empty in the last */
};

struct edge_trust_add {
	uint64_t id;
	uint8_t purpose;
	bool anchor;
};

struct edge_trust_remove {
	uint64_t id;
	uint8_t purpose;
	uint8_t sha256[32]; /* of the certificate */
};

struct edge_trust_import {
	uint64_t id;
};

struct edge_trust_judge {
	uint64_t id;
	uint8_t uses; /* enum profile_use */
	struct edge_list chain;
};

struct edge_trust_done {
	uint64_t id;
	uint8_t status; /* enum status */
	uint8_t reason; /* enum reason */
	struct bytes detail;
	struct bytes json; /* JUDGE: verdict and findings */
};

extern const struct edge_field edge_trust_begin_fields[];
extern const struct edge_field edge_trust_policy_fields[];
extern const struct edge_field edge_trust_cert_fields[];
extern const struct edge_field edge_trust_crl_fields[];
extern const struct edge_field edge_trust_refusal_fields[];
extern const struct edge_field edge_trust_commit_fields[];
extern const struct edge_field edge_trust_want_fields[];
extern const struct edge_field edge_trust_wanted_fields[];
extern const struct edge_field edge_trust_offer_fields[];
extern const struct edge_field edge_trust_offered_fields[];
extern const struct edge_field edge_trust_give_fields[];
extern const struct edge_field edge_trust_given_fields[];
extern const struct edge_field edge_trust_list_fields[];
extern const struct edge_field edge_trust_listed_fields[];
extern const struct edge_field edge_trust_add_fields[];
extern const struct edge_field edge_trust_remove_fields[];
extern const struct edge_field edge_trust_import_fields[];
extern const struct edge_field edge_trust_judge_fields[];
extern const struct edge_field edge_trust_done_fields[];

#endif

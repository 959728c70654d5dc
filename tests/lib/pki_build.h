/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys, certificates and CRLs for tests, built by the case that needs them.  A spec that is
 * all zero but for names gives something ordinary; raw fields put anything in its place.
 */
#ifndef PORTCULLIS_TESTS_LIB_PKI_BUILD_H
#define PORTCULLIS_TESTS_LIB_PKI_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "tests/lib/der_build.h"

/* 2026-01-01T00:00:00Z: "now" in tests; what is built is valid for a day before and after,
 * certificates for a year. */
#define PKI_BUILD_NOW INT64_C(1767225600)
#define PKI_BUILD_DAY INT64_C(86400)

struct pki_key;

enum pki_key_kind {
	PKI_KEY_P256,
	PKI_KEY_P384,
	PKI_KEY_ED25519,
	PKI_KEY_RSA1024,
	PKI_KEY_RSA2048,
	PKI_KEY_RSA2048_PSS, /* signs with RSA-PSS */
};

/* A fresh P-256 key, and one of any kind. */
struct pki_key *pki_key_new(void);
struct pki_key *pki_key_new_kind(enum pki_key_kind kind);
void pki_key_free(struct pki_key *key);

struct pki_cert_spec {
	const char *subject;    /* CN */
	const char *issuer;     /* CN */
	struct bytes serial;    /* value of the INTEGER; empty: 1 */
	int version;            /* 0: 3; 1: without extensions */
	bool is_ca;             /* basicConstraints cA */
	unsigned int key_usage; /* named bits, 1 << n; 0: no keyUsage */
	struct bytes extra;     /* DER of further extensions */
	int path_len;           /* pathLenConstraint plus 1; 0: none */
	bool no_basic_constraints;
	int64_t not_before_s; /* 0: PKI_BUILD_NOW - a year */
	int64_t not_after_s;  /* 0: PKI_BUILD_NOW + a year */

	/* DER in place of the ordinary; empty: the ordinary */
	struct bytes raw_version; /* with its tag */
	struct bytes raw_subject;
	struct bytes raw_issuer;
	struct bytes raw_spki;
	struct bytes raw_algorithm;  /* of the TBSCertificate only */
	struct bytes raw_validity;   /* contents of the SEQUENCE */
	struct bytes raw_extensions; /* with the tag [3] */
};

/* Appends a certificate for key, signed by signer. */
void pki_build_cert(const struct pki_cert_spec *spec, const struct pki_key *key,
    const struct pki_key *signer, struct buf *out);

struct pki_crl_entry {
	struct bytes serial; /* value of the INTEGER */
	int64_t date_s;      /* 0: PKI_BUILD_NOW - a day */
	int reason;          /* 0: no reasonCode */
	const char *issuer;  /* CN for a certificateIssuer, or NULL */
	struct bytes extra;  /* DER of further entry extensions */
};

struct pki_crl_spec {
	const char *issuer; /* CN */
	int64_t this_s;     /* 0: PKI_BUILD_NOW - a day */
	int64_t next_s;     /* 0: PKI_BUILD_NOW + a day */
	int number;         /* 0: 1; -1: none */
	int base;           /* 0: not a delta CRL */
	bool no_authority_key;
	struct bytes idp; /* contents of the issuingDistributionPoint SEQUENCE */
	const struct pki_crl_entry *entries;
	size_t entry_count;

	/* for what is wrong: DER in place of the ordinary; empty: the ordinary */
	struct bytes raw_version;
	struct bytes raw_algorithm; /* of the TBSCertList only */
	struct bytes raw_issuer;
	struct bytes raw_times;      /* both of them */
	struct bytes raw_entries;    /* with the tag of the SEQUENCE */
	struct bytes raw_extensions; /* of the list: further Extension elements */
	struct bytes raw_tail;       /* after the extensions */
	bool version_1;              /* neither version nor extensions */
};

/* Appends a CRL signed by key. */
void pki_build_crl(const struct pki_crl_spec *spec, const struct pki_key *key, struct buf *out);

/* Appends what was signed with its signature: SEQUENCE { tbs, the key's algorithm, signature }.
 */
void pki_build_signed(struct bytes tbs, const struct pki_key *key, struct buf *out);

/* Appends the SubjectPublicKeyInfo. */
void pki_key_spki(const struct pki_key *key, struct buf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * An X.509 certificate (RFC 5280 section 4), read strictly and once: the DER, copied, and
 * views into it.  Reading decides nothing but whether the certificate is well formed; what
 * it is worth is decided in path.  Immutable after cert_parse.
 */
#ifndef PORTCULLIS_PKI_CERT_H
#define PORTCULLIS_PKI_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/pki/algorithm.h"
#include "common/pki/general_name.h"
#include "common/pki/name.h"
#include "common/pki/pubkey.h"

enum {
	CERT_LEN_MAX = 64 * 1024,
	CERT_SERIAL_MAX = 20, /* octets of its magnitude */
	CERT_PATH_LEN_NONE = -1,
	CERT_SKIP_NONE = -1,
};

/* keyUsage: bit n of the named bit list is 1 << n. */
enum cert_key_usage {
	CERT_KU_DIGITAL_SIGNATURE = 1 << 0,
	CERT_KU_NON_REPUDIATION = 1 << 1,
	CERT_KU_KEY_ENCIPHERMENT = 1 << 2,
	CERT_KU_DATA_ENCIPHERMENT = 1 << 3,
	CERT_KU_KEY_AGREEMENT = 1 << 4,
	CERT_KU_KEY_CERT_SIGN = 1 << 5,
	CERT_KU_CRL_SIGN = 1 << 6,
	CERT_KU_ENCIPHER_ONLY = 1 << 7,
	CERT_KU_DECIPHER_ONLY = 1 << 8,
};

/* extKeyUsage: the uses that matter here. */
enum cert_eku {
	CERT_EKU_ANY = 1 << 0,
	CERT_EKU_SERVER_AUTH = 1 << 1,
	CERT_EKU_CLIENT_AUTH = 1 << 2,
	CERT_EKU_OTHER = 1 << 3, /* at least one more */
};

/* An extension that is known here: whether it is there, and its value (what the OCTET STRING
 * holds, its form checked). */
struct cert_extension {
	bool present;
	bool critical;
	struct bytes value;
};

struct cert {
	struct bytes der; /* everything below points into it, or is a copy */
	struct bytes tbs; /* what is signed: TBSCertificate with tag and length */
	struct algorithm algorithm;
	struct bytes
	    signature; /* the bits; empty, which is no signature, where some are unused */

	unsigned int version; /* 1, 2 or 3 */
	struct bytes serial;  /* as encoded: two's complement, 1 to 21 octets */
	struct name issuer;
	struct name subject;
	int64_t not_before_s;
	int64_t not_after_s;
	struct pubkey key;
	uint8_t sha256[PUBKEY_HASH_SIZE]; /* of der */

	/* extensions; a SEQUENCE OF is walked with the readers below or those of its module */
	struct cert_extension authority_key_id;
	struct cert_extension subject_key_id;
	struct cert_extension key_usage;
	struct cert_extension ext_key_usage;
	struct cert_extension basic_constraints;
	struct cert_extension subject_alt_name;
	struct cert_extension name_constraints;
	struct cert_extension policies;
	struct cert_extension policy_mappings;
	struct cert_extension policy_constraints;
	struct cert_extension inhibit_any_policy;
	struct cert_extension crl_dist_points;
	struct cert_extension freshest_crl;
	struct cert_extension authority_info_access;

	struct bytes key_id;           /* subjectKeyIdentifier, empty where there is none */
	struct bytes authority_key;    /* keyIdentifier of authorityKeyIdentifier, or empty */
	unsigned int key_usage_bits;   /* enum cert_key_usage; 0 where absent */
	unsigned int eku_bits;         /* enum cert_eku; 0 where absent or empty */
	bool is_ca;                    /* basicConstraints cA */
	int path_len;                  /* pathLenConstraint, CERT_PATH_LEN_NONE */
	int require_explicit_skip;     /* policyConstraints, CERT_SKIP_NONE */
	int inhibit_mapping_skip;      /* policyConstraints, CERT_SKIP_NONE */
	int inhibit_any_skip;          /* inhibitAnyPolicy, CERT_SKIP_NONE */
	struct bytes unknown_critical; /* identifier of the first critical extension that is not
					* processed here; empty: none */
	bool self_issued;              /* subject and issuer match */
};

/* A text about what is wrong, for people. */
enum {
	CERT_ERROR_SIZE = 200
};

/* Reads a certificate, which is all of der; the bytes are copied.  STATUS_LIMIT: longer than
 * CERT_LEN_MAX.  STATUS_INVALID: malformed, and reterr_text says what and where (a C string;
 * may be NULL). */
enum status cert_parse(struct bytes der, struct cert **ret_cert,
    char reterr_text[CERT_ERROR_SIZE]) MUST_USE;
void cert_free(struct cert *cert);

/* Whether the two are one certificate: by their hashes, so that it costs the same for all. */
static inline bool
cert_same(const struct cert *a, const struct cert *b)
{
	return memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

/* Walks the subjectAltName; nothing where there is none. */
struct cert_san_walk {
	struct der names;
	struct der_fault fault;
};
void cert_san_begin(const struct cert *cert, struct cert_san_walk *walk);
bool cert_san_next(struct cert_san_walk *walk, struct general_name *ret_name);

/* True when the subjectAltName has a name of this kind. */
bool cert_has_san(const struct cert *cert, enum general_name_kind kind);

#endif

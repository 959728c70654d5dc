/* SPDX-License-Identifier: Apache-2.0
 *
 * Distribution points: cRLDistributionPoints and freshestCRL of certificates and CRLs
 * (RFC 5280 4.2.1.13, 4.2.1.15, 5.2.6), issuingDistributionPoint of CRLs (5.2.5), and
 * whether the two speak of the same one (6.3.3 (b)).  Fetches nothing and judges nothing
 * else; revocation asks.
 */
#ifndef PORTCULLIS_PKI_DIST_POINT_H
#define PORTCULLIS_PKI_DIST_POINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/pki/der.h"
#include "common/pki/general_name.h"

enum {
	DIST_POINT_MAX = 32,     /* points of one certificate */
	DIST_POINT_NAME_MAX = 8, /* names of one point: comparing them is not linear */

	/* ReasonFlags keyCompromise (1) to aACompromise (8) */
	DIST_POINT_ALL_REASONS = 0x1fe,
};

/* DistributionPointName, or the cRLIssuer of a point.  Views into what was read. */
struct dist_point_names {
	struct general_name full[DIST_POINT_NAME_MAX];
	size_t count;
	bool unusable; /* there is a name that leads to no CRL: no URI and no directory name */
	struct bytes
	    relative; /* nameRelativeToCRLIssuer: the RDN's contents; data NULL: none */
};

struct dist_point {
	bool has_names;
	struct dist_point_names names;
	unsigned int reasons; /* DIST_POINT_ALL_REASONS where it names none */
	bool has_crl_issuer;
	struct dist_point_names crl_issuer;
};

/* An issuingDistributionPoint. */
struct dist_point_scope {
	bool has_names;
	struct dist_point_names names;
	bool only_user_certs;
	bool only_ca_certs;
	bool only_attribute_certs;
	bool indirect;
	unsigned int reasons; /* DIST_POINT_ALL_REASONS where it names none */
};

/* Walks the value of a cRLDistributionPoints or freshestCRL extension. */
struct dist_point_walk {
	struct der points;
	struct der_fault fault;
	size_t count;
};
void dist_point_begin(struct dist_point_walk *walk, struct bytes value);

/* The next point; false at the end, and at a fault (dist_point_ok). */
bool dist_point_next(struct dist_point_walk *walk, struct dist_point *ret_point);

static inline bool
dist_point_ok(const struct dist_point_walk *walk)
{
	return der_ok(&walk->points);
}

/* Reads such an extension, which is all of der, for its form: faults in der. */
void dist_point_check(struct der *der);

/* Reads an IssuingDistributionPoint, which is all of der.  Faults: an empty one, and more
 * than one of the three "only contains". */
void dist_point_read_scope(struct der *der, struct dist_point_scope *ret_scope);

/* Whether one name of a is one of b.  Directory names compare as RFC 5280 7.1 says, a
 * relative name is completed with the CRL's issuer, all others byte for byte. */
bool dist_point_names_match(const struct dist_point_names *a, const struct dist_point_names *b,
    struct bytes crl_issuer_canonical);

#endif

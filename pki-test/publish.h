/* SPDX-License-Identifier: Apache-2.0
 *
 * CRLs of the laboratory's CAs: gathers what is revoked, numbers the list, puts it where it
 * is served from.
 */
#ifndef PORTCULLIS_PKI_TEST_PUBLISH_H
#define PORTCULLIS_PKI_TEST_PUBLISH_H

#include "pki-test/lab.h"
#include "pki-test/recipes/recipe.h"

struct publish_request {
	const struct recipe *recipe; /* of a CRL */
	const char *const *set;      /* further settings */
	size_t set_count;
	bool beside; /* to crl/CA.RECIPE.crl instead of crl/CA.crl */
};

/* Makes a CRL for a CA. */
enum status publish_crl(struct lab *lab, struct lab_entry *ca,
    const struct publish_request *request) MUST_USE;

/* Publishes a current CRL for a CA. */
enum status publish_current(struct lab *lab, struct lab_entry *ca) MUST_USE;

/* Marks an entry as revoked; the CRL of its issuer is not changed by it. */
enum status publish_revoke(struct lab *lab, struct lab_entry *entry, const char *reason,
    int64_t when_s) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * From a recipe to files: finds or makes the issuer, the key and the serial number, has the
 * certificate written, notes it in the index.
 */
#ifndef PORTCULLIS_PKI_TEST_ISSUE_H
#define PORTCULLIS_PKI_TEST_ISSUE_H

#include "pki-test/lab.h"
#include "pki-test/recipes/recipe.h"

struct issue_request {
	const struct recipe *recipe; /* of a leaf or a CA */
	const char *name;
	const char *cn;         /* NULL: NAME.DOMAIN */
	const char *const *set; /* further settings */
	size_t set_count;
};

/* Issues one certificate.  A CA also publishes its CRL, and a recipe that revokes has the
 * issuer publish. */
enum status issue_certificate(struct lab *lab, const struct issue_request *request) MUST_USE;

/* The CA of this name; one that only has a recipe is issued. */
enum status issue_find_ca(struct lab *lab, const char *name,
    struct lab_entry **ret_ca) MUST_USE;

/* Appends the CA certificates (PEM) that belong to what this entry shows: from its issuer
 * on, without the root or with it. */
enum status issue_chain(struct lab *lab, const struct lab_entry *entry, bool root,
    bool backwards, struct buf *out) MUST_USE;

#endif

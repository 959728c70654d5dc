/* SPDX-License-Identifier: Apache-2.0
 *
 * Name constraints (RFC 5280 4.2.1.10): whether the names of a certificate are inside what
 * a CA above it may issue.  DNS, IP, e-mail, URI and directory names are processed; a name
 * of another kind that a constraint speaks of refuses.
 *
 * The intersection and union of 6.1.4 (g) need not be built: a name is inside them exactly
 * when it is inside what each CA of the path says, asked one after the other.
 */
#ifndef PORTCULLIS_PKI_NAME_CONSTRAINTS_H
#define PORTCULLIS_PKI_NAME_CONSTRAINTS_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/pki/cert.h"
#include "common/pki/reason.h"

/* Reads the NameConstraints that are all of der; faults where they are malformed. */
void name_constraints_check(struct der *der);

/* The names of one certificate, ready to be compared. */
struct name_set;

/* cn_is_host: the certificate is a leaf, whose CN counts as a DNS name where it has the form
 * of one and there is no dNSName beside it.  identity: it counts in any case, even without a
 * dot: an appliance is known by it. */
struct name_set *name_set_new(const struct cert *cert, bool cn_is_host, bool identity);
void name_set_free(struct name_set *set);

/* Whether all names are inside the constraints of issuer, which has some.  REASON_OK,
 * REASON_NAME_CONSTRAINTS or REASON_LIMITS (the budget does not suffice); where it is not OK,
 * detail gets the text.  budget is counted down, by 1 for each byte of the constraints and
 * each comparison of a name with a constraint of its kind. */
enum reason name_constraints_judge(const struct cert *issuer, const struct name_set *set,
    size_t *budget, struct buf *detail);

#endif

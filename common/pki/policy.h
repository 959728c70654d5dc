/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificate policy extensions: their form, and walks over what they list (RFC 5280
 * 4.2.1.4, 4.2.1.5).  What they mean for a path is policy_graph's.
 */
#ifndef PORTCULLIS_PKI_POLICY_H
#define PORTCULLIS_PKI_POLICY_H

#include <stdbool.h>

#include "common/base/bytes.h"
#include "common/pki/der.h"

enum {
	POLICY_MAX = 256, /* policies, and mappings, of one certificate */
};

struct policy_mapping {
	struct bytes issuer;  /* issuerDomainPolicy */
	struct bytes subject; /* subjectDomainPolicy */
};

/* Reads CertificatePolicies, which is all of der; faults where it is malformed or names a
 * policy twice.  Returns the identifier of the first qualifier that is not known, or
 * nothing. */
struct bytes policy_check_policies(struct der *der);

/* Reads PolicyMappings, which is all of der. */
void policy_check_mappings(struct der *der);

/* The policies of a value that policy_check_policies has passed: at most POLICY_MAX, in
 * the order written.  Returns their number. */
size_t policy_list(struct bytes value, struct bytes ret_policies[static POLICY_MAX]);

/* The mappings of a value that policy_check_mappings has passed. */
size_t policy_mapping_list(struct bytes value,
    struct policy_mapping ret_mappings[static POLICY_MAX]);

#endif

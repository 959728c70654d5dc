/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocation along a path: each certificate is judged with the issuer it has in that very
 * path, and the signers of CRLs that are somebody else get paths of their own (RFC 5280
 * 6.3.3 (f)), to the same anchor.  A part of path.
 */
#ifndef PORTCULLIS_PKI_PATH_REVOCATION_H
#define PORTCULLIS_PKI_PATH_REVOCATION_H

#include "common/pki/finding.h"
#include "common/pki/path.h"
#include "common/pki/path_search.h"

enum {
	PATH_SIGNER_DEPTH_MAX = 2, /* signers of CRLs about signers of CRLs */
	PATH_SIGNER_BUDGET = 64,   /* signers judged for one verdict */
	PATH_UNTRUSTED_MAX = PATH_CHAIN_MAX + PATH_EXTRA_MAX,
};

/* What one verdict is made with. */
struct path_work {
	const struct path_params *params;
	const struct trust *trust;
	const struct crl_set *crls;
	struct path_signatures signatures;
	size_t check_budget;

	/* what the peer sent, the leaf apart, then the extra certificates: only signers of
	 * CRLs are looked for among these */
	const struct cert *untrusted[PATH_UNTRUSTED_MAX];
	size_t sent_count;
	size_t untrusted_count;

	unsigned int signers_judged;
	const struct cert *judging[PATH_SIGNER_DEPTH_MAX]; /* signers, outermost first */
	size_t judging_count;
};

/* Judges the certificates of a complete path that the parameters ask about; ret_results has
 * one for each certificate of the path. */
void path_revocation_check(struct path_work *work, const struct path_list *path,
    struct revocation_result ret_results[static PATH_LEN_MAX], struct findings *findings);

#endif

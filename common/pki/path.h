/* SPDX-License-Identifier: Apache-2.0
 *
 * Judging a certificate: finds its paths to the anchors (RFC 4158) and validates them
 * (RFC 5280 section 6), names, revocation and appliance profile included.
 *
 * path_validate is a pure function of its input, `now` among it: no clock, no files, no
 * network.  Called by the workers for each peer, by trust at install time, and by `verify`.
 */
#ifndef PORTCULLIS_PKI_PATH_H
#define PORTCULLIS_PKI_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/pki/cert.h"
#include "common/pki/profile.h"
#include "common/pki/trust.h"
#include "common/pki/verdict.h"

struct crl_set;
struct sig_memo;

enum {
	PATH_LEN_MAX = 10,          /* certificates of a path, leaf and anchor included */
	PATH_CHAIN_MAX = 10,        /* certificates that a peer may send */
	PATH_EXTRA_MAX = 64,        /* further candidates for signers of CRLs */
	PATH_NAME_MAX = 16,         /* names to match */
	PATH_POLICY_MAX = 64,       /* initial policies */
	PATH_SIGNATURE_BUDGET = 32, /* signatures computed for one verdict */
};

/* What the leaf is used for: the extended key usage asked of it and of its issuers. */
enum path_use {
	PATH_USE_ANY,
	PATH_USE_SERVER, /* serverAuth: who listens */
	PATH_USE_CLIENT, /* clientAuth: who dials */
};

enum path_name_kind {
	PATH_NAME_DNS,   /* against dNSName, wildcards included */
	PATH_NAME_IP,    /* against iPAddress */
	PATH_NAME_EMAIL, /* against rfc822Name */
	PATH_NAME_CN,    /* against the appliance identity (identity.h) */
};

/* A name that the leaf must have; all of several. */
struct path_name {
	enum path_name_kind kind;
	const char *value;
};

/* Of which certificates a good revocation status is demanded. */
enum path_revocation {
	PATH_REVOCATION_CHAIN, /* all but the anchor */
	PATH_REVOCATION_LEAF,
	PATH_REVOCATION_NONE,
};

/* What of an anchor's own certificate counts. */
enum path_anchor_check {
	PATH_ANCHOR_EXPIRY = 1 << 0,
	PATH_ANCHOR_CONSTRAINTS =
	    1 << 1,                    /* basicConstraints if there, pathLen, keyUsage, extended
					* key usage, name constraints, critical extensions */
	PATH_ANCHOR_POLICIES = 1 << 2, /* certificate policies and what goes with them */
	PATH_ANCHOR_CA = 1 << 3, /* with CONSTRAINTS: a version 3 certificate that issues needs
				  * basicConstraints, so that a trusted leaf can't be a CA */
	PATH_ANCHOR_DEFAULT = PATH_ANCHOR_EXPIRY | PATH_ANCHOR_CONSTRAINTS | PATH_ANCHOR_CA,
};

/* What is asked.  path_params_init gives the defaults; views belong to the caller. */
struct path_params {
	int64_t now_s;
	enum path_use use; /* PATH_USE_SERVER */
	const struct path_name *names;
	size_t name_count;
	unsigned int max_depth;     /* CA certificates between leaf and anchor (8) */
	unsigned int min_rsa_bits;  /* 2048 */
	unsigned int anchor_checks; /* PATH_ANCHOR_DEFAULT */
	unsigned int key_usage;     /* enum cert_key_usage demanded of the leaf (0) */
	bool strict_eku;     /* extended key usage must be there and name the use, at every
			      * level; and the leaf is no CA */
	bool validation_off; /* S1: a failed chain, date or CRL check is shown and waived */

	/* policies (RFC 5280 6.1.1): OBJECT IDENTIFIER values; none: any policy */
	const struct bytes *policies;
	size_t policy_count;
	bool explicit_policy;
	bool inhibit_any_policy;
	bool inhibit_mapping;

	/* revocation */
	enum path_revocation revocation;
	bool revocation_only;  /* the path is taken as given (signatures and names apart): only
				* revocation is judged */
	int64_t crl_grace_s;   /* mode grace: how long past nextUpdate (0: strict) */
	int64_t crl_max_age_s; /* since thisUpdate (0: no limit) */

	/* the appliance profile */
	bool profile; /* the security relevant rules of profile.h are asked */
	unsigned int
	    profile_uses; /* enum profile_use: the uses this appliance has configured */
};

void path_params_init(struct path_params *params, int64_t now_s);

struct path_input {
	const struct bytes
	    *chain; /* DER: the leaf first, then what its holder sent, in any order */
	size_t chain_count;
	const struct bytes *extra; /* DER: untrusted, for finding who signed a CRL */
	size_t extra_count;
	const struct trust *trust;
	const struct crl_set *crls; /* NULL: there are none */
	struct sig_memo *memo;      /* NULL: nothing is remembered */
};

/* Judges the leaf.  Never fails: what can't be judged is rejected.  The caller frees. */
struct verdict *path_validate(const struct path_input *input, const struct path_params *params);

#endif

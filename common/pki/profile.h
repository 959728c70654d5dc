/* SPDX-License-Identifier: Apache-2.0
 *
 * The appliance profile: what the product's documents ask of an appliance's certificate
 * beyond RFC 5280.  Each rule gives a finding with its clause and its fix; those that are
 * about security are asked at every connection, the others when a certificate is installed.
 */
#ifndef PORTCULLIS_PKI_PROFILE_H
#define PORTCULLIS_PKI_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/pki/cert.h"
#include "common/pki/reason.h"

/* The uses that this appliance has configured. */
enum profile_use {
	PROFILE_USE_DIALS = 1 << 0,   /* clientAuth */
	PROFILE_USE_LISTENS = 1 << 1, /* serverAuth */
};

enum profile_level {
	PROFILE_WARNING, /* shown; never refuses */
	PROFILE_INSTALL, /* refuses at install time, shown later */
	PROFILE_CONNECT, /* about security: refuses at install time and at every connection */
};

enum {
	PROFILE_FINDING_MAX = 24,
	PROFILE_DETAIL_SIZE = 160,
};

struct profile_finding {
	enum reason reason;
	enum profile_level level;
	const char *clause;               /* "S1 A1.07" */
	char detail[PROFILE_DETAIL_SIZE]; /* what exactly, escaped */
	const char *fix;                  /* what to do */
};

struct profile_findings {
	struct profile_finding items[PROFILE_FINDING_MAX];
	size_t count;
};

struct profile_params {
	int64_t now_s;
	unsigned int uses;   /* enum profile_use */
	bool validation_off; /* then a distribution point is a finding, not its absence */
};

/* Holds a certificate against every rule.  Pure. */
void profile_check(const struct cert *cert, const struct profile_params *params,
    struct profile_findings *ret_findings);

/* True when something refuses at this level or above. */
bool profile_refuses(const struct profile_findings *findings, enum profile_level level);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The faults of the CRL server by name.  What each does is crl_reply's business.
 */
#ifndef PORTCULLIS_PKI_TEST_CRL_FAULT_H
#define PORTCULLIS_PKI_TEST_CRL_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"

enum crl_fault_kind {
	CRL_FAULT_NONE,
	CRL_FAULT_SLOW,
	CRL_FAULT_DRIP,
	CRL_FAULT_TRUNCATED,
	CRL_FAULT_STALL,
	CRL_FAULT_ENDLESS,
	CRL_FAULT_ENDLESS_CHUNKED,
	CRL_FAULT_ENDLESS_HEADER,
	CRL_FAULT_GZIP_BOMB,
	CRL_FAULT_WRONG_LENGTH,
	CRL_FAULT_HTML,
	CRL_FAULT_PEM,
	CRL_FAULT_REDIRECT,
	CRL_FAULT_STATUS,
	CRL_FAULT_STALE,
	CRL_FAULT_OLDER,
	CRL_FAULT_OTHER,
	CRL_FAULT_HALF_OPEN,
	CRL_FAULT_RESET,
};

struct crl_fault {
	enum crl_fault_kind kind;
	uint64_t number; /* milliseconds, octets or a status code, as the help says */
};

/* Reads "FAULT" or "FAULT=N"; false when there is no such fault. */
bool crl_fault_parse(struct bytes text, struct crl_fault *ret_fault);

/* The faults, one a line, for --help. */
extern const char crl_fault_help[];

#endif

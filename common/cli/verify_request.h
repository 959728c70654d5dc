/* SPDX-License-Identifier: Apache-2.0
 *
 * One question for `verify`: the certificates and CRLs, read from their files, and what is
 * asked of them.  Filled by the command line (verify_options) or by a line of a batch
 * (verify_json), both through the setters here; answered by verify_judge.
 *
 * A question can go wrong in two ways: the call is wrong (an unreadable file, a bad value),
 * or what a file holds is no certificate or CRL, which is an answer.
 */
#ifndef PORTCULLIS_CLI_VERIFY_REQUEST_H
#define PORTCULLIS_CLI_VERIFY_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/bytes.h"
#include "common/pki/path.h"
#include "common/pki/reason.h"

enum {
	VERIFY_FILES_MAX = 1000,          /* certificates or CRLs in one list */
	VERIFY_CERT_FILE_MAX = 16 << 20,  /* bytes of a file of certificates */
	VERIFY_CRL_FILE_MAX = 64 << 20,   /* bytes of a CRL, PEM or DER */
	VERIFY_CRL_IMAGE_MAX = 128 << 20, /* bytes of a CRL's index */
	VERIFY_TOTAL_MAX = 256 << 20,     /* bytes of all that one question holds */
	VERIFY_AGE_MAX = 1000000000,      /* seconds */
	VERIFY_BITS_MAX = 16384,
	VERIFY_DEPTH_MAX = 1000,
	VERIFY_OID_MAX = 64, /* bytes of a policy's object identifier */
	VERIFY_FAULT_SIZE = 400,
};

/* Why there is no question to judge. */
struct verify_fault {
	enum reason
	    reason; /* the verdict is a rejection for this; REASON_OK: the call is wrong */
	char text[VERIFY_FAULT_SIZE];
};

/* DER objects, each a copy of ours. */
struct verify_list {
	struct bytes *items;
	size_t count;
};

/* The lists that files go to. */
enum verify_role {
	VERIFY_CHAIN,
	VERIFY_UNTRUSTED, /* more certificates to build the path with */
	VERIFY_EXTRA,     /* to find who signed a CRL */
	VERIFY_ANCHORS,
	VERIFY_CRLS,
	VERIFY_ROLE_COUNT
};

struct verify_request {
	struct verify_list lists[VERIFY_ROLE_COUNT];
	size_t total; /* bytes in the lists */
	struct path_params params;
	struct path_name names[PATH_NAME_MAX]; /* params.names; their values: */
	char *name_values[PATH_NAME_MAX];
	struct bytes policies[PATH_POLICY_MAX]; /* params.policies; their bytes: */
	uint8_t policy_oids[PATH_POLICY_MAX][VERIFY_OID_MAX];
};

enum verify_profile {
	VERIFY_APPLIANCE,
	VERIFY_RFC5280,
};

bool verify_profile_from_text(const char *text, enum verify_profile *ret_profile);

/* Defaults: revocation of the chain, purpose server; the appliance profile asks RSA 2048, the
 * other 1024. */
struct verify_request *verify_request_new(enum verify_profile profile, int64_t now_s);
void verify_request_free(struct verify_request *request);

/* Setters: false with a fault. */

/* Adds what a file holds: PEM or DER by content, bundles too.  path is relative to dir_fd;
 * "der:BASE64" is the object itself. */
bool verify_add_file(struct verify_request *request, enum verify_role role, int dir_fd,
    const char *path, struct verify_fault *reterr);

/* Adds one DER object; path is only for the fault. */
bool verify_add_der(struct verify_request *request, enum verify_role role, const char *path,
    struct bytes der, struct verify_fault *reterr);

bool verify_set_purpose(struct verify_request *request, const char *text,
    struct verify_fault *reterr);
bool verify_set_revocation(struct verify_request *request, const char *text,
    struct verify_fault *reterr);
bool verify_set_check(struct verify_request *request, const char *text,
    struct verify_fault *reterr);
bool verify_add_name(struct verify_request *request, const char *kind, const char *value,
    struct verify_fault *reterr);
bool verify_add_policy(struct verify_request *request, const char *oid,
    struct verify_fault *reterr);
bool verify_add_key_usage(struct verify_request *request, const char *name,
    struct verify_fault *reterr);
bool verify_add_anchor_check(struct verify_request *request, const char *name,
    struct verify_fault *reterr);

bool verify_parse_time(const char *text, int64_t *ret_s, struct verify_fault *reterr);

/* Writes the fault of a wrong call; returns false, so that setters can return it. */
bool verify_call_fault(struct verify_fault *reterr, const char *format, ...) PRINTF_LIKE(2, 3);

#endif

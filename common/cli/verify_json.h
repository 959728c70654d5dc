/* SPDX-License-Identifier: Apache-2.0
 *
 * A line of `verify --batch`: one JSON object with the fields of the conformance corpora,
 * made into a question.  Fields that are not known are ignored; the input is a stranger's.
 */
#ifndef PORTCULLIS_CLI_VERIFY_JSON_H
#define PORTCULLIS_CLI_VERIFY_JSON_H

#include "common/base/bytes.h"
#include "common/cli/verify_request.h"

/* What holds for lines that do not say otherwise. */
struct verify_json_defaults {
	enum verify_profile profile;
	int64_t now_s;
	int base_fd; /* what paths are relative to; or AT_FDCWD */
};

/* The question of a line; NULL with a fault.  *ret_id is set in both cases: the line's id,
 * freed with free(), or NULL where it has none. */
struct verify_request *verify_json_request(struct bytes line,
    const struct verify_json_defaults *defaults, char **ret_id, struct verify_fault *reterr);

#endif

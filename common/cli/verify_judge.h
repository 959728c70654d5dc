/* SPDX-License-Identifier: Apache-2.0
 *
 * The answer to one question for `verify`: asks path_validate and writes the verdict, or
 * why there is none, as one JSON object.
 */
#ifndef PORTCULLIS_CLI_VERIFY_JUDGE_H
#define PORTCULLIS_CLI_VERIFY_JUDGE_H

#include "common/base/buf.h"
#include "common/cli/verify_request.h"

/* The exit codes of `verify`, which are its own. */
enum verify_exit {
	VERIFY_ACCEPTED = 0,
	VERIFY_REJECTED = 1,
	VERIFY_INPUT = 2,
	VERIFY_INTERNAL = 3,
};

/* Judges and appends the object.  id may be NULL. */
enum verify_exit verify_judge(const struct verify_request *request, const char *id,
    struct buf *line);

/* The object for a question that could not be put: a rejection where the fault says so, else
 * an error. */
enum verify_exit verify_judge_fault(const struct verify_fault *fault, const char *id,
    struct buf *line);

/* As verify_judge, for callers that want the verdict itself; the caller frees it.  NULL, and
 * a fault that rejects, where an anchor or another given certificate can't be read. */
struct verdict *verify_ask(const struct verify_request *request, struct verify_fault *reterr);

#endif

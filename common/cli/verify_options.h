/* SPDX-License-Identifier: Apache-2.0
 *
 * The options of `verify`, and a question made of them.
 */
#ifndef PORTCULLIS_CLI_VERIFY_OPTIONS_H
#define PORTCULLIS_CLI_VERIFY_OPTIONS_H

#include "common/cli/command.h"
#include "common/cli/verify_request.h"

extern const struct command_option verify_options[];

/* --profile and --time, or their defaults. */
bool verify_options_defaults(const struct command_call *call, enum verify_profile *ret_profile,
    int64_t *ret_now_s, struct verify_fault *reterr);

/* The question that the options ask; NULL with a fault. */
struct verify_request *verify_options_request(const struct command_call *call,
    struct verify_fault *reterr);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The sub-commands of portcullis-pki, for the table in main.c, and what they share.
 */
#ifndef PORTCULLIS_PKI_TEST_COMMANDS_H
#define PORTCULLIS_PKI_TEST_COMMANDS_H

#include <stdint.h>

#include "common/cli/command.h"
#include "pki-test/lab.h"

int command_lab(struct command_call *call);
int command_issue(struct command_call *call);
int command_revoke(struct command_call *call);
int command_crl(struct command_call *call);
int command_list(struct command_call *call);
int command_recipes(struct command_call *call);
int command_settings(struct command_call *call);
int command_serve(struct command_call *call);
int command_proxy(struct command_call *call);
int command_control(struct command_call *call);

extern const struct command_option command_lab_options[];
extern const struct command_option command_issue_options[];
extern const struct command_option command_revoke_options[];
extern const struct command_option command_crl_options[];
extern const struct command_option command_serve_options[];
extern const struct command_option command_proxy_options[];

/* The time of --now, or the clock's.  False (with the error printed) when it can't be read. */
bool command_now(const struct command_call *call, int64_t *ret_now_s);

/* Opens the laboratory of the first operand; NULL with the error printed, and its exit
 * code in *reterr_code. */
struct lab *command_open_lab(const struct command_call *call, int *reterr_code);

/* Saves when status is OK, prints what went wrong when not, frees; the exit code. */
int command_close_lab(const struct command_call *call, struct lab *lab, enum status status);

#endif

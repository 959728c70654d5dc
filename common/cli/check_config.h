/* SPDX-License-Identifier: Apache-2.0
 *
 * The command `check-config`, the same in both programs: is this configuration right, and
 * what would a right one look like?
 */
#ifndef PORTCULLIS_CLI_CHECK_CONFIG_H
#define PORTCULLIS_CLI_CHECK_CONFIG_H

#include "common/cli/command.h"
#include "common/config/config.h"

/* Options --sample; the operand is the file, default_path where it is not given. */
extern const struct command_option check_config_options[];
extern const char check_config_exits[];

/* To be called by the program's own run function. */
int check_config_run(struct command_call *call, const struct config_schema *schema,
    const char *default_path);

#endif

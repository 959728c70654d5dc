/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of common/cli in a program of their own: what the tests here, and those of
 * tests/conformance, run.
 */
#include "common/cli/cert_check.h"
#include "common/cli/cert_compare.h"
#include "common/cli/cert_convert.h"
#include "common/cli/command.h"
#include "common/cli/crl_show.h"
#include "common/cli/verify.h"

static const struct command cert_commands[] = {
    CERT_CHECK_COMMAND,
    CERT_COMPARE_COMMAND,
    CERT_CONVERT_COMMAND,
    {.name = NULL},
};

static const struct command crl_commands[] = {
    CRL_SHOW_COMMAND,
    {.name = NULL},
};

static const struct command commands[] = {
    VERIFY_COMMAND,
    {.name = "cert", .help = "certificates and keys", .children = cert_commands},
    {.name = "crl", .help = "certificate revocation lists", .children = crl_commands},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	static const struct command_program program = {
	    .name = "cli-tool",
	    .about = "The commands that both programs share.",
	    .commands = commands,
	};

	return command_main(&program, argc, argv);
}

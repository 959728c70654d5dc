/* SPDX-License-Identifier: Apache-2.0
 *
 * portcullis-console: the daemon and its own command line.
 */
#include <string.h>

#include "common/cli/cert_check.h"
#include "common/cli/cert_compare.h"
#include "common/cli/cert_convert.h"
#include "common/cli/check_config.h"
#include "common/cli/command.h"
#include "common/cli/crl_show.h"
#include "common/cli/verify.h"
#include "common/daemon/admin_commands.h"
#include "common/daemon/client.h"
#include "console-server/commands.h"
#include "console-server/config_schema.h"
#include "console-server/roles.h"

#define DEFAULT_CONFIG "/etc/portcullis/console.conf"

static const struct command_option run_options[] = {
    {.name = "config",
	.argument = "FILE",
	.help = "configuration file (" DEFAULT_CONFIG ")",
	.letter = 'c'},
    {.name = NULL},
};

static int
main_run(struct command_call *call)
{
	const char *path = command_value(call, "config");

	return daemon_run(&console_daemon, path != NULL ? path : DEFAULT_CONFIG);
}

static int
main_check_config(struct command_call *call)
{
	return check_config_run(call, &console_config_schema, DEFAULT_CONFIG);
}

static const struct command cert_commands[] = {
    CERT_IMPORT_COMMAND,
    CERT_CHECK_COMMAND,
    CERT_COMPARE_COMMAND,
    CERT_CONVERT_COMMAND,
    {.name = NULL},
};

static const struct command crl_commands[] = {
    CRL_LIST_COMMAND,
    CRL_IMPORT_COMMAND,
    CRL_SHOW_COMMAND,
    {.name = NULL},
};

/* What the daemon does not need to run for; the rest is in commands.c. */
static const struct command own_commands[] = {
    {.name = "run",
	.help = "run the console in the foreground, as a service manager wants it",
	.options = run_options,
	.run = main_run,
	.notes = "SIGHUP reloads the configuration, all or nothing; SIGTERM stops in order.\n",
	.exits = "Exit codes: 0 stopped in order, 1 could not start (the log says why).\n"},
    {.name = "check-config",
	.help = "look for errors in the configuration, or print a sample",
	.operands = "[FILE]",
	.most = 1,
	.options = check_config_options,
	.run = main_check_config,
	.exits = check_config_exits},
    VERIFY_COMMAND,
    {.name = "cert", .help = "certificates and keys", .children = cert_commands},
    TRUST_COMMAND,
    {.name = "crl", .help = "certificate revocation lists", .children = crl_commands},
};

enum {
	OWN_COUNT = sizeof(own_commands) / sizeof(own_commands[0]),
	COMMANDS_MAX = 32,
};

static const char *
main_runtime_directory(const void *values)
{
	return ((const struct console_config *)values)->console.runtime_directory;
}

int
main(int argc, char *argv[])
{
	static const struct client_program client = {.schema = &console_config_schema,
	    .config_path = DEFAULT_CONFIG,
	    .socket_name = "console.sock",
	    .runtime_directory = main_runtime_directory};
	struct command commands[COMMANDS_MAX];
	struct command_program program = {
	    .name = "portcullis-console",
	    .about = "The management console of OT network sensors: accepts those whose\n"
		     "certificates prove themselves, and keeps what they report.",
	    .commands = commands,
	    .context = (void *)(uintptr_t)&client,
	};

	if (proc_is_role(argc, argv))
		return daemon_role(&console_daemon, argv);
	memcpy(commands, own_commands, sizeof(own_commands));
	memcpy(commands + OWN_COUNT, console_commands,
	    (console_command_count() + 1) * sizeof(commands[0]));
	return command_main(&program, argc, argv);
}

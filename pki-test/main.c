/* SPDX-License-Identifier: Apache-2.0
 *
 * portcullis-pki: a laboratory CA, a CRL server and a TCP proxy that misbehave on order.
 * For tests and the demonstration, never for production.
 */
#include "pki-test/commands.h"
#include "pki-test/crl_fault.h"
#include "pki-test/proxy_fault.h"

static const struct command commands[] = {
    {.name = "lab",
	.help = "Make a laboratory: CAs, consoles, sensors, CRLs",
	.operands = "DIR",
	.least = 1,
	.most = 1,
	.options = command_lab_options,
	.run = command_lab},
    {.name = "issue",
	.help = "Issue a certificate, right or wrong, by a recipe",
	.operands = "DIR",
	.least = 1,
	.most = 1,
	.options = command_issue_options,
	.run = command_issue},
    {.name = "revoke",
	.help = "Revoke a certificate and publish the CRL of its issuer",
	.operands = "DIR NAME",
	.least = 2,
	.most = 2,
	.options = command_revoke_options,
	.run = command_revoke},
    {.name = "crl",
	.help = "Publish CRLs, right or wrong, by a recipe",
	.operands = "DIR",
	.least = 1,
	.most = 1,
	.options = command_crl_options,
	.run = command_crl},
    {.name = "list",
	.help = "List what a laboratory has issued",
	.operands = "DIR",
	.least = 1,
	.most = 1,
	.run = command_list},
    {.name = "recipes",
	.help = "List the recipes and the reason each must be refused for",
	.run = command_recipes},
    {.name = "serve",
	.help = "Serve the CRLs of a laboratory over HTTP, with faults on order",
	.operands = "DIR",
	.least = 1,
	.most = 1,
	.options = command_serve_options,
	.run = command_serve,
	.notes = crl_fault_help},
    {.name = "proxy",
	.help = "Forward TCP connections, with faults on order",
	.options = command_proxy_options,
	.run = command_proxy,
	.notes = proxy_fault_help},
    {.name = "control",
	.help = "Give a running serve or proxy an order: fault FAULT, stats, clear, drop",
	.operands = "SOCKET ORDER...",
	.least = 2,
	.most = COMMAND_ANY,
	.run = command_control},
    {.name = "settings", .help = "List what --set takes", .run = command_settings},
    {0},
};

int
main(int argc, char **argv)
{
	static const struct command_program program = {
	    .name = "portcullis-pki",
	    .about = "A laboratory CA, a CRL server and a TCP proxy that misbehave on order.\n"
		     "For tests and demonstrations only, never for production: keys lie in\n"
		     "plain files, and most of what it issues is wrong on purpose.",
	    .commands = commands,
	};

	return command_main(&program, argc, argv);
}

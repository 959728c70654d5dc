/* SPDX-License-Identifier: Apache-2.0
 *
 * --help, from the tables.
 */
#include "common/cli/command_help.h"

#include <string.h>

#include "common/cli/command_parse.h"

static const char command_exit_notes[] =
    "Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 permission, 5 unreachable,\n"
    "6 check failed.\n";

static void
command_help_commands(const struct command *commands, FILE *file)
{
	size_t width = 0;

	for (const struct command *row = commands; row->name; row++)
		width = strlen(row->name) > width ? strlen(row->name) : width;
	fputs("\nCommands:\n", file);
	for (const struct command *row = commands; row->name; row++)
		fprintf(file, "  %-*s  %s\n", (int)width, row->name, row->help);
}

/* "-h, --help" or "    --color=WHEN". */
static void
command_option_text(struct buf *text, const struct command_option *row)
{
	if (row->letter != 0)
		buf_printf(text, "-%c, ", row->letter);
	else
		buf_put_text(text, "    ");
	buf_printf(text, "--%s", row->name);
	if (row->argument != NULL)
		buf_printf(text, "%s%s%s", row->many ? " " : "=", row->argument,
		    row->many ? "..." : "");
}

static void
command_help_options(const struct command_call *call, FILE *file)
{
	struct command_tables tables = command_tables_of(call);
	struct buf text;

	buf_init(&text, 256);
	fputs("\nOptions:\n", file);
	for (size_t t = 3; t-- > 0;) { /* its own first */
		for (const struct command_option *row = tables.table[t]; row->name; row++) {
			buf_clear(&text);
			command_option_text(&text, row);
			fprintf(file, "  %-26s  %s\n", buf_text(&text), row->help);
		}
	}
	buf_done(&text);
}

void
command_help(const struct command_call *call, FILE *file)
{
	const struct command *command = call->command;
	const struct command *children = command ? command->children : call->program->commands;
	const char *operands = children != NULL ? "COMMAND" : command->operands;

	fprintf(file, "Usage: %s%s%s [OPTIONS]\n\n%s\n", call->path, operands ? " " : "",
	    operands ? operands : "", command ? command->help : call->program->about);
	if (children != NULL)
		command_help_commands(children, file);
	command_help_options(call, file);
	if (command != NULL && command->notes != NULL)
		fprintf(file, "\n%s", command->notes);
	fprintf(file, "\n%s", command && command->exits ? command->exits : command_exit_notes);
	if (children != NULL)
		fprintf(file, "\nMore on one command: %s COMMAND --help\n", call->path);
}

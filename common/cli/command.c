/* SPDX-License-Identifier: Apache-2.0
 *
 * From an argument vector to a command's function and back to an exit code.
 */
#include "common/cli/command.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cli/command_help.h"
#include "common/cli/command_parse.h"
#include "common/cli/suggest.h"

/* A line of an error is cut here. */
enum {
	COMMAND_LINE_MAX = 16384
};

int
command_fail(const struct command_call *call, int code, const char *hint, const char *format,
    ...)
{
	struct buf message, line;
	va_list args;

	buf_init(&message, COMMAND_LINE_MAX);
	buf_init(&line, 4 * COMMAND_LINE_MAX + 64);
	va_start(args, format);
	buf_vprintf(&message, format, args);
	va_end(args);
	output_escape(&line, buf_bytes(&message));
	fprintf(call->err, "%s: %s%s%s%s\n", call->path, buf_text(&line), hint ? " (" : "",
	    hint ? hint : "", hint ? ")" : "");
	buf_done(&message);
	buf_done(&line);
	return code;
}

int
command_exit_of(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return COMMAND_OK;
	case STATUS_NOT_FOUND:
		return COMMAND_NOT_FOUND;
	case STATUS_DENIED:
		return COMMAND_DENIED;
	case STATUS_TIMEOUT:
	case STATUS_CLOSED:
		return COMMAND_UNREACHABLE;
	case STATUS_AGAIN:
	case STATUS_END:
	case STATUS_INVALID:
	case STATUS_LIMIT:
	case STATUS_EXISTS:
	case STATUS_CORRUPT:
	case STATUS_UNSUPPORTED:
	case STATUS_NO_SPACE:
	case STATUS_IO:
	case STATUS_INTERNAL:
		break;
	}
	return COMMAND_FAILURE;
}

/* The row that a name asks for; asking for a name that no table has is a bug. */
static const struct command_option *
command_known(const struct command_call *call, const char *option)
{
	const struct command_option *row = command_option_find(call, option);

	assert(row != NULL);
	return row;
}

size_t
command_count(const struct command_call *call, const char *option)
{
	const struct command_option *row = command_known(call, option);
	size_t count = 0;

	for (size_t i = 0; i < call->given_count; i++)
		count += call->given[i].option == row;
	return count;
}

bool
command_has(const struct command_call *call, const char *option)
{
	return command_count(call, option) > 0;
}

const char *
command_nth(const struct command_call *call, const char *option, size_t n)
{
	const struct command_option *row = command_known(call, option);

	for (size_t i = 0; i < call->given_count; i++) {
		if (call->given[i].option == row && n-- == 0)
			return call->given[i].value;
	}
	return NULL;
}

const char *
command_value(const struct command_call *call, const char *option)
{
	size_t count = command_count(call, option);

	return count > 0 ? command_nth(call, option, count - 1) : NULL;
}

/* Goes into a sub-command, or says which one may have been meant. */
static bool
command_enter(struct command_call *call, const struct command *commands, const char *name)
{
	struct suggest suggest = {.typed = name};
	char hint[128] = "try --help";
	size_t len = strlen(call->path);

	for (const struct command *row = commands; row->name; row++) {
		if (strcmp(row->name, name) != 0) {
			suggest_offer(&suggest, row->name);
			continue;
		}
		call->command = row;
		snprintf(call->path + len, sizeof(call->path) - len, " %s", name);
		return true;
	}
	if (suggest.best != NULL)
		snprintf(hint, sizeof(hint), "did you mean %s?", suggest.best);
	command_fail(call, COMMAND_USAGE, hint, "unknown command %s", name);
	return false;
}

/* --color and the environment (no-color.org); false on a word that is none of the three. */
static bool
command_set_color(struct command_call *call)
{
	const char *when = command_value(call, "color");
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (when == NULL || strcmp(when, "auto") == 0) {
		call->out.color = isatty(fileno(call->out.file)) == 1 &&
				  (no_color == NULL || *no_color == '\0') &&
				  (term == NULL || strcmp(term, "dumb") != 0);
		return true;
	}
	call->out.color = strcmp(when, "always") == 0;
	if (!call->out.color && strcmp(when, "never") != 0) {
		command_fail(call, COMMAND_USAGE, "auto, always or never", "bad --color %s",
		    when);
		return false;
	}
	return true;
}

/* Names down to a command with a function; *ret_done when all is said already. */
static int
command_descend(struct command_call *call, int argc, char **argv, bool *ret_done)
{
	const struct command *children = call->program->commands;
	int next;

	*ret_done = true;
	while (children != NULL) {
		if (!command_parse(call, argc, argv, false, &next))
			return COMMAND_USAGE;
		if (next >= argc || command_has(call, "help") || command_has(call, "version"))
			break;
		if (!command_enter(call, children, argv[next]))
			return COMMAND_USAGE;
		argc -= next;
		argv += next;
		children = call->command->children;
	}
	if (children == NULL && !command_parse(call, argc, argv, true, &next))
		return COMMAND_USAGE;
	if (command_has(call, "version")) {
		fprintf(call->out.file, "%s %s\n", call->program->name, PORTCULLIS_VERSION);
		return COMMAND_OK;
	}
	if (command_has(call, "help")) {
		command_help(call, call->out.file);
		return COMMAND_OK;
	}
	if (children != NULL) {
		command_help(call, call->err);
		return COMMAND_USAGE;
	}
	*ret_done = false;
	return COMMAND_OK;
}

static int
command_check_operands(const struct command_call *call)
{
	const struct command *command = call->command;

	if (call->operand_count < command->least)
		return command_fail(call, COMMAND_USAGE, "try --help", "%s missing",
		    command->operands);
	if (call->operand_count > command->most)
		return command_fail(call, COMMAND_USAGE, "try --help", "unexpected %s",
		    call->operands[command->most]);
	return COMMAND_OK;
}

static int
command_execute(struct command_call *call, int argc, char **argv)
{
	bool done;
	int code = command_descend(call, argc, argv, &done);

	if (done || code != COMMAND_OK)
		return code;
	code = command_check_operands(call);
	if (code != COMMAND_OK)
		return code;
	call->out.json = command_has(call, "json");
	if (!command_set_color(call))
		return COMMAND_USAGE;
	return call->command->run(call);
}

int
command_run(const struct command_program *program, int argc, char **argv, FILE *in, FILE *out,
    FILE *err)
{
	struct command_call call = {.program = program, .in = in, .err = err, .out.file = out};
	int code;

	snprintf(call.path, sizeof(call.path), "%s", program->name);
	code = command_execute(&call, argc, argv);
	/* a full disk behind "> file" must not look like success */
	if ((fflush(out) != 0 || ferror(out)) && code == COMMAND_OK)
		code = command_fail(&call, COMMAND_FAILURE, NULL, "cannot write the output");
	free(call.given);
	free(call.operands);
	return code;
}

int
command_main(const struct command_program *program, int argc, char **argv)
{
	return command_run(program, argc, argv, stdin, stdout, stderr);
}

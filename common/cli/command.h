/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of all programs: a program is a table of commands, a command a row with
 * its options and a function.  Help, version, colours, "did you mean", the errors' form and
 * the exit codes come from here; what a command does, and what a daemon is, it does not
 * know.  A main() is one table and one call of command_main.
 */
#ifndef PORTCULLIS_CLI_COMMAND_H
#define PORTCULLIS_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/base/status.h"
#include "common/cli/output.h"

enum command_exit {
	COMMAND_OK = 0,
	COMMAND_FAILURE = 1,
	COMMAND_USAGE = 2,
	COMMAND_NOT_FOUND = 3,
	COMMAND_DENIED = 4,
	COMMAND_UNREACHABLE = 5,
	COMMAND_CHECK_FAILED = 6,
};

struct command_option {
	const char *name;     /* the long option without its dashes; NULL ends the table */
	const char *argument; /* what it takes, as in "FILE"; NULL: nothing */
	const char *help;     /* one line */
	char letter;          /* its short form; 0: none */
	bool many;            /* also takes the operands behind it: --crl A B */
};

struct command_call;

struct command {
	const char *name;     /* NULL ends the table */
	const char *help;     /* one line, shown in lists */
	const char *operands; /* what follows the options, as in "FILE..."; NULL: nothing */
	size_t least, most;   /* how many operands; COMMAND_ANY: no maximum */
	const struct command_option *options; /* may be NULL */
	const struct command *children;       /* a group has these and no run */
	int (*run)(struct command_call *call);
	const char *notes; /* paragraphs below the options; may be NULL */
	const char *exits; /* its own exit codes; NULL: those of above */
};

#define COMMAND_ANY SIZE_MAX

struct command_program {
	const char *name;  /* as it is installed: "portcullis-console" */
	const char *about; /* one line */
	const struct command *commands;
	const struct command_option *options; /* every command has them too; may be NULL */
	void *context;                        /* for the commands */
};

/* One option that was given; value is NULL where it takes none. */
struct command_given {
	const struct command_option *option;
	const char *value;
};

/* What a command's function gets.  Everything lives as long as the call. */
struct command_call {
	const struct command_program *program;
	const struct command *command;
	char path[128]; /* "portcullis-console cert check" */
	FILE *in;
	FILE *err;
	struct output out;
	char **operands;
	size_t operand_count;
	struct command_given *given;
	size_t given_count;
	const struct command_option *last_many; /* whose operands follow; for the parser */
};

/* Parses, runs, flushes; what it returns is the exit code (a command's own numbers pass
 * unchanged).  argv[0] is not looked at. */
int command_run(const struct command_program *program, int argc, char **argv, FILE *in,
    FILE *out, FILE *err);

/* command_run on stdin, stdout and stderr: all there is to a main(). */
int command_main(const struct command_program *program, int argc, char **argv);

/* Options by their long name, which must be in one of the tables. */
bool command_has(const struct command_call *call, const char *option);
const char *command_value(const struct command_call *call, const char *option); /* last */
size_t command_count(const struct command_call *call, const char *option);
const char *command_nth(const struct command_call *call, const char *option, size_t n);

/* One line on stderr: what went wrong and, where hint is not NULL, what to do next.  The
 * whole line is escaped here, so foreign strings go in as they are.  Returns code. */
int command_fail(const struct command_call *call, int code, const char *hint,
    const char *format, ...) PRINTF_LIKE(4, 5);

/* The exit code for "could not do it". */
int command_exit_of(enum status status);

#endif

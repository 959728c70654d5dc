/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdlib.h>

#include "common/cli/command.h"

/* What the commands below saw. */
static struct {
	size_t operand_count;
	char operands[4][32];
	size_t crl_count;
	char crls[4][32];
	char time[32];
	bool force, json, color;
} seen;

static int
run_check(struct command_call *call)
{
	memset(&seen, 0, sizeof(seen));
	seen.operand_count = call->operand_count;
	for (size_t i = 0; i < call->operand_count && i < 4; i++)
		snprintf(seen.operands[i], sizeof(seen.operands[i]), "%s", call->operands[i]);
	seen.crl_count = command_count(call, "crl");
	for (size_t i = 0; i < seen.crl_count && i < 4; i++)
		snprintf(seen.crls[i], sizeof(seen.crls[i]), "%s", command_nth(call, "crl", i));
	snprintf(seen.time, sizeof(seen.time), "%s",
	    command_has(call, "time") ? command_value(call, "time") : "none");
	seen.force = command_has(call, "force");
	seen.json = call->out.json;
	seen.color = call->out.color;
	return 42;
}

static int
run_fail(struct command_call *call)
{
	return command_fail(call, COMMAND_NOT_FOUND, "try another", "no file %s",
	    call->operands[0]);
}

static const struct command_option check_options[] = {
    {.name = "time", .argument = "RFC3339", .help = "the moment", .letter = 't'},
    {.name = "crl", .argument = "FILE", .help = "CRLs", .many = true},
    {.name = "force", .help = "overwrite", .letter = 'f'},
    {.name = NULL},
};
static const struct command_option program_options[] = {
    {.name = "config", .argument = "FILE", .help = "the configuration", .letter = 'c'},
    {.name = NULL},
};
static const struct command cert_commands[] = {
    {.name = "check",
	.help = "say what a file is",
	.operands = "FILE...",
	.most = COMMAND_ANY,
	.options = check_options,
	.run = run_check},
    {.name = "fail",
	.help = "fail",
	.operands = "FILE",
	.least = 1,
	.most = 1,
	.run = run_fail},
    {.name = NULL},
};
static const struct command commands[] = {
    {.name = "cert", .help = "certificates", .children = cert_commands},
    {.name = "status", .help = "how it is", .run = run_check, .options = check_options},
    {.name = NULL},
};
static const struct command_program program = {
    .name = "tool",
    .about = "a tool",
    .commands = commands,
    .options = program_options,
};

struct result {
	int code;
	char *out, *err;
};

/* Runs a line of words parted by single spaces. */
static struct result
run(const char *line)
{
	struct result result;
	char copy[512], *argv[32], *at = copy;
	size_t out_len, err_len;
	FILE *out = open_memstream(&result.out, &out_len);
	FILE *err = open_memstream(&result.err, &err_len);
	int argc = 1;

	argv[0] = (char *)(uintptr_t) "ignored";
	snprintf(copy, sizeof(copy), "%s", line);
	while (*line != '\0' && at != NULL)
		argv[argc++] = strsep(&at, " ");
	argv[argc] = NULL;
	result.code = command_run(&program, argc, argv, stdin, out, err);
	fclose(out);
	fclose(err);
	return result;
}

static void
expect(const char *line, int code, const char *out, const char *err)
{
	struct result result = run(line);

	if (result.code != code || strstr(result.out, out) == NULL ||
	    strstr(result.err, err) == NULL)
		fail_msg("%s: code %d, out '%s', err '%s'", line, result.code, result.out,
		    result.err);
	free(result.out);
	free(result.err);
}

static void
options_and_operands_reach_the_command(void **state)
{
	expect("cert check a --time now b --force -- --crl", 42, "", "");
	assert_int_equal(seen.operand_count, 3);
	assert_string_equal(seen.operands[1], "b");
	assert_string_equal(seen.operands[2], "--crl");
	assert_string_equal(seen.time, "now");
	assert_true(seen.force && !seen.json && !seen.color);
	expect("cert check -ft x --time=y", 42, "", "");
	assert_string_equal(seen.time, "y");
	expect("status", 42, "", "");
	assert_string_equal(seen.time, "none");
	assert_false(seen.force);
}

static void
an_option_of_many_takes_what_follows_it(void **state)
{
	expect("cert check a --crl b c --crl d --force e", 42, "", "");
	assert_int_equal(seen.crl_count, 3);
	assert_string_equal(seen.crls[1], "c");
	assert_string_equal(seen.crls[2], "d");
	assert_int_equal(seen.operand_count, 2);
	assert_string_equal(seen.operands[1], "e");
}

static void
common_options_stand_anywhere(void **state)
{
	expect("--json -c x cert --color=always check", 42, "", "");
	assert_true(seen.json && seen.color);
	expect("cert check --json --color=never", 42, "", "");
	assert_true(seen.json && !seen.color);
}

static void
no_color_is_kept_unless_asked_for(void **state)
{
	setenv("NO_COLOR", "1", 1);
	expect("status", 42, "", "");
	assert_false(seen.color);
	expect("status --color always", 42, "", "");
	assert_true(seen.color);
	unsetenv("NO_COLOR");
	expect("status --color", COMMAND_USAGE, "", "--color needs WHEN");
	expect("status --color=blue", COMMAND_USAGE, "", "bad --color blue");
}

static void
mistakes_are_one_line_with_a_hint(void **state)
{
	struct result result;

	expect("cret", COMMAND_USAGE, "", "unknown command cret (did you mean cert?)");
	expect("zzz", COMMAND_USAGE, "", "unknown command zzz (try --help)");
	expect("cert chekc", COMMAND_USAGE, "",
	    "tool cert: unknown command chekc (did you mean "
	    "check?)");
	expect("cert check --tme=5", COMMAND_USAGE, "", "(did you mean --time?)");
	expect("cert check --crl", COMMAND_USAGE, "", "option --crl needs FILE");
	expect("cert check --force=1", COMMAND_USAGE, "", "option --force takes no argument");
	expect("cert check -x", COMMAND_USAGE, "", "unknown option -x");
	expect("cert check -t", COMMAND_USAGE, "", "option --time needs RFC3339");
	expect("cert fail", COMMAND_USAGE, "", "FILE missing");
	expect("cert fail a b", COMMAND_USAGE, "", "unexpected b");
	expect("status x", COMMAND_USAGE, "", "unexpected x");
	result = run("cert fail \x1b[31m\n");
	assert_int_equal(result.code, COMMAND_NOT_FOUND);
	assert_string_equal(result.err,
	    "tool cert fail: no file \\x1b[31m\\x0a (try another)\n");
	free(result.out);
	free(result.err);
}

static void
no_command_shows_help_and_is_a_usage_error(void **state)
{
	expect("", COMMAND_USAGE, "", "Usage: tool COMMAND");
	expect("cert", COMMAND_USAGE, "", "Usage: tool cert COMMAND");
}

/* Every row of every table has help that names it. */
static void
walk(const char *path, const struct command *rows)
{
	for (const struct command *row = rows; row->name; row++) {
		char line[128], usage[160];

		snprintf(line, sizeof(line), "%s%s%s", path, *path ? " " : "", row->name);
		snprintf(usage, sizeof(usage), "Usage: tool %s", line);
		expect(path, COMMAND_USAGE, "", row->help);
		if (row->children != NULL)
			walk(line, row->children);
		strncat(line, " --help", sizeof(line) - strlen(line) - 1);
		expect(line, COMMAND_OK, usage, "");
		expect(line, COMMAND_OK, row->help, "");
		for (const struct command_option *o = row->options; o && o->name; o++)
			expect(line, COMMAND_OK, o->name, "");
	}
}

static void
each_command_has_help_from_its_row(void **state)
{
	walk("", commands);
	expect("--help", COMMAND_OK, "Commands:\n  cert    certificates\n", "");
	expect("--help", COMMAND_OK, "Exit codes: 0 ok", "");
	expect("cert fail --help", COMMAND_OK, "Usage: tool cert fail FILE", "");
	expect("cert check -h", COMMAND_OK, "-t, --time=RFC3339", "");
	expect("cert check -h", COMMAND_OK, "    --crl FILE...", "");
}

static void
version_is_the_programs(void **state)
{
	expect("--version", COMMAND_OK, "tool " PORTCULLIS_VERSION "\n", "");
	expect("cert check --version", COMMAND_OK, "tool " PORTCULLIS_VERSION "\n", "");
}

static int
run_print(struct command_call *call)
{
	output_line(&call->out, OUTPUT_PLAIN, "hello");
	return COMMAND_OK;
}

static void
output_that_cannot_be_written_is_a_failure(void **state)
{
	static const struct command rows[] = {{.name = "print",
						  .help = "print",
						  .run = run_print},
	    {.name = NULL}};
	static const struct command_program full = {.name = "t",
	    .about = "t",
	    .commands = rows};
	char a[] = "t", b[] = "print", *argv[] = {a, b, NULL};
	FILE *out = fopen("/dev/full", "w");

	assert_non_null(out);
	assert_int_equal(command_run(&full, 2, argv, stdin, out, stderr), COMMAND_FAILURE);
	fclose(out);
}

static void
statuses_have_exit_codes(void **state)
{
	assert_int_equal(command_exit_of(STATUS_OK), COMMAND_OK);
	assert_int_equal(command_exit_of(STATUS_NOT_FOUND), COMMAND_NOT_FOUND);
	assert_int_equal(command_exit_of(STATUS_DENIED), COMMAND_DENIED);
	assert_int_equal(command_exit_of(STATUS_TIMEOUT), COMMAND_UNREACHABLE);
	assert_int_equal(command_exit_of(STATUS_CORRUPT), COMMAND_FAILURE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(options_and_operands_reach_the_command),
	    cmocka_unit_test(an_option_of_many_takes_what_follows_it),
	    cmocka_unit_test(common_options_stand_anywhere),
	    cmocka_unit_test(no_color_is_kept_unless_asked_for),
	    cmocka_unit_test(mistakes_are_one_line_with_a_hint),
	    cmocka_unit_test(no_command_shows_help_and_is_a_usage_error),
	    cmocka_unit_test(each_command_has_help_from_its_row),
	    cmocka_unit_test(version_is_the_programs),
	    cmocka_unit_test(output_that_cannot_be_written_is_a_failure),
	    cmocka_unit_test(statuses_have_exit_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

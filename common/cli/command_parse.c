/* SPDX-License-Identifier: Apache-2.0
 *
 * Options out of an argument vector.
 */
#include "common/cli/command_parse.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/cli/suggest.h"

/* Long options are numbered from here for getopt, so that none is taken for a letter. */
enum {
	COMMAND_LONG_FIRST = 256
};

const struct command_option command_common_options[] = {
    {.name = "help", .letter = 'h', .help = "show this help"},
    {.name = "version", .help = "show the version"},
    {.name = "json", .help = "one JSON object a line"},
    {.name = "color", .argument = "WHEN", .help = "auto, always or never"},
    {.name = NULL},
};

/* The tables merged into the form that getopt_long wants. */
struct command_spec {
	const struct command_option **rows;
	struct option *long_options;
	char *letters;
	size_t count;
};

struct command_tables
command_tables_of(const struct command_call *call)
{
	static const struct command_option none[] = {{.name = NULL}};
	const struct command_option *program = call->program->options;
	const struct command_option *own = call->command ? call->command->options : NULL;

	return (struct command_tables){
	    {command_common_options, program ? program : none, own ? own : none}};
}

const struct command_option *
command_option_find(const struct command_call *call, const char *name)
{
	struct command_tables tables = command_tables_of(call);

	for (size_t t = 0; t < 3; t++) {
		for (const struct command_option *row = tables.table[t]; row->name; row++) {
			if (strcmp(row->name, name) == 0)
				return row;
		}
	}
	return NULL;
}

static void
command_spec_add(struct command_spec *spec, const struct command_option *row)
{
	size_t n = spec->count++;

	spec->rows = alloc_resize(spec->rows, spec->count, sizeof(*spec->rows));
	/* one more: getopt_long wants a row of zeroes at the end */
	spec->long_options =
	    alloc_resize(spec->long_options, spec->count + 1, sizeof(*spec->long_options));
	spec->rows[n] = row;
	spec->long_options[n] = (struct option){.name = row->name,
	    .has_arg = row->argument ? required_argument : no_argument,
	    .val = COMMAND_LONG_FIRST + (int)n};
	spec->long_options[n + 1] = (struct option){.name = NULL};
}

/* "-" gives operands in their place among the options, "+" stops at the first; ":" tells a
 * missing argument from an unknown option. */
static void
command_spec_init(struct command_spec *spec, const struct command_call *call, bool operands)
{
	struct command_tables tables = command_tables_of(call);
	struct buf letters;

	*spec = (struct command_spec){.count = 0};
	buf_init(&letters, 4096);
	buf_put_text(&letters, operands ? "-:" : "+:");
	for (size_t t = 0; t < 3; t++) {
		for (const struct command_option *row = tables.table[t]; row->name; row++) {
			command_spec_add(spec, row);
			if (row->letter != 0)
				buf_printf(&letters, "%c%s", row->letter,
				    row->argument ? ":" : "");
		}
	}
	spec->letters = buf_take_text(&letters);
}

static void
command_spec_done(struct command_spec *spec)
{
	free(spec->rows);
	free(spec->long_options);
	free(spec->letters);
}

/* The option that getopt_long named by its number or letter; NULL: none. */
static const struct command_option *
command_spec_row(const struct command_spec *spec, int code)
{
	if (code >= COMMAND_LONG_FIRST && (size_t)(code - COMMAND_LONG_FIRST) < spec->count)
		return spec->rows[code - COMMAND_LONG_FIRST];
	for (size_t i = 0; i < spec->count; i++) {
		if (code != 0 && spec->rows[i]->letter == (char)code)
			return spec->rows[i];
	}
	return NULL;
}

static bool
command_unknown_option(const struct command_call *call, const struct command_spec *spec,
    const char *typed)
{
	char name[64], hint[128];
	size_t len = strcspn(typed + strspn(typed, "-"), "=");
	struct suggest suggest = {.typed = name};

	snprintf(name, sizeof(name), "%.*s", (int)(len < 63 ? len : 63),
	    typed + strspn(typed, "-"));
	for (size_t i = 0; i < spec->count; i++)
		suggest_offer(&suggest, spec->rows[i]->name);
	if (suggest.best != NULL)
		snprintf(hint, sizeof(hint), "did you mean --%s?", suggest.best);
	else
		snprintf(hint, sizeof(hint), "try --help");
	command_fail(call, COMMAND_USAGE, hint, "unknown option %s", typed);
	return false;
}

/* What getopt_long complained about; at is where it stands in argv now. */
static bool
command_bad_option(const struct command_call *call, const struct command_spec *spec, int code,
    const char *typed)
{
	const struct command_option *row = command_spec_row(spec, optopt);
	char letter[] = {'-', (char)optopt, '\0'};

	if (row != NULL && code == ':') {
		command_fail(call, COMMAND_USAGE, "try --help", "option --%s needs %s",
		    row->name, row->argument);
		return false;
	}
	if (row != NULL && row->argument == NULL) {
		command_fail(call, COMMAND_USAGE, "try --help", "option --%s takes no argument",
		    row->name);
		return false;
	}
	return command_unknown_option(call, spec, optopt != 0 ? letter : typed);
}

static void
command_add_given(struct command_call *call, const struct command_option *option,
    const char *value)
{
	call->given = alloc_resize(call->given, call->given_count + 1, sizeof(*call->given));
	call->given[call->given_count++] = (struct command_given){option, value};
	call->last_many = option->many ? option : NULL;
}

static void
command_add_operand(struct command_call *call, char *operand)
{
	call->operands =
	    alloc_resize(call->operands, call->operand_count + 1, sizeof(*call->operands));
	call->operands[call->operand_count++] = operand;
}

bool
command_parse(struct command_call *call, int argc, char **argv, bool operands, int *ret_next)
{
	struct command_spec spec;
	bool ok = false;
	int code;

	command_spec_init(&spec, call, operands);
	call->last_many = NULL;
	optind = 0; /* GNU: start over */
	opterr = 0;
	while ((code = getopt_long(argc, argv, spec.letters, spec.long_options, NULL)) != -1) {
		const struct command_option *row;

		if (code == 1 && call->last_many != NULL) {
			command_add_given(call, call->last_many, optarg);
			continue;
		}
		if (code == 1) {
			command_add_operand(call, optarg);
			continue;
		}
		row = command_spec_row(&spec, code);
		if (row == NULL || code == '?' || code == ':') {
			command_bad_option(call, &spec, code, argv[optind - 1]);
			goto out;
		}
		command_add_given(call, row, row->argument ? optarg : NULL);
	}
	for (int i = optind; operands && i < argc; i++) /* what stands behind "--" */
		command_add_operand(call, argv[i]);
	*ret_next = optind;
	ok = true;
out:
	command_spec_done(&spec);
	return ok;
}

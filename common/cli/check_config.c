/* SPDX-License-Identifier: Apache-2.0
 *
 * check-config: every error with its place, or the commented sample.
 */
#include "common/cli/check_config.h"

enum {
	ERROR_LINE_MAX = 4096
};

const struct command_option check_config_options[] = {
    {.name = "sample", .help = "print a commented sample with every key and its default"},
    {.name = NULL},
};

const char check_config_exits[] =
    "Exit codes: 0 the file is right, 1 it has errors, 2 usage, 3 there is no such file.\n";

static int
check_config_sample(const struct command_call *call, const struct config_schema *schema)
{
	struct buf sample;

	buf_init(&sample, CONFIG_FILE_MAX);
	config_print_sample(schema, &sample);
	fwrite(sample.data, 1, sample.len, call->out.file);
	buf_done(&sample);
	return COMMAND_OK;
}

static void
check_config_print(const struct command_call *call, const struct config_errors *errors)
{
	struct json_write json;
	struct buf line;

	buf_init(&line, 4 * ERROR_LINE_MAX);
	for (size_t i = 0; i < errors->count; i++) {
		const struct config_error *error = &errors->rows[i];

		buf_clear(&line);
		if (!call->out.json) {
			config_error_print(error, &line);
			output_line(&call->out, OUTPUT_PLAIN, "%s", buf_text(&line));
			continue;
		}
		json = json_write_to(&line);
		json_open_object(&json, NULL);
		json_text(&json, "file", error->file);
		json_u64(&json, "line", error->line);
		json_u64(&json, "column", error->column);
		json_text(&json, "section", error->section);
		json_text(&json, "key", error->key);
		json_text(&json, "found", error->found);
		json_text(&json, "problem", error->problem);
		json_text(&json, "allowed", error->allowed);
		json_text(&json, "hint", error->hint);
		json_close_object(&json);
		output_json(&call->out, &line);
	}
	if (errors->more > 0)
		output_line(&call->out, OUTPUT_PLAIN, "and %zu more", errors->more);
	buf_done(&line);
}

int
check_config_run(struct command_call *call, const struct config_schema *schema,
    const char *default_path)
{
	const char *path = call->operand_count > 0 ? call->operands[0] : default_path;
	struct config_errors errors;
	struct config *config;
	enum status status;

	if (command_has(call, "sample"))
		return check_config_sample(call, schema);
	status = config_load(schema, path, 1, &config, &errors);
	check_config_print(call, &errors);
	config_errors_done(&errors);
	if (status == STATUS_NOT_FOUND)
		return COMMAND_NOT_FOUND;
	if (status != STATUS_OK)
		return COMMAND_FAILURE;
	config_free(config);
	output_line(&call->out, OUTPUT_GOOD, "%s: right", path);
	return COMMAND_OK;
}

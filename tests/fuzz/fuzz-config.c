/* SPDX-License-Identifier: Apache-2.0
 *
 * Configuration files: the INI reader, the schema of the console, the byte form.  Checks
 * besides memory: what is refused has a reason that prints as one line, what is accepted
 * goes round as bytes and does not differ from itself; the same bytes as an encoded
 * configuration are refused or good.
 */
#include <assert.h>

#include "console-server/config_schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
no_change(const struct config_change *change, void *arg)
{
	assert(change == NULL); /* a configuration does not differ from its copy */
}

static void
check_accepted(const struct config *config)
{
	struct config *copy;
	struct buf bytes;

	buf_init(&bytes, CONFIG_ENCODED_MAX);
	config_encode(config, &bytes);
	assert(buf_ok(&bytes));
	assert(config_decode(&console_config_schema, buf_bytes(&bytes), &copy) == STATUS_OK);
	config_compare(config, copy, no_change, NULL);
	config_free(copy);
	buf_done(&bytes);
}

static void
check_refused(const struct config_errors *errors)
{
	struct buf line;

	assert(errors->count > 0);
	buf_init(&line, 1 << 20);
	for (size_t i = 0; i < errors->count; i++) {
		buf_clear(&line);
		config_error_print(&errors->rows[i], &line);
		assert(buf_ok(&line) && line.len > 0);
		assert(memchr(line.data, '\n', line.len) == NULL);
	}
	buf_done(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_errors errors;
	struct config *config;

	if (config_parse(&console_config_schema, "fuzz", bytes_of(data, size), 1, &config,
		&errors) == STATUS_OK) {
		check_accepted(config);
		config_free(config);
	} else {
		check_refused(&errors);
	}
	config_errors_done(&errors);
	if (config_decode(&console_config_schema, bytes_of(data, size), &config) == STATUS_OK) {
		check_accepted(config);
		config_free(config);
	}
	return 0;
}

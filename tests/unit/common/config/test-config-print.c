/* SPDX-License-Identifier: Apache-2.0
 *
 * The fixture and the schemas of both programs: what is printed of them can be read back,
 * and each row is complete.
 */
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "console-server/config_schema.h"
#include "sensor-agent/config_schema.h"
#include "tests/unit/common/config/fixture.h"

static const struct config_schema *const schemas[] = {&fixture_schema, &console_config_schema,
    &sensor_config_schema};

/* Parses, or fails with the first error. */
static struct config *
parse(const struct config_schema *schema, struct bytes text)
{
	struct config_errors errors;
	struct config *config = NULL;
	struct buf line;

	if (config_parse(schema, "t.conf", text, 1, &config, &errors) != STATUS_OK) {
		buf_init(&line, 10000);
		config_error_print(&errors.rows[0], &line);
		fail_msg("%s: %s", schema->name, buf_text(&line));
	}
	config_errors_done(&errors);
	return config;
}

static void
note(const struct config_change *change, void *arg)
{
	buf_printf(arg, "%s.%s ", change->section, change->key);
}

static void
the_sample_file_is_the_defaults(void **state)
{
	for (size_t i = 0; i < COUNT_OF(schemas); i++) {
		struct config *standard = parse(schemas[i], bytes_of(NULL, 0)), *sample;
		struct buf text, seen;

		buf_init(&text, CONFIG_FILE_MAX);
		buf_init(&seen, 1000);
		config_print_sample(schemas[i], &text);
		sample = parse(schemas[i], buf_bytes(&text));
		config_compare(standard, sample, note, &seen);
		assert_string_equal(buf_text(&seen), "");
		config_free(standard);
		config_free(sample);
		buf_done(&text);
		buf_done(&seen);
	}
}

/* Removes the # before [ and keys: documentation has a space behind it. */
static void
uncomment(struct buf *text)
{
	for (size_t i = 0; i + 1 < text->len; i++) {
		bool start = i == 0 || text->data[i - 1] == '\n';

		if (start && text->data[i] == '#' && text->data[i + 1] > ' ')
			text->data[i] = ' ';
	}
}

static void
the_sample_file_says_the_defaults(void **state)
{
	for (size_t i = 0; i < COUNT_OF(schemas); i++) {
		struct config *standard = parse(schemas[i], bytes_of(NULL, 0)), *sample;
		struct buf text, seen;

		buf_init(&text, CONFIG_FILE_MAX);
		buf_init(&seen, 1000);
		config_print_sample(schemas[i], &text);
		uncomment(&text);
		sample = parse(schemas[i], buf_bytes(&text));
		config_compare(standard, sample, note, &seen);
		/* what has no default shows an example */
		assert_string_equal(buf_text(&seen),
		    i == 0   ? "Types.Hosts Item.Weight Item.Address "
		    : i == 1 ? "Crl.Url Crl.Allow "
			     : "Console.Address Console.Order Crl.Url Crl.Allow Input.Type "
			       "Input.Path ");
		config_free(standard);
		config_free(sample);
		buf_done(&text);
		buf_done(&seen);
	}
}

static void
lines_of_the_sample_fit_a_terminal(void **state)
{
	for (size_t i = 0; i < COUNT_OF(schemas); i++) {
		struct buf text;
		size_t column = 0;

		buf_init(&text, CONFIG_FILE_MAX);
		config_print_sample(schemas[i], &text);
		for (size_t k = 0; k < text.len; k++) {
			column = text.data[k] == '\n' ? 0 : column + 1;
			assert_true(column <= 80);
		}
		buf_done(&text);
	}
}

static void
a_key_is_documented_with_what_is_allowed(void **state)
{
	struct buf text;

	buf_init(&text, CONFIG_FILE_MAX);
	config_print_sample(&fixture_schema, &text);
	assert_non_null(strstr(buf_text(&text),
	    "# A. Allowed: a whole number of connections from 1 to 256. Default: 7.\n"
	    "#Number=7\n"));
	assert_non_null(strstr(buf_text(&text), "# A. Allowed: a whole number from 1 to 8, or "
						"auto. Default: auto. A change\n"
						"# needs a restart.\n#Threads=auto\n"));
	assert_non_null(strstr(buf_text(&text), "\n[Purpose \"forward\"]\n#Strict=yes\n"));
	assert_non_null(strstr(buf_text(&text), "\n#[Item \"item-1\"]\n"));
	buf_done(&text);
}

static void
the_manual_section_escapes_what_scdoc_would_take(void **state)
{
	struct buf text;

	buf_init(&text, CONFIG_FILE_MAX);
	config_print_scdoc(&fixture_schema, &text);
	assert_non_null(strstr(buf_text(&text), "## [Purpose \"appliance\"|\"forward\"]\n"));
	assert_non_null(strstr(buf_text(&text), "*LiveStale=*\n\tHow long"));
	assert_non_null(strstr(buf_text(&text), "stale\\_ and \\*alarmed\\*."));
	buf_done(&text);
}

static void
scdoc_takes_the_manual_section(void **state)
{
	if (system("command -v scdoc >/dev/null") != 0) {
		print_message("# scdoc is not here\n");
		SKIP_TEST("what it needs is not here");
	}
	for (size_t i = 0; i < COUNT_OF(schemas); i++) {
		FILE *scdoc = popen("scdoc >/dev/null", "w");
		struct buf text;

		buf_init(&text, CONFIG_FILE_MAX);
		buf_put_text(&text, "x(5)\n\n# OPTIONS\n\n");
		config_print_scdoc(schemas[i], &text);
		assert_non_null(scdoc);
		assert_int_equal(fwrite(text.data, 1, text.len, scdoc), text.len);
		assert_int_equal(pclose(scdoc), 0);
		buf_done(&text);
	}
}

static void
check_key(const struct config_section *section, const struct config_key *key)
{
	bool list = (key->flags & CONFIG_LIST) != 0;
	bool required = (key->flags & CONFIG_REQUIRED) != 0;

	if (key->doc == NULL || key->doc[strlen(key->doc) - 1] != '.')
		fail_msg("[%s] %s: not documented", section->name, key->name);
	if (required ? key->fallback != NULL || key->example == NULL
		     : key->fallback == NULL && !list)
		fail_msg("[%s] %s: a default, or required with an example", section->name,
		    key->name);
	if ((key->type == CONFIG_ENUM || key->type == CONFIG_MODE) != (key->choices != NULL))
		fail_msg("[%s] %s: choices", section->name, key->name);
	for (const struct config_key *other = section->keys; other != key; other++)
		assert_string_not_equal(other->name, key->name);
}

static void
each_row_is_complete(void **state)
{
	for (size_t i = 0; i < COUNT_OF(schemas); i++) {
		for (const struct config_section *section = schemas[i]->sections;
		     section->name != NULL; section++) {
			assert_non_null(section->doc);
			assert_true(section->offset + section->size <= schemas[i]->size ||
				    section->kind == CONFIG_NAMED);
			assert_true((section->kind == CONFIG_NAMED) == (section->max > 0));
			for (const struct config_key *key = section->keys; key->name != NULL;
			     key++)
				check_key(section, key);
		}
	}
}

/* The longest text a value of a key can have. */
static size_t
longest(const struct config_key *key)
{
	size_t one = key->type == CONFIG_PATH                    ? 4095
		     : key->type == CONFIG_URL                   ? 2048
		     : key->type == CONFIG_TEXT && key->max == 0 ? 1024
								 : 261;

	return (key->flags & CONFIG_LIST) != 0 ? CONFIG_LIST_MAX * (one + 4) : one + 4;
}

static void
every_configuration_fits_its_encoded_form(void **state)
{
	for (size_t i = 0; i < COUNT_OF(schemas); i++) {
		size_t total = 64;

		for (const struct config_section *section = schemas[i]->sections;
		     section->name != NULL; section++) {
			size_t size = 128, count = section->max;

			for (const struct config_key *key = section->keys; key->name != NULL;
			     key++)
				size += 8 + strlen(key->name) + longest(key);
			if (section->kind == CONFIG_SINGLE)
				count = 1;
			while (section->kind == CONFIG_FIXED && section->titles[count] != NULL)
				count++;
			total += size * count;
		}
		assert_true(total <= CONFIG_ENCODED_MAX);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_sample_file_is_the_defaults),
	    cmocka_unit_test(the_sample_file_says_the_defaults),
	    cmocka_unit_test(lines_of_the_sample_fit_a_terminal),
	    cmocka_unit_test(a_key_is_documented_with_what_is_allowed),
	    cmocka_unit_test(the_manual_section_escapes_what_scdoc_would_take),
	    cmocka_unit_test(scdoc_takes_the_manual_section),
	    cmocka_unit_test(each_row_is_complete),
	    cmocka_unit_test(every_configuration_fits_its_encoded_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

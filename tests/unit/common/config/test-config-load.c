/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "tests/unit/common/config/fixture.h"

static char directory[64];

static void
write_file(const char *name, struct bytes text)
{
	char path[300], *slash;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	slash = strrchr(path, '/');
	*slash = '\0';
	mkdir(path, 0700);
	*slash = '/';
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fileio_write_all(fd, text.data, text.len), STATUS_OK);
	close(fd);
}

/* Loads x.conf; in *ret_lines what the errors say (freed by the caller). */
static struct config *
load(enum status wanted, char **ret_lines)
{
	struct config_errors errors;
	struct config *config = NULL;
	struct buf buf;
	char path[300];

	snprintf(path, sizeof(path), "%s/x.conf", directory);
	assert_int_equal(config_load(&fixture_schema, path, 5, &config, &errors), wanted);
	buf_init(&buf, 1 << 20);
	for (size_t i = 0; i < errors.count; i++) {
		config_error_print(&errors.rows[i], &buf);
		buf_put_text(&buf, "\n");
	}
	config_errors_done(&errors);
	*ret_lines = buf_take_text(&buf);
	return config;
}

static void
has(const char *lines, const char *words)
{
	assert_non_null(lines);
	if (strstr(lines, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, lines);
}

static int
make_directory(void **state)
{
	snprintf(directory, sizeof(directory), "/tmp/portcullis-test-config-XXXXXX");
	return mkdtemp(directory) == NULL;
}

static int
remove_directory(void **state)
{
	char command[400];

	snprintf(command, sizeof(command), "rm -r '%s'", directory);
	return system(command);
}

static void
dropins_override_in_the_order_of_their_names(void **state)
{
	struct config *config;
	char *lines;

	write_file("x.conf", bytes_of_text("[Types]\nNumber=1\nText=main\nHosts=a\n"));
	write_file("x.conf.d/20-b.conf", bytes_of_text("[Types]\nNumber=3\nHosts=c\n"));
	write_file("x.conf.d/10-a.conf", bytes_of_text("[Types]\nNumber=2\nHosts=b\n"));
	write_file("x.conf.d/30.conf.bak", bytes_of_text("[Types]\nNumber=bad\n"));
	write_file("x.conf.d/.hidden.conf", bytes_of_text("[Types]\nNumber=bad\n"));
	config = load(STATUS_OK, &lines);
	assert_int_equal(fixture_values(config)->types.number, 3);
	assert_string_equal(fixture_values(config)->types.text, "main");
	assert_int_equal(fixture_values(config)->types.hosts.count, 3);
	assert_int_equal(config_generation(config), 5);
	config_free(config);
	free(lines);
}

static void
a_dropin_goes_back_to_the_default(void **state)
{
	struct config *config;
	char *lines;

	write_file("x.conf", bytes_of_text("[Types]\nNumber=1\nHosts=a\n"));
	write_file("x.conf.d/a.conf", bytes_of_text("[Types]\nNumber=\nHosts=\nHosts=z\n"));
	config = load(STATUS_OK, &lines);
	assert_int_equal(fixture_values(config)->types.number, 7);
	assert_int_equal(fixture_values(config)->types.hosts.count, 1);
	config_free(config);
	free(lines);
}

static void
errors_of_all_files_come_in_the_order_of_reading(void **state)
{
	char *lines, *main_file, *dropin;

	write_file("x.conf", bytes_of_text("[Types]\nNumber=0\nFoo=1\n"));
	write_file("x.conf.d/a.conf", bytes_of_text("[Types]\nSize=x\n[Typos]\n"));
	assert_null(load(STATUS_INVALID, &lines));
	main_file = strstr(lines, "x.conf:2:8: [Types] Number: \"0\" is not allowed");
	dropin = strstr(lines, "x.conf.d/a.conf:2:6: [Types] Size: \"x\"");
	assert_true(main_file != NULL && dropin != NULL && main_file < dropin);
	has(lines, "x.conf:3:1: [Types] \"Foo\" is not a key of this section");
	has(lines, "x.conf.d/a.conf:3:2: \"Typos\" is not a section");
	free(lines);
}

static void
files_that_cannot_be_read_are_named(void **state)
{
	char *lines, path[300];

	assert_null(load(STATUS_NOT_FOUND, &lines));
	has(lines, "/x.conf: not found");
	free(lines);
	snprintf(path, sizeof(path), "%s/x.conf", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(load(STATUS_INVALID, &lines));
	has(lines, "/x.conf: is not a regular file");
	free(lines);
	unlink(path);
	write_file("x.conf", bytes_of_text(""));
	snprintf(path, sizeof(path), "%s/x.conf.d", directory);
	write_file("x.conf.d", bytes_of_text(""));
	assert_null(load(STATUS_INVALID, &lines));
	has(lines, "/x.conf.d: is not a directory");
	free(lines);
}

static void
a_file_may_have_one_mebibyte(void **state)
{
	char *text = alloc_zeroed(1, CONFIG_FILE_MAX + 1), *lines;
	struct config *config;

	memset(text, '#', CONFIG_FILE_MAX + 1);
	memcpy(text, "[Types]\nNumber=3\n", 17);
	write_file("x.conf", bytes_of(text, CONFIG_FILE_MAX));
	config = load(STATUS_OK, &lines);
	assert_int_equal(fixture_values(config)->types.number, 3);
	config_free(config);
	free(lines);
	write_file("x.conf", bytes_of(text, CONFIG_FILE_MAX + 1));
	assert_null(load(STATUS_LIMIT, &lines));
	has(lines, "/x.conf: is larger than 1 MiB");
	free(lines);
	lines = fixture_refuse_bytes(bytes_of(text, CONFIG_FILE_MAX + 1));
	has(lines, "t.conf: is larger than 1 MiB");
	free(lines);
	free(text);
}

static void
dropins_are_bounded(void **state)
{
	char *lines, name[100];

	write_file("x.conf", bytes_of_text(""));
	for (int i = 0; i <= CONFIG_DROPINS_MAX; i++) {
		snprintf(name, sizeof(name), "x.conf.d/%02d.conf", i);
		write_file(name, bytes_of_text("[Types]\nNumber=2\n"));
	}
	assert_null(load(STATUS_LIMIT, &lines));
	has(lines, "/x.conf.d: has more than 64 files");
	free(lines);
}

static void
the_credentials_directory_is_expanded(void **state)
{
	struct config *config;
	char *lines;

	setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
	config = fixture_parse("[Types]\nPath=${CREDENTIALS_DIRECTORY}/pass\n");
	assert_string_equal(fixture_values(config)->types.path, "/run/credentials/x/pass");
	config_free(config);
	lines = fixture_refuse("[Types]\nPath=/x/${CREDENTIALS_DIRECTORY}\n");
	has(lines, "t.conf:2:6: [Types] Path: \"/x/${CREDENTIALS_DIRECTORY}\" uses a variable");
	free(lines);
	lines = fixture_refuse("[Types]\nPath=${HOME}/x\n");
	has(lines, "allowed: ${CREDENTIALS_DIRECTORY}");
	free(lines);
	lines = fixture_refuse("[Types]\nPath=${CREDENTIALS_DIRECTORY}/${HOME}\n");
	has(lines, "uses a variable");
	free(lines);
	unsetenv("CREDENTIALS_DIRECTORY");
	lines = fixture_refuse("[Types]\nPath=${CREDENTIALS_DIRECTORY}/pass\n");
	has(lines, "LoadCredential=");
	free(lines);
}

static void
unknown_words_suggest_the_nearest(void **state)
{
	static const struct {
		const char *text;
		const char *error;
	} cases[] = {
	    {"[Typs]\n", "t.conf:1:2: \"Typs\" is not a section; allowed: [Types], "
			 "[Purpose \"...\"], [Item \"...\"]; did you mean \"Types\"?"},
	    {"[Types]\nAdress=1\n", "t.conf:2:1: [Types] \"Adress\" is not a key of this "
				    "section; did you mean \"Address\"?"},
	    {"[Types]\nNubmer=1\n", "did you mean \"Number\"?"},
	    {"[Types]\nSTRICT=1\n", "it belongs into [Purpose]"},
	    {"[Purpose \"aplliance\"]\n", "t.conf:1:11: \"aplliance\" is not a title of this "
					  "section; allowed: [Purpose \"appliance\"], [Purpose "
					  "\"forward\"]; did you mean \"appliance\"?"},
	    {"[Purpose]\n", "\"Purpose\" is a section with a title"},
	    {"[Item]\n", "\"Item\" is a section with a title"},
	    {"[Types \"x\"]\n", "\"x\" is a title, and this section has none"},
	    {"[Item \"a_b\"]\n", "t.conf:1:8: \"a_b\" is not a title"},
	    {"Number=1\n", "t.conf:1:1: \"Number\" stands before the first section"},
	};
	char *lines;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		lines = fixture_refuse(cases[i].text);
		has(lines, cases[i].error);
		free(lines);
	}
	lines = fixture_refuse("[Types]\nSomethingElse=1\n");
	assert_null(strstr(lines, "did you mean"));
	free(lines);
}

static void
keys_of_an_unknown_section_are_not_errors_of_their_own(void **state)
{
	char *lines = fixture_refuse("[Typos]\nA=1\nB=2\n");

	assert_string_equal(strchr(lines, '\n'), "\n");
	free(lines);
}

static void
a_key_is_given_once_in_a_file(void **state)
{
	char *lines = fixture_refuse("[Types]\nNumber=1\n[Types]\nnumber=2\n");

	has(lines, "t.conf:4:1: [Types] \"number\" is given twice; first given on line 2");
	free(lines);
}

static void
case_and_hyphens_do_not_matter(void **state)
{
	struct config *config = fixture_parse("[types]\nlive-stale = 1h\nNUMBER=2\n");

	assert_int_equal(fixture_values(config)->types.live_stale_ms, 3600000);
	assert_int_equal(fixture_values(config)->types.number, 2);
	config_free(config);
}

static void
named_sections_keep_their_order_and_merge(void **state)
{
	struct config *config = fixture_parse("[Item \"b\"]\nAddress=x:1\n"
					      "[Item \"a.example\"]\nAddress=y:2\n"
					      "[Item \"B\"]\nWeight=3\n"
					      "[Purpose \"forward\"]\nStrict=no\n");
	const struct fixture *values = fixture_values(config);
	const struct fixture_item *items = values->items.items;

	assert_int_equal(values->items.count, 2);
	assert_string_equal(items[0].name, "b");
	assert_int_equal(items[0].weight, 3);
	assert_int_equal(items[0].address.port, 1);
	assert_string_equal(items[1].name, "a.example");
	assert_int_equal(items[1].weight, 50);
	assert_true(values->purposes[0].strict);
	assert_false(values->purposes[1].strict);
	config_free(config);
}

static void
a_named_section_lacks_nothing_and_is_one_of_few(void **state)
{
	char *lines = fixture_refuse("[Item \"a\"]\nWeight=1\n");

	has(lines, "t.conf:1:2: [Item \"a\"] Address: is missing");
	free(lines);
	lines = fixture_refuse("[Item \"a\"]\nAddress=a:1\n[Item \"b\"]\nAddress=a:1\n"
			       "[Item \"c\"]\nAddress=a:1\n[Item \"d\"]\nAddress=a:1\n");
	has(lines, "t.conf:7:8: \"d\" is one section too many");
	free(lines);
}

static void
rules_over_several_keys_have_a_place_too(void **state)
{
	char *lines = fixture_refuse("[Types]\nNumber=13\n");

	assert_string_equal(lines, "t.conf:2:8: [Types] Number: is unlucky\n");
	free(lines);
}

static void
errors_are_bounded_and_counted(void **state)
{
	struct buf buf;
	char *lines;

	buf_init(&buf, 100000);
	buf_put_text(&buf, "[Types]\n");
	for (int i = 0; i < 1000; i++)
		buf_printf(&buf, "Unknown%d=1\n", i);
	lines = fixture_refuse(buf_text(&buf));
	has(lines, "t.conf:21:1:");
	assert_null(strstr(lines, "t.conf:22:1:"));
	has(lines, "and 980 more\n");
	free(lines);
	buf_done(&buf);
}

static void
foreign_text_forges_no_error_line(void **state)
{
	char *lines = fixture_refuse("[Types]\nText=\xe2\x80\xae"
				     "x\nNumber=\xc2\x9bx\n");

	has(lines, "Number: \"\\xc2\\x9bx\" is not allowed");
	free(lines);
	lines = fixture_refuse_bytes(bytes_of("[Types]\nNumber=\0x\n", 18));
	has(lines, "t.conf:2:8: \"\\x00\" is a control character");
	free(lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)
	    WITH_FILES(dropins_override_in_the_order_of_their_names),
	    WITH_FILES(a_dropin_goes_back_to_the_default),
	    WITH_FILES(errors_of_all_files_come_in_the_order_of_reading),
	    WITH_FILES(files_that_cannot_be_read_are_named),
	    WITH_FILES(a_file_may_have_one_mebibyte),
	    WITH_FILES(dropins_are_bounded),
	    cmocka_unit_test(the_credentials_directory_is_expanded),
	    cmocka_unit_test(unknown_words_suggest_the_nearest),
	    cmocka_unit_test(keys_of_an_unknown_section_are_not_errors_of_their_own),
	    cmocka_unit_test(a_key_is_given_once_in_a_file),
	    cmocka_unit_test(case_and_hyphens_do_not_matter),
	    cmocka_unit_test(named_sections_keep_their_order_and_merge),
	    cmocka_unit_test(a_named_section_lacks_nothing_and_is_one_of_few),
	    cmocka_unit_test(rules_over_several_keys_have_a_place_too),
	    cmocka_unit_test(errors_are_bounded_and_counted),
	    cmocka_unit_test(foreign_text_forges_no_error_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

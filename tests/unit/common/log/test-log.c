/* SPDX-License-Identifier: Apache-2.0
 *
 * The log as a whole, over pipes and a socket that plays the journal.
 */
#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/log/log.h"

static char directory[64];
static char socket_path[80];
static int lines[2]; /* the pipe that plays stderr */
static int journal = -1;

static int
start(void **state)
{
	snprintf(directory, sizeof(directory), "/tmp/portcullis-test-log-XXXXXX");
	if (mkdtemp(directory) == NULL || pipe2(lines, O_CLOEXEC | O_NONBLOCK) != 0)
		return 1;
	snprintf(socket_path, sizeof(socket_path), "%s/socket", directory);
	unsetenv("JOURNAL_STREAM");
	return 0;
}

static int
stop(void **state)
{
	log_close();
	close(lines[0]);
	close(lines[1]);
	if (journal >= 0)
		close(journal);
	journal = -1;
	unlink(socket_path);
	return rmdir(directory);
}

static void
open_journal(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memcpy(address.sun_path, socket_path, strlen(socket_path) + 1);
	journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(journal, (struct sockaddr *)&address, sizeof(address)), 0);
}

static enum status
open_log(enum log_format format, enum log_level level)
{
	const struct log_options options = {
	    .program = "portcullis-test",
	    .role = "link-1",
	    .format = format,
	    .level = level,
	    .journal_socket = socket_path,
	    .fd = lines[1],
	};

	return log_open(&options);
}

/* stderr is the journal's stream. */
static void
pretend_journal_stream(void)
{
	struct stat info;
	char stream[64];

	assert_int_equal(fstat(lines[1], &info), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)info.st_dev,
	    (unsigned long long)info.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
}

/* What has been written so far; a static buffer. */
static const char *
seen(int fd)
{
	static char text[1 << 20];
	size_t len = 0;
	ssize_t got;

	while ((got = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	return text;
}

static size_t
count_of(const char *text, const char *words)
{
	size_t count = 0;

	for (; (text = strstr(text, words)) != NULL; text++)
		count++;
	return count;
}

static void
auto_is_json_on_a_pipe(void **state)
{
	assert_int_equal(open_log(LOG_FORMAT_AUTO, LOG_LEVEL_INFO), STATUS_OK);
	assert_int_equal(log_format(), LOG_FORMAT_JSON);
	log_info("ready", LOG_U64("n", 1));
	assert_non_null(strstr(seen(lines[0]), "\"event\":\"ready\",\"program\":"));
}

static void
auto_is_the_journal_where_stderr_is_its_stream(void **state)
{
	const char *text;

	open_journal();
	pretend_journal_stream();
	assert_int_equal(open_log(LOG_FORMAT_AUTO, LOG_LEVEL_INFO), STATUS_OK);
	assert_int_equal(log_format(), LOG_FORMAT_JOURNAL);
	log_warn("link-refused", LOG_TEXT("subject", "CN=x\nMESSAGE=forged"),
	    LOG_MESSAGE("refused\nPRIORITY=0"));
	text = seen(journal);
	assert_int_equal(count_of(text, "\nPRIORITY="), 1);
	assert_int_equal(count_of(text, "MESSAGE="), 2);
	assert_non_null(strstr(text, "MESSAGE=refused\\x0aPRIORITY=0\n"));
	assert_non_null(strstr(text, "\nPRIORITY=4\n"));
	assert_non_null(strstr(text, "\nCODE_FILE="));
	assert_non_null(strstr(text, "\nCODE_FUNC=auto_is_the_journal_where_stderr_is_its_"
				     "stream\n"));
	assert_non_null(strstr(text, "\nPORTCULLIS_SUBJECT=CN=x\\x0aMESSAGE=forged\n"));
	assert_string_equal(seen(lines[0]), "");
}

static void
another_journal_stream_is_not_ours(void **state)
{
	open_journal();
	setenv("JOURNAL_STREAM", "1:2", 1);
	assert_int_equal(open_log(LOG_FORMAT_AUTO, LOG_LEVEL_INFO), STATUS_OK);
	assert_int_equal(log_format(), LOG_FORMAT_JSON);
}

static void
a_journal_that_is_not_there_is_said_or_replaced(void **state)
{
	assert_int_equal(open_log(LOG_FORMAT_JOURNAL, LOG_LEVEL_INFO), STATUS_NOT_FOUND);
	pretend_journal_stream();
	assert_int_equal(open_log(LOG_FORMAT_AUTO, LOG_LEVEL_INFO), STATUS_OK);
	assert_int_equal(log_format(), LOG_FORMAT_JSON);
}

static void
a_journal_that_goes_away_is_replaced_by_lines(void **state)
{
	open_journal();
	assert_int_equal(open_log(LOG_FORMAT_JOURNAL, LOG_LEVEL_INFO), STATUS_OK);
	close(journal);
	journal = -1;
	log_warn("link-refused", LOG_U64("n", 7));
	assert_non_null(strstr(seen(lines[0]), "\"event\":\"link-refused\""));
}

static void
a_full_journal_costs_lines_that_are_counted(void **state)
{
	const char *text;
	int written = 0;

	open_journal();
	assert_int_equal(open_log(LOG_FORMAT_JOURNAL, LOG_LEVEL_DEBUG), STATUS_OK);
	for (int i = 0; i < 5000; i++)
		log_debug("step");
	text = seen(journal);
	written = (int)count_of(text, "PORTCULLIS_EVENT=step\n");
	assert_true(written > 0 && written < 5000);
	log_debug("step");
	text = seen(journal);
	assert_non_null(strstr(text, "\nPORTCULLIS_LOST="));
	assert_int_equal(atoi(strstr(text, "\nPORTCULLIS_LOST=") + 17), 5000 - written);
	log_debug("step");
	assert_null(strstr(seen(journal), "PORTCULLIS_LOST="));
	assert_string_equal(seen(lines[0]), "");
}

static void
a_reader_that_does_not_keep_up_does_not_stop_us(void **state)
{
	char word[20];
	int written;

	assert_int_equal(fcntl(lines[1], F_SETFL, 0), 0); /* stderr blocks */
	assert_int_equal(open_log(LOG_FORMAT_HUMAN, LOG_LEVEL_DEBUG), STATUS_OK);
	for (int i = 0; i < 5000; i++)
		log_debug("step");
	written = (int)count_of(seen(lines[0]), " step ");
	assert_true(written > 0 && written < 5000);
	log_debug("step");
	snprintf(word, sizeof(word), " lost=%d\n", 5000 - written);
	assert_non_null(strstr(seen(lines[0]), word));
}

static void
levels_below_the_wanted_one_are_not_written(void **state)
{
	const char *text;

	assert_int_equal(open_log(LOG_FORMAT_HUMAN, LOG_LEVEL_WARNING), STATUS_OK);
	log_debug("one");
	log_info("two");
	log_warn("three");
	log_error("four");
	log_audit("five");
	text = seen(lines[0]);
	assert_null(strstr(text, "one"));
	assert_null(strstr(text, "two"));
	assert_non_null(strstr(text, " warning three "));
	assert_non_null(strstr(text, " error   four "));
	assert_non_null(strstr(text, " audit   five "));
	assert_false(log_enabled(LOG_LEVEL_INFO));
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("six");
	assert_non_null(strstr(seen(lines[0]), " debug   six "));
}

static void
suppressed_lines_are_reported_at_the_end(void **state)
{
	const char *text;

	assert_int_equal(open_log(LOG_FORMAT_HUMAN, LOG_LEVEL_INFO), STATUS_OK);
	for (int i = 0; i < 1000; i++)
		log_audit("user-changed", LOG_KEY("admin"), LOG_U64("n", (uint64_t)i));
	text = seen(lines[0]);
	assert_int_equal(count_of(text, " user-changed "), 5);
	log_close();
	text = seen(lines[0]);
	assert_non_null(strstr(text, " audit   log-suppressed role=link-1 of=user-changed "
				     "key=admin since="));
	assert_non_null(strstr(text, " suppressed=995 -- "));
}

static void
several_keys_make_one(void **state)
{
	const char *text;

	assert_int_equal(open_log(LOG_FORMAT_HUMAN, LOG_LEVEL_INFO), STATUS_OK);
	for (int i = 0; i < 100; i++) {
		log_warn("link-refused", LOG_KEY("revoked"), LOG_KEY("a.example"));
		log_warn("link-refused", LOG_KEY("expired"), LOG_KEY("a.example"));
	}
	text = seen(lines[0]);
	assert_int_equal(count_of(text, " link-refused "), 10);
	log_close();
	assert_non_null(strstr(seen(lines[0]), " key=\"expired a.example\" since="));
}

static void
a_line_without_fields_is_fine(void **state)
{
	assert_int_equal(open_log(LOG_FORMAT_JSON, LOG_LEVEL_INFO), STATUS_OK);
	log_info("stopping");
	assert_non_null(strstr(seen(lines[0]), "\"role\":\"link-1\",\"fields\":{}}\n"));
}

static void
colours_are_for_terminals(void **state)
{
	assert_int_equal(open_log(LOG_FORMAT_HUMAN, LOG_LEVEL_INFO), STATUS_OK);
	log_error("broken");
	assert_null(strchr(seen(lines[0]), '\x1b'));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define OVER_PIPES(test) cmocka_unit_test_setup_teardown(test, start, stop)
	    OVER_PIPES(auto_is_json_on_a_pipe),
	    OVER_PIPES(auto_is_the_journal_where_stderr_is_its_stream),
	    OVER_PIPES(another_journal_stream_is_not_ours),
	    OVER_PIPES(a_journal_that_is_not_there_is_said_or_replaced),
	    OVER_PIPES(a_journal_that_goes_away_is_replaced_by_lines),
	    OVER_PIPES(a_full_journal_costs_lines_that_are_counted),
	    OVER_PIPES(a_reader_that_does_not_keep_up_does_not_stop_us),
	    OVER_PIPES(levels_below_the_wanted_one_are_not_written),
	    OVER_PIPES(suppressed_lines_are_reported_at_the_end),
	    OVER_PIPES(several_keys_make_one),
	    OVER_PIPES(a_line_without_fields_is_fine),
	    OVER_PIPES(colours_are_for_terminals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

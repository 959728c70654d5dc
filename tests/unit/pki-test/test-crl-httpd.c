/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/fileio.h"
#include "pki-test/crl_httpd.h"

static char folder[] = "/tmp/portcullis-httpd-XXXXXX";
static struct crl_httpd *httpd;
static struct crl_reply reply;

static void
write_file(const char *name, const char *text)
{
	int fd;

	assert_int_equal(fileio_open_dir(folder, 0700, &fd), STATUS_OK);
	assert_int_equal(fileio_replace(fd, name, 0600, text, strlen(text)), STATUS_OK);
	close(fd);
}

static int
make_folder(void **state)
{
	if (mkdtemp(folder) == NULL)
		return -1;
	write_file("issuing.crl", "0123456789");
	write_file("issuing.stale.crl", "stale");
	write_file("issuing.rolled-back.crl", "older");
	write_file("other.crl", "other");
	return 0;
}

static int
remove_folder(void **state)
{
	static const char *const names[] = {"issuing.crl", "issuing.stale.crl",
	    "issuing.rolled-back.crl", "other.crl"};
	char path[100];

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

static int
make_httpd(void **state)
{
	httpd = crl_httpd_new(folder);
	crl_reply_init(&reply);
	return 0;
}

static int
free_httpd(void **state)
{
	crl_httpd_free(httpd);
	crl_reply_done(&reply);
	return 0;
}

/* Asks; the text of the reply, valid until asked again. */
static const char *
ask(const char *path, const char *tag)
{
	struct http_request request = {
	    .method = bytes_of_text("GET"),
	    .path = bytes_of_text(path),
	    .if_none_match = bytes_of_text(tag),
	};

	crl_reply_done(&reply);
	crl_reply_init(&reply);
	crl_httpd_answer(httpd, &request, &reply);
	return buf_text(&reply.bytes);
}

static void
assert_status(const char *text, int status)
{
	char line[20];

	snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
	assert_memory_equal(text, line, strlen(line));
}

static void
assert_body(const char *text, const char *body)
{
	const char *end = strstr(text, "\r\n\r\n");

	assert_non_null(end);
	assert_string_equal(end + 4, body);
}

static void
a_file_is_answered_with_and_counted(void **state)
{
	struct buf stats;

	assert_status(ask("/issuing.crl", ""), 200);
	assert_body(buf_text(&reply.bytes), "0123456789");
	assert_int_equal(reply.end, CRL_REPLY_CLOSE);
	ask("/issuing.crl", "");
	ask("/nothing.crl", "");
	buf_init(&stats, 10000);
	crl_httpd_stats(httpd, &stats);
	assert_string_equal(buf_text(&stats),
	    "{\"requests\":3,\"not_modified\":0,\"bad\":0,\"paths\":["
	    "{\"path\":\"/issuing.crl\",\"requests\":2,\"not_modified\":0},"
	    "{\"path\":\"/nothing.crl\",\"requests\":1,\"not_modified\":0}]}");
	crl_httpd_reset(httpd);
	buf_clear(&stats);
	crl_httpd_stats(httpd, &stats);
	assert_string_equal(buf_text(&stats),
	    "{\"requests\":0,\"not_modified\":0,\"bad\":0,\"paths\":[]}");
	buf_done(&stats);
}

static void
a_known_tag_is_answered_by_304_until_the_file_changes(void **state)
{
	const char *text = ask("/issuing.crl", "");
	const char *at = strstr(text, "ETag: ") + 6;
	char tag[100] = {0};

	memcpy(tag, at, strcspn(at, "\r"));
	assert_status(ask("/issuing.crl", tag), 304);
	assert_status(ask("/issuing.crl", "\"x\""), 200);
	write_file("issuing.crl", "longer: the clock may not have ticked");
	assert_status(ask("/issuing.crl", tag), 200);
	write_file("issuing.crl", "0123456789");
}

static void
the_path_wins_over_the_name_and_the_name_over_all(void **state)
{
	assert_int_equal(crl_httpd_order(httpd, "500", NULL), STATUS_OK);
	assert_int_equal(crl_httpd_order(httpd, "404", "issuing.crl"), STATUS_OK);
	assert_status(ask("/other.crl", ""), 500);
	assert_status(ask("/issuing.crl", ""), 404);
	assert_status(ask("/status=418/issuing.crl", ""), 418);
	assert_status(ask("/none/issuing.crl", ""), 200);
	assert_int_equal(crl_httpd_order(httpd, "none", "issuing.crl"), STATUS_OK);
	assert_status(ask("/issuing.crl", ""), 200);
	assert_int_equal(crl_httpd_order(httpd, "none", NULL), STATUS_OK);
	assert_status(ask("/other.crl", ""), 200);
	assert_int_equal(crl_httpd_order(httpd, "nonsense", NULL), STATUS_INVALID);
	assert_int_equal(crl_httpd_order(httpd, "slow=x", NULL), STATUS_INVALID);
}

static void
faults_say_how_the_reply_is_sent(void **state)
{
	ask("/slow=70/issuing.crl", "");
	assert_int_equal(reply.delay_ms, 70);
	ask("/drip=5/issuing.crl", "");
	assert_int_equal(reply.step, 1);
	assert_int_equal(reply.pause_ms, 5);
	assert_body(ask("/truncated/issuing.crl", ""), "01234");
	assert_body(ask("/stall=3/issuing.crl", ""), "012");
	assert_int_equal(reply.end, CRL_REPLY_HOLD);
	ask("/reset/issuing.crl", "");
	assert_int_equal(reply.end, CRL_REPLY_RESET);
	assert_int_equal(reply.bytes.len, 0);
	ask("/half-open/issuing.crl", "");
	assert_int_equal(reply.end, CRL_REPLY_HOLD);
	assert_int_equal(reply.bytes.len, 0);
	assert_non_null(
	    strstr(ask("/wrong-length=4/issuing.crl", ""), "Content-Length: 6\r\n"));
	ask("/endless/issuing.crl", "");
	assert_true(reply.filler.len > 0);
}

static void
other_files_stand_in(void **state)
{
	assert_body(ask("/stale/issuing.crl", ""), "stale");
	assert_body(ask("/older/issuing.crl", ""), "older");
	assert_body(ask("/other/issuing.crl", ""), "other");
	assert_status(ask("/stale/other.crl", ""), 404);
}

static void
nothing_outside_the_folder_is_read(void **state)
{
	static const char *const bad[] = {"/", "/..", "/../x", "/.hidden", "/none/../x",
	    "/nonsense/issuing.crl", "/none/none/issuing.crl", "//etc/passwd"};

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_status(ask(bad[i], ""), 404);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_file_is_answered_with_and_counted, make_httpd,
		free_httpd),
	    cmocka_unit_test_setup_teardown(
		a_known_tag_is_answered_by_304_until_the_file_changes, make_httpd, free_httpd),
	    cmocka_unit_test_setup_teardown(the_path_wins_over_the_name_and_the_name_over_all,
		make_httpd, free_httpd),
	    cmocka_unit_test_setup_teardown(faults_say_how_the_reply_is_sent, make_httpd,
		free_httpd),
	    cmocka_unit_test_setup_teardown(other_files_stand_in, make_httpd, free_httpd),
	    cmocka_unit_test_setup_teardown(nothing_outside_the_folder_is_read, make_httpd,
		free_httpd),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

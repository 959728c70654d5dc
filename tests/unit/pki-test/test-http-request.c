/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "pki-test/http_request.h"

static enum http_parse
parse(const char *text, struct http_request *request)
{
	return http_request_parse(bytes_of_text(text), request);
}

static void
a_request_is_read_with_its_conditions(void **state)
{
	struct http_request request = {0};

	assert_int_equal(parse("GET /slow/issuing.crl?x=1 HTTP/1.1\r\n"
			       "Host: x\r\nif-none-MATCH:\t\"tag\" \r\n"
			       "If-Modified-Since: Mon, 01 Jan 2026 00:00:00 GMT\r\n\r\nbody",
			     &request),
	    HTTP_PARSE_DONE);
	assert_true(bytes_equal_text(request.method, "GET"));
	assert_true(bytes_equal_text(request.path, "/slow/issuing.crl"));
	assert_true(bytes_equal_text(request.if_none_match, "\"tag\""));
	assert_true(
	    bytes_equal_text(request.if_modified_since, "Mon, 01 Jan 2026 00:00:00 GMT"));
	assert_int_equal(parse("GET / HTTP/1.0\r\n\r\n", &request), HTTP_PARSE_DONE);
	assert_int_equal(request.if_none_match.len, 0);
}

static void
every_beginning_of_a_request_waits_for_more(void **state)
{
	static const char whole[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	struct http_request request;

	for (size_t len = 0; len < sizeof(whole) - 1; len++)
		assert_int_equal(http_request_parse(bytes_of(whole, len), &request),
		    HTTP_PARSE_MORE);
}

static void
what_is_no_request_is_bad(void **state)
{
	static const char *const bad[] = {"\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n",
	    "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.10\r\n\r\n", "GET x HTTP/1.1\r\n\r\n",
	    "GET  HTTP/1.1\r\n\r\n", "GET ? HTTP/1.1\r\n\r\n",
	    "GET / HTTP/1.1\r\nno colon\r\n\r\n"};
	struct http_request request;
	char large[HTTP_HEAD_MAX + 1];

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(parse(bad[i], &request), HTTP_PARSE_BAD);
	memset(large, 'x', sizeof(large));
	assert_int_equal(http_request_parse(bytes_of(large, HTTP_HEAD_MAX), &request),
	    HTTP_PARSE_BAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_request_is_read_with_its_conditions),
	    cmocka_unit_test(every_beginning_of_a_request_waits_for_more),
	    cmocka_unit_test(what_is_no_request_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

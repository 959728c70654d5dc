/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "common/fetch/address.h"

static bool
allowed(const char *text, bool allow_loopback)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return address_allowed((struct sockaddr *)&in, allow_loopback);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return address_allowed((struct sockaddr *)&in6, allow_loopback);
}

static void
only_addresses_of_other_hosts_are_allowed(void **state)
{
	static const char *const good[] = {"192.0.2.1", "10.0.0.1", "172.16.0.9", "8.8.8.8",
	    "223.255.255.255", "2001:db8::1", "fd00::1", "::ffff:192.0.2.1",
	    "64:ff9b::192.0.2.1"};
	static const char *const bad[] = {"0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.0.1",
	    "169.254.169.254", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
	    "::", "::1", "fe80::1", "febf::1", "ff02::1", "::ffff:127.0.0.1",
	    "::ffff:169.254.1.1", "::127.0.0.1",
	    "2002:7f00:1::", "2002:a9fe:101::", "64:ff9b::127.0.0.1"};

	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_true(allowed(good[i], false));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(allowed(bad[i], false));
}

static void
loopback_is_allowed_where_configured_and_nothing_more(void **state)
{
	assert_true(allowed("127.0.0.1", true));
	assert_true(allowed("::1", true));
	assert_true(allowed("::ffff:127.0.0.1", true));
	assert_false(allowed("169.254.0.1", true));
	assert_false(allowed("fe80::1", true));
	assert_false(allowed("0.0.0.0", true));
}

static void
urls_that_are_not_plain_http_are_refused(void **state)
{
	static const char *const bad[] = {"", "http://", "https://a/", "ftp://a/",
	    "file:///etc/x", "ldap://a/b", "http:/a", "http:///x", "http://user@a/",
	    "http://user:pw@a/", "http://a\\@b/", "http://a /x", "http://a/x\n", "http://[::1",
	    "http://:80/", "//a/"};
	struct bytes host;

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(address_parse_url(bytes_of_text(bad[i]), &host));
	assert_false(address_parse_url(bytes_of("http://a\0b/", 11), &host));
}

static void
the_host_of_a_url_is_found(void **state)
{
	static const char *const urls[][2] = {{"http://crl.example/a.crl", "crl.example"},
	    {"HTTP://crl.example", "crl.example"},
	    {"http://crl.example:8080/x@y", "crl.example"},
	    {"http://[2001:db8::1]:80/x", "2001:db8::1"}, {"http://192.0.2.1?q", "192.0.2.1"}};
	struct bytes host;

	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		assert_true(address_parse_url(bytes_of_text(urls[i][0]), &host));
		assert_true(bytes_equal_text(host, urls[i][1]));
	}
}

static void
the_allow_list_means_hosts_and_what_is_below(void **state)
{
	struct bytes list[] = {bytes_of_text("crl.example"), bytes_of_text(".plant.example")};

	assert_true(address_host_listed(bytes_of_text("CRL.example"), list, 2));
	assert_true(address_host_listed(bytes_of_text("a.b.plant.example"), list, 2));
	assert_false(address_host_listed(bytes_of_text("plant.example"), list, 2));
	assert_false(address_host_listed(bytes_of_text("evilcrl.example"), list, 2));
	assert_false(address_host_listed(bytes_of_text("crl.example.evil"), list, 2));
	assert_true(address_host_listed(bytes_of_text("any.host"), list, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_addresses_of_other_hosts_are_allowed),
	    cmocka_unit_test(loopback_is_allowed_where_configured_and_nothing_more),
	    cmocka_unit_test(urls_that_are_not_plain_http_are_refused),
	    cmocka_unit_test(the_host_of_a_url_is_found),
	    cmocka_unit_test(the_allow_list_means_hosts_and_what_is_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/common/config/fixture.h"

static struct config *config;

/* The values of [Types] with one line in it. */
static const struct fixture_types *
with(const char *line)
{
	char text[4200];

	config_free(config);
	snprintf(text, sizeof(text), "[Types]\n%s\n", line);
	config = fixture_parse(text);
	return &fixture_values(config)->types;
}

/* Is the line refused, with these words in the error? */
static void
refused(const char *line, const char *words)
{
	char text[6000], *lines;

	snprintf(text, sizeof(text), "[Types]\n%s\n", line);
	lines = fixture_refuse(text);
	if (strstr(lines, words) == NULL)
		fail_msg("%s: no \"%s\" in: %s", line, words, lines);
	free(lines);
}

static int
forget(void **state)
{
	config_free(config);
	config = NULL;
	return 0;
}

static void
an_empty_file_gives_the_defaults(void **state)
{
	const struct fixture_types *types = with("");
	const struct config_address *addresses = types->addresses.items;

	assert_true(types->flag);
	assert_int_equal(types->number, 7);
	assert_int_equal(types->threads, 0);
	assert_int_equal(types->size, 64 << 20);
	assert_int_equal(types->duration_ms, 10000);
	assert_int_equal(types->choice, 1);
	assert_int_equal(types->mode.choice, 0);
	assert_string_equal(types->text, "t");
	assert_null(types->path);
	assert_string_equal(types->name, "main");
	assert_string_equal(types->address.host, "localhost");
	assert_int_equal(types->listen.port, 8443);
	assert_null(types->secret_url);
	assert_int_equal(types->hosts.count, 0);
	assert_int_equal(types->addresses.count, 2);
	assert_string_equal(addresses[1].host, "::");
}

static void
booleans_are_words(void **state)
{
	assert_true(with("Flag=Yes")->flag);
	assert_true(with("Flag=1")->flag);
	assert_false(with("Flag=off")->flag);
	assert_false(with("Flag=FALSE")->flag);
	refused("Flag=2", "t.conf:2:6: [Types] Flag: \"2\" is not allowed; allowed: on or off");
	refused("Flag=onn", "allowed: on or off");
}

static void
numbers_keep_to_their_range(void **state)
{
	assert_int_equal(with("Number=256")->number, 256);
	assert_int_equal(with("Threads=8")->threads, 8);
	assert_int_equal(with("Threads=AUTO")->threads, 0);
	refused("Number=0", "a whole number of connections from 1 to 256");
	refused("Number=257", "a whole number of connections from 1 to 256");
	refused("Number=-1", "is not allowed");
	refused("Number=1.5", "is not allowed");
	refused("Number=99999999999999999999999", "is not allowed");
	refused("Threads=0", "a whole number from 1 to 8, or auto");
	refused("Number=auto", "is not allowed");
	refused("Number=3 # comment", "a comment has to stand on a line of its own");
	refused("Number=\"3\"", "write the value without quotes");
}

static void
sizes_and_durations_have_units(void **state)
{
	assert_int_equal(with("Size=4K")->size, 4096);
	assert_int_equal(with("Size=1G")->size, 1 << 30);
	assert_int_equal(with("Duration=1min 30s")->duration_ms, 90000);
	assert_int_equal(with("Duration=5")->duration_ms, 5000);
	refused("Size=4095", "a size in bytes, or with K, M, G or T, from 4K to 1G");
	refused("Size=64m", "write K, M, G or T");
	refused("Duration=999ms", "a duration with ms, s, min, h or d, from 1s to 1h");
	refused("Duration=2h", "from 1s to 1h");
	refused("Duration=soon", "is not allowed");
	assert_int_equal(with("LiveStale=0")->live_stale_ms, 0);
}

static void
choices_are_listed(void **state)
{
	assert_int_equal(with("Choice=Blue")->choice, 2);
	refused("Choice=yellow", "\"yellow\" is not allowed; allowed: red, green or blue");
	assert_int_equal(with("Mode=off")->mode.choice, 2);
	assert_int_equal(with("Mode=grace=72h")->mode.choice, 1);
	assert_int_equal(with("Mode=grace=72h")->mode.duration_ms, 72 * 3600000);
	refused("Mode=grace", "strict, grace=DURATION or off");
	refused("Mode=grace=", "strict, grace=DURATION or off");
	refused("Mode=grace=1ms", "is not allowed");
	refused("Mode=strict=1h", "is not allowed");
}

static void
texts_are_kept_whole(void **state)
{
	char line[1100] = "Text=", *end = line + 5;

	memset(end, 'x', 1024);
	assert_int_equal(strlen(with(line)->text), 1024);
	end[1024] = 'x';
	refused(line, "text of at most 1024 bytes");
	assert_string_equal(with("Text=  caf\xc3\xa9 ; no comment  ")->text,
	    "caf\xc3\xa9 ; no comment");
}

static void
paths_are_absolute(void **state)
{
	assert_string_equal(with("Path=/a b")->path, "/a b");
	assert_null(with("Path=off")->path);
	refused("Path=a/b", "an absolute path, or off");
}

static void
names_are_domain_names(void **state)
{
	static const char *const bad[] = {"Name=a_b", "Name=a..b", "Name=.a", "Name=a.",
	    "Name=-a", "Name=a-", "Name=*.example", "Name=a b", "Name=caf\xc3\xa9",
	    "Name=1234567890123456789012345678901234567890123456789012345678901234.a",
	    "Name=a2345678901234567890123456789012.a2345678901234567890123456789012"};

	assert_string_equal(with("Name=sensor-7.plant.example")->name,
	    "sensor-7.plant.example");
	assert_string_equal(
	    with("Name=a2345678901234567890123456789012.a234567890123456789012345678901")->name,
	    "a2345678901234567890123456789012.a234567890123456789012345678901");
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		refused(bad[i], "a domain name of letters, digits and hyphens");
}

static void
hosts_are_names_or_addresses(void **state)
{
	assert_string_equal(with("Host=192.0.2.1")->host, "192.0.2.1");
	assert_string_equal(with("Host=2001:db8::1")->host, "2001:db8::1");
	assert_string_equal(with("Host=crl.example")->host, "crl.example");
	refused("Host=300.1.1.1", "a domain name or an IP address");
	refused("Host=0177.1", "a domain name or an IP address");
	refused("Host=a/b", "a domain name or an IP address");
}

static void
addresses_have_a_port(void **state)
{
	const struct fixture_types *types = with("Address=[2001:db8::1]:443");

	assert_string_equal(types->address.host, "2001:db8::1");
	assert_int_equal(types->address.port, 443);
	assert_int_equal(with("Listen=127.0.0.1")->listen.port, 8443);
	assert_int_equal(with("Listen=[::]:1")->listen.port, 1);
	assert_null(with("Listen=off")->listen.host);
	assert_int_equal(with("Listen=off")->listen.port, 0);
	refused("Address=a.example", "HOST:PORT, IPv4:PORT or [IPv6]:PORT");
	refused("Address=a.example:0", "is not allowed");
	refused("Address=a.example:65536", "is not allowed");
	refused("Address=a.example:", "is not allowed");
	refused("Address=2001:db8::1", "an IPv6 address stands in brackets");
	refused("Address=[a.example]:1", "is not allowed");
	refused("Address=[::1", "is not allowed");
	refused("Address=[::1]x", "is not allowed");
	refused("Address=:1", "is not allowed");
	refused("Listen=a.example:1",
	    "IPv4:PORT or [IPv6]:PORT (PORT may be left out: 8443), or off");
}

static void
urls_are_plain_http(void **state)
{
	static const char *const good[] = {"http://a.example/x.crl", "http://192.0.2.1:8080/",
	    "http://[::1]/x", "HTTP://a", "http://a?x=%20y"};
	static const char *const bad[] = {"https://a/", "http://", "http:///x", "http://a b/",
	    "ftp://a/", "a.example/x", "http://a:0/", "http://a:x/", "http://u:p@a/",
	    "http://a/#f", "http://a\\b/"};
	char line[100];

	for (size_t i = 0; i < COUNT_OF(good); i++) {
		snprintf(line, sizeof(line), "Url=%s", good[i]);
		assert_string_equal(with(line)->url, good[i]);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		snprintf(line, sizeof(line), "Url=%s", bad[i]);
		refused(line, "allowed: http://HOST[:PORT][/PATH]");
	}
	refused("Url=https://a/", "only http:// can be used here");
}

static void
secrets_are_not_shown(void **state)
{
	assert_string_equal(with("SecretUrl=http://u:p@a:3128")->secret_url,
	    "http://u:p@a:3128");
	refused("SecretUrl=http://u:hunter2@", "SecretUrl: \"(secret)\" is not allowed");
}

static void
lists_grow_and_are_emptied(void **state)
{
	const struct fixture_types *types = with("Hosts=a b\nHosts=c");
	const char *const *hosts = types->hosts.items;

	assert_int_equal(types->hosts.count, 3);
	assert_string_equal(hosts[0], "a");
	assert_string_equal(hosts[2], "c");
	types = with("Hosts=a\nHosts=\nHosts=b");
	hosts = types->hosts.items;
	assert_int_equal(types->hosts.count, 1);
	assert_string_equal(hosts[0], "b");
	assert_int_equal(with("Addresses=127.0.0.1")->addresses.count, 1);
	assert_int_equal(with("Addresses=")->addresses.count, 2);
	refused("Hosts=a  x_y b", "t.conf:2:10: [Types] Hosts: \"x_y\" is not allowed");
	refused("Hosts=a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a\n"
		"Hosts=a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a",
	    "\"Hosts\" has more than 64 values");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(an_empty_file_gives_the_defaults, forget),
	    cmocka_unit_test_teardown(booleans_are_words, forget),
	    cmocka_unit_test_teardown(numbers_keep_to_their_range, forget),
	    cmocka_unit_test_teardown(sizes_and_durations_have_units, forget),
	    cmocka_unit_test_teardown(choices_are_listed, forget),
	    cmocka_unit_test_teardown(texts_are_kept_whole, forget),
	    cmocka_unit_test_teardown(paths_are_absolute, forget),
	    cmocka_unit_test_teardown(names_are_domain_names, forget),
	    cmocka_unit_test_teardown(hosts_are_names_or_addresses, forget),
	    cmocka_unit_test_teardown(addresses_have_a_port, forget),
	    cmocka_unit_test_teardown(urls_are_plain_http, forget),
	    cmocka_unit_test_teardown(secrets_are_not_shown, forget),
	    cmocka_unit_test_teardown(lists_grow_and_are_emptied, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/dns_name.h"

static bool
valid(const char *name)
{
	return dns_name_valid(bytes_of_text(name));
}

static void
a_dns_name_is_labels_of_letters_digits_and_hyphens(void **state)
{
	char label[66] = {0}, name[260] = {0};

	assert_true(valid("a"));
	assert_true(valid("sensor-7.plant.example"));
	assert_true(valid("xn--caf-dma.example"));
	assert_true(valid("_sip.example"));
	assert_false(dns_name_is_host(bytes_of_text("_sip.example")));
	assert_true(dns_name_is_host(bytes_of_text("7.example")));
	assert_false(valid(""));
	assert_false(valid("."));
	assert_false(valid("a."));
	assert_false(valid(".a"));
	assert_false(valid("a..b"));
	assert_false(valid("-a"));
	assert_false(valid("a-"));
	assert_false(valid("a-.b"));
	assert_false(valid("a.*"));
	assert_false(valid("a b"));
	assert_false(dns_name_valid(bytes_of("a\0b", 3)));
	memset(label, 'a', 63);
	assert_true(valid(label));
	label[63] = 'a';
	assert_false(valid(label));
	for (size_t i = 0; i < 254; i++)
		name[i] = i % 2 == 0 ? 'a' : '.';
	name[253] = '\0';
	assert_true(valid(name));
	memcpy(name + 253, ".a", 3);
	assert_false(valid(name));
}

static bool
matches(const char *name, const char *host)
{
	return dns_name_matches(bytes_of_text(name), bytes_of_text(host));
}

static void
a_wildcard_stands_for_one_whole_label(void **state)
{
	assert_true(matches("a.example.com", "A.Example.COM"));
	assert_true(matches("*.example.com", "a.example.com"));
	assert_false(matches("*.example.com", "example.com"));
	assert_false(matches("*.example.com", "a.b.example.com"));
	assert_false(matches("*.example.com", ".example.com"));
	assert_false(matches("*.com", "example.com"));
	assert_false(matches("a*.example.com", "ab.example.com"));
	assert_false(matches("*a.example.com", "ba.example.com"));
	assert_false(matches("a.*.example.com", "a.b.example.com"));
	assert_false(matches("*.*.example.com", "a.b.example.com"));
	assert_false(matches("*", "a"));
	assert_false(matches("a.example.com", "*.example.com"));
	assert_false(matches("a.example.com.", "a.example.com"));
	assert_false(matches("a.example.com", "a.example.com."));
	assert_false(matches("10.0.0.1", "10.0.0.1"));
	assert_false(matches("*.0.0.1", "10.0.0.1"));
}

static void
a_mail_address_has_one_at_sign(void **state)
{
	struct bytes local, host;

	assert_true(email_split(bytes_of_text("a.b@example.com"), &local, &host));
	assert_true(bytes_equal_text(local, "a.b"));
	assert_true(bytes_equal_text(host, "example.com"));
	assert_false(email_split(bytes_of_text("example.com"), &local, &host));
	assert_false(email_split(bytes_of_text("@example.com"), &local, &host));
	assert_false(email_split(bytes_of_text("a@"), &local, &host));
	assert_false(email_split(bytes_of_text("a@b@example.com"), &local, &host));
	assert_false(email_split(bytes_of_text(""), &local, &host));
}

static void
the_host_of_a_uri_is_cut_out(void **state)
{
	static const struct {
		const char *uri;
		const char *host; /* NULL: none */
	} cases[] = {
	    {"http://example.com/a", "example.com"},
	    {"http://example.com", "example.com"},
	    {"http://user:pw@example.com:8080/a?b#c", "example.com"},
	    {"ldap://example.com?x", "example.com"},
	    {"http://[::1]:80/", "[::1"},
	    {"http://10.0.0.1/", "10.0.0.1"},
	    {"http:///a", NULL},
	    {"mailto:a@example.com", NULL},
	    {"example.com/a", NULL},
	    {"://example.com", NULL},
	    {"urn:a:b", NULL},
	    {"", NULL},
	};
	struct bytes host;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool found = uri_host(bytes_of_text(cases[i].uri), &host);

		assert_int_equal(found, cases[i].host != NULL);
		if (found)
			assert_true(bytes_equal_text(host, cases[i].host));
	}
}

static void
an_ipv4_address_is_four_numbers(void **state)
{
	static const char *const bad[] = {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.",
	    "1..2.3", "a.b.c.d", "1.2.3.4a", "1.2.3.0004"};

	assert_true(dns_name_is_ipv4(bytes_of_text("10.0.0.255")));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(dns_name_is_ipv4(bytes_of_text(bad[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_dns_name_is_labels_of_letters_digits_and_hyphens),
	    cmocka_unit_test(a_wildcard_stands_for_one_whole_label),
	    cmocka_unit_test(a_mail_address_has_one_at_sign),
	    cmocka_unit_test(the_host_of_a_uri_is_cut_out),
	    cmocka_unit_test(an_ipv4_address_is_four_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

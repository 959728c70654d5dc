/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/cli/verify_json.h"

static const struct verify_json_defaults defaults = {.profile = VERIFY_RFC5280,
    .now_s = 1000,
    .base_fd = AT_FDCWD};

/* The question of a line whose chain and anchors are there; fails where there is none. */
static struct verify_request *
question(const char *fields)
{
	struct verify_request *request;
	struct verify_fault fault;
	char line[2000];
	char *id;

	snprintf(line, sizeof(line), "{\"chain\":[\"der:MAA=\"],\"anchors\":[\"der:MAA=\"]%s}",
	    fields);
	request = verify_json_request(bytes_of_text(line), &defaults, &id, &fault);
	if (request == NULL)
		fail_msg("%s: %s", line, fault.text);
	free(id);
	return request;
}

/* The fault of a line; fails where there is none. */
static struct verify_fault
fault_of(const char *line)
{
	struct verify_fault fault;
	struct verify_request *request;
	char *id;

	request = verify_json_request(bytes_of_text(line), &defaults, &id, &fault);
	if (request != NULL)
		fail_msg("no fault in %s", line);
	free(id);
	return fault;
}

static void
missing_fields_have_defaults(void **state)
{
	struct verify_request *request = question("");
	const struct path_params *params = &request->params;

	assert_int_equal(params->now_s, 1000);
	assert_int_equal(params->use, PATH_USE_SERVER);
	assert_int_equal(params->revocation, PATH_REVOCATION_CHAIN);
	assert_int_equal(params->min_rsa_bits, 1024);
	assert_int_equal(params->anchor_checks, PATH_ANCHOR_DEFAULT);
	assert_int_equal(params->crl_max_age_s, 0);
	assert_int_equal(params->name_count, 0);
	assert_int_equal(params->policy_count, 0);
	assert_false(params->profile);
	assert_false(params->revocation_only);
	assert_false(params->strict_eku);
	assert_false(params->validation_off);
	assert_false(params->explicit_policy);
	assert_int_equal(request->lists[VERIFY_CHAIN].count, 1);
	verify_request_free(request);
}

static void
the_appliance_profile_asks_for_more(void **state)
{
	struct verify_request *request = verify_request_new(VERIFY_APPLIANCE, 5);

	assert_true(request->params.profile);
	assert_int_equal(request->params.min_rsa_bits, 2048);
	assert_int_equal(request->params.profile_uses, PROFILE_USE_LISTENS);
	verify_request_free(request);
}

static void
every_field_reaches_its_parameter(void **state)
{
	struct verify_request *request = question(
	    ",\"time\":\"1970-01-01T00:01:00.9Z\",\"purpose\":\"client\",\"check\":\"crl\","
	    "\"revocation\":\"leaf\",\"crl_max_age\":60,\"max_depth\":3,\"min_rsa_bits\":3072,"
	    "\"strict_eku\":true,\"key_usage\":[\"digitalSignature\",\"cRLSign\"],"
	    "\"anchor_checks\":{\"expiry\":true,\"basic_constraints\":true,\"x\":1},"
	    "\"policy\":{\"initial\":[\"2.5.29.32.0\"],\"explicit\":true,\"inhibit_any\":true,"
	    "\"inhibit_mapping\":true},\"crls\":[\"der:MAA=\",\"der:MAA=\"],"
	    "\"extra_certs\":[\"der:MAA=\"],\"untrusted\":[\"der:MAA=\"]");
	const struct path_params *params = &request->params;

	assert_int_equal(params->now_s, 60);
	assert_int_equal(params->use, PATH_USE_CLIENT);
	assert_int_equal(params->profile_uses, PROFILE_USE_DIALS);
	assert_true(params->revocation_only);
	assert_int_equal(params->revocation, PATH_REVOCATION_LEAF);
	assert_int_equal(params->crl_max_age_s, 60);
	assert_int_equal(params->max_depth, 3);
	assert_int_equal(params->min_rsa_bits, 3072);
	assert_true(params->strict_eku);
	assert_int_equal(params->key_usage, CERT_KU_DIGITAL_SIGNATURE | CERT_KU_CRL_SIGN);
	assert_int_equal(params->anchor_checks, PATH_ANCHOR_EXPIRY | PATH_ANCHOR_CA);
	assert_int_equal(params->policy_count, 1);
	assert_true(bytes_equal(params->policies[0], bytes_of("\x55\x1d\x20\x00", 4)));
	assert_true(
	    params->explicit_policy && params->inhibit_any_policy && params->inhibit_mapping);
	assert_int_equal(request->lists[VERIFY_CRLS].count, 2);
	assert_int_equal(request->lists[VERIFY_EXTRA].count, 1);
	assert_int_equal(request->lists[VERIFY_UNTRUSTED].count, 1);
	verify_request_free(request);
}

static void
names_keep_kind_and_value(void **state)
{
	struct verify_request *request = question(
	    ",\"names\":[{\"kind\":\"dns\",\"value\":\"a.example\"},"
	    "{\"kind\":\"ip\",\"value\":\"::1\"},{\"kind\":\"email\",\"value\":\"a@b\"},"
	    "{\"kind\":\"cn\",\"value\":\"\"}]");
	static const struct path_name names[] = {{PATH_NAME_DNS, "a.example"},
	    {PATH_NAME_IP, "::1"}, {PATH_NAME_EMAIL, "a@b"}, {PATH_NAME_CN, ""}};

	assert_int_equal(request->params.name_count, COUNT_OF(names));
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		assert_int_equal(request->params.names[i].kind, names[i].kind);
		assert_string_equal(request->params.names[i].value, names[i].value);
	}
	verify_request_free(request);
}

static void
fields_of_the_wrong_kind_are_wrong_calls(void **state)
{
	static const char *const fields[] = {"\"time\":5", "\"time\":\"2030\"",
	    "\"purpose\":true", "\"purpose\":\"Server\"", "\"revocation\":[]", "\"check\":1",
	    "\"crl_max_age\":\"60\"", "\"crl_max_age\":-1", "\"crl_max_age\":1.5",
	    "\"max_depth\":99999999999", "\"min_rsa_bits\":1e3", "\"strict_eku\":\"yes\"",
	    "\"key_usage\":\"digitalSignature\"", "\"key_usage\":[1]", "\"key_usage\":[\"x\"]",
	    "\"anchor_checks\":true", "\"anchor_checks\":{\"expiry\":1}", "\"policy\":[]",
	    "\"policy\":{\"initial\":\"1.2\"}", "\"policy\":{\"initial\":[\"1\"]}",
	    "\"policy\":{\"explicit\":0}", "\"names\":{}", "\"names\":[1]",
	    "\"names\":[{\"kind\":\"dns\"}]", "\"names\":[{\"kind\":\"x\",\"value\":\"y\"}]",
	    "\"crls\":\"a\"", "\"crls\":[null]", "\"extra_certs\":[1]", "\"id\":7"};

	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		struct verify_fault fault;
		char line[400];

		snprintf(line, sizeof(line),
		    "{\"chain\":[\"der:MAA=\"],\"anchors\":[\"der:MAA=\"],%s}", fields[i]);
		fault = fault_of(line);
		if (fault.reason != REASON_OK)
			fail_msg("%s: %s", fields[i], fault.text);
	}
}

static void
too_many_are_too_many(void **state)
{
	struct verify_request *request = verify_request_new(VERIFY_RFC5280, 0);
	struct verify_fault fault;

	for (int i = 0; i < PATH_NAME_MAX; i++)
		assert_true(verify_add_name(request, "dns", "a", &fault));
	assert_false(verify_add_name(request, "dns", "a", &fault));
	for (int i = 0; i < PATH_POLICY_MAX; i++)
		assert_true(verify_add_policy(request, "1.2.3", &fault));
	assert_false(verify_add_policy(request, "1.2.3", &fault));
	for (int i = 0; i < VERIFY_FILES_MAX; i++)
		assert_true(
		    verify_add_file(request, VERIFY_CRLS, AT_FDCWD, "der:MAA=", &fault));
	assert_false(verify_add_file(request, VERIFY_CRLS, AT_FDCWD, "der:MAA=", &fault));
	assert_int_equal(fault.reason, REASON_CRL_TOO_LARGE);
	verify_request_free(request);
}

static void
times_before_1970_round_down(void **state)
{
	struct verify_fault fault;
	int64_t s;

	assert_true(verify_parse_time("1969-12-31T23:59:59.5Z", &s, &fault));
	assert_int_equal(s, -1);
	assert_true(verify_parse_time("1969-12-31T23:59:58Z", &s, &fault));
	assert_int_equal(s, -2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(missing_fields_have_defaults),
	    cmocka_unit_test(the_appliance_profile_asks_for_more),
	    cmocka_unit_test(every_field_reaches_its_parameter),
	    cmocka_unit_test(names_keep_kind_and_value),
	    cmocka_unit_test(fields_of_the_wrong_kind_are_wrong_calls),
	    cmocka_unit_test(too_many_are_too_many),
	    cmocka_unit_test(times_before_1970_round_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

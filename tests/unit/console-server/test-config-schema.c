/* SPDX-License-Identifier: Apache-2.0
 *
 * console.conf: the defaults that the documents promise, and the rules over several keys.
 */
#include "tests/lib/test.h"

#include "common/log/log.h"
#include "console-server/config_schema.h"

#define MIN_MS  INT64_C(60000)
#define HOUR_MS (60 * MIN_MS)

static struct config *
parse(const char *text, enum status wanted, struct buf *errors_text)
{
	struct config_errors errors;
	struct config *config = NULL;

	assert_int_equal(config_parse(&console_config_schema, "console.conf",
			     bytes_of_text(text), 1, &config, &errors),
	    wanted);
	for (size_t i = 0; i < errors.count; i++)
		config_error_print(&errors.rows[i], errors_text);
	config_errors_done(&errors);
	return config;
}

static void
the_defaults_are_those_of_the_documents(void **state)
{
	struct config *config = parse("", STATUS_OK, NULL);
	const struct console_config *console = config_values(config);
	const struct config_address *listen = console->listen.addresses.items;

	assert_string_equal(console->console.state_directory, "/var/lib/portcullis-console");
	assert_string_equal(console->console.control_group, "portcullis");
	assert_string_equal(console->console.admin_group, "portcullis-admin");
	assert_int_equal(console->listen.addresses.count, 1);
	assert_string_equal(listen->host, "0.0.0.0");
	assert_int_equal(listen->port, 8443);
	assert_int_equal(console->listen.workers, 0);
	assert_int_equal(console->link.handshake_timeout_ms, 10000);
	assert_int_equal(console->link.hello_timeout_ms, 30000);
	assert_int_equal(console->link.park_timeout_ms, 10000);
	assert_int_equal(console->link.heartbeat_ms, 15000);
	assert_int_equal(console->link.heartbeat_misses, 3);
	assert_true(console->link.relay);
	assert_int_equal(console->limits.half_open_per_worker, 1024);
	assert_int_equal(console->limits.half_open_per_address, 64);
	assert_int_equal(console->limits.handshake_steps, 8);
	assert_int_equal(console->limits.parked, 1024);
	assert_int_equal(console->limits.parked_per_identity, 4);
	assert_int_equal(console->limits.pending, 1000);
	assert_int_equal(console->peer.policy, CONSOLE_PEER_DEGRADE);
	assert_int_equal(console->peer.degrade_after_ms, 30000);
	assert_int_equal(console->peer.clock_alarm_ms, 5 * MIN_MS);
	assert_int_equal(console->forward.rate_count, 50);
	assert_int_equal(console->forward.rate_interval_ms, 10000);
	assert_int_equal(console->forward.takeover_ms, 60000);
	assert_int_equal(console->web.listen.port, 8444);
	config_free(config);
}

static void
every_purpose_is_strict_by_default(void **state)
{
	struct config *config = parse("", STATUS_OK, NULL);
	const struct console_config *console = config_values(config);

	for (size_t i = 0; i < CONSOLE_PURPOSE_COUNT; i++) {
		const struct config_validation *at = &console->validation[i];

		assert_true(at->validation);
		assert_int_equal(at->revocation.choice, CONFIG_REVOCATION_STRICT);
		assert_int_equal(at->profile, CONFIG_PROFILE_APPLIANCE);
		assert_int_equal(at->live_stale_ms, 24 * HOUR_MS);
		assert_int_equal(at->crl_max_age_ms, 0);
	}
	assert_true(console->crl.fetch);
	assert_false(console->crl.allow_local);
	assert_null(console->crl.proxy);
	assert_int_equal(console->crl.max_size, 64 << 20);
	assert_int_equal(console->warn.certificates.count, 6);
	config_free(config);
}

static void
purposes_are_set_one_by_one(void **state)
{
	struct config *config = parse("[Validation \"forward\"]\nvalidation=off\n"
				      "revocation=grace=72h\nprofile = rfc5280\n"
				      "live-stale=0\n",
	    STATUS_OK, NULL);
	const struct console_config *console = config_values(config);
	const struct config_validation *forward = &console->validation[CONSOLE_PURPOSE_FORWARD];

	assert_true(console->validation[CONSOLE_PURPOSE_APPLIANCE].validation);
	assert_true(console->validation[CONSOLE_PURPOSE_OPERATOR].validation);
	assert_false(forward->validation);
	assert_int_equal(forward->revocation.choice, CONFIG_REVOCATION_GRACE);
	assert_int_equal(forward->revocation.duration_ms, 72 * HOUR_MS);
	assert_int_equal(forward->profile, CONFIG_PROFILE_RFC5280);
	assert_int_equal(forward->live_stale_ms, 0);
	config_free(config);
}

static void
words_of_the_log_mean_what_the_log_means(void **state)
{
	static const struct {
		const char *text;
		int format;
		int level;
	} cases[] = {
	    {"[Log]\nFormat=auto\nLevel=error\n", LOG_FORMAT_AUTO, LOG_LEVEL_ERROR},
	    {"[Log]\nFormat=journal\nLevel=warning\n", LOG_FORMAT_JOURNAL, LOG_LEVEL_WARNING},
	    {"[Log]\nFormat=json\nLevel=info\n", LOG_FORMAT_JSON, LOG_LEVEL_INFO},
	    {"[Log]\nFormat=human\nLevel=debug\n", LOG_FORMAT_HUMAN, LOG_LEVEL_DEBUG},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct config *config = parse(cases[i].text, STATUS_OK, NULL);
		const struct console_config *console = config_values(config);

		assert_int_equal(console->log.format, cases[i].format);
		assert_int_equal(console->log.level, cases[i].level);
		config_free(config);
	}
}

static void
keys_that_contradict_are_refused(void **state)
{
	struct buf errors;

	buf_init(&errors, 10000);
	assert_null(parse("[Crl]\nRefreshMin=2h\nRetryMin=1h\n[Web]\nSessionIdle=13h\n"
			  "[Limits]\nHalfOpenPerAddress=2000\n",
	    STATUS_INVALID, &errors));
	assert_non_null(strstr(buf_text(&errors),
	    "console.conf:2:12: [Crl] RefreshMin: is longer than RefreshMax"));
	assert_non_null(strstr(buf_text(&errors), ":3:10: [Crl] RetryMin: is longer"));
	assert_non_null(strstr(buf_text(&errors), ":5:13: [Web] SessionIdle: is longer"));
	assert_non_null(
	    strstr(buf_text(&errors), ":7:20: [Limits] HalfOpenPerAddress: is more"));
	buf_clear(&errors);
	/* a default can be the wrong one too: then the place is the file */
	assert_null(parse("[Crl]\nRefreshMax=1min\n", STATUS_INVALID, &errors));
	assert_string_equal(buf_text(&errors),
	    "console.conf: [Crl] RefreshMin: is longer than RefreshMax");
	buf_done(&errors);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_defaults_are_those_of_the_documents),
	    cmocka_unit_test(every_purpose_is_strict_by_default),
	    cmocka_unit_test(purposes_are_set_one_by_one),
	    cmocka_unit_test(words_of_the_log_mean_what_the_log_means),
	    cmocka_unit_test(keys_that_contradict_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * sensor.conf: the defaults that the documents promise, and the rules over several keys.
 */
#include "tests/lib/test.h"

#include "sensor-agent/config_schema.h"

#define MIN_MS INT64_C(60000)

static struct config *
parse(const char *text, enum status wanted, struct buf *errors_text)
{
	struct config_errors errors;
	struct config *config = NULL;

	assert_int_equal(config_parse(&sensor_config_schema, "sensor.conf", bytes_of_text(text),
			     1, &config, &errors),
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
	const struct sensor_config *sensor = config_values(config);
	const struct sensor_config_link *link = &sensor->link;

	assert_string_equal(sensor->sensor.state_directory, "/var/lib/portcullis-sensor");
	assert_int_equal(sensor->consoles.count, 0);
	assert_int_equal(sensor->inputs.count, 0);
	assert_int_equal(link->preference, SENSOR_PREFERENCE_HASH);
	assert_true(link->relay);
	assert_int_equal(link->connect_timeout_ms, 10000);
	assert_int_equal(link->handshake_timeout_ms, 10000);
	assert_int_equal(link->park_timeout_ms, 10000);
	assert_int_equal(link->accept_timeout_ms, 25000);
	assert_int_equal(link->heartbeat_ms, 15000);
	assert_int_equal(link->heartbeat_misses, 3);
	assert_int_equal(link->retry_min_ms, 1000);
	assert_int_equal(link->retry_max_ms, 60000);
	assert_int_equal(link->refused_retry_ms, 60000);
	assert_int_equal(link->failover_jitter_ms, 2000);
	assert_int_equal(link->failback_after_ms, 5 * MIN_MS);
	assert_int_equal(link->failback_jitter_ms, 10 * MIN_MS);
	assert_int_equal(link->failback_every_ms, 30 * MIN_MS);
	assert_int_equal(sensor->spool.when_full, SENSOR_WHEN_FULL_BLOCK);
	assert_true(sensor->validation[SENSOR_PURPOSE_APPLIANCE].validation);
	assert_int_equal(sensor->validation[SENSOR_PURPOSE_APPLIANCE].revocation.choice,
	    CONFIG_REVOCATION_STRICT);
	assert_null(sensor->web.listen.host);
	config_free(config);
}

static void
consoles_and_inputs_are_sections_with_names(void **state)
{
	struct config *config =
	    parse("[Console \"a.example\"]\nAddress=192.0.2.1\n"
		  "[Console \"b.example\"]\nAddress=[2001:db8::2]:9443\nOrder=1\n"
		  "[Input \"suricata\"]\nType=suricata\nPath=/var/log/suricata/eve.json\n"
		  "[Input \"local\"]\nType=socket\nPath=/run/portcullis/sensor/input\n",
		STATUS_OK, NULL);
	const struct sensor_config *sensor = config_values(config);
	const struct sensor_config_console *consoles = sensor->consoles.items;
	const struct sensor_config_input *inputs = sensor->inputs.items;

	assert_int_equal(sensor->consoles.count, 2);
	assert_string_equal(consoles[0].name, "a.example");
	assert_int_equal(consoles[0].address.port, 8443);
	assert_int_equal(consoles[0].order, 50);
	assert_string_equal(consoles[1].address.host, "2001:db8::2");
	assert_int_equal(sensor->inputs.count, 2);
	assert_int_equal(inputs[1].type, SENSOR_INPUT_SOCKET);
	assert_string_equal(inputs[1].path, "/run/portcullis/sensor/input");
	config_free(config);
}

static void
keys_that_contradict_are_refused(void **state)
{
	struct buf errors;

	buf_init(&errors, 10000);
	assert_null(parse("[Console \"a\"]\nAddress=192.0.2.1:8443\n"
			  "[Console \"b\"]\nAddress=192.0.2.1\n"
			  "[Input \"one\"]\nType=zeek\nPath=/x\n"
			  "[Input \"two\"]\nType=zeek\nPath=/x\n"
			  "[Link]\nRetryMin=2min\n",
	    STATUS_INVALID, &errors));
	assert_non_null(strstr(buf_text(&errors),
	    "sensor.conf:4:9: [Console \"b\"] Address: is the address of another console too"));
	assert_non_null(strstr(buf_text(&errors),
	    "sensor.conf:10:6: [Input \"two\"] Path: is the path of another input too"));
	assert_non_null(
	    strstr(buf_text(&errors), "sensor.conf:12:10: [Link] RetryMin: is longer"));
	buf_done(&errors);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_defaults_are_those_of_the_documents),
	    cmocka_unit_test(consoles_and_inputs_are_sections_with_names),
	    cmocka_unit_test(keys_that_contradict_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

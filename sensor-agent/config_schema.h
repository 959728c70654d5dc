/* SPDX-License-Identifier: Apache-2.0
 *
 * sensor.conf in memory.  config_values() of a configuration loaded with
 * sensor_config_schema is a struct sensor_config.
 */
#ifndef PORTCULLIS_SENSOR_AGENT_CONFIG_SCHEMA_H
#define PORTCULLIS_SENSOR_AGENT_CONFIG_SCHEMA_H

#include "common/config/config.h"
#include "common/config/config_sections.h"

/* Indexes of sensor_config.validation. */
enum sensor_purpose {
	SENSOR_PURPOSE_APPLIANCE,
	SENSOR_PURPOSE_OPERATOR,
	SENSOR_PURPOSE_COUNT
};

struct sensor_config_main {
	const char *state_directory;
	const char *runtime_directory;
	const char *user; /* NULL: stay who we are */
	const char *control_group;
	const char *admin_group;
	const char *key_passphrase_file; /* NULL: none */
};

struct sensor_config_console {
	const char *name; /* the CN its certificate must have */
	struct config_address address;
	uint64_t order;
};

enum sensor_preference {
	SENSOR_PREFERENCE_HASH,
	SENSOR_PREFERENCE_ORDER,
};

struct sensor_config_link {
	int preference; /* enum sensor_preference */
	bool relay;
	int64_t connect_timeout_ms;
	int64_t handshake_timeout_ms;
	int64_t park_timeout_ms;
	int64_t accept_timeout_ms;
	int64_t heartbeat_ms;
	uint64_t heartbeat_misses;
	int64_t retry_min_ms;
	int64_t retry_max_ms;
	int64_t refused_retry_ms;
	int64_t failover_jitter_ms;
	int64_t failback_after_ms;
	int64_t failback_jitter_ms;
	int64_t failback_every_ms;
};

enum sensor_input_type {
	SENSOR_INPUT_SURICATA,
	SENSOR_INPUT_ZEEK,
	SENSOR_INPUT_SOCKET,
};

struct sensor_config_input {
	const char *name;
	int type; /* enum sensor_input_type */
	const char *path;
};

enum sensor_when_full {
	SENSOR_WHEN_FULL_BLOCK,
	SENSOR_WHEN_FULL_DROP_NEWEST,
};

struct sensor_config_spool {
	uint64_t quota; /* bytes */
	int when_full;  /* enum sensor_when_full */
};

struct sensor_config {
	struct sensor_config_main sensor;
	struct config_log log;
	struct config_list consoles; /* of struct sensor_config_console */
	struct sensor_config_link link;
	struct config_validation validation[SENSOR_PURPOSE_COUNT];
	struct config_crl crl;
	struct config_warn warn;
	struct config_list inputs; /* of struct sensor_config_input */
	struct sensor_config_spool spool;
	struct config_web web;
};

extern const struct config_schema sensor_config_schema;

#endif

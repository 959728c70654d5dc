/* SPDX-License-Identifier: Apache-2.0
 *
 * console.conf in memory.  config_values() of a configuration loaded with
 * console_config_schema is a struct console_config.
 */
#ifndef PORTCULLIS_CONSOLE_SERVER_CONFIG_SCHEMA_H
#define PORTCULLIS_CONSOLE_SERVER_CONFIG_SCHEMA_H

#include "common/config/config.h"
#include "common/config/config_sections.h"

/* Indexes of console_config.validation. */
enum console_purpose {
	CONSOLE_PURPOSE_APPLIANCE,
	CONSOLE_PURPOSE_FORWARD,
	CONSOLE_PURPOSE_OPERATOR,
	CONSOLE_PURPOSE_COUNT
};

struct console_config_main {
	const char *name;
	const char *state_directory;
	const char *runtime_directory;
	const char *user; /* NULL: stay who we are */
	const char *control_group;
	const char *admin_group;
	const char *key_passphrase_file; /* NULL: none */
};

struct console_config_listen {
	struct config_list addresses; /* of struct config_address */
	uint64_t workers;             /* 0: one per processor */
};

struct console_config_link {
	int64_t handshake_timeout_ms;
	int64_t hello_timeout_ms;
	int64_t park_timeout_ms;
	int64_t heartbeat_ms;
	uint64_t heartbeat_misses;
	bool relay;
};

struct console_config_limits {
	uint64_t half_open_per_worker;
	uint64_t half_open_per_address;
	uint64_t handshake_steps;
	uint64_t parked;
	uint64_t parked_per_identity;
	uint64_t pending;
};

struct console_config_store {
	int64_t retention_age_ms; /* 0: no limit */
	uint64_t retention_size;  /* bytes; 0: no limit */
};

enum console_peer_policy {
	CONSOLE_PEER_STRICT,
	CONSOLE_PEER_DEGRADE,
};

struct console_config_peer {
	int policy; /* enum console_peer_policy */
	int64_t degrade_after_ms;
	int64_t clock_alarm_ms;
};

struct console_config_forward {
	uint64_t rate_count;
	int64_t rate_interval_ms;
	int64_t takeover_ms;
};

struct console_config {
	struct console_config_main console;
	struct config_log log;
	struct console_config_listen listen;
	struct console_config_link link;
	struct config_validation validation[CONSOLE_PURPOSE_COUNT];
	struct config_crl crl;
	struct config_warn warn;
	struct console_config_limits limits;
	struct console_config_store store;
	struct console_config_peer peer;
	struct console_config_forward forward;
	struct config_web web;
};

extern const struct config_schema console_config_schema;

#endif

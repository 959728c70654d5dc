/* SPDX-License-Identifier: Apache-2.0
 *
 * A schema with one key of each type, for the tests of common/config.
 */
#ifndef PORTCULLIS_TESTS_UNIT_COMMON_CONFIG_FIXTURE_H
#define PORTCULLIS_TESTS_UNIT_COMMON_CONFIG_FIXTURE_H

#include "common/config/config.h"

struct fixture_types {
	bool flag;
	uint64_t number;
	uint64_t threads;
	uint64_t size;
	int64_t duration_ms;
	int choice;
	struct config_mode mode;
	const char *text;
	const char *path;
	const char *name;
	const char *host;
	struct config_address address;
	struct config_address listen;
	const char *url;
	const char *secret_url;
	struct config_list hosts;     /* of const char * */
	struct config_list addresses; /* of struct config_address */
	int64_t live_stale_ms;
};

struct fixture_item {
	const char *name;
	uint64_t weight;
	struct config_address address;
};

struct fixture_purpose {
	bool strict;
};

struct fixture {
	struct fixture_types types;
	struct fixture_purpose purposes[2];
	struct config_list items; /* of struct fixture_item */
};

/* check refuses Number=13. */
extern const struct config_schema fixture_schema;

/* Parses; where it fails the test fails with the errors. */
struct config *fixture_parse(const char *text);

/* Parses a text that must be refused; what the errors say, one line each.  Freed by the
 * caller. */
char *fixture_refuse(const char *text);

/* The same for bytes. */
char *fixture_refuse_bytes(struct bytes text);

const struct fixture *fixture_values(const struct config *config);

#endif

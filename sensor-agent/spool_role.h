/* SPDX-License-Identifier: Apache-2.0
 *
 * The spool role of the sensor: owns the spool, the inputs that fill it and the control
 * socket.  A record is accepted when it is on the disk, and only such a record is sent.  It
 * touches no network: what is to go out is given to link, which has judged the console.
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_ROLE_H
#define PORTCULLIS_SENSOR_SPOOL_ROLE_H

#include "common/proc/proc.h"
#include "common/wire/edge_message.h"

/* An input; those of type socket have their listening descriptor behind the control socket's,
 * in the order of the list. */
struct spool_input_settings {
	struct bytes name;
	uint8_t type; /* enum sensor_input_type */
	struct bytes path;
};

/* The role's part of the configuration; the first descriptor is the control socket. */
struct spool_settings {
	struct bytes directory; /* absolute path of spool/ */
	uint64_t quota;
	bool drop_newest;
	uint32_t read_gid; /* (gid_t)-1: none */
	uint32_t change_gid;
	uint8_t log_format;
	uint8_t log_level;
	struct edge_list inputs; /* spool_input_settings messages */
};

extern const struct edge_field spool_input_settings_fields[];
extern const struct edge_field spool_settings_fields[];

/* A row for the role table.  Edges: "link-spool", "admin-trust", "admin-key". */
extern const struct proc_role spool_role;

#endif

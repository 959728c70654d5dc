/* SPDX-License-Identifier: Apache-2.0
 *
 * The sensor's link role: dials the consoles of the configuration, judges the one that
 * answers, carries batches from the spool and acknowledgements back.  It opens no file and
 * keeps nothing: what is not acknowledged is sent again.
 */
#ifndef PORTCULLIS_SENSOR_LINK_UPLINK_H
#define PORTCULLIS_SENSOR_LINK_UPLINK_H

#include "common/proc/proc.h"
#include "common/wire/edge_message.h"

/* A console, in the order of preference. */
struct uplink_console_settings {
	struct bytes name; /* the CN its certificate must have */
	struct bytes host;
	uint16_t port;
};

/* The role's part of the configuration. */
struct uplink_settings {
	struct edge_list consoles; /* uplink_console_settings messages */
	uint32_t connect_ms;
	uint32_t retry_min_ms;
	uint32_t retry_max_ms;
	uint32_t refused_ms; /* after a refusal for a reason that an operator has to mend */
	uint32_t failover_jitter_ms;
	uint8_t log_format;
	uint8_t log_level;
};

extern const struct edge_field uplink_console_settings_fields[];
extern const struct edge_field uplink_settings_fields[];

/* A row for the role table.  Edges: "link-key", "link-identity", "link-trust",
 * "link-fetch", "link-spool". */
extern const struct proc_role uplink_role;

#endif

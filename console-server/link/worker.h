/* SPDX-License-Identifier: Apache-2.0
 *
 * A link worker of the console: accepts connections, lets through the gate who proves
 * itself and whom the store finds welcome, carries batches to the store and its
 * acknowledgements back.  It opens no file, dials nobody and keeps nothing that must
 * outlive it: what is not committed is sent again.
 */
#ifndef PORTCULLIS_CONSOLE_LINK_WORKER_H
#define PORTCULLIS_CONSOLE_LINK_WORKER_H

#include "common/proc/proc.h"
#include "common/wire/edge_message.h"

/* The role's part of the configuration; its listening sockets come as descriptors. */
struct worker_settings {
	struct bytes name; /* what the console calls itself */
	uint32_t half_open_max;
	uint32_t half_open_per_address;
	uint8_t log_format;
	uint8_t log_level;
};

extern const struct edge_field worker_settings_fields[];

/* A row for the role table.  Edges: "link-key", "link-identity", "link-trust",
 * "link-store". */
extern const struct proc_role worker_role;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * What tells this machine and this boot from others.  Read before the sandbox closes.
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_HOST_H
#define PORTCULLIS_SENSOR_SPOOL_HOST_H

#include <stdint.h>

#include "common/base/status.h"
#include "sensor-agent/spool/spool_entry.h"

/* SHA-256 over a fixed text and the machine id, so that the id itself is not shown.
 * STATUS_NOT_FOUND, STATUS_INVALID: the host has none. */
enum status spool_host_machine(uint8_t ret_hash[static SPOOL_HASH_SIZE]) MUST_USE;

/* The first 8 bytes of the kernel's boot id. */
enum status spool_host_boot_id(uint8_t ret_id[static 8]) MUST_USE;

#endif

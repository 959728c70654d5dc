/* SPDX-License-Identifier: Apache-2.0
 *
 * What processes the sensor is made of, and what each is told of the configuration.
 */
#ifndef PORTCULLIS_SENSOR_ROLES_H
#define PORTCULLIS_SENSOR_ROLES_H

#include "common/daemon/daemon.h"

extern const struct daemon_program sensor_daemon;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Hears when something happens in the directories of the inputs, so that lines are read at
 * once and not at the next look.  Only a hint: whoever polls often enough needs none.
 */
#ifndef PORTCULLIS_SENSOR_INPUT_WATCH_H
#define PORTCULLIS_SENSOR_INPUT_WATCH_H

#include "common/base/status.h"

/* A descriptor that becomes readable. */
enum status watch_new(int *ret_fd) MUST_USE;

/* Adds a directory.  STATUS_NOT_FOUND and the like: it cannot be watched (now). */
enum status watch_add(int fd, const char *dir) MUST_USE;

/* Forgets what happened so far; then poll the inputs. */
void watch_drain(int fd);

#endif

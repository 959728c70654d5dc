/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding log files that were renamed: by what they are (device, inode, first bytes), and
 * the one that was begun after another.  Looks in the directory of the file and in the
 * directories directly below it (Zeek keeps a directory for each day).
 */
#ifndef PORTCULLIS_SENSOR_INPUT_ROTATED_H
#define PORTCULLIS_SENSOR_INPUT_ROTATED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "sensor-agent/spool/spool_source.h"

enum {
	ROTATED_MARK_MAX = 256,     /* first bytes of a file that its mark covers */
	ROTATED_ENTRIES_MAX = 16384 /* names that one search looks at */
};

/* The mark of a file that begins so. */
uint64_t rotated_mark(struct bytes head);

/* Whether an open file is the one of a position, however it is called now. */
bool rotated_is(int fd, const struct spool_position *position);

/* Whether name is one that a rotation gives to base: "eve.json.1", "eve.json-20261123",
 * "conn.13:00:00-14:00:00.log", "conn-2026-11-23.log".  Compressed files are not. */
bool rotated_name(const char *base, const char *name);

/* Opens the file of a position.  STATUS_NOT_FOUND when there is none. */
enum status rotated_find(const char *dir, const struct spool_position *position,
    int *ret_fd) MUST_USE;

/* Opens the oldest rotated file of base that was written to after the one given, which is
 * not it.  STATUS_NOT_FOUND when there is none: base itself is next. */
enum status rotated_successor(const char *dir, const char *base, const struct stat *after,
    int *ret_fd) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A spool and a directory of logs, with shorthands for what writers and rotations do to the
 * files.  Every helper asserts that it worked.
 */
#ifndef PORTCULLIS_TESTS_LOG_FIXTURE_H
#define PORTCULLIS_TESTS_LOG_FIXTURE_H

#include "tests/unit/sensor-agent/spool/fixture.h"

struct log_fixture {
	struct fixture *f;
	char dir[64];
	int dir_fd;
	int64_t now_ms;
};

int log_fixture_setup(void **state);
int log_fixture_teardown(void **state);

/* Appends to a log, making it where it is not there. */
void log_write(struct log_fixture *l, const char *name, const char *text);
void log_write_bytes(struct log_fixture *l, const char *name, const void *data, size_t len);

void log_rename(struct log_fixture *l, const char *from, const char *to);
void log_remove(struct log_fixture *l, const char *name);
void log_truncate(struct log_fixture *l, const char *name);
void log_mkdir(struct log_fixture *l, const char *name);

/* All durable records of the spool as text, one a line: for events their data, else
 * "TYPE: data"; freed with free(). */
char *log_records(struct log_fixture *l);

/* Asserts that the records of the spool, synced before, are these. */
void log_expect(struct log_fixture *l, const char *records);

#endif

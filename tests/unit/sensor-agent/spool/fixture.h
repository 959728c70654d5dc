/* SPDX-License-Identifier: Apache-2.0
 *
 * A spool in a directory of its own, and shorthands to fill and empty it.  Every helper
 * asserts that it worked.
 */
#ifndef PORTCULLIS_TESTS_SPOOL_FIXTURE_H
#define PORTCULLIS_TESTS_SPOOL_FIXTURE_H

#include "tests/lib/test.h"

#include "common/base/buf.h"
#include "sensor-agent/spool/spool.h"

struct fixture {
	char path[64];
	int dir_fd;
	struct spool_options options;
	struct spool *spool;
	struct spool_report report; /* of the last opening */
};

/* Segments of 128 KiB, a quota of 16 of them. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Empties a directory of files. */
void fixture_empty_dir(int dir_fd);

void fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);

/* Ends as a crash does: what is not synced is not written. */
void fixture_crash(struct fixture *f);

/* Appends an event of the source "test" with this text; gives its number. */
uint64_t fixture_append(struct fixture *f, const char *text);

/* Appends count events of text_len bytes that begin with their number. */
void fixture_fill(struct fixture *f, unsigned count, size_t text_len);

void fixture_sync(struct fixture *f);

/* A record as it is read back. */
struct fixture_record {
	uint64_t seq;
	struct record head;
	char source[RECORD_SOURCE_MAX + 1];
	char *data; /* with a NUL behind it */
	size_t len;
};

struct fixture_records {
	struct fixture_record *items;
	size_t count;
};

/* All durable records from a number on, in batches of at most 7; checks the layout of the
 * batches, that numbers ascend and that hashes follow one another. */
struct fixture_records fixture_read(struct fixture *f, uint64_t from);
void fixture_records_done(struct fixture_records *records);

/* Acknowledges all up to last, as its console would. */
enum status fixture_ack(struct fixture *f, uint64_t last);

/* The names of the segment files in order, at most max; gives their number. */
size_t fixture_segments(struct fixture *f, char names[][SPOOL_NAME_SIZE], size_t max);

/* Whether the last opening found something of a kind. */
bool fixture_found(const struct fixture *f, enum spool_finding_kind kind);

#endif

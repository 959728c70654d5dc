/* SPDX-License-Identifier: Apache-2.0
 *
 * Refused and endangered links, as rows that an operator reads.  One row per (side that
 * reports, reason, identity), folded while it repeats: ten thousand refusals of one
 * appliance are one row with a count.
 */
#ifndef PORTCULLIS_CONSOLE_STORE_FAILURES_H
#define PORTCULLIS_CONSOLE_STORE_FAILURES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/pki/reason.h"
#include "console-server/store/db.h"

enum {
	FAILURES_UNPROVED_MAX = 1000, /* rows whose identity is a source address */
	FAILURES_LINKS_MAX = 16,      /* link_ids kept with a row */
};

struct failures {
	struct db *db;
	struct query fold, link, trim_links, trim_unproved, count_dropped;
};

struct failure {
	struct bytes reported_by; /* "console:main", "sensor:s7.example" */
	enum reason reason;
	struct bytes identity; /* registry name where proved, else the source /32 or /64 */
	bool proved;
	struct bytes link_id; /* 16 hexadecimal digits, or empty */
	struct bytes record;  /* JSON object, as the journal has it */
	int64_t at_us;
	uint64_t count; /* how many this report stands for, at least 1 */
};

void failures_init(struct failures *failures, struct db *db);
void failures_done(struct failures *failures);

/* Adds a report to its row, making the row where it is the first.  Runs inside the caller's
 * transaction. */
enum status failures_add(struct failures *failures, const struct failure *failure,
    int64_t *ret_row) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The sensor's own health as records of the spool: disk, spool, clock, and what others know
 * (certificates, CRLs, links, inputs) and hand in.  Decides what is worth a record: the
 * first one, a change of an alarm, and one a minute.
 */
#ifndef PORTCULLIS_SENSOR_INPUT_HEALTH_H
#define PORTCULLIS_SENSOR_INPUT_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "sensor-agent/spool/spool.h"

enum {
	HEALTH_EVERY_MS = 60000,
	HEALTH_CLOCK_STEP_MS = 1000, /* a wall clock that moved by more than this stepped */
	HEALTH_FACTS_MAX = 64 << 10
};

/* What only others can know.  JSON values, empty: left out. */
struct health_facts {
	struct bytes certificate; /* {"not_after":...,"days_left":...} */
	struct bytes crls;        /* [{"issuer":...,"next_update":...},...] */
	struct bytes links;       /* state and history of the links */
	struct bytes inputs;      /* state of the inputs */
};

struct health {
	struct spool *spool;
	int dir_fd; /* of the spool: the disk that matters */
	bool told;
	int64_t told_mono_ms;
	unsigned alarms;   /* of the last record */
	int64_t offset_ms; /* wall clock minus monotonic, at the last look */
};

void health_init(struct health *health, struct spool *spool, int dir_fd);

/* Looks, and appends a record when it is time or an alarm changed; the clocks are inputs.
 * As spool_append: STATUS_NO_SPACE changes nothing, the next call tries again. */
enum status health_poll(struct health *health, int64_t wall_us, int64_t mono_ms,
    const struct health_facts *facts) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside common/log: what the table of metrics is made of, for its text form (metrics_text)
 * and its byte form (metrics_code).
 */
#ifndef PORTCULLIS_LOG_METRICS_TABLE_H
#define PORTCULLIS_LOG_METRICS_TABLE_H

#include "common/base/map.h"
#include "common/log/metrics.h"

/* An owned struct metric_family. */
struct metrics_family {
	struct metric_family spec;
	size_t label_count;
};

struct metric {
	const struct metrics_family *family;
	char *values[METRIC_LABELS_MAX];
	double value;                           /* of a histogram: the sum */
	uint64_t counts[METRIC_BOUNDS_MAX + 1]; /* one per bound, and what is beyond them */
};

/* Families by name.  Series by name and label values, each with its NUL: so they are in the
 * order of their families. */
struct metrics {
	size_t max_series;
	struct map *families;
	struct map *series;
};

/* The family of that name, made where it is missing; NULL where one of the name is another,
 * or the table is full. */
const struct metrics_family *metrics_family(struct metrics *metrics,
    const struct metric_family *spec);

#endif

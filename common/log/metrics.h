/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers a role counts: counters, gauges and histograms in a table whose size is given at
 * birth, written as Prometheus text 0.0.4.  A role encodes its table for an edge; who shows
 * it decodes the tables of all roles into one (they add up).  Label values come from closed
 * sets (slugs, states, own names); when the table is full the series "other" takes the rest,
 * so a caller always has something to count in.
 */
#ifndef PORTCULLIS_LOG_METRICS_H
#define PORTCULLIS_LOG_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

enum {
	METRIC_LABELS_MAX = 3,
	METRIC_BOUNDS_MAX = 16
};

enum metric_kind {
	METRIC_COUNTER,
	METRIC_GAUGE,
	METRIC_HISTOGRAM,
};

/* A family: what all its series share.  name is [a-z_][a-z0-9_]*, with its unit and, for a
 * counter, _total at the end; bounds are the upper bounds of a histogram, rising, without
 * the infinite one. */
struct metric_family {
	const char *name;
	const char *help;
	enum metric_kind kind;
	const char *labels[METRIC_LABELS_MAX]; /* NULL: no more */
	double bounds[METRIC_BOUNDS_MAX];
	size_t bound_count;
};

struct metrics;
struct metric;

/* At most max_series series in all, of at most max_series families. */
struct metrics *metrics_new(size_t max_series);
void metrics_free(struct metrics *metrics);

/* The series of a family with these label values (as many as it has labels), made where it
 * is missing.  Valid until metrics_free or metrics_drop of its family.  Everything is copied.
 * Never NULL: in a full table it is the family's, or the table's, "other". */
struct metric *metrics_series(struct metrics *metrics, const struct metric_family *family,
    const char *const label_values[]);

/* Forgets all series of a family, before it is told anew (one gauge per CRL, say). */
void metrics_drop(struct metrics *metrics, const char *name);

void metric_add(struct metric *counter, double amount); /* counter: amount >= 0 */
void metric_set(struct metric *gauge, double value);
void metric_observe(struct metric *histogram, double value);

/* Prometheus text 0.0.4, families and series in a stable order. */
void metrics_print(const struct metrics *metrics, struct buf *out);

/* The table as bytes, and such bytes added into a table: counters, gauges and histograms of
 * the same name and labels add up.  STATUS_INVALID leaves the table as it was. */
void metrics_encode(const struct metrics *metrics, struct buf *out);
enum status metrics_decode(struct metrics *metrics, struct bytes encoded) MUST_USE;

#endif

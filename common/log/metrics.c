/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of metrics.
 */
#include "common/log/metrics.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/log/metrics_table.h"

enum {
	SERIES_KEY_MAX = 4096,
};

static void
metrics_family_free(void *value)
{
	struct metrics_family *family = value;

	for (size_t i = 0; i < family->label_count; i++)
		free((char *)family->spec.labels[i]);
	free((char *)family->spec.name);
	free((char *)family->spec.help);
	free(family);
}

static void
metric_free(void *value)
{
	struct metric *metric = value;

	for (size_t i = 0; i < METRIC_LABELS_MAX; i++)
		free(metric->values[i]);
	free(metric);
}

struct metrics *
metrics_new(size_t max_series)
{
	struct metrics *metrics = NEW(struct metrics);

	metrics->max_series = max_series;
	metrics->families = map_new(max_series, metrics_family_free);
	/* each family may need its "other" besides */
	metrics->series = map_new(2 * max_series, metric_free);
	return metrics;
}

void
metrics_free(struct metrics *metrics)
{
	if (metrics == NULL)
		return;
	map_free(metrics->series);
	map_free(metrics->families);
	free(metrics);
}

static size_t
family_label_count(const struct metric_family *spec)
{
	size_t count = 0;

	while (count < METRIC_LABELS_MAX && spec->labels[count] != NULL)
		count++;
	return count;
}

static bool
family_is_same(const struct metrics_family *family, const struct metric_family *spec)
{
	if (family->spec.kind != spec->kind || family->spec.bound_count != spec->bound_count ||
	    family->label_count != family_label_count(spec))
		return false;
	for (size_t i = 0; i < family->label_count; i++) {
		if (strcmp(family->spec.labels[i], spec->labels[i]) != 0)
			return false;
	}
	return memcmp(family->spec.bounds, spec->bounds,
		   spec->bound_count * sizeof(spec->bounds[0])) == 0;
}

const struct metrics_family *
metrics_family(struct metrics *metrics, const struct metric_family *spec)
{
	struct metrics_family *family = map_get(metrics->families, bytes_of_text(spec->name));

	if (family != NULL)
		return family_is_same(family, spec) ? family : NULL;
	if (map_count(metrics->families) == metrics->max_series)
		return NULL;
	family = NEW(struct metrics_family);
	family->spec = *spec;
	family->spec.name = alloc_text(spec->name);
	family->spec.help = alloc_text(spec->help);
	family->label_count = family_label_count(spec);
	for (size_t i = 0; i < family->label_count; i++)
		family->spec.labels[i] = alloc_text(spec->labels[i]);
	if (map_put(metrics->families, bytes_of_text(spec->name), family) != STATUS_OK)
		abort(); /* looked up and counted above */
	return family;
}

static void
series_key(const struct metrics_family *family, const char *const values[], struct buf *key)
{
	buf_init(key, SERIES_KEY_MAX);
	buf_put(key, family->spec.name, strlen(family->spec.name) + 1);
	for (size_t i = 0; i < family->label_count; i++)
		buf_put(key, values[i], strlen(values[i]) + 1);
}

/* The series under these values; NULL where it is not there and there is no room. */
static struct metric *
series_get(struct metrics *metrics, const struct metrics_family *family,
    const char *const values[], bool is_other)
{
	struct metric *metric = NULL;
	struct buf key;

	series_key(family, values, &key);
	if (buf_ok(&key))
		metric = map_get(metrics->series, buf_bytes(&key));
	if (metric == NULL && buf_ok(&key) &&
	    (is_other || map_count(metrics->series) < metrics->max_series)) {
		metric = NEW(struct metric);
		metric->family = family;
		for (size_t i = 0; i < family->label_count; i++)
			metric->values[i] = alloc_text(values[i]);
		if (map_put(metrics->series, buf_bytes(&key), metric) != STATUS_OK)
			abort(); /* looked up and counted above */
	}
	buf_done(&key);
	return metric;
}

struct metric *
metrics_series(struct metrics *metrics, const struct metric_family *spec,
    const char *const label_values[])
{
	static const char *const others[METRIC_LABELS_MAX] = {"other", "other", "other"};
	const struct metrics_family *family = metrics_family(metrics, spec);
	struct metric *metric;

	assert(family != NULL);
	metric = series_get(metrics, family, label_values, false);
	return metric != NULL ? metric : series_get(metrics, family, others, true);
}

/* What metrics_drop removes. */
struct metrics_doomed {
	const struct metrics_family *family;
	struct bytes *keys;
	size_t count;
};

static void
metrics_doom(struct bytes key, void *value, void *arg)
{
	struct metrics_doomed *doomed = arg;

	if (((const struct metric *)value)->family == doomed->family)
		doomed->keys[doomed->count++] = key;
}

void
metrics_drop(struct metrics *metrics, const char *name)
{
	struct metrics_doomed doomed = {
	    .family = map_get(metrics->families, bytes_of_text(name)),
	    .keys = alloc_zeroed(map_count(metrics->series), sizeof(struct bytes)),
	};

	map_each(metrics->series, metrics_doom, &doomed);
	for (size_t i = 0; i < doomed.count; i++)
		map_remove(metrics->series, doomed.keys[i]);
	free(doomed.keys);
}

void
metric_add(struct metric *metric, double amount)
{
	assert(metric->family->spec.kind == METRIC_GAUGE || amount >= 0);
	metric->value += amount;
}

void
metric_set(struct metric *gauge, double value)
{
	assert(gauge->family->spec.kind == METRIC_GAUGE);
	gauge->value = value;
}

void
metric_observe(struct metric *histogram, double value)
{
	const struct metric_family *spec = &histogram->family->spec;
	size_t i = 0;

	assert(spec->kind == METRIC_HISTOGRAM);
	while (i < spec->bound_count && value > spec->bounds[i])
		i++;
	histogram->counts[i]++;
	histogram->value += value;
}

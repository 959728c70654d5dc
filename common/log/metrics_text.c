/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics as Prometheus text 0.0.4.
 */
#include <inttypes.h>
#include <math.h>

#include "common/base/text.h"
#include "common/log/metrics_table.h"

enum {
	METRIC_HELP_MAX = 1024
};

struct metrics_page {
	struct buf *out;
	const struct metrics_family *last;
};

static void
put_number(struct buf *out, double value)
{
	if (isnan(value))
		buf_put_text(out, "NaN");
	else if (isinf(value))
		buf_put_text(out, value > 0 ? "+Inf" : "-Inf");
	else if (value > -1e15 && value < 1e15 && value == (double)(int64_t)value)
		buf_printf(out, "%.0f", value);
	else
		buf_printf(out, "%.15g", value);
}

/* Escaped as any foreign string, and then as the format wants it. */
static void
put_label_value(struct buf *out, const char *value)
{
	struct buf escaped;

	buf_init(&escaped, 4 * TEXT_FOREIGN_MAX + 16);
	text_escape(&escaped, bytes_of_text(value));
	for (size_t i = 0; i < escaped.len; i++) {
		if (escaped.data[i] == '"' || escaped.data[i] == '\\')
			buf_put_u8(out, '\\');
		buf_put_u8(out, escaped.data[i]);
	}
	buf_done(&escaped);
}

/* NAME SUFFIX {labels,le="BOUND"} and a space; bound NULL: without le. */
static void
put_series_name(struct buf *out, const struct metric *metric, const char *suffix,
    const double *bound)
{
	const struct metrics_family *family = metric->family;

	buf_printf(out, "%s%s", family->spec.name, suffix);
	for (size_t i = 0; i < family->label_count; i++) {
		buf_printf(out, "%s%s=\"", i == 0 ? "{" : ",", family->spec.labels[i]);
		put_label_value(out, metric->values[i]);
		buf_put_text(out, "\"");
	}
	if (bound != NULL) {
		buf_put_text(out, family->label_count == 0 ? "{le=\"" : ",le=\"");
		put_number(out, *bound);
		buf_put_text(out, "\"");
	}
	buf_put_text(out, family->label_count > 0 || bound != NULL ? "} " : " ");
}

static void
put_histogram(struct buf *out, const struct metric *metric)
{
	const struct metric_family *spec = &metric->family->spec;
	uint64_t count = 0;

	for (size_t i = 0; i <= spec->bound_count; i++) {
		double bound = i < spec->bound_count ? spec->bounds[i] : INFINITY;

		count += metric->counts[i];
		put_series_name(out, metric, "_bucket", &bound);
		buf_printf(out, "%" PRIu64 "\n", count);
	}
	put_series_name(out, metric, "_sum", NULL);
	put_number(out, metric->value);
	buf_put_text(out, "\n");
	put_series_name(out, metric, "_count", NULL);
	buf_printf(out, "%" PRIu64 "\n", count);
}

static void
put_series(struct bytes key, void *value, void *arg)
{
	static const char *const kinds[] = {
	    [METRIC_COUNTER] = "counter",
	    [METRIC_GAUGE] = "gauge",
	    [METRIC_HISTOGRAM] = "histogram",
	};
	const struct metric *metric = value;
	const struct metric_family *spec = &metric->family->spec;
	struct metrics_page *page = arg;

	if (page->last != metric->family) {
		buf_printf(page->out, "# HELP %s ", spec->name);
		text_escape_max(page->out, bytes_of_text(spec->help), METRIC_HELP_MAX);
		buf_printf(page->out, "\n# TYPE %s %s\n", spec->name, kinds[spec->kind]);
		page->last = metric->family;
	}
	if (spec->kind == METRIC_HISTOGRAM) {
		put_histogram(page->out, metric);
		return;
	}
	put_series_name(page->out, metric, "", NULL);
	put_number(page->out, metric->value);
	buf_put_text(page->out, "\n");
}

void
metrics_print(const struct metrics *metrics, struct buf *out)
{
	struct metrics_page page = {.out = out};

	map_each(metrics->series, put_series, &page);
}

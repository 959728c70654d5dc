/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics as bytes for an edge.  Each series stands with its family, so that one record can
 * be read on its own:
 *
 *   u32 magic, u32 series, { text name, text help, u8 kind, u8 labels, { text label, text
 *   value }, u8 bounds, { f64 }, f64 value, { u64 count } (bounds + 1, of a histogram) }
 *   text = u16 length, bytes without NUL
 */
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/cursor.h"
#include "common/log/metrics_table.h"

enum {
	METRICS_MAGIC = 0x314d4350, /* "PCM1" */
	METRICS_TEXT_MAX = 1024
};

static void
code_put_text(struct buf *out, const char *text)
{
	size_t len = strnlen(text, METRICS_TEXT_MAX);

	buf_put_u16le(out, (uint16_t)len);
	buf_put(out, text, len);
}

static void
code_put_double(struct buf *out, double value)
{
	uint64_t raw;

	memcpy(&raw, &value, sizeof(raw));
	buf_put_u64le(out, raw);
}

static void
code_put_series(struct bytes key, void *value, void *arg)
{
	const struct metric *metric = value;
	const struct metric_family *spec = &metric->family->spec;
	struct buf *out = arg;

	code_put_text(out, spec->name);
	code_put_text(out, spec->help);
	buf_put_u8(out, (uint8_t)spec->kind);
	buf_put_u8(out, (uint8_t)metric->family->label_count);
	for (size_t i = 0; i < metric->family->label_count; i++) {
		code_put_text(out, spec->labels[i]);
		code_put_text(out, metric->values[i]);
	}
	buf_put_u8(out, (uint8_t)spec->bound_count);
	for (size_t i = 0; i < spec->bound_count; i++)
		code_put_double(out, spec->bounds[i]);
	code_put_double(out, metric->value);
	for (size_t i = 0; spec->kind == METRIC_HISTOGRAM && i <= spec->bound_count; i++)
		buf_put_u64le(out, metric->counts[i]);
}

void
metrics_encode(const struct metrics *metrics, struct buf *out)
{
	buf_put_u32le(out, METRICS_MAGIC);
	buf_put_u32le(out, (uint32_t)map_count(metrics->series));
	map_each(metrics->series, code_put_series, out);
}

/* One record while it is read: texts are owned by it. */
struct metrics_record {
	struct metric_family spec;
	char *texts[2 + 2 * METRIC_LABELS_MAX];
	size_t text_count;
	const char *values[METRIC_LABELS_MAX];
	double value;
	uint64_t counts[METRIC_BOUNDS_MAX + 1];
};

static const char *
code_text(struct metrics_record *record, struct cursor *cursor)
{
	struct bytes text = cursor_bytes(cursor, cursor_u16le(cursor));
	char *copy;

	if (text.len > METRICS_TEXT_MAX ||
	    (text.len > 0 && memchr(text.data, '\0', text.len) != NULL))
		cursor->failed = true;
	copy = alloc_text_copy(text.data, text.len);
	record->texts[record->text_count++] = copy;
	return copy;
}

/* A name of the text format; a role that went bad may not forge lines of the page. */
static const char *
code_name(struct metrics_record *record, struct cursor *cursor)
{
	const char *name = code_text(record, cursor);

	if (name[0] == '\0' || (name[0] >= '0' && name[0] <= '9') ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0')
		cursor->failed = true;
	return name;
}

static double
code_double(struct cursor *cursor)
{
	uint64_t raw = cursor_u64le(cursor);
	double value;

	memcpy(&value, &raw, sizeof(value));
	return value;
}

/* False where the record breaks the form; what it holds is to be freed in any case. */
static bool
code_read_record(struct metrics_record *record, struct cursor *cursor)
{
	struct metric_family *spec = &record->spec;
	uint8_t labels;

	spec->name = code_name(record, cursor);
	spec->help = code_text(record, cursor);
	spec->kind = cursor_u8(cursor);
	labels = cursor_u8(cursor);
	if (!cursor_ok(cursor) || spec->kind > METRIC_HISTOGRAM || labels > METRIC_LABELS_MAX)
		return false;
	for (size_t i = 0; i < labels; i++) {
		spec->labels[i] = code_name(record, cursor);
		record->values[i] = code_text(record, cursor);
	}
	spec->bound_count = cursor_u8(cursor);
	if (spec->bound_count > METRIC_BOUNDS_MAX)
		return false;
	for (size_t i = 0; i < spec->bound_count; i++)
		spec->bounds[i] = code_double(cursor);
	record->value = code_double(cursor);
	for (size_t i = 0; spec->kind == METRIC_HISTOGRAM && i <= spec->bound_count; i++)
		record->counts[i] = cursor_u64le(cursor);
	return cursor_ok(cursor) && (spec->kind != METRIC_COUNTER || record->value >= 0);
}

static void
code_free_record(struct metrics_record *record)
{
	for (size_t i = 0; i < record->text_count; i++)
		free(record->texts[i]);
}

/* Reads one record and, where metrics are given, adds it to them. */
static enum status
code_add_record(struct metrics *metrics, struct cursor *cursor, bool add)
{
	struct metrics_record record = {.text_count = 0};
	enum status status = STATUS_OK;
	struct metric *metric;

	if (!code_read_record(&record, cursor) ||
	    metrics_family(metrics, &record.spec) == NULL) {
		status = STATUS_INVALID;
	} else if (add) {
		metric = metrics_series(metrics, &record.spec, record.values);
		metric->value += record.value;
		for (size_t i = 0; i <= record.spec.bound_count; i++)
			metric->counts[i] += record.counts[i];
	}
	code_free_record(&record);
	return status;
}

static enum status
code_pass(struct metrics *metrics, struct bytes encoded, bool add)
{
	struct cursor cursor = cursor_of(encoded);
	uint32_t magic = cursor_u32le(&cursor), count = cursor_u32le(&cursor);
	enum status status = magic == METRICS_MAGIC ? STATUS_OK : STATUS_INVALID;

	for (uint32_t i = 0; i < count && status == STATUS_OK; i++)
		status = code_add_record(metrics, &cursor, add);
	return status == STATUS_OK && !cursor_finished(&cursor) ? STATUS_INVALID : status;
}

/* Twice over the bytes: first to see whether all of it is good. */
enum status
metrics_decode(struct metrics *metrics, struct bytes encoded)
{
	enum status status = code_pass(metrics, encoded, false);

	return status == STATUS_OK ? code_pass(metrics, encoded, true) : status;
}

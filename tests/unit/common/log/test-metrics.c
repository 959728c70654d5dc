/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/log/metrics.h"

static const struct metric_family sessions = {
    .name = "portcullis_sessions_total",
    .help = "Sessions by result.",
    .kind = METRIC_COUNTER,
    .labels = {"result", "side"},
};
static const struct metric_family depth = {
    .name = "portcullis_spool_bytes",
    .help = "Bytes in the spool.",
    .kind = METRIC_GAUGE,
};
static const struct metric_family expiry = {
    .name = "portcullis_crl_next_update_timestamp_seconds",
    .help = "When a CRL runs out.",
    .kind = METRIC_GAUGE,
    .labels = {"issuer"},
};
static const struct metric_family verdict = {
    .name = "portcullis_verdict_seconds",
    .help = "Time to judge a chain.",
    .kind = METRIC_HISTOGRAM,
    .bounds = {0.001, 0.01, 0.5},
    .bound_count = 3,
};

#define VALUES(...) ((const char *const[]){__VA_ARGS__})

static const char *
page(const struct metrics *metrics, struct buf *buf)
{
	buf_clear(buf);
	metrics_print(metrics, buf);
	return buf_text(buf);
}

static void
fill(struct metrics *metrics)
{
	metric_add(metrics_series(metrics, &sessions, VALUES("accepted", "console")), 3);
	metric_add(metrics_series(metrics, &sessions, VALUES("refused", "console")), 1);
	metric_set(metrics_series(metrics, &depth, NULL), 1.5);
	metric_observe(metrics_series(metrics, &verdict, NULL), 0.001);
	metric_observe(metrics_series(metrics, &verdict, NULL), 0.25);
	metric_observe(metrics_series(metrics, &verdict, NULL), 7);
}

static const char filled[] =
    "# HELP portcullis_sessions_total Sessions by result.\n"
    "# TYPE portcullis_sessions_total counter\n"
    "portcullis_sessions_total{result=\"accepted\",side=\"console\"} 3\n"
    "portcullis_sessions_total{result=\"refused\",side=\"console\"} 1\n"
    "# HELP portcullis_spool_bytes Bytes in the spool.\n"
    "# TYPE portcullis_spool_bytes gauge\n"
    "portcullis_spool_bytes 1.5\n"
    "# HELP portcullis_verdict_seconds Time to judge a chain.\n"
    "# TYPE portcullis_verdict_seconds histogram\n"
    "portcullis_verdict_seconds_bucket{le=\"0.001\"} 1\n"
    "portcullis_verdict_seconds_bucket{le=\"0.01\"} 1\n"
    "portcullis_verdict_seconds_bucket{le=\"0.5\"} 2\n"
    "portcullis_verdict_seconds_bucket{le=\"+Inf\"} 3\n"
    "portcullis_verdict_seconds_sum 7.251\n"
    "portcullis_verdict_seconds_count 3\n";

static void
each_kind_is_printed_in_a_stable_order(void **state)
{
	struct metrics *metrics = metrics_new(10);
	struct buf buf;

	buf_init(&buf, 10000);
	fill(metrics);
	assert_string_equal(page(metrics, &buf), filled);
	metrics_free(metrics);
	buf_done(&buf);
}

static void
label_values_are_escaped(void **state)
{
	struct metrics *metrics = metrics_new(10);
	struct buf buf;

	buf_init(&buf, 10000);
	metric_set(metrics_series(metrics, &expiry, VALUES("CN=\"a\\\n\x1b")), 1772280000);
	assert_non_null(strstr(page(metrics, &buf),
	    "{issuer=\"CN=\\\"a\\\\x5c\\\\x0a\\\\x1b\"} 1772280000\n"));
	metrics_free(metrics);
	buf_done(&buf);
}

static void
a_full_table_counts_in_other(void **state)
{
	struct metrics *metrics = metrics_new(3);
	struct buf buf;
	char issuer[20];

	buf_init(&buf, 10000);
	for (int i = 0; i < 100; i++) {
		snprintf(issuer, sizeof(issuer), "CN=%d", i);
		metric_add(metrics_series(metrics, &expiry, VALUES(issuer)), 1);
	}
	assert_non_null(strstr(page(metrics, &buf), "{issuer=\"CN=2\"} 1\n"));
	assert_null(strstr(page(metrics, &buf), "{issuer=\"CN=3\"}"));
	assert_non_null(strstr(page(metrics, &buf), "{issuer=\"other\"} 97\n"));
	metrics_drop(metrics, expiry.name);
	assert_string_equal(page(metrics, &buf), "");
	metric_set(metrics_series(metrics, &expiry, VALUES("CN=new")), 5);
	assert_non_null(strstr(page(metrics, &buf), "{issuer=\"CN=new\"} 5\n"));
	metrics_free(metrics);
	buf_done(&buf);
}

static void
tables_of_several_roles_add_up(void **state)
{
	struct metrics *one = metrics_new(10), *sum = metrics_new(10);
	struct buf bytes, buf;

	buf_init(&bytes, 10000);
	buf_init(&buf, 10000);
	fill(one);
	metrics_encode(one, &bytes);
	assert_int_equal(metrics_decode(sum, buf_bytes(&bytes)), STATUS_OK);
	assert_string_equal(page(sum, &buf), filled);
	assert_int_equal(metrics_decode(sum, buf_bytes(&bytes)), STATUS_OK);
	assert_non_null(strstr(page(sum, &buf), "{result=\"accepted\",side=\"console\"} 6\n"));
	assert_non_null(strstr(page(sum, &buf), "portcullis_verdict_seconds_count 6\n"));
	assert_non_null(strstr(page(sum, &buf), "portcullis_verdict_seconds_sum 14.502\n"));
	assert_non_null(strstr(page(sum, &buf), "portcullis_spool_bytes 3\n"));
	metrics_free(one);
	metrics_free(sum);
	buf_done(&bytes);
	buf_done(&buf);
}

static void
damaged_bytes_add_nothing(void **state)
{
	struct metrics *one = metrics_new(10), *sum = metrics_new(10);
	struct buf bytes, buf;

	buf_init(&bytes, 10000);
	buf_init(&buf, 10000);
	fill(one);
	metrics_encode(one, &bytes);
	for (size_t len = 0; len < bytes.len; len++) {
		uint8_t *part = alloc_copy(bytes.data, len);

		assert_int_equal(metrics_decode(sum, bytes_of(part, len)), STATUS_INVALID);
		free(part);
	}
	buf_put_u8(&bytes, 0);
	assert_int_equal(metrics_decode(sum, buf_bytes(&bytes)), STATUS_INVALID);
	assert_string_equal(page(sum, &buf), "");
	for (size_t i = 0; i < bytes.len; i++) {
		struct metrics *scratch = metrics_new(10);
		enum status status;

		bytes.data[i] ^= 0x55;
		status = metrics_decode(scratch, bytes_of(bytes.data, bytes.len - 1));
		assert_true(status == STATUS_OK || status == STATUS_INVALID);
		bytes.data[i] ^= 0x55;
		metrics_free(scratch);
	}
	metrics_free(one);
	metrics_free(sum);
	buf_done(&bytes);
	buf_done(&buf);
}

static void
a_family_that_differs_is_refused(void **state)
{
	struct metric_family other = expiry;
	struct metrics *one = metrics_new(10), *sum = metrics_new(10);
	struct buf bytes;

	buf_init(&bytes, 10000);
	other.labels[0] = "sensor";
	metric_set(metrics_series(one, &other, VALUES("a")), 1);
	metric_set(metrics_series(sum, &expiry, VALUES("a")), 1);
	metrics_encode(one, &bytes);
	assert_int_equal(metrics_decode(sum, buf_bytes(&bytes)), STATUS_INVALID);
	metrics_free(one);
	metrics_free(sum);
	buf_done(&bytes);
}

static void
a_role_gone_bad_forges_no_line(void **state)
{
	struct metric_family forged = depth;
	struct metrics *one = metrics_new(10), *sum = metrics_new(10);
	struct buf bytes, buf;

	buf_init(&bytes, 10000);
	buf_init(&buf, 10000);
	forged.name = "x 1\ny";
	metric_set(metrics_series(one, &forged, NULL), 1);
	metrics_encode(one, &bytes);
	assert_int_equal(metrics_decode(sum, buf_bytes(&bytes)), STATUS_INVALID);
	metrics_free(one);
	one = metrics_new(10);
	forged.name = "x";
	forged.help = "a\nb 1";
	metric_set(metrics_series(one, &forged, NULL), 1);
	buf_clear(&bytes);
	metrics_encode(one, &bytes);
	assert_int_equal(metrics_decode(sum, buf_bytes(&bytes)), STATUS_OK);
	assert_non_null(strstr(page(sum, &buf), "# HELP x a\\x0ab 1\n"));
	metrics_free(one);
	metrics_free(sum);
	buf_done(&bytes);
	buf_done(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_kind_is_printed_in_a_stable_order),
	    cmocka_unit_test(label_values_are_escaped),
	    cmocka_unit_test(a_full_table_counts_in_other),
	    cmocka_unit_test(tables_of_several_roles_add_up),
	    cmocka_unit_test(damaged_bytes_add_nothing),
	    cmocka_unit_test(a_family_that_differs_is_refused),
	    cmocka_unit_test(a_role_gone_bad_forges_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

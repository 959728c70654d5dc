/* SPDX-License-Identifier: Apache-2.0
 *
 * Token buckets of log lines.
 */
#include "common/log/log_suppress.h"

#include <string.h>

/* A bucket holds burst tokens and gains one each interval. */
struct rate {
	int64_t burst;
	int64_t interval_ms;
};

static const struct rate *
bucket_rate(const struct log_suppress *suppress, const struct log_bucket *bucket)
{
	static const struct rate keyed = {5, 60000}, unkeyed = {50, 1000}, rest = {10, 6000};

	if (bucket == &suppress->rest)
		return &rest;
	return bucket->key_len == 0 ? &unkeyed : &keyed;
}

static void
bucket_refill(struct log_bucket *bucket, const struct rate *rate, int64_t now_ms)
{
	int64_t most = rate->burst * rate->interval_ms;

	bucket->credit_ms += now_ms - bucket->last_ms;
	bucket->last_ms = now_ms;
	if (bucket->credit_ms > most)
		bucket->credit_ms = most;
}

static bool
bucket_is(const struct log_bucket *bucket, const char *event, struct bytes key)
{
	return bucket->event[0] != '\0' && strcmp(bucket->event, event) == 0 &&
	       bytes_equal(bytes_of(bucket->key, bucket->key_len), key);
}

/* A full bucket that owes no report says no more than a new one would. */
static bool
bucket_is_idle(const struct log_suppress *suppress, struct log_bucket *bucket, int64_t now_ms)
{
	const struct rate *rate = bucket_rate(suppress, bucket);

	if (bucket->suppressed > 0)
		return false;
	bucket_refill(bucket, rate, now_ms);
	return bucket->credit_ms == rate->burst * rate->interval_ms;
}

static void
bucket_start(struct log_bucket *bucket, const char *event, struct bytes key, int64_t now_ms)
{
	*bucket = (struct log_bucket){.key_len = key.len, .last_ms = now_ms};
	memcpy(bucket->event, event, strlen(event) + 1); /* checked by log_write */
	if (key.len > 0)
		memcpy(bucket->key, key.data, key.len);
}

/* The bucket of a kind: its own, a free or idle one, or the one for the rest. */
static struct log_bucket *
suppress_bucket(struct log_suppress *suppress, const char *event, struct bytes key,
    int64_t now_ms)
{
	struct log_bucket *free_row = NULL, *row = suppress->rows;

	for (; row < suppress->rows + LOG_SUPPRESS_MAX; row++) {
		if (bucket_is(row, event, key))
			return row;
		if (free_row == NULL && row->event[0] == '\0')
			free_row = row;
	}
	for (row = suppress->rows; free_row == NULL && row < suppress->rows + LOG_SUPPRESS_MAX;
	     row++) {
		if (bucket_is_idle(suppress, row, now_ms))
			free_row = row;
	}
	if (free_row == NULL)
		return &suppress->rest;
	bucket_start(free_row, event, key, now_ms);
	free_row->credit_ms = bucket_rate(suppress, free_row)->burst *
			      bucket_rate(suppress, free_row)->interval_ms;
	return free_row;
}

bool
log_suppress_pass(struct log_suppress *suppress, enum log_level level, const char *event,
    struct bytes key, int64_t now_ms, int64_t wall_us, uint64_t *ret_suppressed)
{
	struct log_bucket *bucket;
	const struct rate *rate;

	if (key.len > LOG_SUPPRESS_NAME_MAX)
		key.len = LOG_SUPPRESS_NAME_MAX;
	bucket = suppress_bucket(suppress, event, key, now_ms);
	rate = bucket_rate(suppress, bucket);
	bucket_refill(bucket, rate, now_ms);
	if (bucket->credit_ms < rate->interval_ms) {
		if (bucket->suppressed++ == 0) {
			bucket->since_us = wall_us;
			bucket->level = level;
		}
		/* of several levels the most important one reports */
		if (level == LOG_LEVEL_AUDIT || level < bucket->level)
			bucket->level = level;
		return false;
	}
	bucket->credit_ms -= rate->interval_ms;
	*ret_suppressed = 0;
	if (bucket != &suppress->rest) {
		*ret_suppressed = bucket->suppressed;
		bucket->suppressed = 0;
	}
	return true;
}

static void
sweep_bucket(struct log_suppress *suppress, struct log_bucket *bucket, int64_t now_ms, bool all,
    void (*report)(const struct log_bucket *bucket, void *arg), void *arg)
{
	const struct rate *rate = bucket_rate(suppress, bucket);

	if (bucket->suppressed == 0)
		return;
	bucket_refill(bucket, rate, now_ms);
	if (!all && bucket->credit_ms < rate->interval_ms)
		return;
	report(bucket, arg);
	bucket->suppressed = 0;
}

void
log_suppress_sweep(struct log_suppress *suppress, int64_t now_ms, bool all,
    void (*report)(const struct log_bucket *bucket, void *arg), void *arg)
{
	for (size_t i = 0; i < LOG_SUPPRESS_MAX; i++)
		sweep_bucket(suppress, &suppress->rows[i], now_ms, all, report, arg);
	sweep_bucket(suppress, &suppress->rest, now_ms, all, report, arg);
	suppress->swept_ms = now_ms;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * How long to wait before trying again: full jitter, U(0, min(cap, base * 2^n)) for the
 * n-th try in a row.  Knows no timer; whoever waits has one.
 */
#ifndef PORTCULLIS_LOOP_BACKOFF_H
#define PORTCULLIS_LOOP_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

struct backoff {
	uint32_t base_ms;
	uint32_t cap_ms;
	unsigned tries; /* since the last reset */
	bool seeded;
	uint64_t seed;
};

/* 0 < base_ms <= cap_ms. */
void backoff_init(struct backoff *backoff, uint32_t base_ms, uint32_t cap_ms);

/* The same waits every time, for tests. */
void backoff_seed(struct backoff *backoff, uint64_t seed);

/* The wait before the next try, in milliseconds; doubles the span for the one after. */
uint32_t backoff_next(struct backoff *backoff);

/* It worked: the next wait is a short one again. */
void backoff_reset(struct backoff *backoff);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Full jitter.
 */
#include "common/loop/backoff.h"

#include <assert.h>

#include "common/base/random.h"

void
backoff_init(struct backoff *backoff, uint32_t base_ms, uint32_t cap_ms)
{
	assert(0 < base_ms && base_ms <= cap_ms);
	*backoff = (struct backoff){.base_ms = base_ms, .cap_ms = cap_ms};
}

void
backoff_seed(struct backoff *backoff, uint64_t seed)
{
	backoff->seeded = true;
	backoff->seed = seed;
}

/* SplitMix64: a step of a sequence that a seed gives. */
static uint64_t
backoff_step(uint64_t *seed)
{
	uint64_t mixed = *seed += 0x9e3779b97f4a7c15u;

	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
	return mixed ^ mixed >> 31;
}

uint32_t
backoff_next(struct backoff *backoff)
{
	uint64_t span_ms = backoff->cap_ms;

	/* below 32 doublings the product fits in 64 bits */
	if (backoff->tries < 32 && ((uint64_t)backoff->base_ms << backoff->tries) < span_ms)
		span_ms = (uint64_t)backoff->base_ms << backoff->tries;
	if (backoff->tries < 32)
		backoff->tries++;
	if (backoff->seeded)
		return (uint32_t)(backoff_step(&backoff->seed) % (span_ms + 1));
	return (uint32_t)random_below(span_ms + 1);
}

void
backoff_reset(struct backoff *backoff)
{
	backoff->tries = 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * getrandom(2), nothing else.
 */
#include "common/base/random.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void
random_bytes(void *ret_data, size_t len)
{
	uint8_t *at = ret_data;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0) {
			at += got;
			len -= (size_t)got;
		}
	}
}

uint64_t
random_below(uint64_t limit)
{
	uint64_t unfair, value;

	assert(limit > 0);
	unfair = -limit % limit; /* 2^64 mod limit: values below it would be favoured */
	do {
		random_bytes(&value, sizeof(value));
	} while (value < unfair);
	return value % limit;
}

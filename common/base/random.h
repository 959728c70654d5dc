/* SPDX-License-Identifier: Apache-2.0
 *
 * Chance from the kernel.  For identifiers and jitter; keys are made by the TLS library.
 */
#ifndef PORTCULLIS_BASE_RANDOM_H
#define PORTCULLIS_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fills len bytes; aborts when the kernel has none, which it always has after boot. */
void random_bytes(void *ret_data, size_t len);

/* A number from 0 to limit - 1, each equally likely.  limit > 0. */
uint64_t random_below(uint64_t limit);

#endif

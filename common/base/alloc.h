/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory that is either there or the process is not.  Everything of ours has a bound, so
 * running out is not a state to carry through each function: the role ends, is reported
 * and started again (docs/decisions/0002).
 */
#ifndef PORTCULLIS_BASE_ALLOC_H
#define PORTCULLIS_BASE_ALLOC_H

#include <stddef.h>

/* Zeroed memory for count things of size bytes; aborts when there is none or the product
 * overflows.  Never NULL, also for zero.  Freed with free(). */
void *alloc_zeroed(size_t count, size_t size)
    __attribute__((malloc, returns_nonnull, alloc_size(1, 2)));

/* realloc() to count things of size bytes that does not fail; what is new is not zeroed. */
void *alloc_resize(void *old, size_t count, size_t size)
    __attribute__((returns_nonnull, warn_unused_result, alloc_size(2, 3)));

/* Copies; freed with free().  alloc_text_copy appends a NUL to len bytes. */
char *alloc_text(const char *text) __attribute__((malloc, returns_nonnull));
char *alloc_text_copy(const void *data, size_t len) __attribute__((malloc, returns_nonnull));
void *alloc_copy(const void *data, size_t len) __attribute__((malloc, returns_nonnull));

#define NEW(type) ((type *)alloc_zeroed(1, sizeof(type)))

#endif

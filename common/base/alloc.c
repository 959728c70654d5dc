/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocation that aborts instead of failing.
 */
#include "common/base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *
alloc_zeroed(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);

	if (memory == NULL)
		abort();
	return memory;
}

void *
alloc_resize(void *old, size_t count, size_t size)
{
	void *memory;

	if (size != 0 && count > SIZE_MAX / size)
		abort();
	memory = realloc(old, count * size > 0 ? count * size : 1);
	if (memory == NULL)
		abort();
	return memory;
}

void *
alloc_copy(const void *data, size_t len)
{
	void *memory = alloc_zeroed(1, len);

	if (len > 0)
		memcpy(memory, data, len);
	return memory;
}

char *
alloc_text_copy(const void *data, size_t len)
{
	char *text = alloc_zeroed(1, len + 1);

	if (len > 0)
		memcpy(text, data, len);
	return text;
}

char *
alloc_text(const char *text)
{
	return alloc_text_copy(text, strlen(text));
}

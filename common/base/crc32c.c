/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C: by the processor's instruction where it has one, else by table.
 */
#include "common/base/crc32c.h"

#include <stdbool.h>
#include <string.h>

enum {
	POLYNOMIAL_BITS = 8
};

static uint32_t
crc32c_table_entry(uint32_t value)
{
	for (int bit = 0; bit < POLYNOMIAL_BITS; bit++)
		value = value & 1 ? value >> 1 ^ 0x82f63b78u : value >> 1;
	return value;
}

static uint32_t
crc32c_by_table(uint32_t crc, const uint8_t *at, size_t len)
{
	static uint32_t table[256];
	static bool filled;

	if (!filled) {
		for (uint32_t i = 0; i < 256; i++)
			table[i] = crc32c_table_entry(i);
		filled = true;
	}
	for (; len > 0; len--)
		crc = table[(crc ^ *at++) & 0xff] ^ crc >> 8;
	return crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t
crc32c_by_instruction(uint32_t crc, const uint8_t *at, size_t len)
{
	uint64_t wide = crc;

	for (; len >= 8; len -= 8, at += 8) {
		uint64_t word;

		memcpy(&word, at, sizeof(word));
		wide = _mm_crc32_u64(wide, word);
	}
	crc = (uint32_t)wide;
	for (; len > 0; len--)
		crc = _mm_crc32_u8(crc, *at++);
	return crc;
}

static bool
crc32c_has_instruction(void)
{
	return __builtin_cpu_supports("sse4.2");
}
#else
static uint32_t
crc32c_by_instruction(uint32_t crc, const uint8_t *at, size_t len)
{
	return crc32c_by_table(crc, at, len);
}

static bool
crc32c_has_instruction(void)
{
	return false;
}
#endif

uint32_t
crc32c(uint32_t crc, const void *data, size_t len)
{
	return ~(crc32c_has_instruction() ? crc32c_by_instruction(~crc, data, len)
					  : crc32c_by_table(~crc, data, len));
}

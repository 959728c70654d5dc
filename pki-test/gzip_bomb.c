/* SPDX-License-Identifier: Apache-2.0
 *
 * DEFLATE (RFC 1951) with fixed codes: one literal zero, then "the last octet, 258 times".
 */
#include "pki-test/gzip_bomb.h"

struct bit_writer {
	struct buf *out;
	uint32_t bits;
	unsigned int count;
};

/* Codes go most significant bit first, everything else least significant first; the caller
 * has turned codes round. */
static void
bit_put(struct bit_writer *writer, uint32_t value, unsigned int count)
{
	writer->bits |= value << writer->count;
	writer->count += count;
	for (; writer->count >= 8; writer->count -= 8, writer->bits >>= 8)
		buf_put_u8(writer->out, (uint8_t)writer->bits);
}

/* CRC-32 (RFC 1952 section 8) of so many zeros. */
static uint32_t
gzip_crc_of_zeros(uint64_t count)
{
	uint32_t table[256], crc = 0xffffffffU;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (0xedb88320U & (0U - (table[i] & 1)));
	}
	for (uint64_t i = 0; i < count; i++)
		crc = crc >> 8 ^ table[crc & 0xff];
	return ~crc;
}

void
gzip_bomb_write(uint32_t runs, struct buf *out)
{
	static const uint8_t head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
	struct bit_writer writer = {.out = out};
	uint64_t len = 1 + 258 * (uint64_t)runs;

	buf_put(out, head, sizeof(head));
	bit_put(&writer, 1, 1);    /* last block */
	bit_put(&writer, 1, 2);    /* fixed codes */
	bit_put(&writer, 0x0c, 8); /* literal 0: 00110000 */
	for (uint32_t i = 0; i < runs; i++) {
		bit_put(&writer, 0xa3, 8); /* length 258: 11000101 */
		bit_put(&writer, 0, 5);    /* distance 1: 00000 */
	}
	bit_put(&writer, 0, 7); /* end of block */
	bit_put(&writer, 0, 7); /* to the next octet */
	buf_put_u32le(out, gzip_crc_of_zeros(len));
	buf_put_u32le(out, (uint32_t)len);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4): against accidents in files, not enemies.
 */
#ifndef PORTCULLIS_BASE_CRC32C_H
#define PORTCULLIS_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The CRC of len bytes, going on from crc (0 at the start). */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A gzip stream (RFC 1952) that unpacks to far more zeros than it has octets.
 */
#ifndef PORTCULLIS_PKI_TEST_GZIP_BOMB_H
#define PORTCULLIS_PKI_TEST_GZIP_BOMB_H

#include <stdint.h>

#include "common/base/buf.h"

/* Appends a stream that unpacks to 1 + 258 * runs zeros; each run takes 13 bits. */
void gzip_bomb_write(uint32_t runs, struct buf *out);

#endif

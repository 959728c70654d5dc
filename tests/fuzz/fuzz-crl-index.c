/* SPDX-License-Identifier: Apache-2.0
 *
 * Index images.  The checksums are made right first, so that what lies behind them is
 * reached: no table, however wrong, may lead outside the image.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/crc32c.h"
#include "common/pki/crl_index.h"
#include "common/pki/crl_index_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fuzz_put_le(uint8_t *at, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/* Makes lengths and checksums right for the header length that is there. */
static void
fuzz_seal(uint8_t *image, size_t size)
{
	size_t header_len =
	    image[CRL_INDEX_HEADER_LEN_AT] | (size_t)image[CRL_INDEX_HEADER_LEN_AT + 1] << 8;

	if (header_len < 64 || header_len > size)
		return;
	memcpy(image, CRL_INDEX_MAGIC, CRL_INDEX_MAGIC_SIZE);
	fuzz_put_le(image + CRL_INDEX_HEADER_LEN_AT, header_len, 4);
	fuzz_put_le(image + CRL_INDEX_IMAGE_LEN_AT, size, 8);
	fuzz_put_le(image + CRL_INDEX_BODY_CRC_AT,
	    crc32c(0, image + header_len, size - header_len), 4);
	header_len -= CRL_INDEX_CRC_SIZE;
	fuzz_put_le(image + header_len, crc32c(0, image, header_len), CRL_INDEX_CRC_SIZE);
}

static void
fuzz_find(const struct crl_index *index)
{
	static const uint8_t serial[CRL_SERIAL_MAX + 1] = {5, 6, 7};
	struct crl_index_entry entry;

	for (size_t len = 0; len <= sizeof serial; len++) {
		(void)crl_index_find(index, index->issuer.canonical, bytes_of(serial, len),
		    &entry);
		(void)crl_index_find(index, bytes_of_text("nobody"), bytes_of(serial, len),
		    &entry);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *image = alloc_copy(data, size);
	struct crl_index *index;

	if (size >= 64)
		fuzz_seal(image, size);
	if (crl_index_open_take(bytes_of(image, size), NULL, &index) == STATUS_OK) {
		fuzz_find(index);
		(void)crl_index_overrules(index, index);
		(void)crl_index_applies(index, index);
		crl_index_unref(index);
	}
	free(image);
	return 0;
}

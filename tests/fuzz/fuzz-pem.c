/* SPDX-License-Identifier: Apache-2.0
 *
 * PEM and DER files.  Checks besides memory: an error says why; what was read is written
 * and read again as the same.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/pki/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	FUZZ_ITEM_MAX = 4096
};

static void
fuzz_again(const struct pem_item *item)
{
	struct pem_item again;
	struct buf text;
	struct pem pem;

	buf_init(&text, 4 * FUZZ_ITEM_MAX);
	pem_write(&text, "THING", item->der);
	pem_init(&pem, buf_bytes(&text), FUZZ_ITEM_MAX);
	if (pem_next(&pem, &again) != STATUS_OK || !bytes_equal(again.der, item->der))
		abort();
	pem_done(&pem);
	buf_done(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pem_item item;
	enum status status;
	struct pem pem;

	pem_init(&pem, bytes_of(data, size), FUZZ_ITEM_MAX);
	while ((status = pem_next(&pem, &item)) == STATUS_OK)
		fuzz_again(&item);
	assert((status == STATUS_END) == (pem.error[0] == '\0'));
	pem_done(&pem);
	return 0;
}

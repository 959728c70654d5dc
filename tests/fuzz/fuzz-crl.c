/* SPDX-License-Identifier: Apache-2.0
 *
 * The CRL reader and, for what it takes, the index.  Checks besides memory: a refusal says
 * why; every entry of a CRL that was taken is found in its index.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/pki/crl_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t fuzz_key[PUBKEY_HASH_SIZE] = {1};

/* Looks every entry up.  The issuer is known only where no certificateIssuer was. */
static void
fuzz_find_all(const struct crl *crl, const struct crl_index *index)
{
	struct crl_index_entry found;
	struct crl_entry entry;
	struct crl_walk walk;
	size_t count = 0;

	crl_walk_begin(&walk, crl);
	while (crl_walk_next(&walk, &entry)) {
		if (entry.issuer_der.len > 0)
			return;
		assert(crl_index_find(index, crl->issuer.canonical, entry.serial, &found));
		assert(found.reason >= CRL_REASON_NONE && found.reason <= CRL_REASON_LAST);
		count++;
	}
	assert(count == crl->entry_count && count == index->entry_count);
}

static void
fuzz_index(const struct crl *crl)
{
	struct crl_index *index;
	struct buf image;

	buf_init(&image, 1 << 24);
	if (crl_index_build(crl, fuzz_key, &image) == REASON_OK) {
		if (crl_index_open_take(buf_bytes(&image), NULL, &index) != STATUS_OK)
			abort();
		assert(crl_index_replace(index, index) == REASON_OK);
		assert(!crl_index_overrules(index, index));
		fuzz_find_all(crl, index);
		crl_index_unref(index);
	}
	buf_done(&image);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct crl crl;
	enum reason reason = crl_read(bytes_of(data, size), CRL_LEN_MAX, &crl);

	assert((reason == REASON_OK) == (crl.error[0] == '\0'));
	if (reason == REASON_OK)
		fuzz_index(&crl);
	crl_done(&crl);
	return 0;
}

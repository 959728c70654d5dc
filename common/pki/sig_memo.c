/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of sets of four, the set chosen by the hash itself.
 */
#include "common/pki/sig_memo.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/alloc.h"

enum {
	SIG_MEMO_WAYS = 4,
};

struct sig_memo_set {
	uint8_t hashes[SIG_MEMO_WAYS][PUBKEY_HASH_SIZE];
	uint8_t used; /* of the ways */
	uint8_t next; /* the way that is written next */
};

struct sig_memo {
	struct sig_memo_set *sets;
	size_t count;
};

struct sig_memo *
sig_memo_new(size_t max)
{
	struct sig_memo *memo = NEW(struct sig_memo);

	assert(max > 0);
	memo->count = (max + SIG_MEMO_WAYS - 1) / SIG_MEMO_WAYS;
	memo->sets = alloc_zeroed(memo->count, sizeof *memo->sets);
	return memo;
}

void
sig_memo_free(struct sig_memo *memo)
{
	if (memo == NULL)
		return;
	free(memo->sets);
	free(memo);
}

/* The hash of certificate and key, and its set. */
static struct sig_memo_set *
sig_memo_place(const struct sig_memo *memo, const struct cert *cert, const struct pubkey *key,
    uint8_t ret_hash[static PUBKEY_HASH_SIZE])
{
	const struct bytes pieces[] = {{cert->sha256, sizeof cert->sha256},
	    {key->sha256, sizeof key->sha256}};
	uint64_t head;

	pubkey_sha256_pieces(pieces, 2, ret_hash);
	memcpy(&head, ret_hash, sizeof head);
	return &memo->sets[head % memo->count];
}

static bool
sig_memo_set_has(const struct sig_memo_set *set, const uint8_t hash[static PUBKEY_HASH_SIZE])
{
	for (size_t i = 0; i < set->used; i++)
		if (memcmp(set->hashes[i], hash, PUBKEY_HASH_SIZE) == 0)
			return true;
	return false;
}

bool
sig_memo_has(const struct sig_memo *memo, const struct cert *cert, const struct pubkey *key)
{
	uint8_t hash[PUBKEY_HASH_SIZE];

	return sig_memo_set_has(sig_memo_place(memo, cert, key, hash), hash);
}

void
sig_memo_put(struct sig_memo *memo, const struct cert *cert, const struct pubkey *key)
{
	uint8_t hash[PUBKEY_HASH_SIZE];
	struct sig_memo_set *set = sig_memo_place(memo, cert, key, hash);

	if (sig_memo_set_has(set, hash))
		return;
	memcpy(set->hashes[set->next], hash, sizeof hash);
	set->next = (uint8_t)((set->next + 1) % SIG_MEMO_WAYS);
	set->used = set->used < SIG_MEMO_WAYS ? set->used + 1 : set->used;
}

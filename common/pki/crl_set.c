/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of CRL indexes, sorted by issuer.
 */
#include "common/pki/crl_set.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"

struct crl_set {
	struct crl_index **indexes; /* sorted by the issuer's canonical name */
	size_t count;
	struct crl_refusal *refusals; /* texts and names are ours */
	size_t refusal_count;
};

struct crl_set *
crl_set_new(void)
{
	return NEW(struct crl_set);
}

void
crl_set_free(struct crl_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->count; i++)
		crl_index_unref(set->indexes[i]);
	for (size_t i = 0; i < set->refusal_count; i++) {
		free((void *)set->refusals[i].issuer_canonical.data);
		free((void *)set->refusals[i].url);
		free((void *)set->refusals[i].detail);
	}
	free(set->indexes);
	free(set->refusals);
	free(set);
}

/* The first index whose issuer is not before the name. */
static size_t
crl_set_lower(const struct crl_set *set, struct bytes issuer_canonical)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (bytes_compare(set->indexes[middle]->issuer.canonical, issuer_canonical) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum status
crl_set_add_take(struct crl_set *set, struct crl_index *index)
{
	size_t at;

	if (set->count == CRL_SET_MAX) {
		crl_index_unref(index);
		return STATUS_LIMIT;
	}
	at = crl_set_lower(set, index->issuer.canonical);
	set->indexes = alloc_resize(set->indexes, set->count + 1, sizeof(*set->indexes));
	memmove(set->indexes + at + 1, set->indexes + at,
	    (set->count - at) * sizeof(*set->indexes));
	set->indexes[at] = index;
	set->count++;
	return STATUS_OK;
}

void
crl_set_add_refusal(struct crl_set *set, const struct crl_refusal *refusal)
{
	struct crl_refusal *copy;

	if (set->refusal_count == CRL_SET_MAX)
		return;
	set->refusals =
	    alloc_resize(set->refusals, set->refusal_count + 1, sizeof(*set->refusals));
	copy = &set->refusals[set->refusal_count++];
	*copy = *refusal;
	copy->issuer_canonical.data =
	    alloc_copy(refusal->issuer_canonical.data, refusal->issuer_canonical.len);
	copy->url = refusal->url != NULL ? alloc_text(refusal->url) : NULL;
	copy->detail = alloc_text(refusal->detail);
}

size_t
crl_set_count(const struct crl_set *set)
{
	return set->count;
}

const struct crl_index *
crl_set_at(const struct crl_set *set, size_t i)
{
	return set->indexes[i];
}

size_t
crl_set_find(const struct crl_set *set, struct bytes issuer_canonical, size_t *ret_first)
{
	size_t first = crl_set_lower(set, issuer_canonical), count = 0;

	while (first + count < set->count &&
	       bytes_equal(set->indexes[first + count]->issuer.canonical, issuer_canonical))
		count++;
	*ret_first = first;
	return count;
}

size_t
crl_set_refusal_count(const struct crl_set *set)
{
	return set->refusal_count;
}

const struct crl_refusal *
crl_set_refusal(const struct crl_set *set, size_t i)
{
	return &set->refusals[i];
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Trust sets: two arrays sorted by subject.
 */
#include "common/pki/trust.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/alloc.h"

struct trust_list {
	struct cert **certs; /* by subject, then by encoding */
	size_t count;
};

struct trust {
	enum trust_purpose purpose;
	uint64_t generation;
	struct trust_list anchors;
	struct trust_list intermediates;
};

static const char *const purposes[TRUST_PURPOSE_COUNT] = {"appliance", "forward", "operator"};

static int
trust_order(const void *a, const void *b)
{
	const struct cert *left = *(struct cert *const *)a, *right = *(struct cert *const *)b;
	int order = bytes_compare(left->subject.canonical, right->subject.canonical);

	return order != 0 ? order : bytes_compare(left->der, right->der);
}

static void
trust_list_take(struct trust_list *list, struct cert *const *certs, size_t count)
{
	size_t kept = 0;

	list->certs = alloc_zeroed(count, sizeof(struct cert *));
	if (count == 0)
		return;
	memcpy(list->certs, certs, count * sizeof(struct cert *));
	qsort(list->certs, count, sizeof(struct cert *), trust_order);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && cert_same(list->certs[kept - 1], list->certs[i]))
			cert_free(list->certs[i]);
		else
			list->certs[kept++] = list->certs[i];
	}
	list->count = kept;
}

static void
trust_list_done(struct trust_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		cert_free(list->certs[i]);
	free(list->certs);
}

enum status
trust_new_take(enum trust_purpose purpose, uint64_t generation, struct cert *const *anchors,
    size_t anchor_count, struct cert *const *intermediates, size_t intermediate_count,
    struct trust **ret_trust)
{
	struct trust *trust = NEW(struct trust);

	assert((unsigned int)purpose < TRUST_PURPOSE_COUNT);
	trust->purpose = purpose;
	trust->generation = generation;
	trust_list_take(&trust->anchors, anchors, anchor_count);
	trust_list_take(&trust->intermediates, intermediates, intermediate_count);
	if (anchor_count > TRUST_CERT_MAX || intermediate_count > TRUST_CERT_MAX) {
		trust_free(trust);
		return STATUS_LIMIT;
	}
	*ret_trust = trust;
	return STATUS_OK;
}

void
trust_free(struct trust *trust)
{
	if (trust == NULL)
		return;
	trust_list_done(&trust->anchors);
	trust_list_done(&trust->intermediates);
	free(trust);
}

enum trust_purpose
trust_purpose(const struct trust *trust)
{
	return trust->purpose;
}

uint64_t
trust_generation(const struct trust *trust)
{
	return trust->generation;
}

size_t
trust_anchor_count(const struct trust *trust)
{
	return trust->anchors.count;
}

const struct cert *
trust_anchor(const struct trust *trust, size_t index)
{
	assert(index < trust->anchors.count);
	return trust->anchors.certs[index];
}

size_t
trust_intermediate_count(const struct trust *trust)
{
	return trust->intermediates.count;
}

const struct cert *
trust_intermediate(const struct trust *trust, size_t index)
{
	assert(index < trust->intermediates.count);
	return trust->intermediates.certs[index];
}

/* How many certificates have a subject before this one, or, where equal, up to it. */
static size_t
trust_bound(const struct trust_list *list, struct bytes subject, bool past_equal)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = bytes_compare(list->certs[middle]->subject.canonical, subject);

		if (order < 0 || (order == 0 && past_equal))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t
trust_find(const struct trust_list *list, struct bytes subject, size_t *ret_first)
{
	*ret_first = trust_bound(list, subject, false);
	return trust_bound(list, subject, true) - *ret_first;
}

size_t
trust_find_anchors(const struct trust *trust, struct bytes subject_canonical, size_t *ret_first)
{
	return trust_find(&trust->anchors, subject_canonical, ret_first);
}

size_t
trust_find_intermediates(const struct trust *trust, struct bytes subject_canonical,
    size_t *ret_first)
{
	return trust_find(&trust->intermediates, subject_canonical, ret_first);
}

const char *
trust_purpose_text(enum trust_purpose purpose)
{
	assert((unsigned int)purpose < TRUST_PURPOSE_COUNT);
	return purposes[purpose];
}

bool
trust_purpose_from_text(const char *text, enum trust_purpose *ret_purpose)
{
	for (unsigned int i = 0; i < TRUST_PURPOSE_COUNT; i++) {
		if (strcmp(purposes[i], text) == 0) {
			*ret_purpose = (enum trust_purpose)i;
			return true;
		}
	}
	return false;
}

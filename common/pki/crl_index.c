/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening index images and looking things up in them.
 */
#include "common/pki/crl_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/crc32c.h"
#include "common/base/cursor.h"
#include "common/pki/crl_index_format.h"

static uint32_t
crl_index_u32le(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static bool
crl_index_get_number(struct cursor *cursor, bool present, struct crl_number *number)
{
	number->present = present;
	number->len = cursor_u8(cursor);
	cursor_copy(cursor, number->octets, CRL_NUMBER_MAX);
	return number->len <= CRL_NUMBER_MAX;
}

static struct bytes
crl_index_get_sized(struct cursor *cursor)
{
	uint32_t len = cursor_u32le(cursor);

	return cursor_bytes(cursor, len);
}

/* The parts of the body, whose length must be what the header says. */
static bool
crl_index_divide(struct crl_index *index, struct bytes body, uint64_t entry_count,
    size_t names_len)
{
	struct cursor cursor = cursor_of(body);
	uint32_t end = 0;

	index->name_ends = cursor_bytes(&cursor, index->name_count * sizeof(uint32_t)).data;
	index->names = cursor_bytes(&cursor, names_len);
	if (!cursor_ok(&cursor) || index->record_width == 0 ||
	    entry_count != cursor.left / index->record_width ||
	    cursor.left % index->record_width != 0)
		return false;
	for (size_t i = 0; i < index->name_count; i++) {
		uint32_t next = crl_index_u32le(index->name_ends + 4 * i);

		if (next < end || next > names_len)
			return false;
		end = next;
	}
	index->entry_count = (size_t)entry_count;
	index->records = cursor.at;
	return true;
}

/* The fields of a header whose checksum is good. */
static bool
crl_index_get_header(struct crl_index *index, struct cursor *cursor, struct bytes body)
{
	uint64_t entry_count = cursor_u64le(cursor);
	size_t names_len;
	uint8_t flags;
	bool good;

	index->name_count = cursor_u32le(cursor);
	names_len = cursor_u32le(cursor);
	index->serial_width = cursor_u8(cursor);
	index->record_width = cursor_u8(cursor);
	flags = cursor_u8(cursor);
	(void)cursor_u8(cursor);
	cursor_copy(cursor, index->sha256, sizeof index->sha256);
	cursor_copy(cursor, index->key_sha256, sizeof index->key_sha256);
	index->this_update_s = (int64_t)cursor_u64le(cursor);
	index->next_update_s = (int64_t)cursor_u64le(cursor);
	good = crl_index_get_number(cursor, flags & CRL_INDEX_HAS_NUMBER, &index->number) &&
	       crl_index_get_number(cursor, flags & CRL_INDEX_IS_DELTA, &index->base);
	index->issuer.der = crl_index_get_sized(cursor);
	index->issuer.canonical = crl_index_get_sized(cursor);
	index->authority_key = crl_index_get_sized(cursor);
	index->scope_der = crl_index_get_sized(cursor);
	index->scope.indirect = flags & CRL_INDEX_IS_INDIRECT;
	return good && cursor_finished(cursor) && index->serial_width <= CRL_SERIAL_MAX &&
	       index->name_count <= CRL_INDEX_NAMES_MAX &&
	       index->record_width == 1 + index->serial_width +
					  (index->scope.indirect ? 2u : 0u) + 1 +
					  CRL_INDEX_DATE_SIZE &&
	       crl_index_divide(index, body, entry_count, names_len);
}

/* The scope, from the extension's DER. */
static bool
crl_index_get_scope(struct crl_index *index)
{
	bool indirect = index->scope.indirect;
	struct der_fault fault;
	struct der der;

	index->scope = (struct dist_point_scope){.reasons = DIST_POINT_ALL_REASONS};
	if (index->scope_der.len == 0)
		return !indirect;
	der = der_begin(index->scope_der, &fault);
	dist_point_read_scope(&der, &index->scope);
	return der_ok(&der) && index->scope.indirect == indirect;
}

static enum status
crl_index_read(struct crl_index *index)
{
	struct bytes image = index->image, body;
	struct cursor cursor = cursor_of(image);
	struct bytes magic = cursor_bytes(&cursor, CRL_INDEX_MAGIC_SIZE);
	uint32_t header_len = cursor_u32le(&cursor), body_crc = cursor_u32le(&cursor);
	uint64_t image_len = cursor_u64le(&cursor);

	if (!cursor_ok(&cursor))
		return STATUS_CORRUPT;
	if (!bytes_equal(magic, bytes_of(CRL_INDEX_MAGIC, CRL_INDEX_MAGIC_SIZE)))
		return STATUS_UNSUPPORTED;
	if (image_len != image.len || header_len > CRL_INDEX_HEADER_MAX ||
	    header_len > image_len || header_len < cursor.at - image.data + CRL_INDEX_CRC_SIZE)
		return STATUS_CORRUPT;
	header_len -= CRL_INDEX_CRC_SIZE;
	if (crc32c(0, image.data, header_len) != crl_index_u32le(image.data + header_len))
		return STATUS_CORRUPT;
	cursor.left = (size_t)(image.data + header_len - cursor.at);
	header_len += CRL_INDEX_CRC_SIZE;
	body = bytes_of(image.data + header_len, image.len - header_len);
	if (crc32c(0, body.data, body.len) != body_crc ||
	    !crl_index_get_header(index, &cursor, body) || !crl_index_get_scope(index))
		return STATUS_CORRUPT;
	return STATUS_OK;
}

enum status
crl_index_open_take(struct bytes image, void (*release)(struct bytes image),
    struct crl_index **ret_index)
{
	struct crl_index *index = NEW(struct crl_index);
	enum status status;

	index->image = image;
	index->release = release;
	index->refs = 1;
	status = crl_index_read(index);
	if (status == STATUS_OK)
		*ret_index = index;
	else
		crl_index_unref(index);
	return status;
}

struct crl_index *
crl_index_ref(struct crl_index *index)
{
	index->refs++;
	return index;
}

void
crl_index_unref(struct crl_index *index)
{
	if (index == NULL || --index->refs > 0)
		return;
	if (index->release != NULL)
		index->release(index->image);
	free(index);
}

static struct bytes
crl_index_name(const struct crl_index *index, size_t i)
{
	uint32_t start = i == 0 ? 0 : crl_index_u32le(index->name_ends + 4 * (i - 1));
	uint32_t end = crl_index_u32le(index->name_ends + 4 * i);

	return bytes_of(index->names.data + start, end - start);
}

/* The number of a certificate issuer in an indirect CRL; name_count where it is not there. */
static size_t
crl_index_find_name(const struct crl_index *index, struct bytes canonical)
{
	size_t low = 0, high = index->name_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = bytes_compare(crl_index_name(index, middle), canonical);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return index->name_count;
}

/* What a record begins with for this certificate; 0 where no record can. */
static size_t
crl_index_key(const struct crl_index *index, struct bytes issuer_canonical, struct bytes serial,
    uint8_t *key)
{
	size_t len = 0, name;

	if (serial.len == 0 || serial.len > index->serial_width)
		return 0;
	key[len++] = (uint8_t)serial.len;
	memset(key + len, 0, index->serial_width);
	memcpy(key + len, serial.data, serial.len);
	len += index->serial_width;
	if (!index->scope.indirect)
		return bytes_equal(issuer_canonical, index->issuer.canonical) ? len : 0;
	name = crl_index_find_name(index, issuer_canonical);
	if (name == index->name_count)
		return 0;
	key[len++] = (uint8_t)(name >> 8);
	key[len++] = (uint8_t)name;
	return len;
}

static struct crl_index_entry
crl_index_entry(const uint8_t *at)
{
	uint64_t date = 0;
	struct crl_index_entry entry = {.reason = *at - 1};

	if (*at == CRL_INDEX_REASON_NONE)
		entry.reason = CRL_REASON_NONE;
	if (*at == CRL_INDEX_REASON_REMOVE)
		entry.reason = CRL_REASON_REMOVE;
	for (size_t i = 0; i < CRL_INDEX_DATE_SIZE; i++)
		date |= (uint64_t)at[1 + i] << 8 * i;
	/* the 40 bits have a sign */
	entry.revoked_at_s =
	    (int64_t)(date << (64 - 8 * CRL_INDEX_DATE_SIZE)) >> (64 - 8 * CRL_INDEX_DATE_SIZE);
	return entry;
}

bool
crl_index_find(const struct crl_index *index, struct bytes issuer_canonical,
    struct bytes serial, struct crl_index_entry *ret_entry)
{
	uint8_t key[1 + CRL_SERIAL_MAX + 2];
	size_t key_len = crl_index_key(index, issuer_canonical, serial, key);
	size_t low = 0, high = index->entry_count;
	const uint8_t *record;

	if (key_len == 0)
		return false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(index->records + middle * index->record_width, key, key_len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	record = index->records + low * index->record_width;
	if (low == index->entry_count || memcmp(record, key, key_len) != 0)
		return false;
	*ret_entry = crl_index_entry(record + key_len);
	return true;
}

static bool
crl_index_same_scope(const struct crl_index *a, const struct crl_index *b)
{
	return memcmp(a->key_sha256, b->key_sha256, sizeof a->key_sha256) == 0 &&
	       bytes_equal(a->issuer.canonical, b->issuer.canonical) &&
	       bytes_equal(a->scope_der, b->scope_der);
}

bool
crl_index_same_list(const struct crl_index *a, const struct crl_index *b)
{
	return a->base.present == b->base.present && crl_index_same_scope(a, b);
}

enum reason
crl_index_replace(const struct crl_index *old, const struct crl_index *new)
{
	assert(crl_index_same_list(old, new));
	if (old->number.present &&
	    (!new->number.present || crl_number_compare(&new->number, &old->number) < 0))
		return REASON_CRL_ROLLBACK;
	return new->this_update_s < old->this_update_s ? REASON_CRL_ROLLBACK : REASON_OK;
}

bool
crl_index_overrules(const struct crl_index *new, const struct crl_index *old)
{
	int order;

	if (!crl_index_same_scope(new, old) || new->this_update_s < old->this_update_s)
		return false;
	if (old->number.present && !new->number.present)
		return false;
	order = crl_number_compare(&new->number, &old->number);
	if (order < 0)
		return false;
	if (old->base.present && !new->base.present)
		return true; /* a complete one, as late as the delta or later */
	if (new->base.present &&
	    (!old->base.present || crl_number_compare(&new->base, &old->number) > 0))
		return false;
	return order > 0 || new->this_update_s > old->this_update_s;
}

bool
crl_index_applies(const struct crl_index *delta, const struct crl_index *complete)
{
	return delta->base.present && !complete->base.present && complete->number.present &&
	       crl_index_same_scope(delta, complete) &&
	       crl_number_compare(&delta->base, &complete->number) <= 0 &&
	       crl_number_compare(&complete->number, &delta->number) < 0;
}

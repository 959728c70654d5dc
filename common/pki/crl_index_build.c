/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing the image of a CRL's index.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/crc32c.h"
#include "common/base/map.h"
#include "common/pki/crl_index.h"
#include "common/pki/crl_index_format.h"

/* Certificate issuers of an indirect CRL, by canonical name.  Numbers are given in the order
 * of the names once all are known. */
struct crl_index_issuers {
	struct map *map; /* canonical form -> uint16_t */
	struct buf form; /* of the name at hand */
	struct buf names;
	struct buf ends;
	uint16_t next;
	size_t len;
};

struct crl_index_layout {
	bool indirect;
	size_t serial_width;
	size_t record_width;
};

static void
crl_index_issuers_init(struct crl_index_issuers *issuers)
{
	*issuers = (struct crl_index_issuers){.map = map_new(CRL_INDEX_NAMES_MAX, free)};
	buf_init(&issuers->form, name_canonical_max(CRL_ISSUER_LEN_MAX));
	buf_init(&issuers->names, CRL_INDEX_NAMES_LEN_MAX);
	buf_init(&issuers->ends, sizeof(uint32_t) * CRL_INDEX_NAMES_MAX);
}

static void
crl_index_issuers_done(struct crl_index_issuers *issuers)
{
	map_free(issuers->map);
	buf_done(&issuers->form);
	buf_done(&issuers->names);
	buf_done(&issuers->ends);
}

/* The canonical form of a Name; empty where it is malformed or too long. */
static struct bytes
crl_index_canonical(struct crl_index_issuers *issuers, struct bytes name_der)
{
	struct der_fault fault;
	struct der der = der_begin(name_der, &fault);

	buf_clear(&issuers->form);
	if (name_der.len > CRL_ISSUER_LEN_MAX)
		return (struct bytes){0};
	(void)name_read(&der, &issuers->form);
	der_end(&der);
	if (!der_ok(&der) || !buf_ok(&issuers->form))
		return (struct bytes){0};
	return buf_bytes(&issuers->form);
}

static enum reason
crl_index_issuers_add(struct crl_index_issuers *issuers, struct bytes canonical)
{
	uint16_t *number;

	if (canonical.len == 0)
		return REASON_CRL_MALFORMED;
	if (map_get(issuers->map, canonical) != NULL)
		return REASON_OK;
	issuers->len += canonical.len;
	number = NEW(uint16_t);
	if (issuers->len <= CRL_INDEX_NAMES_LEN_MAX &&
	    map_put(issuers->map, canonical, number) == STATUS_OK)
		return REASON_OK;
	free(number);
	return REASON_CRL_TOO_LARGE;
}

static void
crl_index_issuers_number(struct bytes key, void *value, void *arg)
{
	struct crl_index_issuers *issuers = arg;

	*(uint16_t *)value = issuers->next++;
	buf_put_bytes(&issuers->names, key);
	buf_put_u32le(&issuers->ends, (uint32_t)issuers->names.len);
}

/* Finds all certificate issuers of an indirect CRL and numbers them. */
static enum reason
crl_index_issuers_collect(struct crl_index_issuers *issuers, const struct crl *crl)
{
	enum reason reason = crl_index_issuers_add(issuers, crl->issuer.canonical);
	struct crl_entry entry;
	struct crl_walk walk;

	crl_walk_begin(&walk, crl);
	while (reason == REASON_OK && crl_walk_next(&walk, &entry))
		if (entry.issuer_der.len > 0)
			reason = crl_index_issuers_add(issuers,
			    crl_index_canonical(issuers, entry.issuer_der));
	if (reason == REASON_OK)
		map_each(issuers->map, crl_index_issuers_number, issuers);
	return reason;
}

static uint8_t
crl_index_reason_octet(int reason)
{
	if (reason == CRL_REASON_NONE)
		return CRL_INDEX_REASON_NONE;
	return reason == CRL_REASON_REMOVE ? CRL_INDEX_REASON_REMOVE : (uint8_t)(reason + 1);
}

static void
crl_index_put_record(uint8_t *at, const struct crl_index_layout *layout,
    const struct crl_entry *entry, uint16_t issuer)
{
	uint64_t date = (uint64_t)entry->revoked_at_s;

	*at++ = (uint8_t)entry->serial.len;
	memcpy(at, entry->serial.data, entry->serial.len);
	memset(at + entry->serial.len, 0, layout->serial_width - entry->serial.len);
	at += layout->serial_width;
	if (layout->indirect) {
		*at++ = (uint8_t)(issuer >> 8);
		*at++ = (uint8_t)issuer;
	}
	*at++ = crl_index_reason_octet(entry->reason);
	for (size_t i = 0; i < CRL_INDEX_DATE_SIZE; i++)
		*at++ = (uint8_t)(date >> 8 * i);
}

static int
crl_index_order(const void *a, const void *b, void *width)
{
	return memcmp(a, b, *(size_t *)width);
}

/* Writes the records, sorted. */
static void
crl_index_put_records(const struct crl *crl, struct crl_index_layout *layout,
    struct crl_index_issuers *issuers, uint8_t *records)
{
	uint16_t issuer = 0;
	struct crl_entry entry;
	struct crl_walk walk;
	uint8_t *at = records;

	if (layout->indirect)
		issuer = *(uint16_t *)map_get(issuers->map, crl->issuer.canonical);
	crl_walk_begin(&walk, crl);
	while (crl_walk_next(&walk, &entry)) {
		/* the issuer holds until the next one is named (RFC 5280 5.3.3) */
		if (entry.issuer_der.len > 0)
			issuer = *(uint16_t *)map_get(issuers->map,
			    crl_index_canonical(issuers, entry.issuer_der));
		crl_index_put_record(at, layout, &entry, issuer);
		at += layout->record_width;
	}
	qsort_r(records, crl->entry_count, layout->record_width, crl_index_order,
	    &layout->record_width);
}

static void
crl_index_put_number(struct buf *out, const struct crl_number *number)
{
	buf_put_u8(out, number->len);
	buf_put(out, number->octets, CRL_NUMBER_MAX);
}

static void
crl_index_put_sized(struct buf *out, struct bytes bytes)
{
	buf_put_u32le(out, (uint32_t)bytes.len);
	buf_put_bytes(out, bytes);
}

/* The header; lengths and checksums that are not known yet are patched by the caller. */
static void
crl_index_put_header(const struct crl *crl, const struct crl_index_layout *layout,
    const struct crl_index_issuers *issuers, const uint8_t *key_sha256, struct buf *out)
{
	uint8_t sha256[PUBKEY_HASH_SIZE];

	pubkey_sha256(crl->der, sha256);
	buf_put(out, CRL_INDEX_MAGIC, CRL_INDEX_MAGIC_SIZE);
	buf_put_u32le(out, 0); /* header_len */
	buf_put_u32le(out, 0); /* body_crc */
	buf_put_u64le(out, 0); /* image_len */
	buf_put_u64le(out, crl->entry_count);
	buf_put_u32le(out, issuers->next);
	buf_put_u32le(out, (uint32_t)issuers->names.len);
	buf_put_u8(out, (uint8_t)layout->serial_width);
	buf_put_u8(out, (uint8_t)layout->record_width);
	buf_put_u8(out, (uint8_t)((crl->number.present ? CRL_INDEX_HAS_NUMBER : 0) |
				  (crl->base.present ? CRL_INDEX_IS_DELTA : 0) |
				  (layout->indirect ? CRL_INDEX_IS_INDIRECT : 0)));
	buf_put_u8(out, 0);
	buf_put(out, sha256, sizeof sha256);
	buf_put(out, key_sha256, PUBKEY_HASH_SIZE);
	buf_put_u64le(out, (uint64_t)crl->this_update_s);
	buf_put_u64le(out, (uint64_t)crl->next_update_s);
	crl_index_put_number(out, &crl->number);
	crl_index_put_number(out, &crl->base);
	crl_index_put_sized(out, crl->issuer.der);
	crl_index_put_sized(out, crl->issuer.canonical);
	crl_index_put_sized(out, crl->authority_key);
	crl_index_put_sized(out, crl->scope_der);
}

/* Overwrites a number in the buffer. */
static void
crl_index_patch(struct buf *out, size_t at, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		out->data[at + i] = (uint8_t)(value >> 8 * i);
}

/* Fills in lengths and checksums of the image that begins at start. */
static void
crl_index_seal(struct buf *out, size_t start, size_t header_len)
{
	const uint8_t *image = out->data + start;
	size_t image_len = out->len - start, crc_at = header_len - CRL_INDEX_CRC_SIZE;

	crl_index_patch(out, start + CRL_INDEX_HEADER_LEN_AT, header_len, 4);
	crl_index_patch(out, start + CRL_INDEX_IMAGE_LEN_AT, image_len, 8);
	crl_index_patch(out, start + CRL_INDEX_BODY_CRC_AT,
	    crc32c(0, image + header_len, image_len - header_len), 4);
	crl_index_patch(out, start + crc_at, crc32c(0, image, crc_at), 4);
}

/* The image, once the issuers are known. */
static enum reason
crl_index_write(const struct crl *crl, const uint8_t *key_sha256,
    struct crl_index_issuers *issuers, struct buf *out)
{
	struct crl_index_layout layout = {
	    .indirect = crl->scope.indirect,
	    .serial_width = crl->serial_max,
	};
	size_t start = out->len, header_len, records_len;
	uint8_t *records;

	layout.record_width =
	    1 + layout.serial_width + (layout.indirect ? 2 : 0) + 1 + CRL_INDEX_DATE_SIZE;
	records_len = crl->entry_count * layout.record_width;
	crl_index_put_header(crl, &layout, issuers, key_sha256, out);
	header_len = out->len - start + CRL_INDEX_CRC_SIZE;
	buf_put_u32le(out, 0); /* header_crc */
	buf_put_bytes(out, buf_bytes(&issuers->ends));
	buf_put_bytes(out, buf_bytes(&issuers->names));
	records = buf_reserve(out, records_len);
	if (records == NULL || header_len > CRL_INDEX_HEADER_MAX)
		return REASON_CRL_TOO_LARGE;
	crl_index_put_records(crl, &layout, issuers, records);
	buf_claim(out, records_len);
	crl_index_seal(out, start, header_len);
	return REASON_OK;
}

enum reason
crl_index_build(const struct crl *crl, const uint8_t key_sha256[static PUBKEY_HASH_SIZE],
    struct buf *out)
{
	struct crl_index_issuers issuers;
	enum reason reason = REASON_OK;
	size_t start = out->len;

	crl_index_issuers_init(&issuers);
	if (crl->scope.indirect)
		reason = crl_index_issuers_collect(&issuers, crl);
	if (reason == REASON_OK)
		reason = crl_index_write(crl, key_sha256, &issuers, out);
	if (reason != REASON_OK)
		buf_truncate(out, start);
	crl_index_issuers_done(&issuers);
	return reason;
}

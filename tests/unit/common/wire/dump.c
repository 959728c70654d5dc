/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/common/wire/dump.h"

#include <inttypes.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "common/base/text.h"
#include "common/wire/message_schema.h"

static void
dump_hex(struct buf *out, const char *name, struct bytes value)
{
	buf_printf(out, value.len > 0 ? "%s " : "%s", name);
	text_hex(out, value);
	buf_put_text(out, "\n");
}

static void
dump_text(struct buf *out, const char *name, struct bytes value)
{
	buf_printf(out, value.len > 0 ? "%s " : "%s", name);
	buf_put_bytes(out, value);
	buf_put_text(out, "\n");
}

static void
dump_intervals(struct buf *out, const char *name, bool hashed,
    const struct message_intervals *intervals)
{
	buf_put_text(out, name);
	for (size_t i = 0; i < intervals->count; i++) {
		buf_printf(out, " %" PRIu64 "-%" PRIu64, intervals->at[i].first,
		    intervals->at[i].last);
		if (!hashed)
			continue;
		buf_put_text(out, ":");
		text_hex(out, bytes_of(intervals->at[i].hash, MESSAGE_HASH_SIZE));
	}
	buf_put_text(out, "\n");
}

static void
dump_names(struct buf *out, const char *name, const struct message_names *names)
{
	buf_put_text(out, name);
	for (size_t i = 0; i < names->count; i++) {
		buf_put_text(out, " ");
		buf_put_bytes(out, names->at[i]);
	}
	buf_put_text(out, "\n");
}

static void
dump_objects(struct buf *out, const char *name, const struct message_object_versions *objects)
{
	buf_put_text(out, name);
	for (size_t i = 0; i < objects->count; i++) {
		buf_put_text(out, " ");
		buf_put_bytes(out, objects->at[i].key);
		buf_printf(out, ":%" PRIu64 ".%" PRIu64, objects->at[i].epoch,
		    objects->at[i].version);
	}
	buf_put_text(out, "\n");
}

static bool
is_absent(const struct message_field *field, const void *value)
{
	if (!field->optional)
		return false;
	if (field->kind == MESSAGE_KIND_BOOL)
		return !*(const bool *)value;
	if (field->kind == MESSAGE_KIND_NUMBER || field->kind == MESSAGE_KIND_SIGNED)
		return *(const uint64_t *)value == 0;
	return ((const struct bytes *)value)->len == 0;
}

static void
dump_field(struct buf *out, const struct message_field *field, const void *value)
{
	if (is_absent(field, value))
		return;
	switch (field->kind) {
	case MESSAGE_KIND_NUMBER:
		buf_printf(out, "%s %" PRIu64 "\n", field->name, *(const uint64_t *)value);
		break;
	case MESSAGE_KIND_SIGNED:
		buf_printf(out, "%s %" PRId64 "\n", field->name, *(const int64_t *)value);
		break;
	case MESSAGE_KIND_BOOL:
		buf_printf(out, "%s %s\n", field->name,
		    *(const bool *)value ? "true" : "false");
		break;
	case MESSAGE_KIND_FIXED:
		dump_hex(out, field->name, bytes_of(value, field->max));
		break;
	case MESSAGE_KIND_BYTES:
		dump_hex(out, field->name, *(const struct bytes *)value);
		break;
	case MESSAGE_KIND_TEXT:
	case MESSAGE_KIND_NAME:
	case MESSAGE_KIND_SLUG:
	case MESSAGE_KIND_URL:
		dump_text(out, field->name, *(const struct bytes *)value);
		break;
	case MESSAGE_KIND_INTERVALS:
		dump_intervals(out, field->name, true, value);
		break;
	case MESSAGE_KIND_RANGES:
		dump_intervals(out, field->name, false, value);
		break;
	case MESSAGE_KIND_NAMES:
		dump_names(out, field->name, value);
		break;
	case MESSAGE_KIND_OBJECTS:
		dump_objects(out, field->name, value);
		break;
	}
}

void
dump_message(struct buf *out, const struct message *message)
{
	const struct message_schema *schema = message_schema(message->type);

	for (size_t i = 0; i < schema->count; i++)
		dump_field(out, &schema->fields[i],
		    (const uint8_t *)message + schema->fields[i].offset);
}

/* hash = SHA-256(prefix, raw), in place of the predecessor's. */
static void
chain(uint8_t hash[static RECORD_HASH_SIZE], uint64_t seq, struct bytes raw)
{
	uint8_t prefix[RECORD_CHAIN_PREFIX_SIZE];
	gnutls_hash_hd_t sha;

	record_chain_prefix(hash, seq, prefix);
	gnutls_hash_init(&sha, GNUTLS_DIG_SHA256);
	gnutls_hash(sha, prefix, sizeof(prefix));
	gnutls_hash(sha, raw.data, raw.len);
	gnutls_hash_deinit(sha, hash);
}

void
dump_batch(struct buf *out, const struct batch *batch)
{
	struct batch at = *batch;
	uint8_t hash[RECORD_HASH_SIZE];
	struct record record;
	struct bytes raw;
	uint64_t seq;

	dump_hex(out, "log_id", bytes_of(at.header.log_id, sizeof(at.header.log_id)));
	buf_printf(out, "first %" PRIu64 "\n", at.header.first_seq);
	dump_hex(out, "prev_hash", bytes_of(at.header.prev_hash, sizeof(at.header.prev_hash)));
	buf_printf(out, "count %" PRIu32 "\n", at.header.count);
	memcpy(hash, at.header.prev_hash, sizeof(hash));
	while (batch_next(&at, &record, &seq, &raw)) {
		buf_printf(out,
		    "record %" PRIu64 " type=%u flags=%u wall_us=%" PRId64 " boot_id8=", seq,
		    record.type, record.flags, record.wall_us);
		text_hex(out, bytes_of(record.boot_id8, sizeof(record.boot_id8)));
		buf_printf(out, " mono_us=%" PRIu64 " payload=", record.mono_us);
		text_hex(out, record.payload);
		buf_put_text(out, "\n");
		chain(hash, seq, raw);
		dump_hex(out, "hash", bytes_of(hash, sizeof(hash)));
	}
}

void
dump_records(struct buf *out, const struct records_header *header, const struct batch *batch)
{
	buf_printf(out, "source %d\n", header->source);
	dump_text(out, "sensor", header->sensor);
	buf_printf(out, "id %" PRIu64 "\nreceived_us %" PRId64 "\n", header->id,
	    header->received_us);
	dump_batch(out, batch);
}

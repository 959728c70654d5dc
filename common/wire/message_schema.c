/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of the control messages; their order is their keys.
 */
#include "common/wire/message_schema.h"

#include "common/wire/message.h"

enum {
	CONTROL_MAX = 4096,
	MS_MAX = 24 * 60 * 60 * 1000,
};

/* clang-format off */
#define REQUIRED(member, field, kind, min, max) \
	{#field, MESSAGE_KIND_##kind, false, offsetof(struct message, member.field), min, max}
#define OPTIONAL(member, field, kind, min, max) \
	{#field, MESSAGE_KIND_##kind, true, offsetof(struct message, member.field), min, max}

static const struct message_field hello_fields[] = {
	REQUIRED(hello, min_version, NUMBER, 1, 65535),
	REQUIRED(hello, max_version, NUMBER, 1, 65535),
	REQUIRED(hello, log_id, FIXED, 0, MESSAGE_ID_SIZE),
	REQUIRED(hello, first, NUMBER, 1, MESSAGE_NUMBER_MAX),
	REQUIRED(hello, next, NUMBER, 1, MESSAGE_NUMBER_MAX),
	REQUIRED(hello, counter, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(hello, clock, SIGNED, 0, 0),
	REQUIRED(hello, software, TEXT, 0, 64),
	OPTIONAL(hello, features, NUMBER, 0, MESSAGE_NUMBER_MAX),
};

static const struct message_field accept_fields[] = {
	REQUIRED(accept, version, NUMBER, 1, 65535),
	REQUIRED(accept, counter, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(accept, copies, NUMBER, 1, 2),
	REQUIRED(accept, store_id, FIXED, 0, MESSAGE_ID_SIZE),
	REQUIRED(accept, held, NUMBER, 0, MESSAGE_NUMBER_MAX),
	OPTIONAL(accept, held_hash, BYTES, MESSAGE_HASH_SIZE, MESSAGE_HASH_SIZE),
	REQUIRED(accept, top, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(accept, window_records, NUMBER, 1, MESSAGE_WINDOW_RECORDS_MAX),
	REQUIRED(accept, window_bytes, NUMBER, MESSAGE_WINDOW_BYTES_MIN, MESSAGE_WINDOW_BYTES_MAX),
	REQUIRED(accept, clock, SIGNED, 0, 0),
	OPTIONAL(accept, features, NUMBER, 0, MESSAGE_NUMBER_MAX),
};

static const struct message_field refuse_fields[] = {
	REQUIRED(refuse, reason, SLUG, 1, 32),
	REQUIRED(refuse, clock, SIGNED, 0, 0),
	OPTIONAL(refuse, retry_after_ms, NUMBER, 0, MS_MAX),
};

static const struct message_field ack_fields[] = {
	REQUIRED(ack, log_id, FIXED, 0, MESSAGE_ID_SIZE),
	REQUIRED(ack, level, NUMBER, 1, 2),
	REQUIRED(ack, intervals, INTERVALS, 1, 0),
	REQUIRED(ack, batches, NUMBER, 0, MESSAGE_NUMBER_MAX),
	OPTIONAL(ack, solo, BOOL, 0, 1),
};

static const struct message_field crl_want_fields[] = {
	REQUIRED(crl_want, id, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(crl_want, issuer, FIXED, 0, MESSAGE_HASH_SIZE),
	OPTIONAL(crl_want, url, URL, 1, 1024),
	OPTIONAL(crl_want, number, BYTES, 1, 20),
	OPTIONAL(crl_want, this_update, SIGNED, 0, 0),
};

static const struct message_field crl_part_fields[] = {
	REQUIRED(crl_part, id, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(crl_part, total, NUMBER, 0, MESSAGE_CRL_MAX),
	REQUIRED(crl_part, offset, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(crl_part, data, BYTES, 0, MESSAGE_CRL_DATA_MAX),
};

static const struct message_field consoles_fields[] = {
	REQUIRED(consoles, names, NAMES, 1, 0),
};

static const struct message_field busy_fields[] = {
	REQUIRED(busy, retry_after_ms, NUMBER, 0, MS_MAX),
	REQUIRED(busy, cause, NUMBER, 0, MESSAGE_NUMBER_MAX),
};

static const struct message_field ping_fields[] = {
	REQUIRED(ping, nonce, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(ping, clock, SIGNED, 0, 0),
};

static const struct message_field pong_fields[] = {
	REQUIRED(pong, nonce, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(pong, clock, SIGNED, 0, 0),
};

static const struct message_field bye_fields[] = {
	REQUIRED(bye, cause, NUMBER, 0, MESSAGE_NUMBER_MAX),
	OPTIONAL(bye, retry_after_ms, NUMBER, 0, MS_MAX),
};

static const struct message_field error_fields[] = {
	REQUIRED(error, code, NUMBER, 0, MESSAGE_NUMBER_MAX),
	OPTIONAL(error, type, NUMBER, 0, 255),
	OPTIONAL(error, detail, TEXT, 1, 128),
};

static const struct message_field reincarnate_fields[] = {
	REQUIRED(reincarnate, log_id, FIXED, 0, MESSAGE_ID_SIZE),
	REQUIRED(reincarnate, seq, NUMBER, 1, MESSAGE_NUMBER_MAX),
	REQUIRED(reincarnate, cause, NUMBER, 0, MESSAGE_NUMBER_MAX),
};

static const struct message_field phello_fields[] = {
	REQUIRED(phello, min_version, NUMBER, 1, 65535),
	REQUIRED(phello, max_version, NUMBER, 1, 65535),
	REQUIRED(phello, cluster_id, FIXED, 0, MESSAGE_ID_SIZE),
	REQUIRED(phello, console_id, FIXED, 0, MESSAGE_ID_SIZE),
	REQUIRED(phello, store_id, FIXED, 0, MESSAGE_ID_SIZE),
	REQUIRED(phello, clock, SIGNED, 0, 0),
	REQUIRED(phello, software, TEXT, 0, 64),
	OPTIONAL(phello, features, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(phello, primary, BOOL, 0, 1),
	REQUIRED(phello, epoch, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(phello, restores, NUMBER, 0, MESSAGE_NUMBER_MAX),
};

static const struct message_field paccept_fields[] = {
	REQUIRED(paccept, version, NUMBER, 1, 65535),
	REQUIRED(paccept, window_bytes, NUMBER, MESSAGE_WINDOW_BYTES_MIN, MESSAGE_WINDOW_BYTES_MAX),
	OPTIONAL(paccept, features, NUMBER, 0, MESSAGE_NUMBER_MAX),
};

static const struct message_field vector_fields[] = {
	REQUIRED(vector, sensor, NAME, 1, 64),
	REQUIRED(vector, log_id, FIXED, 0, MESSAGE_ID_SIZE),
	REQUIRED(vector, retired_below, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(vector, intervals, INTERVALS, 0, 0),
};

static const struct message_field vector_done_fields[] = {
	REQUIRED(vector_done, logs, NUMBER, 0, MESSAGE_NUMBER_MAX),
};

static const struct message_field fill_fields[] = {
	REQUIRED(fill, sensor, NAME, 1, 64),
	REQUIRED(fill, log_id, FIXED, 0, MESSAGE_ID_SIZE),
	REQUIRED(fill, ranges, RANGES, 1, 0),
};

static const struct message_field pack_fields[] = {
	REQUIRED(pack, id, NUMBER, 1, MESSAGE_NUMBER_MAX),
	REQUIRED(pack, sensor, NAME, 1, 64),
	REQUIRED(pack, log_id, FIXED, 0, MESSAGE_ID_SIZE),
	REQUIRED(pack, intervals, INTERVALS, 1, 0),
};

static const struct message_field object_have_fields[] = {
	REQUIRED(object_have, kind, SLUG, 1, 32),
	REQUIRED(object_have, objects, OBJECTS, 0, 0),
	OPTIONAL(object_have, done, BOOL, 0, 1),
};

static const struct message_field object_fields[] = {
	REQUIRED(object, kind, SLUG, 1, 32),
	REQUIRED(object, key, TEXT, 1, 64),
	REQUIRED(object, epoch, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(object, version, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(object, origin, FIXED, 0, MESSAGE_ID_SIZE),
	OPTIONAL(object, deleted, BOOL, 0, 1),
	REQUIRED(object, body, BYTES, 0, MESSAGE_OBJECT_BODY_MAX),
};

static const struct message_field object_ack_fields[] = {
	REQUIRED(object_ack, kind, SLUG, 1, 32),
	REQUIRED(object_ack, key, TEXT, 1, 64),
	REQUIRED(object_ack, epoch, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(object_ack, version, NUMBER, 0, MESSAGE_NUMBER_MAX),
};

static const struct message_field probe_fields[] = {
	REQUIRED(probe, nonce, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(probe, sensor, NAME, 1, 64),
	REQUIRED(probe, log_id, FIXED, 0, MESSAGE_ID_SIZE),
	REQUIRED(probe, counter, NUMBER, 0, MESSAGE_NUMBER_MAX),
};

static const struct message_field probed_fields[] = {
	REQUIRED(probed, nonce, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(probed, alive, BOOL, 0, 1),
	OPTIONAL(probed, address, TEXT, 1, 64),
	OPTIONAL(probed, log_id, BYTES, MESSAGE_ID_SIZE, MESSAGE_ID_SIZE),
};

static const struct message_field pstate_fields[] = {
	REQUIRED(pstate, in_sync, BOOL, 0, 1),
	OPTIONAL(pstate, degraded_since, SIGNED, 0, 0),
	REQUIRED(pstate, backlog, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(pstate, debt, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(pstate, lost, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(pstate, commit_ms, NUMBER, 0, MESSAGE_NUMBER_MAX),
	REQUIRED(pstate, primary, BOOL, 0, 1),
	REQUIRED(pstate, epoch, NUMBER, 0, MESSAGE_NUMBER_MAX),
};

#define CONTROL(NAME, member, limit)                                       \
	[MESSAGE_##NAME] = {#NAME, limit, sizeof(((struct message *)0)->member), \
	    sizeof(member##_fields) / sizeof(member##_fields[0]), member##_fields}

static const struct message_schema schemas[MESSAGE_TYPE_COUNT] = {
	CONTROL(HELLO, hello, CONTROL_MAX),
	CONTROL(ACCEPT, accept, CONTROL_MAX),
	CONTROL(REFUSE, refuse, CONTROL_MAX),
	[MESSAGE_BATCH] = {"BATCH", 1 << 20, 0, 0, NULL},
	CONTROL(ACK, ack, CONTROL_MAX),
	CONTROL(CRL_WANT, crl_want, CONTROL_MAX),
	CONTROL(CRL_PART, crl_part, 64 << 10),
	CONTROL(CONSOLES, consoles, CONTROL_MAX),
	CONTROL(BUSY, busy, CONTROL_MAX),
	CONTROL(PING, ping, CONTROL_MAX),
	CONTROL(PONG, pong, CONTROL_MAX),
	CONTROL(BYE, bye, CONTROL_MAX),
	CONTROL(ERROR, error, CONTROL_MAX),
	CONTROL(REINCARNATE, reincarnate, CONTROL_MAX),
	CONTROL(PHELLO, phello, CONTROL_MAX),
	CONTROL(PACCEPT, paccept, CONTROL_MAX),
	CONTROL(VECTOR, vector, CONTROL_MAX),
	CONTROL(VECTOR_DONE, vector_done, CONTROL_MAX),
	CONTROL(FILL, fill, CONTROL_MAX),
	[MESSAGE_RECORDS] = {"RECORDS", (1 << 20) + 256, 0, 0, NULL},
	CONTROL(PACK, pack, CONTROL_MAX),
	CONTROL(OBJECT_HAVE, object_have, CONTROL_MAX),
	CONTROL(OBJECT, object, 260 << 10),
	CONTROL(OBJECT_ACK, object_ack, CONTROL_MAX),
	CONTROL(PROBE, probe, CONTROL_MAX),
	CONTROL(PROBED, probed, CONTROL_MAX),
	CONTROL(PSTATE, pstate, CONTROL_MAX),
};
/* clang-format on */

const struct message_schema *
message_schema(uint8_t type)
{
	if (type >= MESSAGE_TYPE_COUNT || schemas[type].name == NULL)
		return NULL;
	return &schemas[type];
}

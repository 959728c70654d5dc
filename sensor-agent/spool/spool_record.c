/* SPDX-License-Identifier: Apache-2.0
 *
 * Heads of records and the spool's own payloads.
 */
#include "sensor-agent/spool/spool_record.h"

#include <string.h>

#include "common/base/cursor.h"
#include "common/base/json_scan.h"
#include "common/base/json_write.h"
#include "common/base/text.h"

void
spool_record_head_put(const struct spool_record_head *head,
    uint8_t ret_bytes[static SPOOL_RECORD_HEAD_SIZE])
{
	struct buf buf;

	buf_init(&buf, SPOOL_RECORD_HEAD_SIZE);
	buf_put_u32le(&buf, head->len);
	buf_put_u16le(&buf, head->type);
	buf_put_u16le(&buf, head->flags);
	buf_put_u64le(&buf, (uint64_t)head->wall_us);
	buf_put(&buf, head->boot_id, sizeof(head->boot_id));
	buf_put_u64le(&buf, (uint64_t)head->mono_us);
	memcpy(ret_bytes, buf.data, SPOOL_RECORD_HEAD_SIZE);
	buf_done(&buf);
}

bool
spool_record_parse(struct bytes record, struct spool_record_head *ret_head,
    struct bytes *ret_payload)
{
	struct cursor at = cursor_of(record);
	struct spool_record_head head;

	head.len = cursor_u32le(&at);
	head.type = cursor_u16le(&at);
	head.flags = cursor_u16le(&at);
	head.wall_us = (int64_t)cursor_u64le(&at);
	cursor_copy(&at, head.boot_id, sizeof(head.boot_id));
	head.mono_us = (int64_t)cursor_u64le(&at);
	if (!cursor_ok(&at) || at.left != head.len)
		return false;
	*ret_head = head;
	*ret_payload = cursor_bytes(&at, at.left);
	return true;
}

void
spool_record_put_range(struct buf *out, uint64_t first, uint64_t last, const char *reason,
    const uint8_t *log_id)
{
	struct json_write json = json_write_to(out);

	json_open_object(&json, NULL);
	if (log_id != NULL)
		json_hex(&json, "log_id", bytes_of(log_id, SPOOL_LOG_ID_SIZE));
	json_u64(&json, "first", first);
	json_u64(&json, "last", last);
	if (reason != NULL)
		json_text(&json, "reason", reason);
	json_close_object(&json);
}

enum {
	FIRST,
	LAST,
	LOG_ID,
	FIELDS
};

/* Scans a payload of the source "log". */
static bool
spool_record_scan(struct bytes payload, struct json_value ret_values[static FIELDS])
{
	static const char *const paths[FIELDS] = {"first", "last", "log_id"};
	struct json_fields fields;
	struct cursor at = cursor_of(payload);
	size_t offset;

	json_fields_init(&fields, paths, FIELDS);
	if (!bytes_equal_text(cursor_bytes(&at, cursor_u8(&at)), SPOOL_LOG_SOURCE))
		return false;
	return json_scan(&fields, bytes_of(at.at, at.left), ret_values, &offset) == STATUS_OK;
}

bool
spool_record_parse_range(struct bytes payload, uint64_t *ret_first, uint64_t *ret_last)
{
	struct json_value values[FIELDS];

	return spool_record_scan(payload, values) && values[LOG_ID].kind == JSON_ABSENT &&
	       json_value_u64(&values[FIRST], UINT64_MAX, ret_first) &&
	       json_value_u64(&values[LAST], UINT64_MAX, ret_last);
}

bool
spool_record_parse_origin(struct bytes payload, uint8_t ret_log_id[static SPOOL_LOG_ID_SIZE],
    uint64_t *ret_first)
{
	struct json_value values[FIELDS];
	char hex[2 * SPOOL_LOG_ID_SIZE + 1];
	size_t len;

	if (!spool_record_scan(payload, values))
		return false;
	len = json_value_text(&values[LOG_ID], hex, sizeof(hex) - 1);
	hex[len] = '\0';
	return text_parse_hex(hex, ret_log_id, SPOOL_LOG_ID_SIZE) &&
	       json_value_u64(&values[FIRST], UINT64_MAX, ret_first);
}

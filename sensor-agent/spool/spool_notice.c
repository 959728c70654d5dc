/* SPDX-License-Identifier: Apache-2.0
 *
 * The spool's own payloads.
 */
#include "sensor-agent/spool/spool_notice.h"

#include "common/base/json_scan.h"
#include "common/base/json_write.h"
#include "common/base/text.h"
#include "common/wire/record.h"

void
spool_notice_put(struct buf *out, uint64_t first, uint64_t last, const char *reason,
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
spool_notice_scan(struct bytes payload, struct json_value ret_values[static FIELDS])
{
	static const char *const paths[FIELDS] = {"first", "last", "log_id"};
	struct json_fields fields;
	struct bytes source, data;
	size_t offset;

	json_fields_init(&fields, paths, FIELDS);
	return record_split_source(payload, &source, &data) &&
	       bytes_equal_text(source, SPOOL_NOTICE_SOURCE) &&
	       json_scan(&fields, data, ret_values, &offset) == STATUS_OK;
}

bool
spool_notice_range(struct bytes payload, uint64_t *ret_first, uint64_t *ret_last)
{
	struct json_value values[FIELDS];

	return spool_notice_scan(payload, values) && values[LOG_ID].kind == JSON_ABSENT &&
	       json_value_u64(&values[FIRST], UINT64_MAX, ret_first) &&
	       json_value_u64(&values[LAST], UINT64_MAX, ret_last);
}

bool
spool_notice_origin(struct bytes payload, uint8_t ret_log_id[static SPOOL_LOG_ID_SIZE],
    uint64_t *ret_first)
{
	struct json_value values[FIELDS];
	char hex[2 * SPOOL_LOG_ID_SIZE + 1];
	size_t len;

	if (!spool_notice_scan(payload, values))
		return false;
	len = json_value_text(&values[LOG_ID], hex, sizeof(hex) - 1);
	hex[len] = '\0';
	return text_parse_hex(hex, ret_log_id, SPOOL_LOG_ID_SIZE) &&
	       json_value_u64(&values[FIRST], UINT64_MAX, ret_first);
}

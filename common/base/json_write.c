/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON writer.
 */
#include "common/base/json_write.h"

#include <inttypes.h>

#include "common/base/clock.h"
#include "common/base/text.h"

static void
json_put_char(struct buf *out, struct bytes character, uint32_t code)
{
	switch (code) {
	case '"':
		buf_put_text(out, "\\\"");
		break;
	case '\\':
		buf_put_text(out, "\\\\");
		break;
	case '\n':
		buf_put_text(out, "\\n");
		break;
	case '\t':
		buf_put_text(out, "\\t");
		break;
	default:
		if (code < 0x20 || code == 0x7f)
			buf_printf(out, "\\u%04x", code);
		else
			buf_put_bytes(out, character);
	}
}

static void
json_put_string(struct buf *out, struct bytes value)
{
	buf_put_u8(out, '"');
	while (value.len > 0) {
		uint32_t code;
		size_t len = text_utf8_char(value, &code);

		if (len > 0)
			json_put_char(out, bytes_of(value.data, len), code);
		else
			buf_put_text(out, "\\ufffd");
		len = len > 0 ? len : 1;
		value.data += len;
		value.len -= len;
	}
	buf_put_u8(out, '"');
}

/* What stands before each value. */
static void
json_begin(struct json_write *json, const char *key)
{
	if (json->comma)
		buf_put_u8(json->out, ',');
	json->comma = true;
	if (key != NULL) {
		json_put_string(json->out, bytes_of_text(key));
		buf_put_u8(json->out, ':');
	}
}

static void
json_open(struct json_write *json, const char *key, uint8_t bracket)
{
	json_begin(json, key);
	buf_put_u8(json->out, bracket);
	json->comma = false;
}

static void
json_close(struct json_write *json, uint8_t bracket)
{
	buf_put_u8(json->out, bracket);
	json->comma = true;
}

void
json_open_object(struct json_write *json, const char *key)
{
	json_open(json, key, '{');
}

void
json_close_object(struct json_write *json)
{
	json_close(json, '}');
}

void
json_open_array(struct json_write *json, const char *key)
{
	json_open(json, key, '[');
}

void
json_close_array(struct json_write *json)
{
	json_close(json, ']');
}

void
json_bytes(struct json_write *json, const char *key, struct bytes value)
{
	json_begin(json, key);
	json_put_string(json->out, value);
}

void
json_text(struct json_write *json, const char *key, const char *value)
{
	if (value == NULL)
		json_none(json, key);
	else
		json_bytes(json, key, bytes_of_text(value));
}

void
json_hex(struct json_write *json, const char *key, struct bytes value)
{
	json_begin(json, key);
	buf_put_u8(json->out, '"');
	text_hex(json->out, value);
	buf_put_u8(json->out, '"');
}

void
json_i64(struct json_write *json, const char *key, int64_t value)
{
	json_begin(json, key);
	buf_printf(json->out, "%" PRId64, value);
}

void
json_u64(struct json_write *json, const char *key, uint64_t value)
{
	json_begin(json, key);
	buf_printf(json->out, "%" PRIu64, value);
}

void
json_bool(struct json_write *json, const char *key, bool value)
{
	json_begin(json, key);
	buf_put_text(json->out, value ? "true" : "false");
}

void
json_none(struct json_write *json, const char *key)
{
	json_begin(json, key);
	buf_put_text(json->out, "null");
}

void
json_raw(struct json_write *json, const char *key, struct bytes value)
{
	json_begin(json, key);
	buf_put_bytes(json->out, value);
}

void
json_time_s(struct json_write *json, const char *key, int64_t wall_s)
{
	char text[CLOCK_TEXT_SIZE];

	json_text(json, key, clock_text_s(wall_s, text));
}

void
json_time_us(struct json_write *json, const char *key, int64_t wall_us)
{
	char text[CLOCK_TEXT_SIZE];

	json_text(json, key, clock_text_ms(wall_us, text));
}

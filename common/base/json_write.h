/* SPDX-License-Identifier: Apache-2.0
 *
 * A writer of JSON (RFC 8259) into a buffer, on one line.  It puts the commas; the caller
 * opens and closes.  Strings are bytes from anywhere: what is not valid UTF-8 becomes
 * U+FFFD, so the output always parses.
 */
#ifndef PORTCULLIS_BASE_JSON_WRITE_H
#define PORTCULLIS_BASE_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"

struct json_write {
	struct buf *out;
	bool comma; /* a value stands before in the present object or array */
};

static inline struct json_write
json_write_to(struct buf *out)
{
	return (struct json_write){.out = out};
}

/* key is NULL inside an array and at the top. */
void json_open_object(struct json_write *json, const char *key);
void json_close_object(struct json_write *json);
void json_open_array(struct json_write *json, const char *key);
void json_close_array(struct json_write *json);

void json_text(struct json_write *json, const char *key, const char *value); /* NULL: null */
void json_bytes(struct json_write *json, const char *key, struct bytes value);
void json_hex(struct json_write *json, const char *key, struct bytes value);
void json_i64(struct json_write *json, const char *key, int64_t value);
void json_u64(struct json_write *json, const char *key, uint64_t value);
void json_bool(struct json_write *json, const char *key, bool value);
void json_none(struct json_write *json, const char *key); /* null; json_null is jansson's */

/* Text that is JSON already, as it is. */
void json_raw(struct json_write *json, const char *key, struct bytes value);

/* RFC 3339 strings. */
void json_time_s(struct json_write *json, const char *key, int64_t wall_s);
void json_time_us(struct json_write *json, const char *key, int64_t wall_us);

#endif

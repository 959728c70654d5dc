/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON scanner and the decoders of what it finds.  Checks besides memory: text that
 * scans with a table of fields scans without one, values lie inside the text, decoded
 * strings are UTF-8.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/base/json_scan.h"
#include "common/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const paths[] = {"a", "a.b", "a.b.c", "ts", "id.orig_h", "alert.severity"};

enum {
	PATHS = sizeof(paths) / sizeof(paths[0])
};

static void
check_value(const struct json_value *value, struct bytes text)
{
	char decoded[50];
	struct bytes rest = bytes_of(decoded, json_value_text(value, decoded, sizeof(decoded)));
	uint64_t number;
	int64_t scaled;

	if (value->kind == JSON_ABSENT)
		return;
	assert(value->raw.data >= text.data);
	assert(value->raw.data + value->raw.len <= text.data + text.len);
	while (rest.len > 0) {
		uint32_t code;
		size_t len = text_utf8_char(rest, &code);

		assert(len > 0);
		rest = bytes_of(rest.data + len, rest.len - len);
	}
	assert(!json_value_u64(value, 1000, &number) || number <= 1000);
	(void)json_value_scaled(value, 6, &scaled);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes text = bytes_of(data, size);
	struct json_value values[PATHS];
	struct json_fields fields;
	size_t offset = 0;
	enum status status;

	json_fields_init(&fields, paths, PATHS);
	status = json_scan(&fields, text, values, &offset);
	if (json_scan(NULL, text, NULL, &offset) != status || offset > size)
		abort();
	for (size_t i = 0; status == STATUS_OK && i < PATHS; i++)
		check_value(&values[i], text);
	return 0;
}

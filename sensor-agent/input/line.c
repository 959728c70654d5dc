/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines and records.
 */
#include "sensor-agent/input/line.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/json_scan.h"
#include "common/base/json_write.h"
#include "common/base/text.h"

struct line_long {
	uint64_t offset;
	uint64_t len;
	gnutls_hash_hd_t hash;
	bool finished;
	uint8_t sha256[32];
	size_t head_len;
	uint8_t head[LINE_HEAD_MAX];
};

enum record_type
line_type(struct bytes line)
{
	size_t offset, start = 0;

	while (start < line.len && (line.data[start] == ' ' || line.data[start] == '\t'))
		start++;
	if (start == line.len || line.data[start] != '{')
		return RECORD_RAW;
	return json_scan(NULL, line, NULL, &offset) == STATUS_OK ? RECORD_EVENT : RECORD_RAW;
}

enum status
line_append(struct spool *spool, enum record_type type, const char *source, struct bytes line,
    const struct spool_position *position, uint64_t *ret_seq)
{
	struct spool_append append = {.type = type,
	    .source = source,
	    .data = line,
	    .position = position};

	return spool_append(spool, &append, ret_seq);
}

struct line_long *
line_long_new(uint64_t offset)
{
	struct line_long *line = NEW(struct line_long);

	line->offset = offset;
	if (gnutls_hash_init(&line->hash, GNUTLS_DIG_SHA256) != 0)
		abort();
	return line;
}

void
line_long_free(struct line_long *line)
{
	if (line == NULL)
		return;
	if (!line->finished)
		gnutls_hash_deinit(line->hash, NULL);
	free(line);
}

void
line_long_add(struct line_long *line, struct bytes part)
{
	size_t room = LINE_HEAD_MAX - line->head_len;
	size_t take = part.len < room ? part.len : room;

	if (part.len == 0)
		return;
	memcpy(line->head + line->head_len, part.data, take);
	line->head_len += take;
	line->len += part.len;
	if (gnutls_hash(line->hash, part.data, part.len) != 0)
		abort();
}

uint64_t
line_long_len(const struct line_long *line)
{
	return line->len;
}

enum status
line_long_append(struct line_long *line, struct spool *spool, const char *source,
    const struct spool_position *position, uint64_t *ret_seq)
{
	struct spool_append append = {.type = RECORD_OVERSIZE,
	    .source = source,
	    .position = position};
	struct json_write json;
	struct buf data, head;
	enum status status;

	if (!line->finished)
		gnutls_hash_deinit(line->hash, line->sha256);
	line->finished = true;
	buf_init(&data, LINE_HEAD_MAX * 2);
	buf_init(&head, LINE_HEAD_MAX * 2);
	text_base64(&head, bytes_of(line->head, line->head_len));
	json = json_write_to(&data);
	json_open_object(&json, NULL);
	json_u64(&json, "offset", line->offset);
	json_u64(&json, "len", line->len);
	json_hex(&json, "sha256", bytes_of(line->sha256, sizeof(line->sha256)));
	json_bytes(&json, "head", buf_bytes(&head));
	json_close_object(&json);
	append.data = buf_bytes(&data);
	status = buf_ok(&data) && buf_ok(&head) ? spool_append(spool, &append, ret_seq)
						: STATUS_INTERNAL;
	buf_done(&data);
	buf_done(&head);
	return status;
}

enum status
line_gap(struct spool *spool, const char *source, uint64_t from, const char *reason,
    const struct spool_position *position)
{
	struct spool_append append = {.type = RECORD_GAP,
	    .source = source,
	    .position = position};
	struct json_write json;
	struct buf data;
	enum status status;
	uint64_t seq;

	buf_init(&data, 256);
	json = json_write_to(&data);
	json_open_object(&json, NULL);
	json_u64(&json, "from", from);
	json_text(&json, "reason", reason);
	json_close_object(&json);
	append.data = buf_bytes(&data);
	status = spool_append(spool, &append, &seq);
	buf_done(&data);
	return status;
}

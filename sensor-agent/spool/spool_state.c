/* SPDX-License-Identifier: Apache-2.0
 *
 * The state file: magic "PCSTATE1", the fields in order, a CRC-32C.
 */
#include "sensor-agent/spool/spool_state.h"

#include <string.h>

#include "common/base/crc32c.h"
#include "common/base/cursor.h"
#include "common/base/fault_point.h"
#include "common/base/fileio.h"

enum {
	STATE_SIZE = 8 + 2 * SPOOL_LOG_ID_SIZE + 4
};

static const char file_name[] = "state";
static const char magic[8] = {'P', 'C', 'S', 'T', 'A', 'T', 'E', '1'};

enum status
spool_state_write(int dir_fd, const struct spool_state *state)
{
	struct buf buf;
	enum status status = status_from_errno(FAULT_POINT("spool.state.before"));

	if (status != STATUS_OK)
		return status;
	buf_init(&buf, STATE_SIZE);
	buf_put(&buf, magic, sizeof(magic));
	buf_put(&buf, state->log_id, sizeof(state->log_id));
	buf_put(&buf, state->origin, sizeof(state->origin));
	buf_put_u32le(&buf, crc32c(0, buf.data, buf.len));
	status = fileio_replace(dir_fd, file_name, 0600, buf.data, buf.len);
	buf_done(&buf);
	if (status != STATUS_OK)
		return status;
	return status_from_errno(FAULT_POINT("spool.state.after"));
}

enum status
spool_state_read(int dir_fd, struct spool_state *ret_state)
{
	struct spool_state state;
	struct cursor at;
	struct buf buf;
	enum status status;
	uint8_t read_magic[sizeof(magic)];

	buf_init(&buf, STATE_SIZE);
	status = fileio_read(dir_fd, file_name, &buf);
	at = cursor_of(buf_bytes(&buf));
	cursor_copy(&at, read_magic, sizeof(read_magic));
	cursor_copy(&at, state.log_id, sizeof(state.log_id));
	cursor_copy(&at, state.origin, sizeof(state.origin));
	if (status == STATUS_LIMIT || (status == STATUS_OK && at.left != 4))
		status = STATUS_CORRUPT;
	if (status == STATUS_OK &&
	    (memcmp(read_magic, magic, sizeof(magic)) != 0 ||
		cursor_u32le(&at) != crc32c(0, buf.data, STATE_SIZE - 4)))
		status = STATUS_CORRUPT;
	if (status == STATUS_OK)
		*ret_state = state;
	buf_done(&buf);
	return status;
}

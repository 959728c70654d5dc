/* SPDX-License-Identifier: Apache-2.0
 *
 * Control messages: one byte of type, then the payload.  Checks besides memory: what was
 * accepted can be sent again, is then accepted again, and says the same.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/wire/frame.h"
#include "common/wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message first;
	struct message second;
	struct buf once;
	struct buf twice;

	if (size == 0)
		return 0;
	if (message_decode(data[0], bytes_of(data + 1, size - 1), &first) != STATUS_OK)
		return 0;
	buf_init(&once, FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX);
	buf_init(&twice, FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX);
	message_put(&once, &first);
	assert(once.len - FRAME_HEADER_SIZE <= size - 1);
	if (message_decode(data[0],
		bytes_of(once.data + FRAME_HEADER_SIZE, once.len - FRAME_HEADER_SIZE),
		&second) != STATUS_OK)
		abort();
	message_put(&twice, &second);
	assert(bytes_equal(buf_bytes(&once), buf_bytes(&twice)));
	buf_done(&once);
	buf_done(&twice);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics that a role sends.  Checks besides memory: what is accepted prints whole lines,
 * and goes round as bytes.
 */
#include <assert.h>

#include "common/log/metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct metrics *metrics = metrics_new(64), *copy = metrics_new(64);
	struct buf text, bytes;

	buf_init(&text, 16 << 20);
	buf_init(&bytes, 16 << 20);
	if (metrics_decode(metrics, bytes_of(data, size)) == STATUS_OK) {
		metrics_print(metrics, &text);
		assert(buf_ok(&text));
		assert(text.len == 0 || text.data[text.len - 1] == '\n');
		metrics_encode(metrics, &bytes);
		assert(metrics_decode(copy, buf_bytes(&bytes)) == STATUS_OK);
	}
	metrics_free(metrics);
	metrics_free(copy);
	buf_done(&text);
	buf_done(&bytes);
	return 0;
}

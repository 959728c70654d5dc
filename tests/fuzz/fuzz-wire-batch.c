/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches, of a sensor and between consoles (first byte).  Checks besides memory: what was
 * accepted, written again record by record, is the same bytes.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/wire/batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
put_records_again(struct buf *out, struct batch *batch)
{
	struct batch_writer writer;
	struct record record;
	uint64_t expected = batch->header.first_seq;
	struct bytes raw;
	struct bytes source;
	struct bytes rest;
	uint64_t seq;

	batch_begin(&writer, out, &batch->header);
	while (batch_next(batch, &record, &seq, &raw)) {
		struct buf again;

		assert(seq == expected++);
		(void)record_split_source(record.payload, &source, &rest);
		buf_init(&again, RECORD_HEADER_SIZE + RECORD_PAYLOAD_MAX);
		record_put(&again, &record);
		assert(bytes_equal(buf_bytes(&again), raw));
		if (batch_add(&writer, raw) != STATUS_OK)
			abort();
		buf_done(&again);
	}
	assert(expected == batch_last_seq(batch) + 1);
	batch_end(&writer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct records_header header;
	enum status status;
	struct batch batch;
	struct bytes payload;
	struct buf out;

	if (size == 0)
		return 0;
	payload = bytes_of(data + 1, size - 1);
	if ((data[0] & 1) == 0)
		status = batch_open(payload, &batch);
	else
		status = records_open(payload, &header, &batch);
	if (status != STATUS_OK)
		return 0;
	buf_init(&out, size);
	if ((data[0] & 1) != 0)
		records_put(&out, &header);
	put_records_again(&out, &batch);
	assert(bytes_equal(buf_bytes(&out), payload));
	buf_done(&out);
	return 0;
}

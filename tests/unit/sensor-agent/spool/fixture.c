/* SPDX-License-Identifier: Apache-2.0
 *
 * The spool fixture.
 */
#include "tests/unit/sensor-agent/spool/fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "sensor-agent/spool/spool_private.h"

int
fixture_setup(void **state)
{
	struct fixture *f = NEW(struct fixture);

	/* In memory where that is possible: thousands of openings sync thousands of times. */
	snprintf(f->path, sizeof(f->path), "%s/portcullis-spool-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(f->path) == NULL || fileio_open_dir(f->path, 0700, &f->dir_fd) != STATUS_OK)
		return -1;
	f->options = (struct spool_options){.quota = 16 * SPOOL_SEGMENT_SIZE_MIN,
	    .segment_size = SPOOL_SEGMENT_SIZE_MIN};
	memset(f->options.machine, 0x11, sizeof(f->options.machine));
	memset(f->options.boot_id, 0x22, sizeof(f->options.boot_id));
	*state = f;
	return 0;
}

void
fixture_empty_dir(int dir_fd)
{
	DIR *dir = fdopendir(openat(dir_fd, ".", O_RDONLY | O_DIRECTORY));
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			assert_int_equal(unlinkat(dir_fd, entry->d_name, 0), 0);
	closedir(dir);
}

int
fixture_teardown(void **state)
{
	struct fixture *f = *state;
	int result;

	spool_close(f->spool);
	fixture_empty_dir(f->dir_fd);
	close(f->dir_fd);
	result = rmdir(f->path);
	free(f);
	return result;
}

void
fixture_open(struct fixture *f)
{
	enum status status = spool_open(f->dir_fd, &f->options, &f->spool, &f->report);

	if (status != STATUS_OK)
		fail_msg("spool_open: %s", status_text(status));
}

void
fixture_close(struct fixture *f)
{
	spool_close(f->spool);
	f->spool = NULL;
}

void
fixture_crash(struct fixture *f)
{
	f->spool->broken = true;
	fixture_close(f);
}

uint64_t
fixture_append(struct fixture *f, const char *text)
{
	struct spool_append append = {.type = RECORD_EVENT,
	    .source = "test",
	    .data = bytes_of_text(text)};
	uint64_t seq = 0;

	assert_int_equal(spool_append(f->spool, &append, &seq), STATUS_OK);
	return seq;
}

void
fixture_fill(struct fixture *f, unsigned count, size_t text_len)
{
	char *text = alloc_zeroed(text_len + 1, 1);

	for (unsigned i = 0; i < count; i++) {
		int used = snprintf(text, text_len, "%u", i);

		memset(text + used, 'a' + (int)(i % 26), text_len - (size_t)used);
		(void)fixture_append(f, text);
	}
	free(text);
}

void
fixture_sync(struct fixture *f)
{
	assert_int_equal(spool_sync(f->spool), STATUS_OK);
}

static void
fixture_take_record(struct fixture_records *records, uint64_t seq, const struct record *record)
{
	struct fixture_record *item;
	struct bytes source, data;

	records->items =
	    alloc_resize(records->items, records->count + 1, sizeof(*records->items));
	item = &records->items[records->count++];
	item->seq = seq;
	item->head = *record;
	assert_true(record_split_source(record->payload, &source, &data));
	memcpy(item->source, source.data, source.len);
	item->source[source.len] = '\0';
	item->len = data.len;
	item->data = alloc_text_copy(data.data, data.len);
}

/* Takes a batch apart; hash is the chain's, checked where it is known. */
static void
fixture_take_batch(struct fixture *f, struct fixture_records *records, struct bytes bytes,
    const struct spool_batch *spooled, uint8_t hash[static SPOOL_HASH_SIZE], bool known)
{
	struct batch batch;
	struct record record;
	struct bytes raw;
	uint64_t seq;

	assert_int_equal(batch_open(bytes, &batch), STATUS_OK);
	assert_memory_equal(batch.header.log_id, f->spool->log.log_id, SPOOL_LOG_ID_SIZE);
	assert_int_equal(batch.header.first_seq, spooled->first);
	assert_int_equal(batch_last_seq(&batch), spooled->last);
	assert_int_equal(batch.header.count, spooled->count);
	if (known)
		assert_memory_equal(batch.header.prev_hash, hash, SPOOL_HASH_SIZE);
	memcpy(hash, batch.header.prev_hash, SPOOL_HASH_SIZE);
	while (batch_next(&batch, &record, &seq, &raw)) {
		struct buf input;

		buf_init(&input, SPOOL_ENTRY_MAX);
		buf_put(&input, hash, SPOOL_HASH_SIZE);
		buf_put_u64le(&input, seq);
		buf_put_bytes(&input, raw);
		assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA256, input.data, input.len,
				     hash),
		    0);
		buf_done(&input);
		fixture_take_record(records, seq, &record);
	}
}

struct fixture_records
fixture_read(struct fixture *f, uint64_t from)
{
	struct spool_reader reader = {.next = from};
	struct fixture_records records = {0};
	struct spool_batch batch;
	struct buf out;
	uint8_t hash[SPOOL_HASH_SIZE];
	uint64_t last = 0;
	enum status status;

	buf_init(&out, BATCH_SIZE_MAX + SPOOL_ENTRY_MAX);
	while ((status = spool_read(f->spool, &reader, 7, 100000, &out, &batch)) == STATUS_OK) {
		assert_true(batch.first > last);
		fixture_take_batch(f, &records, buf_bytes(&out), &batch, hash,
		    last > 0 && batch.first == last + 1);
		assert_memory_equal(hash, batch.last_hash, SPOOL_HASH_SIZE);
		last = batch.last;
		buf_clear(&out);
	}
	assert_int_equal(status, STATUS_END);
	buf_done(&out);
	return records;
}

void
fixture_records_done(struct fixture_records *records)
{
	for (size_t i = 0; i < records->count; i++)
		free(records->items[i].data);
	free(records->items);
	*records = (struct fixture_records){0};
}

enum status
fixture_ack(struct fixture *f, uint64_t last)
{
	struct spool_status status;
	uint8_t hash[SPOOL_HASH_SIZE];

	spool_get_status(f->spool, &status);
	assert_int_equal(spool_hash_at(f->spool, last, hash), STATUS_OK);
	return spool_ack(f->spool, status.log_id, status.first, last, hash);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

size_t
fixture_segments(struct fixture *f, char names[][SPOOL_NAME_SIZE], size_t max)
{
	DIR *dir = fdopendir(openat(f->dir_fd, ".", O_RDONLY | O_DIRECTORY));
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL && count < max)
		if (spool_segment_named(entry->d_name))
			snprintf(names[count++], SPOOL_NAME_SIZE, "%.40s", entry->d_name);
	closedir(dir);
	qsort(names, count, SPOOL_NAME_SIZE, compare_names);
	return count;
}

bool
fixture_found(const struct fixture *f, enum spool_finding_kind kind)
{
	for (size_t i = 0; i < f->report.count; i++)
		if (f->report.findings[i].kind == kind)
			return true;
	return false;
}

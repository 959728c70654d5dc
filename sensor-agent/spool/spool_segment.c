/* SPDX-License-Identifier: Apache-2.0
 *
 * Segment files.
 */
#include "sensor-agent/spool/spool_segment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fault_point.h"
#include "common/base/fileio.h"

enum {
	NAME_LEN = 8 + 1 + 16 + 4
};

void
spool_segment_name(const struct spool_header *header, char ret_name[static SPOOL_NAME_SIZE])
{
	const uint8_t *id = header->log_id;

	snprintf(ret_name, SPOOL_NAME_SIZE, "%02x%02x%02x%02x-%016" PRIx64 ".seg", id[0], id[1],
	    id[2], id[3], header->first_seq);
}

bool
spool_segment_named(const char *name)
{
	return strlen(name) == NAME_LEN && name[8] == '-' &&
	       strspn(name, "0123456789abcdef") == 8 &&
	       strspn(name + 9, "0123456789abcdef") == 16 && strcmp(name + 25, ".seg") == 0;
}

/* The file under a temporary name: its whole length reserved, header and entries in it. */
static enum status
spool_segment_fill(int fd, const struct spool_header *header, struct bytes entries)
{
	uint8_t bytes[SPOOL_HEADER_SIZE];
	enum status status;
	int error = FAULT_POINT("spool.create.allocate");

	while (error == 0 || error == EINTR) {
		error = posix_fallocate(fd, 0, (off_t)header->size);
		if (error == 0)
			break;
	}
	if (error == 0)
		error = FAULT_POINT("spool.create.write");
	if (error != 0)
		return status_from_errno(error);
	spool_header_put(header, bytes);
	status = fileio_pwrite_all(fd, bytes, sizeof(bytes), 0);
	if (status == STATUS_OK)
		status = fileio_pwrite_all(fd, entries.data, entries.len, sizeof(bytes));
	if (status != STATUS_OK)
		return status;
	error = FAULT_POINT("spool.create.sync");
	if (error == 0 && fsync(fd) != 0)
		error = errno;
	return status_from_errno(error);
}

/* From the temporary to the durable name. */
static enum status
spool_segment_publish(int dir_fd, const char *temp, const char *name)
{
	int error = FAULT_POINT("spool.create.rename");

	if (error == 0 && renameat(dir_fd, temp, dir_fd, name) != 0)
		error = errno;
	if (error == 0)
		error = FAULT_POINT("spool.create.sync_dir");
	if (error != 0)
		return status_from_errno(error);
	return fileio_sync_dir(dir_fd);
}

enum status
spool_segment_create(int dir_fd, const struct spool_header *header, struct bytes entries,
    struct spool_segment **ret_segment)
{
	struct spool_segment *segment = NEW(struct spool_segment);
	char temp[SPOOL_NAME_SIZE + 4];
	enum status status;

	segment->header = *header;
	segment->next_seq = header->first_seq;
	segment->size = header->size;
	segment->used = SPOOL_HEADER_SIZE + entries.len;
	spool_segment_name(header, segment->name);
	snprintf(temp, sizeof(temp), "%s.tmp", segment->name);
	segment->fd = openat(dir_fd, temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (segment->fd < 0)
		status = status_from_errno(errno);
	else
		status = spool_segment_fill(segment->fd, header, entries);
	if (status == STATUS_OK)
		status = spool_segment_publish(dir_fd, temp, segment->name);
	if (status == STATUS_OK) {
		*ret_segment = segment;
		return STATUS_OK;
	}
	if (segment->fd >= 0)
		(void)unlinkat(dir_fd, temp, 0);
	spool_segment_free(segment);
	return status;
}

enum status
spool_segment_open(int dir_fd, struct spool_segment *segment)
{
	segment->fd = openat(dir_fd, segment->name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	return segment->fd < 0 ? status_from_errno(errno) : STATUS_OK;
}

void
spool_segment_free(struct spool_segment *segment)
{
	if (segment == NULL)
		return;
	fileio_close(segment->fd);
	free(segment->index);
	free(segment);
}

enum status
spool_segment_write(struct spool_segment *segment, struct bytes entries)
{
	off_t at = (off_t)segment->used;
	size_t half = fault_points_on ? entries.len / 2 : 0; /* only a test stops between */
	enum status status;
	int error = FAULT_POINT("spool.write.before");

	if (error != 0)
		return status_from_errno(error);
	status = fileio_pwrite_all(segment->fd, entries.data, half, at);
	error = FAULT_POINT("spool.write.half");
	if (error != 0)
		return status_from_errno(error);
	if (status == STATUS_OK)
		status = fileio_pwrite_all(segment->fd, entries.data + half, entries.len - half,
		    at + (off_t)half);
	if (status != STATUS_OK)
		return status;
	segment->used += entries.len;
	return status_from_errno(FAULT_POINT("spool.write.after"));
}

enum status
spool_segment_sync(struct spool_segment *segment)
{
	int error = FAULT_POINT("spool.sync.before");

	if (error == 0 && fdatasync(segment->fd) != 0)
		error = errno;
	if (error == 0)
		error = FAULT_POINT("spool.sync.after");
	return status_from_errno(error);
}

void
spool_segment_note(struct spool_segment *segment, uint64_t seq, size_t offset)
{
	size_t count = segment->index_count;

	if (count > 0 && offset - segment->index[count - 1].offset < SPOOL_INDEX_STEP)
		return;
	if (count % 16 == 0)
		segment->index =
		    alloc_resize(segment->index, count + 16, sizeof(*segment->index));
	segment->index[segment->index_count++] = (struct spool_place){seq, offset};
}

size_t
spool_segment_place(const struct spool_segment *segment, uint64_t seq)
{
	size_t low = 0, high = segment->index_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (segment->index[middle].seq <= seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? segment->index[low - 1].offset : SPOOL_HEADER_SIZE;
}

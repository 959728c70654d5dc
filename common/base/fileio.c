/* SPDX-License-Identifier: Apache-2.0
 *
 * Files, whole and durable.
 */
#include "common/base/fileio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/random.h"

enum {
	READ_STEP = 65536,
	TEMP_NAME_SIZE = 300
};

/* Reads the next bytes into the buffer.  STATUS_END at the end. */
static enum status
fileio_read_step(int fd, struct buf *buf)
{
	size_t room = buf->max - buf->len;
	size_t want = room < READ_STEP ? room : READ_STEP;
	uint8_t probe, *at = want > 0 ? buf_reserve(buf, want) : &probe;
	ssize_t got = read(fd, at, want > 0 ? want : 1);

	if (got < 0)
		return errno == EINTR ? STATUS_OK : status_from_errno(errno);
	if (got == 0)
		return STATUS_END;
	if (want == 0)
		return STATUS_LIMIT;
	buf_claim(buf, (size_t)got);
	return STATUS_OK;
}

enum status
fileio_read_fd(int fd, struct buf *buf)
{
	enum status status;

	do {
		status = fileio_read_step(fd, buf);
	} while (status == STATUS_OK);
	return status == STATUS_END ? STATUS_OK : status;
}

enum status
fileio_read(int dir_fd, const char *path, struct buf *buf)
{
	struct stat info;
	enum status status;
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return status_from_errno(errno);
	if (fstat(fd, &info) != 0)
		status = status_from_errno(errno);
	else if (!S_ISREG(info.st_mode))
		status = STATUS_INVALID;
	else
		status = fileio_read_fd(fd, buf);
	close(fd);
	return status;
}

enum status
fileio_write_all(int fd, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0) {
		ssize_t put = write(fd, at, len);

		if (put < 0 && errno != EINTR)
			return status_from_errno(errno);
		if (put > 0) {
			at += put;
			len -= (size_t)put;
		}
	}
	return STATUS_OK;
}

enum status
fileio_pwrite_all(int fd, const void *data, size_t len, off_t offset)
{
	const uint8_t *at = data;

	while (len > 0) {
		ssize_t put = pwrite(fd, at, len, offset);

		if (put < 0 && errno != EINTR)
			return status_from_errno(errno);
		if (put > 0) {
			at += put;
			offset += put;
			len -= (size_t)put;
		}
	}
	return STATUS_OK;
}

enum status
fileio_pread_all(int fd, void *ret_data, size_t len, off_t offset)
{
	uint8_t *at = ret_data;

	while (len > 0) {
		ssize_t got = pread(fd, at, len, offset);

		if (got == 0)
			return STATUS_END;
		if (got < 0 && errno != EINTR)
			return status_from_errno(errno);
		if (got > 0) {
			at += got;
			offset += got;
			len -= (size_t)got;
		}
	}
	return STATUS_OK;
}

/* Writes and syncs a new file under a name that nobody has. */
static enum status
fileio_write_temp(int dir_fd, const char *temp, mode_t mode, const void *data, size_t len)
{
	enum status status;
	int fd =
	    openat(dir_fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);

	if (fd < 0)
		return status_from_errno(errno);
	status = fileio_write_all(fd, data, len);
	if (status == STATUS_OK && fsync(fd) != 0)
		status = status_from_errno(errno);
	if (close(fd) != 0 && status == STATUS_OK)
		status = status_from_errno(errno);
	return status;
}

enum status
fileio_replace(int dir_fd, const char *name, mode_t mode, const void *data, size_t len)
{
	char temp[TEMP_NAME_SIZE];
	enum status status;
	uint64_t tag;
	int used;

	random_bytes(&tag, sizeof(tag));
	used = snprintf(temp, sizeof(temp), "%s.%016llx.tmp", name, (unsigned long long)tag);
	if (used < 0 || (size_t)used >= sizeof(temp))
		return STATUS_LIMIT;
	status = fileio_write_temp(dir_fd, temp, mode, data, len);
	if (status == STATUS_OK && renameat(dir_fd, temp, dir_fd, name) != 0)
		status = status_from_errno(errno);
	if (status == STATUS_OK)
		return fileio_sync_dir(dir_fd);
	(void)unlinkat(dir_fd, temp, 0);
	return status;
}

enum status
fileio_sync_dir(int dir_fd)
{
	return fsync(dir_fd) == 0 ? STATUS_OK : status_from_errno(errno);
}

enum status
fileio_open_dir(const char *path, mode_t mode, int *ret_fd)
{
	int fd;

	if (mkdir(path, mode) != 0 && errno != EEXIST)
		return status_from_errno(errno);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return status_from_errno(errno);
	*ret_fd = fd;
	return STATUS_OK;
}

void
fileio_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

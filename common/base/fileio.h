/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole files and durable replacement.  Every read has a maximum, every descriptor is
 * close-on-exec, and "written" means on the disk.
 */
#ifndef PORTCULLIS_BASE_FILEIO_H
#define PORTCULLIS_BASE_FILEIO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/buf.h"
#include "common/base/status.h"

/* Appends what the descriptor holds from its present position to its end to a buffer.
 * STATUS_LIMIT when it is more than the buffer's maximum. */
enum status fileio_read_fd(int fd, struct buf *buf) MUST_USE;

/* Appends the file at path (relative to dir_fd, or AT_FDCWD) to a buffer.  Refuses what is
 * not a regular file (STATUS_INVALID), and does not hang on a FIFO. */
enum status fileio_read(int dir_fd, const char *path, struct buf *buf) MUST_USE;

/* Writes all of it, or fails; retries short writes and EINTR. */
enum status fileio_write_all(int fd, const void *data, size_t len) MUST_USE;
enum status fileio_pwrite_all(int fd, const void *data, size_t len, off_t offset) MUST_USE;

/* Reads exactly len bytes at offset; STATUS_END when the file is shorter. */
enum status fileio_pread_all(int fd, void *ret_data, size_t len, off_t offset) MUST_USE;

/* Puts data in place of the file at name in the directory: temporary file, fsync, rename,
 * fsync of the directory.  Readers see the old file or the new one, whole. */
enum status fileio_replace(int dir_fd, const char *name, mode_t mode, const void *data,
    size_t len) MUST_USE;

/* fsync of a directory, so that names in it last. */
enum status fileio_sync_dir(int dir_fd) MUST_USE;

/* Opens a directory for the *at() calls, making it (mode) where it is missing. */
enum status fileio_open_dir(const char *path, mode_t mode, int *ret_fd) MUST_USE;

/* Closes a descriptor that may be -1. */
void fileio_close(int fd);

#endif

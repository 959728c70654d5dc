/* SPDX-License-Identifier: Apache-2.0
 *
 * The search for renamed files.
 */
#include "sensor-agent/input/rotated.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/fileio.h"

struct rotated_search {
	const struct spool_position *position; /* looking for this file, or */
	const char *base;                      /* for the successor of after */
	const struct stat *after;
	unsigned left; /* names that may still be looked at */
	struct timespec best;
	int fd; /* the best one so far, or -1 */
};

uint64_t
rotated_mark(struct bytes head)
{
	uint8_t hash[32];
	uint64_t mark = 0;

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, head.data, head.len, hash) != 0)
		abort();
	for (int i = 0; i < 8; i++)
		mark |= (uint64_t)hash[i] << (8 * i);
	return mark;
}

bool
rotated_is(int fd, const struct spool_position *position)
{
	uint8_t head[ROTATED_MARK_MAX];
	struct stat info;

	if (fstat(fd, &info) != 0 || info.st_dev != position->device ||
	    info.st_ino != position->inode || position->mark_len > sizeof(head))
		return false;
	if (position->mark_len == 0)
		return true;
	return fileio_pread_all(fd, head, position->mark_len, 0) == STATUS_OK &&
	       rotated_mark(bytes_of(head, position->mark_len)) == position->mark;
}

/* The length of a suffix that only rotations write: "." or "-", then digits and what
 * separates them; 0 for another. */
static size_t
rotated_suffix(const char *text)
{
	size_t len;

	if ((text[0] != '.' && text[0] != '-') || text[1] < '0' || text[1] > '9')
		return 0;
	len = 1 + strspn(text + 1, "0123456789:_-.T");
	while (len > 1 && text[len - 1] == '.') /* the dot of an extension */
		len--;
	return len;
}

bool
rotated_name(const char *base, const char *name)
{
	const char *extension = strrchr(base, '.');
	size_t base_len = strlen(base);
	size_t stem_len = extension != NULL ? (size_t)(extension - base) : base_len;
	size_t suffix;

	if (strncmp(name, base, base_len) == 0) {
		suffix = rotated_suffix(name + base_len);
		if (suffix > 0 && name[base_len + suffix] == '\0')
			return true;
	}
	if (extension == NULL || strncmp(name, base, stem_len) != 0)
		return false;
	suffix = rotated_suffix(name + stem_len);
	return suffix > 0 && strcmp(name + stem_len + suffix, extension) == 0;
}

static bool
rotated_older(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/* Opens a name when it is wanted and better than what was found before. */
static void
rotated_consider(struct rotated_search *search, int dir_fd, const char *name,
    const struct stat *info)
{
	int fd;

	if (search->position != NULL) {
		if (search->fd >= 0 || info->st_dev != search->position->device ||
		    info->st_ino != search->position->inode)
			return;
	} else if (!rotated_name(search->base, name) || info->st_ino == search->after->st_ino ||
		   !rotated_older(&search->after->st_mtim, &info->st_mtim) ||
		   (search->fd >= 0 && !rotated_older(&info->st_mtim, &search->best))) {
		return;
	}
	fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (fd < 0)
		return;
	if (search->position != NULL && !rotated_is(fd, search->position)) {
		close(fd);
		return;
	}
	fileio_close(search->fd);
	search->fd = fd;
	search->best = info->st_mtim;
}

/* Takes dir_fd.  below: also the directories in it. */
static void
rotated_search_dir(struct rotated_search *search, int dir_fd, bool below)
{
	DIR *dir = fdopendir(dir_fd);
	struct dirent *entry;
	struct stat info;

	if (dir == NULL) {
		close(dir_fd);
		return;
	}
	while (search->left > 0 && (entry = readdir(dir)) != NULL) {
		search->left--;
		if (entry->d_name[0] == '.' ||
		    fstatat(dir_fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISREG(info.st_mode)) {
			rotated_consider(search, dir_fd, entry->d_name, &info);
		} else if (S_ISDIR(info.st_mode) && below) {
			int fd = openat(dir_fd, entry->d_name,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

			if (fd >= 0)
				rotated_search_dir(search, fd, false); /* one level only */
		}
	}
	closedir(dir);
}

static enum status
rotated_run(struct rotated_search *search, const char *dir, int *ret_fd)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return status_from_errno(errno);
	rotated_search_dir(search, fd, true);
	if (search->fd < 0)
		return STATUS_NOT_FOUND;
	*ret_fd = search->fd;
	return STATUS_OK;
}

enum status
rotated_find(const char *dir, const struct spool_position *position, int *ret_fd)
{
	struct rotated_search search = {.position = position,
	    .left = ROTATED_ENTRIES_MAX,
	    .fd = -1};

	return rotated_run(&search, dir, ret_fd);
}

enum status
rotated_successor(const char *dir, const char *base, const struct stat *after, int *ret_fd)
{
	struct rotated_search search = {.base = base,
	    .after = after,
	    .left = ROTATED_ENTRIES_MAX,
	    .fd = -1};

	return rotated_run(&search, dir, ret_fd);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Directories of tests.
 */
#include "tests/lib/temp_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/fileio.h"

bool
temp_dir_make(struct temp_dir *dir)
{
	snprintf(dir->path, sizeof(dir->path), "/tmp/portcullis-test-XXXXXX");
	dir->fd = -1;
	return mkdtemp(dir->path) != NULL &&
	       fileio_open_dir(dir->path, 0700, &dir->fd) == STATUS_OK;
}

/* Calls each for every file; returns the sum of what it says. */
static size_t
temp_dir_each(const struct temp_dir *dir, size_t (*each)(int, const char *, const char *),
    const char *arg)
{
	DIR *listing = opendir(dir->path);
	struct dirent *file;
	size_t sum = 0;

	if (listing == NULL)
		return 0;
	while ((file = readdir(listing)) != NULL) {
		if (strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0)
			sum += each(dir->fd, file->d_name, arg);
	}
	closedir(listing);
	return sum;
}

static size_t
temp_dir_unlink(int fd, const char *name, const char *unused)
{
	return unlinkat(fd, name, 0) == 0;
}

static size_t
temp_dir_ends(int fd, const char *name, const char *ending)
{
	size_t len = strlen(name), tail = strlen(ending);

	return len >= tail && strcmp(name + len - tail, ending) == 0;
}

void
temp_dir_clear(const struct temp_dir *dir)
{
	temp_dir_each(dir, temp_dir_unlink, NULL);
}

void
temp_dir_remove(struct temp_dir *dir)
{
	temp_dir_clear(dir);
	fileio_close(dir->fd);
	rmdir(dir->path);
}

size_t
temp_dir_count(const struct temp_dir *dir, const char *ending)
{
	return temp_dir_each(dir, temp_dir_ends, ending);
}

bool
temp_dir_write(const struct temp_dir *dir, const char *name, const void *data, size_t len)
{
	int fd =
	    openat(dir->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0 && fileio_write_all(fd, data, len) == STATUS_OK;

	fileio_close(fd);
	return ok;
}

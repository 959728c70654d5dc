/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a fuzz target over files: each argument is a file or a directory of files.  It is
 * how the seeds run as an ordinary test.  A directory that is not there has no seeds; the
 * empty input always runs.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "common/base/fileio.h"

enum {
	SEED_MAX = 64 << 20
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(int dir_fd, const char *name)
{
	struct buf buf;
	enum status status;

	buf_init(&buf, SEED_MAX);
	status = fileio_read(dir_fd, name, &buf);
	if (status == STATUS_OK)
		(void)LLVMFuzzerTestOneInput(buf.len > 0 ? buf.data : (const uint8_t *)"",
		    buf.len);
	buf_done(&buf);
	return status == STATUS_OK ? 1 : 0;
}

static int
replay_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 0;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		count += replay_file(dirfd(dir), entry->d_name);
	closedir(dir);
	return count;
}

int
main(int argc, char **argv)
{
	int count = 0;

	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		int run = replay_directory(argv[i]);

		count += run > 0 ? run : replay_file(AT_FDCWD, argv[i]);
	}
	printf("%d seeds\n", count);
	return 0;
}

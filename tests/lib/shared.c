/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding the shared test data.
 */
#include "tests/lib/shared.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/fileio.h"

bool
shared_path(char ret_path[static SHARED_PATH_SIZE], const char *name)
{
	const char *folder = getenv("PORTCULLIS_SHARED");

	if (folder == NULL)
		folder = PORTCULLIS_SOURCE_ROOT "/../shared";
	snprintf(ret_path, SHARED_PATH_SIZE, "%s/%s", folder, name);
	if (access(ret_path, R_OK) == 0)
		return true;
	fprintf(stderr, "skipped: no shared test data at %s (PORTCULLIS_SHARED)\n", ret_path);
	return false;
}

bool
shared_read(const char *name, struct buf *buf)
{
	char path[SHARED_PATH_SIZE];

	buf_clear(buf);
	return shared_path(path, name) && fileio_read(AT_FDCWD, path, buf) == STATUS_OK;
}

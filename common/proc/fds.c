/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of descriptors that are owned.
 */
#include "common/proc/fds.h"

#include <assert.h>
#include <fcntl.h>

#include "common/base/fileio.h"

void
fds_add(struct fds *fds, int fd)
{
	assert(fds->count < FDS_MAX && fd >= 0);
	fds->fd[fds->count++] = fd;
}

bool
fds_add_copy(struct fds *fds, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		return false;
	fds_add(fds, copy);
	return true;
}

int
fds_take(struct fds *fds, size_t i)
{
	int fd;

	if (i >= fds->count)
		return -1;
	fd = fds->fd[i];
	fds->fd[i] = -1;
	return fd;
}

void
fds_close(struct fds *fds)
{
	for (size_t i = 0; i < fds->count; i++)
		fileio_close(fds->fd[i]);
	fds->count = 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * inotify(7).
 */
#include "sensor-agent/input/watch.h"

#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

enum status
watch_new(int *ret_fd)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd < 0)
		return status_from_errno(errno);
	*ret_fd = fd;
	return STATUS_OK;
}

enum status
watch_add(int fd, const char *dir)
{
	const unsigned events = IN_MODIFY | IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE;

	if (inotify_add_watch(fd, dir, events | IN_ONLYDIR) < 0)
		return status_from_errno(errno);
	return STATUS_OK;
}

void
watch_drain(int fd)
{
	char events[4096];

	while (read(fd, events, sizeof(events)) > 0)
		;
}

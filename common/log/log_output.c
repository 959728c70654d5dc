/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors of the log.
 */
#include "common/log/log_output.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

bool
log_output_is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat info;

	if (stream == NULL || fstat(fd, &info) != 0)
		return false;
	snprintf(own, sizeof(own), "%llu:%llu", (unsigned long long)info.st_dev,
	    (unsigned long long)info.st_ino);
	return strcmp(stream, own) == 0;
}

bool
log_output_is_coloured(int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && (no_color == NULL || no_color[0] == '\0') && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

enum status
log_output_connect(const char *path, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return STATUS_INVALID;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return status_from_errno(errno);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		int error = errno;

		close(fd);
		return error == ECONNREFUSED ? STATUS_NOT_FOUND : status_from_errno(error);
	}
	*ret_fd = fd;
	return STATUS_OK;
}

/* write(), not send(): the sandbox of every role has it. */
enum status
log_output_send(int fd, struct bytes datagram)
{
	ssize_t put;

	do {
		put = write(fd, datagram.data, datagram.len);
	} while (put < 0 && errno == EINTR);
	if (put < 0)
		return errno == ENOBUFS ? STATUS_AGAIN : status_from_errno(errno);
	return STATUS_OK;
}

/* stderr is shared with other processes, so it may not be made non-blocking; a pipe that is
 * writable takes PIPE_BUF bytes without waiting. */
enum status
log_output_write(int fd, struct bytes line)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};

	if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0)
		return STATUS_AGAIN;
	return log_output_send(fd, line);
}

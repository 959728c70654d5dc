/* SPDX-License-Identifier: Apache-2.0
 *
 * sd_notify(3) and sd_listen_fds(3), as their manuals describe them.
 */
#include "common/proc/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/fileio.h"
#include "common/base/text.h"

enum {
	NOTIFY_FIRST_FD = 3, /* SD_LISTEN_FDS_START */
	NOTIFY_TEXT_SIZE = 1024
};

/* One service manager a process. */
static int notify_fd = -1;
static int64_t notify_watchdog;

/* True when the variable names this process, or does not exist. */
static bool
notify_is_for_us(const char *variable)
{
	const char *pid = getenv(variable);
	uint64_t value;

	return pid == NULL ||
	       (text_parse_u64(pid, 1, UINT32_MAX, &value) && value == (uint64_t)getpid());
}

/* A path, or '@' and a name in the abstract space. */
static enum status
notify_connect(const char *address)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t len = strlen(address);

	if ((address[0] != '/' && address[0] != '@') || len < 2 || len >= sizeof(to.sun_path))
		return STATUS_INVALID;
	memcpy(to.sun_path, address, len);
	if (address[0] == '@')
		to.sun_path[0] = '\0';
	notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (notify_fd < 0)
		return status_from_errno(errno);
	if (connect(notify_fd, (struct sockaddr *)&to,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) != 0) {
		notify_done();
		return STATUS_INVALID;
	}
	return STATUS_OK;
}

enum status
notify_init(void)
{
	const char *address = getenv("NOTIFY_SOCKET"), *watchdog = getenv("WATCHDOG_USEC");
	enum status status = STATUS_OK;
	uint64_t watchdog_us;

	if (address != NULL)
		status = notify_connect(address);
	notify_watchdog = 0;
	if (watchdog != NULL && notify_is_for_us("WATCHDOG_PID")) {
		if (text_parse_u64(watchdog, 1, INT64_MAX, &watchdog_us))
			notify_watchdog = (int64_t)((watchdog_us + 999) / 1000);
		else
			status = STATUS_INVALID;
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return status;
}

void
notify_done(void)
{
	fileio_close(notify_fd);
	notify_fd = -1;
}

void
notify_send(const char *state)
{
	if (notify_fd < 0)
		return;
	/* a manager that is away or slow does not keep us from our work; it will notice */
	(void)!send(notify_fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
notify_sendf(const char *format, ...)
{
	char text[NOTIFY_TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args); /* a status that is too long is cut */
	va_end(args);
	notify_send(text);
}

int64_t
notify_watchdog_ms(void)
{
	return notify_watchdog;
}

/* The next of the names between colons. */
static void
notify_next_name(const char **names, struct notify_socket *socket)
{
	size_t len = strcspn(*names, ":");

	snprintf(socket->name, sizeof(socket->name), "%.*s", (int)len, *names);
	*names += len;
	if (**names == ':')
		(*names)++;
}

enum status
notify_sockets(struct notify_socket *sockets, size_t max, size_t *ret_count)
{
	const char *count_text = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
	uint64_t count = 0;

	if (count_text == NULL || getenv("LISTEN_PID") == NULL ||
	    !notify_is_for_us("LISTEN_PID")) {
		*ret_count = 0;
		return STATUS_OK;
	}
	if (!text_parse_u64(count_text, 0, INT32_MAX, &count))
		return STATUS_INVALID;
	if (count > max)
		return STATUS_LIMIT;
	names = names != NULL ? names : "";
	for (size_t i = 0; i < count; i++) {
		sockets[i].fd = NOTIFY_FIRST_FD + (int)i;
		if (fcntl(sockets[i].fd, F_SETFD, FD_CLOEXEC) != 0)
			return STATUS_INVALID;
		notify_next_name(&names, &sockets[i]);
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	*ret_count = (size_t)count;
	return STATUS_OK;
}

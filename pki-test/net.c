/* SPDX-License-Identifier: Apache-2.0
 *
 * TCP sockets on numeric addresses.
 */
#include "pki-test/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/fileio.h"
#include "common/base/text.h"

enum {
	BACKLOG = 512,
	HOST_MAX = 64
};

enum status
net_parse(const char *text, struct net_address *ret_address)
{
	struct net_address address = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address.storage;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address.storage;
	const char *colon = strrchr(text, ':');
	size_t len = colon != NULL ? (size_t)(colon - text) : 0;
	bool bracketed = len >= 2 && text[0] == '[' && text[len - 1] == ']';
	char host[HOST_MAX] = {0};
	uint64_t port;

	if (colon == NULL || len >= sizeof(host) ||
	    !text_parse_u64(colon + 1, 0, UINT16_MAX, &port))
		return STATUS_INVALID;
	memcpy(host, text + bracketed, len - 2 * (size_t)bracketed);
	if (!bracketed && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		address.len = sizeof(*v4);
	} else if (bracketed && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		address.len = sizeof(*v6);
	} else {
		return STATUS_INVALID;
	}
	*ret_address = address;
	return STATUS_OK;
}

static uint16_t
net_port(int fd)
{
	struct sockaddr_storage storage = {0};
	socklen_t len = sizeof(storage);

	if (getsockname(fd, (struct sockaddr *)&storage, &len) != 0)
		return 0;
	return ntohs(storage.ss_family == AF_INET6
			 ? ((const struct sockaddr_in6 *)&storage)->sin6_port
			 : ((const struct sockaddr_in *)&storage)->sin_port);
}

enum status
net_listen(const struct net_address *address, int *ret_fd, uint16_t *ret_port)
{
	int one = 1;
	int fd =
	    socket(address->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0)
		return status_from_errno(errno);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    bind(fd, (const struct sockaddr *)&address->storage, address->len) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		error = errno;
		close(fd);
		return status_from_errno(error);
	}
	*ret_fd = fd;
	*ret_port = net_port(fd);
	return STATUS_OK;
}

/* Faults are about single octets: they must not wait for each other. */
static void
net_no_delay(int fd)
{
	int one = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)); /* not on UNIX */
}

enum status
net_accept(int listener, int *ret_fd)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return status_from_errno(errno);
	net_no_delay(fd);
	*ret_fd = fd;
	return STATUS_OK;
}

enum status
net_connect(const struct net_address *address, int *ret_fd)
{
	int fd =
	    socket(address->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0)
		return status_from_errno(errno);
	net_no_delay(fd);
	if (connect(fd, (const struct sockaddr *)&address->storage, address->len) != 0 &&
	    errno != EINPROGRESS) {
		error = errno;
		close(fd);
		return status_from_errno(error);
	}
	*ret_fd = fd;
	return STATUS_OK;
}

void
net_reset(int fd)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

enum status
net_write_port(const char *path, uint16_t port)
{
	char temporary[PATH_MAX], text[16];
	int len = snprintf(text, sizeof(text), "%u\n", port);
	enum status status;
	int fd;

	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return STATUS_LIMIT;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return status_from_errno(errno);
	status = fileio_write_all(fd, text, (size_t)len);
	close(fd);
	if (status == STATUS_OK && rename(temporary, path) != 0)
		status = status_from_errno(errno);
	return status;
}

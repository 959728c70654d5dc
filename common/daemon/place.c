/* SPDX-License-Identifier: Apache-2.0
 *
 * Directories and the user of a daemon.
 */
#include "common/daemon/place.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/fileio.h"

enum status
place_find_user(const char *name, struct place_user *ret_user, struct buf *reterr_text)
{
	const struct passwd *entry;

	*ret_user = (struct place_user){0, 0};
	if (name == NULL || geteuid() != 0)
		return STATUS_OK;
	entry = getpwnam(name);
	if (entry == NULL) {
		buf_printf(reterr_text,
		    "there is no user %s; make it, or set User=off to stay root", name);
		return STATUS_NOT_FOUND;
	}
	*ret_user = (struct place_user){entry->pw_uid, entry->pw_gid};
	return STATUS_OK;
}

enum status
place_make_dir(const char *path, mode_t mode, const struct place_user *user,
    struct buf *reterr_text)
{
	struct stat info;
	bool made = mkdir(path, mode) == 0;

	if ((!made && errno != EEXIST) || stat(path, &info) != 0) {
		buf_printf(reterr_text, "%s: %s", path, strerror(errno));
		return status_from_errno(errno);
	}
	if (!S_ISDIR(info.st_mode)) {
		buf_printf(reterr_text, "%s is not a directory", path);
		return STATUS_INVALID;
	}
	if (user->uid != 0 && info.st_uid != user->uid &&
	    chown(path, user->uid, user->gid) != 0) {
		buf_printf(reterr_text, "%s: %s", path, strerror(errno));
		return status_from_errno(errno);
	}
	return STATUS_OK;
}

const char *
place_path(char path[static PLACE_PATH_SIZE], const char *parent, const char *name)
{
	snprintf(path, PLACE_PATH_SIZE, "%s/%s", parent, name);
	return path;
}

enum status
place_listen_tcp(const struct config_address *address, bool shared, int *ret_fd,
    struct buf *reterr_text)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *found;
	char port[8];
	int fd = -1, on = 1;
	bool done = false;

	snprintf(port, sizeof(port), "%u", address->port);
	if (getaddrinfo(address->host, port, &hints, &found) != 0) {
		buf_printf(reterr_text, "%s is not an address", address->host);
		return STATUS_INVALID;
	}
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		done = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		       (!shared ||
			   setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0) &&
		       bind(fd, found->ai_addr, found->ai_addrlen) == 0 &&
		       listen(fd, SOMAXCONN) == 0;
	freeaddrinfo(found);
	if (!done) {
		buf_printf(reterr_text, "listening on %s port %u: %s", address->host,
		    address->port, strerror(errno));
		fileio_close(fd);
		return status_from_errno(errno);
	}
	*ret_fd = fd;
	return STATUS_OK;
}

gid_t
place_find_group(const char *name)
{
	const struct group *entry = name != NULL ? getgrnam(name) : NULL;

	return entry != NULL ? entry->gr_gid : (gid_t)-1;
}

enum status
place_listen_unix(const char *path, const char *group, const struct place_user *user,
    int *ret_fd, struct buf *reterr_text)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	gid_t gid = place_find_group(group);
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		buf_printf(reterr_text, "%s: too long for a socket", path);
		return STATUS_LIMIT;
	}
	memcpy(address.sun_path, path, strlen(path));
	(void)unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* whom the group does not name is refused by the kernel, all others are asked who
	 * they are (SO_PEERCRED) */
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    chmod(path, 0660) != 0 || listen(fd, SOMAXCONN) != 0 ||
	    ((user->uid != 0 || gid != (gid_t)-1) && geteuid() == 0 &&
		chown(path, user->uid != 0 ? user->uid : (uid_t)-1, gid) != 0)) {
		buf_printf(reterr_text, "%s: %s", path, strerror(errno));
		fileio_close(fd);
		return status_from_errno(errno);
	}
	*ret_fd = fd;
	return STATUS_OK;
}

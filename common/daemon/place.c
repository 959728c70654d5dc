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

static enum status
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

enum status
place_make_dirs(const char *state, const char *const below[], const char *runtime,
    const struct place_user *user, struct buf *reterr_text)
{
	char path[PLACE_PATH_SIZE];
	enum status status = place_make_dir(state, 0700, user, reterr_text);

	for (size_t i = 0; below[i] != NULL && status == STATUS_OK; i++)
		status =
		    place_make_dir(place_path(path, state, below[i]), 0700, user, reterr_text);
	if (status == STATUS_OK)
		status = place_make_dir(runtime, 0755, user, reterr_text);
	return status;
}

gid_t
place_find_group(const char *name)
{
	const struct group *entry = name != NULL ? getgrnam(name) : NULL;

	return entry != NULL ? entry->gr_gid : (gid_t)-1;
}

/* Takes away what a dead daemon left, and nothing else: neither a file nor the socket of one
 * that lives. */
static enum status
place_clear_socket(const struct sockaddr_un *address)
{
	struct stat info;
	bool lives;
	int fd;

	if (lstat(address->sun_path, &info) != 0)
		return errno == ENOENT ? STATUS_OK : status_from_errno(errno);
	if (!S_ISSOCK(info.st_mode))
		return STATUS_EXISTS;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return status_from_errno(errno);
	/* EAGAIN: it lives and has a full queue */
	lives = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
		errno == EAGAIN;
	fileio_close(fd);
	if (lives)
		return STATUS_EXISTS;
	return unlink(address->sun_path) == 0 ? STATUS_OK : status_from_errno(errno);
}

/* Binds, owned and open as it shall be before anybody can connect. */
static enum status
place_bind_unix(int fd, const struct sockaddr_un *address, const struct place_user *user,
    gid_t gid)
{
	mode_t mask = umask(0177);
	bool bound = bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
	int error = errno;
	uid_t uid = user->uid != 0 ? user->uid : (uid_t)-1;

	umask(mask);
	if (!bound)
		return status_from_errno(error);
	if ((uid != (uid_t)-1 || gid != (gid_t)-1) && chown(address->sun_path, uid, gid) != 0)
		return status_from_errno(errno);
	if (gid != (gid_t)-1 && chmod(address->sun_path, 0660) != 0)
		return status_from_errno(errno);
	return listen(fd, SOMAXCONN) == 0 ? STATUS_OK : status_from_errno(errno);
}

enum status
place_listen_unix(const char *path, const struct place_user *user, gid_t gid, int *ret_fd,
    struct buf *reterr_text)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	enum status status = STATUS_LIMIT;
	int fd = -1;

	if (strlen(path) < sizeof(address.sun_path)) {
		memcpy(address.sun_path, path, strlen(path));
		status = place_clear_socket(&address);
	}
	if (status == STATUS_OK) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		status = fd < 0 ? status_from_errno(errno)
				: place_bind_unix(fd, &address, user, gid);
	}
	if (status == STATUS_OK) {
		*ret_fd = fd;
		return STATUS_OK;
	}
	buf_printf(reterr_text, "%s: %s", path,
	    status == STATUS_EXISTS  ? "in use; does the daemon run already?"
	    : status == STATUS_LIMIT ? "too long for a socket; choose another RuntimeDirectory"
				     : status_text(status));
	fileio_close(fd);
	return status;
}

const char *
place_path(char path[static PLACE_PATH_SIZE], const char *parent, const char *name)
{
	snprintf(path, PLACE_PATH_SIZE, "%s/%s", parent, name);
	return path;
}

/* A socket bound to an address, with listens also listening. */
static enum status
place_bind_tcp(const struct config_address *address, bool shared, bool listens, int *ret_fd,
    struct buf *reterr_text)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *found;
	char port[8];
	int fd = -1, on = 1, error;
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
		       (!listens || listen(fd, SOMAXCONN) == 0);
	error = errno;
	freeaddrinfo(found);
	if (!done) {
		buf_printf(reterr_text, "listening on %s port %u: %s", address->host,
		    address->port, strerror(error));
		fileio_close(fd);
		return status_from_errno(error);
	}
	*ret_fd = fd;
	return STATUS_OK;
}

enum status
place_check_tcp(const struct config_address *address, struct buf *reterr_text)
{
	int fd;
	enum status status = place_bind_tcp(address, false, false, &fd, reterr_text);

	if (status == STATUS_OK)
		fileio_close(fd);
	return status;
}

enum status
place_listen_tcp(const struct config_address *address, bool shared, int *ret_fd,
    struct buf *reterr_text)
{
	return place_bind_tcp(address, shared, true, ret_fd, reterr_text);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Directories and the user of a daemon.
 */
#include "common/daemon/place.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

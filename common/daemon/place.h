/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a daemon lives: its directories and the user it becomes.  Used by the supervisor
 * before the first role is started.
 */
#ifndef PORTCULLIS_DAEMON_PLACE_H
#define PORTCULLIS_DAEMON_PLACE_H

#include <sys/types.h>

#include "common/base/buf.h"
#include "common/base/status.h"
#include "common/config/config.h"

enum {
	PLACE_PATH_SIZE = 4096
};

/* Whom the roles run as.  0, 0: as the supervisor. */
struct place_user {
	uid_t uid;
	gid_t gid;
};

/* Looks the user up where the process is root and a name is given; otherwise nobody is to
 * be become.  STATUS_NOT_FOUND with a text for the operator. */
enum status place_find_user(const char *name, struct place_user *ret_user,
    struct buf *reterr_text) MUST_USE;

/* Makes a daemon's state directory with those that are to be in it (ended by NULL), for that
 * user alone, and its runtime directory, which others may enter.  The parents exist. */
enum status place_make_dirs(const char *state, const char *const below[], const char *runtime,
    const struct place_user *user, struct buf *reterr_text) MUST_USE;

/* The group of that name; (gid_t)-1 where there is none (or name is NULL). */
gid_t place_find_group(const char *name);

/* Listens on a UNIX stream socket at path, which that user owns and that group ((gid_t)-1:
 * nobody) may connect to.  A socket that a dead daemon left there is replaced; where one
 * lives behind it: STATUS_EXISTS.  Any failure has its text for the operator. */
enum status place_listen_unix(const char *path, const struct place_user *user, gid_t gid,
    int *ret_fd, struct buf *reterr_text) MUST_USE;

/* Finds out that somebody listens on a TCP address already: sockets that are shared would not
 * notice, and two daemons of one user would each get some of the connections. */
enum status place_check_tcp(const struct config_address *address,
    struct buf *reterr_text) MUST_USE;

/* Listens on a TCP address.  With shared, several sockets may listen on it at once and the
 * kernel spreads connections over them. */
enum status place_listen_tcp(const struct config_address *address, bool shared, int *ret_fd,
    struct buf *reterr_text) MUST_USE;

/* "PARENT/NAME"; a path that does not fit is cut, and will not be found. */
const char *place_path(char path[static PLACE_PATH_SIZE], const char *parent, const char *name);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Landlock by its three system calls.  What a newer kernel knows is asked for only where
 * it is known: rights by version, from the table in landlock(7).
 */
#include "common/proc/landlock.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	/* newer than the headers of Debian 12 */
	RIGHT_TRUNCATE = 1 << 14,
	RIGHT_IOCTL_DEV = 1 << 15,
	NET_BIND_TCP = 1 << 0,
	NET_CONNECT_TCP = 1 << 1,
	SCOPE_ABSTRACT_SOCKETS = 1 << 0,
	SCOPE_SIGNALS = 1 << 1,

	RIGHTS_OF_VERSION_1 = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
	RIGHTS_ON_FILES = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
			  RIGHT_TRUNCATE, /* the others are for directories only */
	RIGHTS_TO_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	RIGHTS_TO_WRITE = RIGHTS_TO_READ | LANDLOCK_ACCESS_FS_WRITE_FILE |
			  LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
			  LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
			  LANDLOCK_ACCESS_FS_REFER | RIGHT_TRUNCATE,
};

/* struct landlock_ruleset_attr as of version 6; a field that is zero may be unknown. */
struct landlock_ruleset {
	uint64_t handled_fs;
	uint64_t handled_net;
	uint64_t scoped;
};

static struct landlock_ruleset
landlock_ruleset_of(const struct sandbox *sandbox, int abi)
{
	struct landlock_ruleset ruleset = {.handled_fs = RIGHTS_OF_VERSION_1};

	if (abi >= 2)
		ruleset.handled_fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		ruleset.handled_fs |= RIGHT_TRUNCATE;
	if (abi >= 4) {
		ruleset.handled_net = NET_BIND_TCP;
		if ((sandbox->profile.flags & SANDBOX_CONNECT) == 0)
			ruleset.handled_net |= NET_CONNECT_TCP;
	}
	if (abi >= 5)
		ruleset.handled_fs |= RIGHT_IOCTL_DEV;
	if (abi >= 6)
		ruleset.scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
	return ruleset;
}

static enum status
landlock_allow(int ruleset_fd, int path_fd, enum sandbox_access access, uint64_t handled_fs)
{
	struct landlock_path_beneath_attr rule = {.parent_fd = path_fd,
	    .allowed_access = access == SANDBOX_WRITE ? RIGHTS_TO_WRITE : RIGHTS_TO_READ};
	struct stat info;

	if (fstat(path_fd, &info) != 0)
		return status_from_errno(errno);
	rule.allowed_access &= handled_fs;
	if (!S_ISDIR(info.st_mode))
		rule.allowed_access &= RIGHTS_ON_FILES;
	if (syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) !=
	    0)
		return status_from_errno(errno);
	return STATUS_OK;
}

enum status
landlock_enter(const struct sandbox *sandbox, int *ret_abi)
{
	long abi =
	    syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset ruleset;
	enum status status = STATUS_OK;
	int fd;

	if (abi < 0) { /* not built in, or not switched on */
		*ret_abi = 0;
		return STATUS_OK;
	}
	ruleset = landlock_ruleset_of(sandbox, (int)abi);
	fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);
	if (fd < 0)
		return status_from_errno(errno);
	for (unsigned i = 0; i < sandbox->path_count && status == STATUS_OK; i++)
		status = landlock_allow(fd, sandbox->path_fds[i], sandbox->path_access[i],
		    ruleset.handled_fs);
	if (status == STATUS_OK && syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		status = status_from_errno(errno);
	close(fd);
	if (status == STATUS_OK)
		*ret_abi = (int)abi;
	return status;
}

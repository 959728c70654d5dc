/* SPDX-License-Identifier: Apache-2.0
 *
 * The sandbox as a whole; filter.c and landlock.c are its walls.
 */
#include "common/proc/sandbox.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include <seccomp.h>

#include "common/base/fileio.h"
#include "common/proc/filter.h"
#include "common/proc/landlock.h"

enum status
sandbox_begin(void)
{
	const struct rlimit no_core = {0, 0};

	if (prctl(PR_SET_DUMPABLE, 0) != 0 || setrlimit(RLIMIT_CORE, &no_core) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return status_from_errno(errno);
	return STATUS_OK;
}

void
sandbox_init(struct sandbox *sandbox, struct sandbox_profile profile, int last_words_fd)
{
	*sandbox = (struct sandbox){.profile = profile, .last_words_fd = last_words_fd};
}

enum status
sandbox_allow_path(struct sandbox *sandbox, const char *path, enum sandbox_access access)
{
	int fd;

	assert(sandbox->path_count < SANDBOX_PATHS_MAX);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return status_from_errno(errno);
	sandbox->path_fds[sandbox->path_count] = fd;
	sandbox->path_access[sandbox->path_count++] = access;
	return STATUS_OK;
}

enum status
sandbox_enter(struct sandbox *sandbox, struct buf *report)
{
	enum status status = sandbox_begin();
	int abi;

	/* libc reads the time zone when it first converts a time, also in gmtime(), which
	 * GnuTLS and libmicrohttpd call */
	tzset();
	/* the sanitizer's runtime reads /proc and the binary when it has something to say */
	if (status == STATUS_OK && SANITIZED)
		status = sandbox_allow_path(sandbox, "/", SANDBOX_READ);
	if (status != STATUS_OK) {
		buf_printf(report, "process attributes: %s", status_text(status));
		return status;
	}
	status = landlock_enter(sandbox, &abi);
	if (status != STATUS_OK) {
		buf_printf(report, "Landlock: %s", status_text(status));
		return status;
	}
	sandbox_done(sandbox);
	status = filter_enter(&sandbox->profile, sandbox->last_words_fd, report);
	if (status != STATUS_OK)
		return status;
	buf_put_text(report, SANITIZED ? "seccomp (looser: sanitizer build)" : "seccomp");
	if (abi > 0)
		buf_printf(report, ", Landlock %d", abi);
	else if (sandbox->profile.flags & SANDBOX_FILES)
		buf_put_text(report, ", no Landlock: may open files outside its directories");
	else
		buf_put_text(report, ", no Landlock");
	return STATUS_OK;
}

void
sandbox_done(struct sandbox *sandbox)
{
	for (unsigned i = 0; i < sandbox->path_count; i++)
		fileio_close(sandbox->path_fds[i]);
	sandbox->path_count = 0;
}

void
sandbox_syscall_name(int nr, struct buf *out)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);

	if (name != NULL)
		buf_put_text(out, name);
	else
		buf_printf(out, "system call %d", nr);
	free(name);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The filter: a list of what is allowed, death for the rest.  Death is SECCOMP_RET_TRAP
 * with a handler that leaves the number of the call in a pipe and then commits another
 * forbidden call, which the kernel answers with SIGSYS for good, because the signal is
 * blocked inside its own handler.  So the operator learns the name; and the filter keeps
 * the handler from being replaced (docs/decisions/0005-sandbox.md).
 *
 * A sanitizer's runtime needs calls that no list of ours can foresee.  Those builds get
 * the opposite: everything but a list of what is forbidden.
 */
#include "common/proc/filter.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

#include "common/base/status.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

/* The lists end with NULL.  A name that this machine does not have is passed over. */

/* Every role: what it was given can be read, written, waited for; memory, time, chance. */
static const char *const calls_base[] = {"brk", "clock_getres", "clock_gettime",
    "clock_nanosleep", "close", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2",
    "epoll_wait", "eventfd2", "exit", "exit_group", "fstat", "futex", "getcpu", "getegid",
    "geteuid", "getgid", "getpeername", "getpid", "getppid", "getrandom", "getrlimit",
    "getrusage", "getsockname", "getsockopt", "gettid", "gettimeofday", "getuid", "lseek",
    "madvise", "membarrier", "mremap", "munmap", "nanosleep", "newfstatat", "pipe2", "poll",
    "ppoll", "pread64", "preadv", "pselect6", "pwrite64", "pwritev", "read", "readv",
    "recvfrom", "recvmsg", "restart_syscall", "rseq", "rt_sigprocmask", "rt_sigreturn",
    "sched_getaffinity", "sched_yield", "select", "sendmsg", "sendto", "set_robust_list",
    "setsockopt", "shutdown", "sigaltstack", "socketpair", "sysinfo", "time", "timerfd_create",
    "timerfd_gettime", "timerfd_settime", "times", "uname", "write", "writev", NULL};

/* SANDBOX_FILES; where there is Landlock, it says which files. */
static const char *const calls_files[] = {"access", "chmod", "copy_file_range", "creat",
    "faccessat", "faccessat2", "fadvise64", "fallocate", "fchmod", "fchmodat", "fchown",
    "fdatasync", "flock", "fstatfs", "fsync", "ftruncate", "getcwd", "getdents64",
    "inotify_add_watch", "inotify_init1", "inotify_rm_watch", "lstat", "mkdir", "mkdirat",
    "open", "openat", "readlink", "readlinkat", "rename", "renameat", "renameat2", "rmdir",
    "stat", "statfs", "statx", "sync_file_range", "umask", "unlink", "unlinkat", "utimensat",
    NULL};

static const char *const calls_accept[] = {"accept", "accept4", "listen", NULL};

/* SANDBOX_CONNECT; the families of socket() are a list of their own. */
static const char *const calls_connect[] = {"bind", "connect", "recvmmsg", "sendmmsg", NULL};

/* What the sanitizer build still forbids. */
static const char *const forbidden_always[] = {"execve", "execveat", "process_vm_readv",
    "process_vm_writev", "pidfd_open", "pidfd_send_signal", "pidfd_getfd", "tkill", "bpf",
    "io_uring_setup", "keyctl", "perf_event_open", "mount", "setns", "unshare", "userfaultfd",
    NULL};
static const char *const forbidden_files[] = {"openat2", "creat", "unlink", "unlinkat",
    "rename", "renameat2", "mkdir", "mkdirat", NULL};
static const char *const forbidden_accept[] = {"accept", "accept4", NULL};
static const char *const forbidden_connect[] = {"socket", "connect", "bind", NULL};

/* Of openat there, any of these flags; a plain O_RDONLY is how the runtime reads the binary
 * for its report. */
static const int forbidden_opens[] = {O_WRONLY, O_RDWR, O_NOCTTY, O_DIRECTORY};

static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
static const int ioctls[] = {FIONREAD, FIONBIO, TCGETS, TIOCGWINSZ, SIOCOUTQ};
static const int prctls[] = {PR_SET_NAME, PR_SET_VMA};
/* none that sends signals: F_SETOWN, F_SETSIG, F_NOTIFY, leases */
static const int fcntls[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL,
    F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_ADD_SEALS,
    F_GET_SEALS};

/* One filter under construction; the first error stays. */
struct filter_rules {
	scmp_filter_ctx filter;
	uint32_t action; /* of the rules */
	int error;       /* 0, or an errno value */
};

static void
filter_add(struct filter_rules *rules, uint32_t action, const char *name, unsigned count,
    const struct scmp_arg_cmp *conditions)
{
	int nr = seccomp_syscall_resolve_name(name), rc;

	if (nr < 0 || rules->error != 0)
		return;
	rc = seccomp_rule_add_array(rules->filter, action, nr, count, conditions);
	if (rc < 0 && rc != -EEXIST)
		rules->error = -rc;
}

static void
filter_add_names(struct filter_rules *rules, const char *const *names)
{
	for (; *names != NULL; names++)
		filter_add(rules, rules->action, *names, 0, NULL);
}

/* The call, where an argument compares with a value; of MASKED_EQ that is the mask, and
 * match what the masked bits are. */
static void
filter_add_if(struct filter_rules *rules, const char *name, unsigned arg,
    enum scmp_compare compare, scmp_datum_t value, scmp_datum_t match)
{
	const struct scmp_arg_cmp condition = {.arg = arg,
	    .op = compare,
	    .datum_a = value,
	    .datum_b = match};

	filter_add(rules, rules->action, name, 1, &condition);
}

/* The call, where an argument is one of some values. */
static void
filter_add_values(struct filter_rules *rules, const char *name, unsigned arg, const int *values,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		filter_add_if(rules, name, arg, SCMP_CMP_EQ, (scmp_datum_t)values[i], 0);
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Calls that are allowed in part. */
static void
filter_allow_parts(struct filter_rules *rules)
{
	scmp_datum_t self = (scmp_datum_t)getpid();

	filter_add_values(rules, "fcntl", 1, fcntls, COUNT_OF(fcntls));
	filter_add_values(rules, "ioctl", 1, ioctls, COUNT_OF(ioctls));
	filter_add_values(rules, "prctl", 0, prctls, COUNT_OF(prctls));
	/* no code but what is loaded */
	filter_add_if(rules, "mmap", 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	filter_add_if(rules, "mprotect", 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	/* abort() ends as SIGABRT, so that an assertion is reported as one */
	filter_add_if(rules, "tgkill", 0, SCMP_CMP_EQ, self, 0);
	/* the handler of SIGSYS stays */
	filter_add_if(rules, "rt_sigaction", 0, SCMP_CMP_NE, SIGSYS, 0);
	/* our own limits; the second struct is the old one */
	filter_add_if(rules, "prlimit64", 0, SCMP_CMP_EQ, 0, 0);
}

static void
filter_allow(struct filter_rules *rules, const struct sandbox_profile *profile)
{
	static const char *const none[] = {NULL};

	filter_add_names(rules, calls_base);
	filter_allow_parts(rules);
	if (profile->flags & SANDBOX_FILES)
		filter_add_names(rules, calls_files);
	if (profile->flags & SANDBOX_ACCEPT)
		filter_add_names(rules, calls_accept);
	if (profile->flags & SANDBOX_CONNECT) {
		filter_add_names(rules, calls_connect);
		filter_add_values(rules, "socket", 0, families, COUNT_OF(families));
	}
	if (profile->flags & SANDBOX_THREADS) {
		filter_add_if(rules, "clone", 0, SCMP_CMP_MASKED_EQ, CLONE_THREAD,
		    CLONE_THREAD);
		/* its flags cannot be seen; without it libc takes clone */
		filter_add(rules, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL);
	}
	filter_add_names(rules, profile->syscalls != NULL ? profile->syscalls : none);
}

/* The sanitizer build.  LeakSanitizer attaches to the process itself when it ends. */
static void
filter_forbid(struct filter_rules *rules, const struct sandbox_profile *profile)
{
	const struct scmp_arg_cmp process = {.arg = 0,
	    .op = SCMP_CMP_MASKED_EQ,
	    .datum_a = CLONE_VM};
	scmp_datum_t self = (scmp_datum_t)getpid();

	filter_add_names(rules, forbidden_always);
	/* refused, not death: clang's runtime wants a process that knows the symbols, and
	 * reports without them where it gets none */
	filter_add(rules, SCMP_ACT_ERRNO(EPERM), "fork", 0, NULL);
	filter_add(rules, SCMP_ACT_ERRNO(EPERM), "vfork", 0, NULL);
	filter_add(rules, SCMP_ACT_ERRNO(EPERM), "clone", 1, &process);
	filter_add(rules, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL);
	filter_add_if(rules, "kill", 0, SCMP_CMP_NE, self, 0);
	filter_add_if(rules, "tgkill", 0, SCMP_CMP_NE, self, 0);
	filter_add_if(rules, "ptrace", 1, SCMP_CMP_NE, self, 0);
	filter_add_if(rules, "rt_sigaction", 0, SCMP_CMP_EQ, SIGSYS, 0);
	if ((profile->flags & SANDBOX_FILES) == 0) {
		filter_add_names(rules, forbidden_files);
		for (size_t i = 0; i < COUNT_OF(forbidden_opens); i++) {
			scmp_datum_t flag = (scmp_datum_t)forbidden_opens[i];

			filter_add_if(rules, "openat", 2, SCMP_CMP_MASKED_EQ, flag, flag);
		}
	}
	if ((profile->flags & SANDBOX_ACCEPT) == 0)
		filter_add_names(rules, forbidden_accept);
	if ((profile->flags & SANDBOX_CONNECT) == 0)
		filter_add_names(rules, forbidden_connect);
}

/* --- death --- */

static int filter_last_words_fd = -1;

/* Leaves the number and does it again, now for good. */
static void
filter_on_forbidden(int signo, siginfo_t *info, void *context)
{
	int nr = info->si_syscall;

	if (filter_last_words_fd >= 0 &&
	    write(filter_last_words_fd, &nr, sizeof(nr)) != (ssize_t)sizeof(nr))
		nr = -1; /* the supervisor says SIGSYS without the name */
	for (;;)
		syscall(SYS_execve, NULL, NULL, NULL);
}

static enum status
filter_catch(int last_words_fd)
{
	struct sigaction action = {.sa_sigaction = filter_on_forbidden, .sa_flags = SA_SIGINFO};

	filter_last_words_fd = last_words_fd;
	sigfillset(&action.sa_mask);
	if (sigaction(SIGSYS, &action, NULL) != 0)
		return status_from_errno(errno);
	return STATUS_OK;
}

enum status
filter_enter(const struct sandbox_profile *profile, int last_words_fd,
    struct buf *reterr_reason)
{
	struct filter_rules rules = {.action = SANITIZED ? SCMP_ACT_TRAP : SCMP_ACT_ALLOW};
	enum status status = filter_catch(last_words_fd);
	int rc = 0;

	rules.filter = seccomp_init(SANITIZED ? SCMP_ACT_ALLOW : SCMP_ACT_TRAP);
	if (rules.filter == NULL || status != STATUS_OK) {
		buf_put_text(reterr_reason, "seccomp: no filter to be had");
		return STATUS_INTERNAL;
	}
	if (SANITIZED)
		filter_forbid(&rules, profile);
	else
		filter_allow(&rules, profile);
	if (rules.error == 0)
		rc = seccomp_attr_set(rules.filter, SCMP_FLTATR_ACT_BADARCH,
		    SCMP_ACT_KILL_PROCESS);
	if (rules.error == 0 && rc == 0)
		rc = seccomp_attr_set(rules.filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (rules.error == 0 && rc == 0)
		rc = seccomp_load(rules.filter);
	seccomp_release(rules.filter);
	if (rules.error == 0 && rc == 0)
		return STATUS_OK;
	rc = rules.error != 0 ? rules.error : -rc;
	buf_printf(reterr_reason, "seccomp: %s", strerror(rc));
	return status_from_errno(rc);
}

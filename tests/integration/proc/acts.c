/* SPDX-License-Identifier: Apache-2.0
 *
 * Forbidden acts, and the ways of dying that the supervisor must tell apart.
 */
#include "tests/integration/proc/acts.h"

#include <assert.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int acts_socket = -1;
static int acts_listener = -1;
static void *volatile acts_kept;

static void
act_open(void)
{
	(void)open("/etc/passwd", O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

static void
act_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
}

static void
act_fork(void)
{
	if (fork() == 0)
		_exit(0);
}

static void
act_socket(void)
{
	(void)socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void
act_connect(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};

	(void)connect(acts_socket, (struct sockaddr *)&address, sizeof(address));
}

static void
act_accept(void)
{
	(void)accept4(acts_listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static void
act_ptrace(void)
{
	(void)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void
act_kill(void)
{
	(void)kill(getppid(), 0);
}

static void
act_tgkill(void)
{
	(void)syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static void
act_process_vm_readv(void)
{
	char byte;
	struct iovec local = {&byte, 1}, remote = {&byte, 1};

	(void)process_vm_readv(getppid(), &local, 1, &remote, 1, 0);
}

static void
act_pidfd(void)
{
	(void)syscall(SYS_pidfd_open, getppid(), 0);
}

static void
act_code(void)
{
	(void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);
}

static void
act_own_signals(void)
{
	(void)fcntl(acts_socket, F_SETOWN, getppid());
}

/* to live on after forbidden calls */
static void
act_handler(void)
{
	struct sigaction action = {.sa_handler = SIG_IGN};

	(void)sigaction(SIGSYS, &action, NULL);
}

static void
act_assert(void)
{
	assert(acts_socket == -2);
}

static void
act_segv(void)
{
	int *volatile nowhere = (int *)(uintptr_t)acts_listener;

	*nowhere = 1;
}

/* for the sanitizer build: its report must come through */
static void
act_leak(void)
{
	acts_kept = malloc(4711);
	acts_kept = NULL;
}

static void
act_exit(void)
{
	_exit(3);
}

static const struct {
	const char *name;
	void (*act)(void);
} acts[] = {{"open", act_open}, {"exec", act_exec}, {"fork", act_fork}, {"socket", act_socket},
    {"connect", act_connect}, {"accept", act_accept}, {"ptrace", act_ptrace},
    {"kill", act_kill}, {"tgkill", act_tgkill}, {"process_vm_readv", act_process_vm_readv},
    {"pidfd", act_pidfd}, {"code", act_code}, {"own-signals", act_own_signals},
    {"handler", act_handler}, {"assert", act_assert}, {"segv", act_segv}, {"leak", act_leak},
    {"exit", act_exit}};

void
acts_prepare(void)
{
	acts_socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	acts_listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (acts_socket < 0 || acts_listener < 0 || listen(acts_listener, 1) != 0)
		abort();
}

void
acts_do(const char *name)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (strcmp(acts[i].name, name) != 0)
			continue;
		acts[i].act();
		dprintf(STDOUT_FILENO, "survived %s\n", name);
		return;
	}
	dprintf(STDOUT_FILENO, "no act %s\n", name);
}

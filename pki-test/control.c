/* SPDX-License-Identifier: Apache-2.0
 *
 * The control socket.  One caller at a time: the next waits in the kernel's queue.
 */
#include "pki-test/control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/loop/loop.h"
#include "pki-test/net.h"

enum {
	LINE_MAX_OCTETS = 4096,
	ANSWER_MAX = 1024 * 1024,
	CALLER_TIMEOUT_MS = 5000,
};

struct control {
	struct loop *loop;
	char *path;
	int listener;
	struct loop_io *listen_io;
	int fd; /* of the caller; -1: none */
	struct loop_io *io;
	struct loop_timer *timer; /* a caller who says nothing is sent away */
	struct buf line;
	struct buf answer; /* what is still to be sent */
	void (*on_line)(const char *line, struct buf *answer, void *arg);
	void *arg;
};

static void
control_drop_caller(struct control *control)
{
	if (control->fd < 0)
		return;
	loop_io_free(control->io);
	close(control->fd);
	control->fd = -1;
	loop_timer_stop(control->timer);
	buf_clear(&control->line);
	buf_clear(&control->answer);
	loop_io_want(control->listen_io, LOOP_READ);
}

/* Answers the first whole line, if there is one. */
static void
control_take_line(struct control *control)
{
	uint8_t *end =
	    control->line.len > 0 ? memchr(control->line.data, '\n', control->line.len) : NULL;

	if (end == NULL)
		return;
	*end = '\0';
	control->on_line((const char *)control->line.data, &control->answer, control->arg);
	buf_put_text(&control->answer, "\n");
	buf_drain(&control->line, (size_t)(end - control->line.data) + 1);
}

static bool
control_read(struct control *control)
{
	uint8_t *room = buf_reserve(&control->line, LINE_MAX_OCTETS - control->line.len);
	ssize_t got;

	if (room == NULL || control->line.len == LINE_MAX_OCTETS)
		return false;
	got = read(control->fd, room, LINE_MAX_OCTETS - control->line.len);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_claim(&control->line, (size_t)got);
	return got > 0;
}

static bool
control_write(struct control *control)
{
	ssize_t sent =
	    send(control->fd, control->answer.data, control->answer.len, MSG_NOSIGNAL);

	if (sent < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_drain(&control->answer, (size_t)sent);
	return true;
}

static void
control_on_caller(unsigned ready, void *arg)
{
	struct control *control = arg;
	bool alive = true;

	if ((ready & LOOP_READ) != 0)
		alive = control_read(control);
	if (control->answer.len == 0)
		control_take_line(control);
	if (alive && control->answer.len > 0)
		alive = control_write(control);
	if (alive)
		loop_io_want(control->io, control->answer.len > 0 ? LOOP_WRITE : LOOP_READ);
	else
		control_drop_caller(control);
}

static void
control_on_timeout(void *arg)
{
	control_drop_caller(arg);
}

static void
control_on_connection(unsigned ready, void *arg)
{
	struct control *control = arg;

	if (net_accept(control->listener, &control->fd) != STATUS_OK) {
		control->fd = -1;
		return;
	}
	loop_io_want(control->listen_io, 0);
	control->io =
	    loop_io_new(control->loop, control->fd, LOOP_NOW, control_on_caller, control);
	loop_io_want(control->io, LOOP_READ);
	loop_timer_once(control->timer, CALLER_TIMEOUT_MS);
}

static enum status
control_address(const char *path, struct sockaddr_un *ret_address)
{
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(ret_address->sun_path))
		return STATUS_LIMIT;
	memcpy(ret_address->sun_path, path, strlen(path));
	return STATUS_OK;
}

static enum status
control_listen(const char *path, int *ret_fd)
{
	struct sockaddr_un address;
	int fd, error;

	if (control_address(path, &address) != STATUS_OK)
		return STATUS_LIMIT;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return status_from_errno(errno);
	unlink(path);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, SOMAXCONN) != 0) {
		error = errno;
		close(fd);
		return status_from_errno(error);
	}
	*ret_fd = fd;
	return STATUS_OK;
}

enum status
control_new(struct loop *loop, const char *path,
    void (*on_line)(const char *line, struct buf *answer, void *arg), void *arg,
    struct control **ret_control)
{
	struct control *control;
	enum status status;
	int fd;

	status = control_listen(path, &fd);
	if (status != STATUS_OK)
		return status;
	control = NEW(struct control);
	*control = (struct control){
	    .loop = loop,
	    .path = alloc_text(path),
	    .listener = fd,
	    .fd = -1,
	    .on_line = on_line,
	    .arg = arg,
	};
	buf_init(&control->line, LINE_MAX_OCTETS);
	buf_init(&control->answer, ANSWER_MAX);
	control->timer = loop_timer_new(loop, control_on_timeout, control);
	control->listen_io = loop_io_new(loop, fd, LOOP_NOW, control_on_connection, control);
	loop_io_want(control->listen_io, LOOP_READ);
	*ret_control = control;
	return STATUS_OK;
}

void
control_free(struct control *control)
{
	if (control == NULL)
		return;
	control_drop_caller(control);
	loop_io_free(control->listen_io);
	loop_timer_free(control->timer);
	close(control->listener);
	unlink(control->path);
	free(control->path);
	buf_done(&control->line);
	buf_done(&control->answer);
	free(control);
}

/* Reads up to the end of a line, or until the deadline. */
static enum status
control_read_answer(int fd, int64_t deadline_ms, struct buf *answer)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	int64_t left;
	ssize_t got;
	uint8_t *room;

	while (answer->len == 0 || answer->data[answer->len - 1] != '\n') {
		left = deadline_ms - clock_mono_ms();
		if (left <= 0 || poll(&wait, 1, (int)left) == 0)
			return STATUS_TIMEOUT;
		room = buf_reserve(answer, LINE_MAX_OCTETS);
		if (room == NULL)
			return STATUS_LIMIT;
		got = read(fd, room, LINE_MAX_OCTETS);
		if (got == 0)
			return STATUS_CLOSED;
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			return status_from_errno(errno);
		buf_claim(answer, got > 0 ? (size_t)got : 0);
	}
	buf_truncate(answer, answer->len - 1);
	return STATUS_OK;
}

enum status
control_call(const char *path, const char *line, int timeout_ms, struct buf *answer)
{
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	struct sockaddr_un address;
	enum status status;
	struct buf out;
	int fd;

	status = control_address(path, &address);
	if (status != STATUS_OK)
		return status;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return status_from_errno(errno);
	buf_init(&out, LINE_MAX_OCTETS);
	buf_printf(&out, "%s\n", line);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		status = status_from_errno(errno);
	else if (!buf_ok(&out))
		status = STATUS_LIMIT;
	else if (send(fd, out.data, out.len, MSG_NOSIGNAL) != (ssize_t)out.len)
		status = STATUS_CLOSED;
	else
		status = control_read_answer(fd, deadline_ms, answer);
	close(fd);
	buf_done(&out);
	return status;
}

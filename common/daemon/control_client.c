/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line's side of the control socket: one request, the rows, the end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/daemon/control.h"
#include "common/loop/loop.h"
#include "common/proc/channel.h"

enum {
	EXIT_FAILED = 1,
	EXIT_UNREACHABLE = 5,
};

struct asking {
	struct loop *loop;
	void (*row)(struct bytes json, void *arg);
	void *arg;
	bool done;
	int code;
	char *text;
};

static void
asking_stop(struct asking *asking, int code, const char *text, size_t len)
{
	asking->done = true;
	asking->code = code;
	free(asking->text);
	asking->text = alloc_text_copy(text, len);
	loop_stop(asking->loop);
}

static enum status
asking_on_frame(void *arg, struct channel_frame *frame)
{
	struct asking *asking = arg;
	struct control_end end;

	if (frame->type == CONTROL_ROW) {
		asking->row(frame->payload, asking->arg);
		return STATUS_OK;
	}
	if (frame->type != CONTROL_END || edge_message_get(frame->payload, control_end_fields,
					      sizeof(end), &end) != STATUS_OK)
		return STATUS_INVALID;
	asking_stop(asking, end.code, (const char *)end.text.data, end.text.len);
	return STATUS_OK;
}

static void
asking_on_ended(void *arg, enum status why)
{
	static const char text[] = "the daemon ended the connection; look into its log";
	struct asking *asking = arg;

	if (!asking->done)
		asking_stop(asking, EXIT_FAILED, text, sizeof(text) - 1);
}

static const struct channel_ops asking_ops = {.frame = asking_on_frame,
    .ended = asking_on_ended};

static int
asking_connect(const char *path, char **ret_text)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct buf text;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
	} else if (fd >= 0) {
		memcpy(address.sun_path, path, strlen(path));
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
			return fd;
	}
	buf_init(&text, 1024);
	buf_printf(&text, "%s: %s; is the daemon running?", path, strerror(errno));
	*ret_text = buf_take_text(&text);
	fileio_close(fd);
	return -1;
}

int
control_ask(const char *path, const struct control_message *message, struct fds *fds,
    void (*row)(struct bytes json, void *arg), void *arg, char **ret_text)
{
	struct asking asking = {.row = row, .arg = arg, .code = EXIT_FAILED};
	struct channel channel;
	struct buf payload;
	int fd = asking_connect(path, ret_text);

	if (fd < 0) {
		fds_close(fds);
		return EXIT_UNREACHABLE;
	}
	asking.loop = loop_new();
	channel_init(&channel, asking.loop, &asking_ops, &asking, CONTROL_ROW_MAX,
	    CONTROL_REQUEST_MAX * 2);
	channel_open(&channel, fd);
	buf_init(&payload, CONTROL_REQUEST_MAX);
	edge_message_put(&payload, control_message_fields, message);
	if (!buf_ok(&payload) || channel_put(&channel, CONTROL_REQUEST, buf_bytes(&payload),
				     bytes_of("", 0), fds) != STATUS_OK)
		asking_stop(&asking, EXIT_FAILED, "the request is too long", 23);
	else
		loop_run(asking.loop);
	fds_close(fds);
	buf_done(&payload);
	channel_done(&channel);
	loop_free(asking.loop);
	*ret_text = asking.text;
	return asking.code;
}

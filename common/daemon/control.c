/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's side of the control socket.
 */
#include "common/daemon/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/loop/loop.h"
#include "common/proc/channel.h"
#include "common/wire/frame.h"

enum {
	GROUPS_MAX = 256
};

const struct edge_field control_message_fields[] = {
    {EDGE_FIELD_BYTES, offsetof(struct control_message, command)},
    {EDGE_FIELD_LIST, offsetof(struct control_message, args)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field control_end_fields[] = {
    {EDGE_FIELD_U8, offsetof(struct control_end, code)},
    {EDGE_FIELD_BYTES, offsetof(struct control_end, text)},
    {EDGE_FIELD_END, 0},
};

struct control_client {
	TAILQ_ENTRY(control_client) link;
	struct control *control;
	struct channel channel;
	uid_t uid;
	bool may_read, may_change;
	bool asked; /* its one request has come */
	bool told;  /* ... and was told to the owner */
	bool ended; /* answered: closes when all is written */
	bool dead;
	void *data;
};

struct control {
	struct loop *loop;
	int fd;
	struct loop_io *io;
	gid_t read_gid, change_gid;
	const struct control_ops *ops;
	void *arg;
	TAILQ_HEAD(, control_client) clients;
	size_t count;
};

static void
control_free_client(void *arg)
{
	struct control_client *client = arg;

	channel_done(&client->channel);
	free(client);
}

/* Lets a client go.  It is freed when no callback of its channel is on the stack. */
static void
control_drop(struct control_client *client)
{
	struct control *control = client->control;

	if (client->dead)
		return;
	client->dead = true;
	TAILQ_REMOVE(&control->clients, client, link);
	control->count--;
	if (client->told)
		control->ops->gone(control->arg, client);
	loop_defer(control->loop, control_free_client, client);
}

static enum status
control_on_frame(void *arg, struct channel_frame *frame)
{
	struct control_client *client = arg;
	struct control_request request = {.fds = &frame->fds,
	    .may_change = client->may_change,
	    .uid = client->uid};
	struct control_message message;

	if (client->dead)
		return STATUS_OK;
	if (client->asked || frame->type != CONTROL_REQUEST ||
	    edge_message_get(frame->payload, control_message_fields, sizeof(message),
		&message) != STATUS_OK ||
	    message.command.len >= CONTROL_COMMAND_MAX)
		return STATUS_INVALID;
	client->asked = true;
	memcpy(request.command, message.command.data, message.command.len);
	request.args = message.args;
	if (!client->may_read) {
		control_end(client, 4,
		    "not allowed: be root, or a member of the control or the admin group");
		return STATUS_OK;
	}
	client->told = true;
	client->control->ops->request(client->control->arg, client, &request);
	return STATUS_OK;
}

static void
control_on_ended(void *arg, enum status why)
{
	control_drop(arg);
}

static void
control_on_written(void *arg)
{
	struct control_client *client = arg;

	if (client->ended && channel_written(&client->channel) == client->channel.queued)
		control_drop(client);
}

static const struct channel_ops client_ops = {.frame = control_on_frame,
    .ended = control_on_ended,
    .written = control_on_written};

static bool
control_in_group(int fd, gid_t primary, gid_t wanted)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);

	if (wanted == (gid_t)-1)
		return false;
	if (primary == wanted)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++) {
		if (groups[i] == wanted)
			return true;
	}
	return false;
}

/* What the kernel knows of who connected. */
static void
control_ask_kernel(const struct control *control, int fd, struct control_client *client)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return;
	client->uid = peer.uid;
	client->may_change = peer.uid == 0 || peer.uid == geteuid() ||
			     control_in_group(fd, peer.gid, control->change_gid);
	client->may_read =
	    client->may_change || control_in_group(fd, peer.gid, control->read_gid);
}

/* Room for one more: at the maximum the oldest that has not asked anything goes. */
static bool
control_make_room(struct control *control)
{
	struct control_client *client;

	if (control->count < CONTROL_CLIENTS_MAX)
		return true;
	TAILQ_FOREACH(client, &control->clients, link) {
		if (!client->asked) {
			control_drop(client);
			return true;
		}
	}
	return false;
}

static void
control_on_connect(unsigned ready, void *arg)
{
	struct control *control = arg;
	struct control_client *client;
	int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!control_make_room(control)) {
		fileio_close(fd);
		return;
	}
	client = NEW(struct control_client);
	client->control = control;
	control_ask_kernel(control, fd, client);
	channel_init(&client->channel, control->loop, &client_ops, client, CONTROL_REQUEST_MAX,
	    CONTROL_OUT_MAX + CONTROL_REQUEST_MAX);
	TAILQ_INSERT_TAIL(&control->clients, client, link);
	control->count++;
	channel_open(&client->channel, fd);
}

struct control *
control_new_take(struct loop *loop, int listen_fd, gid_t read_gid, gid_t change_gid,
    const struct control_ops *ops, void *arg)
{
	struct control *control = NEW(struct control);

	*control = (struct control){.loop = loop,
	    .fd = listen_fd,
	    .read_gid = read_gid,
	    .change_gid = change_gid,
	    .ops = ops,
	    .arg = arg};
	TAILQ_INIT(&control->clients);
	control->io = loop_io_new(loop, listen_fd, LOOP_NOW, control_on_connect, control);
	loop_io_want(control->io, LOOP_READ);
	return control;
}

void
control_free(struct control *control)
{
	if (control == NULL)
		return;
	while (!TAILQ_EMPTY(&control->clients))
		control_drop(TAILQ_FIRST(&control->clients));
	loop_io_free(control->io);
	fileio_close(control->fd);
	free(control);
}

enum status
control_row(struct control_client *client, struct bytes json)
{
	if (client->dead || client->ended)
		return STATUS_CLOSED;
	/* what is above the maximum is for the end, so that no answer is cut without a word */
	if (json.len > CONTROL_OUT_MAX - FRAME_HEADER_SIZE ||
	    client->channel.out.len > CONTROL_OUT_MAX - FRAME_HEADER_SIZE - json.len ||
	    channel_put(&client->channel, CONTROL_ROW, json, bytes_of("", 0), NULL) !=
		STATUS_OK)
		return STATUS_AGAIN;
	return STATUS_OK;
}

void
control_end(struct control_client *client, uint8_t code, const char *text)
{
	struct control_end end = {.code = code,
	    .text = bytes_of_text(text != NULL ? text : "")};
	struct buf payload;

	if (client->dead || client->ended)
		return;
	buf_init(&payload, CONTROL_REQUEST_MAX);
	edge_message_put(&payload, control_end_fields, &end);
	client->ended = true;
	if (channel_put(&client->channel, CONTROL_END, buf_bytes(&payload), bytes_of("", 0),
		NULL) != STATUS_OK)
		control_drop(client);
	buf_done(&payload);
}

void
control_set_data(struct control_client *client, void *data)
{
	client->data = data;
}

void *
control_data(const struct control_client *client)
{
	return client->data;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Clients, their lines and their answers.
 */
#include "sensor-agent/input/line_socket.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/buf.h"
#include "common/base/fileio.h"
#include "sensor-agent/input/line.h"

enum {
	READ_STEP = 64 << 10
};

/* A line that was taken or refused and is not answered yet. */
struct line_answer {
	uint64_t seq;       /* 0: refused */
	const char *reason; /* of a refusal */
};

struct line_client {
	int fd;
	struct buf in;
	size_t searched; /* of in: no line feed in these bytes */
	bool skipping;   /* the present line is too long: up to its line feed */
	bool ended;      /* it will send no more */
	struct line_answer answers[LINE_SOCKET_UNANSWERED_MAX]; /* a ring */
	size_t first;
	size_t count;
	struct buf out;
};

struct line_socket {
	struct spool *spool;
	char *source;
	int epoll_fd;
	int listen_fd;
	struct line_client *clients[LINE_SOCKET_CLIENTS_MAX];
	size_t next; /* whose turn it is */
	struct line_socket_status status;
};

static enum status
line_socket_watch(struct line_socket *socket, int fd, uint32_t events, int operation)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	return epoll_ctl(socket->epoll_fd, operation, fd, &event) == 0
		   ? STATUS_OK
		   : status_from_errno(errno);
}

enum status
line_socket_new(struct spool *spool, const char *source, int listen_fd,
    struct line_socket **ret_socket)
{
	struct line_socket *socket = NEW(struct line_socket);
	enum status status;

	socket->spool = spool;
	socket->source = alloc_text(source);
	socket->listen_fd = listen_fd;
	socket->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	status = socket->epoll_fd < 0
		     ? status_from_errno(errno)
		     : line_socket_watch(socket, listen_fd, EPOLLIN, EPOLL_CTL_ADD);
	if (status != STATUS_OK)
		line_socket_free(socket);
	else
		*ret_socket = socket;
	return status;
}

static void
line_client_free(struct line_client *client)
{
	close(client->fd);
	buf_done(&client->in);
	buf_done(&client->out);
	free(client);
}

void
line_socket_free(struct line_socket *socket)
{
	if (socket == NULL)
		return;
	for (size_t i = 0; i < LINE_SOCKET_CLIENTS_MAX; i++)
		if (socket->clients[i] != NULL)
			line_client_free(socket->clients[i]);
	fileio_close(socket->epoll_fd);
	fileio_close(socket->listen_fd);
	free(socket->source);
	free(socket);
}

int
line_socket_fd(const struct line_socket *socket)
{
	return socket->epoll_fd;
}

/* Whether a client may be read: what it is owed has bounds. */
static bool
line_client_may_read(const struct line_client *client)
{
	return !client->ended && client->count < LINE_SOCKET_UNANSWERED_MAX &&
	       client->out.len < LINE_SOCKET_OUT_MAX / 2;
}

/* Waits for what the client is able to go on with. */
static void
line_socket_rewatch(struct line_socket *socket, const struct line_client *client)
{
	uint32_t events = (line_client_may_read(client) ? (uint32_t)EPOLLIN : 0) |
			  (client->out.len > 0 ? (uint32_t)EPOLLOUT : 0);

	(void)line_socket_watch(socket, client->fd, events, EPOLL_CTL_MOD);
}

/* One connection more; STATUS_AGAIN when there is none. */
static enum status
line_socket_accept(struct line_socket *socket)
{
	static const char busy[] = "ERR too-many-clients\n";
	struct line_client *client;
	size_t slot = 0;
	int fd = accept4(socket->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return errno == ECONNABORTED ? STATUS_OK : STATUS_AGAIN;
	while (slot < LINE_SOCKET_CLIENTS_MAX && socket->clients[slot] != NULL)
		slot++;
	if (slot == LINE_SOCKET_CLIENTS_MAX ||
	    line_socket_watch(socket, fd, EPOLLIN, EPOLL_CTL_ADD) != STATUS_OK) {
		socket->status.rejected++;
		(void)!send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		close(fd);
		return STATUS_OK;
	}
	client = NEW(struct line_client);
	client->fd = fd;
	buf_init(&client->in, LINE_MAX_LEN + READ_STEP);
	buf_init(&client->out, LINE_SOCKET_OUT_MAX);
	socket->clients[slot] = client;
	socket->status.clients++;
	return STATUS_OK;
}

static void
line_client_owe(struct line_client *client, uint64_t seq, const char *reason)
{
	size_t slot = (client->first + client->count++) % LINE_SOCKET_UNANSWERED_MAX;

	client->answers[slot] = (struct line_answer){seq, reason};
}

/* Takes one line, or refuses it; only a spool that failed is an error. */
static enum status
line_socket_take(struct line_socket *socket, struct line_client *client, struct bytes line)
{
	enum status status;
	uint64_t seq = 0;

	if (line.len == 0)
		return STATUS_OK;
	status = line_append(socket->spool, line_type(line), socket->source, line, NULL, &seq);
	if (status != STATUS_OK && status != STATUS_NO_SPACE && status != STATUS_LIMIT)
		return status;
	if (status == STATUS_OK && seq > 0) {
		socket->status.lines++;
		line_client_owe(client, seq, NULL);
		return STATUS_OK;
	}
	socket->status.refused++;
	line_client_owe(client, 0,
	    status == STATUS_OK         ? "dropped"
	    : status == STATUS_NO_SPACE ? "full"
					: "too-long");
	return STATUS_OK;
}

/* Takes the lines that are in the buffer. */
static enum status
line_socket_take_lines(struct line_socket *socket, struct line_client *client,
    unsigned *max_lines)
{
	enum status status = STATUS_OK;
	size_t taken = 0;

	while (status == STATUS_OK && *max_lines > 0 && taken < client->in.len &&
	       client->count < LINE_SOCKET_UNANSWERED_MAX) {
		const uint8_t *at = client->in.data + taken;
		size_t left = client->in.len - taken;
		const uint8_t *feed =
		    memchr(at + client->searched, '\n', left - client->searched);

		if (feed == NULL) {
			client->searched = left;
			break;
		}
		if (client->skipping)
			line_client_owe(client, 0, "too-long");
		else if ((size_t)(feed - at) > LINE_MAX_LEN)
			line_client_owe(client, 0, "too-long");
		else
			status =
			    line_socket_take(socket, client, bytes_of(at, (size_t)(feed - at)));
		client->skipping = false;
		client->searched = 0;
		taken += (size_t)(feed - at) + 1;
		(*max_lines)--;
	}
	buf_drain(&client->in, taken);
	if (client->in.len > LINE_MAX_LEN && client->searched == client->in.len) {
		client->skipping = true;
		client->searched = 0;
		buf_clear(&client->in);
	}
	return status;
}

/* Reads and takes; STATUS_AGAIN when the client has nothing more for now. */
static enum status
line_socket_read(struct line_socket *socket, struct line_client *client, unsigned *max_lines)
{
	enum status status = line_socket_take_lines(socket, client, max_lines);
	ssize_t got;

	if (status != STATUS_OK)
		return status;
	if (!line_client_may_read(client) || *max_lines == 0)
		return *max_lines == 0 ? STATUS_OK : STATUS_AGAIN;
	got = recv(client->fd, buf_reserve(&client->in, READ_STEP), READ_STEP, 0);
	if (got > 0) {
		buf_claim(&client->in, (size_t)got);
		return STATUS_OK;
	}
	client->ended = got == 0 || (errno != EAGAIN && errno != EINTR);
	return STATUS_AGAIN;
}

/* Writes the answers that are due, in order, as far as there is room. */
static void
line_client_answer(struct line_client *client, uint64_t durable)
{
	while (client->count > 0 && client->out.len + 64 <= LINE_SOCKET_OUT_MAX) {
		const struct line_answer *answer = &client->answers[client->first];

		if (answer->seq > durable)
			break;
		if (answer->seq > 0)
			buf_printf(&client->out, "OK %" PRIu64 "\n", answer->seq);
		else
			buf_printf(&client->out, "ERR %s\n", answer->reason);
		client->first = (client->first + 1) % LINE_SOCKET_UNANSWERED_MAX;
		client->count--;
	}
}

/* Sends what there is; false when the client is gone. */
static bool
line_client_send(struct line_client *client)
{
	ssize_t put;

	if (client->out.len == 0)
		return true;
	put = send(client->fd, client->out.data, client->out.len, MSG_NOSIGNAL);
	if (put > 0)
		buf_drain(&client->out, (size_t)put);
	return put > 0 || errno == EAGAIN || errno == EINTR;
}

/* Answers, sends, and lets go of a client that is done; false when it is gone. */
static bool
line_socket_serve(struct line_socket *socket, size_t slot)
{
	struct line_client *client = socket->clients[slot];
	bool alive;

	line_client_answer(client, spool_durable(socket->spool));
	alive = line_client_send(client);
	if (alive && !(client->ended && client->count == 0 && client->out.len == 0)) {
		line_socket_rewatch(socket, client);
		return true;
	}
	line_client_free(client);
	socket->clients[slot] = NULL;
	socket->status.clients--;
	return false;
}

enum status
line_socket_poll(struct line_socket *socket, unsigned max_lines)
{
	enum status status = STATUS_OK, result = STATUS_AGAIN;

	for (int i = 0; status == STATUS_OK && i < LINE_SOCKET_CLIENTS_MAX; i++)
		status = line_socket_accept(socket);
	for (size_t i = 0; i < LINE_SOCKET_CLIENTS_MAX && max_lines > 0; i++) {
		size_t slot = socket->next;

		socket->next = (socket->next + 1) % LINE_SOCKET_CLIENTS_MAX;
		if (socket->clients[slot] == NULL || !line_socket_serve(socket, slot))
			continue;
		status = line_socket_read(socket, socket->clients[slot], &max_lines);
		if (status == STATUS_OK)
			result = STATUS_OK;
		else if (status != STATUS_AGAIN)
			return status;
		(void)line_socket_serve(socket, slot);
	}
	return max_lines == 0 ? STATUS_OK : result;
}

void
line_socket_synced(struct line_socket *socket)
{
	for (size_t i = 0; i < LINE_SOCKET_CLIENTS_MAX; i++)
		if (socket->clients[i] != NULL)
			(void)line_socket_serve(socket, i);
}

void
line_socket_get_status(const struct line_socket *socket, struct line_socket_status *ret_status)
{
	*ret_status = socket->status;
}

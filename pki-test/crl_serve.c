/* SPDX-License-Identifier: Apache-2.0
 *
 * A connection: read a head, send the reply as it wants to be sent, end as it wants to end.
 */
#include "pki-test/crl_serve.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/loop/loop.h"
#include "pki-test/net.h"

struct serve_connection {
	LIST_ENTRY(serve_connection) entry;
	struct crl_serve *serve;
	int fd;
	struct loop_io *io;
	struct loop_timer *timer; /* delays and pauses */
	struct buf head;
	bool replying;
	struct crl_reply reply;
	size_t sent;        /* of reply.bytes */
	size_t filler_sent; /* of reply.filler, this time round */
};

struct crl_serve {
	struct loop *loop;
	int listener;
	struct loop_io *io;
	struct crl_httpd *httpd;
	LIST_HEAD(, serve_connection) connections;
	size_t count;
};

static void
connection_close(struct serve_connection *connection, bool reset)
{
	struct crl_serve *serve = connection->serve;

	LIST_REMOVE(connection, entry);
	serve->count--;
	loop_io_free(connection->io);
	loop_timer_free(connection->timer);
	if (reset)
		net_reset(connection->fd);
	else
		close(connection->fd);
	buf_done(&connection->head);
	crl_reply_done(&connection->reply);
	free(connection);
	loop_io_want(serve->io, LOOP_READ);
}

/* The next octets to send: of the reply, or of what fills up without end. */
static struct bytes
connection_next(const struct serve_connection *connection)
{
	const struct crl_reply *reply = &connection->reply;
	struct bytes next = buf_bytes(&reply->bytes);

	if (connection->sent < next.len) {
		next.data += connection->sent;
		next.len -= connection->sent;
		if (reply->step > 0 && next.len > reply->step)
			next.len = reply->step;
		return next;
	}
	next = buf_bytes(&reply->filler);
	if (next.len > 0) {
		next.data += connection->filler_sent;
		next.len -= connection->filler_sent;
	}
	return next;
}

static void
connection_note_sent(struct serve_connection *connection, size_t len)
{
	const struct crl_reply *reply = &connection->reply;

	if (connection->sent < reply->bytes.len)
		connection->sent += len;
	else
		connection->filler_sent = (connection->filler_sent + len) % reply->filler.len;
}

/* Everything is sent.  The connection may be gone after. */
static void
connection_end(struct serve_connection *connection)
{
	if (connection->reply.end == CRL_REPLY_HOLD)
		loop_io_want(connection->io, LOOP_HANGUP);
	else
		connection_close(connection, connection->reply.end == CRL_REPLY_RESET);
}

/* Sends what can be sent now.  The connection may be gone after. */
static void
connection_send(struct serve_connection *connection)
{
	struct bytes next = connection_next(connection);
	ssize_t sent;

	if (next.len == 0) {
		connection_end(connection);
		return;
	}
	sent = send(connection->fd, next.data, next.len, MSG_NOSIGNAL);
	if (sent < 0) {
		if (errno != EAGAIN && errno != EINTR)
			connection_close(connection, false);
		return;
	}
	connection_note_sent(connection, (size_t)sent);
	if (connection->reply.pause_ms > 0) {
		loop_io_want(connection->io, LOOP_HANGUP);
		loop_timer_once(connection->timer, connection->reply.pause_ms);
	}
}

static void
connection_on_timer(void *arg)
{
	struct serve_connection *connection = arg;

	loop_io_want(connection->io, LOOP_WRITE);
}

static void
connection_reply(struct serve_connection *connection, enum http_parse parse,
    const struct http_request *request)
{
	connection->replying = true;
	if (parse == HTTP_PARSE_DONE)
		crl_httpd_answer(connection->serve->httpd, request, &connection->reply);
	else
		crl_httpd_refuse(connection->serve->httpd, &connection->reply);
	if (connection->reply.delay_ms > 0) {
		loop_io_want(connection->io, LOOP_HANGUP);
		loop_timer_once(connection->timer, connection->reply.delay_ms);
	} else {
		loop_io_want(connection->io, LOOP_WRITE);
	}
}

static void
connection_read(struct serve_connection *connection)
{
	size_t room_len = HTTP_HEAD_MAX - connection->head.len;
	uint8_t *room = buf_reserve(&connection->head, room_len);
	struct http_request request;
	enum http_parse parse;
	ssize_t got = recv(connection->fd, room, room_len, 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		connection_close(connection, false);
		return;
	}
	buf_claim(&connection->head, (size_t)got);
	parse = http_request_parse(buf_bytes(&connection->head), &request);
	if (parse != HTTP_PARSE_MORE)
		connection_reply(connection, parse, &request);
}

static void
connection_on_ready(unsigned ready, void *arg)
{
	struct serve_connection *connection = arg;

	if ((ready & LOOP_HANGUP) != 0)
		connection_close(connection, false);
	else if (connection->replying)
		connection_send(connection);
	else
		connection_read(connection);
}

static void
serve_on_connection(unsigned ready, void *arg)
{
	struct crl_serve *serve = arg;
	struct serve_connection *connection;
	int fd;

	if (serve->count >= CRL_SERVE_CONNECTIONS_MAX) {
		loop_io_want(serve->io, 0); /* until one closes */
		return;
	}
	if (net_accept(serve->listener, &fd) != STATUS_OK)
		return;
	connection = NEW(struct serve_connection);
	connection->serve = serve;
	connection->fd = fd;
	connection->io =
	    loop_io_new(serve->loop, fd, LOOP_NOW, connection_on_ready, connection);
	connection->timer = loop_timer_new(serve->loop, connection_on_timer, connection);
	buf_init(&connection->head, HTTP_HEAD_MAX);
	crl_reply_init(&connection->reply);
	LIST_INSERT_HEAD(&serve->connections, connection, entry);
	serve->count++;
	loop_io_want(connection->io, LOOP_READ);
}

struct crl_serve *
crl_serve_new(struct loop *loop, int listener, struct crl_httpd *httpd)
{
	struct crl_serve *serve = NEW(struct crl_serve);

	serve->loop = loop;
	serve->listener = listener;
	serve->httpd = httpd;
	LIST_INIT(&serve->connections);
	serve->io = loop_io_new(loop, listener, LOOP_NOW, serve_on_connection, serve);
	loop_io_want(serve->io, LOOP_READ);
	return serve;
}

void
crl_serve_free(struct crl_serve *serve)
{
	if (serve == NULL)
		return;
	while (!LIST_EMPTY(&serve->connections))
		connection_close(LIST_FIRST(&serve->connections), false);
	loop_io_free(serve->io);
	close(serve->listener);
	free(serve);
}

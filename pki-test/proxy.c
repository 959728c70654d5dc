/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections of the proxy.  A direction holds at most FLOW_MAX octets and reads again when
 * they are gone; proxy_fault says what may happen to them.
 */
#include "pki-test/proxy.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/json_write.h"
#include "common/loop/loop.h"

enum {
	FLOW_MAX = 64 * 1024
};

struct proxy_end {
	int fd; /* -1: none */
	struct loop_io *io;
	bool blocked; /* the last send could not take everything */
};

/* What goes from one end to the other. */
struct proxy_flow {
	enum proxy_way way;
	struct proxy_end *from, *to;
	struct buf data;
	uint64_t passed;
	int64_t read_ms; /* when data was read */
	int64_t pass_ms; /* when the last octet was forwarded */
	bool ended;      /* from said FIN */
	bool shut;       /* and so did we */
	bool stopped;    /* by the fault: nothing is read */
	struct loop_timer *timer;
};

struct proxy_connection {
	LIST_ENTRY(proxy_connection) entry;
	struct proxy *proxy;
	struct proxy_end client, server;
	bool connected; /* the server's side stands */
	bool lost;      /* octets were thrown away */
	struct proxy_flow up, down;
	struct proxy_end twin; /* the second connection of PROXY_DUPLICATE */
	struct buf twin_data;
};

struct proxy {
	struct loop *loop;
	int listener;
	struct loop_io *io;
	struct net_address target;
	struct proxy_fault fault;
	LIST_HEAD(, proxy_connection) connections;
	uint64_t open, total, failed, up, down;
};

static void
end_close(struct proxy_end *end, bool reset)
{
	loop_io_free(end->io);
	if (end->fd >= 0 && reset)
		net_reset(end->fd);
	else if (end->fd >= 0)
		close(end->fd);
	*end = (struct proxy_end){.fd = -1};
}

static void
connection_free(struct proxy_connection *connection, bool reset)
{
	struct proxy *proxy = connection->proxy;

	LIST_REMOVE(connection, entry);
	proxy->open--;
	end_close(&connection->client, reset);
	end_close(&connection->server, reset);
	end_close(&connection->twin, reset);
	loop_timer_free(connection->up.timer);
	loop_timer_free(connection->down.timer);
	buf_done(&connection->up.data);
	buf_done(&connection->down.data);
	buf_done(&connection->twin_data);
	free(connection);
	loop_io_want(proxy->io, LOOP_READ);
}

static void
end_want(const struct proxy_end *end, unsigned interest)
{
	if (end->fd >= 0)
		loop_io_want(end->io, interest);
}

static bool
flow_reads(const struct proxy_flow *flow)
{
	return !flow->ended && !flow->stopped && flow->data.len == 0;
}

static void
connection_want(const struct proxy_connection *connection)
{
	const struct proxy_flow *up = &connection->up, *down = &connection->down;
	unsigned client = 0, server = 0;

	if (flow_reads(up))
		client |= LOOP_READ;
	if (connection->client.blocked)
		client |= LOOP_WRITE;
	if (flow_reads(down))
		server |= LOOP_READ;
	if (connection->server.blocked || !connection->connected)
		server |= LOOP_WRITE;
	end_want(&connection->client, client);
	end_want(&connection->server, server);
	end_want(&connection->twin,
	    connection->twin_data.len > 0 ? LOOP_READ | LOOP_WRITE : LOOP_READ);
}

/* A copy for the second connection; what it can't hold makes it useless. */
static void
twin_copy(struct proxy_connection *connection, struct bytes data)
{
	if (connection->twin.fd < 0)
		return;
	buf_put_bytes(&connection->twin_data, data);
	if (!buf_ok(&connection->twin_data))
		end_close(&connection->twin, true);
}

/* Forwards len octets; false when the connection is broken. */
static bool
flow_pass(struct proxy_connection *connection, struct proxy_flow *flow, size_t len)
{
	ssize_t sent = send(flow->to->fd, flow->data.data, len, MSG_NOSIGNAL);

	if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
		flow->to->blocked = true;
		return true;
	}
	if (sent < 0)
		return false;
	flow->to->blocked = (size_t)sent < len;
	if (flow->way == PROXY_UP)
		twin_copy(connection, bytes_of(flow->data.data, (size_t)sent));
	buf_drain(&flow->data, (size_t)sent);
	flow->passed += (uint64_t)sent;
	flow->pass_ms = clock_mono_ms();
	*(flow->way == PROXY_UP ? &connection->proxy->up : &connection->proxy->down) +=
	    (uint64_t)sent;
	return true;
}

static void
flow_discard(struct proxy_connection *connection, struct proxy_flow *flow)
{
	connection->lost = true;
	buf_clear(&flow->data);
}

enum flow_state {
	FLOW_MORE,  /* ask again at once */
	FLOW_RESTS, /* until something happens */
	FLOW_CLOSE,
	FLOW_ABORT,
};

/* One step of a direction. */
static enum flow_state
flow_step(struct proxy_connection *connection, struct proxy_flow *flow)
{
	const struct proxy_fault *fault = &connection->proxy->fault;
	int64_t now_ms = clock_mono_ms();
	struct proxy_state state = {
	    .way = flow->way,
	    .waiting = flow->data.len,
	    .passed = flow->passed,
	    .since_read_ms = now_ms - flow->read_ms,
	    .since_pass_ms = now_ms - flow->pass_ms,
	};
	struct proxy_step step = proxy_fault_step(fault, &state);

	flow->stopped = step.action == PROXY_STOP;
	switch (step.action) {
	case PROXY_PASS:
		if (flow->to->blocked || !connection->connected)
			return FLOW_RESTS;
		if (!flow_pass(connection, flow, step.len))
			return FLOW_ABORT;
		if (proxy_fault_is_due(fault, flow->way, flow->passed))
			return fault->kind == PROXY_CUT ? FLOW_CLOSE : FLOW_ABORT;
		return FLOW_MORE;
	case PROXY_WAIT:
		loop_timer_once(flow->timer, step.wait_ms);
		return FLOW_RESTS;
	case PROXY_STOP:
		return FLOW_RESTS;
	case PROXY_DISCARD:
		flow_discard(connection, flow);
		return FLOW_RESTS;
	case PROXY_CLOSE:
		return FLOW_CLOSE;
	case PROXY_ABORT:
		return FLOW_ABORT;
	}
	return FLOW_ABORT;
}

/* Says FIN onwards when everything before it is gone; a fault that swallows octets also
 * swallows that. */
static void
flow_end(struct proxy_connection *connection, struct proxy_flow *flow)
{
	const struct proxy_fault *fault = &connection->proxy->fault;
	bool swallowed = (fault->kind == PROXY_BLACK_HOLE || fault->kind == PROXY_HALF_OPEN) &&
			 (fault->way & flow->way) != 0;

	if (!flow->ended || flow->shut || flow->data.len > 0 || !connection->connected ||
	    swallowed)
		return;
	if (flow->way == PROXY_UP && connection->twin.fd >= 0)
		(void)shutdown(connection->twin.fd, SHUT_WR); /* the twin may be gone */
	(void)shutdown(flow->to->fd, SHUT_WR);                /* the reading side notices */
	flow->shut = true;
}

/* Moves what may move in a direction; false when the connection is gone. */
static bool
flow_pump(struct proxy_connection *connection, struct proxy_flow *flow)
{
	enum flow_state state = FLOW_MORE;

	while (state == FLOW_MORE && flow->data.len > 0)
		state = flow_step(connection, flow);
	if (state == FLOW_CLOSE || state == FLOW_ABORT) {
		connection_free(connection, state == FLOW_ABORT);
		return false;
	}
	flow_end(connection, flow);
	return true;
}

/* Moves what may move; the connection may be gone after. */
static void
connection_pump(struct proxy_connection *connection)
{
	if (!flow_pump(connection, &connection->up) ||
	    !flow_pump(connection, &connection->down))
		return;
	if (connection->up.shut && connection->down.shut)
		connection_free(connection, false);
	else
		connection_want(connection);
}

/* Reads into an empty direction; false when its source is broken. */
static bool
flow_read(struct proxy_flow *flow)
{
	uint8_t *room = buf_reserve(&flow->data, FLOW_MAX);
	ssize_t got = recv(flow->from->fd, room, FLOW_MAX, 0);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (got == 0)
		flow->ended = true;
	buf_claim(&flow->data, (size_t)got);
	flow->read_ms = clock_mono_ms();
	return true;
}

static void
connection_ready(struct proxy_connection *connection, unsigned ready, struct proxy_end *end,
    struct proxy_flow *flow)
{
	if ((ready & LOOP_WRITE) != 0)
		end->blocked = false;
	if ((ready & LOOP_READ) != 0 && flow_reads(flow) && !flow_read(flow))
		connection_free(connection, true);
	else
		connection_pump(connection);
}

static void
client_on_ready(unsigned ready, void *arg)
{
	struct proxy_connection *connection = arg;

	connection_ready(connection, ready, &connection->client, &connection->up);
}

static void
server_on_ready(unsigned ready, void *arg)
{
	struct proxy_connection *connection = arg;
	int error = 0;
	socklen_t len = sizeof(error);

	if (!connection->connected) {
		if (getsockopt(connection->server.fd, SOL_SOCKET, SO_ERROR, &error, &len) !=
			0 ||
		    error != 0) {
			connection->proxy->failed++;
			connection_free(connection, true);
			return;
		}
		if ((ready & LOOP_WRITE) == 0)
			return;
		connection->connected = true;
	}
	connection_ready(connection, ready, &connection->server, &connection->down);
}

/* The twin's answers are thrown away; when it ends, it ends alone. */
static void
twin_on_ready(unsigned ready, void *arg)
{
	struct proxy_connection *connection = arg;
	uint8_t scratch[4096];
	ssize_t done = 0;

	if ((ready & LOOP_READ) != 0) {
		done = recv(connection->twin.fd, scratch, sizeof(scratch), 0);
		if (done == 0 || (done < 0 && errno != EAGAIN && errno != EINTR)) {
			end_close(&connection->twin, false);
			return;
		}
	}
	if ((ready & LOOP_WRITE) != 0) {
		done = send(connection->twin.fd, connection->twin_data.data,
		    connection->twin_data.len, MSG_NOSIGNAL);
		if (done > 0)
			buf_drain(&connection->twin_data, (size_t)done);
	}
	connection_want(connection);
}

static void
flow_on_timer(void *arg)
{
	connection_pump(arg);
}

static void
flow_init(struct proxy_flow *flow, struct proxy_connection *connection, enum proxy_way way)
{
	flow->way = way;
	flow->from = way == PROXY_UP ? &connection->client : &connection->server;
	flow->to = way == PROXY_UP ? &connection->server : &connection->client;
	flow->pass_ms = clock_mono_ms();
	buf_init(&flow->data, FLOW_MAX);
	flow->timer = loop_timer_new(connection->proxy->loop, flow_on_timer, connection);
}

/* Connects an end to the target; false when that fails at once. */
static bool
end_connect(struct proxy_connection *connection, struct proxy_end *end,
    void (*on_ready)(unsigned ready, void *arg))
{
	if (net_connect(&connection->proxy->target, &end->fd) != STATUS_OK) {
		end->fd = -1;
		return false;
	}
	end->io = loop_io_new(connection->proxy->loop, end->fd, LOOP_NOW, on_ready, connection);
	return true;
}

/* True while new connections lead nowhere. */
static bool
proxy_is_cut_off(const struct proxy *proxy)
{
	return proxy->fault.kind == PROXY_BLACK_HOLE && proxy->fault.way == PROXY_BOTH;
}

static void
proxy_take(struct proxy *proxy, int fd)
{
	struct proxy_connection *connection = NEW(struct proxy_connection);

	connection->proxy = proxy;
	connection->server.fd = connection->twin.fd = -1;
	connection->client.fd = fd;
	connection->client.io =
	    loop_io_new(proxy->loop, fd, LOOP_NOW, client_on_ready, connection);
	flow_init(&connection->up, connection, PROXY_UP);
	flow_init(&connection->down, connection, PROXY_DOWN);
	buf_init(&connection->twin_data, FLOW_MAX);
	LIST_INSERT_HEAD(&proxy->connections, connection, entry);
	proxy->open++;
	proxy->total++;
	if (!proxy_is_cut_off(proxy) &&
	    !end_connect(connection, &connection->server, server_on_ready)) {
		proxy->failed++;
		connection_free(connection, true);
		return;
	}
	if (proxy->fault.kind == PROXY_DUPLICATE)
		(void)end_connect(connection, &connection->twin, twin_on_ready); /* or none */
	connection_want(connection);
}

static void
proxy_on_connection(unsigned ready, void *arg)
{
	struct proxy *proxy = arg;
	int fd;

	if (proxy->open >= PROXY_CONNECTIONS_MAX) {
		loop_io_want(proxy->io, 0); /* until one closes */
		return;
	}
	if (net_accept(proxy->listener, &fd) != STATUS_OK)
		return;
	if (proxy->fault.kind == PROXY_REFUSE)
		net_reset(fd);
	else
		proxy_take(proxy, fd);
}

struct proxy *
proxy_new(struct loop *loop, int listener, const struct net_address *target)
{
	struct proxy *proxy = NEW(struct proxy);

	proxy->loop = loop;
	proxy->listener = listener;
	proxy->target = *target;
	LIST_INIT(&proxy->connections);
	proxy->io = loop_io_new(loop, listener, LOOP_NOW, proxy_on_connection, proxy);
	loop_io_want(proxy->io, LOOP_READ);
	return proxy;
}

void
proxy_drop(struct proxy *proxy)
{
	while (!LIST_EMPTY(&proxy->connections))
		connection_free(LIST_FIRST(&proxy->connections), true);
}

void
proxy_free(struct proxy *proxy)
{
	if (proxy == NULL)
		return;
	while (!LIST_EMPTY(&proxy->connections))
		connection_free(LIST_FIRST(&proxy->connections), false);
	loop_io_free(proxy->io);
	close(proxy->listener);
	free(proxy);
}

void
proxy_set_fault(struct proxy *proxy, const struct proxy_fault *fault)
{
	struct proxy_connection *connection, *next;

	proxy->fault = *fault;
	for (connection = LIST_FIRST(&proxy->connections); connection != NULL;
	     connection = next) {
		next = LIST_NEXT(connection, entry);
		connection->up.stopped = connection->down.stopped = false;
		loop_timer_stop(connection->up.timer);
		loop_timer_stop(connection->down.timer);
		if ((connection->lost && fault->kind != PROXY_BLACK_HOLE) ||
		    (connection->server.fd < 0 && !proxy_is_cut_off(proxy)))
			connection_free(connection, true); /* of no use any more */
		else
			connection_pump(connection);
	}
}

void
proxy_stats(const struct proxy *proxy, struct buf *out)
{
	struct json_write json = json_write_to(out);

	json_open_object(&json, NULL);
	json_u64(&json, "connections", proxy->total);
	json_u64(&json, "open", proxy->open);
	json_u64(&json, "failed", proxy->failed);
	json_u64(&json, "up", proxy->up);
	json_u64(&json, "down", proxy->down);
	json_close_object(&json);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Admission: how many strangers may knock at once.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/fileio.h"
#include "common/loop/loop.h"
#include "console-server/link/worker_state.h"

enum {
	ACCEPTS_A_TURN = 64,
	FULL_PAUSE_MS = 100,
};

static void
accept_address(const struct sockaddr_storage *peer, char text[static WORKER_ADDRESS_SIZE])
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (peer->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)peer;

		if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
			inet_ntop(AF_INET, &in6->sin6_addr.s6_addr[12], host, sizeof(host));
			snprintf(text, WORKER_ADDRESS_SIZE, "%s:%u", host,
			    ntohs(in6->sin6_port));
			return;
		}
		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
		snprintf(text, WORKER_ADDRESS_SIZE, "[%s]:%u", host, ntohs(in6->sin6_port));
	} else {
		const struct sockaddr_in *in = (const struct sockaddr_in *)peer;

		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		snprintf(text, WORKER_ADDRESS_SIZE, "%s:%u", host, ntohs(in->sin_port));
	}
}

/* Are these of one host?  Ports are behind the last colon. */
static bool
accept_same_host(const char *a, const char *b)
{
	size_t len = (size_t)(strrchr(a, ':') - a);

	return (size_t)(strrchr(b, ':') - b) == len && memcmp(a, b, len) == 0;
}

/* The oldest half-open session of a host when it has too many, or of all when there are
 * too many: it gives way to the new one. */
static struct worker_session *
accept_surplus(struct worker *worker, const char *address)
{
	struct worker_session *session, *oldest = NULL;
	size_t of_host = 0;

	TAILQ_FOREACH(session, &worker->half_open, order) {
		if (!accept_same_host(session->address, address))
			continue;
		of_host++;
		if (oldest == NULL)
			oldest = session;
	}
	if (of_host >= worker->config.half_open_per_address)
		return oldest;
	return worker->half_open_count >= worker->config.half_open_max
		   ? TAILQ_FIRST(&worker->half_open)
		   : NULL;
}

static bool
accept_is_full(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* There is no descriptor for one more: the oldest that has not proved itself gives way.
 * Where nobody can, listening pauses, for the queue stays readable. */
static void
accept_make_room(struct worker *worker)
{
	struct worker_session *oldest = TAILQ_FIRST(&worker->half_open);

	log_warn("link-full", LOG_KEY("accept"), LOG_U64("half_open", worker->half_open_count),
	    LOG_MESSAGE("no descriptor is free for another connection; raise LimitNOFILE= of "
			"the service, or the number of workers"));
	if (oldest != NULL) {
		link_cut(oldest->link);
		return;
	}
	for (size_t i = 0; i < worker->listener_count; i++)
		loop_io_want(worker->listeners[i], 0);
	loop_timer_once(worker->accept_timer, FULL_PAUSE_MS);
}

void
worker_listen_on(struct worker *worker)
{
	for (size_t i = 0; i < worker->listener_count; i++)
		loop_io_want(worker->listeners[i], LOOP_READ);
}

/* 0, or the error. */
static int
accept_one(struct worker *worker, int listen_fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	char address[WORKER_ADDRESS_SIZE];
	struct worker_session *surplus;
	int fd =
	    accept4(listen_fd, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int on = 1;

	if (fd < 0)
		return errno == ECONNABORTED || errno == EINTR ? 0 : errno;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	accept_address(&peer, address);
	surplus = accept_surplus(worker, address);
	if (surplus != NULL)
		link_cut(surplus->link);
	session_begin(worker, fd, address);
	return 0;
}

static void
accept_on_ready(unsigned ready, void *arg)
{
	struct worker *worker = arg;
	bool any = false, full = false;

	for (size_t i = 0; i < worker->listener_count; i++) {
		int left = ACCEPTS_A_TURN, error = 0;

		while (left-- > 0 && (error = accept_one(worker, worker->listen_fds[i])) == 0)
			any = true;
		full = full || accept_is_full(error);
	}
	/* the system says so before it looks whether anybody waits: who was let in just now
	 * is heard before it would have to give way */
	if (full && !any)
		accept_make_room(worker);
}

void
worker_listen(struct worker *worker)
{
	for (size_t i = 0; i < worker->listener_count; i++) {
		/* after established sessions, as handshakes are */
		worker->listeners[i] = loop_io_new(proc_loop(worker->proc),
		    worker->listen_fds[i], LOOP_LATER, accept_on_ready, worker);
		loop_io_want(worker->listeners[i], LOOP_READ);
	}
}

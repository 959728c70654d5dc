/* SPDX-License-Identifier: Apache-2.0
 *
 * Every way a stream ends.  A plain close() with unread input makes the kernel answer with
 * a reset, which overtakes the alert on bad networks; so the last bytes are sent, the
 * sending side is shut down, and input is thrown away until the peer has closed too.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/fileio.h"
#include "common/tls/handshake_error.h"
#include "common/tls/stream_internal.h"

static void
stream_free(void *arg)
{
	struct tls_stream *stream = arg;

	loop_io_free(stream->io);
	loop_timer_free(stream->timer);
	if (stream->session != NULL)
		gnutls_deinit(stream->session);
	tls_credentials_unref(stream->credentials);
	buf_done(&stream->out);
	free(stream->label);
	free(stream);
}

/* Closes now, frees when no callback is on the stack. */
static void
stream_go(struct tls_stream *stream)
{
	if (stream->state == TLS_GONE)
		return;
	if (stream->state == TLS_ALERTING || stream->state == TLS_DRAINING) {
		TAILQ_REMOVE(&stream->tls->lingering, stream, lingering);
		stream->tls->lingering_count--;
	}
	stream->state = TLS_GONE;
	loop_io_want(stream->io, 0);
	loop_timer_stop(stream->timer);
	fileio_close(stream->fd);
	stream->fd = -1;
	loop_defer(stream->tls->loop, stream_free, stream);
}

/* Leaves its owner: from here on the stream ends by itself. */
static void
stream_leave(struct tls_stream *stream, unsigned int alert)
{
	struct tls *tls = stream->tls;

	if (tls->lingering_count == TLS_LINGERING_MAX)
		stream_go(TAILQ_FIRST(&tls->lingering));
	TAILQ_INSERT_TAIL(&tls->lingering, stream, lingering);
	tls->lingering_count++;
	stream->state = TLS_ALERTING;
	stream->close_alert = alert;
	loop_timer_once(stream->timer, TLS_CLOSE_MS);
	tls_stream_linger(stream);
}

/* True when the alert is with the system, or never will be. */
static bool
stream_send_alert(struct tls_stream *stream)
{
	int rc;

	if (stream->session == NULL || stream->send_failed)
		return true;
	if (stream->close_alert == 0)
		rc = gnutls_bye(stream->session, GNUTLS_SHUT_WR);
	else
		rc = gnutls_alert_send(stream->session, GNUTLS_AL_FATAL,
		    (gnutls_alert_description_t)stream->close_alert);
	return rc != GNUTLS_E_AGAIN && rc != GNUTLS_E_INTERRUPTED;
}

/* Throws input away; true at its end, or when it is enough. */
static bool
stream_drain(struct tls_stream *stream)
{
	for (int i = 0; i < TLS_RECORDS_A_TURN; i++) {
		ssize_t got =
		    recv(stream->fd, stream->tls->scratch, sizeof(stream->tls->scratch), 0);

		if (got < 0)
			return errno != EAGAIN && errno != EINTR;
		if (got == 0)
			return true;
		stream->drained += (size_t)got;
		if (stream->drained > TLS_DRAIN_MAX)
			return true;
	}
	return false;
}

void
tls_stream_linger(struct tls_stream *stream)
{
	if (stream->state == TLS_ALERTING) {
		if (!stream->send_failed && tls_stream_waiting(stream) > 0 &&
		    !tls_stream_send(stream) && !stream->send_failed)
			return;
		if (!stream_send_alert(stream)) {
			tls_stream_watch(stream);
			return;
		}
		(void)shutdown(stream->fd, SHUT_WR);
		stream->state = TLS_DRAINING;
		stream->drained = 0;
		loop_timer_once(stream->timer, TLS_CLOSE_MS);
	}
	if (stream_drain(stream))
		stream_go(stream);
	else
		tls_stream_watch(stream);
}

void
tls_stream_end(struct tls_stream *stream, const struct tls_end *end)
{
	bool gone = end->kind == TLS_END_LOST;

	stream->reading = false;
	loop_timer_stop(stream->timer);
	stream->ops->ended(stream->arg, end);
	/* the owner may have closed it from there, which is as good */
	if (stream->state == TLS_GONE || stream->state == TLS_ALERTING ||
	    stream->state == TLS_DRAINING)
		return;
	if (gone || stream->session == NULL) {
		stream_go(stream);
		return;
	}
	buf_done(&stream->out);
	stream->out_sent = 0;
	if (stream->out_again > 0)
		stream->send_failed = true; /* half a record has gone: nothing can follow */
	if (end->kind == TLS_END_ALERT)
		stream->send_failed = true; /* nobody would listen */
	stream_leave(stream, end->alert_sent);
}

void
tls_stream_fail(struct tls_stream *stream, int rc)
{
	bool handshaken = stream->state != TLS_HANDSHAKE && stream->state != TLS_WAITING;
	int alert = 0;
	struct tls_end end;

	/* also beside another error, an alert may have come (0, close_notify, is none) */
	if (stream->session != NULL)
		alert = (int)gnutls_alert_get(stream->session);
	end = handshake_error_end(rc, handshaken, (unsigned int)alert);
	tls_stream_end(stream, &end);
}

void
tls_stream_last_words(struct tls_stream *stream)
{
	stream->state = TLS_LAST_WORDS;
	stream->drained = 0;
	loop_timer_once(stream->timer, TLS_LAST_WORDS_MS);
	tls_stream_watch(stream);
}

void
tls_stream_await_end(struct tls_stream *stream)
{
	if (stream->state == TLS_OPEN)
		tls_stream_last_words(stream);
}

void
tls_stream_end_timeout(struct tls_stream *stream)
{
	static const struct tls_end lost = {
	    .kind = TLS_END_LOST,
	    .handshaken = true,
	    .reason = REASON_TIMEOUT,
	    .detail = "the connection ended without a word",
	};

	if (stream->state == TLS_LAST_WORDS)
		tls_stream_end(stream, &lost);
	else
		stream_go(stream);
}

void
tls_stream_close(struct tls_stream *stream, unsigned int alert)
{
	switch (stream->state) {
	case TLS_WAITING:
	case TLS_LAST_WORDS:
		stream_go(stream);
		break;
	case TLS_HANDSHAKE:
	case TLS_OPEN:
		stream_leave(stream, alert);
		break;
	case TLS_ALERTING:
	case TLS_DRAINING:
	case TLS_GONE:
		break;
	}
}

void
tls_stream_abort(struct tls_stream *stream)
{
	stream_go(stream);
}

void
tls_free(struct tls *tls)
{
	struct tls_stream *stream;

	if (tls == NULL)
		return;
	while ((stream = TAILQ_FIRST(&tls->lingering)) != NULL)
		stream_go(stream);
	free(tls);
}

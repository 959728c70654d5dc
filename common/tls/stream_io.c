/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and writing of a stream.
 */
#include "common/base/clock.h"
#include "common/tls/stream_internal.h"

enum {
	/* sent bytes at the front of the queue are given up when they are so many */
	OUT_SENT_MAX = 256 << 10,
	RECORDS_SENT_A_TURN = 64,
};

/* Codes that mean "nothing now" or "nothing for us". */
static bool
is_again(int rc)
{
	return rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED ||
	       rc == GNUTLS_E_WARNING_ALERT_RECEIVED;
}

void
tls_stream_receive(struct tls_stream *stream)
{
	static const struct tls_end closed = {
	    .kind = TLS_END_CLOSED,
	    .handshaken = true,
	    .reason = REASON_OK,
	    .detail = "the peer closed the connection",
	};
	uint8_t *scratch = stream->tls->scratch;

	for (int i = 0; i < TLS_RECORDS_A_TURN; i++) {
		ssize_t got = gnutls_record_recv(stream->session, scratch, TLS_RECORD_MAX);

		if (got < 0 && is_again((int)got))
			return;
		if (got < 0) {
			tls_stream_fail(stream, (int)got);
			return;
		}
		if (got == 0) {
			tls_stream_end(stream, &closed);
			return;
		}
		if (stream->state == TLS_LAST_WORDS) {
			stream->drained += (size_t)got;
			if (stream->drained > TLS_DRAIN_MAX)
				tls_stream_end_timeout(stream);
		} else {
			stream->ops->data(stream->arg, bytes_of(scratch, (size_t)got));
		}
		if ((stream->state != TLS_OPEN || !stream->reading) &&
		    stream->state != TLS_LAST_WORDS)
			return;
	}
}

struct buf *
tls_stream_out(struct tls_stream *stream)
{
	return &stream->out;
}

size_t
tls_stream_waiting(const struct tls_stream *stream)
{
	return stream->out.len - stream->out_sent;
}

int64_t
tls_stream_stalled_since(const struct tls_stream *stream)
{
	return tls_stream_waiting(stream) > 0 ? stream->out_progress_ms : 0;
}

/* Gives the sent bytes up: all of them when the queue is empty (an idle stream holds no
 * memory for it), else when there are many. */
static void
stream_forget_sent(struct tls_stream *stream)
{
	if (stream->out_sent == stream->out.len) {
		buf_done(&stream->out);
		stream->out_sent = 0;
	} else if (stream->out_sent >= OUT_SENT_MAX) {
		buf_drain(&stream->out, stream->out_sent);
		stream->out_sent = 0;
	}
}

/* The connection takes nothing more.  The peer may have said why before it closed. */
static void
stream_send_failed(struct tls_stream *stream)
{
	stream->send_failed = true;
	buf_done(&stream->out);
	stream->out_sent = 0;
	stream->out_again = 0;
	if (stream->state == TLS_OPEN)
		tls_stream_last_words(stream);
}

bool
tls_stream_send(struct tls_stream *stream)
{
	for (int i = 0; i < RECORDS_SENT_A_TURN && tls_stream_waiting(stream) > 0; i++) {
		size_t waiting = tls_stream_waiting(stream);
		size_t len = waiting < TLS_RECORD_MAX ? waiting : TLS_RECORD_MAX;
		ssize_t sent;

		/* a record that did not go is inside the library: it is sent again without
		 * its bytes, which may have moved */
		if (stream->out_again > 0)
			sent = gnutls_record_send(stream->session, NULL, 0);
		else
			sent = gnutls_record_send(stream->session,
			    stream->out.data + stream->out_sent, len);
		if (sent < 0 && is_again((int)sent)) {
			if (stream->out_again == 0)
				stream->out_again = len;
			break;
		}
		if (sent < 0) {
			stream_send_failed(stream);
			return false;
		}
		stream->out_again = 0;
		stream->out_sent += (size_t)sent;
		stream->out_progress_ms = clock_mono_ms();
	}
	stream_forget_sent(stream);
	tls_stream_watch(stream);
	return stream->out.len == 0;
}

static void
stream_flush_now(void *arg)
{
	struct tls_stream *stream = arg;

	stream->flushing = false;
	if (stream->state != TLS_OPEN)
		return;
	if (tls_stream_send(stream) && stream->state == TLS_OPEN)
		stream->ops->drained(stream->arg);
}

void
tls_stream_flush(struct tls_stream *stream)
{
	if (stream->flushing || stream->state != TLS_OPEN || tls_stream_waiting(stream) == 0)
		return;
	if (stream->out_sent == 0 && stream->out_again == 0)
		stream->out_progress_ms = clock_mono_ms();
	stream->flushing = true;
	loop_defer(stream->tls->loop, stream_flush_now, stream);
}

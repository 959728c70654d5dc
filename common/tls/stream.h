/* SPDX-License-Identifier: Apache-2.0
 *
 * A TLS connection as a stream of bytes on the loop: handshake, bounded reading and
 * writing, and the two ways to end it so that the other side learns why.  GnuTLS works on
 * the descriptor itself.  It judges nobody: after the handshake nothing is read until the
 * owner, who has the peer's certificates (tls_stream_peer), says so.  Used by common/link.
 *
 * Callbacks may close the stream they come from.  After `ended`, tls_stream_close or
 * tls_stream_abort the pointer is gone and no callback comes any more; what is left to do
 * (alert, shutdown, drain) the stream does by itself and then frees itself.
 */
#ifndef PORTCULLIS_TLS_STREAM_H
#define PORTCULLIS_TLS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/pki/reason.h"
#include "common/tls/credentials.h"

struct loop;
struct tls;
struct tls_stream;

enum {
	TLS_HANDSHAKE_MS = 10000,
	TLS_LAST_WORDS_MS = 1000, /* reading on after the end is known */
	TLS_CLOSE_MS = 2000,      /* for the last bytes to go, and again for the drain */
	TLS_DRAIN_MAX = 4 << 20,
	TLS_LINGERING_MAX = 1024, /* streams that are ending by themselves */
	TLS_LINK_ID_SIZE = 17,
};

/* How a stream came to its end without us. */
enum tls_end_kind {
	TLS_END_CLOSED,    /* close_notify */
	TLS_END_LOST,      /* end or reset without close_notify */
	TLS_END_ALERT,     /* the peer sent a fatal alert: alert_received */
	TLS_END_HANDSHAKE, /* we refused the handshake: reason, alert_sent */
	TLS_END_TIMEOUT,   /* the handshake took too long */
	TLS_END_RECORD,    /* what came later is no TLS: reason, alert_sent */
	TLS_END_LOCAL,     /* our own key or library failed: not the peer's fault */
};

struct tls_end {
	enum tls_end_kind kind;
	bool handshaken; /* it came after the handshake */
	enum reason reason;
	unsigned int alert_sent;     /* 0: none */
	unsigned int alert_received; /* 0: none */
	const char *detail;          /* a constant text, never NULL */
};

struct tls_stream_ops {
	/* The handshake is done, the peer has proven to hold its key; reading is off. */
	void (*handshaken)(void *arg);
	/* Bytes of the peer, to be used or copied now. */
	void (*data)(void *arg, struct bytes data);
	/* All that was written is with the system. */
	void (*drained)(void *arg);
	/* It is over; the stream is gone when this returns. */
	void (*ended)(void *arg, const struct tls_end *end);
};

struct tls_stream_params {
	int fd; /* connected, non-blocking; taken, whatever happens */
	bool dials;
	struct tls_credentials *credentials; /* a reference of its own is taken */
	const char *const *protocols;        /* ALPN, preferred first; constant strings */
	size_t protocol_count;
	const char *label;    /* for logs: "10.0.0.7:51234"; copied */
	size_t out_max;       /* most bytes waiting to be written */
	int64_t handshake_ms; /* 0: TLS_HANDSHAKE_MS */
	const struct tls_stream_ops *ops;
	void *arg;
};

/* What the streams of a process share.  Freed after all streams were ended by their
 * owners; those that linger are cut. */
struct tls *tls_new(struct loop *loop);
void tls_free(struct tls *tls);

/* Streams that are ending by themselves. */
size_t tls_lingering(const struct tls *tls);

/* A listening side costs little until its first byte comes: the session of the library is
 * made then. */
struct tls_stream *tls_stream_new(struct tls *tls, const struct tls_stream_params *params);

/* Reading on or off (off after the handshake).  While it is off only the end of the
 * connection is noticed. */
void tls_stream_read(struct tls_stream *stream, bool on);

/* Where bytes to be sent are appended; its maximum is out_max.  They go at the end of the
 * turn, up to 16 KiB a record, when tls_stream_flush was called. */
struct buf *tls_stream_out(struct tls_stream *stream);
void tls_stream_flush(struct tls_stream *stream);

/* Bytes that wait, and since when (monotonic ms) none of them went; 0 when none waits. */
size_t tls_stream_waiting(const struct tls_stream *stream);
int64_t tls_stream_stalled_since(const struct tls_stream *stream);

/* Sends what waits, then the alert (0: close_notify), shuts down, drains and closes. */
void tls_stream_close(struct tls_stream *stream, unsigned int alert);

/* Closes at once. */
void tls_stream_abort(struct tls_stream *stream);

/* The peer has said that it ends: reads on, throwing data away, until it does or
 * TLS_LAST_WORDS_MS are over; then `ended`. */
void tls_stream_await_end(struct tls_stream *stream);

/* The first certificate the peer showed, as it came; false where it showed none. */
bool tls_stream_leaf(const struct tls_stream *stream, struct bytes *ret_der);

/* The peer's certificates as they came, leaf first; views that live as long as the stream.
 * STATUS_NOT_FOUND: it showed none; STATUS_LIMIT: more than max.  After `handshaken`, or in
 * `ended`. */
enum status tls_stream_peer(const struct tls_stream *stream, struct bytes *ret_chain,
    size_t max, size_t *ret_count) MUST_USE;

/* The protocol agreed on; NULL before. */
const char *tls_stream_protocol(const struct tls_stream *stream);

/* The id that both sides compute (docs/protocol.md section 1), as text; false (and "")
 * before there is one. */
bool tls_stream_link_id(const struct tls_stream *stream, char ret_id[static TLS_LINK_ID_SIZE]);

const char *tls_stream_label(const struct tls_stream *stream);
bool tls_stream_dials(const struct tls_stream *stream);

#endif

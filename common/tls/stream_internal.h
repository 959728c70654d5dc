/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a stream, for the files that are one: stream.c (life, handshake, interest),
 * stream_io.c (reading, writing), stream_end.c (every way to end).
 */
#ifndef PORTCULLIS_TLS_STREAM_INTERNAL_H
#define PORTCULLIS_TLS_STREAM_INTERNAL_H

#include <sys/queue.h>

#include <gnutls/gnutls.h>

#include "common/loop/loop.h"
#include "common/tls/stream.h"

enum {
	TLS_RECORD_MAX = 16384,
	TLS_RECORDS_A_TURN = 16, /* read from one stream before the others have their turn */
};

enum tls_stream_state {
	TLS_WAITING,    /* listening, not a byte yet: no session */
	TLS_HANDSHAKE,  /* under way */
	TLS_OPEN,       /* handshake done */
	TLS_LAST_WORDS, /* the end is known: read for the alert */
	TLS_ALERTING,   /* flushing, then the alert, by itself */
	TLS_DRAINING,   /* shut down; reading and throwing away, by itself */
	TLS_GONE,       /* closed; freed at the end of the turn */
};

struct tls {
	struct loop *loop;
	TAILQ_HEAD(, tls_stream) lingering;
	size_t lingering_count;
	/* room for one record: a read that has it leaves nothing inside the library */
	uint8_t scratch[TLS_RECORD_MAX];
};

struct tls_stream {
	struct tls *tls;
	enum tls_stream_state state;
	int fd;
	struct loop_io *io;
	struct loop_timer *timer;
	struct tls_credentials *credentials;
	gnutls_session_t session; /* NULL in TLS_WAITING */
	const char *const *protocols;
	size_t protocol_count;
	const struct tls_stream_ops *ops;
	void *arg;
	char *label;
	bool dials;
	bool reading;
	bool flushing;    /* put off to the end of the turn */
	bool send_failed; /* nothing can be written any more */
	struct buf out;
	size_t out_sent;  /* of out, already gone */
	size_t out_again; /* length of the record the library holds and wants to send again */
	int64_t out_progress_ms;
	unsigned int close_alert;
	size_t drained;
	TAILQ_ENTRY(tls_stream) lingering;
};

/* Sets what the loop watches for, after a change of state, reading or output. */
void tls_stream_watch(struct tls_stream *stream);

/* Reads what has come, record by record, and hands it to data; in TLS_LAST_WORDS throws it
 * away. */
void tls_stream_receive(struct tls_stream *stream);

/* Sends what it can.  True when nothing is left. */
bool tls_stream_send(struct tls_stream *stream);

/* The stream ends: tells the owner, then sends the alert (none where the connection is
 * gone) and lingers, or goes. */
void tls_stream_end(struct tls_stream *stream, const struct tls_end *end);

/* Ends by a code of GnuTLS that came from the handshake or a read. */
void tls_stream_fail(struct tls_stream *stream, int rc);

/* Goes on with TLS_ALERTING and TLS_DRAINING when the descriptor is ready. */
void tls_stream_linger(struct tls_stream *stream);

/* The timer of TLS_LAST_WORDS, TLS_ALERTING, TLS_DRAINING. */
void tls_stream_end_timeout(struct tls_stream *stream);

/* Reads on for the last words; the owner's data is not wanted any more. */
void tls_stream_last_words(struct tls_stream *stream);

#endif

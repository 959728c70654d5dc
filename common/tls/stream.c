/* SPDX-License-Identifier: Apache-2.0
 *
 * A stream from birth to the end of its handshake, what the loop watches for, and the
 * questions that are answered from it.
 */
#include "common/tls/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "common/base/alloc.h"
#include "common/base/text.h"
#include "common/tls/stream_internal.h"

enum {
	WARNINGS_MAX = 4
};

struct tls *
tls_new(struct loop *loop)
{
	struct tls *tls = NEW(struct tls);

	tls->loop = loop;
	TAILQ_INIT(&tls->lingering);
	return tls;
}

size_t
tls_lingering(const struct tls *tls)
{
	return tls->lingering_count;
}

/* A step of the handshake: as far as the bytes that are there allow. */
static void
stream_handshake(struct tls_stream *stream)
{
	int rc = GNUTLS_E_WARNING_ALERT_RECEIVED;

	for (int i = 0; i < WARNINGS_MAX && rc == GNUTLS_E_WARNING_ALERT_RECEIVED; i++)
		rc = gnutls_handshake(stream->session);
	if (rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED) {
		tls_stream_watch(stream);
		return;
	}
	if (rc < 0) {
		tls_stream_fail(stream, rc);
		return;
	}
	/* a server that ignores ALPN answers without it */
	if (tls_stream_protocol(stream) == NULL) {
		tls_stream_fail(stream, GNUTLS_E_NO_APPLICATION_PROTOCOL);
		return;
	}
	stream->state = TLS_OPEN;
	loop_timer_stop(stream->timer);
	loop_io_set_class(stream->io, LOOP_NOW);
	tls_stream_watch(stream);
	stream->ops->handshaken(stream->arg);
}

static void
stream_begin(struct tls_stream *stream)
{
	if (tls_credentials_session(stream->credentials, stream->dials, stream->protocols,
		stream->protocol_count, &stream->session) != STATUS_OK) {
		tls_stream_fail(stream, GNUTLS_E_INTERNAL_ERROR);
		return;
	}
	gnutls_transport_set_int(stream->session, stream->fd);
	stream->state = TLS_HANDSHAKE;
	stream_handshake(stream);
}

static void
stream_open_ready(struct tls_stream *stream, unsigned int ready)
{
	if ((ready & LOOP_WRITE) != 0 && tls_stream_send(stream) && stream->state == TLS_OPEN)
		stream->ops->drained(stream->arg);
	/* the peer has gone while we were not reading: perhaps it said why */
	if ((ready & LOOP_HANGUP) != 0 && stream->state == TLS_OPEN)
		tls_stream_last_words(stream);
	if ((ready & LOOP_READ) != 0 &&
	    (stream->state == TLS_OPEN || stream->state == TLS_LAST_WORDS))
		tls_stream_receive(stream);
}

static void
stream_ready(unsigned int ready, void *arg)
{
	struct tls_stream *stream = arg;

	switch (stream->state) {
	case TLS_WAITING:
		stream_begin(stream);
		break;
	case TLS_HANDSHAKE:
		stream_handshake(stream);
		break;
	case TLS_OPEN:
	case TLS_LAST_WORDS:
		stream_open_ready(stream, ready);
		break;
	case TLS_ALERTING:
	case TLS_DRAINING:
		tls_stream_linger(stream);
		break;
	case TLS_GONE:
		break;
	}
}

static void
stream_timeout(void *arg)
{
	static const struct tls_end too_slow = {
	    .kind = TLS_END_TIMEOUT,
	    .reason = REASON_TIMEOUT,
	    .detail = "the TLS handshake took too long",
	};
	struct tls_stream *stream = arg;

	if (stream->state == TLS_WAITING || stream->state == TLS_HANDSHAKE)
		tls_stream_end(stream, &too_slow);
	else
		tls_stream_end_timeout(stream);
}

void
tls_stream_watch(struct tls_stream *stream)
{
	unsigned int interest = 0;

	switch (stream->state) {
	case TLS_WAITING:
		interest = LOOP_READ;
		break;
	case TLS_HANDSHAKE:
		interest =
		    gnutls_record_get_direction(stream->session) != 0 ? LOOP_WRITE : LOOP_READ;
		break;
	case TLS_OPEN:
		interest = stream->reading ? LOOP_READ : LOOP_HANGUP;
		if (tls_stream_waiting(stream) > 0 && !stream->flushing)
			interest |= LOOP_WRITE;
		break;
	case TLS_LAST_WORDS:
	case TLS_DRAINING:
		interest = LOOP_READ;
		break;
	case TLS_ALERTING:
		interest = LOOP_WRITE;
		break;
	case TLS_GONE:
		return;
	}
	loop_io_want(stream->io, interest);
}

struct tls_stream *
tls_stream_new(struct tls *tls, const struct tls_stream_params *params)
{
	struct tls_stream *stream = NEW(struct tls_stream);

	stream->tls = tls;
	stream->fd = params->fd;
	stream->dials = params->dials;
	stream->credentials = tls_credentials_ref(params->credentials);
	stream->protocols = params->protocols;
	stream->protocol_count = params->protocol_count;
	stream->ops = params->ops;
	stream->arg = params->arg;
	stream->label = alloc_text(params->label);
	buf_init(&stream->out, params->out_max);
	stream->io = loop_io_new(tls->loop, params->fd, LOOP_LATER, stream_ready, stream);
	stream->timer = loop_timer_new(tls->loop, stream_timeout, stream);
	loop_timer_once(stream->timer,
	    params->handshake_ms > 0 ? params->handshake_ms : TLS_HANDSHAKE_MS);
	/* who dials writes first; the hello is made in the loop, not under the caller */
	loop_io_want(stream->io, params->dials ? LOOP_WRITE : LOOP_READ);
	return stream;
}

static void
stream_receive_held(void *arg)
{
	struct tls_stream *stream = arg;

	if (stream->state == TLS_OPEN && stream->reading)
		tls_stream_receive(stream);
}

void
tls_stream_read(struct tls_stream *stream, bool on)
{
	assert(stream->state == TLS_OPEN || stream->state == TLS_LAST_WORDS);
	if (stream->reading == on || stream->state != TLS_OPEN)
		return;
	stream->reading = on;
	tls_stream_watch(stream);
	/* what the library holds already makes no descriptor readable */
	if (on && gnutls_record_check_pending(stream->session) > 0)
		loop_defer(stream->tls->loop, stream_receive_held, stream);
}

bool
tls_stream_leaf(const struct tls_stream *stream, struct bytes *ret_der)
{
	const gnutls_datum_t *certs = NULL;
	unsigned int count = 0;

	if (stream->session != NULL)
		certs = gnutls_certificate_get_peers(stream->session, &count);
	if (certs == NULL || count == 0)
		return false;
	*ret_der = bytes_of(certs[0].data, certs[0].size);
	return true;
}

enum status
tls_stream_peer(const struct tls_stream *stream, struct bytes *ret_chain, size_t max,
    size_t *ret_count)
{
	const gnutls_datum_t *certs = NULL;
	unsigned int count = 0;

	if (stream->session != NULL)
		certs = gnutls_certificate_get_peers(stream->session, &count);
	if (certs == NULL || count == 0)
		return STATUS_NOT_FOUND;
	if (count > max)
		return STATUS_LIMIT;
	for (unsigned int i = 0; i < count; i++)
		ret_chain[i] = bytes_of(certs[i].data, certs[i].size);
	*ret_count = count;
	return STATUS_OK;
}

const char *
tls_stream_protocol(const struct tls_stream *stream)
{
	gnutls_datum_t chosen;

	if (stream->session == NULL ||
	    gnutls_alpn_get_selected_protocol(stream->session, &chosen) < 0)
		return NULL;
	for (size_t i = 0; i < stream->protocol_count; i++) {
		if (bytes_equal_text(bytes_of(chosen.data, chosen.size), stream->protocols[i]))
			return stream->protocols[i];
	}
	return NULL;
}

static bool
random_is_there(const gnutls_datum_t *random)
{
	static const uint8_t zeros[32];

	return random->size == sizeof(zeros) && memcmp(random->data, zeros, sizeof(zeros)) != 0;
}

bool
tls_stream_link_id(const struct tls_stream *stream, char ret_id[static TLS_LINK_ID_SIZE])
{
	gnutls_datum_t client = {NULL, 0};
	gnutls_datum_t server = {NULL, 0};
	uint8_t randoms[64];
	uint8_t hash[32];
	struct buf text;

	ret_id[0] = '\0';
	if (stream->session == NULL)
		return false;
	gnutls_session_get_random(stream->session, &client, &server);
	if (!random_is_there(&client) || !random_is_there(&server))
		return false;
	memcpy(randoms, client.data, 32);
	memcpy(randoms + 32, server.data, 32);
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, randoms, sizeof(randoms), hash) < 0)
		return false;
	buf_init(&text, TLS_LINK_ID_SIZE - 1);
	text_hex(&text, bytes_of(hash, (TLS_LINK_ID_SIZE - 1) / 2));
	memcpy(ret_id, buf_text(&text), TLS_LINK_ID_SIZE);
	buf_done(&text);
	return true;
}

const char *
tls_stream_label(const struct tls_stream *stream)
{
	return stream->label;
}

bool
tls_stream_dials(const struct tls_stream *stream)
{
	return stream->dials;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams against each other and against plain GnuTLS, over TCP on loopback.
 */
#include "tests/lib/test.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/tls/remote_key.h"
#include "tests/unit/common/tls/lab.h"

static const char *const both[] = {"portcullis-sensor/1", "portcullis-pair/1"};
static const char *const sensor[] = {"portcullis-sensor/1"};
static const char *const pair[] = {"portcullis-pair/1"};
static const char *const other[] = {"http/1.1"};

static struct lab_cert rsa;
static struct lab_cert p256;
static struct loop *loop;
static struct tls *tls;
static struct tls_credentials *console;
static struct tls_credentials *appliance;

/* Dialler and listener over one connection. */
struct both_ends {
	struct lab_end dialler;
	struct lab_end listener;
};

static struct tls_credentials *
credentials_of(struct lab_cert *shown, struct lab_cert *signs)
{
	struct tls_credentials *credentials;

	assert_int_equal(tls_credentials_new(&shown->der, 1, lab_sign, signs, &credentials),
	    STATUS_OK);
	return credentials;
}

static int
group_setup(void **state)
{
	lab_cert_make(&rsa, "sensor-7.plant.example", LAB_RSA, 0, NULL);
	lab_cert_make(&p256, "console-a.plant.example", LAB_P256, 0, NULL);
	loop = loop_new();
	tls = tls_new(loop);
	appliance = credentials_of(&rsa, &rsa);
	console = credentials_of(&p256, &p256);
	return 0;
}

static int
group_teardown(void **state)
{
	tls_credentials_unref(appliance);
	tls_credentials_unref(console);
	tls_free(tls);
	loop_free(loop);
	lab_cert_done(&rsa);
	lab_cert_done(&p256);
	return 0;
}

static void
ends_init(struct both_ends *ends)
{
	int fds[2];

	lab_sockets(fds);
	lab_end_init(&ends->dialler, tls, fds[0], true, appliance, sensor, 1);
	lab_end_init(&ends->listener, tls, fds[1], false, console, both, 2);
}

static void
ends_connect(struct both_ends *ends)
{
	ends_init(ends);
	LAB_UNTIL(loop, ends->dialler.handshaken && ends->listener.handshaken);
}

static void
ends_done(struct both_ends *ends)
{
	lab_end_done(&ends->dialler);
	lab_end_done(&ends->listener);
	LAB_UNTIL(loop, tls_lingering(tls) == 0);
}

static void
put(struct lab_end *end, const void *data, size_t len)
{
	buf_put(tls_stream_out(end->stream), data, len);
	assert_true(buf_ok(tls_stream_out(end->stream)));
	tls_stream_flush(end->stream);
}

static void
two_streams_shake_hands_and_carry_bytes(void **state)
{
	struct both_ends ends;
	struct bytes chain[TLS_CHAIN_MAX];
	size_t count;

	ends_connect(&ends);
	put(&ends.dialler, "hello", 5);
	put(&ends.listener, "accept", 6);
	LAB_UNTIL(loop, ends.listener.data.len == 5 && ends.dialler.data.len == 6);
	assert_memory_equal(ends.listener.data.data, "hello", 5);
	assert_string_equal(tls_stream_protocol(ends.listener.stream), sensor[0]);
	assert_string_equal(tls_stream_protocol(ends.dialler.stream), sensor[0]);
	assert_int_equal(tls_stream_peer(ends.listener.stream, chain, TLS_CHAIN_MAX, &count),
	    STATUS_OK);
	assert_int_equal(count, 1);
	assert_true(bytes_equal(chain[0], rsa.der));
	assert_int_equal(tls_stream_peer(ends.dialler.stream, chain, TLS_CHAIN_MAX, &count),
	    STATUS_OK);
	assert_true(bytes_equal(chain[0], p256.der));
	assert_int_equal(strlen(ends.dialler.link_id), 16);
	assert_string_equal(ends.dialler.link_id, ends.listener.link_id);
	assert_string_equal(tls_stream_label(ends.dialler.stream), "dialler");
	assert_int_equal(ends.dialler.drained, 1);
	ends_done(&ends);
}

static void
megabytes_go_both_ways_in_order(void **state)
{
	enum {
		TOTAL = 12 << 20,
		PIECE = 100000
	};
	uint8_t *pattern = malloc(PIECE);
	struct both_ends ends;
	struct lab_end *sides[2];
	size_t written[2] = {0, 0};

	assert_non_null(pattern);
	for (size_t i = 0; i < PIECE; i++)
		pattern[i] = (uint8_t)(i * 7 + i / 256);
	ends_connect(&ends);
	sides[0] = &ends.dialler;
	sides[1] = &ends.listener;
	while (ends.dialler.data.len < TOTAL || ends.listener.data.len < TOTAL) {
		for (int i = 0; i < 2; i++) {
			while (written[i] < TOTAL &&
			       tls_stream_waiting(sides[i]->stream) < 2 * PIECE) {
				put(sides[i], pattern, PIECE);
				written[i] += PIECE;
			}
		}
		loop_turn(loop, 10);
	}
	LAB_UNTIL(loop,
	    ends.dialler.data.len == written[1] && ends.listener.data.len == written[0]);
	for (size_t at = 0; at < written[0]; at += PIECE) {
		assert_memory_equal(ends.listener.data.data + at, pattern, PIECE);
		assert_memory_equal(ends.dialler.data.data + at, pattern, PIECE);
	}
	assert_int_equal(tls_stream_waiting(ends.dialler.stream), 0);
	ends_done(&ends);
	free(pattern);
}

static void
nothing_is_read_before_the_owner_says_so(void **state)
{
	struct both_ends ends;

	ends_init(&ends);
	ends.listener.read_at_once = false;
	LAB_UNTIL(loop, ends.dialler.handshaken && ends.listener.handshaken);
	put(&ends.dialler, "early", 5);
	lab_run(loop, 50);
	assert_int_equal(ends.listener.data.len, 0);
	tls_stream_read(ends.listener.stream, true);
	LAB_UNTIL(loop, ends.listener.data.len == 5);
	tls_stream_read(ends.listener.stream, false);
	put(&ends.dialler, "later", 5);
	lab_run(loop, 50);
	assert_int_equal(ends.listener.data.len, 5);
	ends_done(&ends);
}

/* One side ends with words and an alert; what the other side learns of it. */
static void
expect_alert(unsigned int alert, bool listener_ends, bool other_reads)
{
	struct both_ends ends;
	struct lab_end *from = listener_ends ? &ends.listener : &ends.dialler;
	struct lab_end *to = listener_ends ? &ends.dialler : &ends.listener;

	ends_init(&ends);
	to->read_at_once = other_reads;
	LAB_UNTIL(loop, ends.dialler.handshaken && ends.listener.handshaken);
	put(from, "REFUSE", 6);
	tls_stream_close(from->stream, alert);
	from->stream = NULL;
	LAB_UNTIL(loop, to->over);
	assert_int_equal(to->end.kind, alert == 0 ? TLS_END_CLOSED : TLS_END_ALERT);
	assert_int_equal(to->end.alert_received, alert);
	assert_true(to->end.handshaken);
	assert_int_equal(to->data.len, other_reads ? 6 : 0);
	assert_false(from->over);
	ends_done(&ends);
}

static void
every_alert_arrives_exactly_in_all_directions(void **state)
{
	static const unsigned int alerts[] = {0, 42, 43, 44, 45, 46, 48, 49, 116, 120};

	for (size_t i = 0; i < COUNT_OF(alerts); i++) {
		for (int way = 0; way < 4; way++)
			expect_alert(alerts[i], (way & 1) != 0, (way & 2) != 0);
	}
}

static void
an_alert_arrives_although_much_was_left_unread(void **state)
{
	static uint8_t bulk[3 << 20];
	struct both_ends ends;

	ends_init(&ends);
	ends.listener.read_at_once = false;
	LAB_UNTIL(loop, ends.dialler.handshaken && ends.listener.handshaken);
	put(&ends.dialler, bulk, sizeof(bulk));
	lab_run(loop, 20);
	tls_stream_close(ends.listener.stream, 44);
	ends.listener.stream = NULL;
	LAB_UNTIL(loop, ends.dialler.over);
	assert_int_equal(ends.dialler.end.kind, TLS_END_ALERT);
	assert_int_equal(ends.dialler.end.alert_received, 44);
	ends_done(&ends);
}

static void
a_writer_whose_writes_fail_reads_the_reason_first(void **state)
{
	static uint8_t bulk[1 << 20];
	struct both_ends ends;

	/* the dialler does not read; its writes run into a closed connection */
	ends_init(&ends);
	ends.dialler.read_at_once = false;
	LAB_UNTIL(loop, ends.dialler.handshaken && ends.listener.handshaken);
	tls_stream_close(ends.listener.stream, 45);
	ends.listener.stream = NULL;
	for (int i = 0; i < 200 && !ends.dialler.over; i++) {
		if (tls_stream_waiting(ends.dialler.stream) == 0)
			put(&ends.dialler, bulk, sizeof(bulk));
		loop_turn(loop, 5);
	}
	LAB_UNTIL(loop, ends.dialler.over);
	assert_int_equal(ends.dialler.end.kind, TLS_END_ALERT);
	assert_int_equal(ends.dialler.end.alert_received, 45);
	ends_done(&ends);
}

static void
a_peer_that_vanishes_is_noticed_without_reading(void **state)
{
	for (int reading = 0; reading < 2; reading++) {
		struct both_ends ends;

		ends_init(&ends);
		ends.listener.read_at_once = reading != 0;
		LAB_UNTIL(loop, ends.dialler.handshaken && ends.listener.handshaken);
		put(&ends.dialler, "unread", 6);
		lab_run(loop, 20);
		tls_stream_abort(ends.dialler.stream);
		ends.dialler.stream = NULL;
		LAB_UNTIL(loop, ends.listener.over);
		assert_int_equal(ends.listener.end.kind, TLS_END_LOST);
		ends_done(&ends);
	}
}

static void
a_stream_may_be_closed_from_its_own_callbacks(void **state)
{
	struct both_ends ends;

	ends_init(&ends);
	ends.listener.close_in_handshaken = 1 + 49;
	LAB_UNTIL(loop, ends.dialler.over);
	assert_int_equal(ends.dialler.end.alert_received, 49);
	ends_done(&ends);

	ends_init(&ends);
	ends.listener.close_in_data = 1;
	LAB_UNTIL(loop, ends.dialler.handshaken && ends.listener.handshaken);
	put(&ends.dialler, "x", 1);
	LAB_UNTIL(loop, ends.dialler.over);
	assert_int_equal(ends.dialler.end.kind, TLS_END_CLOSED);
	ends_done(&ends);
}

static void
waiting_for_the_end_throws_data_away(void **state)
{
	struct both_ends ends;
	int64_t began = clock_mono_ms();

	ends_connect(&ends);
	tls_stream_await_end(ends.listener.stream);
	put(&ends.dialler, "useless", 7);
	tls_stream_close(ends.dialler.stream, 48);
	ends.dialler.stream = NULL;
	LAB_UNTIL(loop, ends.listener.over);
	assert_int_equal(ends.listener.end.alert_received, 48);
	assert_int_equal(ends.listener.data.len, 0);
	ends_done(&ends);
	assert_true(clock_mono_ms() - began < TLS_LAST_WORDS_MS);

	/* and does not wait for ever */
	ends_connect(&ends);
	tls_stream_await_end(ends.listener.stream);
	LAB_UNTIL(loop, ends.listener.over);
	assert_int_equal(ends.listener.end.kind, TLS_END_LOST);
	ends_done(&ends);
}

static void
silence_and_half_a_hello_run_out_of_time(void **state)
{
	int fds[2][2];
	struct lab_end listeners[2];
	const uint8_t half_hello[] = {22, 3, 1, 1, 0, 1, 0};

	for (int i = 0; i < 2; i++) {
		lab_sockets(fds[i]);
		lab_end_init(&listeners[i], tls, fds[i][1], false, console, both, 2);
	}
	assert_int_equal(send(fds[1][0], half_hello, sizeof(half_hello), 0),
	    sizeof(half_hello));
	LAB_UNTIL(loop, listeners[0].over && listeners[1].over);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(listeners[i].end.kind, TLS_END_TIMEOUT);
		assert_int_equal(listeners[i].end.reason, REASON_TIMEOUT);
		assert_string_equal(listeners[i].link_id, "");
		close(fds[i][0]);
		lab_end_done(&listeners[i]);
	}
	LAB_UNTIL(loop, tls_lingering(tls) == 0);
}

static void
what_is_no_tls_is_refused(void **state)
{
	static const char *const texts[] = {"GET / HTTP/1.1\r\n\r\n", "\x80\x2e\x01\x03\x01",
	    "\x16\x03\x01\xff\xff garbage", "SSH-2.0-OpenSSH_9.2p1\r\n"};

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct lab_end listener;
		int fds[2];

		lab_sockets(fds);
		lab_end_init(&listener, tls, fds[1], false, console, both, 2);
		assert_true(send(fds[0], texts[i], strlen(texts[i]), 0) > 0);
		shutdown(fds[0], SHUT_WR);
		LAB_UNTIL(loop, listener.over);
		assert_true(listener.end.kind == TLS_END_HANDSHAKE ||
			    listener.end.kind == TLS_END_LOST);
		if (listener.end.kind == TLS_END_HANDSHAKE)
			assert_int_equal(listener.end.reason, REASON_PROTOCOL);
		close(fds[0]);
		lab_end_done(&listener);
	}
}

static void
a_forged_record_is_a_breach_with_its_alert(void **state)
{
	static const uint8_t forged[] = {23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
	    13, 14, 15, 16, 17, 18, 19, 20};
	struct lab_end listener;
	struct lab_end dialler;
	int fds[2];
	int copy;

	lab_sockets(fds);
	copy = dup(fds[0]);
	lab_end_init(&dialler, tls, fds[0], true, appliance, sensor, 1);
	lab_end_init(&listener, tls, fds[1], false, console, both, 2);
	LAB_UNTIL(loop, dialler.handshaken && listener.handshaken);
	assert_int_equal(send(copy, forged, sizeof(forged), 0), sizeof(forged));
	LAB_UNTIL(loop, dialler.over && listener.over);
	assert_int_equal(listener.end.kind, TLS_END_RECORD);
	assert_int_equal(listener.end.reason, REASON_PROTOCOL);
	assert_int_equal(listener.end.alert_sent, GNUTLS_A_BAD_RECORD_MAC);
	assert_int_equal(dialler.end.alert_received, GNUTLS_A_BAD_RECORD_MAC);
	close(copy);
	lab_end_done(&dialler);
	lab_end_done(&listener);
	LAB_UNTIL(loop, tls_lingering(tls) == 0);
}

static void
streams_that_ask_for_another_protocol_are_refused(void **state)
{
	struct both_ends ends;
	int fds[2];

	lab_sockets(fds);
	lab_end_init(&ends.dialler, tls, fds[0], true, appliance, pair, 1);
	lab_end_init(&ends.listener, tls, fds[1], false, console, both, 2);
	LAB_UNTIL(loop, ends.dialler.handshaken && ends.listener.handshaken);
	assert_string_equal(tls_stream_protocol(ends.listener.stream), pair[0]);
	ends_done(&ends);

	lab_sockets(fds);
	lab_end_init(&ends.dialler, tls, fds[0], true, appliance, other, 1);
	lab_end_init(&ends.listener, tls, fds[1], false, console, both, 2);
	LAB_UNTIL(loop, ends.dialler.over && ends.listener.over);
	assert_int_equal(ends.listener.end.kind, TLS_END_HANDSHAKE);
	assert_int_equal(ends.listener.end.alert_sent, GNUTLS_A_NO_APPLICATION_PROTOCOL);
	assert_int_equal(ends.dialler.end.kind, TLS_END_ALERT);
	assert_int_equal(ends.dialler.end.alert_received, GNUTLS_A_NO_APPLICATION_PROTOCOL);
	assert_false(ends.dialler.end.handshaken);
	ends_done(&ends);
}

static enum status
no_signature(void *arg, uint16_t scheme, struct bytes digest, struct buf *signature)
{
	return STATUS_TIMEOUT;
}

static void
a_key_that_does_not_answer_is_our_own_failure(void **state)
{
	struct tls_credentials *mute;
	struct both_ends ends;
	int fds[2];

	assert_int_equal(tls_credentials_new(&p256.der, 1, no_signature, NULL, &mute),
	    STATUS_OK);
	lab_sockets(fds);
	lab_end_init(&ends.dialler, tls, fds[0], true, appliance, sensor, 1);
	lab_end_init(&ends.listener, tls, fds[1], false, mute, both, 2);
	LAB_UNTIL(loop, ends.dialler.over && ends.listener.over);
	assert_int_equal(ends.listener.end.kind, TLS_END_LOCAL);
	assert_int_equal(ends.listener.end.reason, REASON_OK);
	assert_int_equal(ends.dialler.end.kind, TLS_END_ALERT);
	assert_int_equal(ends.dialler.end.alert_received, GNUTLS_A_INTERNAL_ERROR);
	assert_string_equal(ends.dialler.link_id, ends.listener.link_id);
	ends_done(&ends);
	tls_credentials_unref(mute);
}

static void
who_does_not_hold_the_key_of_its_certificate_is_refused(void **state)
{
	struct lab_cert thief;
	struct tls_credentials *stolen;
	struct both_ends ends;
	int fds[2];

	/* the certificate of the appliance, signatures by another key */
	lab_cert_make(&thief, "thief", LAB_RSA, 0, NULL);
	stolen = credentials_of(&rsa, &thief);
	lab_sockets(fds);
	lab_end_init(&ends.dialler, tls, fds[0], true, stolen, sensor, 1);
	lab_end_init(&ends.listener, tls, fds[1], false, console, both, 2);
	LAB_UNTIL(loop, ends.dialler.over && ends.listener.over);
	assert_int_equal(ends.listener.end.kind, TLS_END_HANDSHAKE);
	assert_int_equal(ends.listener.end.reason, REASON_PROTOCOL);
	assert_int_equal(ends.listener.end.alert_sent, GNUTLS_A_DECRYPT_ERROR);
	assert_int_equal(ends.dialler.end.alert_received, GNUTLS_A_DECRYPT_ERROR);
	assert_true(ends.dialler.end.handshaken);
	assert_int_equal(strlen(ends.listener.link_id), 16);
	assert_string_equal(ends.dialler.link_id, ends.listener.link_id);
	ends_done(&ends);
	tls_credentials_unref(stolen);
	lab_cert_done(&thief);
}

/* A certificate message of our making: elements as GnuTLS would never read them. */
static void
raw_credentials(const struct bytes *chain, size_t count, gnutls_certificate_credentials_t *raw)
{
	const char *name = "raw";
	gnutls_pcert_st pcerts[TLS_CHAIN_MAX];
	gnutls_privkey_t key;
	gnutls_datum_t der = {(unsigned char *)(uintptr_t)rsa.der.data,
	    (unsigned int)rsa.der.len};

	assert_int_equal(gnutls_certificate_allocate_credentials(raw), 0);
	assert_int_equal(remote_key_new(GNUTLS_PK_RSA, 2048, lab_sign, &rsa, &key), STATUS_OK);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(gnutls_pcert_import_x509_raw(&pcerts[i], &der,
				     GNUTLS_X509_FMT_DER, 0),
		    0);
		gnutls_free(pcerts[i].cert.data);
		pcerts[i].cert.data = gnutls_malloc(chain[i].len);
		pcerts[i].cert.size = (unsigned int)chain[i].len;
		memcpy(pcerts[i].cert.data, chain[i].data, chain[i].len);
	}
	gnutls_certificate_set_flags(*raw, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
	/* with a name given the library does not look for names in the garbage */
	assert_true(gnutls_certificate_set_key(*raw, &name, 1, pcerts, (int)count, key) >= 0);
}

/* A foreign client of plain GnuTLS against our listener. */
struct foreign {
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	int fd;
	int rc;
	unsigned int alert;
};

static void
foreign_init(struct foreign *foreign, unsigned int flags, const char *priorities,
    const char *protocol, int fd)
{
	gnutls_datum_t name = {(unsigned char *)(uintptr_t)protocol, 0};

	foreign->fd = fd;
	foreign->rc = GNUTLS_E_AGAIN;
	if (foreign->credentials == NULL)
		assert_int_equal(gnutls_certificate_allocate_credentials(&foreign->credentials),
		    0);
	assert_int_equal(gnutls_init(&foreign->session,
			     flags | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL),
	    0);
	assert_int_equal(gnutls_priority_set_direct(foreign->session, priorities, NULL), 0);
	assert_int_equal(gnutls_credentials_set(foreign->session, GNUTLS_CRD_CERTIFICATE,
			     foreign->credentials),
	    0);
	if (protocol != NULL) {
		name.size = (unsigned int)strlen(protocol);
		assert_int_equal(gnutls_alpn_set_protocols(foreign->session, &name, 1, 0), 0);
	}
	gnutls_handshake_set_max_packet_length(foreign->session, 16 << 20);
	gnutls_transport_set_int(foreign->session, fd);
}

static void
foreign_done(struct foreign *foreign)
{
	gnutls_deinit(foreign->session);
	gnutls_certificate_free_credentials(foreign->credentials);
	close(foreign->fd);
}

/* Handshake, then read until something fatal: the alert. */
static bool
foreign_step(struct foreign *foreign)
{
	uint8_t data[100];

	if (foreign->rc == GNUTLS_E_AGAIN)
		foreign->rc = gnutls_handshake(foreign->session);
	else if (foreign->rc == 0)
		foreign->rc = (int)gnutls_record_recv(foreign->session, data, sizeof(data));
	if (foreign->rc == GNUTLS_E_AGAIN && gnutls_alert_get(foreign->session) == 0)
		return false;
	if (foreign->rc >= 0)
		return false;
	foreign->alert = (unsigned int)gnutls_alert_get(foreign->session);
	return true;
}

static int signatures;

static enum status
counted_signature(void *arg, uint16_t scheme, struct bytes digest, struct buf *signature)
{
	signatures++;
	return lab_sign(arg, scheme, digest, signature);
}

static void
a_client_without_alpn_costs_no_signature(void **state)
{
	struct tls_credentials *counting;
	struct foreign foreign = {0};
	struct lab_end listener;
	int fds[2];

	signatures = 0;
	assert_int_equal(tls_credentials_new(&p256.der, 1, counted_signature, &p256, &counting),
	    STATUS_OK);
	lab_sockets(fds);
	lab_end_init(&listener, tls, fds[1], false, counting, both, 2);
	foreign_init(&foreign, GNUTLS_CLIENT, "NORMAL", NULL, fds[0]);
	LAB_UNTIL(loop, foreign_step(&foreign));
	LAB_UNTIL(loop, listener.over);
	assert_int_equal(foreign.alert, 120);
	assert_int_equal(signatures, 0);
	foreign_done(&foreign);
	lab_end_done(&listener);
	LAB_UNTIL(loop, tls_lingering(tls) == 0);
	tls_credentials_unref(counting);
}

static void
a_failed_write_ends_the_stream_although_the_peer_is_silent(void **state)
{
	struct foreign foreign = {0};
	struct lab_end listener;
	int64_t began;
	int fds[2];
	int copy;

	lab_sockets(fds);
	copy = dup(fds[1]);
	lab_end_init(&listener, tls, fds[1], false, console, both, 2);
	foreign_init(&foreign, GNUTLS_CLIENT, "NORMAL", "portcullis-sensor/1", fds[0]);
	LAB_UNTIL(loop, (foreign_step(&foreign), listener.handshaken));
	began = clock_mono_ms();
	assert_int_equal(shutdown(copy, SHUT_WR), 0);
	put(&listener, "too late", 8);
	LAB_UNTIL(loop, listener.over);
	assert_int_equal(listener.end.kind, TLS_END_LOST);
	assert_true(clock_mono_ms() - began >= TLS_LAST_WORDS_MS);
	close(copy);
	foreign_done(&foreign);
	lab_end_done(&listener);
	LAB_UNTIL(loop, tls_lingering(tls) == 0);
}

static void
foreign_clients_get_the_alert_of_the_table(void **state)
{
	static const struct {
		const char *priorities;
		const char *protocol;
		enum reason reason;
		unsigned int alert;
	} cases[] = {
	    {"NORMAL:-VERS-ALL:+VERS-TLS1.2", "portcullis-sensor/1", REASON_PROTOCOL, 70},
	    {"NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL, REASON_PROTOCOL, 120},
	    {"NORMAL:-VERS-ALL:+VERS-TLS1.3", "h2", REASON_PROTOCOL, 120},
	    {"NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP384R1", "portcullis-sensor/1",
		REASON_PROTOCOL, 40},
	    {"NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-CCM", "portcullis-sensor/1",
		REASON_PROTOCOL, 40},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct foreign foreign = {0};
		struct lab_end listener;
		int fds[2];

		lab_sockets(fds);
		lab_end_init(&listener, tls, fds[1], false, console, both, 2);
		foreign_init(&foreign, GNUTLS_CLIENT, cases[i].priorities, cases[i].protocol,
		    fds[0]);
		LAB_UNTIL(loop, foreign_step(&foreign));
		LAB_UNTIL(loop, listener.over);
		assert_int_equal(listener.end.kind, TLS_END_HANDSHAKE);
		assert_int_equal(listener.end.reason, cases[i].reason);
		assert_int_equal(listener.end.alert_sent, cases[i].alert);
		assert_int_equal(foreign.alert, cases[i].alert);
		foreign_done(&foreign);
		lab_end_done(&listener);
	}
	LAB_UNTIL(loop, tls_lingering(tls) == 0);
}

static void
a_client_without_a_certificate_is_left_to_the_judge(void **state)
{
	struct foreign foreign = {0};
	struct lab_end listener;
	struct bytes chain[TLS_CHAIN_MAX];
	size_t count;
	int fds[2];

	lab_sockets(fds);
	lab_end_init(&listener, tls, fds[1], false, console, both, 2);
	foreign_init(&foreign, GNUTLS_CLIENT, "NORMAL", "portcullis-sensor/1", fds[0]);
	LAB_UNTIL(loop, (foreign_step(&foreign), listener.handshaken));
	assert_int_equal(tls_stream_peer(listener.stream, chain, TLS_CHAIN_MAX, &count),
	    STATUS_NOT_FOUND);
	tls_stream_close(listener.stream, reason_info(REASON_NO_CERTIFICATE)->alert);
	listener.stream = NULL;
	LAB_UNTIL(loop, foreign_step(&foreign));
	assert_int_equal(foreign.alert, 116);
	foreign_done(&foreign);
	lab_end_done(&listener);
	LAB_UNTIL(loop, tls_lingering(tls) == 0);
}

static void
a_certificate_that_may_not_sign_is_refused_as_key_usage(void **state)
{
	struct tls_credentials *credentials;
	struct foreign foreign = {0};
	struct lab_end listener;
	struct lab_cert cert;
	int fds[2];

	lab_cert_make(&cert, "sensor-8", LAB_RSA, GNUTLS_KEY_KEY_ENCIPHERMENT, NULL);
	assert_int_equal(gnutls_certificate_allocate_credentials(&foreign.credentials), 0);
	assert_true(gnutls_certificate_set_x509_key(foreign.credentials, &cert.crt, 1,
			cert.x509_key) >= 0);
	lab_sockets(fds);
	lab_end_init(&listener, tls, fds[1], false, console, both, 2);
	foreign_init(&foreign, GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT,
	    "NORMAL:%DEBUG_ALLOW_KEY_USAGE_VIOLATIONS", "portcullis-sensor/1", fds[0]);
	LAB_UNTIL(loop, foreign_step(&foreign));
	LAB_UNTIL(loop, listener.over);
	assert_int_equal(listener.end.kind, TLS_END_HANDSHAKE);
	assert_int_equal(listener.end.reason, REASON_KEY_USAGE);
	assert_int_equal(foreign.alert, 43);
	foreign_done(&foreign);
	lab_end_done(&listener);

	/* our own certificate of that kind is not even shown */
	assert_int_equal(tls_credentials_new(&cert.der, 1, lab_sign, &cert, &credentials),
	    STATUS_INVALID);
	lab_cert_done(&cert);
	LAB_UNTIL(loop, tls_lingering(tls) == 0);
}

static void
certificates_that_cannot_be_read_or_are_too_large_are_refused(void **state)
{
	static uint8_t large[60000];
	struct bytes malformed[] = {{(const uint8_t *)"\x30\x03\x02\x01\x01", 5}};
	struct bytes garbage[] = {{(const uint8_t *)"not a certificate", 17}};
	/* GnuTLS sends at most 32 records of one message */
	struct bytes seven[7];
	const struct {
		const struct bytes *chain;
		size_t count;
		enum reason reason;
	} cases[] = {
	    {malformed, 1, REASON_PARSE},
	    {garbage, 1, REASON_PARSE},
	    {seven, COUNT_OF(seven), REASON_LIMITS},
	};

	for (size_t i = 0; i < COUNT_OF(seven); i++)
		seven[i] = bytes_of(large, sizeof(large));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct foreign foreign = {0};
		struct lab_end listener;
		int fds[2];

		raw_credentials(cases[i].chain, cases[i].count, &foreign.credentials);
		lab_sockets(fds);
		lab_end_init(&listener, tls, fds[1], false, console, both, 2);
		foreign_init(&foreign, GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT, "NORMAL",
		    "portcullis-sensor/1", fds[0]);
		LAB_UNTIL(loop, foreign_step(&foreign));
		LAB_UNTIL(loop, listener.over);
		assert_int_equal(listener.end.kind, TLS_END_HANDSHAKE);
		assert_int_equal(listener.end.reason, cases[i].reason);
		assert_int_equal(foreign.alert, 42);
		foreign_done(&foreign);
		lab_end_done(&listener);
	}
	LAB_UNTIL(loop, tls_lingering(tls) == 0);
}

static void
a_server_without_our_protocol_is_refused_by_the_dialler(void **state)
{
	struct foreign foreign = {0};
	struct lab_end dialler;
	gnutls_datum_t der = {(unsigned char *)(uintptr_t)p256.der.data,
	    (unsigned int)p256.der.len};
	gnutls_pcert_st pcert;
	gnutls_privkey_t key;
	int fds[2];

	assert_int_equal(gnutls_certificate_allocate_credentials(&foreign.credentials), 0);
	assert_int_equal(remote_key_new(GNUTLS_PK_ECDSA, 256, lab_sign, &p256, &key),
	    STATUS_OK);
	assert_int_equal(gnutls_pcert_import_x509_raw(&pcert, &der, GNUTLS_X509_FMT_DER, 0), 0);
	gnutls_certificate_set_flags(foreign.credentials,
	    GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
	assert_true(
	    gnutls_certificate_set_key(foreign.credentials, NULL, 0, &pcert, 1, key) >= 0);
	lab_sockets(fds);
	lab_end_init(&dialler, tls, fds[1], true, appliance, sensor, 1);
	foreign_init(&foreign, GNUTLS_SERVER | GNUTLS_NO_TICKETS, "NORMAL", NULL, fds[0]);
	LAB_UNTIL(loop, foreign_step(&foreign));
	LAB_UNTIL(loop, dialler.over);
	assert_int_equal(dialler.end.kind, TLS_END_HANDSHAKE);
	assert_int_equal(dialler.end.reason, REASON_PROTOCOL);
	assert_int_equal(foreign.alert, 120);
	foreign_done(&foreign);
	lab_end_done(&dialler);
	LAB_UNTIL(loop, tls_lingering(tls) == 0);
}

static void
a_peer_that_never_closes_is_cut_after_two_seconds(void **state)
{
	struct both_ends ends;
	int64_t began;

	/* the dialler does not notice the end: it is not turned */
	ends_init(&ends);
	LAB_UNTIL(loop, ends.dialler.handshaken && ends.listener.handshaken);
	tls_stream_read(ends.dialler.stream, false);
	began = clock_mono_ms();
	tls_stream_close(ends.listener.stream, 44);
	ends.listener.stream = NULL;
	/* its last words take a second, in which it keeps the connection open */
	LAB_UNTIL(loop, tls_lingering(tls) == 0);
	assert_true(clock_mono_ms() - began <= 2 * TLS_CLOSE_MS);
	ends_done(&ends);
}

static void
a_silent_raw_peer_does_not_hold_a_lingering_stream(void **state)
{
	struct foreign foreign = {0};
	struct lab_end listener;
	int64_t began;
	int fds[2];

	lab_sockets(fds);
	lab_end_init(&listener, tls, fds[1], false, console, both, 2);
	foreign_init(&foreign, GNUTLS_CLIENT, "NORMAL", "portcullis-sensor/1", fds[0]);
	LAB_UNTIL(loop, (foreign_step(&foreign), listener.handshaken));
	began = clock_mono_ms();
	tls_stream_close(listener.stream, 44);
	listener.stream = NULL;
	assert_int_equal(tls_lingering(tls), 1);
	LAB_UNTIL(loop, tls_lingering(tls) == 0);
	assert_true(clock_mono_ms() - began >= TLS_CLOSE_MS);
	foreign_done(&foreign);
	lab_end_done(&listener);
}

static void
what_waits_is_bounded_and_a_stall_shows(void **state)
{
	static uint8_t bulk[4 << 20];
	struct both_ends ends;
	struct buf *out;

	ends_init(&ends);
	ends.listener.read_at_once = false;
	LAB_UNTIL(loop, ends.dialler.handshaken && ends.listener.handshaken);
	assert_int_equal(tls_stream_stalled_since(ends.dialler.stream), 0);
	for (int i = 0; i < 4; i++) {
		out = tls_stream_out(ends.dialler.stream);
		buf_put(out, bulk, sizeof(bulk) - out->len);
		assert_true(buf_ok(out));
		tls_stream_flush(ends.dialler.stream);
		lab_run(loop, 30);
	}
	assert_true(tls_stream_waiting(ends.dialler.stream) > 0);
	assert_true(tls_stream_stalled_since(ends.dialler.stream) > 0);
	assert_true(tls_stream_stalled_since(ends.dialler.stream) <= clock_mono_ms() - 20);
	out = tls_stream_out(ends.dialler.stream);
	buf_put(out, bulk, sizeof(bulk));
	assert_false(buf_ok(out));
	ends_done(&ends);
}

static void
credentials_outlive_their_owner_while_streams_use_them(void **state)
{
	struct tls_credentials *brief = credentials_of(&rsa, &rsa);
	struct both_ends ends;
	int fds[2];

	lab_sockets(fds);
	lab_end_init(&ends.dialler, tls, fds[0], true, brief, sensor, 1);
	lab_end_init(&ends.listener, tls, fds[1], false, console, both, 2);
	tls_credentials_unref(brief);
	LAB_UNTIL(loop, ends.dialler.handshaken && ends.listener.handshaken);
	ends_done(&ends);
}

static void
no_chain_is_shown_that_cannot_be_read(void **state)
{
	struct bytes garbage = bytes_of("garbage", 7);
	struct tls_credentials *credentials;

	assert_int_equal(tls_credentials_new(&garbage, 1, lab_sign, &rsa, &credentials),
	    STATUS_INVALID);
	assert_int_equal(tls_credentials_new(&garbage, 0, lab_sign, &rsa, &credentials),
	    STATUS_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_streams_shake_hands_and_carry_bytes),
	    cmocka_unit_test(megabytes_go_both_ways_in_order),
	    cmocka_unit_test(nothing_is_read_before_the_owner_says_so),
	    cmocka_unit_test(every_alert_arrives_exactly_in_all_directions),
	    cmocka_unit_test(an_alert_arrives_although_much_was_left_unread),
	    cmocka_unit_test(a_writer_whose_writes_fail_reads_the_reason_first),
	    cmocka_unit_test(a_peer_that_vanishes_is_noticed_without_reading),
	    cmocka_unit_test(a_stream_may_be_closed_from_its_own_callbacks),
	    cmocka_unit_test(waiting_for_the_end_throws_data_away),
	    cmocka_unit_test(silence_and_half_a_hello_run_out_of_time),
	    cmocka_unit_test(what_is_no_tls_is_refused),
	    cmocka_unit_test(a_forged_record_is_a_breach_with_its_alert),
	    cmocka_unit_test(streams_that_ask_for_another_protocol_are_refused),
	    cmocka_unit_test(a_key_that_does_not_answer_is_our_own_failure),
	    cmocka_unit_test(who_does_not_hold_the_key_of_its_certificate_is_refused),
	    cmocka_unit_test(a_certificate_that_may_not_sign_is_refused_as_key_usage),
	    cmocka_unit_test(a_client_without_alpn_costs_no_signature),
	    cmocka_unit_test(a_failed_write_ends_the_stream_although_the_peer_is_silent),
	    cmocka_unit_test(foreign_clients_get_the_alert_of_the_table),
	    cmocka_unit_test(a_client_without_a_certificate_is_left_to_the_judge),
	    cmocka_unit_test(certificates_that_cannot_be_read_or_are_too_large_are_refused),
	    cmocka_unit_test(a_server_without_our_protocol_is_refused_by_the_dialler),
	    cmocka_unit_test(a_peer_that_never_closes_is_cut_after_two_seconds),
	    cmocka_unit_test(a_silent_raw_peer_does_not_hold_a_lingering_stream),
	    cmocka_unit_test(what_waits_is_bounded_and_a_stall_shows),
	    cmocka_unit_test(credentials_outlive_their_owner_while_streams_use_them),
	    cmocka_unit_test(no_chain_is_shown_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}

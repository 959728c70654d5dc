/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates, pairs of sockets and ends of streams for the tests of common/tls and
 * common/link.
 */
#ifndef PORTCULLIS_TESTS_TLS_LAB_H
#define PORTCULLIS_TESTS_TLS_LAB_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "common/base/buf.h"
#include "common/loop/loop.h"
#include "common/tls/stream.h"

/* A self-signed certificate, or one of an issuer, and its key. */
struct lab_cert {
	gnutls_privkey_t key;
	gnutls_x509_privkey_t x509_key;
	gnutls_x509_crt_t crt;
	struct bytes der;
};

enum lab_key {
	LAB_P256,
	LAB_RSA,
};

/* issuer NULL: self-signed, and a CA.  key_usage 0: no extension. */
void lab_cert_make(struct lab_cert *cert, const char *cn, enum lab_key key,
    unsigned int key_usage, const struct lab_cert *issuer);
void lab_cert_done(struct lab_cert *cert);

/* The remote_key_sign_fn of a lab_cert. */
enum status lab_sign(void *cert, uint16_t scheme, struct bytes digest, struct buf *signature);

/* Two connected, non-blocking TCP sockets on loopback. */
void lab_sockets(int fds[2]);

/* One end of a stream, and what has happened to it. */
struct lab_end {
	struct tls_stream *stream; /* NULL after the end */
	bool read_at_once;         /* reading on when the handshake is done */
	bool handshaken;
	size_t drained;
	struct buf data;
	bool over;
	struct tls_end end;
	char link_id[TLS_LINK_ID_SIZE];
	unsigned int chain_count;         /* of the peer */
	unsigned int close_in_handshaken; /* 1 + alert: closes there */
	unsigned int close_in_data;       /* 1 + alert: closes there */
};

void lab_end_init(struct lab_end *end, struct tls *tls, int fd, bool dials,
    struct tls_credentials *credentials, const char *const *protocols, size_t protocol_count);
void lab_end_done(struct lab_end *end);

/* Turns the loop until the condition holds; fails the test after 5 s. */
#define LAB_UNTIL(loop, condition)                                 \
	do {                                                       \
		int64_t lab_deadline = clock_mono_ms() + 5000;     \
		while (!(condition)) {                             \
			if (clock_mono_ms() > lab_deadline)        \
				fail_msg("never: %s", #condition); \
			loop_turn(loop, 10);                       \
		}                                                  \
	} while (0)

/* Turns the loop for a while. */
void lab_run(struct loop *loop, int64_t ms);

#endif

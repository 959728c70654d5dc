/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/common/tls/lab.h"

#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/x509.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"

enum {
	DATA_MAX = 64 << 20,
	OUT_MAX = 4 << 20,
};

static void
check(int rc)
{
	if (rc < 0)
		fail_msg("GnuTLS: %s", gnutls_strerror(rc));
}

void
lab_cert_make(struct lab_cert *cert, const char *cn, enum lab_key key, unsigned int key_usage,
    const struct lab_cert *issuer)
{
	static uint8_t serial;
	char dn[128];
	gnutls_datum_t der;

	*cert = (struct lab_cert){0};
	check(gnutls_x509_privkey_init(&cert->x509_key));
	check(gnutls_x509_privkey_generate(cert->x509_key,
	    key == LAB_RSA ? GNUTLS_PK_RSA : GNUTLS_PK_ECDSA,
	    key == LAB_RSA ? 2048 : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
	check(gnutls_privkey_init(&cert->key));
	check(gnutls_privkey_import_x509(cert->key, cert->x509_key, 0));
	check(gnutls_x509_crt_init(&cert->crt));
	check(gnutls_x509_crt_set_version(cert->crt, 3));
	serial++;
	check(gnutls_x509_crt_set_serial(cert->crt, &serial, 1));
	snprintf(dn, sizeof(dn), "CN=%s,OU=lab,O=lab,C=DE", cn);
	check(gnutls_x509_crt_set_dn(cert->crt, dn, NULL));
	check(gnutls_x509_crt_set_activation_time(cert->crt, clock_wall_s() - 3600));
	check(gnutls_x509_crt_set_expiration_time(cert->crt, clock_wall_s() + 3600));
	check(gnutls_x509_crt_set_key(cert->crt, cert->x509_key));
	check(gnutls_x509_crt_set_basic_constraints(cert->crt, issuer == NULL, -1));
	if (key_usage != 0)
		check(gnutls_x509_crt_set_key_usage(cert->crt, key_usage));
	check(gnutls_x509_crt_sign2(cert->crt, issuer != NULL ? issuer->crt : cert->crt,
	    issuer != NULL ? issuer->x509_key : cert->x509_key, GNUTLS_DIG_SHA256, 0));
	check(gnutls_x509_crt_export2(cert->crt, GNUTLS_X509_FMT_DER, &der));
	cert->der = bytes_of(alloc_copy(der.data, der.size), der.size);
	gnutls_free(der.data);
}

void
lab_cert_done(struct lab_cert *cert)
{
	gnutls_privkey_deinit(cert->key);
	gnutls_x509_privkey_deinit(cert->x509_key);
	gnutls_x509_crt_deinit(cert->crt);
	free((void *)(uintptr_t)cert->der.data);
}

enum status
lab_sign(void *arg, uint16_t scheme, struct bytes digest, struct buf *signature)
{
	const struct lab_cert *cert = arg;
	gnutls_sign_algorithm_t algorithm =
	    scheme == 0x0403 ? GNUTLS_SIGN_ECDSA_SECP256R1_SHA256
			     : (scheme == 0x0804      ? GNUTLS_SIGN_RSA_PSS_RSAE_SHA256
				   : scheme == 0x0805 ? GNUTLS_SIGN_RSA_PSS_RSAE_SHA384
						      : GNUTLS_SIGN_RSA_PSS_RSAE_SHA512);
	gnutls_datum_t hash = {(unsigned char *)(uintptr_t)digest.data,
	    (unsigned int)digest.len};
	gnutls_datum_t signed_hash;

	check(gnutls_privkey_sign_hash2(cert->key, algorithm, 0, &hash, &signed_hash));
	buf_put(signature, signed_hash.data, signed_hash.size);
	gnutls_free(signed_hash.data);
	return STATUS_OK;
}

void
lab_sockets(int fds[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(listener >= 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fds[0], (struct sockaddr *)&address, len), 0);
	fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(fds[1] >= 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	close(listener);
}

static void
on_handshaken(void *arg)
{
	struct lab_end *end = arg;
	struct bytes chain[TLS_CHAIN_MAX];
	size_t count = 0;

	assert_false(end->handshaken);
	end->handshaken = true;
	tls_stream_link_id(end->stream, end->link_id);
	(void)!tls_stream_peer(end->stream, chain, TLS_CHAIN_MAX, &count);
	end->chain_count = (unsigned int)count;
	if (end->close_in_handshaken > 0) {
		tls_stream_close(end->stream, end->close_in_handshaken - 1);
		end->stream = NULL;
	} else if (end->read_at_once) {
		tls_stream_read(end->stream, true);
	}
}

static void
on_data(void *arg, struct bytes data)
{
	struct lab_end *end = arg;

	assert_non_null(end->stream);
	buf_put_bytes(&end->data, data);
	if (end->close_in_data > 0) {
		tls_stream_close(end->stream, end->close_in_data - 1);
		end->stream = NULL;
	}
}

static void
on_drained(void *arg)
{
	((struct lab_end *)arg)->drained++;
}

static void
on_ended(void *arg, const struct tls_end *how)
{
	struct lab_end *end = arg;

	assert_false(end->over);
	end->over = true;
	end->end = *how;
	tls_stream_link_id(end->stream, end->link_id);
	end->stream = NULL;
}

void
lab_end_init(struct lab_end *end, struct tls *tls, int fd, bool dials,
    struct tls_credentials *credentials, const char *const *protocols, size_t protocol_count)
{
	static const struct tls_stream_ops ops = {
	    .handshaken = on_handshaken,
	    .data = on_data,
	    .drained = on_drained,
	    .ended = on_ended,
	};
	const struct tls_stream_params params = {
	    .fd = fd,
	    .dials = dials,
	    .credentials = credentials,
	    .protocols = protocols,
	    .protocol_count = protocol_count,
	    .label = dials ? "dialler" : "listener",
	    .out_max = OUT_MAX,
	    .handshake_ms = 2500,
	    .ops = &ops,
	    .arg = end,
	};

	*end = (struct lab_end){.read_at_once = true};
	buf_init(&end->data, DATA_MAX);
	end->stream = tls_stream_new(tls, &params);
}

void
lab_end_done(struct lab_end *end)
{
	if (end->stream != NULL)
		tls_stream_abort(end->stream);
	buf_done(&end->data);
}

void
lab_run(struct loop *loop, int64_t ms)
{
	int64_t deadline = clock_mono_ms() + ms;

	while (clock_mono_ms() < deadline)
		loop_turn(loop, 10);
}

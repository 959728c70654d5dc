/* SPDX-License-Identifier: Apache-2.0
 *
 * A TLS client that shows octets as its certificate without reading them: what OpenSSL and
 * GnuTLS refuse to load cannot be shown by a program that loads it.
 *
 *	raw-peer PORT KEY.pem CHAIN.pem
 *
 * Connects to 127.0.0.1, shakes hands with ALPN portcullis-sensor/1 and reads to the end.
 * Prints what was read, in hexadecimal, and on a line of its own the alert (0: none).
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

enum {
	CHAIN_MAX = 16,
	TIMEOUT_MS = 15000,
};

static struct {
	gnutls_pcert_st certs[CHAIN_MAX];
	unsigned int count;
	gnutls_privkey_t key;
} shown;

static void
check(int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, gnutls_strerror(rc));
	exit(1);
}

static gnutls_datum_t
read_file(const char *path)
{
	gnutls_datum_t datum;

	check(gnutls_load_file(path, &datum), path);
	return datum;
}

/* Each PEM block, whatever is in it.  The library takes the kind of the key from the first. */
static void
load_chain(const char *path)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	gnutls_datum_t file = read_file(path);
	const char *at = (const char *)file.data;

	check(gnutls_pubkey_init(&shown.certs[0].pubkey), "key");
	check(gnutls_pubkey_import_privkey(shown.certs[0].pubkey, shown.key, 0, 0), "key");
	while ((at = strstr(at, begin)) != NULL && shown.count < CHAIN_MAX) {
		gnutls_datum_t block = {(unsigned char *)(uintptr_t)at,
		    (unsigned int)strlen(at)};
		gnutls_pcert_st *cert = &shown.certs[shown.count++];

		cert->type = GNUTLS_CRT_X509;
		/* no octets at all are no PEM for the library, and yet can be shown */
		if (gnutls_pem_base64_decode2("CERTIFICATE", &block, &cert->cert) < 0)
			cert->cert = (gnutls_datum_t){NULL, 0};
		at += strlen(begin);
	}
	gnutls_free(file.data);
}

static void
unload(void)
{
	for (unsigned int i = 0; i < shown.count; i++)
		gnutls_free(shown.certs[i].cert.data);
	gnutls_pubkey_deinit(shown.certs[0].pubkey);
	gnutls_privkey_deinit(shown.key);
}

static int
show_chain(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
    gnutls_pcert_st **ret_certs, unsigned int *ret_count, gnutls_ocsp_data_st **ret_ocsp,
    unsigned int *ret_ocsp_count, gnutls_privkey_t *ret_key, unsigned int *ret_flags)
{
	*ret_certs = shown.certs;
	*ret_count = shown.count;
	*ret_ocsp = NULL;
	*ret_ocsp_count = 0;
	*ret_key = shown.key;
	*ret_flags = 0;
	return 0;
}

static int
dial(const char *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)atoi(port)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		perror(port);
		exit(1);
	}
	return fd;
}

static gnutls_session_t
session_new(gnutls_certificate_credentials_t credentials, int fd)
{
	static const char protocol[] = "portcullis-sensor/1";
	gnutls_datum_t name = {(unsigned char *)(uintptr_t)protocol, sizeof(protocol) - 1};
	gnutls_session_t session;

	check(gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT), "session");
	check(gnutls_priority_set_direct(session, "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL),
	    "priority");
	check(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials),
	    "credentials");
	check(gnutls_alpn_set_protocols(session, &name, 1, GNUTLS_ALPN_MANDATORY), "ALPN");
	gnutls_transport_set_int(session, fd);
	gnutls_handshake_set_timeout(session, TIMEOUT_MS);
	gnutls_record_set_timeout(session, TIMEOUT_MS);
	return session;
}

/* The handshake and what the other side says; the alert, 0 where none came. */
static unsigned int
converse(gnutls_session_t session)
{
	unsigned char data[16384];
	ssize_t got;
	int rc;

	do
		rc = gnutls_handshake(session);
	while (rc < 0 && !gnutls_error_is_fatal(rc) && rc != GNUTLS_E_WARNING_ALERT_RECEIVED);
	while (rc >= 0 && (got = gnutls_record_recv(session, data, sizeof(data))) != 0) {
		if (got < 0 && !gnutls_error_is_fatal((int)got))
			continue;
		if (got < 0)
			rc = (int)got;
		for (ssize_t i = 0; i < got; i++)
			printf("%02x", data[i]);
	}
	return rc == GNUTLS_E_FATAL_ALERT_RECEIVED ? (unsigned int)gnutls_alert_get(session)
						   : 0;
}

int
main(int argc, char *argv[])
{
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t session;
	gnutls_datum_t pem;
	int fd;

	if (argc != 4) {
		fprintf(stderr, "Usage: raw-peer PORT KEY.pem CHAIN.pem\n");
		return 2;
	}
	check(gnutls_privkey_init(&shown.key), "key");
	pem = read_file(argv[2]);
	check(gnutls_privkey_import_x509_raw(shown.key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0),
	    argv[2]);
	gnutls_free(pem.data);
	load_chain(argv[3]);
	check(gnutls_certificate_allocate_credentials(&credentials), "credentials");
	gnutls_certificate_set_retrieve_function3(credentials, show_chain);
	fd = dial(argv[1]);
	session = session_new(credentials, fd);
	printf("\n%u\n", converse(session));
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(credentials);
	unload();
	close(fd);
	return 0;
}

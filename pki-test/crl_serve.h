/* SPDX-License-Identifier: Apache-2.0
 *
 * The CRL server on the loop: sockets, pacing and endings of what crl_httpd answers.
 */
#ifndef PORTCULLIS_PKI_TEST_CRL_SERVE_H
#define PORTCULLIS_PKI_TEST_CRL_SERVE_H

#include "common/base/status.h"
#include "pki-test/crl_httpd.h"

struct crl_serve;
struct loop;

enum {
	CRL_SERVE_CONNECTIONS_MAX = 2000
};

/* Serves on a listening socket, which it takes.  httpd is borrowed. */
struct crl_serve *crl_serve_new(struct loop *loop, int listener, struct crl_httpd *httpd);

/* Closes all connections and the listener. */
void crl_serve_free(struct crl_serve *serve);

#endif

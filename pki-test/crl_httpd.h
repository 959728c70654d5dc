/* SPDX-License-Identifier: Apache-2.0
 *
 * What the CRL server answers: files of a laboratory's crl folder, read at each request, or
 * something wrong on order.  It counts what it was asked.  No sockets and no clock: a reply
 * says what to send and how, crl_serve does it.
 *
 * A fault is ordered by the path, /FAULT[=N]/NAME, or for all requests or those of one NAME
 * by crl_httpd_order.  The path wins over the name, the name over all.
 */
#ifndef PORTCULLIS_PKI_TEST_CRL_HTTPD_H
#define PORTCULLIS_PKI_TEST_CRL_HTTPD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/status.h"
#include "pki-test/crl_reply.h"
#include "pki-test/http_request.h"

struct crl_httpd;

/* folder is the path of the files, which may come into being later. */
struct crl_httpd *crl_httpd_new(const char *folder);
void crl_httpd_free(struct crl_httpd *httpd);

/* The answer to a request; reply has been initialized. */
void crl_httpd_answer(struct crl_httpd *httpd, const struct http_request *request,
    struct crl_reply *reply);

/* The answer to what is no request. */
void crl_httpd_refuse(struct crl_httpd *httpd, struct crl_reply *reply);

/* Orders a fault, "FAULT" or "FAULT=N", for all requests (name NULL) or those of a file.
 * STATUS_INVALID: there is no such fault; STATUS_LIMIT: too many names. */
enum status crl_httpd_order(struct crl_httpd *httpd, const char *fault,
    const char *name) MUST_USE;

/* Appends the counts as one JSON object. */
void crl_httpd_stats(const struct crl_httpd *httpd, struct buf *out);

/* Forgets the counts. */
void crl_httpd_reset(struct crl_httpd *httpd);

#endif

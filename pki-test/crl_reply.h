/* SPDX-License-Identifier: Apache-2.0
 *
 * An answer of the CRL server: what to send and how, also when it is wrong on order.  No
 * sockets, no clock, no files: crl_serve sends it, crl_httpd found what it is about.
 */
#ifndef PORTCULLIS_PKI_TEST_CRL_REPLY_H
#define PORTCULLIS_PKI_TEST_CRL_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "pki-test/crl_fault.h"

enum crl_reply_end {
	CRL_REPLY_CLOSE,
	CRL_REPLY_HOLD,  /* say nothing more and keep the connection */
	CRL_REPLY_RESET, /* RST */
};

struct crl_reply {
	struct buf bytes;  /* to send */
	struct buf filler; /* then this, again and again; empty: nothing */
	int64_t delay_ms;  /* before the first octet */
	size_t step;       /* at most so many octets at a time (0: no limit), and then */
	int64_t pause_ms;  /* so long a wait */
	enum crl_reply_end end;
};

void crl_reply_init(struct crl_reply *reply);
void crl_reply_done(struct crl_reply *reply);

enum {
	CRL_REPLY_TAG_SIZE = 64,
	CRL_REPLY_DATE_SIZE = 40,
};

/* A file that is answered with, and its validators (RFC 9110 section 8.8). */
struct crl_reply_file {
	struct buf data;
	char tag[CRL_REPLY_TAG_SIZE];
	char date[CRL_REPLY_DATE_SIZE];
};

/* A status and a line of text; more_fields are header lines, each with its end. */
void crl_reply_page(struct crl_reply *reply, uint64_t code, const char *more_fields);

void crl_reply_json(struct crl_reply *reply, struct bytes json);
void crl_reply_not_modified(struct crl_reply *reply, const struct crl_reply_file *file);

/* The file, as the fault wants it to come. */
void crl_reply_send_file(struct crl_reply *reply, const struct crl_fault *fault,
    const struct crl_reply_file *file);

/* The whole answer of a fault that needs no file; name is what was asked for.  False when
 * the fault needs one. */
bool crl_reply_without_file(struct crl_reply *reply, const struct crl_fault *fault,
    const char *name);

#endif

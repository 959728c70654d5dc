/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers, right and wrong.
 */
#include "pki-test/crl_reply.h"

#include <stdio.h>
#include <string.h>

#include "pki-test/gzip_bomb.h"
#include "pki-test/lab.h"
#include "pki-test/pem_write.h"

enum {
	FILLER_SIZE = 0x8000,    /* of an endless reply, at a time */
	BOMB_RUNS_MAX = 1000000, /* 258 MB */
	REPLY_MAX = LAB_FILE_MAX + 1024 * 1024,
};

void
crl_reply_init(struct crl_reply *reply)
{
	*reply = (struct crl_reply){0};
	buf_init(&reply->bytes, REPLY_MAX);
	buf_init(&reply->filler, REPLY_MAX);
}

void
crl_reply_done(struct crl_reply *reply)
{
	buf_done(&reply->bytes);
	buf_done(&reply->filler);
}

static const char *
reply_status_text(uint64_t code)
{
	switch (code) {
	case 200:
		return "OK";
	case 304:
		return "Not Modified";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 500:
		return "Internal Server Error";
	default:
		return "As Ordered";
	}
}

static void
reply_head(struct crl_reply *reply, uint64_t code, const char *type)
{
	buf_printf(&reply->bytes,
	    "HTTP/1.1 %llu %s\r\nConnection: close\r\nContent-Type: %s\r\n",
	    (unsigned long long)code, reply_status_text(code), type);
}

static void
reply_body(struct crl_reply *reply, size_t said_len, struct bytes body)
{
	buf_printf(&reply->bytes, "Content-Length: %zu\r\n\r\n", said_len);
	buf_put_bytes(&reply->bytes, body);
}

void
crl_reply_page(struct crl_reply *reply, uint64_t code, const char *more_fields)
{
	char page[100];

	snprintf(page, sizeof(page), "%llu %s\n", (unsigned long long)code,
	    reply_status_text(code));
	reply_head(reply, code, "text/plain");
	buf_put_text(&reply->bytes, more_fields);
	reply_body(reply, strlen(page), bytes_of_text(page));
}

void
crl_reply_json(struct crl_reply *reply, struct bytes json)
{
	reply_head(reply, 200, "application/json");
	reply_body(reply, json.len, json);
}

static void
reply_validators(struct crl_reply *reply, const struct crl_reply_file *file)
{
	buf_printf(&reply->bytes, "ETag: %s\r\nLast-Modified: %s\r\n", file->tag, file->date);
}

void
crl_reply_not_modified(struct crl_reply *reply, const struct crl_reply_file *file)
{
	reply_head(reply, 304, "application/pkix-crl");
	reply_validators(reply, file);
	buf_put_text(&reply->bytes, "\r\n");
}

static void
reply_pem(struct crl_reply *reply, const struct crl_reply_file *file)
{
	struct buf pem;

	buf_init(&pem, REPLY_MAX);
	pem_write("X509 CRL", buf_bytes(&file->data), &pem);
	reply_head(reply, 200, "application/x-pem-file");
	reply_body(reply, pem.len, buf_bytes(&pem));
	buf_done(&pem);
}

void
crl_reply_send_file(struct crl_reply *reply, const struct crl_fault *fault,
    const struct crl_reply_file *file)
{
	struct bytes body = buf_bytes(&file->data);
	size_t said = body.len;
	uint64_t cut =
	    fault->number > 0 && fault->number < body.len ? fault->number : body.len / 2;

	if (fault->kind == CRL_FAULT_PEM) {
		reply_pem(reply, file);
		return;
	}
	reply_head(reply, 200, "application/pkix-crl");
	reply_validators(reply, file);
	if (fault->kind == CRL_FAULT_TRUNCATED || fault->kind == CRL_FAULT_STALL)
		body.len = (size_t)cut;
	if (fault->kind == CRL_FAULT_WRONG_LENGTH)
		said = said > fault->number ? said - (size_t)fault->number : 0;
	if (fault->kind == CRL_FAULT_SLOW)
		reply->delay_ms = (int64_t)fault->number;
	if (fault->kind == CRL_FAULT_DRIP) {
		reply->step = 1;
		reply->pause_ms = (int64_t)fault->number;
	}
	if (fault->kind == CRL_FAULT_STALL)
		reply->end = CRL_REPLY_HOLD;
	reply_body(reply, said, body);
}

/* The head of a reply without end, and what comes again and again. */
static void
reply_endless(struct crl_reply *reply, enum crl_fault_kind kind)
{
	uint8_t *room;

	reply_head(reply, 200, "application/pkix-crl");
	if (kind == CRL_FAULT_ENDLESS_HEADER) {
		while (reply->filler.len < FILLER_SIZE)
			buf_put_text(&reply->filler, "X-Padding: one more field\r\n");
		return;
	}
	if (kind == CRL_FAULT_ENDLESS_CHUNKED) {
		buf_put_text(&reply->bytes, "Transfer-Encoding: chunked\r\n");
		buf_printf(&reply->filler, "%x\r\n", FILLER_SIZE);
	}
	buf_put_text(&reply->bytes, "\r\n");
	room = buf_reserve(&reply->filler, FILLER_SIZE);
	memset(room, 0x30, FILLER_SIZE);
	buf_claim(&reply->filler, FILLER_SIZE);
	if (kind == CRL_FAULT_ENDLESS_CHUNKED)
		buf_put_text(&reply->filler, "\r\n");
}

static void
reply_bomb(struct crl_reply *reply, uint64_t runs)
{
	struct buf bomb;

	buf_init(&bomb, REPLY_MAX);
	gzip_bomb_write(runs < BOMB_RUNS_MAX ? (uint32_t)runs : BOMB_RUNS_MAX, &bomb);
	reply_head(reply, 200, "application/pkix-crl");
	buf_put_text(&reply->bytes, "Content-Encoding: gzip\r\n");
	reply_body(reply, bomb.len, buf_bytes(&bomb));
	buf_done(&bomb);
}

static void
reply_html(struct crl_reply *reply)
{
	static const char page[] = "<!DOCTYPE html>\n<title>Sign in</title>\n"
				   "<p>Please sign in to this network.</p>\n";

	reply_head(reply, 200, "text/html");
	reply_body(reply, sizeof(page) - 1, bytes_of_text(page));
}

static void
reply_redirect(struct crl_reply *reply, uint64_t code, const char *name)
{
	char location[2 * LAB_NAME_MAX];

	snprintf(location, sizeof(location), "Location: /%s\r\n", name);
	crl_reply_page(reply, code, location);
}

bool
crl_reply_without_file(struct crl_reply *reply, const struct crl_fault *fault, const char *name)
{
	switch (fault->kind) {
	case CRL_FAULT_ENDLESS:
	case CRL_FAULT_ENDLESS_CHUNKED:
	case CRL_FAULT_ENDLESS_HEADER:
		reply_endless(reply, fault->kind);
		return true;
	case CRL_FAULT_GZIP_BOMB:
		reply_bomb(reply, fault->number);
		return true;
	case CRL_FAULT_HTML:
		reply_html(reply);
		return true;
	case CRL_FAULT_REDIRECT:
		reply_redirect(reply, fault->number, name);
		return true;
	case CRL_FAULT_STATUS:
		crl_reply_page(reply, fault->number, "");
		return true;
	case CRL_FAULT_HALF_OPEN:
		reply->end = CRL_REPLY_HOLD;
		return true;
	case CRL_FAULT_RESET:
		reply->end = CRL_REPLY_RESET;
		return true;
	case CRL_FAULT_NONE:
	case CRL_FAULT_SLOW:
	case CRL_FAULT_DRIP:
	case CRL_FAULT_TRUNCATED:
	case CRL_FAULT_STALL:
	case CRL_FAULT_WRONG_LENGTH:
	case CRL_FAULT_PEM:
	case CRL_FAULT_STALE:
	case CRL_FAULT_OLDER:
	case CRL_FAULT_OTHER:
		break;
	}
	return false;
}

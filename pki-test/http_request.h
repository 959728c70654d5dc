/* SPDX-License-Identifier: Apache-2.0
 *
 * The head of an HTTP/1 request, as far as a server of files needs it.  No sockets.
 */
#ifndef PORTCULLIS_PKI_TEST_HTTP_REQUEST_H
#define PORTCULLIS_PKI_TEST_HTTP_REQUEST_H

#include <stdbool.h>

#include "common/base/bytes.h"

enum {
	HTTP_HEAD_MAX = 8192
};

/* Views into the head. */
struct http_request {
	struct bytes method;
	struct bytes path;              /* without query */
	struct bytes if_none_match;     /* empty: not there */
	struct bytes if_modified_since; /* empty: not there */
};

enum http_parse {
	HTTP_PARSE_MORE, /* the head does not end yet */
	HTTP_PARSE_DONE,
	HTTP_PARSE_BAD,
};

/* Reads the head at the start of bytes; of what follows it nothing is looked at. */
enum http_parse http_request_parse(struct bytes bytes, struct http_request *ret_request);

#endif

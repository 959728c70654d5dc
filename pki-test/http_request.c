/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP/1 request heads (RFC 9112 sections 3 and 5).
 */
#include "pki-test/http_request.h"

#include "common/base/text.h"

/* Takes what stands before a separator off the front; false when it is not there. */
static bool
http_split(struct bytes *rest, const char *separator, size_t separator_len, struct bytes *ret)
{
	const uint8_t *at = memmem(rest->data, rest->len, separator, separator_len);

	if (at == NULL)
		return false;
	*ret = bytes_of(rest->data, (size_t)(at - rest->data));
	rest->data += ret->len + separator_len;
	rest->len -= ret->len + separator_len;
	return true;
}

static struct bytes
http_trim(struct bytes text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
		text.data++;
		text.len--;
	}
	while (
	    text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

static bool
http_parse_line(struct bytes line, struct http_request *request)
{
	struct bytes target, path;

	if (!http_split(&line, " ", 1, &request->method) || !http_split(&line, " ", 1, &target))
		return false;
	if (line.len != 8 || memcmp(line.data, "HTTP/1.", 7) != 0)
		return false;
	request->path = target;
	if (http_split(&target, "?", 1, &path))
		request->path = path;
	return request->path.len > 0 && request->path.data[0] == '/';
}

static bool
http_parse_field(struct bytes line, struct http_request *request)
{
	struct bytes name;

	if (!http_split(&line, ":", 1, &name))
		return false;
	if (text_equal_nocase(name, bytes_of_text("if-none-match")))
		request->if_none_match = http_trim(line);
	else if (text_equal_nocase(name, bytes_of_text("if-modified-since")))
		request->if_modified_since = http_trim(line);
	return true;
}

enum http_parse
http_request_parse(struct bytes bytes, struct http_request *ret_request)
{
	struct http_request request = {0};
	struct bytes head, line;
	bool good;

	if (!http_split(&bytes, "\r\n\r\n", 4, &head))
		return bytes.len < HTTP_HEAD_MAX ? HTTP_PARSE_MORE : HTTP_PARSE_BAD;
	if (!http_split(&head, "\r\n", 2, &line)) {
		line = head;
		head.len = 0;
	}
	good = http_parse_line(line, &request);
	while (good && head.len > 0) {
		if (!http_split(&head, "\r\n", 2, &line)) {
			line = head;
			head.len = 0;
		}
		good = http_parse_field(line, &request);
	}
	if (good)
		*ret_request = request;
	return good ? HTTP_PARSE_DONE : HTTP_PARSE_BAD;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Heads of HTTP requests: what is read points into the input, and is read again the same
 * with anything behind it.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "pki-test/http_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_inside(struct bytes view, const uint8_t *data, size_t size)
{
	assert(view.len == 0 || (view.data >= data && view.data + view.len <= data + size));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_request request = {0};

	if (http_request_parse(bytes_of(data, size), &request) != HTTP_PARSE_DONE)
		return 0;
	check_inside(request.method, data, size);
	check_inside(request.path, data, size);
	check_inside(request.if_none_match, data, size);
	check_inside(request.if_modified_since, data, size);
	assert(request.path.len > 0 && request.path.data[0] == '/');
	return 0;
}

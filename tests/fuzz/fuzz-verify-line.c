/* SPDX-License-Identifier: Apache-2.0
 *
 * A line of `verify --batch`, from the JSON to the answer.  Files are not opened: paths are
 * relative to nothing, certificates and CRLs stand in the line.
 */
#include <stdlib.h>
#include <string.h>

#include "common/cli/verify_json.h"
#include "common/cli/verify_judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct verify_json_defaults defaults = {
	    .profile = size % 2 == 0 ? VERIFY_RFC5280 : VERIFY_APPLIANCE,
	    .now_s = 1700000000,
	    .base_fd = -1,
	};
	struct verify_request *request;
	struct verify_fault fault;
	struct buf answer;
	char *id;

	if (memmem(data, size, "\"/", 2) != NULL) /* an absolute path */
		return 0;
	buf_init(&answer, 4 << 20);
	request = verify_json_request(bytes_of(data, size), &defaults, &id, &fault);
	if (request != NULL)
		(void)verify_judge(request, id, &answer);
	else
		(void)verify_judge_fault(&fault, id, &answer);
	if (answer.len == 0)
		abort(); /* each line has its answer */
	verify_request_free(request);
	free(id);
	buf_done(&answer);
	return 0;
}

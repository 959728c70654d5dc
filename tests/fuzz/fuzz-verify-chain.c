/* SPDX-License-Identifier: Apache-2.0
 *
 * Chains, anchors and CRLs as they are, without JSON and base64 around them: two bytes of
 * options, four of time, then objects of a role, a length and DER.
 */
#include <stdlib.h>

#include "common/base/cursor.h"
#include "common/cli/verify_judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
set_options(struct verify_request *request, uint16_t bits)
{
	struct path_params *params = &request->params;

	params->use = (enum path_use)(bits % 3);
	params->revocation = (enum path_revocation)((bits >> 2) % 3);
	params->revocation_only = (bits & 1 << 4) != 0;
	params->strict_eku = (bits & 1 << 5) != 0;
	params->explicit_policy = (bits & 1 << 6) != 0;
	params->inhibit_any_policy = (bits & 1 << 7) != 0;
	params->inhibit_mapping = (bits & 1 << 8) != 0;
	params->validation_off = (bits & 1 << 9) != 0;
	params->anchor_checks = bits >> 10 & 0xf;
	params->crl_grace_s = (bits & 1 << 14) != 0 ? 86400 : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor cursor = cursor_of(bytes_of(data, size));
	uint16_t options = cursor_u16le(&cursor);
	struct verify_request *request;
	struct verify_fault fault;
	struct buf answer;

	request = verify_request_new(options >> 15 ? VERIFY_APPLIANCE : VERIFY_RFC5280,
	    cursor_u32le(&cursor));
	set_options(request, options);
	while (cursor_ok(&cursor) && cursor.left > 0) {
		enum verify_role role = cursor_u8(&cursor) % VERIFY_ROLE_COUNT;
		struct bytes der = cursor_bytes(&cursor, cursor_u16le(&cursor));

		if (cursor_ok(&cursor) && !verify_add_der(request, role, "", der, &fault))
			break;
	}
	buf_init(&answer, 4 << 20);
	(void)verify_judge(request, "x", &answer);
	if (answer.len == 0)
		abort();
	verify_request_free(request);
	buf_done(&answer);
	return 0;
}

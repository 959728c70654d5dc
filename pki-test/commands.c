/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sub-commands that work on a laboratory share.
 */
#include "pki-test/commands.h"

#include "common/base/clock.h"

bool
command_now(const struct command_call *call, int64_t *ret_now_s)
{
	const char *text = command_value(call, "now");
	int64_t us = 0;

	if (text == NULL) {
		*ret_now_s = clock_wall_s();
		return true;
	}
	if (!clock_parse(text, &us)) {
		command_fail(call, COMMAND_USAGE, "write it as 2026-02-28T12:00:00Z",
		    "--now=%s is not a time", text);
		return false;
	}
	*ret_now_s = us / 1000000;
	return true;
}

struct lab *
command_open_lab(const struct command_call *call, int *reterr_code)
{
	struct lab *lab = NULL;
	enum status status;
	int64_t now_s;

	if (!command_now(call, &now_s)) {
		*reterr_code = COMMAND_USAGE;
		return NULL;
	}
	status = lab_open(call->operands[0], now_s, &lab);
	if (status == STATUS_OK)
		return lab;
	*reterr_code = command_fail(call, (int)command_exit_of(status),
	    "`portcullis-pki lab DIR` makes a laboratory", "%s", buf_text(&lab->error));
	lab_free(lab);
	return NULL;
}

int
command_close_lab(const struct command_call *call, struct lab *lab, enum status status)
{
	int code = COMMAND_OK;

	if (status == STATUS_OK)
		status = lab_save(lab);
	if (status != STATUS_OK)
		code = command_fail(call, (int)command_exit_of(status), NULL, "%s",
		    lab->error.len > 0 ? buf_text(&lab->error) : status_text(status));
	lab_free(lab);
	return code;
}

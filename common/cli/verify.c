/* SPDX-License-Identifier: Apache-2.0
 *
 * `verify` and `verify --batch`.
 */
#include "common/cli/verify.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fileio.h"
#include "common/cli/verify_json.h"
#include "common/cli/verify_judge.h"

enum {
	VERIFY_LINE_MAX = 16 << 20,  /* bytes of a line of a batch, its newline not counted */
	VERIFY_ANSWER_MAX = 4 << 20, /* bytes of an object; the id may be long */
};

const char verify_notes[] =
    "FILEs hold PEM or DER, one object or many; der:BASE64 is the object itself.  The first\n"
    "certificate of --chain is the one that is judged.  The answer is one JSON object.\n";

const char verify_exits[] =
    "Exit codes: 0 accepted, 1 rejected, 2 usage or input, 3 internal; with --batch 0 when\n"
    "every line got its object.\n";

/* Writes the answer at once, so that whoever feeds a batch can wait for it. */
static bool
verify_put(const struct command_call *call, struct buf *answer)
{
	output_json(&call->out, answer);
	return fflush(call->out.file) == 0;
}

static int
verify_single(struct command_call *call)
{
	struct verify_fault fault;
	struct verify_request *request = verify_options_request(call, &fault);
	enum verify_exit code;
	struct buf answer;

	buf_init(&answer, VERIFY_ANSWER_MAX);
	if (request != NULL)
		code = verify_judge(request, NULL, &answer);
	else
		code = verify_judge_fault(&fault, NULL, &answer);
	if (code == VERIFY_INPUT)
		command_fail(call, VERIFY_INPUT, NULL, "%s", fault.text);
	if (!verify_put(call, &answer))
		code = VERIFY_INTERNAL;
	buf_done(&answer);
	verify_request_free(request);
	return (int)code;
}

/* The next line, without its newline; false at the end of the input.  A line past the
 * maximum is read to its end and marked in the buffer (buf_ok). */
static bool
verify_next_line(FILE *in, struct buf *line)
{
	bool any = false;
	int c;

	buf_clear(line);
	while ((c = getc_unlocked(in)) != EOF) {
		any = true;
		if (c == '\n')
			break;
		buf_put_u8(line, (uint8_t)c);
	}
	return any;
}

/* One answer for one line. */
static void
verify_line(const struct buf *line, const struct verify_json_defaults *defaults,
    struct buf *answer)
{
	struct verify_request *request = NULL;
	struct verify_fault fault;
	char *id = NULL;

	if (buf_ok(line))
		request = verify_json_request(buf_bytes(line), defaults, &id, &fault);
	else
		verify_call_fault(&fault, "the line is longer than %d bytes", VERIFY_LINE_MAX);
	if (request != NULL)
		(void)verify_judge(request, id, answer);
	else
		(void)verify_judge_fault(&fault, id, answer);
	verify_request_free(request);
	free(id);
}

/* What is asked stands in the lines; false where an option asks something besides. */
static bool
verify_batch_options(const struct command_call *call, struct verify_fault *reterr)
{
	static const char *const allowed[] = {"batch", "base", "profile", "time"};

	for (const struct command_option *row = verify_options; row->name != NULL; row++) {
		bool fits = !command_has(call, row->name);

		for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
			fits = fits || strcmp(row->name, allowed[i]) == 0;
		if (!fits)
			return verify_call_fault(reterr, "--%s says nothing with --batch",
			    row->name);
	}
	return true;
}

static int
verify_batch(struct command_call *call)
{
	const char *base = command_value(call, "base");
	struct verify_json_defaults defaults = {.base_fd = AT_FDCWD};
	int code = VERIFY_ACCEPTED;
	struct verify_fault fault;
	struct buf line, answer;

	if (!verify_batch_options(call, &fault) ||
	    !verify_options_defaults(call, &defaults.profile, &defaults.now_s, &fault))
		return command_fail(call, VERIFY_INPUT, "try --help", "%s", fault.text);
	if (base != NULL) {
		defaults.base_fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (defaults.base_fd < 0)
			return command_fail(call, VERIFY_INPUT, NULL, "cannot open --base %s",
			    base);
	}
	buf_init(&line, VERIFY_LINE_MAX);
	buf_init(&answer, VERIFY_ANSWER_MAX);
	while (code == VERIFY_ACCEPTED && verify_next_line(call->in, &line)) {
		buf_clear(&answer);
		verify_line(&line, &defaults, &answer);
		if (!verify_put(call, &answer))
			code = command_fail(call, VERIFY_INTERNAL, NULL,
			    "cannot write the answers");
	}
	if (code == VERIFY_ACCEPTED && ferror(call->in))
		code = command_fail(call, VERIFY_INPUT, NULL, "cannot read the questions");
	buf_done(&line);
	buf_done(&answer);
	if (base != NULL)
		fileio_close(defaults.base_fd);
	return code;
}

int
verify_run(struct command_call *call)
{
	return command_has(call, "batch") ? verify_batch(call) : verify_single(call);
}

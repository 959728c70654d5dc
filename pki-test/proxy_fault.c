/* SPDX-License-Identifier: Apache-2.0
 *
 * The faults of the proxy.
 */
#include "pki-test/proxy_fault.h"

#include <string.h>

#include "common/base/text.h"

static const struct {
	const char *name;
	enum proxy_fault_kind kind;
	uint64_t number; /* where none is given */
} proxy_faults[] = {
    {"none", PROXY_NONE, 0},
    {"delay", PROXY_DELAY, 1000},
    {"dribble", PROXY_DRIBBLE, 1000},
    {"cut", PROXY_CUT, 0},
    {"reset", PROXY_RESET, 0},
    {"half-open", PROXY_HALF_OPEN, 0},
    {"black-hole", PROXY_BLACK_HOLE, 0},
    {"refuse", PROXY_REFUSE, 0},
    {"duplicate", PROXY_DUPLICATE, 0},
};

const char proxy_fault_help[] =
    "Faults of the proxy (NAME-up: towards the target only, NAME-down: back only):\n"
    "  none            forward everything\n"
    "  delay[=MS]      octets come late (1000)\n"
    "  dribble[=MS]    octets come one by one (1000 between two)\n"
    "  cut[=N]         close both sides after N octets of a direction (0: at the first)\n"
    "  reset[=N]       the same, with RST\n"
    "  half-open[=N]   after N octets stop reading and forwarding, say nothing\n"
    "  black-hole      take everything, forward nothing (both ways: connect nowhere)\n"
    "  refuse          RST to new connections\n"
    "  duplicate       connect to the target twice; both get what the client sends\n";

/* Takes a suffix off the end of text; false when it is not there. */
static bool
proxy_take_suffix(struct bytes *text, const char *suffix)
{
	size_t len = strlen(suffix);

	if (text->len <= len || memcmp(text->data + text->len - len, suffix, len) != 0)
		return false;
	text->len -= len;
	return true;
}

bool
proxy_fault_parse(const char *text, struct proxy_fault *ret_fault)
{
	const char *equals = strchr(text, '=');
	struct bytes name = bytes_of_text(text);
	struct proxy_fault fault = {.way = PROXY_BOTH};

	if (equals != NULL)
		name.len = (size_t)(equals - text);
	if (proxy_take_suffix(&name, "-up"))
		fault.way = PROXY_UP;
	else if (proxy_take_suffix(&name, "-down"))
		fault.way = PROXY_DOWN;
	for (size_t i = 0; i < sizeof(proxy_faults) / sizeof(proxy_faults[0]); i++) {
		if (!bytes_equal_text(name, proxy_faults[i].name))
			continue;
		fault.kind = proxy_faults[i].kind;
		fault.number = proxy_faults[i].number;
		if (equals != NULL && !text_parse_u64(equals + 1, 0, UINT32_MAX, &fault.number))
			return false;
		*ret_fault = fault;
		return true;
	}
	return false;
}

/* Up to the octet at which something ends. */
static struct proxy_step
proxy_pass_until(uint64_t end, const struct proxy_state *state, enum proxy_action then)
{
	uint64_t left = end > state->passed ? end - state->passed : 0;

	if (left == 0)
		return (struct proxy_step){.action = then};
	return (struct proxy_step){PROXY_PASS,
	    left < state->waiting ? (size_t)left : state->waiting, 0};
}

/* len octets once so much time has gone by. */
static struct proxy_step
proxy_pass_after(int64_t gone_ms, uint64_t number, size_t len)
{
	int64_t left_ms = (int64_t)number - gone_ms;

	if (left_ms > 0)
		return (struct proxy_step){PROXY_WAIT, 0, left_ms};
	return (struct proxy_step){PROXY_PASS, len, 0};
}

struct proxy_step
proxy_fault_step(const struct proxy_fault *fault, const struct proxy_state *state)
{
	struct proxy_step all = {PROXY_PASS, state->waiting, 0};

	if ((fault->way & state->way) == 0)
		return all;
	switch (fault->kind) {
	case PROXY_NONE:
	case PROXY_REFUSE:
	case PROXY_DUPLICATE:
		return all;
	case PROXY_DELAY:
		return proxy_pass_after(state->since_read_ms, fault->number, state->waiting);
	case PROXY_DRIBBLE:
		return proxy_pass_after(state->since_pass_ms, fault->number, 1);
	case PROXY_CUT:
		return proxy_pass_until(fault->number, state, PROXY_CLOSE);
	case PROXY_RESET:
		return proxy_pass_until(fault->number, state, PROXY_ABORT);
	case PROXY_HALF_OPEN:
		return proxy_pass_until(fault->number, state, PROXY_STOP);
	case PROXY_BLACK_HOLE:
		return (struct proxy_step){.action = PROXY_DISCARD};
	}
	return all;
}

bool
proxy_fault_is_due(const struct proxy_fault *fault, enum proxy_way way, uint64_t passed)
{
	if (fault->kind != PROXY_CUT && fault->kind != PROXY_RESET)
		return false;
	return (fault->way & way) != 0 && passed > 0 && passed >= fault->number;
}

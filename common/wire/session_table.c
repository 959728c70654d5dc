/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables.  A state without a row reads nothing; a type without an entry is refused.
 */
#include "common/wire/session_table.h"

#include <assert.h>

/* clang-format off */
#define CRLS \
	[MESSAGE_CRL_WANT] = SESSION_TAKE, [MESSAGE_CRL_PART] = SESSION_TAKE
#define ENDS \
	[MESSAGE_REFUSE] = SESSION_END, [MESSAGE_BYE] = SESSION_END, [MESSAGE_ERROR] = SESSION_END
#define BUSY_ENDS \
	[MESSAGE_BUSY] = SESSION_END, ENDS

static const uint8_t steps[SESSION_ROLE_COUNT][SESSION_STATE_COUNT][MESSAGE_TYPE_COUNT] = {
	[SESSION_SENSOR] = {
		[SESSION_PARK] = {CRLS, BUSY_ENDS},
		[SESSION_CHECK] = {[MESSAGE_ACCEPT] = SESSION_TAKE, CRLS, BUSY_ENDS},
		[SESSION_LIVE] = {
			[MESSAGE_ACK] = SESSION_TAKE,
			[MESSAGE_CONSOLES] = SESSION_TAKE,
			[MESSAGE_BUSY] = SESSION_TAKE,
			[MESSAGE_PING] = SESSION_TAKE,
			[MESSAGE_PONG] = SESSION_TAKE,
			[MESSAGE_REINCARNATE] = SESSION_TAKE,
			CRLS, ENDS,
		},
	},
	[SESSION_CONSOLE] = {
		[SESSION_PARK] = {[MESSAGE_HELLO] = SESSION_HOLD, CRLS, ENDS},
		[SESSION_HELLO] = {[MESSAGE_HELLO] = SESSION_TAKE, CRLS, ENDS},
		[SESSION_CHECK] = {CRLS, ENDS},
		[SESSION_LIVE] = {
			[MESSAGE_BATCH] = SESSION_TAKE,
			[MESSAGE_PING] = SESSION_TAKE,
			[MESSAGE_PONG] = SESSION_TAKE,
			CRLS, ENDS,
		},
	},
	[SESSION_PAIR] = {
		[SESSION_PARK] = {[MESSAGE_PHELLO] = SESSION_HOLD, CRLS, BUSY_ENDS},
		[SESSION_HELLO] = {[MESSAGE_PHELLO] = SESSION_TAKE, CRLS, BUSY_ENDS},
		[SESSION_CHECK] = {[MESSAGE_PACCEPT] = SESSION_TAKE, CRLS, BUSY_ENDS},
		[SESSION_ACCEPT] = {[MESSAGE_PACCEPT] = SESSION_TAKE, CRLS, BUSY_ENDS},
		[SESSION_LIVE] = {
			[MESSAGE_VECTOR] = SESSION_TAKE,
			[MESSAGE_VECTOR_DONE] = SESSION_TAKE,
			[MESSAGE_FILL] = SESSION_TAKE,
			[MESSAGE_RECORDS] = SESSION_TAKE,
			[MESSAGE_PACK] = SESSION_TAKE,
			[MESSAGE_OBJECT_HAVE] = SESSION_TAKE,
			[MESSAGE_OBJECT] = SESSION_TAKE,
			[MESSAGE_OBJECT_ACK] = SESSION_TAKE,
			[MESSAGE_PROBE] = SESSION_TAKE,
			[MESSAGE_PROBED] = SESSION_TAKE,
			[MESSAGE_PSTATE] = SESSION_TAKE,
			[MESSAGE_BUSY] = SESSION_TAKE,
			[MESSAGE_PING] = SESSION_TAKE,
			[MESSAGE_PONG] = SESSION_TAKE,
			CRLS, ENDS,
		},
	},
};

#define BIT(type) (UINT64_C(1) << MESSAGE_##type)
#define SEND_CRLS (BIT(CRL_WANT) | BIT(CRL_PART))
#define SEND_ENDS (BIT(REFUSE) | BIT(BYE) | BIT(ERROR))
#define SEND_LIVE (BIT(PING) | BIT(PONG) | SEND_CRLS | SEND_ENDS)

static const uint64_t sends[SESSION_ROLE_COUNT][SESSION_STATE_COUNT] = {
	[SESSION_SENSOR] = {
		[SESSION_JUDGE] = SEND_ENDS,
		[SESSION_PARK] = SEND_CRLS | SEND_ENDS,
		[SESSION_HELLO] = BIT(HELLO) | SEND_CRLS | SEND_ENDS,
		[SESSION_CHECK] = SEND_CRLS | SEND_ENDS,
		[SESSION_LIVE] = BIT(BATCH) | SEND_LIVE,
	},
	[SESSION_CONSOLE] = {
		[SESSION_JUDGE] = BIT(BUSY) | SEND_ENDS,
		[SESSION_PARK] = BIT(BUSY) | SEND_CRLS | SEND_ENDS,
		[SESSION_HELLO] = BIT(BUSY) | SEND_CRLS | SEND_ENDS,
		[SESSION_CHECK] = BIT(ACCEPT) | BIT(BUSY) | SEND_CRLS | SEND_ENDS,
		[SESSION_LIVE] = BIT(ACK) | BIT(CONSOLES) | BIT(BUSY) | BIT(REINCARNATE) |
		    SEND_LIVE,
	},
	[SESSION_PAIR] = {
		[SESSION_JUDGE] = BIT(BUSY) | SEND_ENDS,
		[SESSION_PARK] = BIT(BUSY) | SEND_CRLS | SEND_ENDS,
		[SESSION_HELLO] = BIT(PHELLO) | BIT(BUSY) | SEND_CRLS | SEND_ENDS,
		[SESSION_CHECK] = BIT(PHELLO) | BIT(PACCEPT) | BIT(BUSY) | SEND_CRLS | SEND_ENDS,
		[SESSION_ACCEPT] = BIT(BUSY) | SEND_CRLS | SEND_ENDS,
		[SESSION_LIVE] = BIT(VECTOR) | BIT(VECTOR_DONE) | BIT(FILL) | BIT(RECORDS) |
		    BIT(PACK) | BIT(OBJECT_HAVE) | BIT(OBJECT) | BIT(OBJECT_ACK) |
		    BIT(PROBE) | BIT(PROBED) | BIT(PSTATE) | BIT(BUSY) | SEND_LIVE,
	},
};
/* clang-format on */

static_assert(MESSAGE_TYPE_COUNT <= 64, "a type is a bit of the send table");

enum session_step
session_table_step(enum session_role role, enum session_state state, uint8_t type)
{
	if (state == SESSION_CLOSING || state == SESSION_CLOSED)
		return SESSION_IGNORE;
	if (type >= MESSAGE_TYPE_COUNT)
		return SESSION_VIOLATION;
	return (enum session_step)steps[role][state][type];
}

bool
session_table_sends(enum session_role role, enum session_state state, uint8_t type)
{
	return type < MESSAGE_TYPE_COUNT && ((sends[role][state] >> type) & 1) != 0;
}

/* How long a state may last, milliseconds. */
static int64_t
session_table_time(enum session_role role, enum session_state state)
{
	switch (state) {
	case SESSION_JUDGE:
	case SESSION_PARK:
		return SESSION_PARK_MS;
	case SESSION_HELLO:
		return SESSION_HELLO_MS;
	case SESSION_CHECK:
		return role == SESSION_SENSOR ? SESSION_ACCEPT_MS : SESSION_CHECK_MS;
	case SESSION_ACCEPT:
		return SESSION_ACCEPT_MS;
	case SESSION_LIVE:
		return SESSION_SILENCE_MS;
	case SESSION_CLOSING:
		return SESSION_CLOSING_MS;
	case SESSION_CLOSED:
	case SESSION_STATE_COUNT:
		break;
	}
	return SESSION_NEVER;
}

void
session_table_enter(struct session *session, enum session_state state, int64_t now_ms)
{
	int64_t time = session_table_time(session->role, state);

	session->state = state;
	session->deadline_ms = time == SESSION_NEVER ? SESSION_NEVER : now_ms + time;
}

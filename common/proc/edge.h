/* SPDX-License-Identifier: Apache-2.0
 *
 * One end of the connection between two role processes: frames and descriptors in order,
 * with credit.  The supervisor makes the socketpair and makes a new one when either end is
 * started again; the struct edge stays the same over that, so a role keeps its pointer and
 * is told up and down.  What was sent and not answered before a down is lost: the protocol
 * above sends it again.
 *
 * Credit: at most credit_bytes of frames may be with the other end before it has said that
 * their work is *done* (edge_release).  A sender without credit is told STATUS_AGAIN and
 * stops its own source; nothing queues without bound.  A peer that sends more than it has
 * credit for, or a frame that breaks the rules, is reported to the supervisor, which
 * starts the `from` end of the edge again (the end that faces the outside).
 */
#ifndef PORTCULLIS_PROC_EDGE_H
#define PORTCULLIS_PROC_EDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/proc/fds.h"

struct edge;

enum {
	EDGE_CREDIT_DEFAULT = 4 << 20,
	EDGE_PAYLOAD_MAX = (1 << 20) + 4096, /* and never more than the credit of the edge */
	EDGE_TYPE_MAX = 0xef                 /* types above are the edge's own */
};

/* Says which frame is meant when its work is done or it is answered.  A value to copy; it
 * is worth nothing after a down, and harmless. */
struct edge_ticket {
	uint32_t epoch;
	uint32_t cost; /* bytes of credit the frame holds */
	uint32_t call; /* 0: not a call */
};

struct edge_frame {
	uint8_t type;
	struct bytes payload; /* valid until the handler returns */
	struct fds fds;       /* what the handler does not take is closed when it returns */
	struct edge_ticket ticket;
};

/* What a role does with one kind of edge; state is the role's (proc.h).  Any may be NULL
 * but frame. */
struct edge_ops {
	/* The work of a frame is done when its handler returns: no edge_release needed. */
	bool release_on_return;
	void (*up)(void *state, struct edge *edge);
	void (*down)(void *state, struct edge *edge);
	/* Anything but STATUS_OK says that the peer broke the rules of this edge. */
	enum status (*frame)(void *state, struct edge *edge, struct edge_frame *frame);
	/* After a STATUS_AGAIN of edge_send: there is room again for what was refused. */
	void (*credit)(void *state, struct edge *edge);
};

/* Queues a frame.  fds may be NULL; on STATUS_OK the list is emptied, the descriptors are
 * gone with the frame.  On any other status nothing happened and all stays the caller's:
 * STATUS_AGAIN no credit (ops->credit is called when there is), STATUS_CLOSED the edge is
 * down.  A payload over edge_payload_max is a bug.  Not on a call edge. */
enum status edge_send(struct edge *edge, uint8_t type, struct bytes payload,
    struct fds *fds) MUST_USE;

/* The work of a received frame is done: its bytes may be sent again. */
void edge_release(struct edge *edge, struct edge_ticket ticket);

/* Call edges: the `from` end asks, the `to` end answers each call exactly once. */

/* Sends and waits for the answer, serving nothing else meanwhile.  STATUS_TIMEOUT after
 * timeout_ms; its late answer is dropped, and until it has come further calls get
 * STATUS_AGAIN at once: one that hangs makes its callers wait once, not each time.
 * STATUS_CLOSED when the edge is down or the other end dies.  The payload of the reply is
 * valid until the next call on this edge. */
enum status edge_call(struct edge *edge, uint8_t type, struct bytes payload, int64_t timeout_ms,
    uint8_t *ret_type, struct bytes *ret_payload) MUST_USE;

/* Answers a call, now or later, and releases its credit.  STATUS_CLOSED when the caller
 * is gone. */
enum status edge_reply(struct edge *edge, struct edge_ticket ticket, uint8_t type,
    struct bytes payload) MUST_USE;

bool edge_is_up(const struct edge *edge);

/* True when a frame with this payload would go now. */
bool edge_has_credit(const struct edge *edge, size_t payload_len);
size_t edge_payload_max(const struct edge *edge);

/* Bytes of frames sent whose work the other end has not said to be done. */
size_t edge_unanswered(const struct edge *edge);

/* Name of the edge in the table, role and instance (0 ..) at the other end. */
const char *edge_name(const struct edge *edge);
const char *edge_peer(const struct edge *edge);
unsigned edge_instance(const struct edge *edge);

/* A pointer of the role's own. */
void edge_set_data(struct edge *edge, void *data);
void *edge_data(const struct edge *edge);

#endif

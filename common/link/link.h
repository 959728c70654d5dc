/* SPDX-License-Identifier: Apache-2.0
 *
 * A link: one connection to another appliance from its first byte to its end.  The stream,
 * the verdict on the peer, the frames and the state machine of docs/protocol.md in one
 * object, the same for who dials and who listens.  This is the gate: no frame reaches the
 * owner before the verdict of the one function that makes verdicts was accept (or waived,
 * where validation is off), and the owner still has to find the identity welcome.
 *
 * The owner is a role (the console's workers, the sensor's uplink).  It logs; this returns.
 */
#ifndef PORTCULLIS_LINK_LINK_H
#define PORTCULLIS_LINK_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/link/link_base.h"
#include "common/pki/verdict.h"
#include "common/tls/judge.h"
#include "common/tls/stream.h"
#include "common/wire/session.h"

struct link;

enum {
	LINK_OUT_MAX = 4 << 20, /* bytes waiting to be written to one peer */
	LINK_DETAIL_SIZE = 512,
};

/* Who ended a link, and why. */
enum link_end_kind {
	LINK_END_REFUSED_BY_US,   /* our verdict, registry or role: reason */
	LINK_END_REFUSED_BY_PEER, /* REFUSE or an alert of theirs: peer-refused-us */
	LINK_END_VIOLATION,       /* protocol, timeout */
	LINK_END_BYE,             /* in order, by either */
	LINK_END_LOST,            /* the network: no certificate problem */
};

struct link_end {
	enum link_end_kind kind;
	enum reason reason;      /* REASON_OK: BYE, LOST */
	const char *peer_reason; /* slug that REFUSE gave, where it may be believed; or NULL */
	unsigned int alert_sent;
	unsigned int alert_received;
	const char *detail;    /* one line, escaped; never NULL */
	int64_t retry_ms;      /* what the peer asked for; 0: nothing */
	int64_t peer_clock_us; /* from REFUSE; 0: not known */
	uint8_t bye_cause;     /* 0: none */
};

struct link_ops {
	/* The verdict is accept or waived: link_verdict.  A sensor now sends HELLO; a console
	 * awaits it. */
	void (*judged)(void *arg);
	/* A frame to act on (SESSION_TAKE); views are valid during the call. */
	void (*message)(void *arg, uint8_t type, const struct session_input *input);
	/* Everything written is with the system. */
	void (*drained)(void *arg);
	/* It is over; the link is gone when this returns. */
	void (*ended)(void *arg, const struct link_end *end);
};

struct link_params {
	struct tls *tls;
	struct loop *loop;
	struct link_base *base;
	int fd; /* connected; taken */
	enum session_role role;
	bool dials;
	const char *name;  /* whom a dialler expects; NULL for who listens */
	const char *label; /* address of the peer, for records */
	const struct link_ops *ops;
	void *arg;
};

/* NULL when there are no credentials to show; the descriptor is closed then. */
struct link *link_new(const struct link_params *params);

/* What was judged: valid from `judged` on, and in `ended` where the handshake was done;
 * NULL before. */
const struct verdict *link_verdict(const struct link *link);

/* SHA-256 of the leaf the peer showed where the verdict has no certificate, because it could
 * not be read; else NULL. */
const uint8_t *link_unread_sha256(const struct link *link);

/* The protocol that was agreed on ("portcullis-sensor/1"); NULL before. */
const char *link_protocol(const struct link *link);
const char *link_label(const struct link *link);
const char *link_id(const struct link *link); /* "" before there is one */
const struct session *link_session(const struct link *link);
bool link_dials(const struct link *link);

/* Where it stands, for status. */
bool link_is_live(const struct link *link);

/* Sends a message; STATUS_DENIED where the state does not allow it. */
enum status link_put(struct link *link, const struct message *message) MUST_USE;
enum status link_put_batch(struct link *link, struct bytes batch) MUST_USE;

/* Reading on or off: without credit for what it would bring, an owner turns it off. */
void link_read(struct link *link, bool on);

/* Asks the peer for a sign of life; `alive` comes as a PONG message, or the link ends. */
void link_probe(struct link *link);

/* These end the link; `ended` is called from within, then the pointer is gone. */
void link_refuse(struct link *link, enum reason reason, const char *detail, int64_t retry_ms);
void link_bye(struct link *link, enum message_bye cause, int64_t retry_ms);
void link_cut(struct link *link); /* at once, without a word */

/* Judges the peer of a live link again by the snapshot in force now.  *ret_since_s is kept
 * by the owner between calls: since when the evidence is stale.  On JUDGE_DROP the link has
 * been refused, and is gone. */
enum judge_live link_judge_again(struct link *link, int64_t *stale_since_s, int64_t now_s);

/* An answer to a want of this link (link_base_ops.wanted with this id), or a new snapshot
 * while it is parked. */
void link_on_wanted(struct link *link, const struct edge_trust_wanted *wanted);
uint64_t link_number(const struct link *link); /* the id its wants carry */
bool link_is_parked(const struct link *link);

#endif

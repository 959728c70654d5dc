/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is who: the row of each appliance, and what a proved certificate's holder may be.
 * It is asked after a verdict and before ACCEPT; it never sees a certificate that was not
 * proved.  It decides identity and role, not trust (DESIGN: docs/decisions/0006).
 */
#ifndef PORTCULLIS_CONSOLE_STORE_REGISTRY_H
#define PORTCULLIS_CONSOLE_STORE_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/pki/reason.h"
#include "console-server/store/db.h"

enum {
	REGISTRY_HASH_SIZE = 32,
	REGISTRY_PENDING_MAX = 1000,
	REGISTRY_NAME_MAX = 64, /* ub-common-name, RFC 5280 appendix A.1 */
};

enum registry_state {
	REGISTRY_PENDING,
	REGISTRY_APPROVED,
	REGISTRY_RETIRED,
};

/* The statements, prepared once. */
struct registry {
	struct db *db;
	struct query find, insert, trim, touch, pin, candidate, counter, confirm, state,
	    take_key, peer_find, peer_set, peer_remove, peer_pin;
};

struct registry_sensor {
	int64_t id;
	enum registry_state state;
	uint8_t anchor[REGISTRY_HASH_SIZE];
	uint8_t pin[REGISTRY_HASH_SIZE];
	uint64_t counter;
	uint64_t confirmed;
	bool has_candidate;
};

/* What a peer has proved (name, anchor, pin) and says of itself (counter, log). */
struct registry_claim {
	struct bytes name; /* subject CN, lower case */
	uint8_t anchor[REGISTRY_HASH_SIZE];
	uint8_t pin[REGISTRY_HASH_SIZE];
	uint64_t counter; /* session counter it was handed last; 0: none.  At most 2^63 - 2 */
	bool same_log;    /* its log is the one of the session that is live */
	bool live;        /* another session of this name is live */
	bool
	    waived; /* validation is off and would have refused: only the pinned key may pass */
	struct bytes address; /* for the operator */
	int64_t not_after;    /* of its certificate */
	int64_t now_us;
};

enum registry_verdict {
	REGISTRY_ACCEPT,
	REGISTRY_REFUSE,     /* reason says why */
	REGISTRY_PING_FIRST, /* a conflict only if the live session answers a PING */
};

struct registry_answer {
	enum registry_verdict verdict;
	enum reason reason;
	const char *detail; /* a constant text for the record, or NULL */
	int64_t sensor;     /* row id */
	uint64_t counter;   /* to hand out with ACCEPT */
	bool renewed;       /* the pin was changed: a new key of the same appliance */
};

void registry_init(struct registry *registry, struct db *db);
void registry_done(struct registry *registry);

/* Decides on a claim for the role of a sensor, and writes what follows from it (a pending
 * row, the new pin, the counter).  Runs inside the caller's transaction.  live_answered
 * says that the live session was asked and answered (second call after PING_FIRST). */
enum status registry_decide(struct registry *registry, const struct registry_claim *claim,
    bool live_answered, struct registry_answer *ret_answer) MUST_USE;

/* The sensor has stored this counter (it sent something after ACCEPT). */
enum status registry_confirm(struct registry *registry, int64_t sensor,
    uint64_t counter) MUST_USE;

enum status registry_find(struct registry *registry, struct bytes name,
    struct registry_sensor *ret_sensor) MUST_USE;

/* Operator acts.  STATUS_NOT_FOUND without such a row; accept_key: STATUS_INVALID when no
 * other key waits. */
enum status registry_approve(struct registry *registry, struct bytes name) MUST_USE;
enum status registry_retire(struct registry *registry, struct bytes name) MUST_USE;
enum status registry_accept_key(struct registry *registry, struct bytes name) MUST_USE;

/* The peer console: one name.  Its name is never a sensor. */
enum status registry_peer_set(struct registry *registry, struct bytes name,
    struct bytes address) MUST_USE;
enum status registry_peer_remove(struct registry *registry) MUST_USE;

/* Decides on a claim for the role of the peer: the name of `peer add`, and the key seen
 * first (or accepted since). */
enum status registry_decide_peer(struct registry *registry, const struct registry_claim *claim,
    struct registry_answer *ret_answer) MUST_USE;

#endif

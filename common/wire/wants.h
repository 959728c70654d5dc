/* SPDX-License-Identifier: Apache-2.0
 *
 * The CRLs that one side of a session has asked the other for, and how much of each has
 * come: a part that nobody asked for, or that leaves a hole, is refused.  The bytes of the
 * CRL are not looked at here.
 */
#ifndef PORTCULLIS_WIRE_WANTS_H
#define PORTCULLIS_WIRE_WANTS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/status.h"
#include "common/wire/message.h"

enum {
	WANTS_MAX = 16
};

struct want {
	uint64_t id;
	uint64_t total; /* as the first part said */
	uint64_t next;  /* offset of the part that must come */
};

struct wants {
	struct want *open; /* WANTS_MAX; NULL while none is open */
	size_t count;
};

void wants_done(struct wants *wants);

/* Whether one more may be opened: STATUS_INVALID for an id that is open, STATUS_LIMIT when
 * there are WANTS_MAX. */
enum status wants_check(const struct wants *wants, uint64_t id) MUST_USE;

/* Opens; wants_check has said STATUS_OK. */
void wants_open(struct wants *wants, uint64_t id);

/* A part that came; the last one closes its want.  STATUS_INVALID where it is no answer to
 * an open want, does not follow the part before, or says another total. */
enum status wants_part(struct wants *wants, const struct message_crl_part *part) MUST_USE;

#endif

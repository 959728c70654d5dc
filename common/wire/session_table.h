/* SPDX-License-Identifier: Apache-2.0
 *
 * What is allowed in which state, as data: docs/protocol.md section 4, row by row.
 * Private to common/wire and its tests.
 */
#ifndef PORTCULLIS_WIRE_SESSION_TABLE_H
#define PORTCULLIS_WIRE_SESSION_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/wire/session.h"

/* What receiving a type means; SESSION_VIOLATION for all that the table does not name. */
enum session_step session_table_step(enum session_role role, enum session_state state,
    uint8_t type);

/* Whether a type may be sent. */
bool session_table_sends(enum session_role role, enum session_state state, uint8_t type);

/* Moves to a state, whose time begins now. */
void session_table_enter(struct session *session, enum session_state state, int64_t now_ms);

#endif

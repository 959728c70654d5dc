/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside common/log: the MESSAGE_ID of a line, from message_ids.def.
 */
#ifndef PORTCULLIS_LOG_LOG_MESSAGE_ID_H
#define PORTCULLIS_LOG_LOG_MESSAGE_ID_H

#include "common/base/bytes.h"

/* That of the reason (a slug; data NULL: the line has none), or else of the event; 32 hex
 * digits, NULL where neither has a row. */
const char *log_message_id(const char *event, struct bytes reason);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A decoded frame as the lines that stand below it in docs/protocol.md.
 */
#ifndef PORTCULLIS_TESTS_WIRE_DUMP_H
#define PORTCULLIS_TESTS_WIRE_DUMP_H

#include "common/base/buf.h"
#include "common/wire/batch.h"
#include "common/wire/message.h"

/* "name value\n" for each field that is not absent. */
void dump_message(struct buf *out, const struct message *message);

/* The header, and for each record its fields and its chain hash. */
void dump_batch(struct buf *out, const struct batch *batch);

void dump_records(struct buf *out, const struct records_header *header,
    const struct batch *batch);

#endif

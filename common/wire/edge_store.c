/* SPDX-License-Identifier: Apache-2.0
 *
 * Layouts and words of the messages of the store and the spool.
 */
#include "common/wire/edge_store.h"

#define AT(message, member) offsetof(struct edge_store_##message, member)

const struct edge_field edge_store_open_fields[] = {
    {EDGE_FIELD_U64, AT(open, session)},
    {EDGE_FIELD_BOOL, AT(open, pair)},
    {EDGE_FIELD_BYTES, AT(open, name)},
    {EDGE_FIELD_HASH, AT(open, anchor)},
    {EDGE_FIELD_HASH, AT(open, pin)},
    {EDGE_FIELD_BOOL, AT(open, waived)},
    {EDGE_FIELD_ID, AT(open, log_id)},
    {EDGE_FIELD_U64, AT(open, first)},
    {EDGE_FIELD_U64, AT(open, next)},
    {EDGE_FIELD_U64, AT(open, counter)},
    {EDGE_FIELD_I64, AT(open, clock_us)},
    {EDGE_FIELD_BYTES, AT(open, software)},
    {EDGE_FIELD_BYTES, AT(open, address)},
    {EDGE_FIELD_BYTES, AT(open, link_id)},
    {EDGE_FIELD_I64, AT(open, not_after_s)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_store_opened_fields[] = {
    {EDGE_FIELD_U64, AT(opened, session)},
    {EDGE_FIELD_U8, AT(opened, reason)},
    {EDGE_FIELD_BYTES, AT(opened, detail)},
    {EDGE_FIELD_U32, AT(opened, retry_ms)},
    {EDGE_FIELD_U64, AT(opened, counter)},
    {EDGE_FIELD_U8, AT(opened, copies)},
    {EDGE_FIELD_ID, AT(opened, store_id)},
    {EDGE_FIELD_U64, AT(opened, held)},
    {EDGE_FIELD_BOOL, AT(opened, has_held_hash)},
    {EDGE_FIELD_HASH, AT(opened, held_hash)},
    {EDGE_FIELD_U64, AT(opened, top)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_store_batch_fields[] = {
    {EDGE_FIELD_U64, AT(batch, session)},
    {EDGE_FIELD_BYTES, AT(batch, batch)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_store_ack_fields[] = {
    {EDGE_FIELD_U64, AT(ack, session)},
    {EDGE_FIELD_U8, AT(ack, level)},
    {EDGE_FIELD_BOOL, AT(ack, solo)},
    {EDGE_FIELD_U64, AT(ack, first)},
    {EDGE_FIELD_U64, AT(ack, last)},
    {EDGE_FIELD_HASH, AT(ack, hash)},
    {EDGE_FIELD_U64, AT(ack, batches)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_store_session_fields[] = {
    {EDGE_FIELD_U64, AT(session, session)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_store_pinged_fields[] = {
    {EDGE_FIELD_U64, AT(pinged, session)},
    {EDGE_FIELD_BOOL, AT(pinged, alive)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_store_drop_fields[] = {
    {EDGE_FIELD_U64, AT(drop, session)},
    {EDGE_FIELD_U8, AT(drop, reason)},
    {EDGE_FIELD_U8, AT(drop, cause)},
    {EDGE_FIELD_U32, AT(drop, retry_ms)},
    {EDGE_FIELD_BYTES, AT(drop, detail)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_store_failure_fields[] = {
    {EDGE_FIELD_U8, AT(failure, reason)},
    {EDGE_FIELD_BOOL, AT(failure, proved)},
    {EDGE_FIELD_BYTES, AT(failure, identity)},
    {EDGE_FIELD_BYTES, AT(failure, reported_by)},
    {EDGE_FIELD_BYTES, AT(failure, link_id)},
    {EDGE_FIELD_I64, AT(failure, at_us)},
    {EDGE_FIELD_U64, AT(failure, count)},
    {EDGE_FIELD_BYTES, AT(failure, record)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_store_ready_fields[] = {
    {EDGE_FIELD_ID, AT(ready, log_id)},
    {EDGE_FIELD_U64, AT(ready, first)},
    {EDGE_FIELD_U64, AT(ready, next)},
    {EDGE_FIELD_U64, AT(ready, counter)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_store_accepted_fields[] = {
    {EDGE_FIELD_BYTES, AT(accepted, console)},
    {EDGE_FIELD_U64, AT(accepted, counter)},
    {EDGE_FIELD_U8, AT(accepted, copies)},
    {EDGE_FIELD_ID, AT(accepted, store_id)},
    {EDGE_FIELD_U64, AT(accepted, held)},
    {EDGE_FIELD_BOOL, AT(accepted, has_held_hash)},
    {EDGE_FIELD_HASH, AT(accepted, held_hash)},
    {EDGE_FIELD_U64, AT(accepted, top)},
    {EDGE_FIELD_U32, AT(accepted, window_records)},
    {EDGE_FIELD_U64, AT(accepted, window_bytes)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_store_state_fields[] = {
    {EDGE_FIELD_BYTES, AT(state, console)},
    {EDGE_FIELD_U8, AT(state, state)},
    {EDGE_FIELD_U8, AT(state, reason)},
    {EDGE_FIELD_BYTES, AT(state, detail)},
    {EDGE_FIELD_I64, AT(state, since_us)},
    {EDGE_FIELD_I64, AT(state, next_try_us)},
    {EDGE_FIELD_I64, AT(state, clock_offset_us)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_store_reincarnate_fields[] = {
    {EDGE_FIELD_ID, AT(reincarnate, log_id)},
    {EDGE_FIELD_U64, AT(reincarnate, seq)},
    {EDGE_FIELD_U8, AT(reincarnate, cause)},
    {EDGE_FIELD_END, 0},
};

const char *
edge_link_state_text(enum edge_link_state state)
{
	static const char *const texts[EDGE_LINK_STATE_COUNT] = {"DISCONNECTED", "CONNECTING",
	    "SYNCED", "OUT_OF_SYNC", "TIME_DIFF_OFFSET", "REFUSED"};

	return (unsigned int)state < EDGE_LINK_STATE_COUNT ? texts[state] : "unknown";
}

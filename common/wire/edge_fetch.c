/* SPDX-License-Identifier: Apache-2.0
 *
 * Layouts and words of the messages of the fetch role.
 */
#include "common/wire/edge_fetch.h"

#define AT(message, member) offsetof(struct edge_fetch_##message, member)

const struct edge_field edge_fetch_get_fields[] = {
    {EDGE_FIELD_U64, AT(get, id)},
    {EDGE_FIELD_BYTES, AT(get, url)},
    {EDGE_FIELD_U64, AT(get, max_bytes)},
    {EDGE_FIELD_BYTES, AT(get, etag)},
    {EDGE_FIELD_BYTES, AT(get, last_modified)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_fetch_got_fields[] = {
    {EDGE_FIELD_U64, AT(got, id)},
    {EDGE_FIELD_U8, AT(got, outcome)},
    {EDGE_FIELD_U16, AT(got, http_status)},
    {EDGE_FIELD_BYTES, AT(got, etag)},
    {EDGE_FIELD_BYTES, AT(got, last_modified)},
    {EDGE_FIELD_BYTES, AT(got, detail)},
    {EDGE_FIELD_U64, AT(got, len)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_fetch_dial_fields[] = {
    {EDGE_FIELD_U64, AT(dial, id)},
    {EDGE_FIELD_BYTES, AT(dial, host)},
    {EDGE_FIELD_U16, AT(dial, port)},
    {EDGE_FIELD_U32, AT(dial, timeout_ms)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_fetch_dialled_fields[] = {
    {EDGE_FIELD_U64, AT(dialled, id)},
    {EDGE_FIELD_U8, AT(dialled, outcome)},
    {EDGE_FIELD_BYTES, AT(dialled, address)},
    {EDGE_FIELD_BYTES, AT(dialled, detail)},
    {EDGE_FIELD_END, 0},
};

const char *
edge_fetch_outcome_text(enum edge_fetch_outcome outcome)
{
	static const char *const texts[EDGE_FETCH_OUTCOME_COUNT] = {"ok", "not modified",
	    "bad URL", "not allowed", "name not found", "connect", "timeout", "HTTP status",
	    "too large", "truncated", "not HTTP", "busy"};

	return (unsigned int)outcome < EDGE_FETCH_OUTCOME_COUNT ? texts[outcome] : "unknown";
}

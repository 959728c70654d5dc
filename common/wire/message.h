/* SPDX-License-Identifier: Apache-2.0
 *
 * The control messages of both links (docs/protocol.md section 5) as plain structs, with
 * one function that decodes and one that encodes.  Knows the form of each message and what
 * holds inside it; what is allowed when is session.h, event batches are batch.h.
 */
#ifndef PORTCULLIS_WIRE_MESSAGE_H
#define PORTCULLIS_WIRE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

enum message_type {
	MESSAGE_HELLO = 0x01,
	MESSAGE_ACCEPT,
	MESSAGE_REFUSE,
	MESSAGE_BATCH, /* not CBOR: batch.h */
	MESSAGE_ACK,
	MESSAGE_CRL_WANT,
	MESSAGE_CRL_PART,
	MESSAGE_CONSOLES,
	MESSAGE_BUSY,
	MESSAGE_PING,
	MESSAGE_PONG,
	MESSAGE_BYE,
	MESSAGE_ERROR,
	MESSAGE_REINCARNATE,

	MESSAGE_PHELLO = 0x20,
	MESSAGE_PACCEPT,
	MESSAGE_VECTOR,
	MESSAGE_VECTOR_DONE,
	MESSAGE_FILL,
	MESSAGE_RECORDS, /* not CBOR: batch.h */
	MESSAGE_PACK,
	MESSAGE_OBJECT_HAVE,
	MESSAGE_OBJECT,
	MESSAGE_OBJECT_ACK,
	MESSAGE_PROBE,
	MESSAGE_PROBED,
	MESSAGE_PSTATE,
	MESSAGE_TYPE_COUNT,
};

enum {
	MESSAGE_ID_SIZE = 16,
	MESSAGE_HASH_SIZE = 32,
	MESSAGE_INTERVALS_MAX = 64,
	MESSAGE_NAMES_MAX = 8,
	MESSAGE_OBJECTS_MAX = 32,
	MESSAGE_CRL_MAX = 64 << 20,
	MESSAGE_CRL_DATA_MAX = 65280,
	MESSAGE_OBJECT_BODY_MAX = 256 << 10,
	MESSAGE_WINDOW_RECORDS_MAX = 65536,
	MESSAGE_WINDOW_BYTES_MIN = 64 << 10,
	MESSAGE_WINDOW_BYTES_MAX = 64 << 20,
};

/* Largest value of a count, number or id: fits a signed column. */
#define MESSAGE_NUMBER_MAX ((uint64_t)INT64_MAX)

enum message_busy {
	MESSAGE_BUSY_DISK_FULL = 1,
	MESSAGE_BUSY_STORE,
	MESSAGE_BUSY_LOAD,
};

enum message_bye {
	MESSAGE_BYE_STOPPING = 1,
	MESSAGE_BYE_RELOAD,
	MESSAGE_BYE_REPLACED,
	MESSAGE_BYE_FAILBACK,
	MESSAGE_BYE_REINCARNATION,
	MESSAGE_BYE_TIE,
	MESSAGE_BYE_STORE,
};

enum message_error {
	MESSAGE_ERROR_FRAME = 1,
	MESSAGE_ERROR_STATE,
	MESSAGE_ERROR_FORM,
	MESSAGE_ERROR_VERSION,
	MESSAGE_ERROR_WINDOW,
	MESSAGE_ERROR_LOG,
	MESSAGE_ERROR_ORDER,
	MESSAGE_ERROR_TIMEOUT,
};

enum message_reincarnate {
	MESSAGE_REINCARNATE_ROLLBACK = 1,
	MESSAGE_REINCARNATE_FORK,
};

struct message_interval {
	uint64_t first;
	uint64_t last;
	uint8_t hash[MESSAGE_HASH_SIZE]; /* chain hash of last; zero in ranges */
};

/* Ascending and disjoint. */
struct message_intervals {
	size_t count;
	struct message_interval at[MESSAGE_INTERVALS_MAX];
};

struct message_names {
	size_t count;
	struct bytes at[MESSAGE_NAMES_MAX];
};

struct message_object_version {
	struct bytes key;
	uint64_t epoch;
	uint64_t version;
};

struct message_object_versions {
	size_t count;
	struct message_object_version at[MESSAGE_OBJECTS_MAX];
};

/* Clocks are microseconds since 1970, signed.  A struct bytes is a view: of the payload
 * after decoding, of the caller's memory when encoding.  Absent optional fields are 0,
 * false or empty. */
struct message_hello {
	uint64_t min_version;
	uint64_t max_version;
	uint8_t log_id[MESSAGE_ID_SIZE];
	uint64_t first;
	uint64_t next;
	uint64_t counter;
	int64_t clock;
	struct bytes software;
	uint64_t features; /* optional */
};

struct message_accept {
	uint64_t version;
	uint64_t counter;
	uint64_t copies;
	uint8_t store_id[MESSAGE_ID_SIZE];
	uint64_t held;
	struct bytes held_hash; /* optional */
	uint64_t top;
	uint64_t window_records;
	uint64_t window_bytes;
	int64_t clock;
	uint64_t features; /* optional */
};

struct message_refuse {
	struct bytes reason;
	int64_t clock;
	uint64_t retry_after_ms; /* optional */
};

struct message_ack {
	uint8_t log_id[MESSAGE_ID_SIZE];
	uint64_t level;
	struct message_intervals intervals;
	uint64_t batches;
	bool solo; /* optional */
};

struct message_crl_want {
	uint64_t id;
	uint8_t issuer[MESSAGE_HASH_SIZE];
	struct bytes url;    /* optional */
	struct bytes number; /* optional */
	int64_t this_update; /* optional, seconds since 1970 */
};

struct message_crl_part {
	uint64_t id;
	uint64_t total;
	uint64_t offset;
	struct bytes data;
};

struct message_consoles {
	struct message_names names;
};

struct message_busy_for {
	uint64_t retry_after_ms;
	uint64_t cause; /* enum message_busy, or one of a later version */
};

/* PING and PONG */
struct message_echo {
	uint64_t nonce;
	int64_t clock;
};

struct message_farewell {
	uint64_t cause;          /* enum message_bye, or one of a later version */
	uint64_t retry_after_ms; /* optional */
};

struct message_violation {
	uint64_t code;       /* enum message_error, or one of a later version */
	uint64_t type;       /* optional */
	struct bytes detail; /* optional */
};

struct message_new_log {
	uint8_t log_id[MESSAGE_ID_SIZE];
	uint64_t seq;
	uint64_t cause; /* enum message_reincarnate, or one of a later version */
};

struct message_phello {
	uint64_t min_version;
	uint64_t max_version;
	uint8_t cluster_id[MESSAGE_ID_SIZE];
	uint8_t console_id[MESSAGE_ID_SIZE];
	uint8_t store_id[MESSAGE_ID_SIZE];
	int64_t clock;
	struct bytes software;
	uint64_t features; /* optional */
	bool primary;
	uint64_t epoch;
	uint64_t restores;
};

struct message_paccept {
	uint64_t version;
	uint64_t window_bytes;
	uint64_t features; /* optional */
};

struct message_vector {
	struct bytes sensor;
	uint8_t log_id[MESSAGE_ID_SIZE];
	uint64_t retired_below;
	struct message_intervals intervals;
};

struct message_vector_done {
	uint64_t logs;
};

struct message_fill {
	struct bytes sensor;
	uint8_t log_id[MESSAGE_ID_SIZE];
	struct message_intervals ranges;
};

struct message_pack {
	uint64_t id;
	struct bytes sensor;
	uint8_t log_id[MESSAGE_ID_SIZE];
	struct message_intervals intervals;
};

struct message_object_have {
	struct bytes kind;
	struct message_object_versions objects;
	bool done; /* optional */
};

struct message_object {
	struct bytes kind;
	struct bytes key;
	uint64_t epoch;
	uint64_t version;
	uint8_t origin[MESSAGE_ID_SIZE];
	bool deleted; /* optional */
	struct bytes body;
};

struct message_object_ack {
	struct bytes kind;
	struct bytes key;
	uint64_t epoch;
	uint64_t version;
};

struct message_probe {
	uint64_t nonce;
	struct bytes sensor;
	uint8_t log_id[MESSAGE_ID_SIZE];
	uint64_t counter;
};

struct message_probed {
	uint64_t nonce;
	bool alive;
	struct bytes address; /* optional */
	struct bytes log_id;  /* optional, MESSAGE_ID_SIZE */
};

struct message_pstate {
	bool in_sync;
	int64_t degraded_since; /* optional */
	uint64_t backlog;
	uint64_t debt;
	uint64_t lost;
	uint64_t commit_ms;
	bool primary;
	uint64_t epoch;
};

struct message {
	uint8_t type; /* enum message_type: says which member is meant */
	union {
		struct message_hello hello;
		struct message_accept accept;
		struct message_refuse refuse;
		struct message_ack ack;
		struct message_crl_want crl_want;
		struct message_crl_part crl_part;
		struct message_consoles consoles;
		struct message_busy_for busy;
		struct message_echo ping;
		struct message_echo pong;
		struct message_farewell bye;
		struct message_violation error;
		struct message_new_log reincarnate;
		struct message_phello phello;
		struct message_paccept paccept;
		struct message_vector vector;
		struct message_vector_done vector_done;
		struct message_fill fill;
		struct message_pack pack;
		struct message_object_have object_have;
		struct message_object object;
		struct message_object_ack object_ack;
		struct message_probe probe;
		struct message_probed probed;
		struct message_pstate pstate;
	};
};

/* The longest payload of a type, batches included; -1 for a type that does not exist. */
int32_t message_limit(uint8_t type);

/* Name of a type as docs/protocol.md writes it ("CRL_WANT"); NULL where there is none. */
const char *message_name(uint8_t type);

/* Decodes the payload of a control message.  STATUS_INVALID where it breaks a rule of the
 * protocol (and message is undefined), STATUS_UNSUPPORTED for a type that is not a control
 * message.  The views in it live as long as the payload. */
enum status message_decode(uint8_t type, struct bytes payload,
    struct message *message) MUST_USE;

/* Appends the message as a whole frame.  Its fields must be what message_decode accepts;
 * anything else is a bug and asserts. */
void message_put(struct buf *out, const struct message *message);

/* Whether text from elsewhere may stand in a field: a name (CN of an appliance), a slug, a
 * url (1 to 1024 printable ASCII characters without space). */
bool message_is_name(struct bytes text);
bool message_is_slug(struct bytes text);
bool message_is_url(struct bytes text);

#endif

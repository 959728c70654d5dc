/* SPDX-License-Identifier: Apache-2.0
 *
 * The state machine of a link, of a sensor, a console or a member of a pair
 * (docs/protocol.md sections 3 and 4).  Sans I/O: it is told the verdict, given the frames
 * that came and the messages that are to go, and says what is allowed, what it means and
 * when it must be called again.  What its table does not name is refused.  It judges no
 * certificate and knows no registry; the channel (common/link) drives it.
 */
#ifndef PORTCULLIS_WIRE_SESSION_H
#define PORTCULLIS_WIRE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/status.h"
#include "common/wire/batch.h"
#include "common/wire/frame.h"
#include "common/wire/message.h"
#include "common/wire/wants.h"
#include "common/wire/window.h"

enum {
	SESSION_VERSION_MIN = 1,
	SESSION_VERSION_MAX = 1,

	SESSION_PARK_MS = 10000,
	SESSION_HELLO_MS = 20000,
	SESSION_CHECK_MS = 10000,
	SESSION_ACCEPT_MS = 25000,
	SESSION_SILENCE_MS = 15000, /* then PING; dead after three of them */
	SESSION_PROBE_MS = 2000,
	SESSION_CLOSING_MS = 2000,
};

/* No deadline. */
#define SESSION_NEVER INT64_MAX

enum session_role {
	SESSION_SENSOR,
	SESSION_CONSOLE,
	SESSION_PAIR,
	SESSION_ROLE_COUNT,
};

enum session_state {
	SESSION_JUDGE,
	SESSION_PARK,
	SESSION_HELLO,
	SESSION_CHECK,
	SESSION_ACCEPT,
	SESSION_LIVE,
	SESSION_CLOSING,
	SESSION_CLOSED,
	SESSION_STATE_COUNT,
};

/* What a frame that came means. */
enum session_step {
	SESSION_VIOLATION, /* session_put_violation, then close */
	SESSION_TAKE,      /* to be acted on: *input has it decoded */
	SESSION_HOLD,      /* kept unread until the verdict: session_held */
	SESSION_END,       /* the far side ends the session: *input says how, where trusted */
	SESSION_IGNORE,    /* we have ended it already */
};

/* A frame decoded: batch for BATCH and RECORDS, records for RECORDS, else message.
 * message.type is the type of the frame whatever it is and whatever the step; contents that
 * are not trusted are empty at the end of a session. */
struct session_input {
	bool trusted; /* our own verdict on the sender is accept */
	struct message message;
	struct records_header records;
	struct batch batch;
};

/* What is due when session_deadline has passed. */
enum session_due {
	SESSION_DUE_NOTHING,
	SESSION_DUE_PING,    /* send PING and go on */
	SESSION_DUE_EXPIRED, /* the state's time is over */
};

struct session {
	enum session_role role;
	enum session_state state;
	uint64_t min_version;
	uint64_t max_version;
	uint64_t version; /* chosen; 0 before */
	int64_t deadline_ms;
	int64_t heard_ms;
	bool paused;
	bool probing;
	bool hello_sent;
	bool accepted;                   /* pair: PACCEPT came before ours went */
	uint8_t log_id[MESSAGE_ID_SIZE]; /* of HELLO */
	uint64_t last_seq;               /* of the last BATCH */
	struct window out;               /* what we have in flight there */
	struct window in;                /* what they have in flight here */
	struct wants wants;              /* CRLs that we asked for */
	size_t their_wants;              /* CRLs that they asked for, unanswered */
	struct buf held;
	enum message_error violation;
	uint8_t violation_type;
};

/* Begins in SESSION_JUDGE: the handshake is done and nothing has been read. */
void session_init(struct session *session, enum session_role role, int64_t now_ms);
void session_done(struct session *session);

/* Our verdict on the peer: accept, or (once) only CRL evidence is wanting.  A refusal is
 * no verdict here: put REFUSE. */
void session_accept(struct session *session, int64_t now_ms);
void session_park(struct session *session, int64_t now_ms);

/* The frame_limit_fn of this session's decoder; arg is the session. */
frame_limit_fn session_limit;

/* Whether bytes may be read from the peer now. */
bool session_reads(const struct session *session);

/* A frame that came.  Moves the state; on SESSION_TAKE and SESSION_END *input is filled
 * (views into the frame), on SESSION_END the session is closed. */
enum session_step session_receive(struct session *session, const struct frame *frame,
    int64_t now_ms, struct session_input *input);

/* The decoder failed (STATUS_LIMIT, STATUS_DENIED): a violation. */
void session_frame_failed(struct session *session, const struct frame_decoder *decoder);

/* After session_accept: the frame that was held, to be given to session_receive; false
 * where there was none.  Its payload is valid until the session is done. */
bool session_held(const struct session *session, struct frame *ret_frame);

/* Appends a message that goes to the peer and moves the state.  STATUS_DENIED where the
 * present state does not allow it (a late answer, say), STATUS_LIMIT where too many
 * CRL_WANTs are open or out is full; nothing is written then. */
enum status session_put(struct session *session, const struct message *message, int64_t now_ms,
    struct buf *out) MUST_USE;

/* Appends BATCH: a whole batch as batch_writer made it.  STATUS_LIMIT: no room in the
 * window (or in out).  STATUS_INVALID: not a batch of this session's log, or its numbers do
 * not ascend. */
enum status session_put_batch(struct session *session, struct bytes batch,
    struct buf *out) MUST_USE;

/* Appends RECORDS; the id is given by the session (*ret_id).  Otherwise the same. */
enum status session_put_records(struct session *session, enum records_source source,
    struct bytes sensor, int64_t received_us, struct bytes batch, struct buf *out,
    uint64_t *ret_id) MUST_USE;

/* Appends the ERROR that says what was noted by a SESSION_VIOLATION or an expiry. */
enum status session_put_violation(struct session *session, int64_t now_ms,
    struct buf *out) MUST_USE;

/* Monotonic time at which session_tick wants to be called, or SESSION_NEVER. */
int64_t session_deadline(const struct session *session);
enum session_due session_tick(struct session *session, int64_t now_ms);

/* The owner asks whether the peer still lives (and sends PING): it has SESSION_PROBE_MS to
 * send any frame. */
void session_probe(struct session *session, int64_t now_ms);

/* While the owner does not read for want of credit, silence is not counted. */
void session_pause(struct session *session, bool paused, int64_t now_ms);

/* The stream is gone or to be given up. */
void session_close(struct session *session);

const char *session_state_name(enum session_state state);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside a link worker: its state and its sessions.
 */
#ifndef PORTCULLIS_CONSOLE_LINK_WORKER_STATE_H
#define PORTCULLIS_CONSOLE_LINK_WORKER_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/link/link.h"
#include "common/link/link_base.h"
#include "common/log/log.h"
#include "common/proc/proc.h"
#include "common/wire/edge_store.h"
#include "console-server/link/worker.h"

enum {
	WORKER_LISTENERS_MAX = 16,
	WORKER_ADDRESS_SIZE = 80,
	WORKER_NAME_SIZE = 65,
	WORKER_HELD_MAX = 8 << 20, /* batches of one session that wait for credit */
	WORKER_WINDOW_RECORDS = 4096,
	WORKER_WINDOW_BYTES = 4 << 20,
	WORKER_SLICE_US = 5000, /* re-judging, a turn */
	WORKER_DRIFT_RETRY_MS = 60000,
};

/* How far the clocks of two appliances may be apart: an hour. */
#define WORKER_DRIFT_MAX_US (INT64_C(3600) * 1000000)

/* Where a session stands with the store. */
enum session_place {
	SESSION_HALF_OPEN, /* not judged, or no HELLO yet */
	SESSION_ASKED,     /* OPEN was sent */
	SESSION_ACCEPTED,
};

struct worker_session {
	TAILQ_ENTRY(worker_session) order; /* of arrival, among those of the same place */
	struct worker *worker;
	struct link *link;
	uint64_t number;
	enum session_place place;
	char address[WORKER_ADDRESS_SIZE];
	uint8_t log_id[MESSAGE_ID_SIZE];
	uint64_t batches;      /* acknowledged in this session */
	struct buf held;       /* STORE_BATCH payloads behind their lengths, without credit */
	int64_t stale_since_s; /* 0: its CRLs are current */
	uint64_t judged_by;    /* number of the snapshot of its verdict */
	bool probed;           /* the store wants to know whether it is alive */
};

TAILQ_HEAD(session_list, worker_session);

/* What of its settings can change. */
struct worker_config {
	char reported_by[WORKER_NAME_SIZE + 10];
	uint32_t half_open_max, half_open_per_address;
	enum log_level log_level;
};

struct worker {
	struct proc *proc;
	struct worker_config config, prepared; /* in force, and of a reload */
	int listen_fds[WORKER_LISTENERS_MAX];
	struct loop_io *listeners[WORKER_LISTENERS_MAX];
	size_t listener_count;
	struct tls *tls;
	struct link_base *base;
	struct session_list half_open, asked, accepted;
	size_t half_open_count;
	struct loop_timer *judge_timer;  /* every session anew */
	struct loop_timer *slice_timer;  /* those that the last turn did not get to */
	struct loop_timer *accept_timer; /* listening goes on */
	struct loop_timer *log_timer;
	uint64_t next_number;
	bool stopping;
};

/* --- worker_accept.c --- */

void worker_listen(struct worker *worker);

/* Goes on with listening after there were no descriptors. */
void worker_listen_on(struct worker *worker);

/* --- worker_session.c --- */

void session_begin(struct worker *worker, int fd, const char *address);
struct worker_session *session_find(struct worker *worker, uint64_t number);
void session_move(struct worker_session *session, enum session_place place);

/* Sends what waited for credit; false when it ran out again. */
bool session_send_held(struct worker_session *session);

/* What the store said. */
void session_on_opened(struct worker_session *session, const struct edge_store_opened *opened);
void session_on_ack(struct worker_session *session, const struct edge_store_ack *ack);
void session_on_drop(struct worker_session *session, const struct edge_store_drop *drop);

/* --- worker_record.c --- */

/* Logs the end of a link that was refused or endangered, and has the store keep it. */
void worker_record(struct worker_session *session, const struct link_end *end);

/* --- worker_judge.c --- */

/* Judges live sessions again, some each turn, until all are judged by the present
 * snapshot. */
void worker_judge_again(struct worker *worker);

/* --- worker.c --- */

enum status worker_send_store(struct worker *worker, uint8_t type,
    const struct edge_field *fields, const void *message) MUST_USE;

#endif

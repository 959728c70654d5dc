/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the trust role: its state, and what its files ask of each other.
 */
#ifndef PORTCULLIS_TRUST_TRUST_STATE_H
#define PORTCULLIS_TRUST_TRUST_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/pki/cert.h"
#include "common/pki/crl_set.h"
#include "common/pki/verdict.h"
#include "common/proc/proc.h"
#include "common/trust/anchors.h"
#include "common/trust/crls.h"
#include "common/trust/sources.h"
#include "common/trust/trust_role.h"

struct loop_timer;
struct trust_state;

enum {
	TRUST_ISSUERS_MAX = 256, /* CA certificates out of verified chains */
	TRUST_WANTS_MAX = 4096,
	TRUST_WANT_SOURCES_MAX = 32,
	TRUST_PAYLOAD_MAX = 1 << 20,
};

/* What of the settings is kept. */
struct trust_config {
	bool fetch;
	uint64_t crl_max_bytes;
	struct sources_policy sources;
	struct edge_trust_policy policies[TRUST_PURPOSE_COUNT];
};

/* Somebody who waits for CRL evidence: a session, or a certificate that is to be installed.
 * settled is called when all its sources have, and frees it. */
struct want {
	TAILQ_ENTRY(want) link;
	struct edge *edge;
	struct edge_ticket ticket;
	uint64_t id;
	struct source *sources[TRUST_WANT_SOURCES_MAX]; /* that it waits for; NULL: answered */
	size_t source_count;
	void (*settled)(struct trust_state *state, struct want *want);
	struct buf chain;   /* of a certificate to install: an edge_trust_judge message */
	bool news;          /* something new was published since */
	enum reason reason; /* of the last source that failed */
	const char *url;
	const char *detail;
};

struct trust_state {
	struct proc *proc;
	struct trust_config config, prepared;
	int anchors_fd, crls_fd, issuers_fd;
	struct anchors *anchors;
	struct crls *crls;
	struct cert *issuers[TRUST_ISSUERS_MAX]; /* a ring */
	size_t issuer_next;
	struct sources *sources;
	struct loop_timer *timer; /* the next source that is due */
	TAILQ_HEAD(, want) wants;
	size_t want_count;
	uint64_t snapshot; /* number of the last one */
};

/* --- trust_publish.c --- */

/* Sends the present snapshot to every worker, under a new number. */
void trust_publish(struct trust_state *state);

/* To one worker: when its edge comes up, or has room again after a part was refused. */
void trust_publish_to(void *arg, struct edge *edge);

/* What this process judges with, for installs and wants.  The caller frees. */
struct crl_set *trust_crl_set(const struct trust_state *state);

/* --- trust_intake.c --- */

/* Takes a CRL from wherever; publishes when it is new. */
enum status trust_take_crl(struct trust_state *state, struct bytes file, const char *url,
    struct crls_taken *ret_taken) MUST_USE;

/* Reads what was remembered. */
void trust_load_issuers(struct trust_state *state);

/* Makes the indexes again that were damaged. */
void trust_rebuild_crls(struct trust_state *state);

/* Remembers the CA certificates of a chain that verified, also over a restart: their keys
 * sign CRLs, and a CRL that comes before the next such chain must find them. */
void trust_learn_issuers(struct trust_state *state, const struct bytes *chain, size_t count);

/* --- trust_wants.c --- */

void trust_on_want(struct trust_state *state, struct edge *edge, const struct edge_frame *frame,
    const struct edge_trust_want *want);

/* Has what a chain lacks by this verdict fetched.  True: the want waits, and settled will be
 * called; false: there is nothing to wait for, and the want stays the caller's. */
bool trust_want_evidence(struct trust_state *state, struct want *want,
    const struct verdict *verdict, const struct edge_list *chain);
void want_free(struct want *want);
void trust_forget_wants(struct trust_state *state, const struct edge *edge);
void trust_source_settled(struct trust_state *state, const struct source *source, bool news);

/* --- trust_fetch.c --- */

/* Asks for every source that is due, and sets the timer for the next. */
void trust_fetch_due(struct trust_state *state);
extern const struct edge_ops trust_fetch_ops;

/* Makes sources of the URLs that held CRLs came from, and of those of the settings. */
void trust_fetch_begin(struct trust_state *state, const struct edge_list *urls);

/* --- trust_admin.c --- */

extern const struct edge_ops trust_admin_ops;

/* --- trust_role.c --- */

/* Sends a message; a receiver that is gone or full asks again, so nothing is kept. */
void trust_send(struct edge *edge, uint8_t type, const struct edge_field *fields,
    const void *message);

#endif

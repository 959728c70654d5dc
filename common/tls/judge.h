/* SPDX-License-Identifier: Apache-2.0
 *
 * The verdict on a peer: its certificates, a snapshot and a purpose given to the one
 * function that judges (common/pki/path.h).  Decides nothing of its own about a
 * certificate, and nothing about identity: whether the name is welcome is asked elsewhere.
 */
#ifndef PORTCULLIS_TLS_JUDGE_H
#define PORTCULLIS_TLS_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/pki/path.h"
#include "common/pki/verdict.h"
#include "common/tls/snapshot.h"

struct tls_stream;

struct judge_question {
	enum trust_purpose purpose;
	bool peer_dials;  /* else it listens: the use asked of its certificate */
	const char *name; /* the appliance it must be; NULL: whoever it proves to be */
	int64_t now_s;
};

/* Judges certificates in DER, leaf first.  None at all is `no-certificate`.  The caller frees
 * the verdict.  memo may be NULL. */
struct verdict *judge_chain(const struct snapshot *snapshot, struct sig_memo *memo,
    const struct judge_question *question, const struct bytes *chain, size_t count);

/* Judges the peer of a stream whose handshake is done. */
struct verdict *judge_peer(const struct snapshot *snapshot, struct sig_memo *memo,
    const struct judge_question *question, const struct tls_stream *stream);

/* What a new verdict means for a link that is live. */
enum judge_live {
	JUDGE_KEEP,
	JUDGE_STALE, /* its CRLs have run out and no more than that: shown, alarmed, kept */
	JUDGE_DROP,
};

/* stale_since_s: since when earlier verdicts said JUDGE_STALE; 0: they did not. */
enum judge_live judge_live(const struct verdict *verdict, const struct snapshot_policy *policy,
    int64_t stale_since_s, int64_t now_s);

#endif

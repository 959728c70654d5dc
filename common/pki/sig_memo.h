/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures that were found good, so that a peer who comes back costs none.  What is
 * remembered is the fact that this key made the signature of this certificate, which no
 * time, CRL or change of anchors makes untrue; everything else is judged every time.
 *
 * The size is fixed at birth.  Only path writes, and only what a path to an anchor was made
 * of, so strangers can't push out what is useful.
 */
#ifndef PORTCULLIS_PKI_SIG_MEMO_H
#define PORTCULLIS_PKI_SIG_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/pki/cert.h"

struct sig_memo;

/* Room for at least max signatures of 32 bytes each; max > 0. */
struct sig_memo *sig_memo_new(size_t max);
void sig_memo_free(struct sig_memo *memo);

/* Whether the signature of cert is known to be made by the key. */
bool sig_memo_has(const struct sig_memo *memo, const struct cert *cert,
    const struct pubkey *key);

/* Remembers that it is; the oldest in its place is forgotten. */
void sig_memo_put(struct sig_memo *memo, const struct cert *cert, const struct pubkey *key);

#endif

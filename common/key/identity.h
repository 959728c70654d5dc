/* SPDX-License-Identifier: Apache-2.0
 *
 * An identity: a certificate, its chain and the private key that belongs to it, and the
 * directory where the installed one lives.  What is taken in here was matched (the key
 * makes the certificate's signatures); whether the certificate is any good is judged by
 * trust, which never sees the key.  Used by the key role alone.
 *
 * Files of a use, say "appliance": appliance.current holds a number N; appliance.N.crt the
 * chain, leaf first, and appliance.N.key the key (PEM, mode 0600).  The number is replaced
 * last, so that a crash leaves the old identity or the new one, whole.
 */
#ifndef PORTCULLIS_KEY_IDENTITY_H
#define PORTCULLIS_KEY_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/key/signer.h"
#include "common/pki/reason.h"
#include "common/wire/edge_message.h"

enum {
	IDENTITY_CHAIN_MAX = 10,
	IDENTITY_FILE_MAX = 1 << 20,
};

struct identity {
	uint32_t generation; /* 0: not installed */
	struct signer *signer;
	struct bytes chain[IDENTITY_CHAIN_MAX]; /* DER, leaf first; owned */
	size_t count;
};

/* The files that an operator brings; contents, PEM or DER.  chain may be empty. */
struct identity_files {
	struct bytes certificate;
	struct bytes key;
	struct bytes chain;
	struct bytes passphrase;
};

/* Reads the files and matches key and certificate.  STATUS_INVALID: *reterr_reason (parse,
 * limits, passphrase, profile-key, key-mismatch) and a sentence in reterr_text. */
enum status identity_read(const struct identity_files *files, struct identity **ret_identity,
    enum reason *reterr_reason, struct buf *reterr_text) MUST_USE;

/* Matches a certificate with a key that was made here; takes the signer when it fits. */
enum status identity_join(struct bytes certificate, struct bytes chain, struct signer *signer,
    struct identity **ret_identity, enum reason *reterr_reason,
    struct buf *reterr_text) MUST_USE;

/* The installed identity of a use.  STATUS_NOT_FOUND: none; STATUS_CORRUPT: reterr_text. */
enum status identity_load(int dir_fd, const char *use, struct identity **ret_identity,
    struct buf *reterr_text) MUST_USE;

/* Installs durably as the next generation, which is set in the identity. */
enum status identity_install(int dir_fd, const char *use, struct identity *identity) MUST_USE;

void identity_free(struct identity *identity);

#endif

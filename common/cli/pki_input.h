/* SPDX-License-Identifier: Apache-2.0
 *
 * The files given to the cert commands, read and told apart: certificates, requests, keys,
 * CRLs, PKCS#12, in PEM or DER, one or many to a file.  What can't be read is an item too,
 * with the reason, so that a report can say it where it belongs.
 */
#ifndef PORTCULLIS_CLI_PKI_INPUT_H
#define PORTCULLIS_CLI_PKI_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/status.h"
#include "common/cli/command.h"
#include "common/cli/passphrase.h"
#include "common/pki/cert.h"
#include "common/pki/content.h"
#include "common/pki/key_file.h"
#include "common/pki/reason.h"
#include "common/pki/request.h"

enum {
	PKI_INPUT_ITEM_MAX = 256,
	PKI_INPUT_FILE_MAX = 64 << 20, /* bytes: CRLs may be large */
};

struct pki_item {
	const char *file;
	size_t line; /* of PEM; 0: DER */
	enum content_kind kind;
	struct bytes der; /* a copy; of a key nothing */
	struct cert *cert;
	struct request *request;
	struct key_file *key;
	enum reason reason; /* not REASON_OK: it could not be read, and why: */
	char error[CERT_ERROR_SIZE];
};

struct pki_input {
	const struct command_call *call;
	char passphrase[PASSPHRASE_SIZE];
	bool has_passphrase;
	struct pki_item items[PKI_INPUT_ITEM_MAX];
	size_t count;
};

struct pki_input *pki_input_new(const struct command_call *call);
void pki_input_free(struct pki_input *input);

/* Takes --passphrase-file where it is given; COMMAND_OK or the exit code, said already. */
int pki_input_passphrase(struct pki_input *input);

/* Reads a file into items; COMMAND_OK or the exit code of a file that can't be read, said
 * already.  Encrypted keys ask for their passphrase on the terminal where none was given. */
int pki_input_add(struct pki_input *input, const char *path);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Between `key` and those who need a signature or bring a new certificate.
 */
#ifndef PORTCULLIS_WIRE_EDGE_KEY_H
#define PORTCULLIS_WIRE_EDGE_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/wire/edge_message.h"

enum edge_key_type {
	EDGE_KEY_SIGN = 0x80, /* caller -> key, a call */
	EDGE_KEY_SIGNED,      /* its answer */
	EDGE_KEY_IDENTITY,    /* key -> link, web, forward, view|spool: what is shown now */
	EDGE_KEY_LOAD, /* view|spool -> key, with descriptors: read and match, keep staged */
	EDGE_KEY_LOADED,
	EDGE_KEY_INSTALL, /* view|spool -> key: what is staged becomes the new generation */
	EDGE_KEY_INSTALLED,
};

/* Which identity is meant. */
enum edge_key_use {
	EDGE_KEY_APPLIANCE,
	EDGE_KEY_WEB,
	EDGE_KEY_FORWARD,
	EDGE_KEY_USE_COUNT,
};

struct edge_key_sign {
	uint8_t use; /* enum edge_key_use: refused when the edge is not for it */
	uint32_t generation;
	uint16_t scheme; /* TLS SignatureScheme */
	struct bytes digest;
};

struct edge_key_signed {
	uint8_t status; /* enum status */
	struct bytes signature;
};

/* A certificate with its chain, leaf first; no certificates: none is installed. */
struct edge_key_identity {
	uint8_t use;
	uint32_t generation;
	uint8_t kind; /* enum signer_kind */
	struct edge_list chain;
};

/* Descriptors: certificate file, key file, and the chain file where there is one. */
struct edge_key_load {
	uint64_t id; /* chosen by the asker, repeated in the answer */
	uint8_t use;
	struct bytes passphrase;
};

struct edge_key_loaded {
	uint64_t id;
	uint8_t status; /* enum status */
	uint8_t reason; /* enum reason, where status is STATUS_INVALID */
	struct bytes detail;
	struct edge_list chain;
};

struct edge_key_install {
	uint64_t id; /* of the LOAD */
};

struct edge_key_installed {
	uint64_t id;
	uint8_t status;
	uint32_t generation;
};

extern const struct edge_field edge_key_sign_fields[];
extern const struct edge_field edge_key_signed_fields[];
extern const struct edge_field edge_key_identity_fields[];
extern const struct edge_field edge_key_load_fields[];
extern const struct edge_field edge_key_loaded_fields[];
extern const struct edge_field edge_key_install_fields[];
extern const struct edge_field edge_key_installed_fields[];

#endif

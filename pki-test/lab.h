/* SPDX-License-Identifier: Apache-2.0
 *
 * A laboratory: a directory of plain files.  This file owns its parameters, the index of
 * what was issued, where files lie, and the keys; it knows nothing of how certificates are
 * written.  One process at a time has a laboratory open.
 *
 *   settings             parameters, key=value
 *   index                one line for each certificate
 *   ca/NAME.crt .key     CAs
 *   certs/NAME.crt .key  the certificate alone, and its key
 *   certs/NAME.chain.pem the CAs to send with it; missing where there is none to send
 *   certs/NAME.pem       both together
 *   crl/NAME.crl         what the CAs publish
 *   trust/PURPOSE.pem    trust anchors
 *   NAME/                what a console or sensor of the laboratory is given
 */
#ifndef PORTCULLIS_PKI_TEST_LAB_H
#define PORTCULLIS_PKI_TEST_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/map.h"
#include "common/base/status.h"
#include "pki-test/key.h"

enum {
	LAB_NAME_MAX = 100,
	LAB_ENTRIES_MAX = 200000,
	LAB_FILE_MAX = 256 * 1024 * 1024,
};

/* What a new laboratory is made with; NULL takes the default. */
struct lab_params {
	const char *domain;
	const char *crl_url;
	const char *key;   /* kind of key of appliances and CAs */
	const char *seed;  /* serial numbers come from it */
	const char *cache; /* directory of keys; "": none */
};

/* A certificate.  Text is owned. */
struct lab_entry {
	char *name;
	size_t number; /* in the order of issuing, from 0 */
	bool ca;
	bool revoked;
	int64_t revoked_s;
	char *reason; /* of the revocation; "-" */
	char *recipe;
	char *issuer; /* name of a CA; its own where it is self-signed */
	char *key_kind;
	char *key_of;        /* the entry whose key it has; "-": its own */
	uint64_t crl_number; /* last published; 0: none */
	int64_t not_after_s;
	struct buf serial;  /* as encoded */
	struct buf subject; /* Name in DER */
	struct buf cn;      /* escaped, for people */
	struct key *key;    /* loaded on demand; NULL */
};

struct lab {
	char *path;
	int fd;        /* of the directory, locked */
	char *domain;  /* as in struct lab_params, owned */
	char *crl_url; /* ends with a slash */
	char *key_kind;
	char *seed;
	char *cache; /* "": none */
	struct lab_entry **entries;
	size_t count;
	struct map *by_name; /* borrows the entries */
	int64_t now_s;
	struct buf error; /* what went wrong, for people */
};

/* A new laboratory, and one that is there.  Both fill *ret_lab also on failure, so that the
 * error can be read; free it always. */
enum status lab_make(const char *path, const struct lab_params *params, int64_t now_s,
    struct lab **ret_lab) MUST_USE;
enum status lab_open(const char *path, int64_t now_s, struct lab **ret_lab) MUST_USE;

/* Writes settings and index. */
enum status lab_save(struct lab *lab) MUST_USE;
void lab_free(struct lab *lab);

/* Notes what went wrong (the first complaint stays) and returns status. */
enum status lab_fail(struct lab *lab, enum status status, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The entry of a name; NULL when there is none. */
struct lab_entry *lab_find(const struct lab *lab, const char *name);

/* True when text can be the name of an entry: letters, digits, - and _ and dots inside. */
bool lab_name_is_sound(const char *text);

/* A new entry, owned by the laboratory.  STATUS_EXISTS, STATUS_LIMIT, STATUS_INVALID. */
enum status lab_add(struct lab *lab, const char *name, bool ca,
    struct lab_entry **ret_entry) MUST_USE;

/* A key for a new entry: from the cache when there is one, else made; written to the
 * entry's file and kept in entry->key. */
enum status lab_make_key(struct lab *lab, struct lab_entry *entry, const char *kind) MUST_USE;

/* The same key as another entry. */
enum status lab_share_key(struct lab *lab, struct lab_entry *entry,
    const char *key_of) MUST_USE;

/* The private key of an entry. */
enum status lab_key(struct lab *lab, struct lab_entry *entry,
    const struct key **ret_key) MUST_USE;

/* Makes a folder of the laboratory; one that is there is fine. */
enum status lab_make_dir(struct lab *lab, const char *name) MUST_USE;

/* The folder of an entry's files: "ca" or "certs". */
const char *lab_folder(const struct lab_entry *entry);

/* Files of the laboratory, "folder/name" + suffix.  What is written replaces at once, so
 * that a server never reads half a file. */
enum status lab_write(struct lab *lab, const char *folder, const char *name, const char *suffix,
    struct bytes data) MUST_USE;
enum status lab_read(struct lab *lab, const char *folder, const char *name, const char *suffix,
    struct buf *out) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Configuration from INI files by a schema table.  A program states its sections and keys
 * once (config_schema.c of each program); from that table come parsing into a plain struct,
 * defaults, errors that say what is allowed, the commented sample file, the manual page and
 * the form in which the supervisor sends the configuration to roles, which may not open
 * files.  Loading is all or nothing; a loaded configuration never changes.
 */
#ifndef PORTCULLIS_CONFIG_CONFIG_H
#define PORTCULLIS_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/config/config_error.h"

struct config;

enum {
	CONFIG_FILE_MAX = 1 << 20,     /* bytes of one file */
	CONFIG_DROPINS_MAX = 64,       /* files in NAME.conf.d */
	CONFIG_LIST_MAX = 64,          /* values of one list */
	CONFIG_ENCODED_MAX = 512 << 10 /* of every configuration: less than a frame */
};

/* What a value is, and what stands for it in the struct. */
enum config_type {
	CONFIG_BOOL,     /* bool: on, yes, true, 1; off, no, false, 0 */
	CONFIG_U64,      /* uint64_t, min to max */
	CONFIG_SIZE,     /* uint64_t bytes, min to max: text_parse_size */
	CONFIG_DURATION, /* int64_t milliseconds, min to max: text_parse_duration */
	CONFIG_ENUM,     /* int: index of the word in choices */
	CONFIG_MODE,     /* struct config_mode: as enum, "word=DURATION" where so listed */
	CONFIG_TEXT,     /* const char *: any text of at most max bytes (0: 1024) */
	CONFIG_PATH,     /* const char *: absolute path; ${CREDENTIALS_DIRECTORY} is expanded */
	CONFIG_NAME,     /* const char *: domain name of an appliance, LDH, at most 64 bytes */
	CONFIG_HOST,     /* const char *: domain name or IP address */
	CONFIG_ADDRESS,  /* struct config_address: HOST:PORT, [IPv6]:PORT */
	CONFIG_LISTEN,   /* struct config_address: as address, but the host is an IP address */
	CONFIG_URL,      /* const char *: http://HOST[:PORT][/PATH] */
};

struct config_address {
	const char *host; /* without brackets; NULL: the word of none */
	uint16_t port;
};

struct config_mode {
	int choice;          /* index in choices */
	int64_t duration_ms; /* of a choice that ends in "="; otherwise 0 */
};

/* A key with CONFIG_LIST: count items of the type above. */
struct config_list {
	const void *items;
	size_t count;
};

enum {
	CONFIG_LIST = 1,       /* several values, by white space or by repeating the key */
	CONFIG_REQUIRED = 2,   /* no default: must be given */
	CONFIG_SECRET = 4,     /* never shown; a URL may hold a user and password */
	CONFIG_RELOADABLE = 8, /* a change takes effect with a reload, not a restart */
};

struct config_key {
	const char *name; /* CamelCase; files may write live-stale or livestale for LiveStale */
	enum config_type type;
	unsigned int flags;
	size_t offset;              /* in the struct of the section */
	const char *const *choices; /* enum, mode: words, NULL at the end */
	const char *none;           /* a word ("off", "auto") for: 0, NULL, no address */
	const char *fallback;       /* the default, as it would be written */
	const char *example;        /* for the sample where there is no default */
	uint64_t min, max;          /* max 0: no limit but the type's own */
	uint16_t port;              /* address, listen: where none is written; 0: it must be */
	const char *unit;           /* u64: "connections"; for the documentation */
	const char *doc;            /* what the operator reads: whole sentences */
};

/* Sections have a struct of their own each, so that two programs can share one. */
enum config_section_kind {
	CONFIG_SINGLE, /* [Log]: the struct itself is at offset */
	CONFIG_FIXED,  /* [Validation "appliance"]: an array at offset, one struct per title,
			* always there */
	CONFIG_NAMED,  /* [Console "name"]: a struct config_list at offset, in the order of
			* the files; each struct begins with const char *name (the title) */
};

struct config_section {
	const char *name;
	enum config_section_kind kind;
	const char *const *titles;     /* fixed: NULL at the end */
	const char *example_title;     /* named: for the sample */
	size_t offset;                 /* in the struct of the program */
	size_t size;                   /* of one struct */
	size_t max;                    /* named: how many */
	const struct config_key *keys; /* a row without a name ends them */
	const char *doc;
};

struct config_schema {
	const char *name; /* "console": names the file and the encoded form */
	size_t size;      /* of the struct of the program */
	const struct config_section *sections; /* a row without a name ends them */
	const char *doc;
	/* Rules over several keys; reports with config_refuse.  May be NULL. */
	void (*check)(const void *values, const struct config *config,
	    struct config_errors *errors);
};

/* Reads path, then path.d/ *.conf in the order of their names; later files override, lists
 * are appended to, "Key=" alone goes back to the default (an empty list).  A missing
 * directory is fine, a missing file is not.  CREDENTIALS_DIRECTORY is taken from the
 * environment.
 * STATUS_INVALID: reterr_errors says what is wrong, all of it (STATUS_IO and others: the file
 * could not be read; reterr_errors says which).  Errors are initialised here, and freed with
 * config_errors_done by the caller, on failure and success alike. */
enum status config_load(const struct config_schema *schema, const char *path,
    uint64_t generation, struct config **ret_config,
    struct config_errors *reterr_errors) MUST_USE;

/* The same from one text; name is what errors call it.  An empty text gives the defaults. */
enum status config_parse(const struct config_schema *schema, const char *name,
    struct bytes text, uint64_t generation, struct config **ret_config,
    struct config_errors *reterr_errors) MUST_USE;

void config_free(struct config *config);

/* The struct of the program, valid as long as the configuration. */
const void *config_values(const struct config *config);

uint64_t config_generation(const struct config *config);

/* For schema->check: an error at the place where a key was given (title NULL for a single
 * section; key NULL for the section as a whole). */
void config_refuse(const struct config *config, struct config_errors *errors,
    const char *section, const char *title, const char *key, const char *problem);

/* For an edge: bytes that config_decode of the same schema makes the same configuration of,
 * generation included.  STATUS_INVALID: of another schema or version, or damaged. */
void config_encode(const struct config *config, struct buf *out);
enum status config_decode(const struct config_schema *schema, struct bytes encoded,
    struct config **ret_config) MUST_USE;

/* One key that differs.  old_text or new_text is NULL where its section is not there; lists
 * are joined by spaces; secrets are "(secret)". */
struct config_change {
	const char *section;
	const char *title; /* NULL: a single section */
	const char *key;
	bool reloadable;
	const char *old_text;
	const char *new_text;
};

/* Calls visit for each key that differs, in the order of the schema; returns how many. */
size_t config_compare(const struct config *old_config, const struct config *new_config,
    void (*visit)(const struct config_change *change, void *arg), void *arg);

/* The commented sample file: every section and key with its documentation and default. */
void config_print_sample(const struct config_schema *schema, struct buf *out);

/* The sections and keys as scdoc(5), to stand under a page's own header. */
void config_print_scdoc(const struct config_schema *schema, struct buf *out);

#endif

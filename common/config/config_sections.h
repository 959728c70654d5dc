/* SPDX-License-Identifier: Apache-2.0
 *
 * The sections that the configuration of both programs has: what they are in memory and
 * their rows.  A program puts the structs into its own and the CONFIG_SECTION_* rows into
 * its schema.
 */
#ifndef PORTCULLIS_CONFIG_CONFIG_SECTIONS_H
#define PORTCULLIS_CONFIG_CONFIG_SECTIONS_H

#include "common/config/config.h"

/* [Log].  format and level have the order of enum log_format and enum log_level. */
struct config_log {
	int format;
	int level;
};

enum config_revocation {
	CONFIG_REVOCATION_STRICT,
	CONFIG_REVOCATION_GRACE, /* duration_ms: how long past nextUpdate */
	CONFIG_REVOCATION_OFF,
};

enum config_profile {
	CONFIG_PROFILE_APPLIANCE,
	CONFIG_PROFILE_RFC5280,
};

/* [Validation "appliance"] and so on: how the peers of one purpose are judged. */
struct config_validation {
	bool validation;
	struct config_mode revocation; /* enum config_revocation */
	int profile;                   /* enum config_profile */
	int64_t live_stale_ms;
	int64_t crl_max_age_ms; /* 0: any age before nextUpdate */
};

/* [Crl]: how revocation lists are fetched. */
struct config_crl {
	bool fetch;
	struct config_list urls;  /* of const char * */
	const char *proxy;        /* NULL: none */
	struct config_list allow; /* of const char *; empty: any host */
	bool allow_local;
	uint64_t max_size;
	int64_t connect_timeout_ms;
	int64_t timeout_ms;
	int64_t refresh_min_ms;
	int64_t refresh_max_ms;
	int64_t retry_min_ms;
	int64_t retry_max_ms;
	const char *drop_directory; /* NULL: none */
};

/* [Warn]: steps before something runs out, as durations, any order. */
struct config_warn {
	struct config_list certificates; /* of int64_t milliseconds */
	struct config_list crls;         /* of int64_t milliseconds */
};

/* [Web]: the page and the REST interface. */
struct config_web {
	struct config_address listen; /* host NULL: off (a socket unit still counts) */
	int64_t session_idle_ms;
	int64_t session_max_ms;
	uint64_t max_connections;
	uint64_t max_per_address;
};

/* The rows, for .keys of a section.  Those of [Web] are a program's own Listen and
 * config_web_keys.def. */
extern const struct config_key config_log_keys[];
extern const struct config_key config_validation_keys[];
extern const struct config_key config_crl_keys[];
extern const struct config_key config_warn_keys[];

/* Rules over several keys of [Crl] and [Web]; for the check of a program's schema. */
void config_crl_check(const struct config_crl *crl, const struct config *config,
    struct config_errors *errors);
void config_web_check(const struct config_web *web, const struct config *config,
    struct config_errors *errors);

#endif

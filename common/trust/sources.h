/* SPDX-License-Identifier: Apache-2.0
 *
 * Where CRLs are fetched from, and when: one source for each distribution point, with its
 * URLs in order.  A state machine without loop or network: it is told the time and the
 * answers, and says what to ask next.  One fetch a source at a time, whatever number of
 * sessions wait for it.
 */
#ifndef PORTCULLIS_TRUST_SOURCES_H
#define PORTCULLIS_TRUST_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/pki/reason.h"

enum {
	SOURCES_MAX = 1024,
	SOURCES_URLS_MAX = 4, /* of one distribution point */
	SOURCES_URL_LEN_MAX = 1024,
	SOURCES_DETAIL_SIZE = 320,
	SOURCES_VALIDATOR_MAX = 512,
};

/* Times in milliseconds. */
struct sources_policy {
	int64_t refresh_min_ms;
	int64_t refresh_max_ms;
	int64_t retry_min_ms;
	int64_t retry_max_ms;
};

struct source {
	char *urls[SOURCES_URLS_MAX];
	size_t url_count;
	size_t present; /* the URL that is asked now */
	bool fetching;
	int64_t due_ms;        /* monotonic: when it is asked next */
	unsigned int failures; /* in a row */
	enum reason reason;    /* of the last round: REASON_OK, or why nothing was had */
	char detail[SOURCES_DETAIL_SIZE];
	int64_t answered_us; /* wall clock of the last answer that was taken; 0: never */
	struct buf etag, last_modified;
	size_t validators_of; /* the URL that they are of */
};

struct sources;

struct sources *sources_new(void);
void sources_free(struct sources *sources);

/* The source with these URLs, made where it is new (due at once); NULL when there are too
 * many, or no URL that fits. */
struct source *sources_get(struct sources *sources, const struct bytes *urls, size_t count);

size_t sources_count(const struct sources *sources);
struct source *sources_at(struct sources *sources, size_t index);

/* The next source that is due and idle, or NULL; then *ret_next_ms is when one will be
 * (INT64_MAX: none). */
struct source *sources_next(struct sources *sources, int64_t now_ms, int64_t *ret_next_ms);

/* It is asked now. */
void source_begin(struct source *source);

/* The URL that was asked gave nothing usable.  True when another URL is to be tried at
 * once; false when the round is over, and the source waits (longer each time). */
bool source_failed(struct source *source, const struct sources_policy *policy,
    enum reason reason, struct bytes detail, int64_t now_ms);

/* A CRL was had, or the one that is held is still the newest: the round is over.  The next
 * is at half of the time that is left until nextUpdate, within the policy's bounds. */
void source_done(struct source *source, const struct sources_policy *policy,
    int64_t next_update_s, int64_t now_s, int64_t now_ms);

/* Did the last round fail, so recently that asking again is pointless for now? */
bool source_is_cold(const struct source *source, int64_t now_ms);

#endif

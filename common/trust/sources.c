/* SPDX-License-Identifier: Apache-2.0
 *
 * The timetable of fetching.
 */
#include "common/trust/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/random.h"

struct sources {
	struct source *items[SOURCES_MAX];
	size_t count;
};

struct sources *
sources_new(void)
{
	return NEW(struct sources);
}

static void
source_free(struct source *source)
{
	for (size_t i = 0; i < source->url_count; i++)
		free(source->urls[i]);
	buf_done(&source->etag);
	buf_done(&source->last_modified);
	free(source);
}

void
sources_free(struct sources *sources)
{
	if (sources == NULL)
		return;
	for (size_t i = 0; i < sources->count; i++)
		source_free(sources->items[i]);
	free(sources);
}

static bool
source_has(const struct source *source, const struct bytes *urls, size_t count)
{
	if (source->url_count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!bytes_equal_text(urls[i], source->urls[i]))
			return false;
	}
	return true;
}

struct source *
sources_get(struct sources *sources, const struct bytes *urls, size_t count)
{
	struct bytes fit[SOURCES_URLS_MAX];
	struct source *source;
	size_t fits = 0;

	for (size_t i = 0; i < count && fits < SOURCES_URLS_MAX; i++) {
		if (urls[i].len > 0 && urls[i].len <= SOURCES_URL_LEN_MAX &&
		    memchr(urls[i].data, '\0', urls[i].len) == NULL)
			fit[fits++] = urls[i];
	}
	for (size_t i = 0; i < sources->count; i++) {
		if (source_has(sources->items[i], fit, fits))
			return sources->items[i];
	}
	if (fits == 0 || sources->count == SOURCES_MAX)
		return NULL;
	source = NEW(struct source);
	for (size_t i = 0; i < fits; i++)
		source->urls[i] = alloc_text_copy(fit[i].data, fit[i].len);
	source->url_count = fits;
	buf_init(&source->etag, SOURCES_VALIDATOR_MAX);
	buf_init(&source->last_modified, SOURCES_VALIDATOR_MAX);
	sources->items[sources->count++] = source;
	return source;
}

size_t
sources_count(const struct sources *sources)
{
	return sources->count;
}

struct source *
sources_at(struct sources *sources, size_t index)
{
	return sources->items[index];
}

struct source *
sources_next(struct sources *sources, int64_t now_ms, int64_t *ret_next_ms)
{
	*ret_next_ms = INT64_MAX;
	for (size_t i = 0; i < sources->count; i++) {
		struct source *source = sources->items[i];

		if (source->fetching)
			continue;
		if (source->due_ms <= now_ms)
			return source;
		if (source->due_ms < *ret_next_ms)
			*ret_next_ms = source->due_ms;
	}
	return NULL;
}

void
source_begin(struct source *source)
{
	source->fetching = true;
}

/* A time with a tenth of it taken off or put on by chance. */
static int64_t
source_jitter(int64_t ms)
{
	int64_t tenth = ms / 10;

	return ms - tenth + (int64_t)random_below((uint64_t)(2 * tenth + 1));
}

bool
source_failed(struct source *source, const struct sources_policy *policy, enum reason reason,
    struct bytes detail, int64_t now_ms)
{
	int64_t wait_ms = policy->retry_min_ms;

	source->fetching = false;
	source->reason = reason;
	snprintf(source->detail, sizeof(source->detail), "%.*s", (int)detail.len,
	    (const char *)detail.data);
	if (++source->present < source->url_count)
		return true;
	source->present = 0;
	for (unsigned int i = 0; i < source->failures && wait_ms < policy->retry_max_ms; i++)
		wait_ms *= 2;
	if (wait_ms > policy->retry_max_ms)
		wait_ms = policy->retry_max_ms;
	source->failures++;
	source->due_ms = now_ms + source_jitter(wait_ms);
	return false;
}

void
source_done(struct source *source, const struct sources_policy *policy, int64_t next_update_s,
    int64_t now_s, int64_t now_ms)
{
	int64_t wait_ms = (next_update_s - now_s) * 1000 / 2;

	if (wait_ms > policy->refresh_max_ms)
		wait_ms = policy->refresh_max_ms;
	if (wait_ms < policy->refresh_min_ms)
		wait_ms = policy->refresh_min_ms;
	source->fetching = false;
	source->present = 0;
	source->failures = 0;
	source->reason = REASON_OK;
	source->detail[0] = '\0';
	source->due_ms = now_ms + source_jitter(wait_ms);
}

bool
source_is_cold(const struct source *source, int64_t now_ms)
{
	return !source->fetching && source->failures > 0 && source->due_ms > now_ms;
}

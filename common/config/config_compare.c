/* SPDX-License-Identifier: Apache-2.0
 *
 * The difference of two configurations, by their texts: what a reload says in the log.
 */
#include "common/config/config_object.h"

/* A key's texts as one, or its default; NULL where its section is not there. */
static const char *
compare_text(const struct config_instance *instance, const struct config_key *key,
    struct buf *buf)
{
	const struct config_entry *entry;

	if (instance == NULL)
		return NULL;
	buf_clear(buf);
	entry = config_entry(instance, key);
	for (size_t i = 0; i < entry->count; i++)
		buf_printf(buf, "%s%s", i == 0 ? "" : " ", entry->texts[i].text);
	if (entry->count == 0 && key->fallback != NULL)
		buf_put_text(buf, key->fallback);
	return buf_text(buf);
}

struct comparison {
	const struct config *old_config;
	const struct config *new_config;
	struct buf old_text;
	struct buf new_text;
	void (*visit)(const struct config_change *change, void *arg);
	void *arg;
	size_t changes;
};

static void
compare_key(struct comparison *comparison, const struct config_instance *old_instance,
    const struct config_instance *new_instance, const struct config_key *key)
{
	const struct config_instance *any = old_instance != NULL ? old_instance : new_instance;
	const char *old_text = compare_text(old_instance, key, &comparison->old_text);
	const char *new_text = compare_text(new_instance, key, &comparison->new_text);
	bool secret = (key->flags & CONFIG_SECRET) != 0;

	if (old_text != NULL && new_text != NULL && strcmp(old_text, new_text) == 0)
		return;
	comparison->changes++;
	comparison->visit(
	    &(struct config_change){
		.section = any->section->name,
		.title = any->title,
		.key = key->name,
		.reloadable = (key->flags & CONFIG_RELOADABLE) != 0,
		.old_text = old_text != NULL && secret ? "(secret)" : old_text,
		.new_text = new_text != NULL && secret ? "(secret)" : new_text,
	    },
	    comparison->arg);
}

/* The section of the other configuration that is this one. */
static const struct config_instance *
compare_twin(const struct config *other, const struct config_instance *instance)
{
	return config_find_instance(other, instance->section,
	    bytes_of_text(instance->title != NULL ? instance->title : ""));
}

/* All that is in the first, then what is only in the second, of one section. */
static void
compare_section(struct comparison *comparison, const struct config_section *section)
{
	for (size_t i = 0; i < comparison->old_config->instance_count; i++) {
		const struct config_instance *at = &comparison->old_config->instances[i];

		if (at->section != section)
			continue;
		for (const struct config_key *key = section->keys; key->name != NULL; key++)
			compare_key(comparison, at, compare_twin(comparison->new_config, at),
			    key);
	}
	for (size_t i = 0; i < comparison->new_config->instance_count; i++) {
		const struct config_instance *at = &comparison->new_config->instances[i];

		if (at->section != section || compare_twin(comparison->old_config, at) != NULL)
			continue;
		for (const struct config_key *key = section->keys; key->name != NULL; key++)
			compare_key(comparison, NULL, at, key);
	}
}

size_t
config_compare(const struct config *old_config, const struct config *new_config,
    void (*visit)(const struct config_change *change, void *arg), void *arg)
{
	struct comparison comparison = {.old_config = old_config,
	    .new_config = new_config,
	    .visit = visit,
	    .arg = arg};

	buf_init(&comparison.old_text, CONFIG_FILE_MAX);
	buf_init(&comparison.new_text, CONFIG_FILE_MAX);
	for (const struct config_section *at = old_config->schema->sections; at->name != NULL;
	     at++)
		compare_section(&comparison, at);
	buf_done(&comparison.old_text);
	buf_done(&comparison.new_text);
	return comparison.changes;
}

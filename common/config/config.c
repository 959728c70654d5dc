/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration object: sections that are there, texts they were given, and the one way
 * from texts to the struct of the program.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/text.h"
#include "common/config/config_object.h"
#include "common/config/config_value.h"

void *
config_alloc(struct config *config, size_t count, size_t size)
{
	void *block = alloc_zeroed(count, size);

	/* grows at powers of two */
	if ((config->block_count & (config->block_count + 1)) == 0)
		config->blocks = alloc_resize(config->blocks, 2 * config->block_count + 1,
		    sizeof(config->blocks[0]));
	config->blocks[config->block_count++] = block;
	return block;
}

char *
config_alloc_text(struct config *config, struct bytes text)
{
	char *copy = config_alloc(config, text.len + 1, 1);

	if (text.len > 0)
		memcpy(copy, text.data, text.len);
	return copy;
}

bool
config_same_word(struct bytes a, const char *b)
{
	size_t i = 0;

	for (;; i++, b++) {
		while (i < a.len && a.data[i] == '-')
			i++;
		while (*b == '-')
			b++;
		if (i >= a.len || *b == '\0')
			return i >= a.len && *b == '\0';
		if (text_lower((char)a.data[i]) != text_lower(*b))
			return false;
	}
}

size_t
config_key_count(const struct config_section *section)
{
	size_t count = 0;

	while (section->keys[count].name != NULL)
		count++;
	return count;
}

const struct config_section *
config_find_section(const struct config_schema *schema, struct bytes name)
{
	for (const struct config_section *at = schema->sections; at->name != NULL; at++) {
		if (config_same_word(name, at->name))
			return at;
	}
	return NULL;
}

const struct config_key *
config_find_key(const struct config_section *section, struct bytes name)
{
	for (const struct config_key *at = section->keys; at->name != NULL; at++) {
		if (config_same_word(name, at->name))
			return at;
	}
	return NULL;
}

struct config_instance *
config_find_instance(const struct config *config, const struct config_section *section,
    struct bytes title)
{
	for (size_t i = 0; i < config->instance_count; i++) {
		struct config_instance *at = &config->instances[i];

		if (at->section == section &&
		    (at->title == NULL || text_equal_nocase(title, bytes_of_text(at->title))))
			return at;
	}
	return NULL;
}

struct config_instance *
config_add_instance(struct config *config, const struct config_section *section,
    struct bytes title, struct config_place place)
{
	struct config_instance *instance;

	config->instances = alloc_resize(config->instances, config->instance_count + 1,
	    sizeof(config->instances[0]));
	instance = &config->instances[config->instance_count++];
	*instance = (struct config_instance){
	    .section = section,
	    .title = section->kind != CONFIG_SINGLE ? config_alloc_text(config, title) : NULL,
	    .place = place,
	    .entries =
		config_alloc(config, config_key_count(section), sizeof(struct config_entry)),
	};
	return instance;
}

size_t
config_count_instances(const struct config *config, const struct config_section *section)
{
	size_t count = 0;

	for (size_t i = 0; i < config->instance_count; i++)
		count += config->instances[i].section == section;
	return count;
}

struct config_entry *
config_entry(const struct config_instance *instance, const struct config_key *key)
{
	return &instance->entries[key - instance->section->keys];
}

void
config_entry_add(struct config *config, struct config_entry *entry, const char *text,
    struct config_place place)
{
	struct config_text *texts =
	    config_alloc(config, entry->count + 1, sizeof(struct config_text));

	if (entry->count > 0)
		memcpy(texts, entry->texts, entry->count * sizeof(texts[0]));
	texts[entry->count] = (struct config_text){.text = text, .place = place};
	entry->texts = texts;
	entry->count++;
}

struct config *
config_new(const struct config_schema *schema, uint64_t generation)
{
	struct config *config = NEW(struct config);

	config->schema = schema;
	config->generation = generation;
	config->values = config_alloc(config, 1, schema->size);
	for (const struct config_section *at = schema->sections; at->name != NULL; at++) {
		if (at->kind == CONFIG_SINGLE)
			config_add_instance(config, at, bytes_of(NULL, 0),
			    (struct config_place){0});
		for (size_t i = 0; at->kind == CONFIG_FIXED && at->titles[i] != NULL; i++)
			config_add_instance(config, at, bytes_of_text(at->titles[i]),
			    (struct config_place){0});
	}
	return config;
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; i < config->block_count; i++)
		free(config->blocks[i]);
	free(config->blocks);
	free(config->instances);
	free(config);
}

const void *
config_values(const struct config *config)
{
	return config->values;
}

uint64_t
config_generation(const struct config *config)
{
	return config->generation;
}

/* Reads one text into its slot, or says what is wrong with it. */
static void
config_make_value(struct config *config, const struct config_instance *instance,
    const struct config_key *key, const struct config_text *text, void *slot,
    struct config_errors *errors)
{
	struct buf allowed;

	if (config_value_parse(config, key, text->text, slot))
		return;
	buf_init(&allowed, 4096);
	config_value_allowed(key, &allowed);
	config_errors_add(errors,
	    &(struct config_report){
		.place = text->place,
		.section = instance->section->name,
		.title = instance->title,
		.key = key->name,
		.found = (key->flags & CONFIG_SECRET) != 0 ? bytes_of_text("(secret)")
							   : bytes_of_text(text->text),
		.problem = "is not allowed",
		.allowed = buf_text(&allowed),
		.hint = config_value_hint(key, text->text),
	    });
	buf_done(&allowed);
}

static void
config_make_list(struct config *config, const struct config_instance *instance,
    const struct config_key *key, const struct config_entry *entry, void *slot,
    struct config_errors *errors)
{
	size_t size = config_value_size(key->type);
	uint8_t *items = config_alloc(config, entry->count, size);

	for (size_t i = 0; i < entry->count; i++)
		config_make_value(config, instance, key, &entry->texts[i], items + i * size,
		    errors);
	*(struct config_list *)slot =
	    (struct config_list){.items = items, .count = entry->count};
}

void
config_entry_split(struct config *config, struct config_entry *entry, const char *words,
    struct config_place place)
{
	while (*words != '\0' && entry->count <= CONFIG_LIST_MAX) {
		size_t len = strcspn(words, " \t");

		if (len > 0)
			config_entry_add(config, entry,
			    config_alloc_text(config, bytes_of(words, len)), place);
		words += len;
		place.column += (uint32_t)len;
		len = strspn(words, " \t");
		words += len;
		place.column += (uint32_t)len;
	}
}

static void
config_make_key(struct config *config, const struct config_instance *instance,
    const struct config_key *key, uint8_t *section_struct, struct config_errors *errors)
{
	struct config_entry *entry = config_entry(instance, key), standard = {0};
	void *slot = section_struct + key->offset;

	if (entry->count == 0 && key->fallback != NULL) {
		if ((key->flags & CONFIG_LIST) != 0)
			config_entry_split(config, &standard, key->fallback,
			    (struct config_place){0});
		else
			config_entry_add(config, &standard, key->fallback,
			    (struct config_place){0});
		entry = &standard;
	}
	if ((key->flags & CONFIG_LIST) != 0) {
		config_make_list(config, instance, key, entry, slot, errors);
	} else if (entry->count > 0) {
		config_make_value(config, instance, key, &entry->texts[entry->count - 1], slot,
		    errors);
	} else {
		assert((key->flags & CONFIG_REQUIRED) != 0);
		config_refuse(config, errors, instance->section->name, instance->title,
		    key->name, "is missing");
	}
}

/* Where the struct of the next instance of a section is; makes the array of a named one. */
static uint8_t *
config_section_struct(struct config *config, const struct config_section *section)
{
	uint8_t *at = (uint8_t *)config->values + section->offset;
	struct config_list *list;

	if (section->kind != CONFIG_NAMED)
		return at;
	list = (struct config_list *)(void *)at;
	list->count = config_count_instances(config, section);
	at = config_alloc(config, list->count, section->size);
	list->items = at;
	return at;
}

static void
config_make_section(struct config *config, const struct config_section *section,
    struct config_errors *errors)
{
	uint8_t *at = config_section_struct(config, section);

	for (size_t i = 0; i < config->instance_count; i++) {
		const struct config_instance *instance = &config->instances[i];

		if (instance->section != section)
			continue;
		if (section->kind == CONFIG_NAMED)
			*(const char **)(void *)at = instance->title;
		for (const struct config_key *key = section->keys; key->name != NULL; key++)
			config_make_key(config, instance, key, at, errors);
		at += section->size;
	}
}

bool
config_finish(struct config *config, struct config_errors *errors)
{
	const struct config_schema *schema = config->schema;

	for (const struct config_section *at = schema->sections; at->name != NULL; at++)
		config_make_section(config, at, errors);
	/* the rules may look at every value, so there must be values */
	if (errors->count == 0 && schema->check != NULL)
		schema->check(config->values, config, errors);
	return errors->count == 0;
}

void
config_refuse(const struct config *config, struct config_errors *errors, const char *section,
    const char *title, const char *key, const char *problem)
{
	const struct config_section *row =
	    config_find_section(config->schema, bytes_of_text(section));
	const struct config_key *key_row = NULL;
	const struct config_instance *instance;
	struct config_report report = {.section = section,
	    .title = title,
	    .key = key,
	    .problem = problem};
	const struct config_entry *entry;

	assert(row != NULL);
	instance = config_find_instance(config, row, bytes_of_text(title != NULL ? title : ""));
	assert(instance != NULL);
	report.place = instance->place;
	if (report.place.file == NULL)
		report.place.file = config->file;
	if (key != NULL)
		key_row = config_find_key(row, bytes_of_text(key));
	if (key_row != NULL) {
		entry = config_entry(instance, key_row);
		if (entry->count > 0 && entry->texts[entry->count - 1].place.file != NULL)
			report.place = entry->texts[entry->count - 1].place;
	}
	config_errors_add(errors, &report);
}

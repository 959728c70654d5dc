/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside common/config: a configuration while it is made (texts, each with its place) and
 * after (the struct of the program).  The loader and the decoder fill it with texts, then
 * config_finish makes values of them: there is one way from text to value.
 */
#ifndef PORTCULLIS_CONFIG_CONFIG_OBJECT_H
#define PORTCULLIS_CONFIG_CONFIG_OBJECT_H

#include "common/config/config.h"

struct config_place {
	const char *file; /* NULL: none (a default, or decoded) */
	uint32_t line;
	uint32_t column;
};

struct config_text {
	const char *text;
	struct config_place place;
};

/* The texts a key was given; none: the default. */
struct config_entry {
	struct config_text *texts;
	size_t count;
	uint32_t file_number; /* of the last text: a key is given once in a file */
};

/* One section that is there. */
struct config_instance {
	const struct config_section *section;
	const char *title; /* NULL: a single section */
	struct config_place place;
	struct config_entry *entries; /* in the order of section->keys */
};

struct config {
	const struct config_schema *schema;
	uint64_t generation;
	const char *file; /* the main one; NULL: decoded */
	void *values;
	struct config_instance *instances;
	size_t instance_count;
	void **blocks; /* everything that lives as long as the configuration */
	size_t block_count;
};

/* Single and fixed sections are there from the start. */
struct config *config_new(const struct config_schema *schema, uint64_t generation);

/* Memory that lives as long as the configuration. */
void *config_alloc(struct config *config, size_t count, size_t size);
char *config_alloc_text(struct config *config, struct bytes text);

/* Spellings that mean the same: case and hyphens do not count. */
bool config_same_word(struct bytes a, const char *b);

size_t config_key_count(const struct config_section *section);
const struct config_section *config_find_section(const struct config_schema *schema,
    struct bytes name);
const struct config_key *config_find_key(const struct config_section *section,
    struct bytes name);

/* Titles are domain names and compared like them; NULL where there is none. */
struct config_instance *config_find_instance(const struct config *config,
    const struct config_section *section, struct bytes title);

/* Makes a named section.  The place's file must live as long as the configuration. */
struct config_instance *config_add_instance(struct config *config,
    const struct config_section *section, struct bytes title, struct config_place place);

/* How many of a named section there are. */
size_t config_count_instances(const struct config *config,
    const struct config_section *section);

struct config_entry *config_entry(const struct config_instance *instance,
    const struct config_key *key);

/* Appends a text, which must live as long as the configuration. */
void config_entry_add(struct config *config, struct config_entry *entry, const char *text,
    struct config_place place);

/* Appends each word of a list, at most one more than there may be. */
void config_entry_split(struct config *config, struct config_entry *entry, const char *words,
    struct config_place place);

/* Makes the values; false where errors were added. */
bool config_finish(struct config *config, struct config_errors *errors);

/* What config_errors_add copies.  Strings from outside are escaped there. */
struct config_report {
	struct config_place place;
	const char *section;
	const char *title;
	const char *key;
	struct bytes found; /* data NULL: nothing to show */
	const char *problem;
	const char *allowed;
	const char *hint;
};

void config_errors_add(struct config_errors *errors, const struct config_report *report);

/* In the order of files, lines and columns. */
void config_errors_sort(struct config_errors *errors);

/* The nearest of the candidates tried, if one is near. */
struct config_guess {
	struct bytes word;
	const char *best;
	size_t distance;
};

void config_guess_try(struct config_guess *guess, const char *candidate);

#endif

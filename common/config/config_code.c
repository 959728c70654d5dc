/* SPDX-License-Identifier: Apache-2.0
 *
 * A configuration as bytes for an edge.  What travels are the texts that were given, by
 * name; the values are made anew on the other side.
 *
 *   u32 magic, text schema, u64 generation, u32 sections,
 *   { text section, u8 titled, text title, u32 keys, { text key, u32 texts, { text } } }
 *   text = u32 length, bytes
 */
#include "common/base/cursor.h"
#include "common/config/config_object.h"

enum {
	CONFIG_MAGIC = 0x31474350 /* "PCG1" */
};

static void
code_put_text(struct buf *out, const char *text)
{
	buf_put_u32le(out, (uint32_t)strlen(text));
	buf_put_text(out, text);
}

static void
code_put_instance(struct buf *out, const struct config_instance *instance)
{
	uint32_t given = 0;

	code_put_text(out, instance->section->name);
	buf_put_u8(out, instance->title != NULL);
	code_put_text(out, instance->title != NULL ? instance->title : "");
	for (const struct config_key *key = instance->section->keys; key->name != NULL; key++)
		given += config_entry(instance, key)->count > 0;
	buf_put_u32le(out, given);
	for (const struct config_key *key = instance->section->keys; key->name != NULL; key++) {
		const struct config_entry *entry = config_entry(instance, key);

		if (entry->count == 0)
			continue;
		code_put_text(out, key->name);
		buf_put_u32le(out, (uint32_t)entry->count);
		for (size_t i = 0; i < entry->count; i++)
			code_put_text(out, entry->texts[i].text);
	}
}

void
config_encode(const struct config *config, struct buf *out)
{
	buf_put_u32le(out, CONFIG_MAGIC);
	code_put_text(out, config->schema->name);
	buf_put_u64le(out, config->generation);
	buf_put_u32le(out, (uint32_t)config->instance_count);
	for (size_t i = 0; i < config->instance_count; i++)
		code_put_instance(out, &config->instances[i]);
}

static struct bytes
code_text(struct cursor *cursor)
{
	return cursor_bytes(cursor, cursor_u32le(cursor));
}

static bool
code_read_key(struct config *config, const struct config_instance *instance,
    struct cursor *cursor)
{
	const struct config_key *key = config_find_key(instance->section, code_text(cursor));
	uint32_t count = cursor_u32le(cursor);
	struct config_entry *entry;

	if (key == NULL || count == 0 || count > CONFIG_LIST_MAX ||
	    (count > 1 && (key->flags & CONFIG_LIST) == 0))
		return false;
	entry = config_entry(instance, key);
	if (entry->count > 0)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		struct bytes text = code_text(cursor);

		if (text.len == 0 || memchr(text.data, '\0', text.len) != NULL)
			return false;
		config_entry_add(config, entry, config_alloc_text(config, text),
		    (struct config_place){0});
	}
	return true;
}

static struct config_instance *
code_read_section(struct config *config, struct cursor *cursor)
{
	const struct config_section *section =
	    config_find_section(config->schema, code_text(cursor));
	bool titled = cursor_u8(cursor) != 0;
	struct bytes title = code_text(cursor);
	struct config_instance *instance;

	if (section == NULL || titled != (section->kind != CONFIG_SINGLE))
		return NULL;
	instance = config_find_instance(config, section, title);
	if (instance != NULL || section->kind == CONFIG_FIXED)
		return instance;
	if (title.len == 0 || memchr(title.data, '\0', title.len) != NULL ||
	    config_count_instances(config, section) >= section->max)
		return NULL;
	return config_add_instance(config, section, title, (struct config_place){0});
}

static bool
code_read(struct config *config, struct cursor *cursor)
{
	uint32_t sections;

	if (cursor_u32le(cursor) != CONFIG_MAGIC ||
	    !bytes_equal_text(code_text(cursor), config->schema->name))
		return false;
	config->generation = cursor_u64le(cursor);
	sections = cursor_u32le(cursor);
	for (uint32_t i = 0; i < sections && cursor_ok(cursor); i++) {
		struct config_instance *instance = code_read_section(config, cursor);
		uint32_t keys = cursor_u32le(cursor);

		if (instance == NULL)
			return false;
		for (uint32_t k = 0; k < keys; k++) {
			if (!code_read_key(config, instance, cursor))
				return false;
		}
	}
	return cursor_finished(cursor);
}

enum status
config_decode(const struct config_schema *schema, struct bytes encoded,
    struct config **ret_config)
{
	struct config *config = config_new(schema, 0);
	struct cursor cursor = cursor_of(encoded);
	struct config_errors errors;
	bool good;

	config_errors_init(&errors);
	good = code_read(config, &cursor) && config_finish(config, &errors);
	config_errors_done(&errors);
	if (!good) {
		config_free(config);
		return STATUS_INVALID;
	}
	*ret_config = config;
	return STATUS_OK;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * From files to texts: the main file, its drop-ins, sections and keys found in the schema.
 * Whether a text is a good value is not decided here (config_finish).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "common/base/fileio.h"
#include "common/base/text.h"
#include "common/config/config_object.h"
#include "common/config/config_value.h"
#include "common/config/ini.h"

struct loader {
	struct config *config;
	struct config_errors *errors;
	const char *file; /* lives as long as the configuration */
	uint32_t file_number;
	bool any_section;
	struct config_instance *instance; /* NULL: the section was refused, skip its keys */
};

static struct config_place
loader_place(const struct loader *loader, uint32_t line, uint32_t column)
{
	return (struct config_place){.file = loader->file, .line = line, .column = column};
}

/* An error about the file itself. */
static void
loader_refuse_file(struct loader *loader, const char *problem)
{
	config_errors_add(loader->errors,
	    &(struct config_report){.place = loader_place(loader, 0, 0), .problem = problem});
}

/* An error about an item in the present section; advice may be NULL. */
static void
loader_refuse(struct loader *loader, const struct ini_item *item, struct bytes found,
    const char *problem, const char *allowed, const char *hint)
{
	const struct config_instance *at = item->kind == INI_KEY ? loader->instance : NULL;
	bool in_value = found.data == item->value.data;
	const struct config_key *key =
	    at != NULL && in_value ? config_find_key(at->section, item->name) : NULL;

	config_errors_add(loader->errors, &(struct config_report){
					      .place = loader_place(loader, item->line,
						  in_value ? item->value_column : item->column),
					      .section = at != NULL ? at->section->name : NULL,
					      .title = at != NULL ? at->title : NULL,
					      .key = key != NULL ? key->name : NULL,
					      .found = found,
					      .problem = problem,
					      .allowed = allowed,
					      .hint = hint,
					  });
}

static void
put_guess(struct buf *hint, const struct config_guess *guess)
{
	if (guess->best != NULL)
		buf_printf(hint, "did you mean \"%s\"?", guess->best);
}

static void
loader_refuse_section(struct loader *loader, const struct ini_item *item)
{
	const struct config_section *sections = loader->config->schema->sections;
	struct config_guess guess = {.word = item->name};
	struct buf hint, allowed;

	buf_init(&hint, 1024);
	buf_init(&allowed, 4096);
	for (const struct config_section *at = sections; at->name != NULL; at++) {
		config_guess_try(&guess, at->name);
		buf_printf(&allowed, "%s[%s%s]", at == sections ? "" : ", ", at->name,
		    at->kind == CONFIG_SINGLE ? "" : " \"...\"");
	}
	put_guess(&hint, &guess);
	loader_refuse(loader, item, item->name, "is not a section", buf_text(&allowed),
	    hint.len > 0 ? buf_text(&hint) : NULL);
	buf_done(&hint);
	buf_done(&allowed);
}

/* The title of a fixed section that is none of its titles. */
static void
loader_refuse_title(struct loader *loader, const struct ini_item *item,
    const struct config_section *section)
{
	struct config_guess guess = {.word = item->value};
	struct buf hint, allowed;

	buf_init(&hint, 1024);
	buf_init(&allowed, 1024);
	for (size_t i = 0; section->titles[i] != NULL; i++) {
		config_guess_try(&guess, section->titles[i]);
		buf_printf(&allowed, "%s[%s \"%s\"]", i == 0 ? "" : ", ", section->name,
		    section->titles[i]);
	}
	put_guess(&hint, &guess);
	loader_refuse(loader, item, item->titled ? item->value : item->name,
	    item->titled ? "is not a title of this section" : "is a section with a title",
	    buf_text(&allowed), hint.len > 0 ? buf_text(&hint) : NULL);
	buf_done(&hint);
	buf_done(&allowed);
}

static struct config_instance *
loader_named_section(struct loader *loader, const struct ini_item *item,
    const struct config_section *section)
{
	struct config *config = loader->config;
	char *title = config_alloc_text(config, item->value);

	if (!item->titled) {
		loader_refuse(loader, item, item->name, "is a section with a title",
		    "[NAME \"TITLE\"]", NULL);
		return NULL;
	}
	if (!config_is_name(title, 64)) {
		loader_refuse(loader, item, item->value, "is not a title",
		    "letters, digits, hyphens and dots, at most 64, as in a domain name", NULL);
		return NULL;
	}
	if (config_count_instances(config, section) == section->max) {
		loader_refuse(loader, item, item->value, "is one section too many", NULL, NULL);
		return NULL;
	}
	return config_add_instance(config, section, item->value,
	    loader_place(loader, item->line, item->column));
}

/* The section a line opens; NULL where it was refused. */
static struct config_instance *
loader_open_section(struct loader *loader, const struct ini_item *item)
{
	const struct config_section *section =
	    config_find_section(loader->config->schema, item->name);
	struct config_instance *instance;

	if (section == NULL) {
		loader_refuse_section(loader, item);
		return NULL;
	}
	if (section->kind == CONFIG_SINGLE && item->titled) {
		loader_refuse(loader, item, item->value,
		    "is a title, and this section has none", NULL, NULL);
		return NULL;
	}
	instance = config_find_instance(loader->config, section, item->value);
	if (instance == NULL && section->kind == CONFIG_FIXED)
		loader_refuse_title(loader, item, section);
	else if (instance == NULL)
		instance = loader_named_section(loader, item, section);
	return instance;
}

static void
loader_refuse_key(struct loader *loader, const struct ini_item *item)
{
	const struct config_section *own = loader->instance->section;
	struct config_guess guess = {.word = item->name};
	struct buf hint;

	buf_init(&hint, 1024);
	for (const struct config_key *key = own->keys; key->name != NULL; key++)
		config_guess_try(&guess, key->name);
	if (guess.best != NULL) {
		put_guess(&hint, &guess);
	} else {
		const struct config_section *at = loader->config->schema->sections;

		for (; at->name != NULL && hint.len == 0; at++) {
			if (config_find_key(at, item->name) != NULL)
				buf_printf(&hint, "it belongs into [%s]", at->name);
		}
	}
	loader_refuse(loader, item, item->name, "is not a key of this section", NULL,
	    hint.len > 0 ? buf_text(&hint) : NULL);
	buf_done(&hint);
}

/* The text with ${CREDENTIALS_DIRECTORY} replaced; NULL where that can't be done. */
static const char *
loader_expand(struct loader *loader, const struct ini_item *item, const char *text)
{
	static const char variable[] = "${CREDENTIALS_DIRECTORY}";
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	const char *expanded;
	struct buf buf;

	if (strstr(text, "${") == NULL)
		return text;
	if (strncmp(text, variable, sizeof(variable) - 1) != 0 ||
	    strstr(text + 2, "${") != NULL) {
		loader_refuse(loader, item, item->value, "uses a variable", variable,
		    "it stands at the start of the path");
		return NULL;
	}
	if (directory == NULL) {
		loader_refuse(loader, item, item->value, "can't be resolved", NULL,
		    "CREDENTIALS_DIRECTORY is set where systemd starts the service with "
		    "LoadCredential=");
		return NULL;
	}
	buf_init(&buf, 2 * CONFIG_FILE_MAX);
	buf_printf(&buf, "%s%s", directory, text + sizeof(variable) - 1);
	expanded = config_alloc_text(loader->config, buf_bytes(&buf));
	buf_done(&buf);
	return expanded;
}

static void
loader_add_list(struct loader *loader, const struct ini_item *item, struct config_entry *entry,
    const char *text)
{
	struct config_entry longer = *entry;

	config_entry_split(loader->config, &longer, text,
	    loader_place(loader, item->line, item->value_column));
	if (longer.count > CONFIG_LIST_MAX) {
		loader_refuse(loader, item, item->name, "has more than 64 values", NULL, NULL);
		return;
	}
	*entry = longer;
}

static void
loader_refuse_twice(struct loader *loader, const struct ini_item *item,
    const struct config_entry *entry)
{
	struct buf hint;

	buf_init(&hint, 100);
	buf_printf(&hint, "first given on line %u", entry->texts[entry->count - 1].place.line);
	loader_refuse(loader, item, item->name, "is given twice", NULL, buf_text(&hint));
	buf_done(&hint);
}

static void
loader_read_key(struct loader *loader, const struct ini_item *item)
{
	const struct config_key *key = config_find_key(loader->instance->section, item->name);
	struct config_entry *entry;
	const char *text;

	if (key == NULL) {
		loader_refuse_key(loader, item);
		return;
	}
	entry = config_entry(loader->instance, key);
	if (item->value.len == 0) {
		entry->count = 0;
		return;
	}
	if (entry->count > 0 && entry->file_number == loader->file_number &&
	    (key->flags & CONFIG_LIST) == 0) {
		loader_refuse_twice(loader, item, entry);
		return;
	}
	text = config_alloc_text(loader->config, item->value);
	if (key->type == CONFIG_PATH)
		text = loader_expand(loader, item, text);
	if (text == NULL)
		return;
	entry->file_number = loader->file_number;
	if ((key->flags & CONFIG_LIST) != 0) {
		loader_add_list(loader, item, entry, text);
	} else {
		entry->count = 0;
		config_entry_add(loader->config, entry, text,
		    loader_place(loader, item->line, item->value_column));
	}
}

static void
loader_read_item(struct loader *loader, const struct ini_item *item)
{
	if (item->kind == INI_SECTION) {
		loader->any_section = true;
		loader->instance = loader_open_section(loader, item);
	} else if (loader->instance != NULL) {
		loader_read_key(loader, item);
	} else if (!loader->any_section) {
		loader_refuse(loader, item, item->name, "stands before the first section", NULL,
		    NULL);
	}
}

static void
loader_read_text(struct loader *loader, const char *name, struct bytes text)
{
	struct ini ini;
	struct ini_item item;
	struct ini_error error;
	enum status status;

	loader->file = config_alloc_text(loader->config, bytes_of_text(name));
	if (loader->config->file == NULL)
		loader->config->file = loader->file;
	loader->file_number++;
	loader->any_section = false;
	loader->instance = NULL;
	ini_start(&ini, text);
	while ((status = ini_next(&ini, &item, &error)) != STATUS_END) {
		if (status == STATUS_OK)
			loader_read_item(loader, &item);
		else
			config_errors_add(loader->errors,
			    &(struct config_report){
				.place = loader_place(loader, error.line, error.column),
				.found = error.found,
				.problem = error.problem,
			    });
	}
}

static enum status
loader_read_file(struct loader *loader, const char *path)
{
	struct buf text;
	enum status status;

	buf_init(&text, CONFIG_FILE_MAX);
	status = fileio_read(AT_FDCWD, path, &text);
	if (status == STATUS_OK) {
		loader_read_text(loader, path, buf_bytes(&text));
	} else {
		loader->file = path;
		loader_refuse_file(loader, status == STATUS_LIMIT     ? "is larger than 1 MiB"
					   : status == STATUS_INVALID ? "is not a regular file"
								      : status_text(status));
	}
	buf_done(&text);
	return status;
}

static int
dropin_wanted(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 &&
	       strcmp(entry->d_name + len - 5, ".conf") == 0;
}

/* By bytes, whatever the locale. */
static int
dropin_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static enum status
loader_read_dropins(struct loader *loader, const char *path)
{
	struct dirent **names = NULL;
	struct buf file;
	enum status status = STATUS_OK;
	int count;

	buf_init(&file, 2 * CONFIG_FILE_MAX);
	buf_printf(&file, "%s.d", path);
	count = scandir(buf_text(&file), &names, dropin_wanted, dropin_order);
	if (count < 0 && errno != ENOENT) {
		status = errno == ENOTDIR ? STATUS_INVALID : status_from_errno(errno);
		loader->file = buf_text(&file);
		loader_refuse_file(loader,
		    status == STATUS_INVALID ? "is not a directory" : status_text(status));
	} else if (count > CONFIG_DROPINS_MAX) {
		status = STATUS_LIMIT;
		loader->file = buf_text(&file);
		loader_refuse_file(loader, "has more than 64 files");
	}
	for (int i = 0; i < count; i++) {
		buf_clear(&file);
		buf_printf(&file, "%s.d/%s", path, names[i]->d_name);
		if (status != STATUS_LIMIT)
			status = loader_read_file(loader, buf_text(&file));
		free(names[i]);
	}
	free(names);
	buf_done(&file);
	return status;
}

static enum status
loader_finish(struct loader *loader, enum status status, struct config **ret_config)
{
	if (config_finish(loader->config, loader->errors)) {
		*ret_config = loader->config;
		return STATUS_OK;
	}
	config_errors_sort(loader->errors);
	config_free(loader->config);
	return status != STATUS_OK ? status : STATUS_INVALID;
}

enum status
config_load(const struct config_schema *schema, const char *path, uint64_t generation,
    struct config **ret_config, struct config_errors *reterr_errors)
{
	struct loader loader = {.config = config_new(schema, generation),
	    .errors = reterr_errors};
	enum status status;

	config_errors_init(reterr_errors);
	status = loader_read_file(&loader, path);
	if (status == STATUS_OK)
		status = loader_read_dropins(&loader, path);
	return loader_finish(&loader, status, ret_config);
}

enum status
config_parse(const struct config_schema *schema, const char *name, struct bytes text,
    uint64_t generation, struct config **ret_config, struct config_errors *reterr_errors)
{
	struct loader loader = {.config = config_new(schema, generation),
	    .errors = reterr_errors};

	config_errors_init(reterr_errors);
	if (text.len > CONFIG_FILE_MAX) {
		loader.file = name;
		loader_refuse_file(&loader, "is larger than 1 MiB");
	} else {
		loader_read_text(&loader, name, text);
	}
	return loader_finish(&loader, STATUS_OK, ret_config);
}

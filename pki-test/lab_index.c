/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and writing settings and index.
 */
#include "pki-test/lab_index.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/text.h"

static const char index_heading[] =
    "# name\tkind\tstate\trevoked\treason\tnot_after\trecipe\tissuer\tkey\tkey_of\tcrl\t"
    "serial\tcn\tsubject\n";

enum {
	INDEX_COLUMNS = 14,
};

bool
lab_index_params_are_sound(const struct lab *lab)
{
	const char *const texts[] = {lab->domain, lab->crl_url, lab->key_kind, lab->seed,
	    lab->cache};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strpbrk(texts[i], "\r\n") != NULL)
			return false;
	}
	return true;
}

/* The value of a key in key=value lines, to be freed; NULL when there is none. */
static char *
index_param(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = text; *line != '\0';) {
		size_t end = strcspn(line, "\n");

		if (strncmp(line, key, len) == 0 && line[len] == '=')
			return alloc_text_copy(line + len + 1, end - len - 1);
		line += end + (line[end] == '\n');
	}
	return NULL;
}

static enum status
index_load_params(struct lab *lab)
{
	enum status status;
	struct buf text;

	buf_init(&text, KEY_PEM_MAX);
	status = lab_read(lab, ".", "settings", "", &text);
	if (status == STATUS_OK) {
		lab->domain = index_param(buf_text(&text), "domain");
		lab->crl_url = index_param(buf_text(&text), "crl-url");
		lab->key_kind = index_param(buf_text(&text), "key");
		lab->seed = index_param(buf_text(&text), "seed");
		lab->cache = index_param(buf_text(&text), "key-cache");
		if (lab->domain == NULL || lab->crl_url == NULL || lab->key_kind == NULL ||
		    lab->seed == NULL || lab->cache == NULL)
			status = lab_fail(lab, STATUS_CORRUPT, "%s/settings is incomplete",
			    lab->path);
	}
	buf_done(&text);
	return status;
}

static bool
index_parse_octets(const char *hex, struct buf *out)
{
	size_t len = strlen(hex) / 2;
	uint8_t *room = buf_reserve(out, len);

	if (room == NULL || (len > 0 && !text_parse_hex(hex, room, len)))
		return false;
	buf_claim(out, len);
	return true;
}

/* Fills an entry from the columns of its line; false when one can't be read. */
static bool
index_parse_entry(char *const column[INDEX_COLUMNS], struct lab_entry *entry)
{
	int64_t revoked_us = 0, not_after_us;

	entry->revoked = strcmp(column[2], "revoked") == 0;
	entry->reason = alloc_text(column[4]);
	entry->recipe = alloc_text(column[6]);
	entry->issuer = alloc_text(column[7]);
	entry->key_kind = alloc_text(column[8]);
	entry->key_of = alloc_text(column[9]);
	buf_put_text(&entry->cn, column[12]);
	if ((entry->revoked && !clock_parse(column[3], &revoked_us)) ||
	    !clock_parse(column[5], &not_after_us) ||
	    !text_parse_u64(column[10], 0, UINT64_MAX, &entry->crl_number))
		return false;
	entry->revoked_s = revoked_us / 1000000;
	entry->not_after_s = not_after_us / 1000000;
	return index_parse_octets(column[11], &entry->serial) &&
	       index_parse_octets(column[13], &entry->subject);
}

static enum status
index_load_line(struct lab *lab, char *line)
{
	char *column[INDEX_COLUMNS] = {NULL};
	struct lab_entry *entry;
	size_t count = 0;
	enum status status;

	if (line[0] == '#' || line[0] == '\0')
		return STATUS_OK;
	while (line != NULL && count < INDEX_COLUMNS)
		column[count++] = strsep(&line, "\t");
	if (count < INDEX_COLUMNS || line != NULL)
		return lab_fail(lab, STATUS_CORRUPT, "%s/index: a line with too %s columns",
		    lab->path, line != NULL ? "many" : "few");
	status = lab_add(lab, column[0], strcmp(column[1], "ca") == 0, &entry);
	if (status == STATUS_OK && !index_parse_entry(column, entry))
		status = lab_fail(lab, STATUS_CORRUPT, "%s/index: the line of %s can't be read",
		    lab->path, column[0]);
	return status;
}

enum status
lab_index_load(struct lab *lab)
{
	enum status status = index_load_params(lab);
	char *text, *rest, *line;
	struct buf buf;

	if (status != STATUS_OK)
		return status;
	buf_init(&buf, LAB_FILE_MAX);
	status = lab_read(lab, ".", "index", "", &buf);
	text = rest = buf_take_text(&buf);
	while (status == STATUS_OK && (line = strsep(&rest, "\n")) != NULL)
		status = index_load_line(lab, line);
	free(text);
	buf_done(&buf);
	return status;
}

static void
index_put_entry(const struct lab_entry *entry, struct buf *out)
{
	char revoked[CLOCK_TEXT_SIZE], not_after[CLOCK_TEXT_SIZE];

	buf_printf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%llu\t", entry->name,
	    entry->ca ? "ca" : "leaf", entry->revoked ? "revoked" : "valid",
	    entry->revoked ? clock_text_s(entry->revoked_s, revoked) : "-", entry->reason,
	    clock_text_s(entry->not_after_s, not_after), entry->recipe, entry->issuer,
	    entry->key_kind, entry->key_of, (unsigned long long)entry->crl_number);
	text_hex(out, buf_bytes(&entry->serial));
	buf_put_text(out, "\t");
	buf_put_bytes(out, buf_bytes(&entry->cn));
	buf_put_text(out, "\t");
	text_hex(out, buf_bytes(&entry->subject));
	buf_put_text(out, "\n");
}

enum status
lab_index_save(struct lab *lab)
{
	enum status status;
	struct buf out;

	buf_init(&out, LAB_FILE_MAX);
	buf_printf(&out, "domain=%s\ncrl-url=%s\nkey=%s\nseed=%s\nkey-cache=%s\n", lab->domain,
	    lab->crl_url, lab->key_kind, lab->seed, lab->cache);
	status = lab_write(lab, ".", "settings", "", buf_bytes(&out));
	buf_clear(&out);
	buf_put_text(&out, index_heading);
	for (size_t i = 0; i < lab->count; i++)
		index_put_entry(lab->entries[i], &out);
	if (status == STATUS_OK && !buf_ok(&out))
		status = lab_fail(lab, STATUS_LIMIT, "the index is larger than we write any");
	if (status == STATUS_OK)
		status = lab_write(lab, ".", "index", "", buf_bytes(&out));
	buf_done(&out);
	return status;
}

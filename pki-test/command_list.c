/* SPDX-License-Identifier: Apache-2.0
 *
 * `list`, `recipes` and `settings`: what is there, and what could be.
 */
#include "pki-test/commands.h"

#include "common/base/text.h"
#include "pki-test/recipes/recipe.h"

static const struct output_column list_columns[] = {
    {"Name", "name", false},
    {"Kind", "kind", false},
    {"State", "state", false},
    {"Reason", "reason", false},
    {"Recipe", "recipe", false},
    {"Issuer", "issuer", false},
    {"Valid until", "not_after", false},
    {"Key", "key", false},
    {"CRL", "crl_number", true},
    {"CN", "cn", false},
    {"Serial", "serial", false},
};

static void
list_row(struct output_table *table, const struct lab_entry *entry)
{
	struct buf serial;

	buf_init(&serial, 1000);
	text_hex(&serial, buf_bytes(&entry->serial));
	output_cell_text(table, entry->name);
	output_cell_text(table, entry->ca ? "ca" : "leaf");
	output_cell_text(table, entry->revoked ? "revoked" : "valid");
	output_cell_paint(table, entry->revoked ? OUTPUT_BAD : OUTPUT_PLAIN);
	output_cell_text(table, entry->revoked ? entry->reason : NULL);
	output_cell_text(table, entry->recipe);
	output_cell_text(table, entry->issuer);
	output_cell_time_s(table, entry->not_after_s);
	output_cell_text(table, entry->key_kind);
	if (entry->ca)
		output_cell_i64(table, (int64_t)entry->crl_number);
	else
		output_cell_none(table);
	output_cell_bytes(table, buf_bytes(&entry->cn));
	output_cell_bytes(table, buf_bytes(&serial));
	output_row_end(table);
	buf_done(&serial);
}

int
command_list(struct command_call *call)
{
	struct output_table *table;
	struct lab *lab = NULL;
	enum status status = lab_open(call->operands[0], 0, &lab);
	int code = COMMAND_OK;

	if (status == STATUS_OK) {
		table = output_table_new(&call->out, OUTPUT_TABLE, list_columns,
		    sizeof(list_columns) / sizeof(list_columns[0]));
		for (size_t i = 0; i < lab->count; i++)
			list_row(table, lab->entries[i]);
		output_table_end(table, "Nothing was issued.");
	} else {
		code = command_fail(call, (int)command_exit_of(status), NULL, "%s",
		    buf_text(&lab->error));
	}
	lab_free(lab);
	return code;
}

static const struct output_column recipe_columns[] = {
    {"Recipe", "name", false},
    {"Kind", "kind", false},
    {"Reason", "reason", false},
    {"Use", "purpose", false},
    {"At", "phase", false},
    {"What", "what", false},
};

int
command_recipes(struct command_call *call)
{
	struct output_table *table = output_table_new(&call->out, OUTPUT_TABLE, recipe_columns,
	    sizeof(recipe_columns) / sizeof(recipe_columns[0]));
	const struct recipe *recipe;

	for (size_t n = 0; (recipe = recipe_nth(n)) != NULL; n++) {
		output_cell_text(table, recipe->name);
		output_cell_text(table, recipe_kind_text(recipe->kind));
		output_cell_text(table, reason_slug(recipe->reason));
		output_cell_text(table, recipe_purpose_text(recipe->purpose));
		output_cell_text(table, recipe_phase_text(recipe->phase));
		output_cell_text(table, recipe->what);
		output_row_end(table);
	}
	output_table_end(table, "There are no recipes.");
	return COMMAND_OK;
}

static const struct output_column setting_columns[] = {
    {"Setting", "name", false},
    {"Of", "kind", false},
    {"Default", "default", false},
    {"What", "what", false},
};

static void
settings_rows(struct output_table *table, const char *kind, const struct setting_key *keys,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		output_cell_text(table, keys[i].name);
		output_cell_text(table, kind);
		output_cell_text(table, keys[i].fallback);
		output_cell_text(table, keys[i].doc);
		output_row_end(table);
	}
}

int
command_settings(struct command_call *call)
{
	struct output_table *table = output_table_new(&call->out, OUTPUT_TABLE, setting_columns,
	    sizeof(setting_columns) / sizeof(setting_columns[0]));

	settings_rows(table, "certificate", cert_setting_keys, CERT_SETTING_COUNT);
	settings_rows(table, "crl", crl_setting_keys, CRL_SETTING_COUNT);
	output_table_end(table, "There are no settings.");
	return COMMAND_OK;
}

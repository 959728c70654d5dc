/* SPDX-License-Identifier: Apache-2.0
 *
 * The schema for people: the commented sample file and the manual page.
 */
#include "common/config/config.h"
#include "common/config/config_value.h"

enum {
	SAMPLE_WIDTH = 78
};

/* Words on lines of at most SAMPLE_WIDTH bytes, each line after "# ". */
static void
put_comment(struct buf *out, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (column > 0 && column + 1 + len > SAMPLE_WIDTH) {
			buf_put_text(out, "\n");
			column = 0;
		}
		buf_put_text(out, column == 0 ? "# " : " ");
		buf_put(out, text, len);
		column += column == 0 ? 2 + len : 1 + len;
		text += len;
		text += strspn(text, " ");
	}
	buf_put_text(out, "\n");
}

/* Documentation, what is allowed, the default, when it takes effect. */
static void
put_key_text(struct buf *out, const struct config_key *key)
{
	buf_printf(out, "%s Allowed: ", key->doc);
	config_value_allowed(key, out);
	if ((key->flags & CONFIG_REQUIRED) != 0)
		buf_put_text(out, ". Must be given.");
	else
		buf_printf(out, ". Default: %s.",
		    key->fallback != NULL ? key->fallback : "none");
	if ((key->flags & CONFIG_RELOADABLE) == 0)
		buf_put_text(out, " A change needs a restart.");
}

static void
put_sample_key(struct buf *out, const struct config_key *key, bool documented)
{
	const char *shown = key->fallback;
	struct buf text;

	if (documented) {
		buf_init(&text, 8192);
		put_key_text(&text, key);
		buf_put_text(out, "\n");
		put_comment(out, buf_text(&text));
		buf_done(&text);
	}
	if (shown == NULL)
		shown = key->example != NULL ? key->example : "";
	buf_printf(out, "#%s=%s\n", key->name, shown);
}

/* A named section is commented out as a whole: it is an example. */
static void
put_sample_section(struct buf *out, const struct config_section *section, const char *title,
    bool documented)
{
	buf_put_text(out, "\n");
	if (documented)
		put_comment(out, section->doc);
	buf_printf(out, "%s[%s", section->kind == CONFIG_NAMED ? "#" : "", section->name);
	if (title != NULL)
		buf_printf(out, " \"%s\"", title);
	buf_put_text(out, "]\n");
	for (const struct config_key *key = section->keys; key->name != NULL; key++)
		put_sample_key(out, key, documented);
}

void
config_print_sample(const struct config_schema *schema, struct buf *out)
{
	put_comment(out, schema->doc);
	buf_put_text(out, "#\n");
	put_comment(out,
	    "Each key stands here, commented out, with its default. Settings of your own are "
	    "best put into a file of their own (drop-in), which an update leaves alone:");
	buf_printf(out,
	    "# %s.conf.d/*.conf, read after this file in the order of their names.\n",
	    schema->name);
	put_comment(out,
	    "A later value replaces an earlier one; a list grows by it, and Key= alone "
	    "empties the list first. Check with: check-config; apply with: systemctl reload.");
	for (const struct config_section *at = schema->sections; at->name != NULL; at++) {
		if (at->kind != CONFIG_FIXED)
			put_sample_section(out, at, at->example_title, true);
		for (size_t i = 0; at->kind == CONFIG_FIXED && at->titles[i] != NULL; i++)
			put_sample_section(out, at, at->titles[i], i == 0);
	}
}

/* scdoc(5) gives a meaning to these. */
static void
put_scdoc_text(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr("\\*_`~<>#|[]+", *text) != NULL)
			buf_put_u8(out, '\\');
		buf_put_u8(out, (uint8_t)*text);
	}
}

static void
put_scdoc_key(struct buf *out, const struct config_key *key)
{
	struct buf text;

	buf_init(&text, 8192);
	put_key_text(&text, key);
	buf_printf(out, "*%s=*\n\t", key->name);
	put_scdoc_text(out, buf_text(&text));
	buf_put_text(out, "\n\n");
	buf_done(&text);
}

static void
put_scdoc_section(struct buf *out, const struct config_section *section)
{
	buf_printf(out, "## [%s", section->name);
	if (section->kind == CONFIG_NAMED)
		buf_put_text(out, " \"NAME\"");
	for (size_t i = 0; section->kind == CONFIG_FIXED && section->titles[i] != NULL; i++)
		buf_printf(out, "%s\"%s\"", i == 0 ? " " : "|", section->titles[i]);
	buf_put_text(out, "]\n\n");
	put_scdoc_text(out, section->doc);
	buf_put_text(out, "\n\n");
	for (const struct config_key *key = section->keys; key->name != NULL; key++)
		put_scdoc_key(out, key);
}

void
config_print_scdoc(const struct config_schema *schema, struct buf *out)
{
	put_scdoc_text(out, schema->doc);
	buf_put_text(out, "\n\n");
	for (const struct config_section *at = schema->sections; at->name != NULL; at++)
		put_scdoc_section(out, at);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * What is allowed, in words: the same words stand in an error, in the sample file and in
 * the manual.
 */
#include "common/config/config_value.h"

#include <inttypes.h>

#include "common/base/text.h"

struct unit {
	const char *name;
	uint64_t factor;
};

/* The value with the largest unit that leaves it whole: 64M, 90s, 24h. */
static void
put_quantity(struct buf *out, uint64_t value, const struct unit *units)
{
	while (value == 0 ? units->factor != 1 : value % units->factor != 0)
		units++;
	buf_printf(out, "%" PRIu64 "%s", value / units->factor, units->name);
}

static void
put_size(struct buf *out, uint64_t bytes)
{
	static const struct unit units[] = {{"T", UINT64_C(1) << 40}, {"G", 1 << 30},
	    {"M", 1 << 20}, {"K", 1 << 10}, {"", 1}};

	put_quantity(out, bytes, units);
}

static void
put_duration(struct buf *out, uint64_t ms)
{
	static const struct unit units[] = {{"d", 86400000}, {"h", 3600000}, {"min", 60000},
	    {"s", 1000}, {"ms", 1}};

	if (ms == 0)
		buf_put_text(out, "0");
	else
		put_quantity(out, ms, units);
}

static void
put_number(struct buf *out, uint64_t value)
{
	buf_printf(out, "%" PRIu64, value);
}

static void
put_range(struct buf *out, const struct config_key *key,
    void (*put)(struct buf *out, uint64_t value))
{
	if (key->min > 0 || key->max > 0) {
		buf_put_text(out, key->max > 0 ? " from " : " of at least ");
		put(out, key->min);
	}
	if (key->max > 0) {
		buf_put_text(out, " to ");
		put(out, key->max);
	}
}

static void
put_choices(struct buf *out, const struct config_key *key)
{
	for (size_t i = 0; key->choices[i] != NULL; i++) {
		const char *word = key->choices[i];
		bool last = key->choices[i + 1] == NULL && key->none == NULL;

		buf_printf(out, "%s%s", i == 0 ? "" : last ? " or " : ", ", word);
		if (word[strlen(word) - 1] == '=')
			buf_put_text(out, "DURATION");
	}
}

static void
put_type(const struct config_key *key, struct buf *out)
{
	switch (key->type) {
	case CONFIG_BOOL:
		buf_put_text(out, "on or off");
		break;
	case CONFIG_U64:
		buf_put_text(out, "a whole number");
		if (key->unit != NULL)
			buf_printf(out, " of %s", key->unit);
		put_range(out, key, put_number);
		break;
	case CONFIG_SIZE:
		buf_put_text(out, "a size in bytes, or with K, M, G or T,");
		put_range(out, key, put_size);
		break;
	case CONFIG_DURATION:
		buf_put_text(out, "a duration with ms, s, min, h or d,");
		put_range(out, key, put_duration);
		break;
	case CONFIG_ENUM:
	case CONFIG_MODE:
		put_choices(out, key);
		break;
	case CONFIG_TEXT:
		buf_printf(out, "text of at most %zu bytes", config_value_text_max(key));
		break;
	case CONFIG_PATH:
		buf_put_text(out, "an absolute path");
		break;
	case CONFIG_NAME:
		buf_put_text(out,
		    "a domain name of letters, digits and hyphens, at most 64 bytes");
		break;
	case CONFIG_HOST:
		buf_put_text(out, "a domain name or an IP address");
		break;
	case CONFIG_ADDRESS:
		buf_put_text(out, "HOST:PORT, IPv4:PORT or [IPv6]:PORT");
		break;
	case CONFIG_LISTEN:
		buf_put_text(out, "IPv4:PORT or [IPv6]:PORT");
		break;
	case CONFIG_URL:
		buf_printf(out, "http://%sHOST[:PORT][/PATH]",
		    (key->flags & CONFIG_SECRET) != 0 ? "[USER:PASSWORD@]" : "");
		break;
	}
}

void
config_value_allowed(const struct config_key *key, struct buf *out)
{
	size_t end;

	put_type(key, out);
	/* "a size in bytes, or with K, M, G or T," without a range */
	end = out->len;
	if (end > 0 && out->data[end - 1] == ',')
		buf_truncate(out, end - 1);
	if (key->port != 0)
		buf_printf(out, " (PORT may be left out: %u)", key->port);
	if (key->none != NULL)
		buf_printf(out, ", or %s", key->none);
	if ((key->flags & CONFIG_LIST) != 0)
		buf_put_text(out, " (several, with spaces between them)");
}

const char *
config_value_hint(const struct config_key *key, const char *text)
{
	size_t colons = 0;

	for (const char *at = text; *at != '\0'; at++)
		colons += *at == ':';
	if (strstr(text, " #") != NULL || strstr(text, " ;") != NULL)
		return "a comment has to stand on a line of its own";
	if (text[0] == '"' || text[0] == '\'')
		return "write the value without quotes";
	if (key->type == CONFIG_URL && strncmp(text, "https:", 6) == 0)
		return "only http:// can be used here";
	if ((key->type == CONFIG_ADDRESS || key->type == CONFIG_LISTEN) && colons > 1 &&
	    text[0] != '[')
		return "an IPv6 address stands in brackets: [2001:db8::1]:8443";
	if (key->type == CONFIG_SIZE && strpbrk(text, "kmgtb") != NULL)
		return "write K, M, G or T";
	return NULL;
}

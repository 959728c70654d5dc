/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings by table, and the small language of their values.
 */
#include "pki-test/settings.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/text.h"

enum {
	ERROR_MAX = 1000
};

void
settings_init(struct settings *settings, const struct setting_key *keys, size_t count)
{
	*settings = (struct settings){
	    .keys = keys,
	    .count = count,
	    .values = alloc_zeroed(count, sizeof(char *)),
	};
	buf_init(&settings->error, ERROR_MAX);
}

void
settings_done(struct settings *settings)
{
	if (settings == NULL || settings->values == NULL)
		return;
	for (size_t i = 0; i < settings->count; i++)
		free(settings->values[i]);
	free(settings->values);
	buf_done(&settings->error);
	*settings = (struct settings){0};
}

void
settings_set(struct settings *settings, const char *assignment)
{
	const char *equals = strchr(assignment, '=');
	struct bytes key = bytes_of(assignment,
	    equals != NULL ? (size_t)(equals - assignment) : strlen(assignment));

	for (size_t i = 0; equals != NULL && i < settings->count; i++) {
		if (bytes_equal_text(key, settings->keys[i].name)) {
			free(settings->values[i]);
			settings->values[i] = alloc_text(equals + 1);
			return;
		}
	}
	if (!settings_ok(settings))
		return;
	buf_put_text(&settings->error,
	    equals != NULL ? "unknown setting " : "no = in setting ");
	text_escape(&settings->error, key);
}

void
settings_complain(struct settings *settings, size_t key, const char *what)
{
	if (!settings_ok(settings))
		return;
	buf_printf(&settings->error, "setting %s=", settings->keys[key].name);
	text_escape(&settings->error, bytes_of_text(settings_text(settings, key)));
	buf_printf(&settings->error, ": %s", what);
}

bool
settings_ok(const struct settings *settings)
{
	return settings->error.len == 0;
}

const char *
settings_text(const struct settings *settings, size_t key)
{
	const char *value = settings->values[key];

	return value != NULL ? value : settings->keys[key].fallback;
}

bool
settings_has(const struct settings *settings, size_t key)
{
	return settings_text(settings, key)[0] != '\0';
}

bool
settings_flag(struct settings *settings, size_t key)
{
	static const char *const words[] = {"no", "yes", NULL};

	return settings_word(settings, key, words) == 1;
}

uint64_t
settings_number(struct settings *settings, size_t key, uint64_t max)
{
	uint64_t value = 0;

	if (settings_has(settings, key) &&
	    !text_parse_u64(settings_text(settings, key), 0, max, &value))
		settings_complain(settings, key, "not a number that is allowed here");
	return value;
}

int64_t
settings_time(struct settings *settings, size_t key, int64_t now_s)
{
	const char *text = settings_text(settings, key);
	int64_t ms = 0, us = 0;

	if (text[0] == '+' || text[0] == '-') {
		if (!text_parse_duration(text + 1, &ms))
			settings_complain(settings, key, "not a duration such as +30d or -1h");
		return now_s + (text[0] == '+' ? ms : -ms) / 1000;
	}
	if (!clock_parse(text, &us))
		settings_complain(settings, key,
		    "neither a time (RFC 3339) nor +/- a duration");
	return us / 1000000 - (us % 1000000 < 0);
}

size_t
settings_word(struct settings *settings, size_t key, const char *const words[])
{
	const char *text = settings_text(settings, key);

	if (text[0] == '\0')
		return 0;
	for (size_t i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], text) == 0)
			return i;
	}
	settings_complain(settings, key, "not one of the words that are allowed here");
	return 0;
}

bool
settings_next_item(const char **text, struct bytes *ret_item)
{
	size_t len;

	while (**text == ',')
		(*text)++;
	len = strcspn(*text, ",");
	if (len == 0)
		return false;
	*ret_item = bytes_of(*text, len);
	*text += len;
	return true;
}

/* The value of the name behind a %; NULL when there is none of that letter. */
static const char *
settings_name_of(char letter, const struct settings_names *names)
{
	switch (letter) {
	case 'c':
		return names->cn;
	case 'd':
		return names->domain;
	case 'u':
		return names->crl_url;
	case 'n':
		return names->name;
	case '%':
		return "%";
	default:
		return NULL;
	}
}

/* Decodes what follows a backslash; its length, 0 when it is unknown. */
static size_t
settings_unescape(struct bytes rest, struct buf *out)
{
	char digits[3] = {0};
	uint8_t octet;

	if (rest.len >= 1 && rest.data[0] == '\\') {
		buf_put_u8(out, '\\');
		return 1;
	}
	if (rest.len >= 1 && rest.data[0] == 'n') {
		buf_put_u8(out, '\n');
		return 1;
	}
	if (rest.len < 3 || rest.data[0] != 'x')
		return 0;
	memcpy(digits, rest.data + 1, 2);
	if (!text_parse_hex(digits, &octet, 1))
		return 0;
	buf_put_u8(out, octet);
	return 3;
}

bool
settings_expand(struct bytes text, const struct settings_names *names, struct buf *out)
{
	size_t used;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '%') {
			const char *value =
			    i + 1 < text.len ? settings_name_of((char)text.data[i + 1], names)
					     : NULL;

			if (value == NULL)
				return false;
			buf_put_text(out, value);
			i++;
		} else if (text.data[i] == '\\') {
			used = settings_unescape(bytes_of(text.data + i + 1, text.len - i - 1),
			    out);
			if (used == 0)
				return false;
			i += used;
		} else {
			buf_put_u8(out, text.data[i]);
		}
	}
	return true;
}

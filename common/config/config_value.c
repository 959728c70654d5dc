/* SPDX-License-Identifier: Apache-2.0
 *
 * The types of configuration values: one reader each, and one table that lists them.
 */
#include "common/config/config_value.h"

#include <arpa/inet.h>
#include <inttypes.h>

#include "common/base/text.h"

enum {
	NAME_MAX_LEN = 64,  /* ub-common-name */
	HOST_MAX_LEN = 253, /* RFC 1035 section 2.3.4 */
	LABEL_MAX_LEN = 63,
	PATH_MAX_LEN = 4095,
	URL_MAX_LEN = 2048,
	TEXT_MAX_LEN = 1024,
	NUMBER_MAX_LEN = 64,
};

/* Is the word of none, or of a choice, meant? */
static bool
value_is_word(const char *text, const char *word)
{
	return word != NULL && text_equal_nocase(bytes_of_text(text), bytes_of_text(word));
}

static bool
label_is_good(struct bytes label)
{
	if (label.len == 0 || label.len > LABEL_MAX_LEN || label.data[0] == '-' ||
	    label.data[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = text_lower((char)label.data[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

bool
config_is_name(const char *text, size_t max)
{
	if (strlen(text) > max)
		return false;
	for (;;) {
		size_t len = strcspn(text, ".");

		if (!label_is_good(bytes_of(text, len)))
			return false;
		if (text[len] == '\0')
			return true;
		text += len + 1;
	}
}

static bool
host_is_ip(const char *text)
{
	struct in6_addr address;

	return inet_pton(AF_INET, text, &address) == 1 ||
	       inet_pton(AF_INET6, text, &address) == 1;
}

/* A name whose last label is a number is a mistyped IPv4 address, and some resolvers take it
 * for one. */
static bool
host_is_good(const char *text)
{
	const char *last = strrchr(text, '.');

	if (host_is_ip(text))
		return true;
	last = last != NULL ? last + 1 : text;
	return config_is_name(text, HOST_MAX_LEN) && last[strspn(last, "0123456789")] != '\0';
}

/* Splits HOST, HOST:PORT, [IPv6] or [IPv6]:PORT; port is NULL where there is none. */
static bool
address_split(struct config *config, const char *text, const char **ret_host,
    const char **ret_port)
{
	const char *host = text, *end, *rest;

	if (text[0] == '[') {
		host = text + 1;
		end = strchr(host, ']');
		if (end == NULL)
			return false;
		rest = end + 1;
	} else {
		end = host + strcspn(host, ":");
		rest = end;
	}
	if (rest[0] != '\0' && rest[0] != ':')
		return false;
	host = config_alloc_text(config, bytes_of(host, (size_t)(end - host)));
	if ((text[0] == '[') != (strchr(host, ':') != NULL))
		return false;
	*ret_host = host;
	*ret_port = rest[0] == ':' ? rest + 1 : NULL;
	return true;
}

static bool
parse_address(struct config *config, const struct config_key *key, const char *text, void *slot)
{
	struct config_address *address = slot;
	const char *host, *port_text;
	uint64_t port = key->port;

	if (!address_split(config, text, &host, &port_text))
		return false;
	if (key->type == CONFIG_LISTEN ? !host_is_ip(host) : !host_is_good(host))
		return false;
	if (port_text != NULL && !text_parse_u64(port_text, 1, UINT16_MAX, &port))
		return false;
	if (port == 0)
		return false;
	*address = (struct config_address){.host = host, .port = (uint16_t)port};
	return true;
}

static bool
parse_bool(struct config *config, const struct config_key *key, const char *text, void *slot)
{
	static const char *const on[] = {"on", "yes", "true", "1"};
	static const char *const off[] = {"off", "no", "false", "0"};

	for (size_t i = 0; i < sizeof(on) / sizeof(on[0]); i++) {
		if (value_is_word(text, on[i]) || value_is_word(text, off[i])) {
			*(bool *)slot = value_is_word(text, on[i]);
			return true;
		}
	}
	return false;
}

static uint64_t
key_max(const struct config_key *key)
{
	if (key->max > 0)
		return key->max;
	return key->type == CONFIG_DURATION ? (uint64_t)INT64_MAX : UINT64_MAX;
}

static bool
parse_u64(struct config *config, const struct config_key *key, const char *text, void *slot)
{
	return text_parse_u64(text, key->min, key_max(key), slot);
}

static bool
parse_size(struct config *config, const struct config_key *key, const char *text, void *slot)
{
	uint64_t size;

	if (!text_parse_size(text, &size) || size < key->min || size > key_max(key))
		return false;
	*(uint64_t *)slot = size;
	return true;
}

static bool
parse_duration(struct config *config, const struct config_key *key, const char *text,
    void *slot)
{
	int64_t ms;

	if (!text_parse_duration(text, &ms) || (uint64_t)ms < key->min ||
	    (uint64_t)ms > key_max(key))
		return false;
	*(int64_t *)slot = ms;
	return true;
}

static bool
parse_enum(struct config *config, const struct config_key *key, const char *text, void *slot)
{
	for (int i = 0; key->choices[i] != NULL; i++) {
		if (value_is_word(text, key->choices[i])) {
			*(int *)slot = i;
			return true;
		}
	}
	return false;
}

static bool
parse_mode(struct config *config, const struct config_key *key, const char *text, void *slot)
{
	struct config_mode mode = {0};

	for (; key->choices[mode.choice] != NULL; mode.choice++) {
		const char *word = key->choices[mode.choice];
		size_t len = strlen(word);

		if (word[len - 1] != '=') {
			if (!value_is_word(text, word))
				continue;
		} else if (strlen(text) < len ||
			   !text_equal_nocase(bytes_of(text, len), bytes_of(word, len)) ||
			   !parse_duration(config, key, text + len, &mode.duration_ms)) {
			continue;
		}
		*(struct config_mode *)slot = mode;
		return true;
	}
	return false;
}

/* One of the types that stay a text. */
static bool
keep_text(const char *text, bool good, void *slot)
{
	if (good)
		*(const char **)slot = text;
	return good;
}

static bool
parse_text(struct config *config, const struct config_key *key, const char *text, void *slot)
{
	return keep_text(text, strlen(text) <= config_value_text_max(key), slot);
}

static bool
parse_path(struct config *config, const struct config_key *key, const char *text, void *slot)
{
	return keep_text(text, text[0] == '/' && strlen(text) <= PATH_MAX_LEN, slot);
}

static bool
parse_name(struct config *config, const struct config_key *key, const char *text, void *slot)
{
	return keep_text(text, config_is_name(text, NAME_MAX_LEN), slot);
}

static bool
parse_host(struct config *config, const struct config_key *key, const char *text, void *slot)
{
	return keep_text(text, host_is_good(text), slot);
}

static bool
url_is_good(struct config *config, const struct config_key *key, const char *text)
{
	struct config_address address;
	struct config_key authority = {.type = CONFIG_ADDRESS, .port = 80};
	size_t len;

	if (strlen(text) > URL_MAX_LEN ||
	    !text_equal_nocase(bytes_of(text, strnlen(text, 7)), bytes_of_text("http://")))
		return false;
	text += 7;
	for (const char *at = text; *at != '\0'; at++) {
		if (*at <= ' ' || *at > '~' || strchr("\"<>\\^`{|}#", *at) != NULL)
			return false;
	}
	len = strcspn(text, "/?");
	if ((key->flags & CONFIG_SECRET) != 0 && memchr(text, '@', len) != NULL) {
		size_t user_len = strcspn(text, "@") + 1;

		text += user_len;
		len -= user_len;
	}
	return parse_address(config, &authority, config_alloc_text(config, bytes_of(text, len)),
	    &address);
}

static bool
parse_url(struct config *config, const struct config_key *key, const char *text, void *slot)
{
	return keep_text(text, url_is_good(config, key, text), slot);
}

static const struct {
	size_t size;
	size_t text_max;
	bool (*parse)(struct config *config, const struct config_key *key, const char *text,
	    void *slot);
} config_types[] = {
    [CONFIG_BOOL] = {sizeof(bool), NUMBER_MAX_LEN, parse_bool},
    [CONFIG_U64] = {sizeof(uint64_t), NUMBER_MAX_LEN, parse_u64},
    [CONFIG_SIZE] = {sizeof(uint64_t), NUMBER_MAX_LEN, parse_size},
    [CONFIG_DURATION] = {sizeof(int64_t), NUMBER_MAX_LEN, parse_duration},
    [CONFIG_ENUM] = {sizeof(int), NUMBER_MAX_LEN, parse_enum},
    [CONFIG_MODE] = {sizeof(struct config_mode), NUMBER_MAX_LEN, parse_mode},
    [CONFIG_TEXT] = {sizeof(const char *), TEXT_MAX_LEN, parse_text},
    [CONFIG_PATH] = {sizeof(const char *), PATH_MAX_LEN, parse_path},
    [CONFIG_NAME] = {sizeof(const char *), NAME_MAX_LEN, parse_name},
    [CONFIG_HOST] = {sizeof(const char *), HOST_MAX_LEN, parse_host},
    [CONFIG_ADDRESS] = {sizeof(struct config_address), HOST_MAX_LEN + 8, parse_address},
    [CONFIG_LISTEN] = {sizeof(struct config_address), HOST_MAX_LEN + 8, parse_address},
    [CONFIG_URL] = {sizeof(const char *), URL_MAX_LEN, parse_url},
};

size_t
config_value_size(enum config_type type)
{
	return config_types[type].size;
}

size_t
config_value_text_max(const struct config_key *key)
{
	if (key->type == CONFIG_TEXT && key->max > 0)
		return (size_t)key->max;
	return config_types[key->type].text_max;
}

bool
config_value_parse(struct config *config, const struct config_key *key, const char *text,
    void *slot)
{
	if (value_is_word(text, key->none)) {
		memset(slot, 0, config_types[key->type].size);
		return true;
	}
	return strlen(text) <= config_value_text_max(key) &&
	       config_types[key->type].parse(config, key, text, slot);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Names: RFC 5280 4.1.2.4 and 4.2.1.6.
 */
#include "pki-test/name_write.h"

#include <arpa/inet.h>
#include <string.h>

#include "pki-test/der_write.h"
#include "pki-test/recipes/recipe.h"

enum {
	NAME_MAX_OCTETS = 100000,
};

struct name_kind {
	const char *prefix;
	uint8_t tag;
};

static const struct name_kind name_kinds[] = {
    {"email:", DER_CONTEXT(1)},
    {"dns:", DER_CONTEXT(2)},
    {"dir:", DER_CONTEXT_CONSTRUCTED(4)},
    {"uri:", DER_CONTEXT(6)},
    {"ip:", DER_CONTEXT(7)},
};

/* UTF-16BE of single octets: enough for ASCII. */
static void
name_put_bmp(struct buf *out, struct bytes text)
{
	size_t mark = der_open(out, DER_BMP_STRING);

	for (size_t i = 0; i < text.len; i++) {
		buf_put_u8(out, 0);
		buf_put_u8(out, text.data[i]);
	}
	der_close(out, mark);
}

static void
name_put_attribute(struct buf *out, const char *oid, uint8_t tag, struct bytes value)
{
	size_t set = der_open(out, DER_SET);
	size_t pair = der_open(out, DER_SEQUENCE);

	der_put_oid(out, oid);
	if (tag == DER_BMP_STRING)
		name_put_bmp(out, value);
	else
		der_put(out, tag, value);
	der_close(out, pair);
	der_close(out, set);
}

static void
name_put_setting(struct settings *cert, size_t key, const struct settings_names *names,
    const char *oid, uint8_t tag, struct buf *out)
{
	struct buf value;

	if (!settings_has(cert, key))
		return;
	buf_init(&value, NAME_MAX_OCTETS);
	if (settings_expand(bytes_of_text(settings_text(cert, key)), names, &value))
		name_put_attribute(out, oid, tag, buf_bytes(&value));
	else
		settings_complain(cert, key, "unknown % or \\ sequence");
	buf_done(&value);
}

void
name_write_subject(struct settings *cert, const struct settings_names *names, struct buf *out)
{
	static const char *const words[] = {"utf8", "printable", "t61", "bmp", NULL};
	static const uint8_t tags[] = {DER_UTF8_STRING, DER_PRINTABLE_STRING, DER_T61_STRING,
	    DER_BMP_STRING};
	uint8_t tag = tags[settings_word(cert, CERT_DN_STRING, words)];
	size_t mark = der_open(out, DER_SEQUENCE);

	name_put_setting(cert, CERT_C, names, "2.5.4.6", DER_PRINTABLE_STRING, out);
	name_put_setting(cert, CERT_O, names, "2.5.4.10", tag, out);
	name_put_setting(cert, CERT_OU, names, "2.5.4.11", tag, out);
	name_put_setting(cert, CERT_CN, names, "2.5.4.3", tag, out);
	name_put_setting(cert, CERT_CN2, names, "2.5.4.3", tag, out);
	der_close(out, mark);
}

static const struct name_kind *
name_kind_of(struct bytes item)
{
	for (size_t i = 0; i < sizeof(name_kinds) / sizeof(name_kinds[0]); i++) {
		size_t len = strlen(name_kinds[i].prefix);

		if (item.len >= len && memcmp(item.data, name_kinds[i].prefix, len) == 0)
			return &name_kinds[i];
	}
	return NULL;
}

/* [4] holds a Name, which is a CHOICE, so the tag is explicit. */
static void
name_put_directory(struct buf *out, uint8_t tag, struct bytes organization)
{
	size_t tagged = der_open(out, tag);
	size_t name = der_open(out, DER_SEQUENCE);

	name_put_attribute(out, "2.5.4.10", DER_UTF8_STRING, organization);
	der_close(out, name);
	der_close(out, tagged);
}

static bool
name_put_ip(struct buf *out, uint8_t tag, struct buf *text)
{
	uint8_t address[16];

	if (inet_pton(AF_INET, buf_text(text), address) == 1)
		der_put(out, tag, bytes_of(address, 4));
	else if (inet_pton(AF_INET6, buf_text(text), address) == 1)
		der_put(out, tag, bytes_of(address, 16));
	else
		return false;
	return true;
}

/* Writes one name whose prefix is still on it; what is wrong, or NULL. */
static const char *
name_put_general(struct buf *out, struct buf *text)
{
	const struct name_kind *kind = name_kind_of(buf_bytes(text));

	if (kind == NULL)
		return "a name needs one of dns: ip: email: uri: dir: before it";
	buf_drain(text, strlen(kind->prefix));
	if (kind->tag == DER_CONTEXT(7))
		return name_put_ip(out, kind->tag, text) ? NULL : "not an IP address";
	if (kind->tag == DER_CONTEXT_CONSTRUCTED(4))
		name_put_directory(out, kind->tag, buf_bytes(text));
	else
		der_put(out, kind->tag, buf_bytes(text));
	return NULL;
}

static void
name_write_items(struct settings *settings, size_t key, const struct settings_names *names,
    const char *prefix, bool subtrees, struct buf *out)
{
	const char *rest = settings_text(settings, key);
	const char *wrong = NULL;
	struct bytes item;
	struct buf text;

	buf_init(&text, NAME_MAX_OCTETS);
	while (wrong == NULL && settings_next_item(&rest, &item)) {
		size_t subtree = subtrees ? der_open(out, DER_SEQUENCE) : 0;

		buf_clear(&text);
		if (prefix != NULL && name_kind_of(item) == NULL)
			buf_put_text(&text, prefix);
		if (settings_expand(item, names, &text))
			wrong = name_put_general(out, &text);
		else
			wrong = "unknown % or \\ sequence";
		if (subtrees)
			der_close(out, subtree);
	}
	if (wrong != NULL)
		settings_complain(settings, key, wrong);
	buf_done(&text);
}

void
name_write_general(struct settings *settings, size_t key, const struct settings_names *names,
    const char *prefix, struct buf *out)
{
	name_write_items(settings, key, names, prefix, false, out);
}

void
name_write_subtrees(struct settings *settings, size_t key, const struct settings_names *names,
    struct buf *out)
{
	name_write_items(settings, key, names, NULL, true, out);
}

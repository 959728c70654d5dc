/* SPDX-License-Identifier: Apache-2.0
 *
 * TBSCertificate, and one small function for each extension.
 */
#include "pki-test/cert_write.h"

#include <string.h>

#include "common/base/text.h"
#include "pki-test/der_write.h"
#include "pki-test/name_write.h"
#include "pki-test/recipes/recipe.h"
#include "pki-test/signed_write.h"

static const struct signed_keys cert_signed_keys = {
    .hash = CERT_HASH,
    .pss = CERT_PSS,
    .inner_hash = CERT_INNER_HASH,
    .bad_signature = CERT_BAD_SIGNATURE,
    .mangle = CERT_MANGLE,
};

enum {
	SERIAL_MAX_OCTETS = 300,
	PAD_MAX = 100 * 1024 * 1024,
};

/* The words of a list and the bit or OID each stands for. */
struct cert_word {
	const char *word;
	unsigned int bit;
	const char *oid;
};

static const struct cert_word cert_key_usages[] = {{"ds", 0, NULL}, {"nr", 1, NULL},
    {"ke", 2, NULL}, {"de", 3, NULL}, {"ka", 4, NULL}, {"certsign", 5, NULL},
    {"crlsign", 6, NULL}, {NULL, 0, NULL}};

static const struct cert_word cert_purposes[] = {{"server", 0, "1.3.6.1.5.5.7.3.1"},
    {"client", 0, "1.3.6.1.5.5.7.3.2"}, {"code", 0, "1.3.6.1.5.5.7.3.3"},
    {"ocsp", 0, "1.3.6.1.5.5.7.3.9"}, {"any", 0, "2.5.29.37.0"}, {NULL, 0, NULL}};

static const struct cert_word *
cert_word_find(const struct cert_word *words, struct bytes item)
{
	for (; words->word != NULL; words++) {
		if (bytes_equal_text(item, words->word))
			return words;
	}
	return NULL;
}

static void
cert_put_serial(struct settings *cert, const struct cert_parties *parties, struct buf *out)
{
	const char *hex = settings_text(cert, CERT_SERIAL);
	size_t len = strlen(hex) / 2;
	uint8_t raw[SERIAL_MAX_OCTETS];

	if (hex[0] == '\0')
		der_put_unsigned(out, parties->serial);
	else if (strcmp(hex, "-") == 0)
		der_put(out, DER_INTEGER, bytes_of("", 0));
	else if (len <= sizeof(raw) && text_parse_hex(hex, raw, len))
		der_put(out, DER_INTEGER, bytes_of(raw, len));
	else
		settings_complain(cert, CERT_SERIAL, "not octets in hexadecimal");
}

static void
cert_put_ski(const struct cert_parties *parties, struct buf *out)
{
	struct signed_extension extension = signed_open_extension(out, "2.5.29.14", false);
	uint8_t id[KEY_ID_SIZE];

	key_id(parties->key, id);
	der_put(out, DER_OCTET_STRING, bytes_of(id, sizeof(id)));
	signed_close_extension(out, extension);
}

static void
cert_put_basic_constraints(struct settings *cert, struct buf *out)
{
	static const char *const words[] = {"no", "yes", "absent", "ber", NULL};
	size_t word = settings_word(cert, CERT_CA, words);
	struct signed_extension extension;
	size_t mark;

	if (word == 2)
		return;
	extension = signed_open_extension(out, "2.5.29.19", true);
	mark = der_open(out, DER_SEQUENCE);
	if (word == 1)
		der_put_bool(out, true);
	else if (word == 3)
		der_put(out, DER_BOOLEAN, bytes_of("\x01", 1));
	if (settings_has(cert, CERT_PATHLEN))
		der_put_u64(out, DER_INTEGER, settings_number(cert, CERT_PATHLEN, 1000));
	der_close(out, mark);
	signed_close_extension(out, extension);
}

static void
cert_put_key_usage(struct settings *cert, struct buf *out)
{
	const char *rest = settings_text(cert, CERT_KU);
	struct signed_extension extension;
	unsigned int mask = 0;
	struct bytes item;

	if (!settings_has(cert, CERT_KU))
		return;
	while (settings_next_item(&rest, &item)) {
		const struct cert_word *word = cert_word_find(cert_key_usages, item);

		if (word == NULL)
			settings_complain(cert, CERT_KU, "unknown key usage");
		else
			mask |= 1U << word->bit;
	}
	extension = signed_open_extension(out, "2.5.29.15", true);
	der_put_named_bits(out, DER_BIT_STRING, mask);
	signed_close_extension(out, extension);
}

/* A dotted OID of at least two numbers, the first at most 2 and the second below 40. */
static bool
cert_oid_is_sound(struct bytes item)
{
	bool digit = false;
	size_t dots = 0;

	for (size_t i = 0; i < item.len; i++) {
		if (item.data[i] == '.' && !digit)
			return false;
		if (item.data[i] != '.' && (item.data[i] < '0' || item.data[i] > '9'))
			return false;
		digit = item.data[i] != '.';
		dots += !digit;
	}
	return digit && dots >= 1 && item.len < 100 && item.data[0] <= '2' &&
	       item.data[1] == '.';
}

/* An item that is a word of the list or a dotted OID. */
static void
cert_put_oid_item(struct settings *cert, size_t key, const struct cert_word *words,
    struct bytes item, struct buf *out)
{
	const struct cert_word *word = cert_word_find(words, item);
	char dotted[100] = {0};

	if (word != NULL) {
		der_put_oid(out, word->oid);
	} else if (cert_oid_is_sound(item)) {
		memcpy(dotted, item.data, item.len);
		der_put_oid(out, dotted);
	} else {
		settings_complain(cert, key, "neither a known word nor an OID");
	}
}

static void
cert_put_ext_key_usage(struct settings *cert, struct buf *out)
{
	const char *rest = settings_text(cert, CERT_EKU);
	struct signed_extension extension;
	struct bytes item;
	size_t mark;

	if (!settings_has(cert, CERT_EKU))
		return;
	extension = signed_open_extension(out, "2.5.29.37", false);
	mark = der_open(out, DER_SEQUENCE);
	if (strcmp(rest, "empty-list") != 0) {
		while (settings_next_item(&rest, &item))
			cert_put_oid_item(cert, CERT_EKU, cert_purposes, item, out);
	}
	der_close(out, mark);
	signed_close_extension(out, extension);
}

static void
cert_put_alt_names(struct settings *cert, const struct cert_parties *parties, struct buf *out)
{
	struct signed_extension extension;
	size_t mark;

	if (!settings_has(cert, CERT_SAN))
		return;
	extension = signed_open_extension(out, "2.5.29.17", false);
	mark = der_open(out, DER_SEQUENCE);
	name_write_general(cert, CERT_SAN, &parties->names, NULL, out);
	der_close(out, mark);
	signed_close_extension(out, extension);
}

/* One DistributionPoint whose fullName has all the URLs (RFC 5280 4.2.1.13). */
static void
cert_put_crl_points(struct settings *cert, const struct cert_parties *parties, struct buf *out)
{
	struct signed_extension extension;
	size_t points, point, name, full;

	if (!settings_has(cert, CERT_CDP))
		return;
	extension = signed_open_extension(out, "2.5.29.31", false);
	points = der_open(out, DER_SEQUENCE);
	point = der_open(out, DER_SEQUENCE);
	name = der_open(out, DER_CONTEXT_CONSTRUCTED(0));
	full = der_open(out, DER_CONTEXT_CONSTRUCTED(0));
	name_write_general(cert, CERT_CDP, &parties->names, "uri:", out);
	der_close(out, full);
	der_close(out, name);
	der_close(out, point);
	der_close(out, points);
	signed_close_extension(out, extension);
}

static void
cert_put_name_constraints(struct settings *cert, const struct cert_parties *parties,
    struct buf *out)
{
	static const size_t keys[] = {CERT_NC_PERMIT, CERT_NC_EXCLUDE};
	struct signed_extension extension;
	size_t mark, subtrees;

	if (!settings_has(cert, CERT_NC_PERMIT) && !settings_has(cert, CERT_NC_EXCLUDE))
		return;
	extension = signed_open_extension(out, "2.5.29.30", true);
	mark = der_open(out, DER_SEQUENCE);
	for (unsigned int i = 0; i < 2; i++) {
		if (!settings_has(cert, keys[i]))
			continue;
		subtrees = der_open(out, DER_CONTEXT_CONSTRUCTED(i));
		name_write_subtrees(cert, keys[i], &parties->names, out);
		der_close(out, subtrees);
	}
	der_close(out, mark);
	signed_close_extension(out, extension);
}

static void
cert_put_policies(struct settings *cert, struct buf *out)
{
	static const struct cert_word words[] = {{"any", 0, "2.5.29.32.0"}, {NULL, 0, NULL}};
	const char *rest = settings_text(cert, CERT_POLICY);
	struct signed_extension extension;
	struct bytes item;
	size_t mark, policy;

	if (!settings_has(cert, CERT_POLICY))
		return;
	extension = signed_open_extension(out, "2.5.29.32", false);
	mark = der_open(out, DER_SEQUENCE);
	while (settings_next_item(&rest, &item)) {
		policy = der_open(out, DER_SEQUENCE);
		cert_put_oid_item(cert, CERT_POLICY, words, item, out);
		der_close(out, policy);
	}
	der_close(out, mark);
	signed_close_extension(out, extension);
}

static void
cert_put_extensions(struct settings *cert, const struct cert_parties *parties, struct buf *out)
{
	size_t tagged = der_open(out, DER_CONTEXT_CONSTRUCTED(3));
	size_t mark = der_open(out, DER_SEQUENCE);

	if (parties->issuer.len > 0)
		signed_put_aki(cert, CERT_AKI, parties->signer, out);
	cert_put_ski(parties, out);
	cert_put_basic_constraints(cert, out);
	if (settings_flag(cert, CERT_DUPLICATE))
		cert_put_basic_constraints(cert, out);
	cert_put_key_usage(cert, out);
	cert_put_ext_key_usage(cert, out);
	cert_put_alt_names(cert, parties, out);
	cert_put_crl_points(cert, parties, out);
	cert_put_name_constraints(cert, parties, out);
	cert_put_policies(cert, out);
	if (settings_flag(cert, CERT_UNKNOWN_CRITICAL))
		signed_put_private_extension(out, "1.3.6.1.4.1.99999.1", true, 4);
	if (settings_has(cert, CERT_PAD))
		signed_put_private_extension(out, "1.3.6.1.4.1.99999.2", false,
		    settings_number(cert, CERT_PAD, PAD_MAX));
	der_close(out, mark);
	der_close(out, tagged);
}

static void
cert_put_version(uint64_t version, struct buf *out)
{
	size_t mark;

	if (version == 1)
		return; /* the default is not encoded */
	mark = der_open(out, DER_CONTEXT_CONSTRUCTED(0));
	der_put_u64(out, DER_INTEGER, version - 1);
	der_close(out, mark);
}

static void
cert_put_tbs(struct settings *cert, const struct cert_parties *parties, struct bytes subject,
    struct buf *out)
{
	static const char *const words[] = {"auto", "yes", NULL};
	uint64_t version = settings_number(cert, CERT_VERSION, 9);
	size_t tbs = der_open(out, DER_SEQUENCE), validity;

	if (version == 0)
		settings_complain(cert, CERT_VERSION, "versions begin with 1");
	cert_put_version(version, out);
	cert_put_serial(cert, parties, out);
	signed_put_inner_algorithm(cert, &cert_signed_keys, parties->signer, out);
	buf_put_bytes(out, parties->issuer.len > 0 ? parties->issuer : subject);
	validity = der_open(out, DER_SEQUENCE);
	signed_put_time(cert, CERT_NOT_BEFORE, CERT_TIME_FORM, parties->now_s, out);
	signed_put_time(cert, CERT_NOT_AFTER, CERT_TIME_FORM, parties->now_s, out);
	der_close(out, validity);
	buf_put_bytes(out, subject);
	key_write_spki(parties->key, out);
	if (version >= 3 || settings_word(cert, CERT_EXTENSIONS, words) == 1)
		cert_put_extensions(cert, parties, out);
	der_close(out, tbs);
}

enum status
cert_write(struct settings *cert, const struct cert_parties *parties, struct buf *out,
    struct buf *ret_subject)
{
	size_t start = ret_subject->len;
	struct bytes subject;
	struct buf tbs;

	buf_init(&tbs, SIGNED_MAX);
	name_write_subject(cert, &parties->names, ret_subject);
	subject = bytes_of(ret_subject->data + start, ret_subject->len - start);
	cert_put_tbs(cert, parties, subject, &tbs);
	signed_write(cert, &cert_signed_keys, parties->signer, buf_bytes(&tbs), out);
	if (!buf_ok(&tbs) || !buf_ok(out) || !buf_ok(ret_subject))
		settings_complain(cert, CERT_PAD, "the certificate is larger than we make any");
	buf_done(&tbs);
	return settings_ok(cert) ? STATUS_OK : STATUS_INVALID;
}

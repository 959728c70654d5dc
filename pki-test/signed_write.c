/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing and damage.
 */
#include "pki-test/signed_write.h"

#include <string.h>

#include "pki-test/der_write.h"

static const char *const signed_damages[] = {"", "truncated", "trailing", "long-length",
    "indefinite", "wrong-tag", "empty", "noise", "bit-string", "html", NULL};

enum signed_damage {
	DAMAGE_NONE,
	DAMAGE_TRUNCATED,
	DAMAGE_TRAILING,
	DAMAGE_LONG_LENGTH,
	DAMAGE_INDEFINITE,
	DAMAGE_WRONG_TAG,
	DAMAGE_EMPTY,
	DAMAGE_NOISE,
	DAMAGE_BIT_STRING,
	DAMAGE_HTML,
};

void
signed_put_time(struct settings *settings, size_t time_key, size_t form_key, int64_t now_s,
    struct buf *out)
{
	static const char *const forms[] = {"rfc5280", "utc", "generalized", "month13", NULL};
	int64_t when = settings_time(settings, time_key, now_s);
	size_t form = settings_word(settings, form_key, forms);

	if (form == 3)
		der_put_text(out, DER_UTC_TIME, "491301000000Z");
	else
		der_put_time(out, when, (enum der_time_form)form);
}

struct signed_extension
signed_open_extension(struct buf *out, const char *oid, bool critical)
{
	struct signed_extension extension = {.whole = der_open(out, DER_SEQUENCE)};

	der_put_oid(out, oid);
	if (critical)
		der_put_bool(out, true);
	extension.value = der_open(out, DER_OCTET_STRING);
	return extension;
}

void
signed_close_extension(struct buf *out, struct signed_extension extension)
{
	der_close(out, extension.value);
	der_close(out, extension.whole);
}

void
signed_put_private_extension(struct buf *out, const char *oid, bool critical, size_t octets)
{
	struct signed_extension extension = signed_open_extension(out, oid, critical);
	size_t mark = der_open(out, DER_OCTET_STRING);
	uint8_t *room = buf_reserve(out, octets);

	if (room != NULL) {
		memset(room, 0x5a, octets);
		buf_claim(out, octets);
	}
	der_close(out, mark);
	signed_close_extension(out, extension);
}

void
signed_put_aki(struct settings *settings, size_t key, const struct key *signer, struct buf *out)
{
	static const char *const words[] = {"auto", "absent", "wrong", NULL};
	size_t word = settings_word(settings, key, words);
	uint8_t id[KEY_ID_SIZE];
	struct signed_extension extension;
	size_t mark;

	if (word == 1)
		return;
	key_id(signer, id);
	if (word == 2)
		id[0] ^= 0xff;
	extension = signed_open_extension(out, "2.5.29.35", false);
	mark = der_open(out, DER_SEQUENCE);
	der_put(out, DER_CONTEXT(0), bytes_of(id, sizeof(id)));
	der_close(out, mark);
	signed_close_extension(out, extension);
}

static void
signed_put_algorithm(struct settings *settings, const struct signed_keys *keys, size_t hash_key,
    const struct key *signer, struct buf *out)
{
	struct key_signing how = {
	    .hash = settings_text(settings, hash_key),
	    .pss = settings_flag(settings, keys->pss),
	};

	if (key_write_algorithm(signer, how, out) != STATUS_OK)
		settings_complain(settings, hash_key, "the key of the issuer can't sign so");
}

void
signed_put_inner_algorithm(struct settings *settings, const struct signed_keys *keys,
    const struct key *signer, struct buf *out)
{
	bool other = settings_has(settings, keys->inner_hash);

	signed_put_algorithm(settings, keys, other ? keys->inner_hash : keys->hash, signer,
	    out);
}

/* The BIT STRING of the signature. */
static void
signed_put_signature(struct settings *settings, const struct signed_keys *keys,
    const struct key *signer, struct bytes tbs, enum signed_damage damage, struct buf *out)
{
	struct key_signing how = {
	    .hash = settings_text(settings, keys->hash),
	    .pss = settings_flag(settings, keys->pss),
	};
	size_t mark = der_open(out, DER_BIT_STRING);

	buf_put_u8(out, damage == DAMAGE_BIT_STRING ? 9 : 0);
	if (key_sign(signer, how, tbs, out) != STATUS_OK)
		settings_complain(settings, keys->hash, "the key of the issuer can't sign so");
	else if (settings_flag(settings, keys->bad_signature) && buf_ok(out))
		out->data[out->len - 1] ^= 0x01;
	der_close(out, mark);
}

/* The outer SEQUENCE again, around the same content, with another head. */
static void
signed_put_odd_head(enum signed_damage damage, struct bytes content, struct buf *out)
{
	size_t len = content.len;

	buf_put_u8(out, DER_SEQUENCE);
	if (damage == DAMAGE_INDEFINITE) {
		buf_put_u8(out, 0x80);
		buf_put_bytes(out, content);
		buf_put(out, "\0\0", 2);
		return;
	}
	buf_put_u8(out, 0x85); /* five octets of length, of which four would do */
	for (int shift = 32; shift >= 0; shift -= 8)
		buf_put_u8(out, (uint8_t)((uint64_t)len >> shift));
	buf_put_bytes(out, content);
}

/* Damages the whole: start is where it begins in out, content what its SEQUENCE holds. */
static void
signed_damage_whole(enum signed_damage damage, size_t start, struct bytes content,
    struct buf *out)
{
	static const char html[] = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>"
				   "<body>Please sign in to this network.</body></html>\n";

	switch (damage) {
	case DAMAGE_NONE:
	case DAMAGE_BIT_STRING:
		break;
	case DAMAGE_TRUNCATED:
		buf_truncate(out, start + (out->len - start) / 2);
		break;
	case DAMAGE_TRAILING:
		buf_put_text(out, "trailing");
		break;
	case DAMAGE_LONG_LENGTH:
	case DAMAGE_INDEFINITE:
		buf_truncate(out, start);
		signed_put_odd_head(damage, content, out);
		break;
	case DAMAGE_WRONG_TAG:
		out->data[start] = DER_SET;
		break;
	case DAMAGE_EMPTY:
		buf_truncate(out, start);
		break;
	case DAMAGE_NOISE:
		for (size_t i = start; i < out->len; i++)
			out->data[i] = (uint8_t)((i - start) * 167 + 13);
		break;
	case DAMAGE_HTML:
		buf_truncate(out, start);
		buf_put_text(out, html);
		break;
	}
}

void
signed_write(struct settings *settings, const struct signed_keys *keys,
    const struct key *signer, struct bytes tbs, struct buf *out)
{
	enum signed_damage damage =
	    (enum signed_damage)settings_word(settings, keys->mangle, signed_damages);
	size_t start = out->len;
	struct buf content;

	buf_init(&content, SIGNED_MAX);
	buf_put_bytes(&content, tbs);
	signed_put_algorithm(settings, keys, keys->hash, signer, &content);
	signed_put_signature(settings, keys, signer, tbs, damage, &content);
	der_put(out, DER_SEQUENCE, buf_bytes(&content));
	if (buf_ok(out) && buf_ok(&content))
		signed_damage_whole(damage, start, buf_bytes(&content), out);
	buf_done(&content);
}

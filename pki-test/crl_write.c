/* SPDX-License-Identifier: Apache-2.0
 *
 * TBSCertList, its entries and extensions.
 */
#include "pki-test/crl_write.h"

#include <string.h>

#include "common/base/text.h"
#include "pki-test/der_write.h"
#include "pki-test/name_write.h"
#include "pki-test/pem_write.h"
#include "pki-test/recipes/recipe.h"
#include "pki-test/signed_write.h"

static const struct signed_keys crl_signed_keys = {
    .hash = CRL_HASH,
    .pss = CRL_PSS,
    .inner_hash = CRL_INNER_HASH,
    .bad_signature = CRL_BAD_SIGNATURE,
    .mangle = CRL_MANGLE,
};

enum {
	ENTRIES_MAX = 5000000,
	PAD_MAX = 200 * 1024 * 1024,
	SERIAL_MAX_OCTETS = 300,
	FURTHER_SERIAL_SIZE = 11, /* an entry without reason takes 30 octets */
	/* RFC 5280 6.3.3: keyCompromise and cACompromise are bits 1 and 2 of ReasonFlags */
	SOME_REASONS = 1 << 1 | 1 << 2,
};

static const char *const crl_reasons[] = {"unspecified", "keyCompromise", "cACompromise",
    "affiliationChanged", "superseded", "cessationOfOperation", "certificateHold", "",
    "removeFromCRL", "privilegeWithdrawn", "aACompromise"};

int
crl_write_reason_code(const char *name)
{
	for (int i = 0; i < (int)(sizeof(crl_reasons) / sizeof(crl_reasons[0])); i++) {
		if (name[0] != '\0' && strcmp(crl_reasons[i], name) == 0)
			return i;
	}
	return -1;
}

bool
crl_write_number(struct settings *crl, uint64_t published, uint64_t *ret_number)
{
	const char *text = settings_text(crl, CRL_NUMBER);

	if (text[0] == '\0' || settings_number(crl, CRL_VERSION, 9) == 1)
		return false;
	if (strcmp(text, "next") == 0)
		*ret_number = published + 1;
	else if (strcmp(text, "previous") == 0)
		*ret_number = published > 0 ? published - 1 : 0;
	else
		*ret_number = settings_number(crl, CRL_NUMBER, UINT64_MAX);
	return true;
}

/* What each entry of one CRL has besides its serial number. */
struct crl_entry_form {
	bool reasons;        /* write reason codes */
	int reason;          /* this one for all; -1: each its own */
	bool critical;       /* a critical extension nobody knows */
	struct bytes issuer; /* certificateIssuer; empty: none */
};

static struct crl_entry_form
crl_entry_form_of(struct settings *crl, const struct crl_parties *parties)
{
	const char *text = settings_text(crl, CRL_REASONS);
	struct crl_entry_form form = {
	    .reasons = strcmp(text, "no") != 0,
	    .reason = -1,
	    .critical = settings_flag(crl, CRL_ENTRY_CRITICAL),
	    .issuer = parties->entry_issuer,
	};

	if (strcmp(text, "no") == 0 || strcmp(text, "auto") == 0)
		return form;
	form.reason = crl_write_reason_code(text);
	if (form.reason < 0)
		settings_complain(crl, CRL_REASONS, "auto, no, or the name of a CRLReason");
	return form;
}

static void
crl_put_reason(struct buf *out, int reason)
{
	struct signed_extension extension = signed_open_extension(out, "2.5.29.21", false);

	der_put_u64(out, DER_ENUMERATED, (uint64_t)reason);
	signed_close_extension(out, extension);
}

/* certificateIssuer (RFC 5280 5.3.3): GeneralNames with one directoryName. */
static void
crl_put_entry_issuer(struct buf *out, struct bytes issuer)
{
	struct signed_extension extension = signed_open_extension(out, "2.5.29.29", true);
	size_t names = der_open(out, DER_SEQUENCE);

	der_put(out, DER_CONTEXT_CONSTRUCTED(4), issuer);
	der_close(out, names);
	signed_close_extension(out, extension);
}

static void
crl_put_entry(struct buf *out, const struct crl_entry_form *form,
    const struct crl_write_entry *entry)
{
	int reason = form->reason >= 0 ? form->reason : crl_write_reason_code(entry->reason);
	size_t whole = der_open(out, DER_SEQUENCE), extensions;

	der_put(out, DER_INTEGER, entry->serial);
	der_put_time(out, entry->revoked_s, DER_TIME_RFC5280);
	if ((form->reasons && reason > 0) || form->critical || form->issuer.len > 0) {
		extensions = der_open(out, DER_SEQUENCE);
		if (form->reasons && reason > 0)
			crl_put_reason(out, reason);
		if (form->issuer.len > 0)
			crl_put_entry_issuer(out, form->issuer);
		if (form->critical)
			signed_put_private_extension(out, "1.3.6.1.4.1.99999.3", true, 4);
		der_close(out, extensions);
	}
	der_close(out, whole);
}

/* Serial numbers that no certificate of the laboratory has: theirs are 16 octets. */
static void
crl_further_serial(uint64_t n, uint8_t ret_serial[static FURTHER_SERIAL_SIZE])
{
	uint64_t mixed = (n + 1) * 0x9e3779b97f4a7c15U; /* odd: a bijection, so no repeats */

	memset(ret_serial, 0x4e, FURTHER_SERIAL_SIZE);
	for (size_t i = 0; i < 8; i++)
		ret_serial[FURTHER_SERIAL_SIZE - 8 + i] = (uint8_t)(mixed >> (56 - 8 * i));
}

static void
crl_put_further_entries(struct buf *out, const struct crl_entry_form *form, uint64_t count,
    int64_t now_s)
{
	static const char *const reasons[] = {"keyCompromise", "superseded",
	    "cessationOfOperation", "affiliationChanged"};
	uint8_t serial[FURTHER_SERIAL_SIZE];

	for (uint64_t n = 0; n < count && buf_ok(out); n++) {
		struct crl_write_entry entry = {
		    .serial = bytes_of(serial, sizeof(serial)),
		    .revoked_s = now_s - (int64_t)(n % 1000) * 3600,
		    .reason = reasons[n % 4],
		};

		crl_further_serial(n, serial);
		crl_put_entry(out, form, &entry);
	}
}

/* An entry whose serial number the settings spell out. */
static void
crl_put_spelt_entry(struct settings *crl, const struct crl_entry_form *form, int64_t now_s,
    struct buf *out)
{
	const char *hex = settings_text(crl, CRL_ENTRY_SERIAL);
	size_t len = strlen(hex) / 2;
	uint8_t raw[SERIAL_MAX_OCTETS];
	struct crl_write_entry entry = {bytes_of(raw, len), now_s, "keyCompromise"};

	if (hex[0] == '\0')
		return;
	if (len <= sizeof(raw) && text_parse_hex(hex, raw, len))
		crl_put_entry(out, form, &entry);
	else
		settings_complain(crl, CRL_ENTRY_SERIAL, "not octets in hexadecimal");
}

static void
crl_put_entries(struct settings *crl, const struct crl_parties *parties, struct buf *out)
{
	struct crl_entry_form form = crl_entry_form_of(crl, parties);
	size_t start = out->len;
	size_t list = der_open(out, DER_SEQUENCE);

	if (!settings_flag(crl, CRL_OMIT)) {
		for (size_t i = 0; i < parties->entry_count; i++)
			crl_put_entry(out, &form, &parties->entries[i]);
	}
	crl_put_spelt_entry(crl, &form, parties->now_s, out);
	crl_put_further_entries(out, &form, settings_number(crl, CRL_ENTRIES, ENTRIES_MAX),
	    parties->now_s);
	if (out->len == list && !settings_flag(crl, CRL_EMPTY_LIST))
		buf_truncate(out, start); /* RFC 5280 5.1.2.6: absent when there is nothing */
	else
		der_close(out, list);
}

static void
crl_put_numbers(struct settings *crl, const struct crl_parties *parties, struct buf *out)
{
	bool delta = settings_has(crl, CRL_DELTA);
	bool previous = strcmp(settings_text(crl, CRL_DELTA), "previous") == 0;
	struct signed_extension extension;
	uint64_t number;

	if (crl_write_number(crl, parties->published, &number)) {
		extension = signed_open_extension(out, "2.5.29.20",
		    settings_flag(crl, CRL_NUMBER_CRITICAL));
		der_put_u64(out, DER_INTEGER, number);
		signed_close_extension(out, extension);
	}
	if (delta) {
		number =
		    previous ? parties->published : settings_number(crl, CRL_DELTA, UINT64_MAX);
		extension = signed_open_extension(out, "2.5.29.27", true);
		der_put_u64(out, DER_INTEGER, number);
		signed_close_extension(out, extension);
	}
}

static void
crl_put_idp_names(struct settings *crl, const struct crl_parties *parties, struct buf *out)
{
	size_t name, full;

	if (!settings_has(crl, CRL_IDP_URI))
		return;
	name = der_open(out, DER_CONTEXT_CONSTRUCTED(0));
	full = der_open(out, DER_CONTEXT_CONSTRUCTED(0));
	name_write_general(crl, CRL_IDP_URI, &parties->names, "uri:", out);
	der_close(out, full);
	der_close(out, name);
}

/* issuingDistributionPoint (RFC 5280 5.2.5). */
static void
crl_put_idp(struct settings *crl, const struct crl_parties *parties, struct buf *out)
{
	static const char *const only[] = {"", "user", "ca", "attribute", NULL};
	static const uint8_t only_tags[] = {0, DER_CONTEXT(1), DER_CONTEXT(2), DER_CONTEXT(5)};
	size_t word = settings_word(crl, CRL_IDP_ONLY, only);
	bool reasons = settings_flag(crl, CRL_IDP_REASONS);
	bool indirect = settings_flag(crl, CRL_IDP_INDIRECT);
	struct signed_extension extension;
	size_t mark;

	if (word == 0 && !reasons && !indirect && !settings_has(crl, CRL_IDP_URI) &&
	    !settings_flag(crl, CRL_IDP_EMPTY))
		return;
	extension = signed_open_extension(out, "2.5.29.28", true);
	mark = der_open(out, DER_SEQUENCE);
	crl_put_idp_names(crl, parties, out);
	if (word == 1 || word == 2)
		der_put(out, only_tags[word], bytes_of("\xff", 1));
	if (reasons)
		der_put_named_bits(out, DER_CONTEXT(3), SOME_REASONS);
	if (indirect)
		der_put(out, DER_CONTEXT(4), bytes_of("\xff", 1));
	if (word == 3)
		der_put(out, only_tags[word], bytes_of("\xff", 1));
	der_close(out, mark);
	signed_close_extension(out, extension);
}

static void
crl_put_extensions(struct settings *crl, const struct crl_parties *parties, struct buf *out)
{
	size_t tagged = der_open(out, DER_CONTEXT_CONSTRUCTED(0));
	size_t mark = der_open(out, DER_SEQUENCE);

	signed_put_aki(crl, CRL_AKI, parties->signer, out);
	crl_put_numbers(crl, parties, out);
	crl_put_idp(crl, parties, out);
	if (settings_flag(crl, CRL_UNKNOWN_CRITICAL))
		signed_put_private_extension(out, "1.3.6.1.4.1.99999.1", true, 4);
	if (settings_has(crl, CRL_PAD))
		signed_put_private_extension(out, "1.3.6.1.4.1.99999.2", false,
		    settings_number(crl, CRL_PAD, PAD_MAX));
	der_close(out, mark);
	der_close(out, tagged);
}

static void
crl_put_tbs(struct settings *crl, const struct crl_parties *parties, struct buf *out)
{
	uint64_t version = settings_number(crl, CRL_VERSION, 9);
	size_t tbs = der_open(out, DER_SEQUENCE);

	if (version == 0)
		settings_complain(crl, CRL_VERSION, "versions begin with 1");
	if (version > 1)
		der_put_u64(out, DER_INTEGER, version - 1);
	signed_put_inner_algorithm(crl, &crl_signed_keys, parties->signer, out);
	buf_put_bytes(out, parties->issuer);
	signed_put_time(crl, CRL_THIS_UPDATE, CRL_TIME_FORM, parties->now_s, out);
	if (settings_has(crl, CRL_NEXT_UPDATE))
		signed_put_time(crl, CRL_NEXT_UPDATE, CRL_TIME_FORM, parties->now_s, out);
	crl_put_entries(crl, parties, out);
	if (version > 1)
		crl_put_extensions(crl, parties, out);
	der_close(out, tbs);
}

enum status
crl_write(struct settings *crl, const struct crl_parties *parties, struct buf *out)
{
	struct buf tbs, der;

	buf_init(&tbs, SIGNED_MAX);
	buf_init(&der, SIGNED_MAX);
	crl_put_tbs(crl, parties, &tbs);
	signed_write(crl, &crl_signed_keys, parties->signer, buf_bytes(&tbs), &der);
	if (settings_flag(crl, CRL_PEM))
		pem_write("X509 CRL", buf_bytes(&der), out);
	else
		buf_put_bytes(out, buf_bytes(&der));
	if (!buf_ok(&tbs) || !buf_ok(&der) || !buf_ok(out))
		settings_complain(crl, CRL_ENTRIES, "the CRL is larger than we make any");
	buf_done(&tbs);
	buf_done(&der);
	return settings_ok(crl) ? STATUS_OK : STATUS_INVALID;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading certificate revocation lists.
 */
#include "common/pki/crl.h"

#include <stdio.h>
#include <string.h>

#include "common/pki/cert.h"
#include "common/pki/der.h"
#include "common/pki/pubkey.h"

_Static_assert(CRL_SERIAL_MAX >= CERT_SERIAL_MAX + 1, "every serial of a certificate fits");

static const int64_t crl_year_2050_s = 2524608000;

/* An INTEGER from 0 to 2^159 - 1. */
static void
crl_read_number(struct der *der, struct crl_number *number)
{
	struct bytes raw = der_integer(der, DER_INTEGER);

	if (raw.len > 0 && (raw.data[0] & 0x80)) {
		der_fail(der, "negative CRL number");
		return;
	}
	while (raw.len > 0 && raw.data[0] == 0) {
		raw.data++;
		raw.len--;
	}
	if (raw.len > CRL_NUMBER_MAX) {
		der_fail(der, "CRL number longer than 20 octets");
		return;
	}
	number->present = true;
	number->len = (uint8_t)raw.len;
	if (raw.len > 0)
		memcpy(number->octets, raw.data, raw.len);
}

int
crl_number_compare(const struct crl_number *a, const struct crl_number *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->octets, b->octets, a->len);
}

/* AuthorityKeyIdentifier, of which only the keyIdentifier is of use here. */
static struct bytes
crl_read_authority_key(struct der *der)
{
	struct der inner = der_enter(der, DER_SEQUENCE);
	struct bytes key = {0}, ignored;

	(void)der_optional(&inner, DER_CONTEXT(0), &key);
	(void)der_optional(&inner, DER_CONTEXT_CONSTRUCTED(1), &ignored);
	(void)der_optional(&inner, DER_CONTEXT(2), &ignored);
	der_end(&inner);
	return key;
}

/* One crlExtension (RFC 5280 5.2), each of which has to be critical or must not be.  True
 * when it is known and was processed. */
static bool
crl_read_extension(struct crl *crl, const struct extension *extension, struct der *value)
{
	bool to_be_critical = false;

	switch (extension_ce(extension)) {
	case EXTENSION_AUTHORITY_KEY_ID:
		crl->follows_profile = true;
		crl->authority_key = crl_read_authority_key(value);
		break;
	case EXTENSION_CRL_NUMBER:
		crl_read_number(value, &crl->number);
		break;
	case EXTENSION_DELTA_CRL_INDICATOR:
		to_be_critical = true;
		crl_read_number(value, &crl->base);
		break;
	case EXTENSION_ISSUING_DIST_POINT:
		to_be_critical = true;
		crl->scope_der = extension->value;
		dist_point_read_scope(value, &crl->scope);
		break;
	case EXTENSION_FRESHEST_CRL: /* where to fetch: only its form is of interest here */
		dist_point_check(value);
		break;
	default:
		return false;
	}
	der_end(value);
	if (extension->critical != to_be_critical)
		der_fail(value, to_be_critical ? "extension that is not critical but must be"
					       : "extension that is critical but must not be");
	return true;
}

/* [0] EXPLICIT Extensions. */
static void
crl_read_extensions(struct crl *crl, struct der *tbs)
{
	struct extension_list list;
	struct extension extension;
	struct der explicit_tag;

	crl->scope.reasons = DIST_POINT_ALL_REASONS;
	if (!der_optional_enter(tbs, DER_CONTEXT_CONSTRUCTED(0), &explicit_tag))
		return;
	if (crl->version != 2)
		der_fail(tbs, "extensions in a CRL of version 1");
	extension_list_open(&list, &explicit_tag);
	der_end(&explicit_tag);
	while (extension_list_next(&list, &extension)) {
		struct der value = extension_value(&list, &extension);

		if (extension.false_written)
			der_fail(tbs, "the default FALSE is written out");
		if (!crl_read_extension(crl, &extension, &value) && extension.critical)
			crl->unknown_critical = extension.oid;
	}
	if (!crl->number.present && (crl->base.present || crl->follows_profile))
		der_fail(tbs, "no CRL number");
}

/* thisUpdate and nextUpdate are there, and are UTCTime until 2049 (RFC 5280 5.1.2.4, 5.1.2.5).
 * Returns whether the latter is broken. */
static bool
crl_read_updates(struct crl *crl, struct der *tbs)
{
	bool early = false;
	int64_t *const updates[] = {&crl->this_update_s, &crl->next_update_s};

	for (size_t i = 0; i < 2; i++) {
		bool generalized = der_next_is(tbs, DER_GENERALIZED_TIME);

		if (!generalized && !der_next_is(tbs, DER_UTC_TIME))
			der_fail(tbs, i == 0 ? "no thisUpdate" : "no nextUpdate");
		*updates[i] = der_time(tbs);
		early = early || (generalized && *updates[i] < crl_year_2050_s);
	}
	return early;
}

static void
crl_read_issuer(struct crl *crl, struct der *tbs)
{
	size_t len = (size_t)(tbs->end - tbs->at);

	if (len > CRL_ISSUER_LEN_MAX)
		len = CRL_ISSUER_LEN_MAX;
	buf_init(&crl->issuer_canonical, name_canonical_max(len));
	crl->issuer.der = name_read(tbs, &crl->issuer_canonical);
	crl->issuer.canonical = buf_bytes(&crl->issuer_canonical);
	if (!buf_ok(&crl->issuer_canonical) || crl->issuer.der.len > CRL_ISSUER_LEN_MAX)
		der_fail(tbs, "issuer name too long");
	if (der_ok(tbs) && crl->issuer.canonical.len == 0)
		der_fail(tbs, "empty issuer name");
	if (!der_ok(tbs))
		crl->issuer = (struct name){0};
}

/* TBSCertList but for the entries themselves.  Applications have to take version 1 and CRLs
 * without extensions too (RFC 5280 5); but of a CRL with an authorityKeyIdentifier, which
 * shows that its issuer means to follow the profile (5.2.1), the rest of it is asked. */
static void
crl_read_tbs(struct crl *crl, struct der *tbs)
{
	struct algorithm inner;
	bool early_generalized;
	struct der entries;

	crl->version = 1;
	if (der_next_is(tbs, DER_INTEGER)) {
		crl->version = 2;
		if (der_u64(tbs, DER_INTEGER, 1) != 1)
			der_fail(tbs, "CRL version other than 2");
	}
	algorithm_read(tbs, &inner);
	if (!bytes_equal(inner.der, crl->algorithm.der))
		der_fail(tbs, "the two signature algorithms differ");
	crl_read_issuer(crl, tbs);
	early_generalized = crl_read_updates(crl, tbs);
	if (der_optional_enter(tbs, DER_SEQUENCE, &entries)) {
		if (!der_more(&entries))
			der_fail(tbs, "revokedCertificates is there but empty");
		crl->entries = bytes_of(entries.at, (size_t)(entries.end - entries.at));
	}
	crl_read_extensions(crl, tbs);
	if (early_generalized && crl->follows_profile)
		der_fail(tbs, "GeneralizedTime before 2050");
	der_end(tbs);
}

/* CRLReason: an ENUMERATED, of which 7 is not used (RFC 5280 5.3.1). */
static int
crl_read_reason(struct der *value)
{
	int reason = (int)der_u64(value, DER_ENUMERATED, CRL_REASON_LAST);

	if (reason == 7)
		der_fail(value, "reason code that does not exist");
	return reason;
}

/* certificateIssuer: the one directory name among the names (RFC 5280 5.3.3). */
static struct bytes
crl_read_certificate_issuer(struct der *value)
{
	struct der names = der_enter(value, DER_SEQUENCE);
	struct general_name name;
	struct bytes issuer = {0};

	while (der_more(&names) && general_name_read(&names, &name)) {
		if (name.kind != GENERAL_NAME_DIRECTORY)
			continue;
		if (issuer.len > 0)
			der_fail(value, "two directory names in a certificateIssuer");
		issuer = name.value;
	}
	if (issuer.len == 0)
		der_fail(value, "certificateIssuer without a directory name");
	return issuer;
}

/* One crlEntryExtension (RFC 5280 5.3).  True when it is known and was processed. */
static bool
crl_walk_extension(struct crl_walk *walk, const struct extension *extension,
    struct crl_entry *entry)
{
	struct der value = extension_value(&walk->extensions, extension);

	switch (extension_ce(extension)) {
	case EXTENSION_REASON_CODE:
		entry->reason = crl_read_reason(&value);
		break;
	case EXTENSION_INVALIDITY_DATE:
		(void)der_generalized_time(&value, DER_GENERALIZED_TIME);
		break;
	case EXTENSION_CERTIFICATE_ISSUER:
		entry->issuer_der = crl_read_certificate_issuer(&value);
		if (!walk->indirect || !extension->critical)
			der_fail(&value,
			    "certificateIssuer not critical, or in a CRL that is not indirect");
		break;
	default:
		return false;
	}
	der_end(&value);
	return true;
}

static void
crl_walk_extensions(struct crl_walk *walk, struct der *item, struct crl_entry *entry)
{
	struct extension extension;

	if (walk->version != 2)
		der_fail(item, "entry extensions in a CRL of version 1");
	extension_list_open(&walk->extensions, item);
	while (extension_list_next(&walk->extensions, &extension)) {
		if (extension.false_written)
			der_fail(item, "the default FALSE is written out");
		if (!crl_walk_extension(walk, &extension, entry) && extension.critical)
			walk->unknown_critical = extension.oid;
		if (walk->extensions.count > CRL_ENTRY_EXTENSION_MAX)
			der_fail(item, "too many extensions of an entry");
	}
}

/* A walk whose faults are those of a reader over the CRL. */
static void
crl_walk_open(struct crl_walk *walk, const struct crl *crl, struct der der)
{
	walk->entries = der_inside(&der, crl->entries);
	walk->unknown_critical = (struct bytes){0};
	walk->indirect = crl->scope.indirect;
	walk->version = crl->version;
}

void
crl_walk_begin(struct crl_walk *walk, const struct crl *crl)
{
	crl_walk_open(walk, crl, der_begin(crl->der, &walk->fault));
}

bool
crl_walk_next(struct crl_walk *walk, struct crl_entry *ret_entry)
{
	struct crl_entry entry = {.reason = CRL_REASON_NONE};
	struct der item;

	if (!der_more(&walk->entries))
		return false;
	item = der_enter(&walk->entries, DER_SEQUENCE);
	entry.serial = der_integer(&item, DER_INTEGER);
	if (entry.serial.len > CRL_SERIAL_MAX)
		der_fail(&item, "serial number longer than 20 octets");
	entry.revoked_at_s = der_time(&item);
	if (der_more(&item))
		crl_walk_extensions(walk, &item, &entry);
	der_end(&item);
	if (!der_ok(&item))
		return false;
	*ret_entry = entry;
	return true;
}

/* Passes over all entries once, for their form. */
static void
crl_read_entries(struct crl *crl, const struct der *der)
{
	struct crl_entry entry;
	struct crl_walk walk;

	crl_walk_open(&walk, crl, *der);
	while (crl_walk_next(&walk, &entry)) {
		crl->entry_count++;
		if (entry.serial.len > crl->serial_max)
			crl->serial_max = (uint8_t)entry.serial.len;
	}
	if (walk.unknown_critical.len > 0)
		crl->unknown_critical = walk.unknown_critical;
}

static enum reason PRINTF_LIKE(3, 4)
    crl_refuse(struct crl *crl, enum reason reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(crl->error, sizeof crl->error, format, args);
	va_end(args);
	return reason;
}

/* Says which critical extension is not known. */
static enum reason
crl_refuse_critical(struct crl *crl)
{
	struct buf oid;

	buf_init(&oid, CRL_ERROR_SIZE);
	der_oid_text(crl->unknown_critical, &oid);
	crl_refuse(crl, REASON_CRL_CRITICAL_EXTENSION, "the critical extension %s is not known",
	    buf_text(&oid));
	buf_done(&oid);
	return REASON_CRL_CRITICAL_EXTENSION;
}

enum reason
crl_read(struct bytes der, size_t max_len, struct crl *ret_crl)
{
	struct crl *crl = ret_crl;
	struct der_fault fault;
	struct der file, list, tbs;
	struct der_bits signature;

	*crl = (struct crl){.der = der};
	if (der.len > max_len)
		return crl_refuse(crl, REASON_CRL_TOO_LARGE,
		    "the CRL has %zu bytes, %zu are allowed", der.len, max_len);
	file = der_begin(der, &fault);
	list = der_enter(&file, DER_SEQUENCE);
	der_end(&file);
	crl->tbs = der_whole(&list, DER_SEQUENCE);
	algorithm_read(&list, &crl->algorithm);
	signature = der_bit_string(&list, DER_BIT_STRING);
	if (signature.unused != 0)
		der_fail(&list, "signature with unused bits");
	crl->signature = signature.bytes;
	der_end(&list);
	tbs = der_inside(&list, crl->tbs);
	tbs = der_enter(&tbs, DER_SEQUENCE);
	crl_read_tbs(crl, &tbs);
	crl_read_entries(crl, &tbs);
	if (fault.what != NULL)
		return crl_refuse(crl, REASON_CRL_MALFORMED, "%s (byte %zu of the CRL)",
		    fault.what, fault.offset);
	if (crl->unknown_critical.len > 0)
		return crl_refuse_critical(crl);
	return REASON_OK;
}

void
crl_done(struct crl *crl)
{
	if (crl != NULL)
		buf_done(&crl->issuer_canonical);
}

enum reason
crl_check_signature(struct crl *crl, const struct cert *signer)
{
	switch (pubkey_verify(&signer->key, &crl->algorithm, crl->tbs, crl->signature)) {
	case SIGNATURE_GOOD:
		return REASON_OK;
	case SIGNATURE_WEAK:
		return crl_refuse(crl, REASON_CRL_SIGNATURE,
		    "the CRL is signed with a hash that is too weak");
	case SIGNATURE_UNSUPPORTED:
		return crl_refuse(crl, REASON_CRL_SIGNATURE,
		    "the CRL is signed with an algorithm that is not supported");
	case SIGNATURE_BAD:
		break;
	}
	return crl_refuse(crl, REASON_CRL_SIGNATURE,
	    "the signature of the CRL is not that of its issuer's key");
}

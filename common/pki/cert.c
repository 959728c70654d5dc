/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a certificate.
 *
 * Laxities, each because certificates that are otherwise good have it: serials that are zero
 * or negative (RFC 5280 4.1.2.2 asks to bear them), GeneralizedTime before 2050, a written
 * FALSE where DER leaves the default out, NULL parameters missing from RSA algorithms.
 */
#include "common/pki/cert.h"

#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/buf.h"
#include "common/pki/cert_extension.h"

/* The canonical forms stand behind the struct's DER, in one piece of memory of their own. */
struct cert_memory {
	struct cert cert;
	uint8_t *der;
	struct buf canonical;
};

static void
cert_read_version(struct cert *cert, struct der *tbs)
{
	struct der explicit;

	cert->version = 1;
	if (!der_optional_enter(tbs, DER_CONTEXT_CONSTRUCTED(0), &explicit))
		return;
	cert->version = (unsigned int)der_u64(&explicit, DER_INTEGER, 2) + 1;
	if (cert->version == 1)
		der_fail(tbs, "version 1 written out");
	der_end(&explicit);
}

static void
cert_read_serial(struct cert *cert, struct der *tbs)
{
	cert->serial = der_integer(tbs, DER_INTEGER);
	if (cert->serial.len > CERT_SERIAL_MAX + 1 ||
	    (cert->serial.len == CERT_SERIAL_MAX + 1 && cert->serial.data[0] != 0))
		der_fail(tbs, "serial number of more than 20 octets");
}

/* Reads a name; where its canonical form is in memory is known when all of them are read. */
static size_t
cert_read_name(struct name *name, struct der *tbs, struct buf *canonical)
{
	size_t start = canonical->len;

	name->der = name_read(tbs, canonical);
	return start;
}

static void
cert_read_validity(struct cert *cert, struct der *tbs)
{
	struct der validity = der_enter(tbs, DER_SEQUENCE);

	cert->not_before_s = der_time(&validity);
	cert->not_after_s = der_time(&validity);
	der_end(&validity);
}

static void
cert_read_extensions(struct cert *cert, struct der *tbs)
{
	struct extension_list list;
	struct extension extension;
	struct der explicit;

	/* issuerUniqueID and subjectUniqueID (RFC 5280 4.1.2.8): taken, of no use */
	for (unsigned int n = 1; cert->version >= 2 && n <= 2; n++) {
		if (der_next_is(tbs, DER_CONTEXT(n)))
			der_bit_string(tbs, DER_CONTEXT(n));
	}
	if (cert->version < 3 ||
	    !der_optional_enter(tbs, DER_CONTEXT_CONSTRUCTED(3), &explicit))
		return;
	extension_list_open(&list, &explicit);
	while (extension_list_next(&list, &extension))
		cert_extension_read(cert, &list, &extension);
	der_end(&explicit);
}

static void
cert_read_tbs(struct cert *cert, struct der *tbs, struct bytes *ret_inner_algorithm,
    struct buf *canonical)
{
	size_t issuer_at, subject_at;

	cert_read_version(cert, tbs);
	cert_read_serial(cert, tbs);
	*ret_inner_algorithm = der_whole(tbs, DER_SEQUENCE);
	issuer_at = cert_read_name(&cert->issuer, tbs, canonical);
	if (canonical->len == issuer_at)
		der_fail(tbs, "an empty issuer name"); /* RFC 5280 4.1.2.4 */
	cert_read_validity(cert, tbs);
	subject_at = cert_read_name(&cert->subject, tbs, canonical);
	pubkey_read(tbs, &cert->key);
	cert_read_extensions(cert, tbs);
	der_end(tbs);
	if (!der_ok(tbs))
		return;
	cert->issuer.canonical = bytes_of(canonical->data + issuer_at, subject_at - issuer_at);
	cert->subject.canonical =
	    bytes_of(canonical->data + subject_at, canonical->len - subject_at);
	cert->self_issued = bytes_equal(cert->issuer.canonical, cert->subject.canonical);
}

static void
cert_read(struct cert *cert, struct der_fault *fault, struct buf *canonical)
{
	struct der outer = der_begin(cert->der, fault);
	struct der certificate = der_enter(&outer, DER_SEQUENCE), inside, tbs;
	struct bytes inner_algorithm;
	struct der_bits signature;

	cert->tbs = der_whole(&certificate, DER_SEQUENCE);
	algorithm_read(&certificate, &cert->algorithm);
	signature = der_bit_string(&certificate, DER_BIT_STRING);
	der_end(&certificate);
	der_end(&outer);
	if (!der_ok(&outer))
		return;
	/* no algorithm makes part of a byte: such a signature is wrong, the form is not */
	if (signature.unused == 0)
		cert->signature = signature.bytes;
	inside = der_inside(&outer, cert->tbs);
	tbs = der_enter(&inside, DER_SEQUENCE);
	cert_read_tbs(cert, &tbs, &inner_algorithm, canonical);
	/* RFC 5280 4.1.1.2 */
	if (der_ok(&outer) && !bytes_equal(inner_algorithm, cert->algorithm.der))
		der_fail(&outer, "the two signature algorithms differ");
}

static void
cert_error(char *reterr_text, const struct der_fault *fault)
{
	struct buf text;

	if (reterr_text == NULL)
		return;
	buf_init(&text, CERT_ERROR_SIZE - 1);
	der_fault_text(fault, &text);
	memcpy(reterr_text, buf_text(&text), text.len + 1);
	buf_done(&text);
}

enum status
cert_parse(struct bytes der, struct cert **ret_cert, char reterr_text[CERT_ERROR_SIZE])
{
	struct cert_memory *memory;
	struct cert *cert;
	struct der_fault fault = {.what = "longer than 64 KiB"};

	if (der.len > CERT_LEN_MAX) {
		cert_error(reterr_text, &fault);
		return STATUS_LIMIT;
	}
	memory = NEW(struct cert_memory);
	memory->der = alloc_copy(der.data, der.len);
	buf_init(&memory->canonical, name_canonical_max(der.len));
	cert = &memory->cert;
	cert->der = bytes_of(memory->der, der.len);
	cert->path_len = CERT_PATH_LEN_NONE;
	cert->require_explicit_skip = CERT_SKIP_NONE;
	cert->inhibit_mapping_skip = CERT_SKIP_NONE;
	cert->inhibit_any_skip = CERT_SKIP_NONE;
	cert_read(cert, &fault, &memory->canonical);
	if (fault.what == NULL && !buf_ok(&memory->canonical))
		fault.what = "names too long";
	if (fault.what != NULL) {
		cert_error(reterr_text, &fault);
		cert_free(cert);
		return STATUS_INVALID;
	}
	pubkey_sha256(cert->der, cert->sha256);
	*ret_cert = cert;
	return STATUS_OK;
}

void
cert_free(struct cert *cert)
{
	struct cert_memory *memory = (struct cert_memory *)cert;

	if (cert == NULL)
		return;
	buf_done(&memory->canonical);
	free(memory->der);
	free(memory);
}

void
cert_san_begin(const struct cert *cert, struct cert_san_walk *walk)
{
	struct der outer = der_begin(cert->subject_alt_name.value, &walk->fault);

	if (cert->subject_alt_name.present)
		walk->names = der_enter(&outer, DER_SEQUENCE);
	else
		walk->names = outer;
}

bool
cert_san_next(struct cert_san_walk *walk, struct general_name *ret_name)
{
	return der_more(&walk->names) && general_name_read(&walk->names, ret_name);
}

bool
cert_has_san(const struct cert *cert, enum general_name_kind kind)
{
	struct cert_san_walk walk;
	struct general_name name;

	cert_san_begin(cert, &walk);
	while (cert_san_next(&walk, &name))
		if (name.kind == kind)
			return true;
	return false;
}

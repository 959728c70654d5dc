/* SPDX-License-Identifier: Apache-2.0
 *
 * Telling certificates, CRLs, requests and keys apart.
 */
#include "common/pki/content.h"

#include "common/pki/der.h"
#include "common/pki/key_file.h"
#include "common/pki/pkcs12_file.h"

/* What is signed begins alike in certificates, CRLs and requests; the element after the
 * second SEQUENCE tells. */
static enum content_kind
content_of_signed(struct der *tbs)
{
	struct bytes number;

	if (der_next_is(tbs, DER_CONTEXT_CONSTRUCTED(0)))
		return CONTENT_CERTIFICATE;
	der_optional(tbs, DER_INTEGER, &number);
	der_whole(tbs, DER_SEQUENCE);
	der_whole(tbs, DER_SEQUENCE);
	if (der_next_is(tbs, DER_UTC_TIME) || der_next_is(tbs, DER_GENERALIZED_TIME))
		return CONTENT_CRL;
	if (der_next_is(tbs, DER_SEQUENCE))
		return CONTENT_CERTIFICATE; /* version 1 */
	if (der_next_is(tbs, DER_CONTEXT_CONSTRUCTED(0)))
		return CONTENT_REQUEST;
	return CONTENT_UNKNOWN;
}

static enum content_kind
content_of_der(const struct pem_item *item)
{
	struct der_fault fault;
	struct der outer = der_begin(item->der, &fault);
	struct der der = der_enter(&outer, DER_SEQUENCE);
	enum key_form form;
	struct der tbs;

	if (pkcs12_file_looks(item->der))
		return CONTENT_PKCS12;
	if (key_form_of(item, &form))
		return CONTENT_KEY;
	tbs = der_enter(&der, DER_SEQUENCE);
	if (der_next_is(&der, DER_BIT_STRING))
		return CONTENT_PUBLIC_KEY;
	return content_of_signed(&tbs);
}

enum content_kind
content_kind_of(const struct pem_item *item)
{
	static const struct {
		const char *label;
		enum content_kind kind;
	} rows[] = {
	    {"CERTIFICATE", CONTENT_CERTIFICATE},
	    {"X509 CERTIFICATE", CONTENT_CERTIFICATE},
	    {"X509 CRL", CONTENT_CRL},
	    {"CERTIFICATE REQUEST", CONTENT_REQUEST},
	    {"NEW CERTIFICATE REQUEST", CONTENT_REQUEST},
	    {"PUBLIC KEY", CONTENT_PUBLIC_KEY},
	    {"PKCS12", CONTENT_PKCS12},
	};
	enum key_form form;

	if (item->label.len == 0)
		return content_of_der(item);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (bytes_equal_text(item->label, rows[i].label))
			return rows[i].kind;
	}
	return key_form_of(item, &form) ? CONTENT_KEY : CONTENT_UNKNOWN;
}

const char *
content_kind_text(enum content_kind kind)
{
	switch (kind) {
	case CONTENT_UNKNOWN:
		break;
	case CONTENT_CERTIFICATE:
		return "certificate";
	case CONTENT_CRL:
		return "CRL";
	case CONTENT_REQUEST:
		return "certificate request (CSR)";
	case CONTENT_KEY:
		return "private key";
	case CONTENT_PUBLIC_KEY:
		return "public key";
	case CONTENT_PKCS12:
		return "PKCS#12";
	}
	return "unreadable";
}

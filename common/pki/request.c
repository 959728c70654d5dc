/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading PKCS#10.
 */
#include "common/pki/request.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/buf.h"
#include "common/pki/der.h"
#include "common/pki/extension.h"

/* extensionRequest, 1.2.840.113549.1.9.14 (RFC 2985 5.4.2) */
static const uint8_t request_oid_extensions[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09,
    0x0e};

static void
request_read_extensions(struct request *request, struct der *der)
{
	struct extension extension;
	struct extension_list list;

	extension_list_open(&list, der);
	while (extension_list_next(&list, &extension)) {
		if (extension_ce(&extension) == EXTENSION_SUBJECT_ALT_NAME)
			request->subject_alt_name = extension.value;
	}
}

/* Attribute ::= SEQUENCE { type OBJECT IDENTIFIER, values SET OF ANY } */
static void
request_read_attributes(struct request *request, struct der *attributes)
{
	while (der_more(attributes)) {
		struct der attribute = der_enter(attributes, DER_SEQUENCE);
		struct bytes type = der_oid(&attribute, DER_OID);
		struct der values = der_enter(&attribute, DER_SET);

		der_end(&attribute);
		if (bytes_equal(type,
			bytes_of(request_oid_extensions, sizeof(request_oid_extensions))))
			request_read_extensions(request, &values);
	}
}

static void
request_read(struct request *request, struct der *der, struct buf *canonical)
{
	struct der outer = der_enter(der, DER_SEQUENCE), info, attributes;
	struct der at = outer;
	struct der_bits bits;

	request->info = der_whole(&outer, DER_SEQUENCE);
	info = der_enter(&at, DER_SEQUENCE);
	der_u64(&info, DER_INTEGER, 0);
	request->subject = name_read(&info, canonical);
	pubkey_read(&info, &request->key);
	if (der_optional_enter(&info, DER_CONTEXT_CONSTRUCTED(0), &attributes))
		request_read_attributes(request, &attributes);
	der_end(&info);
	algorithm_read(&outer, &request->algorithm);
	bits = der_bit_string(&outer, DER_BIT_STRING);
	request->signature = bits.bytes;
	der_end(&outer);
	der_end(der);
}

enum status
request_parse(struct bytes der, struct request **ret_request, char reterr_text[CERT_ERROR_SIZE])
{
	struct request *request = NEW(struct request);
	struct der_fault fault;
	struct buf canonical;
	struct der reader;
	bool ok;

	if (der.len > CERT_LEN_MAX) {
		snprintf(reterr_text, CERT_ERROR_SIZE, "larger than %d bytes", CERT_LEN_MAX);
		free(request);
		return STATUS_LIMIT;
	}
	request->der = bytes_of(alloc_copy(der.data, der.len), der.len);
	buf_init(&canonical, name_canonical_max(der.len));
	reader = der_begin(request->der, &fault);
	request_read(request, &reader, &canonical);
	ok = der_ok(&reader);
	buf_done(&canonical); /* nobody compares the subjects of requests */
	if (!ok) {
		struct buf text;

		buf_init(&text, CERT_ERROR_SIZE - 1);
		der_fault_text(&fault, &text);
		snprintf(reterr_text, CERT_ERROR_SIZE, "%s", buf_text(&text));
		buf_done(&text);
		request_free(request);
		return STATUS_INVALID;
	}
	*ret_request = request;
	return STATUS_OK;
}

void
request_free(struct request *request)
{
	if (request == NULL)
		return;
	free((void *)request->der.data);
	free(request);
}

enum signature_result
request_verify(const struct request *request)
{
	return pubkey_verify(&request->key, &request->algorithm, request->info,
	    request->signature);
}

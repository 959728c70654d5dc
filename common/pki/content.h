/* SPDX-License-Identifier: Apache-2.0
 *
 * What an item of a file is: told by its PEM label, or by the outer shape of its DER.  Says
 * nothing about whether it is well formed.
 */
#ifndef PORTCULLIS_PKI_CONTENT_H
#define PORTCULLIS_PKI_CONTENT_H

#include "common/pki/pem.h"

enum content_kind {
	CONTENT_UNKNOWN,
	CONTENT_CERTIFICATE,
	CONTENT_CRL,
	CONTENT_REQUEST, /* PKCS#10, a CSR */
	CONTENT_KEY,     /* private; key_form_of tells which */
	CONTENT_PUBLIC_KEY,
	CONTENT_PKCS12,
};

enum content_kind content_kind_of(const struct pem_item *item);

/* "certificate", "CRL", ... */
const char *content_kind_text(enum content_kind kind);

#endif

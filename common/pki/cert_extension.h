/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the extensions of a certificate into struct cert (RFC 5280 4.2).  A part of cert:
 * nobody else calls it.
 */
#ifndef PORTCULLIS_PKI_CERT_EXTENSION_H
#define PORTCULLIS_PKI_CERT_EXTENSION_H

#include "common/pki/cert.h"
#include "common/pki/extension.h"

/* Reads the extension that extension_list_next gave; a malformed one is the list's fault. */
void cert_extension_read(struct cert *cert, const struct extension_list *list,
    const struct extension *extension);

#endif

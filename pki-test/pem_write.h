/* SPDX-License-Identifier: Apache-2.0
 *
 * PEM (RFC 7468) around any octets.
 */
#ifndef PORTCULLIS_PKI_TEST_PEM_WRITE_H
#define PORTCULLIS_PKI_TEST_PEM_WRITE_H

#include "common/base/buf.h"
#include "common/base/bytes.h"

/* Appends the octets with BEGIN and END lines of a label ("CERTIFICATE"). */
void pem_write(const char *label, struct bytes der, struct buf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * PEM: base64 in lines of 64.
 */
#include "pki-test/pem_write.h"

#include "common/base/text.h"

enum {
	LINE_OCTETS = 48, /* 64 characters */
};

void
pem_write(const char *label, struct bytes der, struct buf *out)
{
	buf_printf(out, "-----BEGIN %s-----\n", label);
	for (size_t at = 0; at < der.len; at += LINE_OCTETS) {
		size_t left = der.len - at;

		text_base64(out,
		    bytes_of(der.data + at, left < LINE_OCTETS ? left : LINE_OCTETS));
		buf_put_text(out, "\n");
	}
	buf_printf(out, "-----END %s-----\n", label);
}

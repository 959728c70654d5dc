/* SPDX-License-Identifier: Apache-2.0
 *
 * Between key_file and pkcs12_file, which get their keys from the same library; nobody else
 * includes it.
 */
#ifndef PORTCULLIS_PKI_KEY_FILE_GNUTLS_H
#define PORTCULLIS_PKI_KEY_FILE_GNUTLS_H

#include "common/base/status.h"
#include "common/pki/key_file.h"

struct gnutls_x509_privkey_int;

/* A key that GnuTLS has read; it is ours from here, also where NULL comes back (a key whose
 * public half can't be had). */
struct key_file *key_file_of_gnutls_take(struct gnutls_x509_privkey_int *gnutls,
    enum key_form form);

/* What a code of GnuTLS means for a key. */
enum status key_file_status(int gnutls_code);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Distinguished names and general names out of settings, any octet in them.  Says by
 * settings_complain what it can not read.
 */
#ifndef PORTCULLIS_PKI_TEST_NAME_WRITE_H
#define PORTCULLIS_PKI_TEST_NAME_WRITE_H

#include "common/base/buf.h"
#include "pki-test/settings.h"

/* Appends the Name that the settings c, o, ou, cn and cn2 of a certificate describe. */
void name_write_subject(struct settings *cert, const struct settings_names *names,
    struct buf *out);

/* Appends a GeneralName for each item of a setting: dns:, ip:, email:, uri:, dir:; an item
 * without a prefix takes prefix (NULL: there must be one). */
void name_write_general(struct settings *settings, size_t key,
    const struct settings_names *names, const char *prefix, struct buf *out);

/* Appends a GeneralSubtree for each item (RFC 5280 4.2.1.10). */
void name_write_subtrees(struct settings *settings, size_t key,
    const struct settings_names *names, struct buf *out);

#endif

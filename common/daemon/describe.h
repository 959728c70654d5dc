/* SPDX-License-Identifier: Apache-2.0
 *
 * What both programs tell their trust and fetch roles of the configuration.
 */
#ifndef PORTCULLIS_DAEMON_DESCRIBE_H
#define PORTCULLIS_DAEMON_DESCRIBE_H

#include "common/base/buf.h"
#include "common/config/config_sections.h"
#include "common/pki/trust.h"

/* directory: of the trust role.  validation: one for each purpose; NULL: as by default,
 * for a purpose that the program does not have. */
void describe_trust(const char *directory, const struct config_crl *crl,
    const struct config_validation *const validation[static TRUST_PURPOSE_COUNT],
    struct buf *payload);

void describe_fetch(const struct config_crl *crl, struct buf *payload);

void describe_key(const char *directory, struct buf *payload);

#endif

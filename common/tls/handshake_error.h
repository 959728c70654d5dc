/* SPDX-License-Identifier: Apache-2.0
 *
 * What a code of GnuTLS, from a handshake or a read, says about the peer: how the stream
 * ends, for which reason, with which alert.  Total: a code that is not listed is a breach
 * of protocol.
 */
#ifndef PORTCULLIS_TLS_HANDSHAKE_ERROR_H
#define PORTCULLIS_TLS_HANDSHAKE_ERROR_H

#include <stdbool.h>

#include "common/tls/stream.h"

/* rc < 0, and not one that only means "again".  alert_received is what gnutls_alert_get
 * says (0: none): some versions report another error where an alert came. */
struct tls_end handshake_error_end(int rc, bool handshaken, unsigned int alert_received);

#endif

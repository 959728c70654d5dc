/* SPDX-License-Identifier: Apache-2.0
 *
 * What an operator does with keys, anchors and CRLs through the control socket: the same
 * for the role that has the socket in either program (view, spool).  It carries requests
 * to the roles that own these things and their answers back; it decides nothing.
 *
 *   cert import [PASSPHRASE]      descriptors: certificate, key, chain (may be missing)
 *   trust list
 *   trust add PURPOSE KIND        descriptor: certificates; KIND anchor or intermediate
 *   trust remove PURPOSE SHA256
 *   crl list
 *   crl import                    descriptor: a CRL
 */
#ifndef PORTCULLIS_DAEMON_ADMIN_H
#define PORTCULLIS_DAEMON_ADMIN_H

#include <stdbool.h>

#include "common/base/json_write.h"
#include "common/daemon/control.h"
#include "common/proc/proc.h"

struct admin;

/* uses: enum profile_use of this appliance, for judging a certificate that is installed. */
struct admin *admin_new(struct proc *proc, unsigned int uses);
void admin_free(struct admin *admin);

/* Takes a request that is one of the above; false when it is not. */
bool admin_request(struct admin *admin, struct control_client *client,
    const struct control_request *request);
void admin_gone(struct admin *admin, struct control_client *client);

/* Answers on the edges "admin-key" and "admin-trust". */
enum status admin_on_key(struct admin *admin, struct edge *edge, struct edge_frame *frame);
enum status admin_on_trust(struct admin *admin, struct edge *edge, struct edge_frame *frame);

/* The other end was started again: what was asked is ended with an error. */
void admin_on_down(struct admin *admin);

/* What the appliance shows to its peers, as an object; null where none is installed (or the
 * key role has not said it yet). */
void admin_put_certificate(const struct admin *admin, const char *key, struct json_write *json);

#endif

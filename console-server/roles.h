/* SPDX-License-Identifier: Apache-2.0
 *
 * What processes the console is made of, and what each is told of the configuration.
 */
#ifndef PORTCULLIS_CONSOLE_SERVER_ROLES_H
#define PORTCULLIS_CONSOLE_SERVER_ROLES_H

#include "common/daemon/daemon.h"

extern const struct daemon_program console_daemon;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Passphrases for commands: from a file, or typed at a terminal without being shown.  Never
 * from an option's argument, which everybody on the machine can read.
 */
#ifndef PORTCULLIS_CLI_PASSPHRASE_H
#define PORTCULLIS_CLI_PASSPHRASE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/status.h"

enum {
	PASSPHRASE_SIZE = 1026, /* 1024 bytes, what ends a line, and NUL */
};

/* The first line of a file.  STATUS_LIMIT: longer than that; STATUS_INVALID: a NUL in it. */
enum status passphrase_from_file(const char *path,
    char ret_passphrase[PASSPHRASE_SIZE]) MUST_USE;

/* Asks on the controlling terminal.  STATUS_NOT_FOUND: there is none; STATUS_END: the answer
 * was an end of file. */
enum status passphrase_ask(const char *prompt, char ret_passphrase[PASSPHRASE_SIZE]) MUST_USE;

#endif

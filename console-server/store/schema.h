/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables, as numbered steps that are only ever added to.
 */
#ifndef PORTCULLIS_CONSOLE_STORE_SCHEMA_H
#define PORTCULLIS_CONSOLE_STORE_SCHEMA_H

/* The number a file has when all steps are done. */
enum {
	SCHEMA_VERSION = 1
};

/* The SQL that takes a file from version to version + 1. */
const char *schema_step(unsigned int version);

#endif

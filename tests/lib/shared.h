/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the shared test data is: the public suites and real records that are not part of
 * the source tree.  PORTCULLIS_SHARED names the folder; without it, ../shared beside the
 * source.  A test that finds none skips and says so.
 */
#ifndef PORTCULLIS_TESTS_LIB_SHARED_H
#define PORTCULLIS_TESTS_LIB_SHARED_H

#include <stdbool.h>

#include "common/base/buf.h"

enum {
	SHARED_PATH_SIZE = 4096
};

/* The path of a file or folder of the shared data; false, after a line on standard error,
 * where it is not there. */
bool shared_path(char ret_path[static SHARED_PATH_SIZE], const char *name);

/* Replaces the buffer's contents by a shared file's; false where it can't be read. */
bool shared_read(const char *name, struct buf *buf);

#endif

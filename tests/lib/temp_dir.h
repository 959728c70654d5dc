/* SPDX-License-Identifier: Apache-2.0
 *
 * A directory of a test's own under /tmp, gone with everything in it when the test is over.
 */
#ifndef PORTCULLIS_TESTS_LIB_TEMP_DIR_H
#define PORTCULLIS_TESTS_LIB_TEMP_DIR_H

#include <stdbool.h>
#include <stddef.h>

enum {
	TEMP_DIR_PATH_SIZE = 64
};

struct temp_dir {
	char path[TEMP_DIR_PATH_SIZE];
	int fd;
};

/* Makes one; false where that fails, which fails the test's setup. */
bool temp_dir_make(struct temp_dir *dir);

/* Removes the files in it; it has no directories of its own. */
void temp_dir_clear(const struct temp_dir *dir);

/* Removes it and the files in it. */
void temp_dir_remove(struct temp_dir *dir);

/* How many files of it end so; "" counts all. */
size_t temp_dir_count(const struct temp_dir *dir, const char *ending);

/* Writes a file, replacing what is there. */
bool temp_dir_write(const struct temp_dir *dir, const char *name, const void *data, size_t len);

#endif

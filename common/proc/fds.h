/* SPDX-License-Identifier: Apache-2.0
 *
 * The descriptors that travel with a message.  Whoever holds the list owns what is in it;
 * what is not taken out is closed.
 */
#ifndef PORTCULLIS_PROC_FDS_H
#define PORTCULLIS_PROC_FDS_H

#include <stdbool.h>
#include <stddef.h>

enum {
	FDS_MAX = 16 /* with one message */
};

struct fds {
	int fd[FDS_MAX]; /* -1 where it has been taken */
	size_t count;
};

/* Appends a descriptor, which is the list's from now on.  The list is not full. */
void fds_add(struct fds *fds, int fd);

/* Appends a copy of a descriptor; false, and nothing, where there can be no copy. */
bool fds_add_copy(struct fds *fds, int fd);

/* Takes descriptor number i out of the list; -1 when there is none or it was taken. */
int fds_take(struct fds *fds, size_t i);

/* Closes what was not taken and empties the list. */
void fds_close(struct fds *fds);

#endif

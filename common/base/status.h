/* SPDX-License-Identifier: Apache-2.0
 *
 * "Could we do it?": the one status enum.  What a peer's certificate is worth is not a
 * status but a verdict (common/pki).  Codes of libraries and errno are translated where
 * they arise and never travel.
 */
#ifndef PORTCULLIS_BASE_STATUS_H
#define PORTCULLIS_BASE_STATUS_H

#define MUST_USE              __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, arg) __attribute__((format(printf, fmt, arg)))

enum status {
	STATUS_OK,
	STATUS_AGAIN,   /* would block, or no credit: come back when told */
	STATUS_END,     /* end of file, stream or list */
	STATUS_INVALID, /* the input breaks a rule */
	STATUS_LIMIT,   /* the input is larger than a limit of ours */
	STATUS_NOT_FOUND,
	STATUS_EXISTS,
	STATUS_DENIED, /* permission or policy */
	STATUS_TIMEOUT,
	STATUS_CLOSED,  /* the other end is gone */
	STATUS_CORRUPT, /* stored data fails its checksum or its form */
	STATUS_UNSUPPORTED,
	STATUS_NO_SPACE, /* disk or quota full */
	STATUS_IO,       /* the system failed us: EIO, EMFILE, ... */
	STATUS_INTERNAL, /* a bug of ours that was noticed */
};

/* A short English text, for logs. */
const char *status_text(enum status status);

/* The status that stands for an errno value; STATUS_IO where none fits better. */
enum status status_from_errno(int error);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts of the statuses, and what errno means among them.
 */
#include "common/base/status.h"

#include <errno.h>

const char *
status_text(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return "ok";
	case STATUS_AGAIN:
		return "try again";
	case STATUS_END:
		return "end of data";
	case STATUS_INVALID:
		return "invalid";
	case STATUS_LIMIT:
		return "over the limit";
	case STATUS_NOT_FOUND:
		return "not found";
	case STATUS_EXISTS:
		return "exists already";
	case STATUS_DENIED:
		return "denied";
	case STATUS_TIMEOUT:
		return "timed out";
	case STATUS_CLOSED:
		return "closed by the other end";
	case STATUS_CORRUPT:
		return "corrupt";
	case STATUS_UNSUPPORTED:
		return "not supported";
	case STATUS_NO_SPACE:
		return "no space left";
	case STATUS_IO:
		return "input/output error";
	case STATUS_INTERNAL:
		return "internal error";
	}
	return "unknown status";
}

enum status
status_from_errno(int error)
{
	switch (error) {
	case 0:
		return STATUS_OK;
	case EAGAIN:
	case EINTR:
	case EINPROGRESS:
		return STATUS_AGAIN;
	case ENOENT:
	case ENOTDIR:
	case ESRCH:
		return STATUS_NOT_FOUND;
	case EEXIST:
	case EADDRINUSE:
		return STATUS_EXISTS;
	case EACCES:
	case EPERM:
	case EROFS:
		return STATUS_DENIED;
	case ETIMEDOUT:
		return STATUS_TIMEOUT;
	case EPIPE:
	case ECONNRESET:
	case ECONNREFUSED:
	case ENOTCONN:
		return STATUS_CLOSED;
	case ENOSPC:
	case EDQUOT:
		return STATUS_NO_SPACE;
	case EFBIG:
	case EMSGSIZE:
	case ENAMETOOLONG:
		return STATUS_LIMIT;
	case EINVAL:
	case EISDIR:
	case ELOOP:
		return STATUS_INVALID;
	case ENOSYS:
	case EOPNOTSUPP:
		return STATUS_UNSUPPORTED;
	default:
		return STATUS_IO;
	}
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Passphrases from files and terminals.
 */
#include "common/cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/base/fileio.h"

/* Reads up to the end of a line, byte by byte: what follows may be for somebody else. */
static enum status
passphrase_read_line(int fd, char ret_passphrase[PASSPHRASE_SIZE])
{
	size_t len = 0;

	for (;;) {
		char c;
		ssize_t got = read(fd, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return status_from_errno(errno);
		if (got == 0 && len == 0)
			return STATUS_END;
		if (got == 0 || c == '\n')
			break;
		if (c == '\0')
			return STATUS_INVALID;
		if (len == PASSPHRASE_SIZE - 1)
			return STATUS_LIMIT;
		ret_passphrase[len++] = c;
	}
	if (len > 0 && ret_passphrase[len - 1] == '\r')
		len--;
	ret_passphrase[len] = '\0';
	return STATUS_OK;
}

enum status
passphrase_from_file(const char *path, char ret_passphrase[PASSPHRASE_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum status status;

	if (fd < 0)
		return status_from_errno(errno);
	status = passphrase_read_line(fd, ret_passphrase);
	if (status == STATUS_END) { /* an empty file is an empty passphrase */
		ret_passphrase[0] = '\0';
		status = STATUS_OK;
	}
	fileio_close(fd);
	return status;
}

enum status
passphrase_ask(const char *prompt, char ret_passphrase[PASSPHRASE_SIZE])
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios shown, hidden;
	enum status status;

	if (fd < 0)
		return STATUS_NOT_FOUND;
	if (tcgetattr(fd, &shown) != 0) {
		fileio_close(fd);
		return STATUS_NOT_FOUND;
	}
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	hidden.c_lflag |= ECHONL;
	/* hidden before it is asked for: better not asked than shown */
	status = tcsetattr(fd, TCSAFLUSH, &hidden) == 0 ? STATUS_OK : STATUS_IO;
	if (status == STATUS_OK) {
		status = fileio_write_all(fd, prompt, strlen(prompt));
		if (status == STATUS_OK)
			status = passphrase_read_line(fd, ret_passphrase);
		if (tcsetattr(fd, TCSAFLUSH, &shown) != 0 && status == STATUS_OK)
			status = STATUS_IO;
	}
	fileio_close(fd);
	return status;
}

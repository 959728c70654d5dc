/* SPDX-License-Identifier: Apache-2.0
 *
 * machine-id(5) and the boot id.
 */
#include "sensor-agent/spool/spool_host.h"

#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "common/base/fileio.h"
#include "common/base/text.h"

/* Reads a file of one short line. */
static enum status
spool_host_read(const char *path, struct buf *out)
{
	buf_init(out, 128);
	return fileio_read(AT_FDCWD, path, out);
}

enum status
spool_host_machine(uint8_t ret_hash[static SPOOL_HASH_SIZE])
{
	static const char purpose[] = "portcullis spool ";
	struct buf id, input;
	enum status status = spool_host_read("/etc/machine-id", &id);

	buf_init(&input, 256);
	buf_put_text(&input, purpose);
	buf_put_bytes(&input, buf_bytes(&id));
	if (status == STATUS_OK && id.len < 32)
		status = STATUS_INVALID; /* "uninitialized", or empty in an image */
	if (status == STATUS_OK &&
	    gnutls_hash_fast(GNUTLS_DIG_SHA256, input.data, input.len, ret_hash) != 0)
		status = STATUS_INTERNAL;
	buf_done(&id);
	buf_done(&input);
	return status;
}

enum status
spool_host_boot_id(uint8_t ret_id[static 8])
{
	char hex[17] = "";
	struct buf id;
	size_t count = 0;
	enum status status = spool_host_read("/proc/sys/kernel/random/boot_id", &id);

	for (size_t i = 0; status == STATUS_OK && i < id.len && count < 16; i++)
		if (id.data[i] != '-')
			hex[count++] = (char)id.data[i];
	buf_done(&id);
	if (status == STATUS_OK && !text_parse_hex(hex, ret_id, 8))
		status = STATUS_INVALID;
	return status;
}

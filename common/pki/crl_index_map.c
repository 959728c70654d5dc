/* SPDX-License-Identifier: Apache-2.0
 *
 * Mapping of index files.
 */
#include "common/pki/crl_index_map.h"

#include <sys/mman.h>
#include <sys/stat.h>

static void
crl_index_unmap(struct bytes image)
{
	munmap((void *)(uintptr_t)image.data, image.len);
}

enum status
crl_index_map(int fd, struct crl_index **ret_index)
{
	struct stat info;
	void *memory;

	if (fstat(fd, &info) != 0)
		return STATUS_IO;
	if (info.st_size <= 0)
		return STATUS_CORRUPT;
	memory = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return STATUS_IO;
	return crl_index_open_take(bytes_of(memory, (size_t)info.st_size), crl_index_unmap,
	    ret_index);
}

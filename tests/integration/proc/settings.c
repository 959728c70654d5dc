/* SPDX-License-Identifier: Apache-2.0
 *
 * Look-ups in lines of key=value.
 */
#include "tests/integration/proc/settings.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"

char *
settings_text(const char *settings, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = settings; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) == 0 && line[len] == '=')
			return alloc_text_copy(line + len + 1, strcspn(line + len + 1, "\n"));
	}
	return NULL;
}

unsigned
settings_number(const char *settings, const char *key, unsigned otherwise)
{
	char *text = settings_text(settings, key);
	unsigned number = text != NULL ? (unsigned)strtoul(text, NULL, 10) : otherwise;

	free(text);
	return number;
}

bool
settings_is(const char *settings, const char *key, const char *value)
{
	char *text = settings_text(settings, key);
	bool is = text != NULL && strcmp(text, value) == 0;

	free(text);
	return is;
}

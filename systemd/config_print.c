/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints what is made of a schema table when the tree is built: the commented sample file
 * that is installed, and the body of the manual page.  Not installed itself.
 */
#include <stdio.h>

#include "console-server/config_schema.h"
#include "sensor-agent/config_schema.h"

enum {
	OUTPUT_MAX = 1 << 20
};

int
main(int argc, char **argv)
{
	const struct config_schema *schemas[] = {&console_config_schema, &sensor_config_schema};
	struct buf out;
	size_t written = 0;

	buf_init(&out, OUTPUT_MAX);
	for (size_t i = 0; argc == 3 && i < 2; i++) {
		if (strcmp(argv[1], schemas[i]->name) != 0)
			continue;
		if (strcmp(argv[2], "sample") == 0)
			config_print_sample(schemas[i], &out);
		else if (strcmp(argv[2], "scdoc") == 0)
			config_print_scdoc(schemas[i], &out);
	}
	if (out.len > 0 && buf_ok(&out))
		written = fwrite(out.data, 1, out.len, stdout);
	if (written == 0 || written != out.len || fflush(stdout) != 0) {
		fprintf(stderr, "usage: config_print console|sensor sample|scdoc\n");
		return 2;
	}
	buf_done(&out);
	return 0;
}

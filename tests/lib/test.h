/* SPDX-License-Identifier: Apache-2.0
 *
 * What every unit test includes: cmocka and the headers it forgets to include itself.
 */
#ifndef PORTCULLIS_TESTS_LIB_TEST_H
#define PORTCULLIS_TESTS_LIB_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Leaves a case whose data or tools are not here, and says so.  (cmocka's own skip() is a
 * failure to who reads TAP strictly.) */
#define SKIP_TEST(why)                                 \
	do {                                           \
		fprintf(stderr, "skipped: %s\n", why); \
		return;                                \
	} while (0)

#endif

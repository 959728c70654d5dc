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
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif

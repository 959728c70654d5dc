/* SPDX-License-Identifier: Apache-2.0
 *
 * Included before everything in the test daemon that a sanitizer build makes without the
 * sanitizer: it has the sandbox of the product.
 */
#ifndef PORTCULLIS_TESTS_PROC_PLAIN_H
#define PORTCULLIS_TESTS_PROC_PLAIN_H

#undef SANITIZED
#define SANITIZED 0

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * What a role may not do, by name, for the tests of the sandbox.
 */
#ifndef PORTCULLIS_TESTS_PROC_ACTS_H
#define PORTCULLIS_TESTS_PROC_ACTS_H

/* Makes what some acts need while it is still allowed. */
void acts_prepare(void);

/* Does it.  Prints "survived NAME" if it comes back. */
void acts_do(const char *name);

#endif

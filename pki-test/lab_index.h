/* SPDX-License-Identifier: Apache-2.0
 *
 * The two state files of a laboratory, for lab.c alone: settings (key=value lines) and
 * index (tab-separated, one line for each certificate, a heading first).
 */
#ifndef PORTCULLIS_PKI_TEST_LAB_INDEX_H
#define PORTCULLIS_PKI_TEST_LAB_INDEX_H

#include "pki-test/lab.h"

/* False when a parameter could not be read back. */
bool lab_index_params_are_sound(const struct lab *lab);

/* Reads both into a laboratory without parameters and entries. */
enum status lab_index_load(struct lab *lab) MUST_USE;

/* Writes both. */
enum status lab_index_save(struct lab *lab) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Named places where a test may kill the process or make a system call fail.  In a build
 * with the option fault_points the environment variable PORTCULLIS_FAULT (or a test, by
 * fault_point_arm) chooses them: "NAME:HIT:ACTION", several separated by commas; HIT counts
 * from 1; ACTION is kill, EIO or ENOSPC.  Without the option a place costs nothing, with it
 * and nothing chosen one predicted branch.
 */
#ifndef PORTCULLIS_BASE_FAULT_POINT_H
#define PORTCULLIS_BASE_FAULT_POINT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/status.h"

enum {
	FAULT_POINTS_MAX = 64
};

/* The errno that the place is to fail with, or 0: go on.  name is a string literal. */
#if FAULT_POINTS
#define FAULT_POINT(name) (__builtin_expect(fault_points_on, 0) ? fault_point_hit(name) : 0)
#else
#define FAULT_POINT(name) 0
#endif

extern bool fault_points_on;

int fault_point_hit(const char *name);

/* Chooses faults; NULL ends all.  The empty text chooses none but counts, so that a test
 * can learn which places a piece of work passes.  STATUS_INVALID for another form. */
enum status fault_point_arm(const char *spec) MUST_USE;

/* The n-th place that was passed since arming and how often; NULL when there are fewer. */
const char *fault_point_passed(size_t index, unsigned *ret_hits);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The clocks, and RFC 3339 times.  The only place that asks the system for the time: what
 * judges or decides takes `now` as a parameter.
 */
#ifndef PORTCULLIS_BASE_CLOCK_H
#define PORTCULLIS_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Wall clock, microseconds since 1970-01-01T00:00:00Z.  May step. */
int64_t clock_wall_us(void);

/* Wall clock in whole seconds, for certificates and CRLs. */
int64_t clock_wall_s(void);

/* Monotonic clock: never steps; only differences mean something. */
int64_t clock_mono_us(void);
int64_t clock_mono_ms(void);

/* A civil UTC time (proleptic Gregorian, year 0..9999) as seconds since 1970; false when
 * a field is out of range (second 60 is refused). */
bool clock_from_civil(int year, int month, int day, int hour, int minute, int second,
    int64_t *ret_s);

/* 24 bytes are used; the compiler wants to see that any int fits. */
enum {
	CLOCK_TEXT_SIZE = 80
};

/* "2026-02-28T12:00:00Z", and with milliseconds "2026-02-28T12:00:00.123Z".  Times outside
 * the years 0..9999 are clamped. */
const char *clock_text_s(int64_t wall_s, char text[static CLOCK_TEXT_SIZE]);
const char *clock_text_ms(int64_t wall_us, char text[static CLOCK_TEXT_SIZE]);

/* Reads RFC 3339 (with offset, with or without fraction) to microseconds since 1970. */
bool clock_parse(const char *text, int64_t *ret_wall_us);

#endif

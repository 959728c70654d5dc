/* SPDX-License-Identifier: Apache-2.0
 *
 * System clocks and civil time.
 */
#include "common/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	SECONDS_A_DAY = 86400
};

static int64_t
clock_read_us(clockid_t id)
{
	struct timespec now;

	if (clock_gettime(id, &now) != 0)
		abort();
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_wall_us(void)
{
	return clock_read_us(CLOCK_REALTIME);
}

int64_t
clock_wall_s(void)
{
	return clock_wall_us() / 1000000;
}

int64_t
clock_mono_us(void)
{
	return clock_read_us(CLOCK_MONOTONIC);
}

int64_t
clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

static bool
clock_leap_year(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
clock_days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && clock_leap_year(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01 to the first of January of a year (0..10000). */
static int64_t
clock_days_to_year(int year)
{
	int64_t before = year; /* years 0 .. year-1 */
	int64_t leaps = (before + 3) / 4 - (before + 99) / 100 + (before + 399) / 400;

	return before * 365 + leaps - 719528; /* 719528 days from 0000-01-01 to 1970-01-01 */
}

bool
clock_from_civil(int year, int month, int day, int hour, int minute, int second, int64_t *ret_s)
{
	int64_t days;

	if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 ||
	    day > clock_days_in_month(year, month) || hour < 0 || hour > 23 || minute < 0 ||
	    minute > 59 || second < 0 || second > 59)
		return false;
	days = clock_days_to_year(year) + day - 1;
	for (int m = 1; m < month; m++)
		days += clock_days_in_month(year, m);
	*ret_s = days * SECONDS_A_DAY + hour * 3600 + minute * 60 + second;
	return true;
}

static const char *
clock_text(int64_t wall_s, int milliseconds, char text[static CLOCK_TEXT_SIZE])
{
	int64_t first = clock_days_to_year(0) * SECONDS_A_DAY;
	int64_t last = clock_days_to_year(10000) * SECONDS_A_DAY - 1;
	int64_t days, rest;
	int year = 0, month = 1;

	wall_s = wall_s < first ? first : wall_s > last ? last : wall_s;
	days = wall_s / SECONDS_A_DAY - (wall_s % SECONDS_A_DAY < 0);
	rest = wall_s - days * SECONDS_A_DAY;
	year = (int)((days + 719528) / 366); /* at most a few years too early */
	while (clock_days_to_year(year + 1) <= days)
		year++;
	days -= clock_days_to_year(year);
	for (; days >= clock_days_in_month(year, month); month++)
		days -= clock_days_in_month(year, month);
	if (milliseconds >= 0)
		snprintf(text, CLOCK_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year,
		    month, (int)days + 1, (int)(rest / 3600), (int)(rest / 60 % 60),
		    (int)(rest % 60), milliseconds);
	else
		snprintf(text, CLOCK_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month,
		    (int)days + 1, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
	return text;
}

const char *
clock_text_s(int64_t wall_s, char text[static CLOCK_TEXT_SIZE])
{
	return clock_text(wall_s, -1, text);
}

const char *
clock_text_ms(int64_t wall_us, char text[static CLOCK_TEXT_SIZE])
{
	int64_t wall_s = wall_us / 1000000 - (wall_us % 1000000 < 0);

	return clock_text(wall_s, (int)((wall_us - wall_s * 1000000) / 1000), text);
}

/* Reads exactly count digits; -1 when there is something else. */
static int
clock_digits(const char **text, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++, (*text)++) {
		if (**text < '0' || **text > '9')
			return -1;
		value = value * 10 + (**text - '0');
	}
	return value;
}

static bool
clock_take(const char **text, char wanted)
{
	if (**text != wanted)
		return false;
	(*text)++;
	return true;
}

/* ".123456789": microseconds, further digits are cut. */
static bool
clock_parse_fraction(const char **text, int64_t *ret_us)
{
	int64_t scale = 100000;

	*ret_us = 0;
	if (!clock_take(text, '.'))
		return true;
	if (**text < '0' || **text > '9')
		return false;
	for (; **text >= '0' && **text <= '9'; (*text)++, scale /= 10)
		*ret_us += (**text - '0') * scale;
	return true;
}

/* "Z" or "+hh:mm": seconds east of Greenwich. */
static bool
clock_parse_offset(const char **text, int64_t *ret_s)
{
	int sign = **text == '-' ? -1 : 1;
	int hours, minutes;

	*ret_s = 0;
	if (clock_take(text, 'Z') || clock_take(text, 'z'))
		return true;
	if (!clock_take(text, '+') && !clock_take(text, '-'))
		return false;
	hours = clock_digits(text, 2);
	if (hours < 0)
		return false;
	(void)clock_take(text, ':'); /* Suricata writes +0000 */
	minutes = clock_digits(text, 2);
	if (hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*ret_s = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool
clock_parse(const char *text, int64_t *ret_wall_us)
{
	int year, month, day, hour, minute, second;
	int64_t wall_s, fraction_us, offset_s;

	year = clock_digits(&text, 4);
	if (year < 0 || !clock_take(&text, '-'))
		return false;
	month = clock_digits(&text, 2);
	if (month < 0 || !clock_take(&text, '-'))
		return false;
	day = clock_digits(&text, 2);
	if (day < 0 || (*text != 'T' && *text != 't' && *text != ' '))
		return false;
	text++;
	hour = clock_digits(&text, 2);
	if (hour < 0 || !clock_take(&text, ':'))
		return false;
	minute = clock_digits(&text, 2);
	if (minute < 0 || !clock_take(&text, ':'))
		return false;
	second = clock_digits(&text, 2);
	if (second < 0 || !clock_parse_fraction(&text, &fraction_us) ||
	    !clock_parse_offset(&text, &offset_s) || *text != '\0')
		return false;
	if (!clock_from_civil(year, month, day, hour, minute, second, &wall_s))
		return false;
	*ret_wall_us = (wall_s - offset_s) * 1000000 + fraction_us;
	return true;
}

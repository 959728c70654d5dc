/* SPDX-License-Identifier: Apache-2.0
 *
 * What of a record is searched by: time, kind, severity, addresses, a summary.  Knows the
 * words of Suricata and Zeek; what it does not know it leaves empty.  A record is never
 * refused for what is in it: it was stored as it came.
 */
#ifndef PORTCULLIS_CONSOLE_STORE_EXTRACT_H
#define PORTCULLIS_CONSOLE_STORE_EXTRACT_H

#include <stdint.h>

#include "common/wire/record.h"

enum {
	EXTRACT_KIND_SIZE = 64,
	EXTRACT_ADDRESS_SIZE = 72,
	EXTRACT_SUMMARY_SIZE = 256,
};

/* Severity as the operator sorts by it; the numbers are stored. */
enum extract_severity {
	EXTRACT_INFO = 0,
	EXTRACT_WARNING = 1,
	EXTRACT_MINOR = 4,
	EXTRACT_MAJOR = 8,
	EXTRACT_CRITICAL = 10,
};

struct extract {
	int64_t time_us; /* of the event; the sensor's clock where the line has none */
	enum extract_severity severity;
	char kind[EXTRACT_KIND_SIZE];      /* "suricata/alert", "zeek/modbus" */
	char source[EXTRACT_ADDRESS_SIZE]; /* "192.0.2.1:502", or "" */
	char destination[EXTRACT_ADDRESS_SIZE];
	char summary[EXTRACT_SUMMARY_SIZE]; /* one line, UTF-8, may hold anything else */
};

void extract_record(const struct record *record, struct extract *ret_extract);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * What opening or checking a spool found: a bounded list of plain facts for the log, the
 * page and the command line.
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_REPORT_H
#define PORTCULLIS_SENSOR_SPOOL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SPOOL_FINDINGS_MAX = 64,
	SPOOL_NAME_SIZE = 48
};

enum spool_finding_kind {
	SPOOL_FOUND_NEW,          /* there was no spool: a new log was begun */
	SPOOL_FOUND_TORN_TAIL,    /* a write cut short, never accepted: removed */
	SPOOL_FOUND_DAMAGE,       /* records first..last cannot be read any more */
	SPOOL_FOUND_MISSING,      /* records first..last: their segment is not there */
	SPOOL_FOUND_HEADER,       /* a segment's header was damaged and made again */
	SPOOL_FOUND_CHAIN,        /* the hash chain breaks before record first */
	SPOOL_FOUND_NAME,         /* a segment had the name of another */
	SPOOL_FOUND_FOREIGN,      /* a segment of another log */
	SPOOL_FOUND_STATE,        /* the state file was missing or damaged */
	SPOOL_FOUND_OTHER_HOST,   /* the spool was made on another machine */
	SPOOL_FOUND_REINCARNATED, /* the log goes on under a new log_id */
	SPOOL_FOUND_FAILED, /* a system call failed; the text of the status is in detail */
};

struct spool_finding {
	enum spool_finding_kind kind;
	char file[SPOOL_NAME_SIZE];
	uint64_t offset; /* in the file */
	uint64_t first;  /* numbers concerned, 0 where none */
	uint64_t last;
	const char *detail; /* a literal, or NULL */
};

struct spool_report {
	struct spool_finding findings[SPOOL_FINDINGS_MAX];
	size_t count;
	size_t omitted; /* findings for which there was no place */
	uint64_t lost;  /* records in all findings of damage and of missing segments */
};

/* A slug for a kind ("torn-tail"), and a sentence for people. */
const char *spool_finding_slug(enum spool_finding_kind kind);
const char *spool_finding_text(enum spool_finding_kind kind);

/* Whether an operator has to know: everything but a new log and a torn tail. */
bool spool_finding_alarm(enum spool_finding_kind kind);

/* Adds a finding.  report and file may be NULL. */
void spool_report_add(struct spool_report *report, struct spool_finding finding,
    const char *file);

#endif

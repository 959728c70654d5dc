/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables.  A step that has been released is never edited; a change is a new step.
 */
#include "console-server/store/schema.h"

#include <assert.h>

static const char *const steps[SCHEMA_VERSION] = {
    /* 0 -> 1 */
    "CREATE TABLE meta("
    "	key TEXT PRIMARY KEY,"
    "	value BLOB NOT NULL"
    ") WITHOUT ROWID;"

    /* The registry: one row per appliance name (subject CN in lower case). */
    "CREATE TABLE sensor("
    "	id INTEGER PRIMARY KEY,"
    "	name TEXT NOT NULL UNIQUE,"
    "	state INTEGER NOT NULL,"     /* enum registry_state */
    "	anchor BLOB NOT NULL,"       /* SHA-256 of the anchor that proved it */
    "	pin BLOB NOT NULL,"          /* SHA-256 of the public key it is known by */
    "	candidate BLOB,"             /* another key that waits for accept-key */
    "	counter INTEGER NOT NULL,"   /* session counter handed out last */
    "	confirmed INTEGER NOT NULL," /* newest counter the sensor is known to have stored */
    "	address TEXT NOT NULL,"      /* of the last connection */
    "	not_after INTEGER NOT NULL," /* of the last certificate, seconds since 1970 */
    "	first_us INTEGER NOT NULL,"
    "	last_us INTEGER NOT NULL"
    ");"
    "CREATE INDEX sensor_pending ON sensor(last_us) WHERE state=0;"

    /* The other console of the pair: at most one row. */
    "CREATE TABLE peer("
    "	id INTEGER PRIMARY KEY CHECK(id=1),"
    "	name TEXT NOT NULL,"
    "	address TEXT NOT NULL,"
    "	pin BLOB" /* NULL until it has connected once */
    ");"

    /* A log is one life of a sensor's spool. */
    "CREATE TABLE log("
    "	id INTEGER PRIMARY KEY,"
    "	sensor INTEGER NOT NULL REFERENCES sensor(id),"
    "	log_id BLOB NOT NULL,"
    "	opened_us INTEGER NOT NULL,"
    "	retired_below INTEGER NOT NULL DEFAULT 1,"
    "	UNIQUE(sensor, log_id)"
    ");"
    /* What is held of a log: closed intervals of sequence numbers, and the chain hash at
     * the end of each. */
    "CREATE TABLE span("
    "	log INTEGER NOT NULL REFERENCES log(id),"
    "	first INTEGER NOT NULL,"
    "	last INTEGER NOT NULL,"
    "	hash BLOB NOT NULL,"
    "	PRIMARY KEY(log, first)"
    ") WITHOUT ROWID;"

    /* record is the record as it came over the wire, byte for byte; the other columns are
     * taken from it for searching.  fork is 0 unless a key came with another hash. */
    "CREATE TABLE event("
    "	id INTEGER PRIMARY KEY,"
    "	log INTEGER NOT NULL REFERENCES log(id),"
    "	seq INTEGER NOT NULL,"
    "	fork INTEGER NOT NULL,"
    "	hash BLOB NOT NULL,"
    "	received_us INTEGER NOT NULL,"
    "	time_us INTEGER NOT NULL,"
    "	type INTEGER NOT NULL,"
    "	severity INTEGER NOT NULL,"
    "	kind TEXT NOT NULL,"
    "	source TEXT NOT NULL,"
    "	destination TEXT NOT NULL,"
    "	summary TEXT NOT NULL,"
    "	record BLOB NOT NULL"
    ");"
    "CREATE UNIQUE INDEX event_key ON event(log, seq, fork);"
    "CREATE INDEX event_time ON event(time_us);"

    /* Refused and endangered links, folded: one row per side, reason and identity. */
    "CREATE TABLE failure("
    "	id INTEGER PRIMARY KEY,"
    "	reported_by TEXT NOT NULL,"
    "	reason TEXT NOT NULL,"
    "	identity TEXT NOT NULL,"
    "	proved INTEGER NOT NULL," /* 0: identity is a source address */
    "	first_us INTEGER NOT NULL,"
    "	last_us INTEGER NOT NULL,"
    "	count INTEGER NOT NULL,"
    "	record TEXT NOT NULL," /* JSON: the newest record */
    "	UNIQUE(reported_by, reason, identity)"
    ");"
    "CREATE INDEX failure_last ON failure(last_us);"
    "CREATE INDEX failure_unproved ON failure(last_us) WHERE proved=0;"
    "CREATE TABLE failure_link("
    "	link_id TEXT NOT NULL,"
    "	failure INTEGER NOT NULL REFERENCES failure(id) ON DELETE CASCADE,"
    "	at_us INTEGER NOT NULL,"
    "	PRIMARY KEY(link_id, failure)"
    ") WITHOUT ROWID;"
    "CREATE INDEX failure_link_row ON failure_link(failure);"

    /* What an operator has to know about the store itself: FORK, LOST, REGRESSED, DEGRADED. */
    "CREATE TABLE notice("
    "	id INTEGER PRIMARY KEY,"
    "	kind TEXT NOT NULL,"
    "	at_us INTEGER NOT NULL,"
    "	log INTEGER REFERENCES log(id),"
    "	first INTEGER,"
    "	last INTEGER,"
    "	detail TEXT NOT NULL"
    ")",
};

const char *
schema_step(unsigned int version)
{
	assert(version < SCHEMA_VERSION);
	return steps[version];
}

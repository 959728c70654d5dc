/* SPDX-License-Identifier: Apache-2.0
 *
 * The registry.  registry_decide reads as the rules do: unknown, not approved, same key,
 * other key.
 */
#include "console-server/store/registry.h"

#include <string.h>

#define HASH(array) bytes_of((array), REGISTRY_HASH_SIZE)

void
registry_init(struct registry *registry, struct db *db)
{
	registry->db = db;
	query_init(&registry->find, db,
	    "SELECT id,state,anchor,pin,counter,confirmed,candidate IS NOT NULL FROM sensor"
	    " WHERE name=?1");
	query_init(&registry->insert, db,
	    "INSERT INTO sensor(name,state,anchor,pin,counter,confirmed,address,not_after,"
	    "first_us,last_us) VALUES(?1,0,?2,?3,0,0,?4,?5,?6,?6)");
	query_init(&registry->trim, db,
	    "DELETE FROM sensor WHERE id IN (SELECT id FROM sensor WHERE state=0"
	    " ORDER BY last_us DESC LIMIT -1 OFFSET ?1)");
	query_init(&registry->touch, db,
	    "UPDATE sensor SET address=?2,not_after=?3,last_us=?4 WHERE id=?1");
	query_init(&registry->pin, db,
	    "UPDATE sensor SET anchor=?2,pin=?3,candidate=NULL WHERE id=?1");
	query_init(&registry->candidate, db, "UPDATE sensor SET candidate=?2 WHERE id=?1");
	query_init(&registry->counter, db, "UPDATE sensor SET counter=?2 WHERE id=?1");
	query_init(&registry->confirm, db,
	    "UPDATE sensor SET confirmed=max(confirmed,?2) WHERE id=?1 AND ?2<=counter");
	query_init(&registry->state, db,
	    "UPDATE sensor SET state=?2 WHERE name=?1 RETURNING id");
	query_init(&registry->take_key, db,
	    "UPDATE sensor SET pin=candidate,candidate=NULL,confirmed=0"
	    " WHERE name=?1 AND candidate IS NOT NULL RETURNING id");
	query_init(&registry->peer_find, db, "SELECT name,pin FROM peer");
	query_init(&registry->peer_set, db,
	    "INSERT INTO peer(id,name,address) VALUES(1,?1,?2)"
	    " ON CONFLICT(id) DO UPDATE SET pin=iif(name=excluded.name,pin,NULL),"
	    "name=excluded.name,address=excluded.address");
	query_init(&registry->peer_remove, db, "DELETE FROM peer RETURNING id");
	query_init(&registry->peer_pin, db, "UPDATE peer SET pin=?1");
}

void
registry_done(struct registry *registry)
{
	struct query *const all[] = {&registry->find, &registry->insert, &registry->trim,
	    &registry->touch, &registry->pin, &registry->candidate, &registry->counter,
	    &registry->confirm, &registry->state, &registry->take_key, &registry->peer_find,
	    &registry->peer_set, &registry->peer_remove, &registry->peer_pin};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		query_done(all[i]);
}

/* A hash column, of exactly its size: anything else is a damaged row. */
static bool
registry_read_hash(struct query *query, int column, uint8_t ret_hash[REGISTRY_HASH_SIZE])
{
	struct bytes value = query_column_bytes(query, column);

	if (value.len != REGISTRY_HASH_SIZE)
		return false;
	memcpy(ret_hash, value.data, REGISTRY_HASH_SIZE);
	return true;
}

enum status
registry_find(struct registry *registry, struct bytes name, struct registry_sensor *ret_sensor)
{
	struct query *query = &registry->find;
	struct registry_sensor sensor;
	enum status status;

	query_text(query, name);
	status = query_step(query);
	if (status != STATUS_OK)
		return status == STATUS_END ? STATUS_NOT_FOUND : status;
	sensor.id = query_column_i64(query, 0);
	sensor.state = (enum registry_state)query_column_i64(query, 1);
	if (!registry_read_hash(query, 2, sensor.anchor) ||
	    !registry_read_hash(query, 3, sensor.pin))
		status = STATUS_CORRUPT;
	sensor.counter = (uint64_t)query_column_i64(query, 4);
	sensor.confirmed = (uint64_t)query_column_i64(query, 5);
	sensor.has_candidate = query_column_i64(query, 6) != 0;
	query_reset(query);
	if (status == STATUS_OK)
		*ret_sensor = sensor;
	return status;
}

static void
registry_refuse(struct registry_answer *answer, enum reason reason, const char *detail)
{
	answer->verdict = REGISTRY_REFUSE;
	answer->reason = reason;
	answer->detail = detail;
}

/* A name nobody knows waits for the operator; the oldest of too many are forgotten. */
static enum status
registry_add_pending(struct registry *registry, const struct registry_claim *claim)
{
	struct query *query = &registry->insert;
	enum status status;

	query_text(query, claim->name);
	query_bytes(query, HASH(claim->anchor));
	query_bytes(query, HASH(claim->pin));
	query_text(query, claim->address);
	query_i64(query, claim->not_after);
	query_i64(query, claim->now_us);
	status = query_run(query);
	if (status != STATUS_OK)
		return status;
	query_i64(&registry->trim, REGISTRY_PENDING_MAX);
	return query_run(&registry->trim);
}

static enum status
registry_touch(struct registry *registry, int64_t id, const struct registry_claim *claim)
{
	query_i64(&registry->touch, id);
	query_text(&registry->touch, claim->address);
	query_i64(&registry->touch, claim->not_after);
	query_i64(&registry->touch, claim->now_us);
	return query_run(&registry->touch);
}

static enum status
registry_set_pin(struct registry *registry, int64_t id, const struct registry_claim *claim)
{
	query_i64(&registry->pin, id);
	query_bytes(&registry->pin, HASH(claim->anchor));
	query_bytes(&registry->pin, HASH(claim->pin));
	return query_run(&registry->pin);
}

/* One more than the highest that is known or was shown.  Whoever shows the largest there is
 * harms itself alone: it is handed that one again. */
static uint64_t
registry_next_counter(const struct registry_sensor *sensor, const struct registry_claim *claim)
{
	uint64_t highest = claim->counter > sensor->counter ? claim->counter : sensor->counter;

	return highest < INT64_MAX ? highest + 1 : INT64_MAX;
}

/* The claim is granted: the next counter is handed out. */
static enum status
registry_grant(struct registry *registry, const struct registry_sensor *sensor,
    const struct registry_claim *claim, struct registry_answer *answer)
{
	enum status status = registry_touch(registry, sensor->id, claim);

	if (status != STATUS_OK)
		return status;
	answer->verdict = REGISTRY_ACCEPT;
	answer->reason = REASON_OK;
	answer->counter = registry_next_counter(sensor, claim);
	query_i64(&registry->counter, sensor->id);
	query_i64(&registry->counter, (int64_t)answer->counter);
	return query_run(&registry->counter);
}

/* The sensor holds a counter that was handed to it and not replaced since.  One that is
 * higher than ours is of the other console of the pair. */
static bool
registry_counter_current(const struct registry_sensor *sensor,
    const struct registry_claim *claim)
{
	return claim->counter >= sensor->confirmed;
}

/* The key it is known by: the same appliance, unless two of them live at once. */
static enum status
registry_decide_same_key(struct registry *registry, const struct registry_sensor *sensor,
    const struct registry_claim *claim, bool live_answered, struct registry_answer *answer)
{
	bool continues = claim->same_log && registry_counter_current(sensor, claim);
	enum status status = STATUS_OK;

	if (claim->live && !continues && live_answered) {
		registry_refuse(answer, REASON_IDENTITY_DUPLICATE,
		    "one key and certificate are used by two appliances at once");
		return registry_touch(registry, sensor->id, claim);
	}
	if (claim->live && !continues) {
		answer->verdict = REGISTRY_PING_FIRST;
		return STATUS_OK;
	}
	if (memcmp(sensor->anchor, claim->anchor, REGISTRY_HASH_SIZE) != 0)
		status = registry_set_pin(registry, sensor->id, claim);
	return status == STATUS_OK ? registry_grant(registry, sensor, claim, answer) : status;
}

/* Another key: a renewal when the same CA issued it and it knows the current counter. */
static enum status
registry_decide_other_key(struct registry *registry, const struct registry_sensor *sensor,
    const struct registry_claim *claim, struct registry_answer *answer)
{
	bool same_anchor = memcmp(sensor->anchor, claim->anchor, REGISTRY_HASH_SIZE) == 0;
	enum status status;

	if (!claim->waived && same_anchor && claim->counter > 0 &&
	    claim->counter <= sensor->counter && registry_counter_current(sensor, claim)) {
		answer->renewed = true;
		status = registry_set_pin(registry, sensor->id, claim);
		return status == STATUS_OK ? registry_grant(registry, sensor, claim, answer)
					   : status;
	}
	registry_refuse(answer, REASON_IDENTITY_DUPLICATE,
	    same_anchor
		? "another key under this name, without the session counter of the first"
		: "another key under this name, issued under another anchor");
	query_i64(&registry->candidate, sensor->id);
	query_bytes(&registry->candidate, HASH(claim->pin));
	status = query_run(&registry->candidate);
	return status == STATUS_OK ? registry_touch(registry, sensor->id, claim) : status;
}

/* 1 when the name is the peer console's, 0 when not, or a failure. */
static enum status
registry_is_peer(struct registry *registry, struct bytes name, bool *ret_peer)
{
	enum status status = query_step(&registry->peer_find);

	*ret_peer = false;
	if (status == STATUS_END)
		return STATUS_OK;
	if (status != STATUS_OK)
		return status;
	*ret_peer = bytes_equal(query_column_bytes(&registry->peer_find, 0), name);
	query_reset(&registry->peer_find);
	return STATUS_OK;
}

enum status
registry_decide(struct registry *registry, const struct registry_claim *claim,
    bool live_answered, struct registry_answer *ret_answer)
{
	struct registry_answer answer = {0};
	struct registry_sensor sensor;
	bool peer;
	enum status status = registry_is_peer(registry, claim->name, &peer);

	if (status != STATUS_OK)
		return status;
	if (peer) {
		registry_refuse(&answer, REASON_ROLE, "this name is the peer console's");
		*ret_answer = answer;
		return STATUS_OK;
	}
	status = registry_find(registry, claim->name, &sensor);
	if (status == STATUS_NOT_FOUND) {
		registry_refuse(&answer, REASON_IDENTITY_UNENROLLED, "not known until now");
		status = registry_add_pending(registry, claim);
	} else if (status == STATUS_OK && sensor.state != REGISTRY_APPROVED) {
		registry_refuse(&answer, REASON_IDENTITY_UNENROLLED,
		    sensor.state == REGISTRY_RETIRED ? "retired" : "waiting for approval");
		if (sensor.state == REGISTRY_PENDING)
			status = registry_set_pin(registry, sensor.id, claim);
		if (status == STATUS_OK)
			status = registry_touch(registry, sensor.id, claim);
	} else if (status == STATUS_OK &&
		   memcmp(sensor.pin, claim->pin, REGISTRY_HASH_SIZE) == 0) {
		status =
		    registry_decide_same_key(registry, &sensor, claim, live_answered, &answer);
	} else if (status == STATUS_OK) {
		status = registry_decide_other_key(registry, &sensor, claim, &answer);
	}
	if (status != STATUS_OK)
		return status;
	if (answer.verdict == REGISTRY_ACCEPT || answer.verdict == REGISTRY_PING_FIRST)
		answer.sensor = sensor.id;
	*ret_answer = answer;
	return STATUS_OK;
}

enum status
registry_confirm(struct registry *registry, int64_t sensor, uint64_t counter)
{
	query_i64(&registry->confirm, sensor);
	query_i64(&registry->confirm, (int64_t)counter);
	return query_run(&registry->confirm);
}

/* Runs an UPDATE or DELETE ... RETURNING; STATUS_NOT_FOUND when it touched no row. */
static enum status
registry_run_found(struct query *query)
{
	enum status status = query_step(query);

	if (status == STATUS_OK)
		return query_run(
		    query); /* the one row; now to the end, where it takes effect */
	return status == STATUS_END ? STATUS_NOT_FOUND : status;
}

static enum status
registry_set_state(struct registry *registry, struct bytes name, enum registry_state state)
{
	query_text(&registry->state, name);
	query_i64(&registry->state, state);
	return registry_run_found(&registry->state);
}

enum status
registry_approve(struct registry *registry, struct bytes name)
{
	return registry_set_state(registry, name, REGISTRY_APPROVED);
}

enum status
registry_retire(struct registry *registry, struct bytes name)
{
	return registry_set_state(registry, name, REGISTRY_RETIRED);
}

enum status
registry_accept_key(struct registry *registry, struct bytes name)
{
	struct registry_sensor sensor;
	enum status status = registry_find(registry, name, &sensor);

	if (status != STATUS_OK)
		return status;
	if (!sensor.has_candidate)
		return STATUS_INVALID;
	query_text(&registry->take_key, name);
	return registry_run_found(&registry->take_key);
}

enum status
registry_peer_set(struct registry *registry, struct bytes name, struct bytes address)
{
	query_text(&registry->peer_set, name);
	query_text(&registry->peer_set, address);
	return query_run(&registry->peer_set);
}

enum status
registry_peer_remove(struct registry *registry)
{
	return registry_run_found(&registry->peer_remove);
}

enum status
registry_decide_peer(struct registry *registry, const struct registry_claim *claim,
    struct registry_answer *ret_answer)
{
	struct registry_answer answer = {0};
	struct query *query = &registry->peer_find;
	uint8_t pin[REGISTRY_HASH_SIZE];
	bool named, pinned;
	enum status status = query_step(query);

	if (status != STATUS_OK && status != STATUS_END)
		return status;
	named = status == STATUS_OK && bytes_equal(query_column_bytes(query, 0), claim->name);
	pinned = named && registry_read_hash(query, 1, pin);
	query_reset(query);
	status = STATUS_OK;
	if (!named) {
		registry_refuse(&answer, REASON_ROLE, "not the peer named with `peer add`");
	} else if (pinned && memcmp(pin, claim->pin, REGISTRY_HASH_SIZE) != 0) {
		registry_refuse(&answer, REASON_IDENTITY_DUPLICATE,
		    "another key under the name of the peer; `peer accept-key` if it was renewed");
	} else if (!pinned) {
		query_bytes(&registry->peer_pin, HASH(claim->pin));
		status = query_run(&registry->peer_pin);
	}
	if (status == STATUS_OK)
		*ret_answer = answer;
	return status;
}

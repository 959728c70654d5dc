/* SPDX-License-Identifier: Apache-2.0
 *
 * Health records.
 */
#include "sensor-agent/input/health.h"

#include <stdlib.h>
#include <sys/statvfs.h>

#include "common/base/json_write.h"

/* What makes a record worth writing before its time. */
enum {
	ALARM_SPOOL_SHIFT = 0, /* enum spool_alarm, two bits */
	ALARM_BLOCKED = 4,
	ALARM_DISK_LOW = 8,
	ALARM_DISK_FULL = 16,
	ALARM_CLOCK_STEP = 32
};

static const char source_name[] = "health";

void
health_init(struct health *health, struct spool *spool, int dir_fd)
{
	*health = (struct health){.spool = spool, .dir_fd = dir_fd};
}

static const char *
health_spool_alarm_text(enum spool_alarm alarm)
{
	switch (alarm) {
	case SPOOL_ALARM_NONE:
		return "none";
	case SPOOL_ALARM_HIGH:
		return "high";
	case SPOOL_ALARM_CRITICAL:
		return "critical";
	}
	return "unknown";
}

static unsigned
health_put_spool(struct health *health, struct json_write *json)
{
	struct spool_status status;

	spool_get_status(health->spool, &status);
	json_open_object(json, "spool");
	json_u64(json, "used", status.used);
	json_u64(json, "quota", status.quota);
	json_u64(json, "percent", status.percent);
	json_u64(json, "waiting", status.next - status.first);
	json_u64(json, "dropped", status.dropped);
	json_bool(json, "blocked", status.blocked);
	json_text(json, "alarm", health_spool_alarm_text(status.alarm));
	json_close_object(json);
	return (unsigned)status.alarm << ALARM_SPOOL_SHIFT |
	       (status.blocked ? ALARM_BLOCKED : 0);
}

static unsigned
health_put_disk(struct health *health, struct json_write *json)
{
	struct statvfs info;
	uint64_t total, free_bytes;
	unsigned percent;

	if (fstatvfs(health->dir_fd, &info) != 0)
		return 0;
	total = (uint64_t)info.f_blocks * info.f_frsize;
	free_bytes = (uint64_t)info.f_bavail * info.f_frsize;
	percent = total > 0 ? (unsigned)((total - free_bytes) * 100 / total) : 100;
	json_open_object(json, "disk");
	json_u64(json, "total", total);
	json_u64(json, "free", free_bytes);
	json_u64(json, "percent", percent);
	json_u64(json, "inodes_free", info.f_favail);
	json_close_object(json);
	return percent >= 95 ? ALARM_DISK_FULL : percent >= 85 ? ALARM_DISK_LOW : 0;
}

/* A wall clock that moved against the monotonic one since the last look. */
static unsigned
health_put_clock(struct health *health, struct json_write *json, int64_t wall_us,
    int64_t offset_ms)
{
	int64_t step_ms = health->told ? offset_ms - health->offset_ms : 0;
	bool stepped = llabs(step_ms) > HEALTH_CLOCK_STEP_MS;

	json_open_object(json, "clock");
	json_time_us(json, "wall", wall_us);
	if (stepped)
		json_i64(json, "step_ms", step_ms);
	json_close_object(json);
	return stepped ? ALARM_CLOCK_STEP : 0;
}

static void
health_put_fact(struct json_write *json, const char *key, struct bytes fact)
{
	if (fact.len > 0)
		json_raw(json, key, fact);
}

enum status
health_poll(struct health *health, int64_t wall_us, int64_t mono_ms,
    const struct health_facts *facts)
{
	struct spool_append append = {.type = RECORD_HEALTH, .source = source_name};
	int64_t offset_ms = wall_us / 1000 - mono_ms;
	enum status status = STATUS_OK;
	struct json_write json;
	struct buf data;
	unsigned alarms;
	uint64_t seq;

	buf_init(&data, HEALTH_FACTS_MAX);
	json = json_write_to(&data);
	json_open_object(&json, NULL);
	alarms = health_put_spool(health, &json);
	alarms |= health_put_disk(health, &json);
	alarms |= health_put_clock(health, &json, wall_us, offset_ms);
	health_put_fact(&json, "certificate", facts->certificate);
	health_put_fact(&json, "crls", facts->crls);
	health_put_fact(&json, "links", facts->links);
	health_put_fact(&json, "inputs", facts->inputs);
	json_close_object(&json);
	append.data = buf_bytes(&data);
	if (!health->told || alarms != health->alarms ||
	    mono_ms - health->told_mono_ms >= HEALTH_EVERY_MS) {
		status =
		    buf_ok(&data) ? spool_append(health->spool, &append, &seq) : STATUS_LIMIT;
		if (status == STATUS_OK) {
			health->told = true;
			health->told_mono_ms = mono_ms;
			health->alarms = alarms & ~(unsigned)ALARM_CLOCK_STEP;
			health->offset_ms = offset_ms;
		}
	}
	buf_done(&data);
	return status;
}

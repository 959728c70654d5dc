/* SPDX-License-Identifier: Apache-2.0
 *
 * Which console is tried, and when: the preferred one first, the next at once when it is
 * of no use, then all of them with growing pauses (full jitter, so that a fleet does not
 * come back in one moment).
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/base/random.h"
#include "common/loop/loop.h"
#include "common/wire/edge_fetch.h"
#include "sensor-agent/link/uplink_state.h"

enum {
	PAYLOAD_MAX = 1024
};

void
uplink_try(struct uplink *uplink)
{
	const struct uplink_console *console = uplink_console(uplink);
	struct edge_fetch_dial dial = {.host = bytes_of_text(console->host),
	    .port = console->port,
	    .timeout_ms = uplink->times.connect_ms};
	struct buf payload;
	enum status status;

	if (uplink->place != UPLINK_WAITING || loop_timer_is_set(uplink->retry_timer) ||
	    !uplink->has_ready || uplink->console_count == 0 ||
	    link_base_snapshot(uplink->base) == NULL ||
	    link_base_credentials(uplink->base) == NULL)
		return;
	dial.id = ++uplink->dial;
	buf_init(&payload, PAYLOAD_MAX);
	edge_message_put(&payload, edge_fetch_dial_fields, &dial);
	status = edge_send(proc_edge(uplink->proc, "link-fetch", 0), EDGE_FETCH_DIAL,
	    buf_bytes(&payload), NULL);
	buf_done(&payload);
	if (status != STATUS_OK)
		return; /* when the edge comes up it is tried again */
	uplink->place = UPLINK_DIALLING;
	snprintf(uplink->label, sizeof(uplink->label), "%s:%u", console->host, console->port);
	uplink_tell_state(uplink, EDGE_LINK_CONNECTING, REASON_OK, "", 0);
}

static int64_t
uplink_pause_ms(struct uplink *uplink, const struct link_end *end)
{
	bool refused =
	    end->kind == LINK_END_REFUSED_BY_US || end->kind == LINK_END_REFUSED_BY_PEER;
	int64_t pause_ms;

	uplink->tried++;
	if (uplink->tried < uplink->console_count)
		return (int64_t)random_below((uint64_t)uplink->times.failover_jitter_ms + 1);
	pause_ms = backoff_next(&uplink->backoff);
	if (refused && pause_ms < uplink->times.refused_ms)
		pause_ms = uplink->times.refused_ms +
			   (int64_t)random_below((uint64_t)uplink->times.refused_ms / 4 + 1);
	if (pause_ms < end->retry_ms)
		pause_ms =
		    end->retry_ms + (int64_t)random_below((uint64_t)end->retry_ms / 4 + 1);
	return pause_ms;
}

/* The state an operator reads: a network problem and a certificate problem are never the
 * same message. */
static enum edge_link_state
uplink_state_of(const struct link_end *end)
{
	if (end->reason == REASON_CLOCK_DRIFT)
		return EDGE_LINK_TIME_DIFF;
	if (end->kind == LINK_END_REFUSED_BY_US || end->kind == LINK_END_REFUSED_BY_PEER)
		return EDGE_LINK_REFUSED;
	return end->kind == LINK_END_VIOLATION ? EDGE_LINK_OUT_OF_SYNC : EDGE_LINK_DISCONNECTED;
}

void
uplink_retry(struct uplink *uplink, const struct link_end *end)
{
	int64_t pause_ms = uplink_pause_ms(uplink, end);

	uplink->place = UPLINK_WAITING;
	uplink_tell_state(uplink, uplink_state_of(end), end->reason, end->detail, pause_ms);
	uplink->present = (uplink->present + 1) % uplink->console_count;
	loop_timer_once(uplink->retry_timer, pause_ms);
}

enum status
uplink_on_dialled(struct uplink *uplink, struct edge_frame *frame)
{
	struct edge_fetch_dialled dialled;
	int fd = fds_take(&frame->fds, 0);
	char detail[LINK_DETAIL_SIZE];

	if (frame->type != EDGE_FETCH_DIALLED ||
	    edge_message_get(frame->payload, edge_fetch_dialled_fields, sizeof(dialled),
		&dialled) != STATUS_OK ||
	    dialled.outcome >= EDGE_FETCH_OUTCOME_COUNT ||
	    (dialled.outcome == EDGE_FETCH_OK) != (fd >= 0)) {
		fileio_close(fd);
		return STATUS_INVALID;
	}
	if (dialled.id != uplink->dial || uplink->place != UPLINK_DIALLING) {
		fileio_close(fd); /* of a dial that was given up */
		return STATUS_OK;
	}
	if (dialled.address.len > 0)
		snprintf(uplink->label, sizeof(uplink->label), "%.*s", (int)dialled.address.len,
		    (const char *)dialled.address.data);
	if (fd >= 0) {
		uplink_begin(uplink, fd);
		return STATUS_OK;
	}
	snprintf(detail, sizeof(detail), "%s: %s: %.*s", uplink->label,
	    edge_fetch_outcome_text((enum edge_fetch_outcome)dialled.outcome),
	    (int)dialled.detail.len, (const char *)dialled.detail.data);
	uplink_retry(uplink, &(struct link_end){.kind = LINK_END_LOST, .detail = detail});
	return STATUS_OK;
}

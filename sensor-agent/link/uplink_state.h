/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the uplink role: its state.
 */
#ifndef PORTCULLIS_SENSOR_LINK_UPLINK_STATE_H
#define PORTCULLIS_SENSOR_LINK_UPLINK_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/link/link.h"
#include "common/link/link_base.h"
#include "common/loop/backoff.h"
#include "common/proc/proc.h"
#include "common/wire/edge_store.h"
#include "sensor-agent/link/uplink.h"

enum {
	UPLINK_CONSOLES_MAX = 8,
	UPLINK_HOST_SIZE = 256,
	UPLINK_NAME_SIZE = 65,
	UPLINK_LABEL_SIZE = 330,
};

struct uplink_console {
	char name[UPLINK_NAME_SIZE];
	char host[UPLINK_HOST_SIZE];
	uint16_t port;
};

enum uplink_place {
	UPLINK_WAITING, /* for a time, or for what a session needs */
	UPLINK_DIALLING,
	UPLINK_JUDGING,
	UPLINK_ASKING, /* HELLO was sent */
	UPLINK_LIVE,
};

struct uplink {
	struct proc *proc;
	struct uplink_console consoles[UPLINK_CONSOLES_MAX];
	size_t console_count;
	size_t present; /* the console that is tried */
	struct uplink_settings times;
	struct tls *tls;
	struct link_base *base;
	struct link *link;
	char label[UPLINK_LABEL_SIZE]; /* address of the console, for records */
	char reported_by[UPLINK_NAME_SIZE + 10];
	enum uplink_place place;
	struct edge_store_ready ready; /* what HELLO says */
	bool has_ready;
	uint64_t dial; /* number of the dial that is under way */
	struct backoff backoff;
	unsigned int tried; /* consoles in a row that were of no use */
	struct loop_timer *retry_timer;
	struct loop_timer *judge_timer;
	struct loop_timer *log_timer;
	int64_t stale_since_s;
	int64_t clock_offset_us; /* of the console, as ACCEPT or REFUSE said */
};

/* --- uplink_dial.c --- */

/* Dials when everything that a session needs is there and no time has to pass. */
void uplink_try(struct uplink *uplink);
void uplink_retry(struct uplink *uplink, const struct link_end *end);
enum status uplink_on_dialled(struct uplink *uplink, struct edge_frame *frame);

/* --- uplink_session.c --- */

void uplink_begin(struct uplink *uplink, int fd);
enum status uplink_on_spool(struct uplink *uplink, struct edge_frame *frame);

/* --- uplink_record.c --- */

void uplink_record(struct uplink *uplink, const struct link_end *end);
void uplink_tell_state(struct uplink *uplink, enum edge_link_state state, enum reason reason,
    const char *detail, int64_t next_try_ms);

/* --- uplink.c --- */

enum status uplink_send_spool(struct uplink *uplink, uint8_t type,
    const struct edge_field *fields, const void *message) MUST_USE;

static inline const struct uplink_console *
uplink_console(const struct uplink *uplink)
{
	return &uplink->consoles[uplink->present];
}

#endif

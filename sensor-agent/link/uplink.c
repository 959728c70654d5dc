/* SPDX-License-Identifier: Apache-2.0
 *
 * The uplink role: settings, edges, start and end.
 */
#include "sensor-agent/link/uplink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/daemon/daemon.h"
#include "common/log/log.h"
#include "common/loop/loop.h"
#include "sensor-agent/link/uplink_state.h"

enum {
	PAYLOAD_MAX = 65536,
	LOG_TICK_MS = 10000,
	JUDGE_EVERY_MS = 10000, /* dates pass without a new snapshot */
};

#define CONSOLE(member) offsetof(struct uplink_console_settings, member)
#define AT(member)      offsetof(struct uplink_settings, member)

const struct edge_field uplink_console_settings_fields[] = {
    {EDGE_FIELD_BYTES, CONSOLE(name)},
    {EDGE_FIELD_BYTES, CONSOLE(host)},
    {EDGE_FIELD_U16, CONSOLE(port)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field uplink_settings_fields[] = {
    {EDGE_FIELD_LIST, AT(consoles)},
    {EDGE_FIELD_U32, AT(connect_ms)},
    {EDGE_FIELD_U32, AT(retry_min_ms)},
    {EDGE_FIELD_U32, AT(retry_max_ms)},
    {EDGE_FIELD_U32, AT(refused_ms)},
    {EDGE_FIELD_U32, AT(failover_jitter_ms)},
    {EDGE_FIELD_U8, AT(log_format)},
    {EDGE_FIELD_U8, AT(log_level)},
    {EDGE_FIELD_END, 0},
};

enum status
uplink_send_spool(struct uplink *uplink, uint8_t type, const struct edge_field *fields,
    const void *message)
{
	struct buf payload;
	enum status status;

	buf_init(&payload, PAYLOAD_MAX);
	edge_message_put(&payload, fields, message);
	status = edge_send(proc_edge(uplink->proc, "link-spool", 0), type, buf_bytes(&payload),
	    NULL);
	buf_done(&payload);
	return status;
}

/* --- trust and identity --- */

static void
uplink_judge_live(struct uplink *uplink)
{
	int64_t before = uplink->stale_since_s;

	if (uplink->place != UPLINK_LIVE)
		return;
	if (link_judge_again(uplink->link, &uplink->stale_since_s, clock_wall_s()) ==
		JUDGE_STALE &&
	    before == 0)
		log_warn("link-stale", LOG_TEXT("peer", uplink->label),
		    LOG_MESSAGE("the CRLs of this link have run out; it is kept for now"));
}

static void
uplink_on_snapshot(void *arg)
{
	uplink_judge_live(arg);
	uplink_try(arg);
}

static void
uplink_on_identity(void *arg)
{
	struct uplink *uplink = arg;
	const char *name = link_base_own_name(uplink->base);

	snprintf(uplink->reported_by, sizeof(uplink->reported_by), "sensor:%s",
	    name[0] != '\0' ? name : "unnamed");
	if (link_base_credentials(uplink->base) == NULL) {
		log_warn("no-identity",
		    LOG_MESSAGE("no certificate is installed, so no console can be reached; "
				"install one with `cert import`"));
		return;
	}
	if (uplink->place == UPLINK_LIVE) /* show the new one */
		link_bye(uplink->link, MESSAGE_BYE_RELOAD, 0);
	uplink_try(uplink);
}

static void
uplink_on_wanted(void *arg, const struct edge_trust_wanted *wanted)
{
	struct uplink *uplink = arg;

	if (uplink->link != NULL && link_number(uplink->link) == wanted->id)
		link_on_wanted(uplink->link, wanted);
}

static const struct link_base_ops base_ops = {.snapshot = uplink_on_snapshot,
    .identity = uplink_on_identity,
    .wanted = uplink_on_wanted};

/* --- edges --- */

static enum status
uplink_on_trust_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	return link_base_on_trust(((struct uplink *)state)->base, edge, frame);
}

static enum status
uplink_on_identity_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	return link_base_on_identity(((struct uplink *)state)->base, edge, frame);
}

static enum status
uplink_on_fetch_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	return uplink_on_dialled(state, frame);
}

static void
uplink_on_fetch_up(void *state, struct edge *edge)
{
	uplink_try(state);
}

/* A dial that fetch took with it is dialled again. */
static void
uplink_on_fetch_down(void *state, struct edge *edge)
{
	struct uplink *uplink = state;

	if (uplink->place == UPLINK_DIALLING)
		uplink->place = UPLINK_WAITING;
}

static enum status
uplink_on_spool_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	return uplink_on_spool(state, frame);
}

/* The spool died: the session has nobody behind it. */
static void
uplink_on_spool_down(void *state, struct edge *edge)
{
	struct uplink *uplink = state;

	uplink->has_ready = false;
	if (uplink->link != NULL)
		link_bye(uplink->link, MESSAGE_BYE_STORE, 0);
}

static enum status
uplink_on_key_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	return STATUS_INVALID; /* key answers calls and says nothing else */
}

/* --- start and end --- */

static void
uplink_on_retry(void *arg)
{
	uplink_try(arg);
}

static void
uplink_on_judge_timer(void *arg)
{
	uplink_judge_live(arg);
}

static void
uplink_on_log_timer(void *arg)
{
	log_tick();
}

static void
uplink_done(void *state)
{
	struct uplink *uplink = state;

	if (uplink->link != NULL)
		link_bye(uplink->link, MESSAGE_BYE_STOPPING, 0);
	loop_timer_free(uplink->retry_timer);
	loop_timer_free(uplink->judge_timer);
	loop_timer_free(uplink->log_timer);
	tls_free(uplink->tls);
	link_base_free(uplink->base);
	free(uplink);
}

static enum status
uplink_add_console(struct uplink *uplink, struct bytes encoded)
{
	struct uplink_console_settings settings;
	struct uplink_console *console = &uplink->consoles[uplink->console_count];

	if (edge_message_get(encoded, uplink_console_settings_fields, sizeof(settings),
		&settings) != STATUS_OK ||
	    uplink->console_count == UPLINK_CONSOLES_MAX ||
	    settings.name.len >= sizeof(console->name) ||
	    settings.host.len >= sizeof(console->host))
		return STATUS_INVALID;
	memcpy(console->name, settings.name.data, settings.name.len);
	memcpy(console->host, settings.host.data, settings.host.len);
	console->port = settings.port;
	uplink->console_count++;
	return STATUS_OK;
}

static enum status
uplink_read_settings(struct uplink *uplink, const struct proc_config *config)
{
	struct uplink_settings *settings = &uplink->times;
	enum status status = edge_message_get(config->payload, uplink_settings_fields,
	    sizeof(*settings), settings);

	for (size_t i = 0; status == STATUS_OK && i < settings->consoles.count; i++)
		status = uplink_add_console(uplink, settings->consoles.items[i]);
	settings->consoles.count = 0; /* views that end with the call */
	if (status != STATUS_OK || settings->retry_min_ms == 0 ||
	    settings->retry_min_ms > settings->retry_max_ms)
		return STATUS_INVALID;
	backoff_init(&uplink->backoff, settings->retry_min_ms, settings->retry_max_ms);
	return daemon_open_log("portcullis-sensor", proc_name(uplink->proc),
	    settings->log_format, settings->log_level);
}

static enum status
uplink_init(struct proc *proc, const struct proc_config *config, void **ret_state,
    struct buf *reterr_reason)
{
	struct uplink *uplink = NEW(struct uplink);
	struct loop *loop = proc_loop(proc);
	enum status status;

	uplink->proc = proc;
	uplink->tls = tls_new(loop);
	uplink->base = link_base_new(proc, &base_ops, uplink);
	uplink->retry_timer = loop_timer_new(loop, uplink_on_retry, uplink);
	uplink->judge_timer = loop_timer_new(loop, uplink_on_judge_timer, uplink);
	uplink->log_timer = loop_timer_new(loop, uplink_on_log_timer, uplink);
	status = uplink_read_settings(uplink, config);
	if (status != STATUS_OK) {
		buf_printf(reterr_reason, "settings of the uplink: %s", status_text(status));
		uplink_done(uplink);
		return status;
	}
	*ret_state = uplink;
	return STATUS_OK;
}

static void
uplink_ready(void *state)
{
	struct uplink *uplink = state;

	loop_timer_every(uplink->judge_timer, JUDGE_EVERY_MS);
	loop_timer_every(uplink->log_timer, LOG_TICK_MS);
}

static const struct edge_ops trust_ops = {.release_on_return = true,
    .frame = uplink_on_trust_frame};
static const struct edge_ops identity_ops = {.release_on_return = true,
    .frame = uplink_on_identity_frame};
static const struct edge_ops fetch_ops = {.release_on_return = true,
    .up = uplink_on_fetch_up,
    .down = uplink_on_fetch_down,
    .frame = uplink_on_fetch_frame};
static const struct edge_ops spool_ops = {.release_on_return = true,
    .down = uplink_on_spool_down,
    .frame = uplink_on_spool_frame};
static const struct edge_ops key_ops = {.frame = uplink_on_key_frame};

static const struct proc_edge_use uplink_edges[] = {
    {"link-key", &key_ops},
    {"link-identity", &identity_ops},
    {"link-trust", &trust_ops},
    {"link-fetch", &fetch_ops},
    {"link-spool", &spool_ops},
};

const struct proc_role uplink_role = {
    .name = "link",
    .instances = 1,
    .edges = uplink_edges,
    .edge_count = sizeof(uplink_edges) / sizeof(uplink_edges[0]),
    .init = uplink_init,
    .ready = uplink_ready,
    .done = uplink_done,
};

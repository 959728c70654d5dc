/* SPDX-License-Identifier: Apache-2.0
 *
 * A new configuration, all or nothing: the program loads it as the next generation, every
 * role that is ready prepares it, and when all have it is in force; any refusal, death or
 * silence puts it away everywhere.  A role that is down takes no part and begins with what
 * comes out of it.
 */
#include "common/proc/supervisor.h"

#include "common/base/clock.h"
#include "common/proc/notify.h"

/* Tells all that were asked, and the program. */
static void
reload_settle(struct supervisor *supervisor, bool in_force)
{
	struct reload *reload = &supervisor->reload;
	enum control_type type = in_force ? CONTROL_COMMIT : CONTROL_ABORT;
	struct buf generation;

	buf_init(&generation, sizeof(uint64_t));
	buf_put_u64le(&generation, reload->generation);
	for (size_t i = 0; i < supervisor->child_count; i++) {
		struct child *child = &supervisor->children[i];

		if (child->asked)
			child_send(child, type, buf_bytes(&generation), bytes_of(NULL, 0),
			    NULL);
		child->asked = false;
	}
	buf_done(&generation);
	reload->active = false;
	loop_timer_stop(reload->deadline);
	supervisor->program->settle(supervisor->arg, reload->generation, in_force);
}

/* Says how it ended; the next one may be waiting. */
static void
reload_end(struct supervisor *supervisor, const char *why)
{
	supervisor_report(supervisor,
	    (struct proc_event){.kind = why == NULL ? PROC_EVENT_RELOADED
						    : PROC_EVENT_RELOAD_FAILED,
		.generation = supervisor->reload.generation,
		.text = why});
	notify_send("READY=1");
	reload_try(supervisor);
}

void
reload_abandon(struct supervisor *supervisor, const char *why)
{
	if (!supervisor->reload.active)
		return;
	reload_settle(supervisor, false);
	reload_end(supervisor, why);
}

/* Gives up because of one role. */
static void
reload_fail(struct child *child, const char *why)
{
	struct buf text;

	buf_init(&text, 2 * PROC_REASON_MAX);
	buf_printf(&text, "%s %s", child->role->name, why);
	reload_abandon(child->supervisor, buf_text(&text));
	buf_done(&text);
}

static void
reload_commit_if_all_are_ready(struct supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->child_count; i++) {
		if (supervisor->children[i].asked && !supervisor->children[i].prepared)
			return;
	}
	supervisor->generation = supervisor->reload.generation;
	reload_settle(supervisor, true);
	reload_end(supervisor, NULL);
}

static void
reload_ask(struct supervisor *supervisor)
{
	struct buf generation;

	buf_init(&generation, sizeof(uint64_t));
	buf_put_u64le(&generation, supervisor->reload.generation);
	for (size_t i = 0; i < supervisor->child_count; i++) {
		struct child *child = &supervisor->children[i];

		if (child->state != CHILD_READY)
			continue;
		child->asked = true;
		child->prepared = false;
		if (child_send_config(child, CONTROL_PREPARE, buf_bytes(&generation),
			supervisor->reload.generation))
			continue;
		child->asked = false;
		reload_fail(child, "has a configuration that is too large");
		break;
	}
	buf_done(&generation);
}

static bool
reload_may_begin(const struct supervisor *supervisor)
{
	if (!supervisor->reload.wanted || supervisor->reload.active || !supervisor->running ||
	    supervisor->stopping)
		return false;
	for (size_t i = 0; i < supervisor->child_count; i++) {
		if (supervisor->children[i].state == CHILD_STARTING)
			return false;
	}
	return true;
}

void
reload_try(struct supervisor *supervisor)
{
	struct reload *reload = &supervisor->reload;
	struct buf reason;
	enum status status;

	if (!reload_may_begin(supervisor))
		return;
	reload->wanted = false;
	reload->generation = ++supervisor->last_generation;
	notify_sendf("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_mono_us());
	buf_init(&reason, PROC_REASON_MAX);
	status = supervisor->program->load(supervisor->arg, reload->generation, &reason);
	if (status != STATUS_OK) {
		if (reason.len == 0)
			buf_put_text(&reason, status_text(status));
		reload_end(supervisor, buf_text(&reason));
		buf_done(&reason);
		return;
	}
	buf_done(&reason);
	reload->active = true;
	loop_timer_once(reload->deadline, supervisor->timing.prepare_ms);
	reload_ask(supervisor);
	if (reload->active)
		reload_commit_if_all_are_ready(supervisor);
}

void
reload_on_answer(struct child *child, uint64_t generation, bool ready, struct bytes why)
{
	struct supervisor *supervisor = child->supervisor;
	struct buf reason;

	/* an answer to what was given up meanwhile */
	if (!supervisor->reload.active || generation != supervisor->reload.generation ||
	    !child->asked)
		return;
	if (ready) {
		child->prepared = true;
		reload_commit_if_all_are_ready(supervisor);
		return;
	}
	buf_init(&reason, PROC_REASON_MAX + 32);
	buf_put_text(&reason, "refused: ");
	buf_put_bytes(&reason, why);
	reload_fail(child, buf_text(&reason));
	buf_done(&reason);
}

void
reload_on_death(struct child *child)
{
	if (!child->asked)
		return;
	child->asked = false;
	reload_fail(child, "died while it prepared");
}

static void
reload_on_deadline(void *arg)
{
	struct supervisor *supervisor = arg;

	for (size_t i = 0; i < supervisor->child_count; i++) {
		struct child *child = &supervisor->children[i];

		if (child->asked && !child->prepared) {
			reload_fail(child, "did not answer in time");
			return;
		}
	}
}

void
reload_init(struct supervisor *supervisor)
{
	supervisor->reload.deadline =
	    loop_timer_new(supervisor->loop, reload_on_deadline, supervisor);
}

void
reload_done(struct supervisor *supervisor)
{
	loop_timer_free(supervisor->reload.deadline);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocation that lives: a new snapshot judges every live session again, in slices, so that
 * those who pass notice nothing.
 */
#include "common/base/clock.h"
#include "common/loop/loop.h"
#include "console-server/link/worker_state.h"

static void
judge_session(struct worker_session *session, uint64_t number, int64_t now_s)
{
	int64_t before = session->stale_since_s;
	char address[WORKER_ADDRESS_SIZE];

	session->judged_by = number;
	memcpy(address, session->address, sizeof(address));
	if (link_judge_again(session->link, &session->stale_since_s, now_s) == JUDGE_STALE &&
	    before == 0)
		log_warn("link-stale", LOG_KEY(address), LOG_TEXT("peer", address),
		    LOG_TEXT("why", verdict_detail(link_verdict(session->link))),
		    LOG_MESSAGE("the CRLs of this link have run out; it is kept for now"));
}

void
worker_judge_again(struct worker *worker)
{
	const struct snapshot *snapshot = link_base_snapshot(worker->base);
	int64_t until_us = clock_mono_us() + WORKER_SLICE_US, now_s = clock_wall_s();
	struct worker_session *session = TAILQ_FIRST(&worker->accepted);

	while (session != NULL && snapshot != NULL) {
		struct worker_session *next = TAILQ_NEXT(session, order);

		if (session->judged_by != snapshot->number) {
			judge_session(session, snapshot->number, now_s);
			if (clock_mono_us() > until_us) {
				loop_timer_once(worker->slice_timer, 0);
				return;
			}
		}
		session = next;
	}
}

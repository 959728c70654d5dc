/* SPDX-License-Identifier: Apache-2.0
 *
 * All transfers together: libcurl's multi interface on the loop, and whose turn it is.
 */
#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/text.h"
#include "common/fetch/transfer_internal.h"
#include "common/loop/loop.h"

struct transfers {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer *timer;
	struct loop_timer *ended_timer; /* tells of what ended without being started */
	struct policy policy;
	struct transfer_list active;
	struct transfer_list waiting;
	struct transfer_list ended;
	unsigned int gets, dials, waits;
	transfer_done *done;
	void *arg;
};

/* A socket of libcurl's on our loop. */
struct watch {
	struct transfers *transfers;
	struct loop_io *io;
	curl_socket_t fd;
};

enum status
transfers_prepare_process(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? STATUS_OK : STATUS_IO;
}

static void
policy_done(struct policy *policy)
{
	for (size_t i = 0; i < policy->host_count; i++)
		free((void *)(uintptr_t)policy->hosts[i].data);
	free(policy->hosts);
	free(policy->proxy);
}

void
transfers_set(struct transfers *transfers, const struct transfers_policy *given)
{
	struct policy *policy = &transfers->policy;

	policy_done(policy);
	*policy = (struct policy){.allow_loopback = given->allow_loopback,
	    .hosts = alloc_zeroed(given->hosts.count, sizeof(struct bytes)),
	    .host_count = given->hosts.count,
	    .connect_ms = given->connect_ms,
	    .total_ms = given->total_ms};
	for (size_t i = 0; i < given->hosts.count; i++) {
		struct bytes host = given->hosts.items[i];

		policy->hosts[i] = bytes_of(alloc_text_copy(host.data, host.len), host.len);
	}
	if (given->proxy.len > 0)
		policy->proxy = alloc_text_copy(given->proxy.data, given->proxy.len);
}

static bool
transfers_host_busy(const struct transfers *transfers, const struct transfer *wanted)
{
	const struct transfer *other;

	TAILQ_FOREACH(other, &transfers->active, link) {
		if (!other->dial && !wanted->dial &&
		    text_equal_nocase(bytes_of_text(other->host), bytes_of_text(wanted->host)))
			return true;
	}
	return false;
}

static void
transfers_start(struct transfers *transfers, struct transfer *transfer)
{
	TAILQ_INSERT_TAIL(&transfers->active, transfer, link);
	*(transfer->dial ? &transfers->dials : &transfers->gets) += 1;
	if (curl_multi_add_handle(transfers->multi, transfer->easy) != CURLM_OK)
		abort(); /* only a misused or damaged handle is refused */
}

/* Gives the next ones their turn. */
static void
transfers_start_waiting(struct transfers *transfers)
{
	struct transfer *transfer = TAILQ_FIRST(&transfers->waiting);

	while (transfer != NULL && transfers->gets < TRANSFERS_ACTIVE_MAX) {
		struct transfer *next = TAILQ_NEXT(transfer, link);

		if (!transfers_host_busy(transfers, transfer)) {
			TAILQ_REMOVE(&transfers->waiting, transfer, link);
			transfers->waits--;
			transfers_start(transfers, transfer);
		}
		transfer = next;
	}
}

static void
transfers_tell(struct transfers *transfers, struct transfer *transfer)
{
	struct transfer_result result = transfer_result(transfer);

	transfers->done(transfers->arg, transfer->id, &result);
	transfer_free(transfer);
}

/* What libcurl has finished. */
static void
transfers_collect(struct transfers *transfers)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(transfers->multi, &left)) != NULL) {
		struct transfer *transfer;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		transfer_end(transfer, (int)code); /* before the handle is taken out */
		curl_multi_remove_handle(transfers->multi, transfer->easy);
		TAILQ_REMOVE(&transfers->active, transfer, link);
		*(transfer->dial ? &transfers->dials : &transfers->gets) -= 1;
		transfers_tell(transfers, transfer);
	}
	transfers_start_waiting(transfers);
}

static void
transfers_drive(struct transfers *transfers, curl_socket_t fd, int what)
{
	int running;

	if (curl_multi_socket_action(transfers->multi, fd, what, &running) != CURLM_OK)
		abort();
	transfers_collect(transfers);
}

static void
transfers_on_timer(void *arg)
{
	transfers_drive(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int
transfers_set_timer(CURLM *multi, long wait_ms, void *arg)
{
	struct transfers *transfers = arg;

	(void)multi;
	if (wait_ms < 0)
		loop_timer_stop(transfers->timer);
	else
		loop_timer_once(transfers->timer, wait_ms);
	return 0;
}

static void
transfers_on_ready(unsigned ready, void *arg)
{
	const struct watch *watch = arg;
	int what = (ready & LOOP_READ ? CURL_CSELECT_IN : 0) |
		   (ready & LOOP_WRITE ? CURL_CSELECT_OUT : 0);

	transfers_drive(watch->transfers, watch->fd, what);
}

/* libcurl says what it waits for on a socket of its own. */
static int
transfers_set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct transfers *transfers = arg;
	struct watch *watch = socket_arg;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch != NULL) {
			curl_multi_assign(transfers->multi, fd, NULL);
			loop_io_free(watch->io);
			free(watch);
		}
		return 0;
	}
	if (watch == NULL) {
		watch = NEW(struct watch);
		watch->transfers = transfers;
		watch->fd = fd;
		watch->io =
		    loop_io_new(transfers->loop, fd, LOOP_NOW, transfers_on_ready, watch);
		curl_multi_assign(transfers->multi, fd, watch);
	}
	loop_io_want(watch->io,
	    (what & CURL_POLL_IN ? LOOP_READ : 0u) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0u));
	return 0;
}

static void
transfers_on_ended(void *arg)
{
	struct transfers *transfers = arg;
	struct transfer *transfer;

	while ((transfer = TAILQ_FIRST(&transfers->ended)) != NULL) {
		TAILQ_REMOVE(&transfers->ended, transfer, link);
		transfers_tell(transfers, transfer);
	}
}

/* It ends before it began; told in the next turn, as the asker expects it later. */
static void
transfers_end_unstarted(struct transfers *transfers, struct transfer *transfer)
{
	TAILQ_INSERT_TAIL(&transfers->ended, transfer, link);
	loop_timer_once(transfers->ended_timer, 0);
}

static void
transfers_end_busy(struct transfers *transfers, struct transfer *transfer)
{
	transfer->outcome = EDGE_FETCH_BUSY;
	snprintf(transfer->detail, sizeof(transfer->detail), "too many at once");
	transfers_end_unstarted(transfers, transfer);
}

void
transfers_get(struct transfers *transfers, const struct edge_fetch_get *get)
{
	struct transfer *transfer = transfer_new(get->id);

	if (transfers->waits == TRANSFERS_WAITING_MAX) {
		transfers_end_busy(transfers, transfer);
	} else if (!transfer_setup_get(transfer, get, &transfers->policy)) {
		transfers_end_unstarted(transfers, transfer);
	} else {
		TAILQ_INSERT_TAIL(&transfers->waiting, transfer, link);
		transfers->waits++;
		transfers_start_waiting(transfers);
	}
}

void
transfers_dial(struct transfers *transfers, const struct edge_fetch_dial *dial)
{
	struct transfer *transfer = transfer_new(dial->id);

	if (transfers->dials == TRANSFERS_DIALS_MAX)
		transfers_end_busy(transfers, transfer);
	else if (!transfer_setup_dial(transfer, dial, &transfers->policy))
		transfers_end_unstarted(transfers, transfer);
	else
		transfers_start(transfers, transfer);
}

struct transfers *
transfers_new(struct loop *loop, const struct transfers_policy *policy, transfer_done *done,
    void *arg)
{
	struct transfers *transfers = NEW(struct transfers);

	transfers->loop = loop;
	transfers->done = done;
	transfers->arg = arg;
	TAILQ_INIT(&transfers->active);
	TAILQ_INIT(&transfers->waiting);
	TAILQ_INIT(&transfers->ended);
	transfers->timer = loop_timer_new(loop, transfers_on_timer, transfers);
	transfers->ended_timer = loop_timer_new(loop, transfers_on_ended, transfers);
	transfers->multi = curl_multi_init();
	if (transfers->multi == NULL)
		abort();
	curl_multi_setopt(transfers->multi, CURLMOPT_SOCKETFUNCTION, transfers_set_socket);
	curl_multi_setopt(transfers->multi, CURLMOPT_SOCKETDATA, transfers);
	curl_multi_setopt(transfers->multi, CURLMOPT_TIMERFUNCTION, transfers_set_timer);
	curl_multi_setopt(transfers->multi, CURLMOPT_TIMERDATA, transfers);
	transfers_set(transfers, policy);
	return transfers;
}

static void
transfers_drop(struct transfers *transfers, struct transfer_list *list)
{
	struct transfer *transfer;

	while ((transfer = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, transfer, link);
		if (list == &transfers->active)
			curl_multi_remove_handle(transfers->multi, transfer->easy);
		transfer_free(transfer);
	}
}

void
transfers_free(struct transfers *transfers)
{
	if (transfers == NULL)
		return;
	transfers_drop(transfers, &transfers->active);
	transfers_drop(transfers, &transfers->waiting);
	transfers_drop(transfers, &transfers->ended);
	curl_multi_cleanup(transfers->multi);
	loop_timer_free(transfers->timer);
	loop_timer_free(transfers->ended_timer);
	policy_done(&transfers->policy);
	free(transfers);
}

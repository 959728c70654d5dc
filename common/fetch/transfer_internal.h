/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside fetch: what transfer.c (one transfer) and multi.c (all of them) share.
 */
#ifndef PORTCULLIS_FETCH_TRANSFER_INTERNAL_H
#define PORTCULLIS_FETCH_TRANSFER_INTERNAL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/base/buf.h"
#include "common/fetch/transfer.h"

struct policy {
	bool allow_loopback;
	struct bytes *hosts; /* copies */
	size_t host_count;
	char *proxy; /* NULL: none */
	uint32_t connect_ms;
	uint32_t total_ms;
};

struct transfer {
	TAILQ_ENTRY(transfer) link;
	uint64_t id;
	CURL *easy;
	bool dial;
	char *host; /* of a download: one at a time each */
	struct curl_slist *headers;
	bool judge_address;
	bool allow_loopback;
	int body_fd;
	int socket_fd;
	uint64_t max_bytes;
	uint64_t received;
	struct buf etag;
	struct buf last_modified;
	uint16_t http_status;
	enum edge_fetch_outcome outcome;
	char detail[TRANSFERS_DETAIL_SIZE];
	char address[80];
	char curl_error[CURL_ERROR_SIZE];
};

TAILQ_HEAD(transfer_list, transfer);

struct transfer *transfer_new(uint64_t id);
void transfer_free(struct transfer *transfer);

/* False: it can not be started, outcome and detail say why. */
bool transfer_setup_get(struct transfer *transfer, const struct edge_fetch_get *get,
    const struct policy *policy);
bool transfer_setup_dial(struct transfer *transfer, const struct edge_fetch_dial *dial,
    const struct policy *policy);

/* libcurl is done with it (code is a CURLcode): settles the outcome. */
void transfer_end(struct transfer *transfer, int code);

/* What to tell the asker; takes the descriptor out of the transfer. */
struct transfer_result transfer_result(struct transfer *transfer);

#endif

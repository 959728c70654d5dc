/* SPDX-License-Identifier: Apache-2.0
 *
 * Snapshots: what those who judge know.  A snapshot is sent whole; when a worker has no
 * room for the rest it is begun anew once there is (the receiver forgets a part).
 */

#include "common/base/alloc.h"
#include "common/trust/trust_state.h"

/* The message under construction for one worker. */
struct publication {
	struct edge *edge;
	struct buf payload;
	enum status status; /* sticky */
};

static void
publication_send(struct publication *publication, uint8_t type, const struct edge_field *fields,
    const void *message, int fd)
{
	struct fds fds = {.count = 0};

	if (publication->status != STATUS_OK)
		return;
	buf_clear(&publication->payload);
	edge_message_put(&publication->payload, fields, message);
	if (fd >= 0 && !fds_add_copy(&fds, fd)) {
		publication->status = STATUS_IO;
		return;
	}
	publication->status =
	    edge_send(publication->edge, type, buf_bytes(&publication->payload), &fds);
	fds_close(&fds);
}

static void
publication_send_certs(struct publication *publication, const struct anchors *anchors)
{
	for (size_t i = 0; i < anchors_count(anchors); i++) {
		const struct anchors_entry *entry = anchors_at(anchors, i);
		struct edge_trust_cert cert = {.purpose = (uint8_t)entry->purpose,
		    .anchor = entry->anchor,
		    .der = entry->cert->der};

		publication_send(publication, EDGE_TRUST_CERT, edge_trust_cert_fields, &cert,
		    -1);
	}
}

static void
publication_send_crls(struct publication *publication, const struct crls *crls)
{
	for (size_t i = 0; i < crls_count(crls); i++) {
		const struct crls_item *item = crls_at(crls, i);
		struct edge_trust_crl crl;

		memcpy(crl.sha256, item->index->sha256, sizeof(crl.sha256));
		publication_send(publication, EDGE_TRUST_CRL, edge_trust_crl_fields, &crl,
		    item->fd);
	}
}

/* Sources that give nothing explain why a CRL is missing. */
static void
publication_send_refusals(struct publication *publication, struct sources *sources)
{
	for (size_t i = 0; i < sources_count(sources); i++) {
		const struct source *source = sources_at(sources, i);

		if (source->reason == REASON_OK)
			continue;
		for (size_t u = 0; u < source->url_count; u++) {
			struct edge_trust_refusal refusal = {.reason = (uint8_t)source->reason,
			    .url = bytes_of_text(source->urls[u]),
			    .detail = bytes_of_text(source->detail)};

			publication_send(publication, EDGE_TRUST_REFUSAL,
			    edge_trust_refusal_fields, &refusal, -1);
		}
	}
}

void
trust_publish_to(void *arg, struct edge *edge)
{
	struct trust_state *state = arg;
	struct publication publication = {.edge = edge, .status = STATUS_OK};
	struct edge_trust_begin begin = {.number = state->snapshot};
	struct edge_trust_commit commit = {.number = state->snapshot};

	buf_init(&publication.payload, TRUST_PAYLOAD_MAX);
	publication_send(&publication, EDGE_TRUST_BEGIN, edge_trust_begin_fields, &begin, -1);
	for (int p = 0; p < TRUST_PURPOSE_COUNT; p++) {
		struct edge_trust_policy policy = state->config.policies[p];

		policy.generation =
		    trust_generation(anchors_trust(state->anchors, (enum trust_purpose)p));
		publication_send(&publication, EDGE_TRUST_POLICY, edge_trust_policy_fields,
		    &policy, -1);
	}
	publication_send_certs(&publication, state->anchors);
	publication_send_crls(&publication, state->crls);
	publication_send_refusals(&publication, state->sources);
	publication_send(&publication, EDGE_TRUST_COMMIT, edge_trust_commit_fields, &commit,
	    -1);
	/* STATUS_AGAIN: edge_ops.credit calls this function again */
	buf_done(&publication.payload);
}

void
trust_publish(struct trust_state *state)
{
	state->snapshot++;
	for (unsigned i = 0; i < proc_edge_count(state->proc, "link-trust"); i++) {
		struct edge *edge = proc_edge(state->proc, "link-trust", i);

		if (edge_is_up(edge))
			trust_publish_to(state, edge);
	}
}

struct crl_set *
trust_crl_set(const struct trust_state *state)
{
	struct crl_set *set = crl_set_new();

	for (size_t i = 0; i < crls_count(state->crls); i++) {
		/* CRLS_MAX is below CRL_SET_MAX */
		if (crl_set_add_take(set, crl_index_ref(crls_at(state->crls, i)->index)) !=
		    STATUS_OK)
			break;
	}
	return set;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Snapshots and the identity of a process with links.
 */
#include "common/link/link_base.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/pki/cert.h"
#include "common/pki/crl_index_map.h"
#include "common/pki/identity.h"
#include "common/wire/edge_key.h"

enum {
	SIGN_TIMEOUT_MS = 2000,
	PAYLOAD_MAX = 1 << 20,
	MEMO_MAX = 16384, /* signatures: a fleet's and its CAs' */
};

/* A snapshot on its way: BEGIN to COMMIT. */
struct building {
	bool open;
	uint64_t number;
	uint64_t generations[TRUST_PURPOSE_COUNT];
	struct snapshot_policy policies[TRUST_PURPOSE_COUNT];
	struct cert **certs[TRUST_PURPOSE_COUNT][2]; /* intermediates, anchors */
	size_t counts[TRUST_PURPOSE_COUNT][2];
	struct crl_set *crls;
};

/* Whom a signature is asked of; lives as long as the process, as sessions may. */
struct signing {
	struct signing *next;
	struct edge *edge;
	uint32_t generation;
};

struct link_base {
	struct proc *proc;
	const struct link_base_ops *ops;
	void *arg;
	struct building building;
	struct snapshot *snapshot;
	struct tls_credentials *credentials;
	struct sig_memo *memo;
	struct signing *signings;
	char own_name[IDENTITY_SIZE];
	uint8_t own_key[PUBKEY_HASH_SIZE];
};

static void
building_reset(struct building *building)
{
	for (int p = 0; p < TRUST_PURPOSE_COUNT; p++) {
		for (int kind = 0; kind < 2; kind++) {
			for (size_t i = 0; i < building->counts[p][kind]; i++)
				cert_free(building->certs[p][kind][i]);
			free(building->certs[p][kind]);
		}
	}
	crl_set_free(building->crls);
	*building = (struct building){.open = false};
}

struct link_base *
link_base_new(struct proc *proc, const struct link_base_ops *ops, void *arg)
{
	struct link_base *base = NEW(struct link_base);

	base->proc = proc;
	base->ops = ops;
	base->arg = arg;
	base->memo = sig_memo_new(MEMO_MAX);
	return base;
}

void
link_base_free(struct link_base *base)
{
	if (base == NULL)
		return;
	building_reset(&base->building);
	snapshot_unref(base->snapshot);
	tls_credentials_unref(base->credentials);
	sig_memo_free(base->memo);
	while (base->signings != NULL) {
		struct signing *next = base->signings->next;

		free(base->signings);
		base->signings = next;
	}
	free(base);
}

struct snapshot *
link_base_snapshot(const struct link_base *base)
{
	return base->snapshot;
}

struct tls_credentials *
link_base_credentials(const struct link_base *base)
{
	return base->credentials;
}

struct sig_memo *
link_base_memo(const struct link_base *base)
{
	return base->memo;
}

const char *
link_base_own_name(const struct link_base *base)
{
	return base->own_name;
}

bool
link_base_is_own(const struct link_base *base, const struct verdict *verdict)
{
	if (verdict_cert_count(verdict) == 0)
		return false;
	return (base->own_name[0] != '\0' &&
		   strcmp(base->own_name, verdict_identity(verdict)) == 0) ||
	       memcmp(verdict_cert(verdict, 0)->key_sha256, base->own_key, PUBKEY_HASH_SIZE) ==
		   0;
}

enum status
link_base_want(struct link_base *base, const struct edge_trust_want *want)
{
	struct buf payload;
	enum status status;

	buf_init(&payload, PAYLOAD_MAX);
	edge_message_put(&payload, edge_trust_want_fields, want);
	status = edge_send(proc_edge(base->proc, "link-trust", 0), EDGE_TRUST_WANT,
	    buf_bytes(&payload), NULL);
	buf_done(&payload);
	return status;
}

/* --- snapshots --- */

static enum status
building_on_policy(struct building *building, const struct edge_frame *frame)
{
	struct edge_trust_policy policy;

	if (edge_message_get(frame->payload, edge_trust_policy_fields, sizeof(policy),
		&policy) != STATUS_OK ||
	    policy.purpose >= TRUST_PURPOSE_COUNT || policy.mode > EDGE_TRUST_OFF)
		return STATUS_INVALID;
	building->generations[policy.purpose] = policy.generation;
	building->policies[policy.purpose] =
	    (struct snapshot_policy){.validation = policy.validation,
		.profile = policy.profile,
		.revocation = (enum snapshot_revocation)policy.mode, /* the same order */
		.grace_s = policy.grace_s,
		.crl_max_age_s = policy.crl_max_age_s,
		.live_stale_s = policy.live_stale_s};
	return STATUS_OK;
}

static enum status
building_on_cert(struct building *building, const struct edge_frame *frame)
{
	struct edge_trust_cert message;
	struct cert *cert;
	size_t *count;

	if (edge_message_get(frame->payload, edge_trust_cert_fields, sizeof(message),
		&message) != STATUS_OK ||
	    message.purpose >= TRUST_PURPOSE_COUNT)
		return STATUS_INVALID;
	count = &building->counts[message.purpose][message.anchor];
	if (*count == TRUST_CERT_MAX || cert_parse(message.der, &cert, NULL) != STATUS_OK)
		return STATUS_INVALID;
	building->certs[message.purpose][message.anchor] =
	    alloc_resize(building->certs[message.purpose][message.anchor], *count + 1,
		sizeof(cert));
	building->certs[message.purpose][message.anchor][(*count)++] = cert;
	return STATUS_OK;
}

static enum status
building_on_crl(struct building *building, struct edge_frame *frame)
{
	int fd = fds_take(&frame->fds, 0);
	struct crl_index *index;
	enum status status = fd >= 0 ? crl_index_map(fd, &index) : STATUS_INVALID;

	fileio_close(fd);
	/* trust has checked it; an index that is damaged here is the disk's doing, and a
	 * snapshot without it refuses what it can not judge */
	if (status == STATUS_OK && crl_set_add_take(building->crls, index) != STATUS_OK)
		return STATUS_INVALID;
	return STATUS_OK;
}

static enum status
building_on_refusal(struct building *building, const struct edge_frame *frame)
{
	struct edge_trust_refusal message;
	struct crl_refusal refusal;
	char *url, *detail;

	if (edge_message_get(frame->payload, edge_trust_refusal_fields, sizeof(message),
		&message) != STATUS_OK ||
	    message.reason == REASON_OK || message.reason >= REASON_COUNT)
		return STATUS_INVALID;
	url = message.url.len > 0 ? alloc_text_copy(message.url.data, message.url.len) : NULL;
	detail = alloc_text_copy(message.detail.data, message.detail.len);
	refusal = (struct crl_refusal){.reason = (enum reason)message.reason,
	    .issuer_canonical = message.issuer_canonical,
	    .url = url,
	    .detail = detail};
	crl_set_add_refusal(building->crls, &refusal);
	free(url);
	free(detail);
	return STATUS_OK;
}

/* Everything has come: the snapshot is made and takes the place of the one before. */
static enum status
link_base_commit(struct link_base *base)
{
	struct building *building = &base->building;
	struct snapshot_purpose purposes[TRUST_PURPOSE_COUNT];

	for (int p = 0; p < TRUST_PURPOSE_COUNT; p++) {
		purposes[p] = (struct snapshot_purpose){.policy = building->policies[p]};
		if (trust_new_take((enum trust_purpose)p, building->generations[p],
			building->certs[p][1], building->counts[p][1], building->certs[p][0],
			building->counts[p][0], &purposes[p].trust) != STATUS_OK)
			purposes[p].trust = NULL; /* refuses everybody */
		building->counts[p][0] = building->counts[p][1] = 0;
	}
	snapshot_unref(base->snapshot);
	base->snapshot = snapshot_new_take(building->number, purposes, building->crls);
	building->crls = NULL;
	building_reset(building);
	base->ops->snapshot(base->arg);
	return STATUS_OK;
}

static enum status
link_base_begin(struct link_base *base, const struct edge_frame *frame)
{
	struct edge_trust_begin begin;

	if (edge_message_get(frame->payload, edge_trust_begin_fields, sizeof(begin), &begin) !=
	    STATUS_OK)
		return STATUS_INVALID;
	building_reset(&base->building);
	base->building.open = true;
	base->building.number = begin.number;
	base->building.crls = crl_set_new();
	return STATUS_OK;
}

static enum status
link_base_on_wanted(struct link_base *base, const struct edge_frame *frame)
{
	struct edge_trust_wanted wanted;

	if (edge_message_get(frame->payload, edge_trust_wanted_fields, sizeof(wanted),
		&wanted) != STATUS_OK ||
	    wanted.reason >= REASON_COUNT)
		return STATUS_INVALID;
	base->ops->wanted(base->arg, &wanted);
	return STATUS_OK;
}

enum status
link_base_on_trust(struct link_base *base, struct edge *edge, struct edge_frame *frame)
{
	struct building *building = &base->building;

	if (frame->type == EDGE_TRUST_BEGIN)
		return link_base_begin(base, frame);
	if (frame->type == EDGE_TRUST_WANTED)
		return link_base_on_wanted(base, frame);
	if (!building->open)
		return STATUS_INVALID;
	switch (frame->type) {
	case EDGE_TRUST_POLICY:
		return building_on_policy(building, frame);
	case EDGE_TRUST_CERT:
		return building_on_cert(building, frame);
	case EDGE_TRUST_CRL:
		return building_on_crl(building, frame);
	case EDGE_TRUST_REFUSAL:
		return building_on_refusal(building, frame);
	case EDGE_TRUST_COMMIT:
		return link_base_commit(base);
	default:
		return STATUS_INVALID;
	}
}

/* --- identity --- */

static enum status
link_base_sign(void *arg, uint16_t scheme, struct bytes digest, struct buf *signature)
{
	const struct signing *signing = arg;
	struct edge_key_sign sign = {.use = EDGE_KEY_APPLIANCE,
	    .generation = signing->generation,
	    .scheme = scheme,
	    .digest = digest};
	struct edge_key_signed answer;
	struct bytes reply;
	struct buf payload;
	uint8_t type;
	enum status status;

	buf_init(&payload, PAYLOAD_MAX);
	edge_message_put(&payload, edge_key_sign_fields, &sign);
	status = edge_call(signing->edge, EDGE_KEY_SIGN, buf_bytes(&payload), SIGN_TIMEOUT_MS,
	    &type, &reply);
	buf_done(&payload);
	if (status != STATUS_OK)
		return status;
	if (type != EDGE_KEY_SIGNED ||
	    edge_message_get(reply, edge_key_signed_fields, sizeof(answer), &answer) !=
		STATUS_OK ||
	    answer.status > STATUS_INTERNAL)
		return STATUS_INTERNAL;
	if (answer.status == STATUS_OK)
		buf_put_bytes(signature, answer.signature);
	return (enum status)answer.status;
}

static void
link_base_note_own(struct link_base *base, struct bytes leaf)
{
	struct cert *cert;
	const char *why;

	base->own_name[0] = '\0';
	memset(base->own_key, 0, sizeof(base->own_key));
	if (leaf.len == 0 || cert_parse(leaf, &cert, NULL) != STATUS_OK)
		return;
	memcpy(base->own_key, cert->key.sha256, sizeof(base->own_key));
	if (identity_of(cert, base->own_name, &why) != REASON_OK)
		base->own_name[0] = '\0';
	cert_free(cert);
}

enum status
link_base_on_identity(struct link_base *base, struct edge *edge, struct edge_frame *frame)
{
	struct edge_key_identity message;
	struct tls_credentials *credentials = NULL;
	struct signing *signing;

	if (frame->type != EDGE_KEY_IDENTITY ||
	    edge_message_get(frame->payload, edge_key_identity_fields, sizeof(message),
		&message) != STATUS_OK ||
	    message.use != EDGE_KEY_APPLIANCE)
		return STATUS_INVALID;
	if (message.chain.count > 0) {
		signing = NEW(struct signing);
		*signing = (struct signing){base->signings,
		    proc_edge(base->proc, "link-key", 0), message.generation};
		base->signings = signing;
		if (tls_credentials_new(message.chain.items, message.chain.count,
			link_base_sign, signing, &credentials) != STATUS_OK)
			return STATUS_INVALID;
	}
	link_base_note_own(base,
	    message.chain.count > 0 ? message.chain.items[0] : bytes_of("", 0));
	tls_credentials_unref(base->credentials);
	base->credentials = credentials;
	base->ops->identity(base->arg);
	return STATUS_OK;
}

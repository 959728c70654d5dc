/* SPDX-License-Identifier: Apache-2.0
 *
 * Administration: anchors in and out, CRLs by hand, lists, and judging a certificate before
 * it is installed.
 */
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/base/json_write.h"
#include "common/pki/path.h"
#include "common/pki/pem.h"
#include "common/trust/trust_state.h"

enum {
	TEXT_MAX = 1024,
	JSON_MAX = 65536,
};

/* An answer under construction. */
struct answer {
	struct edge_trust_done done;
	struct buf text;
	struct buf json;
};

static void
answer_init(struct answer *answer, uint64_t id)
{
	*answer = (struct answer){.done = {.id = id}};
	buf_init(&answer->text, TEXT_MAX);
	buf_init(&answer->json, JSON_MAX);
}

static void
answer_send(struct answer *answer, struct edge *edge, enum status status, enum reason reason)
{
	answer->done.status = (uint8_t)status;
	answer->done.reason = (uint8_t)reason;
	answer->done.detail = buf_bytes(&answer->text);
	answer->done.json = buf_bytes(&answer->json);
	trust_send(edge, EDGE_TRUST_DONE, edge_trust_done_fields, &answer->done);
	buf_done(&answer->text);
	buf_done(&answer->json);
}

static enum status
admin_read_fd(struct edge_frame *frame, size_t max, struct buf *ret_file)
{
	int fd = fds_take(&frame->fds, 0);
	enum status status = STATUS_INVALID;

	buf_init(ret_file, max);
	if (fd >= 0)
		status = fileio_read_fd(fd, ret_file);
	fileio_close(fd);
	return status;
}

/* Adds every certificate of a file; stops at the first that is refused. */
static enum status
admin_add_file(struct trust_state *state, const struct edge_trust_add *add, struct bytes file,
    enum reason *reterr_reason, struct buf *reterr_text)
{
	struct pem_item item;
	struct pem pem;
	enum status status;
	unsigned int added = 0;

	pem_init(&pem, file, CERT_LEN_MAX);
	while ((status = pem_next(&pem, &item)) == STATUS_OK) {
		status = anchors_add(state->anchors, (enum trust_purpose)add->purpose,
		    add->anchor, item.der, clock_wall_s(), reterr_reason, reterr_text);
		if (status != STATUS_OK)
			break;
		added++;
	}
	if (status == STATUS_INVALID && *reterr_reason == REASON_OK) {
		*reterr_reason = REASON_PARSE;
		buf_put_text(reterr_text, pem.error);
	}
	pem_done(&pem);
	if (status == STATUS_END)
		status = added > 0 ? STATUS_OK : STATUS_NOT_FOUND;
	return status;
}

static enum status
admin_on_add(struct trust_state *state, struct edge *edge, struct edge_frame *frame)
{
	enum reason reason = REASON_OK;
	struct edge_trust_add add;
	struct answer answer;
	struct buf file;
	enum status status;

	if (edge_message_get(frame->payload, edge_trust_add_fields, sizeof(add), &add) !=
		STATUS_OK ||
	    add.purpose >= TRUST_PURPOSE_COUNT)
		return STATUS_INVALID;
	answer_init(&answer, add.id);
	status = admin_read_fd(frame, 16 * CERT_LEN_MAX, &file);
	if (status == STATUS_OK)
		status = admin_add_file(state, &add, buf_bytes(&file), &reason, &answer.text);
	buf_done(&file);
	trust_publish(state);
	answer_send(&answer, edge, status, reason);
	return STATUS_OK;
}

static enum status
admin_on_remove(struct trust_state *state, struct edge *edge, struct edge_frame *frame)
{
	struct edge_trust_remove remove;
	struct answer answer;
	enum status status;

	if (edge_message_get(frame->payload, edge_trust_remove_fields, sizeof(remove),
		&remove) != STATUS_OK ||
	    remove.purpose >= TRUST_PURPOSE_COUNT)
		return STATUS_INVALID;
	answer_init(&answer, remove.id);
	status =
	    anchors_remove(state->anchors, (enum trust_purpose)remove.purpose, remove.sha256);
	if (status == STATUS_OK)
		trust_publish(state);
	answer_send(&answer, edge, status, REASON_OK);
	return STATUS_OK;
}

static enum status
admin_on_import(struct trust_state *state, struct edge *edge, struct edge_frame *frame)
{
	struct crls_taken taken = {.reason = REASON_OK};
	struct edge_trust_import import;
	struct answer answer;
	struct buf file;
	enum status status;

	if (edge_message_get(frame->payload, edge_trust_import_fields, sizeof(import),
		&import) != STATUS_OK)
		return STATUS_INVALID;
	answer_init(&answer, import.id);
	status = admin_read_fd(frame, 2 * state->config.crl_max_bytes, &file);
	if (status == STATUS_OK) {
		status = trust_take_crl(state, buf_bytes(&file), NULL, &taken);
		buf_put_text(&answer.text, taken.detail);
		if (status == STATUS_OK && taken.reason != REASON_OK)
			status = STATUS_INVALID;
		crls_taken_done(&taken);
	}
	buf_done(&file);
	if (taken.is_new)
		trust_publish(state);
	answer_send(&answer, edge, status, taken.reason);
	return STATUS_OK;
}

static void
admin_send_row(struct edge *edge, uint64_t id, bool last, const struct buf *json)
{
	struct edge_trust_listed listed = {.id = id, .last = last, .json = buf_bytes(json)};

	trust_send(edge, EDGE_TRUST_LISTED, edge_trust_listed_fields, &listed);
}

static void
admin_put_name(struct json_write *json, const char *key, struct bytes der)
{
	struct buf text;

	buf_init(&text, JSON_MAX);
	name_text(der, &text);
	json_bytes(json, key, buf_bytes(&text));
	buf_done(&text);
}

static void
admin_put_anchor(struct json_write *json, const struct anchors_entry *entry)
{
	json_open_object(json, NULL);
	json_text(json, "purpose", trust_purpose_text(entry->purpose));
	json_text(json, "kind", entry->anchor ? "anchor" : "intermediate");
	admin_put_name(json, "subject", entry->cert->subject.der);
	admin_put_name(json, "issuer", entry->cert->issuer.der);
	json_hex(json, "sha256", bytes_of(entry->cert->sha256, PUBKEY_HASH_SIZE));
	json_time_s(json, "not_before", entry->cert->not_before_s);
	json_time_s(json, "not_after", entry->cert->not_after_s);
	json_close_object(json);
}

static void
admin_put_crl(struct json_write *json, const struct crls_item *item)
{
	const struct crl_index *index = item->index;

	json_open_object(json, NULL);
	admin_put_name(json, "issuer", index->issuer.der);
	json_hex(json, "number", bytes_of(index->number.octets, index->number.len));
	json_time_s(json, "this_update", index->this_update_s);
	json_time_s(json, "next_update", index->next_update_s);
	json_u64(json, "entries", index->entry_count);
	json_text(json, "url", item->url);
	json_hex(json, "sha256", bytes_of(index->sha256, PUBKEY_HASH_SIZE));
	json_close_object(json);
}

/* A source that gives nothing is part of the list: that is what one looks for. */
static void
admin_put_source(struct json_write *json, const struct source *source)
{
	json_open_object(json, NULL);
	json_text(json, "url", source->urls[0]);
	json_text(json, "reason", reason_slug(source->reason));
	json_text(json, "detail", source->detail);
	json_u64(json, "failures", source->failures);
	json_close_object(json);
}

static enum status
admin_on_list(struct trust_state *state, struct edge *edge, struct edge_frame *frame)
{
	struct edge_trust_list list;
	struct json_write json;
	struct buf row;
	size_t count;

	if (edge_message_get(frame->payload, edge_trust_list_fields, sizeof(list), &list) !=
	    STATUS_OK)
		return STATUS_INVALID;
	buf_init(&row, JSON_MAX);
	count = list.crls ? crls_count(state->crls) : anchors_count(state->anchors);
	for (size_t i = 0; i < count; i++) {
		buf_clear(&row);
		json = json_write_to(&row);
		if (list.crls)
			admin_put_crl(&json, crls_at(state->crls, i));
		else
			admin_put_anchor(&json, anchors_at(state->anchors, i));
		admin_send_row(edge, list.id, false, &row);
	}
	for (size_t i = 0; list.crls && i < sources_count(state->sources); i++) {
		if (sources_at(state->sources, i)->reason == REASON_OK)
			continue;
		buf_clear(&row);
		json = json_write_to(&row);
		admin_put_source(&json, sources_at(state->sources, i));
		admin_send_row(edge, list.id, false, &row);
	}
	buf_clear(&row);
	admin_send_row(edge, list.id, true, &row);
	buf_done(&row);
	return STATUS_OK;
}

static struct verdict *
admin_judge(struct trust_state *state, const struct edge_trust_judge *judge)
{
	const struct edge_trust_policy *policy = &state->config.policies[TRUST_APPLIANCE];
	struct crl_set *crls = trust_crl_set(state);
	struct path_input input = {.chain = judge->chain.items,
	    .chain_count = judge->chain.count,
	    .trust = anchors_trust(state->anchors, TRUST_APPLIANCE),
	    .crls = crls};
	struct path_params params;
	struct verdict *verdict;

	path_params_init(&params, clock_wall_s());
	params.use = judge->uses & PROFILE_USE_LISTENS ? PATH_USE_SERVER : PATH_USE_CLIENT;
	params.revocation =
	    policy->mode == EDGE_TRUST_OFF ? PATH_REVOCATION_NONE : PATH_REVOCATION_CHAIN;
	params.crl_grace_s = policy->grace_s;
	params.crl_max_age_s = policy->crl_max_age_s;
	params.profile = policy->profile;
	params.profile_uses = judge->uses;
	params.validation_off = !policy->validation;
	verdict = path_validate(&input, &params);
	crl_set_free(crls);
	return verdict;
}

static void
admin_answer_judged(struct edge *edge, uint64_t id, const struct verdict *verdict)
{
	bool accepted = verdict_outcome(verdict) != VERDICT_REJECT;
	struct json_write json;
	struct answer answer;

	answer_init(&answer, id);
	buf_put_text(&answer.text, verdict_detail(verdict));
	json = json_write_to(&answer.json);
	json_open_array(&json, NULL);
	for (size_t i = 0; i < verdict_finding_count(verdict); i++) {
		const struct verdict_finding *finding = verdict_finding(verdict, i);

		json_open_object(&json, NULL);
		json_text(&json, "reason", reason_slug(finding->reason));
		json_u64(&json, "depth", finding->depth);
		json_text(&json, "message", reason_info(finding->reason)->sentence);
		json_text(&json, "detail", finding->detail);
		json_text(&json, "fix", reason_info(finding->reason)->advice);
		json_close_object(&json);
	}
	json_close_array(&json);
	answer_send(&answer, edge, accepted ? STATUS_OK : STATUS_INVALID,
	    verdict_reason(verdict));
}

/* The CRLs of a certificate to install have come, or can not be had. */
static void
admin_judge_settled(struct trust_state *state, struct want *want)
{
	struct edge_trust_judge judge;
	struct verdict *verdict;

	/* written by us, below */
	if (edge_message_get(buf_bytes(&want->chain), edge_trust_judge_fields, sizeof(judge),
		&judge) == STATUS_OK) {
		verdict = admin_judge(state, &judge);
		admin_answer_judged(want->edge, want->id, verdict);
		verdict_free(verdict);
	}
	edge_release(want->edge, want->ticket);
	want_free(want);
}

static enum status
admin_on_judge(struct trust_state *state, struct edge *edge, struct edge_frame *frame)
{
	struct edge_trust_judge judge;
	struct verdict *verdict;
	struct want *want;

	if (edge_message_get(frame->payload, edge_trust_judge_fields, sizeof(judge), &judge) !=
	    STATUS_OK)
		return STATUS_INVALID;
	verdict = admin_judge(state, &judge);
	want = NEW(struct want);
	*want = (struct want){.edge = edge,
	    .ticket = frame->ticket,
	    .id = judge.id,
	    .settled = admin_judge_settled};
	buf_init(&want->chain, TRUST_PAYLOAD_MAX);
	buf_put_bytes(&want->chain, frame->payload);
	if (!trust_want_evidence(state, want, verdict, &judge.chain)) {
		admin_answer_judged(edge, judge.id, verdict);
		edge_release(edge, frame->ticket);
		want_free(want);
	}
	verdict_free(verdict);
	return STATUS_OK;
}

static enum status
admin_on_frame(void *arg, struct edge *edge, struct edge_frame *frame)
{
	enum status status = STATUS_INVALID;

	if (frame->type == EDGE_TRUST_JUDGE)
		return admin_on_judge(arg, edge, frame); /* may wait; releases by itself */
	switch (frame->type) {
	case EDGE_TRUST_LIST:
		status = admin_on_list(arg, edge, frame);
		break;
	case EDGE_TRUST_ADD:
		status = admin_on_add(arg, edge, frame);
		break;
	case EDGE_TRUST_REMOVE:
		status = admin_on_remove(arg, edge, frame);
		break;
	case EDGE_TRUST_IMPORT:
		status = admin_on_import(arg, edge, frame);
		break;
	default:
		break;
	}
	edge_release(edge, frame->ticket);
	return status;
}

static void
admin_on_down(void *arg, struct edge *edge)
{
	trust_forget_wants(arg, edge);
}

const struct edge_ops trust_admin_ops = {.down = admin_on_down, .frame = admin_on_frame};

/* SPDX-License-Identifier: Apache-2.0
 *
 * Layouts of the messages of the trust role.
 */
#include "common/wire/edge_trust.h"

#define AT(message, member) offsetof(struct edge_trust_##message, member)

const struct edge_field edge_trust_begin_fields[] = {
    {EDGE_FIELD_U64, AT(begin, number)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_policy_fields[] = {
    {EDGE_FIELD_U8, AT(policy, purpose)},
    {EDGE_FIELD_U64, AT(policy, generation)},
    {EDGE_FIELD_BOOL, AT(policy, validation)},
    {EDGE_FIELD_U8, AT(policy, mode)},
    {EDGE_FIELD_I64, AT(policy, grace_s)},
    {EDGE_FIELD_I64, AT(policy, crl_max_age_s)},
    {EDGE_FIELD_I64, AT(policy, live_stale_s)},
    {EDGE_FIELD_BOOL, AT(policy, profile)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_cert_fields[] = {
    {EDGE_FIELD_U8, AT(cert, purpose)},
    {EDGE_FIELD_BOOL, AT(cert, anchor)},
    {EDGE_FIELD_BYTES, AT(cert, der)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_crl_fields[] = {
    {EDGE_FIELD_HASH, AT(crl, sha256)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_refusal_fields[] = {
    {EDGE_FIELD_U8, AT(refusal, reason)},
    {EDGE_FIELD_BYTES, AT(refusal, issuer_canonical)},
    {EDGE_FIELD_BYTES, AT(refusal, url)},
    {EDGE_FIELD_BYTES, AT(refusal, detail)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_commit_fields[] = {
    {EDGE_FIELD_U64, AT(commit, number)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_want_fields[] = {
    {EDGE_FIELD_U64, AT(want, id)},
    {EDGE_FIELD_U8, AT(want, purpose)},
    {EDGE_FIELD_U8, AT(want, use)},
    {EDGE_FIELD_LIST, AT(want, chain)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_wanted_fields[] = {
    {EDGE_FIELD_U64, AT(wanted, id)},
    {EDGE_FIELD_U8, AT(wanted, outcome)},
    {EDGE_FIELD_U8, AT(wanted, reason)},
    {EDGE_FIELD_BYTES, AT(wanted, url)},
    {EDGE_FIELD_BYTES, AT(wanted, detail)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_offer_fields[] = {
    {EDGE_FIELD_U64, AT(offer, id)},
    {EDGE_FIELD_U64, AT(offer, total)},
    {EDGE_FIELD_U64, AT(offer, offset)},
    {EDGE_FIELD_BYTES, AT(offer, data)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_offered_fields[] = {
    {EDGE_FIELD_U64, AT(offered, id)},
    {EDGE_FIELD_U8, AT(offered, reason)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_give_fields[] = {
    {EDGE_FIELD_U64, AT(give, id)},
    {EDGE_FIELD_HASH, AT(give, issuer)},
    {EDGE_FIELD_BYTES, AT(give, url)},
    {EDGE_FIELD_BYTES, AT(give, number)},
    {EDGE_FIELD_I64, AT(give, this_update_s)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_given_fields[] = {
    {EDGE_FIELD_U64, AT(given, id)},
    {EDGE_FIELD_U64, AT(given, total)},
    {EDGE_FIELD_U64, AT(given, offset)},
    {EDGE_FIELD_BYTES, AT(given, data)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_list_fields[] = {
    {EDGE_FIELD_U64, AT(list, id)},
    {EDGE_FIELD_BOOL, AT(list, crls)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_listed_fields[] = {
    {EDGE_FIELD_U64, AT(listed, id)},
    {EDGE_FIELD_BOOL, AT(listed, last)},
    {EDGE_FIELD_BYTES, AT(listed, json)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_add_fields[] = {
    {EDGE_FIELD_U64, AT(add, id)},
    {EDGE_FIELD_U8, AT(add, purpose)},
    {EDGE_FIELD_BOOL, AT(add, anchor)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_remove_fields[] = {
    {EDGE_FIELD_U64, AT(remove, id)},
    {EDGE_FIELD_U8, AT(remove, purpose)},
    {EDGE_FIELD_HASH, AT(remove, sha256)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_import_fields[] = {
    {EDGE_FIELD_U64, AT(import, id)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_judge_fields[] = {
    {EDGE_FIELD_U64, AT(judge, id)},
    {EDGE_FIELD_U8, AT(judge, uses)},
    {EDGE_FIELD_LIST, AT(judge, chain)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_trust_done_fields[] = {
    {EDGE_FIELD_U64, AT(done, id)},
    {EDGE_FIELD_U8, AT(done, status)},
    {EDGE_FIELD_U8, AT(done, reason)},
    {EDGE_FIELD_BYTES, AT(done, detail)},
    {EDGE_FIELD_BYTES, AT(done, json)},
    {EDGE_FIELD_END, 0},
};

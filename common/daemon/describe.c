/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings of the roles that both programs have.
 */
#include "common/daemon/describe.h"

#include "common/fetch/fetch.h"
#include "common/key/key.h"
#include "common/trust/trust_role.h"

enum {
	POLICY_MAX = 256
};

/* A purpose that is not configured judges as strictly as there is. */
static struct edge_trust_policy
describe_policy(enum trust_purpose purpose, const struct config_validation *validation)
{
	struct edge_trust_policy policy = {.purpose = (uint8_t)purpose,
	    .validation = true,
	    .mode = EDGE_TRUST_STRICT,
	    .profile = purpose == TRUST_APPLIANCE};

	if (validation == NULL)
		return policy;
	policy.validation = validation->validation;
	policy.mode = (uint8_t)validation->revocation.choice; /* the same order */
	policy.grace_s = validation->revocation.duration_ms / 1000;
	policy.crl_max_age_s = validation->crl_max_age_ms / 1000;
	policy.live_stale_s = validation->live_stale_ms / 1000;
	policy.profile = validation->profile == CONFIG_PROFILE_APPLIANCE;
	return policy;
}

static void
describe_list(const struct config_list *list, struct edge_list *ret_list)
{
	const char *const *texts = list->items;

	for (size_t i = 0; i < list->count && i < EDGE_LIST_MAX; i++)
		ret_list->items[ret_list->count++] = bytes_of_text(texts[i]);
}

void
describe_trust(const char *directory, const struct config_crl *crl,
    const struct config_validation *const validation[static TRUST_PURPOSE_COUNT],
    struct buf *payload)
{
	struct trust_settings settings = {.directory = bytes_of_text(directory),
	    .fetch = crl->fetch,
	    .crl_max_bytes = crl->max_size,
	    .refresh_min_ms = crl->refresh_min_ms,
	    .refresh_max_ms = crl->refresh_max_ms,
	    .retry_min_ms = crl->retry_min_ms,
	    .retry_max_ms = crl->retry_max_ms};
	struct buf policies[TRUST_PURPOSE_COUNT];

	describe_list(&crl->urls, &settings.urls);
	for (int p = 0; p < TRUST_PURPOSE_COUNT; p++) {
		struct edge_trust_policy policy =
		    describe_policy((enum trust_purpose)p, validation[p]);

		buf_init(&policies[p], POLICY_MAX);
		edge_message_put(&policies[p], edge_trust_policy_fields, &policy);
		settings.policies.items[settings.policies.count++] = buf_bytes(&policies[p]);
	}
	edge_message_put(payload, trust_settings_fields, &settings);
	for (int p = 0; p < TRUST_PURPOSE_COUNT; p++)
		buf_done(&policies[p]);
}

void
describe_fetch(const struct config_crl *crl, struct buf *payload)
{
	struct fetch_settings settings = {.allow_loopback = crl->allow_local,
	    .connect_ms = (uint32_t)crl->connect_timeout_ms,
	    .total_ms = (uint32_t)crl->timeout_ms};

	describe_list(&crl->allow, &settings.hosts);
	if (crl->proxy != NULL)
		settings.proxy = bytes_of_text(crl->proxy);
	edge_message_put(payload, fetch_settings_fields, &settings);
}

void
describe_key(const char *directory, struct buf *payload)
{
	struct key_settings settings = {.directory = bytes_of_text(directory)};

	edge_message_put(payload, key_settings_fields, &settings);
}

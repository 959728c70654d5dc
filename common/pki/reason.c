/* SPDX-License-Identifier: Apache-2.0
 *
 * Lookups in the reason table.  No rule lives here: the rows are reason.def.
 */
#include "common/pki/reason.h"

#include <assert.h>
#include <string.h>

static const struct reason_info reasons[REASON_COUNT] = {
    [REASON_OK] = {"ok", 0, REASON_RETRY_SOON, REASON_SEVERITY_WARNING, "Accepted.", ""},
#define REASON(name, slug, alert, retry, severity, sentence, advice)                      \
	[REASON_##name] = {slug, alert, REASON_RETRY_##retry, REASON_SEVERITY_##severity, \
	    sentence, advice},
#include "common/pki/reason.def"
#undef REASON
};

const struct reason_info *
reason_info(enum reason reason)
{
	assert((unsigned int)reason < REASON_COUNT);
	return &reasons[reason];
}

const char *
reason_slug(enum reason reason)
{
	return reason_info(reason)->slug;
}

bool
reason_is_crl(enum reason reason)
{
	return strncmp(reason_slug(reason), "crl-", 4) == 0;
}

bool
reason_from_slug(const char *slug, enum reason *ret_reason)
{
	for (unsigned int i = 0; i < REASON_COUNT; i++) {
		if (strcmp(reasons[i].slug, slug) == 0) {
			*ret_reason = (enum reason)i;
			return true;
		}
	}
	return false;
}

const char *
reason_severity_text(enum reason_severity severity)
{
	static const char *const names[] = {"Warning", "Minor", "Major", "Critical"};

	return names[severity];
}

const char *
reason_retry_text(enum reason_retry retry)
{
	static const char *const names[] = {"soon", "later", "operator"};

	return names[retry];
}

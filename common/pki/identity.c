/* SPDX-License-Identifier: Apache-2.0
 *
 * Identities.
 */
#include "common/pki/identity.h"

#include "common/base/buf.h"
#include "common/base/text.h"
#include "common/pki/dns_name.h"
#include "common/pki/oid.h"

bool
identity_valid(struct bytes name)
{
	return name.len <= IDENTITY_MAX && dns_name_is_host(name);
}

bool
identity_equal(struct bytes a, struct bytes b)
{
	return text_equal_nocase(a, b);
}

/* Whether the CN is one of the dNSNames, or there are none. */
static bool
identity_in_san(const struct cert *cert, struct bytes cn)
{
	struct cert_san_walk walk;
	struct general_name name;
	bool any = false;

	cert_san_begin(cert, &walk);
	while (cert_san_next(&walk, &name)) {
		if (name.kind != GENERAL_NAME_DNS)
			continue;
		if (identity_equal(name.value, cn))
			return true;
		any = true;
	}
	return !any;
}

static enum reason
identity_judge(const struct cert *cert, struct bytes cn, const char **reterr_why)
{
	if (cn.len > 0 && memchr(cn.data, '*', cn.len) != NULL) {
		*reterr_why = "the CN is a wildcard";
		return REASON_PROFILE_WILDCARD;
	}
	if (!identity_valid(cn)) {
		*reterr_why = "the CN is no domain name of letters, digits and hyphens";
		return REASON_PROFILE_CN;
	}
	if (!identity_in_san(cert, cn)) {
		*reterr_why = "the CN is not among the DNS names beside it";
		return REASON_PROFILE_CN;
	}
	return REASON_OK;
}

enum reason
identity_of(const struct cert *cert, char ret_identity[static IDENTITY_SIZE],
    const char **reterr_why)
{
	struct name_attribute attribute;
	size_t count = name_find(cert->subject.der, oid_common_name, &attribute);
	enum reason reason = REASON_PROFILE_CN;
	struct buf cn;

	if (count != 1) {
		*reterr_why = count == 0 ? "the subject has no CN" : "the subject has two CNs";
		return REASON_PROFILE_CN;
	}
	buf_init(&cn, IDENTITY_MAX);
	if (!name_attribute_utf8(&attribute, &cn))
		*reterr_why = "the CN is not a string";
	else if (!buf_ok(&cn))
		*reterr_why = "the CN is longer than 64 bytes";
	else
		reason = identity_judge(cert, buf_bytes(&cn), reterr_why);
	if (reason == REASON_OK) {
		for (size_t i = 0; i < cn.len; i++)
			ret_identity[i] = text_lower((char)cn.data[i]);
		ret_identity[cn.len] = '\0';
	}
	buf_done(&cn);
	return reason;
}

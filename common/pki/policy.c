/* SPDX-License-Identifier: Apache-2.0
 *
 * Policy extensions.
 */
#include "common/pki/policy.h"

#include "common/pki/oid.h"

/* The qualifiers of one policy: the first unknown one goes to *unknown if that is empty. */
static void
policy_read_qualifiers(struct der *info, struct bytes *unknown)
{
	struct der list = der_enter(info, DER_SEQUENCE);

	if (!der_more(&list))
		der_fail(info, "an empty list of policy qualifiers");
	while (der_more(&list)) {
		struct der qualifier = der_enter(&list, DER_SEQUENCE);
		struct bytes oid = der_oid(&qualifier, DER_OID);
		struct der_tlv any;

		der_any(&qualifier, &any);
		der_end(&qualifier);
		if (unknown->len == 0 && !bytes_equal(oid, oid_qualifier_cps) &&
		    !bytes_equal(oid, oid_qualifier_notice))
			*unknown = oid;
	}
}

static size_t
policy_read(struct der *der, struct bytes *ret_policies, struct bytes *unknown_qualifier)
{
	struct der list = der_enter(der, DER_SEQUENCE);
	size_t count = 0;

	if (!der_more(&list))
		der_fail(der, "an empty list of policies");
	while (der_more(&list)) {
		struct der info = der_enter(&list, DER_SEQUENCE);
		struct bytes policy = der_oid(&info, DER_OID);

		if (count == POLICY_MAX) {
			der_fail(der, "too many policies");
			break;
		}
		if (der_more(&info))
			policy_read_qualifiers(&info, unknown_qualifier);
		der_end(&info);
		ret_policies[count++] = policy;
	}
	return count;
}

struct bytes
policy_check_policies(struct der *der)
{
	struct bytes policies[POLICY_MAX], unknown = {NULL, 0};
	size_t count = policy_read(der, policies, &unknown);

	for (size_t i = 0; i < count && der_ok(der); i++)
		for (size_t j = 0; j < i; j++)
			if (bytes_equal(policies[i], policies[j]))
				der_fail(der, "a policy appears twice");
	return unknown;
}

size_t
policy_list(struct bytes value, struct bytes ret_policies[static POLICY_MAX])
{
	struct bytes unknown = {NULL, 0};
	struct der_fault fault;
	struct der der = der_begin(value, &fault);

	return policy_read(&der, ret_policies, &unknown);
}

static size_t
policy_read_mappings(struct der *der, struct policy_mapping *ret_mappings)
{
	struct der list = der_enter(der, DER_SEQUENCE);
	size_t count = 0;

	if (!der_more(&list))
		der_fail(der, "an empty list of policy mappings");
	while (der_more(&list)) {
		struct der item = der_enter(&list, DER_SEQUENCE);
		struct policy_mapping mapping;

		mapping.issuer = der_oid(&item, DER_OID);
		mapping.subject = der_oid(&item, DER_OID);
		der_end(&item);
		if (count == POLICY_MAX) {
			der_fail(der, "too many policy mappings");
			break;
		}
		ret_mappings[count++] = mapping;
	}
	return count;
}

void
policy_check_mappings(struct der *der)
{
	struct policy_mapping mappings[POLICY_MAX];

	policy_read_mappings(der, mappings);
}

size_t
policy_mapping_list(struct bytes value, struct policy_mapping ret_mappings[static POLICY_MAX])
{
	struct der_fault fault;
	struct der der = der_begin(value, &fault);

	return policy_read_mappings(&der, ret_mappings);
}

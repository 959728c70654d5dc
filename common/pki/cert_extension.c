/* SPDX-License-Identifier: Apache-2.0
 *
 * One reader for each extension that is known.  Each checks the form of all of it, so that
 * the walks over it later meet no fault.
 */
#include "common/pki/cert_extension.h"

#include <limits.h>

#include "common/pki/name_constraints.h"
#include "common/pki/oid.h"
#include "common/pki/policy.h"

static void
cert_read_authority_key_id(struct cert *cert, struct der *der)
{
	struct der inner = der_enter(der, DER_SEQUENCE), names;
	struct general_name name;
	struct bytes serial;

	der_optional(&inner, DER_CONTEXT(0), &cert->authority_key);
	if (der_optional_enter(&inner, DER_CONTEXT_CONSTRUCTED(1), &names))
		while (der_more(&names))
			general_name_read(&names, &name);
	der_optional(&inner, DER_CONTEXT(2), &serial);
	der_end(&inner);
}

static void
cert_read_ext_key_usage(struct cert *cert, struct der *der)
{
	struct der inner = der_enter(der, DER_SEQUENCE);

	while (der_more(&inner)) {
		struct bytes oid = der_oid(&inner, DER_OID);

		if (bytes_equal(oid, oid_any_eku))
			cert->eku_bits |= CERT_EKU_ANY;
		else if (bytes_equal(oid, oid_server_auth))
			cert->eku_bits |= CERT_EKU_SERVER_AUTH;
		else if (bytes_equal(oid, oid_client_auth))
			cert->eku_bits |= CERT_EKU_CLIENT_AUTH;
		else
			cert->eku_bits |= CERT_EKU_OTHER;
	}
}

static void
cert_read_basic_constraints(struct cert *cert, struct der *der)
{
	struct der inner = der_enter(der, DER_SEQUENCE);

	/* a written FALSE, which DER forbids, is common and harmless */
	if (der_next_is(&inner, DER_BOOLEAN))
		cert->is_ca = der_boolean(&inner, DER_BOOLEAN);
	if (der_next_is(&inner, DER_INTEGER))
		cert->path_len = (int)der_u64(&inner, DER_INTEGER, INT_MAX);
	der_end(&inner);
}

static void
cert_read_subject_alt_name(struct der *der)
{
	struct der inner = der_enter(der, DER_SEQUENCE);
	struct general_name name;

	if (!der_more(&inner))
		der_fail(der, "an empty subjectAltName");
	while (der_more(&inner) && general_name_read(&inner, &name))
		if (name.kind == GENERAL_NAME_IP && name.value.len != 4 && name.value.len != 16)
			der_fail(&inner, "an IP address that is neither 4 nor 16 bytes");
}

static void
cert_read_policy_constraints(struct cert *cert, struct der *der)
{
	struct der inner = der_enter(der, DER_SEQUENCE);

	if (!der_more(&inner))
		der_fail(der, "empty policyConstraints");
	if (der_next_is(&inner, DER_CONTEXT(0)))
		cert->require_explicit_skip = (int)der_u64(&inner, DER_CONTEXT(0), INT_MAX);
	if (der_next_is(&inner, DER_CONTEXT(1)))
		cert->inhibit_mapping_skip = (int)der_u64(&inner, DER_CONTEXT(1), INT_MAX);
	der_end(&inner);
}

/* Keeps where an extension is. */
static void
cert_keep(struct cert_extension *known, const struct extension *extension)
{
	known->present = true;
	known->critical = extension->critical;
	known->value = extension->value;
}

static void
cert_refuse_critical(struct cert *cert, const struct extension *extension)
{
	if (extension->critical && cert->unknown_critical.len == 0)
		cert->unknown_critical = extension->oid;
}

/* Those outside 2.5.29.  The information access extensions are not processed here, so they
 * are unknown where they are critical, as RFC 5280 4.2.2 forbids them to be. */
static void
cert_read_other(struct cert *cert, const struct extension *extension)
{
	if (bytes_equal(extension->oid, oid_authority_info_access))
		cert_keep(&cert->authority_info_access, extension);
	/* RFC 6960 4.2.2.2.1: about OCSP responders; nothing for a path to do */
	if (!bytes_equal(extension->oid, oid_ocsp_nocheck))
		cert_refuse_critical(cert, extension);
}

static void
cert_read_policies(struct cert *cert, const struct extension *extension, struct der *der)
{
	struct bytes unknown_qualifier = policy_check_policies(der);

	cert_keep(&cert->policies, extension);
	if (extension->critical && unknown_qualifier.len > 0 && cert->unknown_critical.len == 0)
		cert->unknown_critical = unknown_qualifier;
}

void
cert_extension_read(struct cert *cert, const struct extension_list *list,
    const struct extension *extension)
{
	struct der der = extension_value(list, extension);

	switch (extension_ce(extension)) {
	case EXTENSION_AUTHORITY_KEY_ID: /* only a hint here, and never to be critical */
		cert_keep(&cert->authority_key_id, extension);
		cert_refuse_critical(cert, extension);
		cert_read_authority_key_id(cert, &der);
		break;
	case EXTENSION_SUBJECT_KEY_ID:
		cert_keep(&cert->subject_key_id, extension);
		cert_refuse_critical(cert, extension);
		cert->key_id = der_value(&der, DER_OCTET_STRING);
		break;
	case EXTENSION_KEY_USAGE:
		cert_keep(&cert->key_usage, extension);
		cert->key_usage_bits = der_named_bits(&der, DER_BIT_STRING);
		break;
	case EXTENSION_EXT_KEY_USAGE:
		cert_keep(&cert->ext_key_usage, extension);
		cert_read_ext_key_usage(cert, &der);
		break;
	case EXTENSION_BASIC_CONSTRAINTS:
		cert_keep(&cert->basic_constraints, extension);
		cert_read_basic_constraints(cert, &der);
		break;
	case EXTENSION_SUBJECT_ALT_NAME:
		cert_keep(&cert->subject_alt_name, extension);
		cert_read_subject_alt_name(&der);
		break;
	case EXTENSION_NAME_CONSTRAINTS:
		cert_keep(&cert->name_constraints, extension);
		name_constraints_check(&der);
		break;
	case EXTENSION_CERTIFICATE_POLICIES:
		cert_read_policies(cert, extension, &der);
		break;
	case EXTENSION_POLICY_MAPPINGS:
		cert_keep(&cert->policy_mappings, extension);
		policy_check_mappings(&der);
		break;
	case EXTENSION_POLICY_CONSTRAINTS:
		cert_keep(&cert->policy_constraints, extension);
		cert_read_policy_constraints(cert, &der);
		break;
	case EXTENSION_INHIBIT_ANY_POLICY:
		cert_keep(&cert->inhibit_any_policy, extension);
		cert->inhibit_any_skip = (int)der_u64(&der, DER_INTEGER, INT_MAX);
		break;
	case EXTENSION_CRL_DIST_POINTS: /* its form is judged where revocation is */
		cert_keep(&cert->crl_dist_points, extension);
		return;
	case EXTENSION_FRESHEST_CRL:
		cert_keep(&cert->freshest_crl, extension);
		return;
	default:
		cert_read_other(cert, extension);
		return;
	}
	der_end(&der);
}

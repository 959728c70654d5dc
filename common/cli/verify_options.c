/* SPDX-License-Identifier: Apache-2.0
 *
 * From the options of `verify` to a question.
 */
#include "common/cli/verify_options.h"

#include <fcntl.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/text.h"

const struct command_option verify_options[] = {
    {"chain", "FILE", "the certificate to judge, and what its holder sends with it", 0, true},
    {"untrusted", "FILE", "more certificates to build the path with", 0, true},
    {"extra", "FILE", "certificates that may have signed a CRL", 0, true},
    {"anchors", "FILE", "the trust anchors", 0, true},
    {"crl", "FILE", "CRLs", 0, true},
    {"time", "RFC3339", "the moment to judge at (now)", 0, false},
    {"purpose", "WHAT", "server, client or any (server)", 0, false},
    {"name", "KIND:VALUE", "a name it must have: dns:, ip:, email: or cn:", 0, false},
    {"revocation", "OF", "none, leaf or chain (chain)", 0, false},
    {"check", "WHAT", "path, or crl: the revocation of the leaf alone (path)", 0, false},
    {"crl-max-age", "SECONDS", "refuse CRLs that were issued longer ago", 0, false},
    {"profile", "NAME", "appliance or rfc5280 (appliance)", 0, false},
    {"min-rsa-bits", "N", "smallest RSA key (appliance 2048, rfc5280 1024)", 0, false},
    {"max-depth", "N", "most CA certificates between leaf and anchor", 0, false},
    {"policy", "OID", "an acceptable certificate policy", 0, false},
    {"explicit-policy", NULL, "a policy is required (RFC 5280 6.1.1 (f))", 0, false},
    {"inhibit-any", NULL, "anyPolicy is not accepted (g)", 0, false},
    {"inhibit-mapping", NULL, "policies may not be mapped (e)", 0, false},
    {"key-usage", "NAME", "a keyUsage the leaf must have", 0, false},
    {"strict-eku", NULL, "extended key usage must name the purpose at every level", 0, false},
    {"anchor-check", "WHAT", "only expiry, constraints, basic_constraints of anchors", 0,
	false},
    {"batch", NULL, "read questions from stdin, one JSON object a line", 0, false},
    {"base", "DIR", "what paths in a batch are relative to", 0, false},
    {.name = NULL},
};

bool
verify_options_defaults(const struct command_call *call, enum verify_profile *ret_profile,
    int64_t *ret_now_s, struct verify_fault *reterr)
{
	const char *profile = command_value(call, "profile");
	const char *time = command_value(call, "time");

	*ret_profile = VERIFY_APPLIANCE;
	*ret_now_s = clock_wall_s();
	if (profile != NULL && !verify_profile_from_text(profile, ret_profile))
		return verify_call_fault(reterr,
		    "bad profile '%.60s': one of appliance, rfc5280", profile);
	return time == NULL || verify_parse_time(time, ret_now_s, reterr);
}

static bool
verify_options_files(const struct command_call *call, struct verify_request *request,
    struct verify_fault *reterr)
{
	static const char *const options[VERIFY_ROLE_COUNT] = {
	    [VERIFY_CHAIN] = "chain",
	    [VERIFY_UNTRUSTED] = "untrusted",
	    [VERIFY_EXTRA] = "extra",
	    [VERIFY_ANCHORS] = "anchors",
	    [VERIFY_CRLS] = "crl",
	};

	if (!command_has(call, "chain"))
		return verify_call_fault(reterr, "--chain missing: which certificate?");
	if (!command_has(call, "anchors"))
		return verify_call_fault(reterr, "--anchors missing: trusted by whom?");
	for (size_t role = 0; role < VERIFY_ROLE_COUNT; role++) {
		for (size_t i = 0; i < command_count(call, options[role]); i++) {
			if (!verify_add_file(request, (enum verify_role)role, AT_FDCWD,
				command_nth(call, options[role], i), reterr))
				return false;
		}
	}
	return true;
}

static bool
verify_options_number(const struct command_call *call, const char *option, uint64_t max,
    uint64_t *number, struct verify_fault *reterr)
{
	const char *text = command_value(call, option);

	if (text == NULL || text_parse_u64(text, 0, max, number))
		return true;
	return verify_call_fault(reterr, "bad --%s '%.60s': a whole number up to %llu", option,
	    text, (unsigned long long)max);
}

static bool
verify_options_numbers(const struct command_call *call, struct path_params *params,
    struct verify_fault *reterr)
{
	uint64_t age = (uint64_t)params->crl_max_age_s, bits = params->min_rsa_bits,
		 depth = params->max_depth;

	if (!verify_options_number(call, "crl-max-age", VERIFY_AGE_MAX, &age, reterr) ||
	    !verify_options_number(call, "min-rsa-bits", VERIFY_BITS_MAX, &bits, reterr) ||
	    !verify_options_number(call, "max-depth", VERIFY_DEPTH_MAX, &depth, reterr))
		return false;
	params->crl_max_age_s = (int64_t)age;
	params->min_rsa_bits = (unsigned int)bits;
	params->max_depth = (unsigned int)depth;
	return true;
}

/* "dns:sensor.example" */
static bool
verify_options_name(struct verify_request *request, const char *text,
    struct verify_fault *reterr)
{
	const char *colon = strchr(text, ':');
	char kind[16];

	if (colon == NULL || (size_t)(colon - text) >= sizeof(kind))
		return verify_call_fault(reterr,
		    "bad --name '%.60s': dns:, ip:, email: or cn: and a value", text);
	memcpy(kind, text, (size_t)(colon - text));
	kind[colon - text] = '\0';
	return verify_add_name(request, kind, colon + 1, reterr);
}

typedef bool verify_setter(struct verify_request *request, const char *text,
    struct verify_fault *reterr);

/* Calls the setter for each value that an option was given. */
static bool
verify_options_each(const struct command_call *call, const char *option, verify_setter *setter,
    struct verify_request *request, struct verify_fault *reterr)
{
	for (size_t i = 0; i < command_count(call, option); i++) {
		if (!setter(request, command_nth(call, option, i), reterr))
			return false;
	}
	return true;
}

static bool
verify_options_words(const struct command_call *call, struct verify_request *request,
    struct verify_fault *reterr)
{
	static const struct {
		const char *option;
		verify_setter *setter;
	} rows[] = {
	    {"purpose", verify_set_purpose},
	    {"revocation", verify_set_revocation},
	    {"check", verify_set_check},
	    {"name", verify_options_name},
	    {"policy", verify_add_policy},
	    {"key-usage", verify_add_key_usage},
	    {"anchor-check", verify_add_anchor_check},
	};

	if (command_has(call, "anchor-check"))
		request->params.anchor_checks = 0; /* those that are named, and no others */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!verify_options_each(call, rows[i].option, rows[i].setter, request, reterr))
			return false;
	}
	request->params.explicit_policy = command_has(call, "explicit-policy");
	request->params.inhibit_any_policy = command_has(call, "inhibit-any");
	request->params.inhibit_mapping = command_has(call, "inhibit-mapping");
	request->params.strict_eku = command_has(call, "strict-eku");
	return true;
}

struct verify_request *
verify_options_request(const struct command_call *call, struct verify_fault *reterr)
{
	struct verify_request *request;
	enum verify_profile profile;
	int64_t now_s;

	if (!verify_options_defaults(call, &profile, &now_s, reterr))
		return NULL;
	request = verify_request_new(profile, now_s);
	/* a wrong call is told before an unreadable certificate */
	if (verify_options_words(call, request, reterr) &&
	    verify_options_numbers(call, &request->params, reterr) &&
	    verify_options_files(call, request, reterr))
		return request;
	verify_request_free(request);
	return NULL;
}

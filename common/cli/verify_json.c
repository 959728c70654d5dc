/* SPDX-License-Identifier: Apache-2.0
 *
 * From a JSON object to a question for `verify`.
 */
#include "common/cli/verify_json.h"

#include <jansson.h>
#include <stdlib.h>

#include "common/base/alloc.h"

/* A field that is null is a field that is missing. */
static const json_t *
verify_json_field(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_null(value) ? NULL : value;
}

/* A text field; *ret_text is not touched where it is missing. */
static bool
verify_json_text(const json_t *object, const char *key, const char **ret_text,
    struct verify_fault *reterr)
{
	const json_t *value = verify_json_field(object, key);

	if (value == NULL)
		return true;
	if (!json_is_string(value))
		return verify_call_fault(reterr, "%s: not a string", key);
	*ret_text = json_string_value(value);
	return true;
}

static bool
verify_json_number(const json_t *object, const char *key, int64_t max, int64_t *number,
    struct verify_fault *reterr)
{
	const json_t *value = verify_json_field(object, key);

	if (value == NULL)
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > max)
		return verify_call_fault(reterr, "%s: not a whole number up to %lld", key,
		    (long long)max);
	*number = json_integer_value(value);
	return true;
}

static bool
verify_json_flag(const json_t *object, const char *key, bool *flag, struct verify_fault *reterr)
{
	const json_t *value = verify_json_field(object, key);

	if (value == NULL)
		return true;
	if (!json_is_boolean(value))
		return verify_call_fault(reterr, "%s: neither true nor false", key);
	*flag = json_is_true(value);
	return true;
}

typedef bool verify_json_setter(struct verify_request *request, const char *text,
    struct verify_fault *reterr);

/* Calls the setter for each string of a list. */
static bool
verify_json_each(const json_t *object, const char *key, verify_json_setter *setter,
    struct verify_request *request, struct verify_fault *reterr)
{
	const json_t *list = verify_json_field(object, key), *value;
	size_t index;

	if (list == NULL)
		return true;
	if (!json_is_array(list))
		return verify_call_fault(reterr, "%s: not a list", key);
	json_array_foreach(list, index, value)
	{
		if (!json_is_string(value))
			return verify_call_fault(reterr, "%s: not a list of strings", key);
		if (!setter(request, json_string_value(value), reterr))
			return false;
	}
	return true;
}

/* A text field that has a setter. */
static bool
verify_json_word(const json_t *object, const char *key, verify_json_setter *setter,
    struct verify_request *request, struct verify_fault *reterr)
{
	const char *text = NULL;

	if (!verify_json_text(object, key, &text, reterr))
		return false;
	return text == NULL || setter(request, text, reterr);
}

static bool
verify_json_names(const json_t *object, struct verify_request *request,
    struct verify_fault *reterr)
{
	const json_t *list = verify_json_field(object, "names"), *name;
	size_t index;

	if (list == NULL)
		return true;
	if (!json_is_array(list))
		return verify_call_fault(reterr, "names: not a list");
	json_array_foreach(list, index, name)
	{
		const char *kind = NULL, *value = NULL;

		if (!verify_json_text(name, "kind", &kind, reterr) ||
		    !verify_json_text(name, "value", &value, reterr))
			return false;
		if (kind == NULL || value == NULL)
			return verify_call_fault(reterr,
			    "names: not a list of objects with kind and value");
		if (!verify_add_name(request, kind, value, reterr))
			return false;
	}
	return true;
}

static bool
verify_json_policy(const json_t *object, struct verify_request *request,
    struct verify_fault *reterr)
{
	const json_t *policy = verify_json_field(object, "policy");
	struct path_params *params = &request->params;

	if (policy == NULL)
		return true;
	if (!json_is_object(policy))
		return verify_call_fault(reterr, "policy: not an object");
	return verify_json_each(policy, "initial", verify_add_policy, request, reterr) &&
	       verify_json_flag(policy, "explicit", &params->explicit_policy, reterr) &&
	       verify_json_flag(policy, "inhibit_any", &params->inhibit_any_policy, reterr) &&
	       verify_json_flag(policy, "inhibit_mapping", &params->inhibit_mapping, reterr);
}

/* {"expiry":true}: these checks of the anchor, and no others. */
static bool
verify_json_anchor_checks(const json_t *object, struct verify_request *request,
    struct verify_fault *reterr)
{
	static const char *const names[] = {"expiry", "constraints", "basic_constraints"};
	const json_t *checks = verify_json_field(object, "anchor_checks");

	if (checks == NULL)
		return true;
	if (!json_is_object(checks))
		return verify_call_fault(reterr, "anchor_checks: not an object");
	request->params.anchor_checks = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool wanted = false;

		if (!verify_json_flag(checks, names[i], &wanted, reterr) ||
		    (wanted && !verify_add_anchor_check(request, names[i], reterr)))
			return false;
	}
	return true;
}

static bool
verify_json_params(const json_t *object, struct verify_request *request,
    struct verify_fault *reterr)
{
	struct path_params *params = &request->params;
	int64_t age = params->crl_max_age_s, bits = params->min_rsa_bits,
		depth = params->max_depth;
	const char *time = NULL;

	if (!verify_json_text(object, "time", &time, reterr) ||
	    (time != NULL && !verify_parse_time(time, &params->now_s, reterr)) ||
	    !verify_json_number(object, "crl_max_age", VERIFY_AGE_MAX, &age, reterr) ||
	    !verify_json_number(object, "min_rsa_bits", VERIFY_BITS_MAX, &bits, reterr) ||
	    !verify_json_number(object, "max_depth", VERIFY_DEPTH_MAX, &depth, reterr))
		return false;
	params->crl_max_age_s = age;
	params->min_rsa_bits = (unsigned int)bits;
	params->max_depth = (unsigned int)depth;
	return verify_json_flag(object, "strict_eku", &params->strict_eku, reterr) &&
	       verify_json_word(object, "purpose", verify_set_purpose, request, reterr) &&
	       verify_json_word(object, "revocation", verify_set_revocation, request, reterr) &&
	       verify_json_word(object, "check", verify_set_check, request, reterr) &&
	       verify_json_each(object, "key_usage", verify_add_key_usage, request, reterr) &&
	       verify_json_names(object, request, reterr) &&
	       verify_json_policy(object, request, reterr) &&
	       verify_json_anchor_checks(object, request, reterr);
}

static bool
verify_json_files(const json_t *object, int base_fd, struct verify_request *request,
    struct verify_fault *reterr)
{
	static const char *const keys[VERIFY_ROLE_COUNT] = {
	    [VERIFY_CHAIN] = "chain",
	    [VERIFY_UNTRUSTED] = "untrusted",
	    [VERIFY_EXTRA] = "extra_certs",
	    [VERIFY_ANCHORS] = "anchors",
	    [VERIFY_CRLS] = "crls",
	};

	if (json_array_size(json_object_get(object, "chain")) == 0)
		return verify_call_fault(reterr, "chain: missing: which certificate?");
	if (!json_is_array(json_object_get(object, "anchors")))
		return verify_call_fault(reterr, "anchors: missing: trusted by whom?");
	for (size_t role = 0; role < VERIFY_ROLE_COUNT; role++) {
		const json_t *list = verify_json_field(object, keys[role]), *path;
		size_t index;

		if (list != NULL && !json_is_array(list))
			return verify_call_fault(reterr, "%s: not a list", keys[role]);
		json_array_foreach(list, index, path)
		{
			if (!json_is_string(path))
				return verify_call_fault(reterr, "%s: not a list of strings",
				    keys[role]);
			if (!verify_add_file(request, (enum verify_role)role, base_fd,
				json_string_value(path), reterr))
				return false;
		}
	}
	return true;
}

struct verify_request *
verify_json_request(struct bytes line, const struct verify_json_defaults *defaults,
    char **ret_id, struct verify_fault *reterr)
{
	json_error_t error;
	json_t *object = json_loadb(line.len > 0 ? (const char *)line.data : "", line.len,
	    JSON_REJECT_DUPLICATES, &error);
	struct verify_request *request = NULL;
	const char *id = NULL;

	*ret_id = NULL;
	if (object == NULL) {
		verify_call_fault(reterr, "bad JSON at character %d: %s", error.position,
		    error.text);
		return NULL;
	}
	if (!json_is_object(object)) {
		verify_call_fault(reterr, "not a JSON object");
		goto out;
	}
	if (!verify_json_text(object, "id", &id, reterr))
		goto out;
	if (id != NULL)
		*ret_id = alloc_text(id);
	request = verify_request_new(defaults->profile, defaults->now_s);
	if (!verify_json_params(object, request, reterr) ||
	    !verify_json_files(object, defaults->base_fd, request, reterr)) {
		verify_request_free(request);
		request = NULL;
	}
out:
	json_decref(object);
	return request;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Putting one question for `verify` together.
 */
#include "common/cli/verify_request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/base/text.h"
#include "common/pki/oid.h"
#include "common/pki/pem.h"

/* A word and what it stands for. */
struct verify_word {
	const char *text;
	unsigned int value;
};

enum {
	VERIFY_RSA_BITS_APPLIANCE = 2048, /* S1 */
	VERIFY_RSA_BITS_RFC5280 = 1024,
};

bool
verify_call_fault(struct verify_fault *reterr, const char *format, ...)
{
	va_list args;

	reterr->reason = REASON_OK;
	va_start(args, format);
	vsnprintf(reterr->text, sizeof(reterr->text), format, args);
	va_end(args);
	return false;
}

/* What was given is an answer already: a rejection. */
static bool
verify_reject(struct verify_fault *reterr, enum reason reason, const char *path,
    const char *what)
{
	bool inline_der = strncmp(path, "der:", 4) == 0;

	verify_call_fault(reterr, "%s%s%s", inline_der ? "" : path, inline_der ? "" : ": ",
	    what);
	reterr->reason = reason;
	return false;
}

static bool
verify_word(const struct verify_word *words, const char *what, const char *text,
    unsigned int *ret_value, struct verify_fault *reterr)
{
	char allowed[128] = "";

	for (const struct verify_word *word = words; word->text != NULL; word++) {
		if (strcmp(word->text, text) == 0) {
			*ret_value = word->value;
			return true;
		}
		snprintf(allowed + strlen(allowed), sizeof(allowed) - strlen(allowed), "%s%s",
		    word == words ? "" : ", ", word->text);
	}
	return verify_call_fault(reterr, "bad %s '%.60s': one of %s", what, text, allowed);
}

bool
verify_profile_from_text(const char *text, enum verify_profile *ret_profile)
{
	if (strcmp(text, "appliance") == 0)
		*ret_profile = VERIFY_APPLIANCE;
	else if (strcmp(text, "rfc5280") == 0)
		*ret_profile = VERIFY_RFC5280;
	else
		return false;
	return true;
}

struct verify_request *
verify_request_new(enum verify_profile profile, int64_t now_s)
{
	struct verify_request *request = NEW(struct verify_request);

	path_params_init(&request->params, now_s);
	request->params.names = request->names;
	request->params.policies = request->policies;
	request->params.profile = profile == VERIFY_APPLIANCE;
	request->params.profile_uses = PROFILE_USE_LISTENS;
	request->params.min_rsa_bits =
	    profile == VERIFY_APPLIANCE ? VERIFY_RSA_BITS_APPLIANCE : VERIFY_RSA_BITS_RFC5280;
	return request;
}

void
verify_request_free(struct verify_request *request)
{
	if (request == NULL)
		return;
	for (size_t role = 0; role < VERIFY_ROLE_COUNT; role++) {
		for (size_t i = 0; i < request->lists[role].count; i++)
			free((void *)request->lists[role].items[i].data);
		free(request->lists[role].items);
	}
	for (size_t i = 0; i < request->params.name_count; i++)
		free(request->name_values[i]);
	free(request);
}

static bool
verify_is_crl(enum verify_role role)
{
	return role == VERIFY_CRLS;
}

bool
verify_add_der(struct verify_request *request, enum verify_role role, const char *path,
    struct bytes der, struct verify_fault *reterr)
{
	struct verify_list *list = &request->lists[role];

	if (list->count == VERIFY_FILES_MAX || der.len > VERIFY_TOTAL_MAX - request->total)
		return verify_reject(reterr,
		    verify_is_crl(role) ? REASON_CRL_TOO_LARGE : REASON_LIMITS, path,
		    "more than one question may hold");
	list->items = alloc_resize(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = bytes_of(alloc_copy(der.data, der.len), der.len);
	request->total += der.len;
	return true;
}

/* Whether a PEM block is of the kind that the list wants; a DER file says nothing and is. */
static bool
verify_label_fits(enum verify_role role, struct bytes label)
{
	if (label.len == 0)
		return true;
	if (verify_is_crl(role))
		return bytes_equal_text(label, "X509 CRL");
	return bytes_equal_text(label, "CERTIFICATE") ||
	       bytes_equal_text(label, "X509 CERTIFICATE");
}

/* Adds all objects of one file's contents. */
static bool
verify_add_contents(struct verify_request *request, enum verify_role role, const char *path,
    struct bytes contents, struct verify_fault *reterr)
{
	enum reason bad = verify_is_crl(role) ? REASON_CRL_MALFORMED : REASON_PARSE;
	size_t before = request->lists[role].count;
	struct pem_item item;
	struct pem pem;
	enum status status;
	bool ok = true;

	pem_init(&pem, contents, contents.len);
	while (ok && (status = pem_next(&pem, &item)) == STATUS_OK) {
		if (verify_label_fits(role, item.label))
			ok = verify_add_der(request, role, path, item.der, reterr);
	}
	if (ok && status != STATUS_END)
		ok = verify_reject(reterr, bad, path, pem.error);
	else if (ok && request->lists[role].count == before)
		ok = verify_reject(reterr, bad, path,
		    verify_is_crl(role) ? "there is no CRL in it"
					: "there is no certificate in it");
	pem_done(&pem);
	return ok;
}

static bool
verify_add_inline(struct verify_request *request, enum verify_role role, const char *base64,
    struct verify_fault *reterr)
{
	struct buf der;
	size_t offset;
	bool ok;

	buf_init(&der, strlen(base64));
	ok = text_parse_base64(bytes_of_text(base64), &der, &offset);
	if (ok)
		ok = verify_add_der(request, role, "der:", buf_bytes(&der), reterr);
	else
		verify_call_fault(reterr, "bad base64 behind der: at character %zu",
		    offset + 1);
	buf_done(&der);
	return ok;
}

bool
verify_add_file(struct verify_request *request, enum verify_role role, int dir_fd,
    const char *path, struct verify_fault *reterr)
{
	struct buf contents;
	enum status status;
	bool ok;

	if (strncmp(path, "der:", 4) == 0)
		return verify_add_inline(request, role, path + 4, reterr);
	buf_init(&contents, verify_is_crl(role) ? VERIFY_CRL_FILE_MAX : VERIFY_CERT_FILE_MAX);
	status = fileio_read(dir_fd, path, &contents);
	if (status == STATUS_OK)
		ok = verify_add_contents(request, role, path, buf_bytes(&contents), reterr);
	else if (status == STATUS_LIMIT)
		ok = verify_reject(reterr,
		    verify_is_crl(role) ? REASON_CRL_TOO_LARGE : REASON_LIMITS, path,
		    "the file is too large");
	else
		ok = verify_call_fault(reterr, "cannot read %.300s: %s", path,
		    status_text(status));
	buf_done(&contents);
	return ok;
}

bool
verify_set_purpose(struct verify_request *request, const char *text,
    struct verify_fault *reterr)
{
	static const struct verify_word words[] = {{"server", PATH_USE_SERVER},
	    {"client", PATH_USE_CLIENT}, {"any", PATH_USE_ANY}, {NULL, 0}};
	unsigned int value;

	if (!verify_word(words, "purpose", text, &value, reterr))
		return false;
	request->params.use = (enum path_use)value;
	request->params.profile_uses = value == PATH_USE_SERVER   ? PROFILE_USE_LISTENS
				       : value == PATH_USE_CLIENT ? PROFILE_USE_DIALS
								  : 0;
	return true;
}

bool
verify_set_revocation(struct verify_request *request, const char *text,
    struct verify_fault *reterr)
{
	static const struct verify_word words[] = {{"none", PATH_REVOCATION_NONE},
	    {"leaf", PATH_REVOCATION_LEAF}, {"chain", PATH_REVOCATION_CHAIN}, {NULL, 0}};
	unsigned int value;

	if (!verify_word(words, "revocation", text, &value, reterr))
		return false;
	request->params.revocation = (enum path_revocation)value;
	return true;
}

bool
verify_set_check(struct verify_request *request, const char *text, struct verify_fault *reterr)
{
	static const struct verify_word words[] = {{"path", false}, {"crl", true}, {NULL, 0}};
	unsigned int value;

	if (!verify_word(words, "check", text, &value, reterr))
		return false;
	request->params.revocation_only = value;
	return true;
}

bool
verify_add_name(struct verify_request *request, const char *kind, const char *value,
    struct verify_fault *reterr)
{
	static const struct verify_word words[] = {{"dns", PATH_NAME_DNS}, {"ip", PATH_NAME_IP},
	    {"email", PATH_NAME_EMAIL}, {"cn", PATH_NAME_CN}, {NULL, 0}};
	size_t n = request->params.name_count;
	unsigned int code;

	if (!verify_word(words, "kind of name", kind, &code, reterr))
		return false;
	if (n == PATH_NAME_MAX)
		return verify_call_fault(reterr, "more than %d names", PATH_NAME_MAX);
	request->name_values[n] = alloc_text(value);
	request->names[n] = (struct path_name){.kind = (enum path_name_kind)code,
	    .value = request->name_values[n]};
	request->params.name_count = n + 1;
	return true;
}

bool
verify_add_policy(struct verify_request *request, const char *oid, struct verify_fault *reterr)
{
	size_t n = request->params.policy_count;
	struct buf value;
	bool ok;

	if (n == PATH_POLICY_MAX)
		return verify_call_fault(reterr, "more than %d policies", PATH_POLICY_MAX);
	buf_init(&value, VERIFY_OID_MAX);
	ok = oid_parse(oid, &value) && buf_ok(&value);
	if (ok) {
		memcpy(request->policy_oids[n], value.data, value.len);
		request->policies[n] = bytes_of(request->policy_oids[n], value.len);
		request->params.policy_count = n + 1;
	} else {
		verify_call_fault(reterr,
		    "bad policy '%.60s': an object identifier such as "
		    "1.3.6.1.4.1.99999.1",
		    oid);
	}
	buf_done(&value);
	return ok;
}

bool
verify_add_key_usage(struct verify_request *request, const char *name,
    struct verify_fault *reterr)
{
	static const struct verify_word words[] = {{"digitalSignature",
						       CERT_KU_DIGITAL_SIGNATURE},
	    {"nonRepudiation", CERT_KU_NON_REPUDIATION},
	    {"keyEncipherment", CERT_KU_KEY_ENCIPHERMENT},
	    {"dataEncipherment", CERT_KU_DATA_ENCIPHERMENT},
	    {"keyAgreement", CERT_KU_KEY_AGREEMENT}, {"keyCertSign", CERT_KU_KEY_CERT_SIGN},
	    {"cRLSign", CERT_KU_CRL_SIGN}, {"encipherOnly", CERT_KU_ENCIPHER_ONLY},
	    {"decipherOnly", CERT_KU_DECIPHER_ONLY}, {NULL, 0}};
	unsigned int bit;

	if (!verify_word(words, "key usage", name, &bit, reterr))
		return false;
	request->params.key_usage |= bit;
	return true;
}

bool
verify_add_anchor_check(struct verify_request *request, const char *name,
    struct verify_fault *reterr)
{
	static const struct verify_word words[] = {{"expiry", PATH_ANCHOR_EXPIRY},
	    {"constraints", PATH_ANCHOR_CONSTRAINTS | PATH_ANCHOR_POLICIES},
	    {"basic_constraints", PATH_ANCHOR_CA}, {NULL, 0}};
	unsigned int bits;

	if (!verify_word(words, "anchor check", name, &bits, reterr))
		return false;
	request->params.anchor_checks |= bits;
	return true;
}

bool
verify_parse_time(const char *text, int64_t *ret_s, struct verify_fault *reterr)
{
	int64_t us;

	if (!clock_parse(text, &us))
		return verify_call_fault(reterr,
		    "bad time '%.60s': RFC 3339, such as 2026-02-28T12:00:00Z", text);
	*ret_s = us >= 0 ? us / 1000000 : -((999999 - us) / 1000000);
	return true;
}

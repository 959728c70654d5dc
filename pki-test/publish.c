/* SPDX-License-Identifier: Apache-2.0
 *
 * From index to CRL.
 */
#include "pki-test/publish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "pki-test/crl_write.h"
#include "pki-test/issue.h"
#include "pki-test/signed_write.h"

/* The CA that a setting names (%n: the one the CRL is made for), made when it is missing. */
static enum status
publish_find_ca(struct lab *lab, struct settings *crl, size_t key, struct lab_entry *ca,
    struct lab_entry **ret_ca)
{
	const char *name = settings_text(crl, key);

	if (strcmp(name, "%n") == 0) {
		*ret_ca = ca;
		return STATUS_OK;
	}
	return issue_find_ca(lab, name, ret_ca);
}

/* What the CA has revoked; the array is the caller's, the rest the laboratory's. */
static struct crl_write_entry *
publish_gather(const struct lab *lab, const struct lab_entry *ca, size_t *ret_count)
{
	struct crl_write_entry *entries = alloc_zeroed(lab->count, sizeof(*entries));
	size_t count = 0;

	for (size_t i = 0; i < lab->count; i++) {
		const struct lab_entry *entry = lab->entries[i];

		if (entry->revoked && strcmp(entry->issuer, ca->name) == 0)
			entries[count++] = (struct crl_write_entry){
			    .serial = buf_bytes(&entry->serial),
			    .revoked_s = entry->revoked_s,
			    .reason = entry->reason,
			};
	}
	*ret_count = count;
	return entries;
}

static enum status
publish_write(struct lab *lab, struct settings *crl, struct lab_entry *ca, const char *file)
{
	struct lab_entry *issuer = ca, *signer = ca, *other = NULL;
	struct crl_parties parties = {.published = ca->crl_number, .now_s = lab->now_s};
	struct crl_write_entry *entries;
	enum status status;
	struct buf out;

	status = publish_find_ca(lab, crl, CRL_ISSUER, ca, &issuer);
	if (status == STATUS_OK)
		status = publish_find_ca(lab, crl, CRL_SIGNER, ca, &signer);
	if (status == STATUS_OK && settings_has(crl, CRL_ENTRY_ISSUER))
		status = publish_find_ca(lab, crl, CRL_ENTRY_ISSUER, ca, &other);
	if (status == STATUS_OK)
		status = lab_key(lab, signer, &parties.signer);
	if (status != STATUS_OK)
		return status;
	entries = publish_gather(lab, ca, &parties.entry_count);
	parties.entries = entries;
	parties.issuer = buf_bytes(&issuer->subject);
	parties.entry_issuer = other != NULL ? buf_bytes(&other->subject) : bytes_of("", 0);
	parties.names = (struct settings_names){.cn = "",
	    .domain = lab->domain,
	    .crl_url = lab->crl_url,
	    .name = ca->name};
	buf_init(&out, SIGNED_MAX);
	status = crl_write(crl, &parties, &out);
	if (status == STATUS_OK)
		status = lab_write(lab, "crl", file, ".crl", buf_bytes(&out));
	else
		lab_fail(lab, status, "%s", buf_text(&crl->error));
	buf_done(&out);
	free(entries);
	return status;
}

enum status
publish_crl(struct lab *lab, struct lab_entry *ca, const struct publish_request *request)
{
	char file[2 * LAB_NAME_MAX + 2];
	struct settings crl;
	enum status status;
	uint64_t number;

	recipe_settings(request->recipe, &crl);
	for (size_t i = 0; i < request->set_count; i++)
		settings_set(&crl, request->set[i]);
	if (!ca->ca)
		status = lab_fail(lab, STATUS_INVALID, "%s is not a CA", ca->name);
	else if (!settings_ok(&crl))
		status = lab_fail(lab, STATUS_INVALID, "%s", buf_text(&crl.error));
	else {
		snprintf(file, sizeof(file), "%s%s%s", ca->name, request->beside ? "." : "",
		    request->beside ? request->recipe->name : "");
		status = publish_write(lab, &crl, ca, file);
	}
	/* a number is used once, but neither an old one nor a made-up one counts */
	if (status == STATUS_OK && strcmp(settings_text(&crl, CRL_NUMBER), "next") == 0 &&
	    crl_write_number(&crl, ca->crl_number, &number))
		ca->crl_number = number;
	settings_done(&crl);
	return status;
}

enum status
publish_current(struct lab *lab, struct lab_entry *ca)
{
	struct publish_request request = {.recipe = recipe_find(RECIPE_CRL, "current")};

	return publish_crl(lab, ca, &request);
}

enum status
publish_revoke(struct lab *lab, struct lab_entry *entry, const char *reason, int64_t when_s)
{
	if (crl_write_reason_code(reason) < 0)
		return lab_fail(lab, STATUS_INVALID,
		    "%s is not a reason: unspecified, keyCompromise, cACompromise, "
		    "affiliationChanged, superseded, cessationOfOperation, certificateHold, "
		    "removeFromCRL, privilegeWithdrawn, aACompromise",
		    reason);
	free(entry->reason);
	entry->reason = alloc_text(reason);
	entry->revoked = true;
	entry->revoked_s = when_s;
	return STATUS_OK;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * `issue`, `revoke` and `crl`: one laboratory, changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "pki-test/commands.h"
#include "pki-test/issue.h"
#include "pki-test/publish.h"

enum {
	COUNT_MAX = 100000,
};

const struct command_option command_issue_options[] = {
    {.name = "recipe",
	.argument = "NAME",
	.help = "what kind of certificate (default good); see `recipes`"},
    {.name = "cn",
	.argument = "CN",
	.help = "common name asked for; with --count a pattern: sensor-%04d.example"},
    {.name = "name", .argument = "NAME", .help = "name of the files (default: from the CN)"},
    {.name = "ca", .argument = "NAME", .help = "the CA that issues, as --set issuer=NAME"},
    {.name = "set", .argument = "KEY=VALUE", .help = "another setting; see `settings`"},
    {.name = "count", .argument = "N", .help = "issue N certificates, numbered from 1"},
    {.name = "same-key", .help = "all of them with the key of the first"},
    {.name = "now", .argument = "TIME", .help = "the time to issue at (RFC 3339)"},
    {0},
};

const struct command_option command_revoke_options[] = {
    {.name = "reason",
	.argument = "REASON",
	.help = "keyCompromise, certificateHold, ... (default unspecified)"},
    {.name = "at", .argument = "TIME", .help = "the time of revocation (default now)"},
    {.name = "no-crl", .help = "do not publish a new CRL"},
    {.name = "now", .argument = "TIME", .help = "the time to publish at (RFC 3339)"},
    {0},
};

const struct command_option command_crl_options[] = {
    {.name = "recipe", .argument = "NAME", .help = "what kind of CRL (default current)"},
    {.name = "ca", .argument = "NAME", .help = "whose (default: issuing; current: every CA's)"},
    {.name = "entries", .argument = "N", .help = "N further revoked serial numbers"},
    {.name = "set", .argument = "KEY=VALUE", .help = "another setting; see `settings`"},
    {.name = "beside", .help = "to crl/CA.RECIPE.crl, not in place of the published CRL"},
    {.name = "now", .argument = "TIME", .help = "the time to publish at (RFC 3339)"},
    {0},
};

/* The settings of --set, and room for more. */
struct assignments {
	const char **set;
	size_t count;
	char *made[2]; /* texts of ours among them */
	size_t made_count;
};

static struct assignments
assignments_of(const struct command_call *call)
{
	struct assignments list = {.count = command_count(call, "set")};

	list.set = alloc_zeroed(list.count + 2, sizeof(list.set[0]));
	for (size_t i = 0; i < list.count; i++)
		list.set[i] = command_nth(call, "set", i);
	return list;
}

static void
assignments_add(struct assignments *list, const char *key, const char *value)
{
	char *text = NULL;

	if (value == NULL)
		return;
	if (asprintf(&text, "%s=%s", key, value) < 0)
		abort();
	list->made[list->made_count++] = text;
	list->set[list->count++] = text;
}

static void
assignments_done(struct assignments *list)
{
	for (size_t i = 0; i < list->made_count; i++)
		free(list->made[i]);
	free(list->set);
}

/* The CN of number n: the one "%d" or "%04d" of the pattern filled in.  False when the
 * pattern has another % or none. */
static bool
issue_expand_pattern(const char *pattern, uint64_t n, struct buf *out)
{
	const char *percent = strchr(pattern, '%');
	int width = 0;
	char *end;

	if (percent == NULL || strchr(percent + 1, '%') != NULL)
		return false;
	if (percent[1] == '0')
		width = (int)strtol(percent + 1, &end, 10);
	else
		end = (char *)(uintptr_t)(percent + 1);
	if (*end != 'd' || width > 9)
		return false;
	buf_put(out, pattern, (size_t)(percent - pattern));
	buf_printf(out, "%0*llu", width, (unsigned long long)n);
	buf_put_text(out, end + 1);
	return true;
}

/* The name of the files: as asked for, else the first label of the CN for what is good and
 * the name of the recipe for what is wrong. */
static void
issue_choose_name(const struct command_call *call, const struct recipe *recipe, const char *cn,
    bool numbered, struct buf *out)
{
	const char *name = command_value(call, "name");

	if (name != NULL)
		buf_put_text(out, name);
	else if (cn != NULL && (numbered || strcmp(recipe->name, "good") == 0))
		buf_put(out, cn, strcspn(cn, "."));
	else
		buf_put_text(out, recipe->name);
}

static enum status
issue_many(struct lab *lab, const struct command_call *call, struct issue_request *request,
    uint64_t count, struct assignments *list)
{
	const char *pattern = command_value(call, "cn");
	enum status status = STATUS_OK;
	struct buf cn, name;

	buf_init(&cn, 1000);
	buf_init(&name, 1000);
	for (uint64_t n = 1; status == STATUS_OK && n <= count; n++) {
		buf_clear(&cn);
		buf_clear(&name);
		if (!issue_expand_pattern(pattern, n, &cn)) {
			status = lab_fail(lab, STATUS_INVALID,
			    "--cn=%s needs one %%d or %%04d for the number", pattern);
			break;
		}
		issue_choose_name(call, request->recipe, buf_text(&cn), true, &name);
		request->cn = buf_text(&cn);
		request->name = buf_text(&name);
		status = issue_certificate(lab, request);
		if (n == 1 && command_has(call, "same-key")) {
			assignments_add(list, "key-of", request->name);
			request->set_count = list->count;
		}
	}
	buf_done(&cn);
	buf_done(&name);
	return status;
}

static enum status
issue_one(struct lab *lab, const struct command_call *call, struct issue_request *request)
{
	enum status status;
	struct buf name;

	buf_init(&name, 1000);
	issue_choose_name(call, request->recipe, request->cn, false, &name);
	request->name = buf_text(&name);
	status = issue_certificate(lab, request);
	buf_done(&name);
	return status;
}

static const struct recipe *
issue_find_recipe(const char *name)
{
	const struct recipe *leaf = recipe_find(RECIPE_LEAF, name);

	return leaf != NULL ? leaf : recipe_find(RECIPE_CA, name);
}

/* Issues what the options ask for; the exit code. */
static int
issue_run(struct command_call *call, struct issue_request *request, uint64_t count)
{
	struct assignments list = assignments_of(call);
	enum status status;
	struct lab *lab;
	int code;

	assignments_add(&list, "issuer", command_value(call, "ca"));
	request->set = list.set;
	request->set_count = list.count;
	request->cn = command_value(call, "cn");
	lab = command_open_lab(call, &code);
	if (lab != NULL) {
		status = count > 0 ? issue_many(lab, call, request, count, &list)
				   : issue_one(lab, call, request);
		code = command_close_lab(call, lab, status);
	}
	assignments_done(&list);
	return code;
}

int
command_issue(struct command_call *call)
{
	const char *recipe_name = command_value(call, "recipe");
	const char *count_text = command_value(call, "count");
	struct issue_request request = {
	    .recipe = issue_find_recipe(recipe_name != NULL ? recipe_name : "good"),
	};
	uint64_t count = 0;

	if (request.recipe == NULL)
		return command_fail(call, COMMAND_USAGE, "`portcullis-pki recipes` lists them",
		    "no recipe is called %s", recipe_name);
	if (count_text != NULL && !text_parse_u64(count_text, 1, COUNT_MAX, &count))
		return command_fail(call, COMMAND_USAGE, NULL,
		    "--count=%s is not a number from 1 to %d", count_text, COUNT_MAX);
	if (count > 0 && command_value(call, "cn") == NULL)
		return command_fail(call, COMMAND_USAGE, "--cn=sensor-%04d.plant.example",
		    "--count needs a pattern of common names");
	return issue_run(call, &request, count);
}

static enum status
revoke_in(struct lab *lab, const struct command_call *call, int64_t at_s)
{
	const char *reason = command_value(call, "reason");
	struct lab_entry *entry = lab_find(lab, call->operands[1]);
	struct lab_entry *issuer;
	enum status status;

	if (entry == NULL)
		return lab_fail(lab, STATUS_NOT_FOUND, "no certificate is called %s",
		    call->operands[1]);
	status = publish_revoke(lab, entry, reason != NULL ? reason : "unspecified",
	    at_s != 0 ? at_s : lab->now_s);
	issuer = lab_find(lab, entry->issuer);
	if (status != STATUS_OK || command_has(call, "no-crl"))
		return status;
	if (issuer == NULL || !issuer->ca)
		return lab_fail(lab, STATUS_INVALID, "%s is self-signed: nobody can revoke it",
		    entry->name);
	return publish_current(lab, issuer);
}

int
command_revoke(struct command_call *call)
{
	const char *at = command_value(call, "at");
	int64_t at_us = 0;
	struct lab *lab;
	int code;

	if (at != NULL && !clock_parse(at, &at_us))
		return command_fail(call, COMMAND_USAGE, "write it as 2026-02-28T12:00:00Z",
		    "--at=%s is not a time", at);
	lab = command_open_lab(call, &code);
	if (lab == NULL)
		return code;
	return command_close_lab(call, lab, revoke_in(lab, call, at_us / 1000000));
}

/* The CRL asked for, for one CA or for all. */
static enum status
crl_make(struct lab *lab, const char *ca_name, const struct publish_request *request)
{
	enum status status = STATUS_OK;
	struct lab_entry *ca = NULL;

	if (ca_name != NULL) {
		status = issue_find_ca(lab, ca_name, &ca);
		return status == STATUS_OK ? publish_crl(lab, ca, request) : status;
	}
	for (size_t i = 0; status == STATUS_OK && i < lab->count; i++) {
		if (lab->entries[i]->ca)
			status = publish_crl(lab, lab->entries[i], request);
	}
	return status;
}

int
command_crl(struct command_call *call)
{
	const char *recipe_name = command_value(call, "recipe");
	const char *ca_name = command_value(call, "ca");
	struct publish_request request = {
	    .recipe = recipe_find(RECIPE_CRL, recipe_name != NULL ? recipe_name : "current"),
	    .beside = command_has(call, "beside"),
	};
	struct assignments list;
	struct lab *lab;
	int code;

	if (request.recipe == NULL)
		return command_fail(call, COMMAND_USAGE, "`portcullis-pki recipes` lists them",
		    "no recipe of a CRL is called %s", recipe_name);
	if (ca_name == NULL && recipe_name != NULL)
		ca_name = "issuing";
	list = assignments_of(call);
	assignments_add(&list, "entries", command_value(call, "entries"));
	request.set = list.set;
	request.set_count = list.count;
	lab = command_open_lab(call, &code);
	if (lab != NULL)
		code = command_close_lab(call, lab, crl_make(lab, ca_name, &request));
	assignments_done(&list);
	return code;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * `crl show`.
 */
#include "common/cli/crl_show.h"

#include "common/base/clock.h"
#include "common/cli/pki_input.h"
#include "common/cli/report.h"
#include "common/cli/verify_request.h"
#include "common/pki/crl.h"

enum {
	CRL_SHOW_TEXT_MAX = 64 * 1024,
};

const struct command_option crl_show_options[] = {
    {"issuer", "FILE", "the certificate whose key should have signed it", 0, false},
    {"time", "RFC3339", "the moment to judge at (now)", 0, false},
    {.name = NULL},
};

struct crl_show {
	struct report report;
	const struct cert *issuer; /* NULL: not asked */
	int64_t now_s;
};

/* "0x2a", or the whole of a long one. */
static void
crl_show_number(struct report *report, const char *title, const char *key,
    const struct crl_number *number)
{
	if (number->present)
		report_hex(report, title, key,
		    number->len > 0 ? bytes_of(number->octets, number->len) : bytes_of("", 1));
}

/* What the CRL covers: everything, or what its issuingDistributionPoint says. */
static void
crl_show_scope(struct report *report, const struct crl *crl)
{
	const struct dist_point_scope *scope = &crl->scope;
	struct buf text;

	buf_init(&text, CRL_SHOW_TEXT_MAX);
	buf_put_text(&text, crl->base.present ? "delta CRL; " : "");
	if (crl->scope_der.len == 0)
		buf_put_text(&text, "all certificates of the issuer");
	buf_put_text(&text, scope->only_user_certs ? "only end entities; " : "");
	buf_put_text(&text, scope->only_ca_certs ? "only CAs; " : "");
	buf_put_text(&text, scope->only_attribute_certs ? "only attribute certificates; " : "");
	buf_put_text(&text, scope->indirect ? "also of other issuers; " : "");
	if (crl->scope_der.len > 0 && scope->reasons != DIST_POINT_ALL_REASONS)
		buf_put_text(&text, "only some reasons; ");
	for (size_t i = 0; scope->has_names && i < scope->names.count; i++) {
		general_name_text(&scope->names.full[i], &text);
		buf_put_text(&text, "; ");
	}
	if (crl->scope_der.len > 0 && text.len > 2)
		buf_truncate(&text, text.len - 2);
	report_escaped(report, "Scope", "scope", buf_text(&text));
	buf_done(&text);
}

static void
crl_show_fields(struct report *report, const struct crl *crl)
{
	struct buf text;

	buf_init(&text, CRL_SHOW_TEXT_MAX);
	name_text(crl->issuer.der, &text);
	report_escaped(report, "Issuer", "issuer", buf_text(&text));
	buf_clear(&text);
	algorithm_text(&crl->algorithm, &text);
	report_escaped(report, "Signature", "signature", buf_text(&text));
	buf_done(&text);
	crl_show_number(report, "Number", "number", &crl->number);
	crl_show_number(report, "Base", "base", &crl->base);
	report_time(report, "Issued", "this_update", crl->this_update_s);
	report_time(report, "Next", "next_update", crl->next_update_s);
	report_number(report, "Entries", "entries", (int64_t)crl->entry_count);
	crl_show_scope(report, crl);
}

static void
crl_show_judge(struct crl_show *show, struct crl *crl)
{
	struct report *report = &show->report;
	enum reason reason = REASON_OK;

	if (show->issuer != NULL)
		reason = crl_check_signature(crl, show->issuer);
	report_text(report, "Signed", "signed",
	    show->issuer == NULL  ? "not checked: no --issuer"
	    : reason == REASON_OK ? "by the key of --issuer"
				  : "not by the key of --issuer");
	if (reason != REASON_OK)
		report_finding(report, REPORT_ERROR, reason, "RFC 5280 6.3.3 (g)", NULL, NULL);
	if (show->issuer != NULL && show->issuer->key_usage.present &&
	    !(show->issuer->key_usage_bits & CERT_KU_CRL_SIGN))
		report_finding(report, REPORT_ERROR, REASON_CRL_SIGNER_KEYUSAGE,
		    "RFC 5280 6.3.3 (f)", NULL, NULL);
	if (show->now_s < crl->this_update_s)
		report_finding(report, REPORT_ERROR, REASON_CRL_NOT_YET_VALID,
		    "RFC 5280 5.1.2.4", NULL, NULL);
	if (show->now_s > crl->next_update_s)
		report_finding(report, REPORT_ERROR, REASON_CRL_EXPIRED, "RFC 5280 5.1.2.5",
		    NULL, NULL);
}

static void
crl_show_item(struct crl_show *show, const struct pki_item *item)
{
	struct crl crl;
	enum reason reason;

	report_begin(&show->report, item->file, item->line, content_kind_text(item->kind));
	if (item->kind != CONTENT_CRL) {
		report_finding(&show->report, REPORT_ERROR, REASON_CRL_MALFORMED, NULL,
		    item->reason != REASON_OK ? item->error : "this is no CRL", NULL);
		report_end(&show->report);
		return;
	}
	reason = crl_read(item->der, CRL_LEN_MAX, &crl);
	if (reason == REASON_OK) {
		crl_show_fields(&show->report, &crl);
		crl_show_judge(show, &crl);
	} else {
		report_finding(&show->report, REPORT_ERROR, reason, "RFC 5280 5", crl.error,
		    NULL);
	}
	crl_done(&crl);
	report_end(&show->report);
}

/* --time and --issuer; COMMAND_OK, or the exit code with everything said. */
static int
crl_show_options_read(struct crl_show *show, struct pki_input *input)
{
	const struct command_call *call = input->call;
	const char *time = command_value(call, "time"), *issuer = command_value(call, "issuer");
	struct verify_fault fault;
	int code;

	show->now_s = clock_wall_s();
	if (time != NULL && !verify_parse_time(time, &show->now_s, &fault))
		return command_fail(call, COMMAND_USAGE, NULL, "%s", fault.text);
	if (issuer == NULL)
		return COMMAND_OK;
	code = pki_input_add(input, issuer);
	if (code == COMMAND_OK && (input->count == 0 || input->items[0].cert == NULL))
		return command_fail(call, COMMAND_CHECK_FAILED, "cert check says what is in it",
		    "%s: there is no certificate in it", issuer);
	show->issuer = code == COMMAND_OK ? input->items[0].cert : NULL;
	return code;
}

int
crl_show_run(struct command_call *call)
{
	struct pki_input *input = pki_input_new(call);
	struct crl_show show = {.issuer = NULL};
	int code = crl_show_options_read(&show, input);
	size_t first = input->count;

	for (size_t i = 0; code == COMMAND_OK && i < call->operand_count; i++)
		code = pki_input_add(input, call->operands[i]);
	report_init(&show.report, &call->out);
	for (size_t i = first; code == COMMAND_OK && i < input->count; i++)
		crl_show_item(&show, &input->items[i]);
	if (code == COMMAND_OK && show.report.failed)
		code = COMMAND_CHECK_FAILED;
	report_done(&show.report);
	pki_input_free(input);
	return code;
}

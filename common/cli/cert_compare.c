/* SPDX-License-Identifier: Apache-2.0
 *
 * `cert compare`: the fields of both as lists of labels, and the least difference of the two
 * lists (their longest common subsequence).
 */
#include "common/cli/cert_compare.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/cli/pki_input.h"
#include "common/pki/extension.h"
#include "common/pki/name.h"
#include "common/pki/oid.h"

enum {
	COMPARE_FIELD_MAX = 400,
	COMPARE_LABEL_MAX = 200,
};

struct compare_fields {
	char *labels[COMPARE_FIELD_MAX];
	size_t count;
};

/* Which of the two has a field. */
enum compare_side {
	COMPARE_BOTH,
	COMPARE_ONLY_A,
	COMPARE_ONLY_B,
};

static void
compare_add(struct compare_fields *fields, struct buf *label)
{
	if (fields->count < COMPARE_FIELD_MAX)
		fields->labels[fields->count++] = buf_take_text(label);
	buf_clear(label);
}

static void
compare_add_name(struct compare_fields *fields, struct buf *label, const char *whose,
    struct bytes der)
{
	struct name_attribute attribute;
	struct name_walk walk;

	name_walk_begin(&walk, der);
	while (name_walk_next(&walk, &attribute)) {
		const char *known = oid_attribute_name(attribute.oid);

		buf_printf(label, "%s ", whose);
		if (known != NULL)
			buf_put_text(label, known);
		else
			der_oid_text(attribute.oid, label);
		compare_add(fields, label);
	}
}

static const char *
compare_extension_name(const struct extension *extension)
{
	static const char *const names[] = {
	    [EXTENSION_SUBJECT_KEY_ID] = "subjectKeyIdentifier",
	    [EXTENSION_KEY_USAGE] = "keyUsage",
	    [EXTENSION_SUBJECT_ALT_NAME] = "subjectAltName",
	    [EXTENSION_ISSUER_ALT_NAME] = "issuerAltName",
	    [EXTENSION_BASIC_CONSTRAINTS] = "basicConstraints",
	    [EXTENSION_NAME_CONSTRAINTS] = "nameConstraints",
	    [EXTENSION_CRL_DIST_POINTS] = "cRLDistributionPoints",
	    [EXTENSION_CERTIFICATE_POLICIES] = "certificatePolicies",
	    [EXTENSION_POLICY_MAPPINGS] = "policyMappings",
	    [EXTENSION_AUTHORITY_KEY_ID] = "authorityKeyIdentifier",
	    [EXTENSION_POLICY_CONSTRAINTS] = "policyConstraints",
	    [EXTENSION_EXT_KEY_USAGE] = "extKeyUsage",
	    [EXTENSION_FRESHEST_CRL] = "freshestCRL",
	    [EXTENSION_INHIBIT_ANY_POLICY] = "inhibitAnyPolicy",
	};
	int arc = extension_ce(extension);

	if (bytes_equal(extension->oid, oid_authority_info_access))
		return "authorityInfoAccess";
	return arc >= 0 && (size_t)arc < sizeof(names) / sizeof(names[0]) ? names[arc] : NULL;
}

/* The certificate was read before, so nothing here fails. */
static void
compare_add_extensions(struct compare_fields *fields, struct buf *label,
    const struct cert *cert)
{
	struct extension_list list;
	struct extension extension;
	struct der_fault fault;
	struct der outer = der_begin(cert->tbs, &fault), tbs = der_enter(&outer, DER_SEQUENCE);
	struct der_tlv skipped;
	struct der extensions;

	while (der_more(&tbs) && !der_next_is(&tbs, DER_CONTEXT_CONSTRUCTED(3)))
		der_any(&tbs, &skipped);
	if (!der_optional_enter(&tbs, DER_CONTEXT_CONSTRUCTED(3), &extensions))
		return;
	extension_list_open(&list, &extensions);
	while (extension_list_next(&list, &extension)) {
		const char *known = compare_extension_name(&extension);

		buf_put_text(label, "extension ");
		if (known != NULL)
			buf_put_text(label, known);
		else
			der_oid_text(extension.oid, label);
		buf_put_text(label, extension.critical ? ", critical" : "");
		compare_add(fields, label);
	}
}

/* The fields in the order of the encoding (RFC 5280 4.1). */
static void
compare_list_fields(const struct cert *cert, struct compare_fields *fields)
{
	struct buf label;

	buf_init(&label, COMPARE_LABEL_MAX);
	buf_printf(&label, "version %u", cert->version);
	compare_add(fields, &label);
	buf_put_text(&label, "serial number");
	compare_add(fields, &label);
	buf_put_text(&label, "signature ");
	algorithm_text(&cert->algorithm, &label);
	compare_add(fields, &label);
	compare_add_name(fields, &label, "issuer", cert->issuer.der);
	buf_put_text(&label, "validity");
	compare_add(fields, &label);
	compare_add_name(fields, &label, "subject", cert->subject.der);
	buf_put_text(&label, "key ");
	pubkey_text(&cert->key, &label);
	compare_add(fields, &label);
	compare_add_extensions(fields, &label, cert);
	buf_done(&label);
}

static void
compare_free(struct compare_fields *fields)
{
	for (size_t i = 0; i < fields->count; i++)
		free(fields->labels[i]);
}

static void
compare_put(struct output_table *table, enum compare_side side, const char *label)
{
	static const char *const words[] =
	    {[COMPARE_BOTH] = "both", [COMPARE_ONLY_A] = "only A", [COMPARE_ONLY_B] = "only B"};

	output_cell_text(table, label);
	output_cell_text(table, words[side]);
	output_cell_paint(table, side == COMPARE_BOTH ? OUTPUT_GOOD : OUTPUT_BAD);
	output_row_end(table);
}

/* Writes the difference; true where there is none. */
static bool
compare_write(struct output_table *table, const struct compare_fields *a,
    const struct compare_fields *b)
{
	size_t width = b->count + 1, i = 0, k = 0;
	/* common[i * width + k]: length of the longest common part of a from i and b from k */
	uint16_t *common = alloc_zeroed((a->count + 1) * width, sizeof(*common));
	bool same = true;

	for (size_t x = a->count; x-- > 0;) {
		for (size_t y = b->count; y-- > 0;) {
			uint16_t *here = &common[x * width + y];

			if (strcmp(a->labels[x], b->labels[y]) == 0)
				*here = (uint16_t)(here[width + 1] + 1);
			else
				*here = here[width] > here[1] ? here[width] : here[1];
		}
	}
	while (i < a->count || k < b->count) {
		if (i < a->count && k < b->count && strcmp(a->labels[i], b->labels[k]) == 0) {
			compare_put(table, COMPARE_BOTH, a->labels[i++]);
			k++;
			continue;
		}
		same = false;
		if (k == b->count ||
		    (i < a->count && common[(i + 1) * width + k] >= common[i * width + k + 1]))
			compare_put(table, COMPARE_ONLY_A, a->labels[i++]);
		else
			compare_put(table, COMPARE_ONLY_B, b->labels[k++]);
	}
	free(common);
	return same;
}

/* The first certificate of a file; NULL, and said so, where there is none. */
static const struct cert *
compare_read(struct pki_input *input, const char *path, int *ret_code)
{
	size_t from = input->count;

	*ret_code = pki_input_add(input, path);
	for (size_t i = from; *ret_code == COMMAND_OK && i < input->count; i++) {
		if (input->items[i].cert != NULL)
			return input->items[i].cert;
	}
	if (*ret_code == COMMAND_OK)
		*ret_code = command_fail(input->call, COMMAND_CHECK_FAILED,
		    "cert check says what is in it", "%s: %s", path,
		    from < input->count && input->items[from].reason != REASON_OK
			? input->items[from].error
			: "there is no certificate in it");
	return NULL;
}

int
cert_compare_run(struct command_call *call)
{
	static const struct output_column columns[] = {{.title = "Field", .key = "field"},
	    {.title = "In", .key = "in"}};
	struct pki_input *input = pki_input_new(call);
	struct compare_fields a = {.count = 0}, b = {.count = 0};
	const struct cert *cert_a, *cert_b = NULL;
	struct output_table *table;
	int code;

	cert_a = compare_read(input, call->operands[0], &code);
	if (cert_a != NULL)
		cert_b = compare_read(input, call->operands[1], &code);
	if (cert_b != NULL) {
		compare_list_fields(cert_a, &a);
		compare_list_fields(cert_b, &b);
		table = output_table_new(&call->out, OUTPUT_TABLE, columns, 2);
		code = compare_write(table, &a, &b) ? COMMAND_OK : COMMAND_CHECK_FAILED;
		output_table_end(table, NULL);
		output_line(&call->out, code == COMMAND_OK ? OUTPUT_GOOD : OUTPUT_BAD, "%s",
		    code == COMMAND_OK ? "The same fields in the same order."
				       : "The fields differ.");
	}
	compare_free(&a);
	compare_free(&b);
	pki_input_free(input);
	return code;
}

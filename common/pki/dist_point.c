/* SPDX-License-Identifier: Apache-2.0
 *
 * Distribution points.
 */
#include "common/pki/dist_point.h"

#include "common/base/buf.h"
#include "common/pki/name.h"

/* GeneralNames ::= SEQUENCE SIZE (1..MAX), its contents. */
static void
dist_point_read_names(struct der *list, struct dist_point_names *names)
{
	if (!der_more(list))
		der_fail(list, "empty list of names");
	while (der_more(list)) {
		struct general_name *name = &names->full[names->count];

		if (names->count == DIST_POINT_NAME_MAX) {
			der_fail(list, "too many names in a distribution point");
			return;
		}
		if (!general_name_read(list, name))
			return;
		if (name->kind != GENERAL_NAME_URI && name->kind != GENERAL_NAME_DIRECTORY)
			names->unusable = true;
		names->count++;
	}
}

/* The RDN's contents, its form checked. */
static void
dist_point_read_relative(struct der *choice, struct dist_point_names *names)
{
	struct bytes rdn = der_value(choice, DER_CONTEXT_CONSTRUCTED(1));
	struct der contents = der_inside(choice, rdn);
	struct buf scratch;

	if (!der_ok(choice))
		return;
	buf_init(&scratch, name_canonical_max(rdn.len));
	name_read_rdn(&contents, &scratch);
	buf_done(&scratch);
	names->relative = rdn;
}

/* [0] DistributionPointName, where it is there: a CHOICE, so the tag is explicit. */
static bool
dist_point_read_dp_name(struct der *der, struct dist_point_names *names)
{
	struct der choice, full;

	if (!der_optional_enter(der, DER_CONTEXT_CONSTRUCTED(0), &choice))
		return false;
	if (der_optional_enter(&choice, DER_CONTEXT_CONSTRUCTED(0), &full))
		dist_point_read_names(&full, names);
	else
		dist_point_read_relative(&choice, names);
	der_end(&choice);
	return true;
}

/* ReasonFlags under a context tag; all reasons where it is absent. */
static unsigned int
dist_point_read_reasons(struct der *der, uint8_t tag)
{
	if (!der_next_is(der, tag))
		return DIST_POINT_ALL_REASONS;
	return der_named_bits(der, tag) & DIST_POINT_ALL_REASONS;
}

/* Opens the SEQUENCE, which is all of der. */
static void
dist_point_open(struct dist_point_walk *walk, struct der *der)
{
	walk->points = der_enter(der, DER_SEQUENCE);
	walk->count = 0;
	der_end(der);
	if (!der_more(&walk->points))
		der_fail(der, "empty list of distribution points");
}

void
dist_point_begin(struct dist_point_walk *walk, struct bytes value)
{
	struct der der = der_begin(value, &walk->fault);

	dist_point_open(walk, &der);
}

/* DistributionPoint; one with reasons only is forbidden (RFC 5280 4.2.1.13). */
static void
dist_point_read(struct der *list, struct dist_point *point)
{
	struct der der = der_enter(list, DER_SEQUENCE);
	struct der issuer;

	point->has_names = dist_point_read_dp_name(&der, &point->names);
	point->reasons = dist_point_read_reasons(&der, DER_CONTEXT(1));
	point->has_crl_issuer = der_optional_enter(&der, DER_CONTEXT_CONSTRUCTED(2), &issuer);
	if (point->has_crl_issuer)
		dist_point_read_names(&issuer, &point->crl_issuer);
	der_end(&der);
	if (!point->has_names && !point->has_crl_issuer)
		der_fail(&der, "a distribution point without a name");
}

bool
dist_point_next(struct dist_point_walk *walk, struct dist_point *ret_point)
{
	if (!der_more(&walk->points))
		return false;
	if (++walk->count > DIST_POINT_MAX) {
		der_fail(&walk->points, "too many distribution points");
		return false;
	}
	*ret_point = (struct dist_point){0};
	dist_point_read(&walk->points, ret_point);
	return der_ok(&walk->points);
}

void
dist_point_check(struct der *der)
{
	struct dist_point_walk walk;
	struct dist_point point;

	dist_point_open(&walk, der);
	while (dist_point_next(&walk, &point))
		continue;
}

void
dist_point_read_scope(struct der *der, struct dist_point_scope *ret_scope)
{
	struct der idp = der_enter(der, DER_SEQUENCE);
	struct dist_point_scope scope = {0};

	if (!der_more(&idp))
		der_fail(der, "empty issuingDistributionPoint");
	scope.has_names = dist_point_read_dp_name(&idp, &scope.names);
	scope.only_user_certs = der_default_false(&idp, DER_CONTEXT(1));
	scope.only_ca_certs = der_default_false(&idp, DER_CONTEXT(2));
	scope.reasons = dist_point_read_reasons(&idp, DER_CONTEXT(3));
	scope.indirect = der_default_false(&idp, DER_CONTEXT(4));
	scope.only_attribute_certs = der_default_false(&idp, DER_CONTEXT(5));
	der_end(&idp);
	der_end(der);
	if (scope.only_user_certs + scope.only_ca_certs + scope.only_attribute_certs > 1)
		der_fail(der, "issuingDistributionPoint that contradicts itself");
	*ret_scope = scope;
}

/* The canonical form of a list's directory name at index; index == count is the relative
 * name, completed.  The caller frees; empty where it is no directory name. */
static struct buf
dist_point_canonical(const struct dist_point_names *names, size_t index,
    struct bytes crl_issuer_canonical)
{
	struct bytes part = index < names->count ? names->full[index].value : names->relative;
	struct der_fault fault;
	struct der der = der_begin(part, &fault);
	struct buf out;

	buf_init(&out, name_canonical_max(part.len) + crl_issuer_canonical.len);
	if (index == names->count && names->relative.data != NULL) {
		buf_put_bytes(&out, crl_issuer_canonical);
		name_read_rdn(&der, &out);
	} else if (index < names->count && names->full[index].kind == GENERAL_NAME_DIRECTORY) {
		(void)name_read(&der, &out);
	}
	if (!der_ok(&der))
		buf_clear(&out);
	return out;
}

/* Whether the name of a at index is one of b; index == a->count is its relative name. */
static bool
dist_point_name_in(const struct dist_point_names *a, size_t index,
    const struct dist_point_names *b, struct bytes crl_issuer_canonical)
{
	struct buf form = dist_point_canonical(a, index, crl_issuer_canonical);
	bool found = false;

	for (size_t i = 0; i < b->count && index < a->count && form.len == 0; i++)
		found = found || bytes_equal(a->full[index].whole, b->full[i].whole);
	for (size_t i = 0; i <= b->count && form.len > 0 && !found; i++) {
		struct buf other = dist_point_canonical(b, i, crl_issuer_canonical);

		found = bytes_equal(buf_bytes(&form), buf_bytes(&other));
		buf_done(&other);
	}
	buf_done(&form);
	return found;
}

bool
dist_point_names_match(const struct dist_point_names *a, const struct dist_point_names *b,
    struct bytes crl_issuer_canonical)
{
	for (size_t i = 0; i <= a->count; i++)
		if (dist_point_name_in(a, i, b, crl_issuer_canonical))
			return true;
	return false;
}

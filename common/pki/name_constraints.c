/* SPDX-License-Identifier: Apache-2.0
 *
 * Name constraints.  Both sides are brought into one form first, directory names with their
 * canonical form, so that a comparison is a few byte compares.
 */
#include "common/pki/name_constraints.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/text.h"
#include "common/pki/dns_name.h"
#include "common/pki/oid.h"

struct name_item {
	enum general_name_kind kind;
	bool in_forms;        /* value stands in the set's forms */
	bool malformed;       /* has not the form of its kind */
	bool wildcard;        /* DNS */
	struct bytes value;   /* what is compared; DIRECTORY: the canonical form */
	struct bytes host;    /* EMAIL, where there is an @; URI of a certificate */
	struct bytes written; /* DIRECTORY: the Name in DER, for messages */
};

/* A list of names; what is not a view into a certificate is in one buffer. */
struct name_set {
	struct name_item *items;
	size_t count;
	size_t room;
	size_t by_kind[GENERAL_NAME_KIND_COUNT];
	struct buf forms;
};

/* The two lists of a constraint. */
struct name_subtrees {
	struct name_set permitted;
	struct name_set excluded;
};

static void
name_set_init(struct name_set *set, size_t der_len)
{
	*set = (struct name_set){0};
	buf_init(&set->forms, name_canonical_max(2 * der_len));
}

static void
name_set_done(struct name_set *set)
{
	free(set->items);
	buf_done(&set->forms);
}

static void
name_set_add(struct name_set *set, struct name_item item)
{
	if (set->count == set->room) {
		set->room = set->room == 0 ? 8 : 2 * set->room;
		set->items = alloc_resize(set->items, set->room, sizeof *set->items);
	}
	set->items[set->count++] = item;
	set->by_kind[item.kind]++;
}

/* Adds what was appended to the forms since start.  They may still move: the address is
 * set by name_set_settle. */
static void
name_set_add_form(struct name_set *set, enum general_name_kind kind, size_t start,
    struct bytes written)
{
	name_set_add(set, (struct name_item){.kind = kind,
			      .in_forms = true,
			      .value = {NULL, set->forms.len - start},
			      .written = written});
}

static void
name_set_add_general(struct name_set *set, const struct general_name *name)
{
	struct der_fault fault;
	struct der der;
	size_t start = set->forms.len;

	if (name->kind == GENERAL_NAME_DNS || name->kind == GENERAL_NAME_EMAIL ||
	    name->kind == GENERAL_NAME_URI) {
		buf_put_bytes(&set->forms, name->value);
		name_set_add_form(set, name->kind, start, name->value);
		return;
	}
	if (name->kind != GENERAL_NAME_DIRECTORY) {
		name_set_add(set, (struct name_item){.kind = name->kind, .value = name->value});
		return;
	}
	der = der_begin(name->value, &fault);
	name_read(&der, &set->forms);
	name_set_add_form(set, GENERAL_NAME_DIRECTORY, start, name->value);
}

static struct bytes
name_without_dot(struct bytes base)
{
	if (base.len > 0 && base.data[0] == '.')
		return bytes_of(base.data + 1, base.len - 1);
	return base;
}

/* Hosts are compared in lower case: they are brought to it once, in the set's own copy. */
static void
name_lower(struct name_set *set, struct bytes host)
{
	size_t at = host.len == 0 ? 0 : (size_t)(host.data - set->forms.data);

	for (size_t i = at; i < at + host.len; i++)
		set->forms.data[i] = (uint8_t)text_lower((char)set->forms.data[i]);
}

/* Looks once at the form of a name of a certificate. */
static void
name_item_prepare(struct name_set *set, struct name_item *item)
{
	struct bytes local;

	if (item->kind == GENERAL_NAME_DNS) {
		item->wildcard = dns_name_is_wildcard(item->value);
		item->malformed = !item->wildcard && !dns_name_valid(item->value);
		name_lower(set, item->value);
	} else if (item->kind == GENERAL_NAME_EMAIL) {
		item->malformed = !email_split(item->value, &local, &item->host) ||
				  !dns_name_valid(item->host);
		name_lower(set, item->host);
	} else if (item->kind == GENERAL_NAME_URI) {
		/* RFC 5280 4.2.1.10: without the name of a host it can't be judged */
		item->malformed = !uri_host(item->value, &item->host) ||
				  !dns_name_valid(item->host) || dns_name_is_ipv4(item->host);
		name_lower(set, item->host);
	}
}

/* The same for a constraint: of mail a box, a host or ".domain", of URIs the latter two. */
static void
name_base_prepare(struct name_set *set, struct name_item *item)
{
	struct bytes local, domain = name_without_dot(item->value);
	bool box = item->kind == GENERAL_NAME_EMAIL && item->value.len > 0 &&
		   memchr(item->value.data, '@', item->value.len) != NULL;

	if (box) {
		item->malformed = !email_split(item->value, &local, &item->host);
		name_lower(set, item->host);
	} else if (item->kind == GENERAL_NAME_EMAIL || item->kind == GENERAL_NAME_URI) {
		item->malformed = item->value.len > 0 && !dns_name_valid(domain);
		name_lower(set, item->value);
	} else if (item->kind == GENERAL_NAME_DNS) {
		name_lower(set, item->value);
	}
}

/* Ends the making of a set. */
static void
name_set_settle(struct name_set *set,
    void (*prepare)(struct name_set *set, struct name_item *item))
{
	size_t at = 0;

	assert(buf_ok(&set->forms));
	for (size_t i = 0; i < set->count; i++) {
		struct name_item *item = &set->items[i];

		if (item->in_forms && item->value.len > 0) {
			item->value.data = set->forms.data + at;
			at += item->value.len;
		}
		prepare(set, item);
	}
}

/* The mail addresses and, of a leaf, the host names that stand in the subject. */
static void
name_set_add_subject(struct name_set *set, const struct cert *cert, bool cn_counts,
    bool identity)
{
	struct name_walk walk;
	struct name_attribute attribute;

	name_walk_begin(&walk, cert->subject.der);
	while (name_walk_next(&walk, &attribute)) {
		bool cn = cn_counts && bytes_equal(attribute.oid, oid_common_name);
		size_t start = set->forms.len;
		struct bytes text;

		if (!cn && !bytes_equal(attribute.oid, oid_email))
			continue;
		if (!name_attribute_utf8(&attribute, &set->forms))
			continue;
		text = bytes_of(set->forms.data + start, set->forms.len - start);
		if (!cn)
			name_set_add_form(set, GENERAL_NAME_EMAIL, start, attribute.value);
		else if (dns_name_valid(text) &&
			 (identity || memchr(text.data, '.', text.len) != NULL))
			name_set_add_form(set, GENERAL_NAME_DNS, start, attribute.value);
		else
			buf_truncate(&set->forms, start);
	}
}

struct name_set *
name_set_new(const struct cert *cert, bool cn_is_host, bool identity)
{
	struct name_set *set = NEW(struct name_set);
	struct general_name subject = {.kind = GENERAL_NAME_DIRECTORY,
	    .value = cert->subject.der};
	struct cert_san_walk walk;
	struct general_name name;

	name_set_init(set, cert->der.len);
	if (cert->subject.canonical.len > 0)
		name_set_add_general(set, &subject);
	cert_san_begin(cert, &walk);
	while (cert_san_next(&walk, &name))
		name_set_add_general(set, &name);
	name_set_add_subject(set, cert,
	    cn_is_host && (identity || set->by_kind[GENERAL_NAME_DNS] == 0), identity);
	name_set_settle(set, name_item_prepare);
	return set;
}

void
name_set_free(struct name_set *set)
{
	if (set == NULL)
		return;
	name_set_done(set);
	free(set);
}

/* A mask of ones followed by zeros (RFC 4632). */
static bool
name_mask_valid(struct bytes mask)
{
	bool ended = false;

	for (size_t i = 0; i < mask.len * 8; i++) {
		bool one = (mask.data[i / 8] >> (7 - i % 8) & 1) != 0;

		if (one && ended)
			return false;
		ended = ended || !one;
	}
	return true;
}

/* One GeneralSubtree.  minimum and maximum are not used with any name (RFC 5280 4.2.1.10);
 * a DNS or IP base that is none makes the whole extension malformed, as the CA meant
 * something that can't be known. */
static bool
name_read_subtree(struct der *list, struct general_name *ret_base)
{
	struct der subtree = der_enter(list, DER_SEQUENCE);
	struct bytes value;

	if (!general_name_read(&subtree, ret_base))
		return false;
	value = ret_base->value;
	if (der_more(&subtree))
		der_fail(&subtree, "a name constraint with minimum or maximum");
	if (ret_base->kind == GENERAL_NAME_DNS && value.len > 0 && value.data[0] == '.')
		value = bytes_of(value.data + 1, value.len - 1);
	if (ret_base->kind == GENERAL_NAME_DNS && ret_base->value.len > 0 &&
	    !dns_name_valid(value))
		der_fail(&subtree, "a name constraint that is no DNS name");
	if (ret_base->kind == GENERAL_NAME_IP &&
	    ((value.len != 8 && value.len != 32) ||
		!name_mask_valid(
		    bytes_of(value.data + value.len / 2, value.len - value.len / 2))))
		der_fail(&subtree, "a name constraint that is no range of IP addresses");
	return der_ok(&subtree);
}

/* Reads one of the two lists, if it is there; set may be NULL.  Returns its length. */
static size_t
name_read_subtrees(struct der *der, uint8_t tag, struct name_set *set)
{
	struct general_name base;
	struct der list;
	size_t count = 0;

	if (!der_optional_enter(der, tag, &list))
		return 0;
	for (; der_more(&list) && name_read_subtree(&list, &base); count++)
		if (set != NULL)
			name_set_add_general(set, &base);
	return count;
}

/* An empty list beside one that is not is taken for a missing one: CAs write them. */
static void
name_read_both(struct der *der, struct name_subtrees *subtrees)
{
	struct der inner = der_enter(der, DER_SEQUENCE);
	size_t count = name_read_subtrees(&inner, DER_CONTEXT_CONSTRUCTED(0),
	    subtrees == NULL ? NULL : &subtrees->permitted);

	count += name_read_subtrees(&inner, DER_CONTEXT_CONSTRUCTED(1),
	    subtrees == NULL ? NULL : &subtrees->excluded);
	der_end(&inner);
	if (count == 0)
		der_fail(der, "empty name constraints");
}

void
name_constraints_check(struct der *der)
{
	name_read_both(der, NULL);
}

/* How a name stands to a base. */
enum name_fit {
	NAME_OUTSIDE,
	NAME_INSIDE,
	NAME_UNSURE, /* one of the two is malformed, or may stand for names on both sides */
};

/* Whether name is base or ends with "." and base; everything is below the empty base. */
static bool
name_below(struct bytes name, struct bytes base)
{
	size_t ahead;

	if (base.len == 0)
		return true;
	if (name.len < base.len)
		return false;
	ahead = name.len - base.len;
	return bytes_equal(bytes_of(name.data + ahead, base.len), base) &&
	       (ahead == 0 || name.data[ahead - 1] == '.');
}

/* A leading dot, which is not in RFC 5280 but common: the subdomains alone.  A wildcard is
 * inside where all it stands for is, and unsure where the base is one of them. */
static enum name_fit
name_fit_dns(const struct name_item *name, struct bytes base)
{
	struct bytes bare = name_without_dot(base);
	bool dotted = bare.len != base.len;

	if (name_below(name->value, bare) && (!dotted || name->value.len > base.len))
		return NAME_INSIDE;
	if (dotted && bytes_equal(name->value, bare))
		return NAME_UNSURE;
	return name->wildcard && dns_name_matches(name->value, bare) ? NAME_UNSURE
								     : NAME_OUTSIDE;
}

/* A host against the base of a mail or URI constraint: itself, or below a leading dot. */
static enum name_fit
name_fit_host(struct bytes host, struct bytes base)
{
	struct bytes bare = name_without_dot(base);
	bool inside = base.len == 0 ||
		      (bare.len == base.len ? bytes_equal(host, base)
					    : name_below(host, bare) && host.len > base.len);

	return inside ? NAME_INSIDE : NAME_OUTSIDE;
}

/* RFC 5280 7.5: the local part as written, the host in any case. */
static enum name_fit
name_fit_email(const struct name_item *name, const struct name_item *base)
{
	if (base->host.len == 0)
		return name_fit_host(name->host, base->value);
	return bytes_equal(name->value, base->value) ? NAME_INSIDE : NAME_OUTSIDE;
}

static enum name_fit
name_fit_ip(struct bytes name, struct bytes base)
{
	if (base.len != 2 * name.len)
		return NAME_OUTSIDE;
	for (size_t i = 0; i < name.len; i++)
		if (((name.data[i] ^ base.data[i]) & base.data[name.len + i]) != 0)
			return NAME_OUTSIDE;
	return NAME_INSIDE;
}

static enum name_fit
name_fit_directory(struct bytes name, struct bytes base)
{
	return name.len >= base.len && bytes_equal(bytes_of(name.data, base.len), base)
		   ? NAME_INSIDE
		   : NAME_OUTSIDE;
}

static enum name_fit
name_fit(const struct name_item *name, const struct name_item *base)
{
	if (name->malformed || base->malformed)
		return NAME_UNSURE;
	switch (name->kind) {
	case GENERAL_NAME_DNS:
		return name_fit_dns(name, base->value);
	case GENERAL_NAME_EMAIL:
		return name_fit_email(name, base);
	case GENERAL_NAME_URI:
		return name_fit_host(name->host, base->value);
	case GENERAL_NAME_IP:
		return name_fit_ip(name->value, base->value);
	case GENERAL_NAME_DIRECTORY:
		return name_fit_directory(name->value, base->value);
	case GENERAL_NAME_OTHER:
	case GENERAL_NAME_X400:
	case GENERAL_NAME_EDI_PARTY:
	case GENERAL_NAME_REGISTERED_ID:
	case GENERAL_NAME_KIND_COUNT:
		break;
	}
	return NAME_UNSURE;
}

/* Why a name is refused, or NULL.  Only a sure fit permits; anything but a sure miss
 * excludes. */
static const char *
name_refused(const struct name_item *name, const struct name_subtrees *subtrees)
{
	bool permitted = subtrees->permitted.by_kind[name->kind] == 0;

	for (size_t i = 0; !permitted && i < subtrees->permitted.count; i++) {
		const struct name_item *base = &subtrees->permitted.items[i];

		permitted = base->kind == name->kind && name_fit(name, base) == NAME_INSIDE;
	}
	if (!permitted)
		return "is not in a permitted subtree";
	for (size_t i = 0; i < subtrees->excluded.count; i++) {
		const struct name_item *base = &subtrees->excluded.items[i];

		if (base->kind == name->kind && name_fit(name, base) != NAME_OUTSIDE)
			return "is in an excluded subtree";
	}
	return NULL;
}

static void
name_item_text(const struct name_item *item, const char *why, struct buf *out)
{
	struct general_name name = {.kind = item->kind,
	    .value = item->kind == GENERAL_NAME_DIRECTORY ? item->written : item->value};

	general_name_text(&name, out);
	buf_printf(out, " %s", why);
}

/* How many comparisons the names take at most. */
static size_t
name_cost(const struct name_subtrees *subtrees, const struct name_set *set)
{
	size_t cost = 0;

	for (size_t kind = 0; kind < GENERAL_NAME_KIND_COUNT; kind++)
		cost += set->by_kind[kind] *
			(subtrees->permitted.by_kind[kind] + subtrees->excluded.by_kind[kind]);
	return cost;
}

static bool
name_pay(size_t *budget, size_t cost, struct buf *detail)
{
	if (cost > *budget) {
		buf_put_text(detail, "too many names under too many name constraints");
		return false;
	}
	*budget -= cost;
	return true;
}

enum reason
name_constraints_judge(const struct cert *issuer, const struct name_set *set, size_t *budget,
    struct buf *detail)
{
	struct name_subtrees subtrees;
	struct der_fault fault;
	struct der der = der_begin(issuer->name_constraints.value, &fault);
	enum reason reason = REASON_OK;
	const char *why;

	if (!name_pay(budget, issuer->name_constraints.value.len, detail))
		return REASON_LIMITS;
	name_set_init(&subtrees.permitted, issuer->name_constraints.value.len);
	name_set_init(&subtrees.excluded, issuer->name_constraints.value.len);
	name_read_both(&der, &subtrees);
	name_set_settle(&subtrees.permitted, name_base_prepare);
	name_set_settle(&subtrees.excluded, name_base_prepare);
	if (!name_pay(budget, name_cost(&subtrees, set), detail))
		reason = REASON_LIMITS;
	for (size_t i = 0; i < set->count && reason == REASON_OK; i++) {
		why = name_refused(&set->items[i], &subtrees);
		if (why != NULL) {
			reason = REASON_NAME_CONSTRAINTS;
			name_item_text(&set->items[i], why, detail);
		}
	}
	name_set_done(&subtrees.permitted);
	name_set_done(&subtrees.excluded);
	return reason;
}

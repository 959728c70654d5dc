/* SPDX-License-Identifier: Apache-2.0
 *
 * Names: the canonical form is, for each RDN, its length and then its attributes in order
 * of their bytes, each with the lengths of its parts, so that one form is the beginning of
 * another only at the border of an RDN.
 */
#include "common/pki/name.h"

#include "common/base/text.h"
#include "common/pki/name_prep.h"
#include "common/pki/oid.h"

enum {
	NAME_RDN_ATTRIBUTES_MAX = 16,
	NAME_TEXT_RDN_MAX = 32, /* shown; what goes past it is cut with "..." */
	NAME_VALUE_STRING = 1,
	NAME_VALUE_RAW = 0,
};

static bool
name_read_attribute(struct der *rdn, struct name_attribute *ret_attribute)
{
	struct der item = der_enter(rdn, DER_SEQUENCE);
	struct der_tlv value;

	ret_attribute->oid = der_oid(&item, DER_OID);
	if (!der_any(&item, &value))
		return false;
	ret_attribute->tag = value.tag;
	ret_attribute->value = value.value;
	der_end(&item);
	return der_ok(&item);
}

static void
name_patch_u32(struct buf *buf, size_t at, size_t value)
{
	if (!buf_ok(buf))
		return;
	for (size_t i = 0; i < 4; i++)
		buf->data[at + i] = (uint8_t)(value >> (8 * i));
}

static void
name_put_attribute(struct der *der, const struct name_attribute *attribute, struct buf *out)
{
	size_t len_at, value_at;

	buf_put_u32le(out, (uint32_t)attribute->oid.len);
	buf_put_bytes(out, attribute->oid);
	if (!name_prep_is_string(attribute->tag)) {
		buf_put_u8(out, NAME_VALUE_RAW);
		buf_put_u8(out, attribute->tag);
		buf_put_u32le(out, (uint32_t)attribute->value.len);
		buf_put_bytes(out, attribute->value);
		return;
	}
	buf_put_u8(out, NAME_VALUE_STRING);
	len_at = out->len;
	buf_put_u32le(out, 0);
	value_at = out->len;
	if (!name_prep(attribute->tag, attribute->value, out))
		der_fail(der, "a name has characters that its string type does not have");
	else
		name_patch_u32(out, len_at, out->len - value_at);
}

/* Puts the pieces of buf that begin at starts[0..count) and end at its end in order. */
static void
name_sort_pieces(struct buf *buf, const size_t *starts, size_t count)
{
	struct bytes pieces[NAME_RDN_ATTRIBUTES_MAX];
	struct buf sorted;
	size_t begin = starts[0];

	if (!buf_ok(buf))
		return;
	for (size_t i = 0; i < count; i++) {
		size_t end = i + 1 < count ? starts[i + 1] : buf->len;
		struct bytes piece = bytes_of(buf->data + starts[i], end - starts[i]);
		size_t at = i;

		for (; at > 0 && bytes_compare(pieces[at - 1], piece) > 0; at--)
			pieces[at] = pieces[at - 1];
		pieces[at] = piece;
	}
	buf_init(&sorted, buf->len);
	for (size_t i = 0; i < count; i++)
		buf_put_bytes(&sorted, pieces[i]);
	memcpy(buf->data + begin, sorted.data, sorted.len);
	buf_done(&sorted);
}

void
name_read_rdn(struct der *contents, struct buf *canonical)
{
	size_t starts[NAME_RDN_ATTRIBUTES_MAX];
	size_t count = 0, len_at = canonical->len;

	buf_put_u32le(canonical, 0);
	if (!der_more(contents))
		der_fail(contents, "an empty RDN in a name");
	while (der_more(contents)) {
		struct name_attribute attribute;

		if (count == NAME_RDN_ATTRIBUTES_MAX) {
			der_fail(contents, "too many attributes in one RDN of a name");
			return;
		}
		if (!name_read_attribute(contents, &attribute))
			return;
		starts[count++] = canonical->len;
		name_put_attribute(contents, &attribute, canonical);
	}
	if (count > 1)
		name_sort_pieces(canonical, starts, count);
	name_patch_u32(canonical, len_at, canonical->len - len_at - 4);
}

struct bytes
name_read(struct der *der, struct buf *canonical)
{
	struct bytes whole = der_whole(der, DER_SEQUENCE);
	struct der outer = der_inside(der, whole);
	struct der rdns;

	if (!der_ok(der))
		return (struct bytes){NULL, 0};
	rdns = der_enter(&outer, DER_SEQUENCE);
	while (der_more(&rdns)) {
		struct der rdn = der_enter(&rdns, DER_SET);

		name_read_rdn(&rdn, canonical);
	}
	return whole;
}

bool
name_equal(struct bytes a_der, struct bytes b_der)
{
	struct der_fault a_fault, b_fault;
	struct der a = der_begin(a_der, &a_fault);
	struct der b = der_begin(b_der, &b_fault);
	struct buf a_form, b_form;
	bool equal;

	buf_init(&a_form, name_canonical_max(a_der.len));
	buf_init(&b_form, name_canonical_max(b_der.len));
	name_read(&a, &a_form);
	name_read(&b, &b_form);
	equal = der_ok(&a) && der_ok(&b) && buf_ok(&a_form) && buf_ok(&b_form) &&
		bytes_equal(buf_bytes(&a_form), buf_bytes(&b_form));
	buf_done(&a_form);
	buf_done(&b_form);
	return equal;
}

void
name_walk_begin(struct name_walk *walk, struct bytes der)
{
	struct der outer = der_begin(der, &walk->fault);

	walk->rdns = der_enter(&outer, DER_SEQUENCE);
	walk->rdn = der_inside(&outer, (struct bytes){NULL, 0});
}

bool
name_walk_next(struct name_walk *walk, struct name_attribute *ret_attribute)
{
	if (!der_more(&walk->rdn)) {
		if (!der_more(&walk->rdns))
			return false;
		walk->rdn = der_enter(&walk->rdns, DER_SET);
	}
	return name_read_attribute(&walk->rdn, ret_attribute);
}

size_t
name_find(struct bytes der, struct bytes oid, struct name_attribute *ret_first)
{
	struct name_walk walk;
	struct name_attribute attribute;
	size_t count = 0;

	name_walk_begin(&walk, der);
	while (name_walk_next(&walk, &attribute)) {
		if (!bytes_equal(attribute.oid, oid))
			continue;
		if (count++ == 0)
			*ret_first = attribute;
	}
	return count;
}

bool
name_attribute_utf8(const struct name_attribute *attribute, struct buf *out)
{
	size_t start = out->len;

	if (!name_prep_is_string(attribute->tag))
		return false;
	if (name_prep_utf8(attribute->tag, attribute->value, out))
		return true;
	buf_truncate(out, start);
	return false;
}

/* A value that has one of the characters with a meaning in the line is quoted. */
static void
name_put_value(const struct name_attribute *attribute, struct buf *out)
{
	struct buf utf8;
	bool quoted;

	buf_init(&utf8, 4 * attribute->value.len + 1);
	if (!name_attribute_utf8(attribute, &utf8)) {
		buf_put_u8(out, '#');
		text_hex(out, attribute->value);
		buf_done(&utf8);
		return;
	}
	quoted = utf8.len == 0 || strpbrk(buf_text(&utf8), ",+=\"#<>;") != NULL ||
		 utf8.data[0] == ' ' || utf8.data[utf8.len - 1] == ' ';
	if (quoted)
		buf_put_u8(out, '"');
	for (size_t start = 0, at = 0; at <= utf8.len && utf8.len > 0; at++) {
		if (at < utf8.len && utf8.data[at] != '"')
			continue;
		text_escape(out, bytes_of(utf8.data + start, at - start));
		if (at < utf8.len)
			buf_put_text(out, "\\x22");
		start = at + 1;
	}
	if (quoted)
		buf_put_u8(out, '"');
	buf_done(&utf8);
}

static void
name_put_rdn(struct der rdn, struct buf *out)
{
	const char *between = "";
	struct name_attribute attribute;

	while (der_more(&rdn) && name_read_attribute(&rdn, &attribute)) {
		const char *type = oid_attribute_name(attribute.oid);

		buf_put_text(out, between);
		if (type != NULL)
			buf_put_text(out, type);
		else
			der_oid_text(attribute.oid, out);
		buf_put_u8(out, '=');
		name_put_value(&attribute, out);
		between = "+";
	}
}

void
name_text(struct bytes der, struct buf *out)
{
	struct der rdns[NAME_TEXT_RDN_MAX];
	struct der_fault fault;
	struct der outer = der_begin(der, &fault);
	struct der all = der_enter(&outer, DER_SEQUENCE);
	size_t count = 0;
	bool cut;

	while (der_more(&all) && count < NAME_TEXT_RDN_MAX)
		rdns[count++] = der_enter(&all, DER_SET);
	cut = der_more(&all);
	if (count == 0)
		buf_put_text(out, "(empty)");
	if (cut)
		buf_put_text(out, "..., ");
	for (size_t i = count; i > 0; i--) {
		name_put_rdn(rdns[i - 1], out);
		if (i > 1)
			buf_put_text(out, ", ");
	}
}

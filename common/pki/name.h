/* SPDX-License-Identifier: Apache-2.0
 *
 * Distinguished names (RFC 5280 4.1.2.4, 7.1): read, compared, and shown on one line.
 *
 * Names are compared by a canonical form: string types are brought to UTF-8, letters are
 * folded, white space is collapsed, the attributes of one RDN are sorted.  Two names match
 * when their canonical forms are equal, and a name is in the subtree of another when its
 * form begins with the other's.  Knows nothing of certificates.
 */
#ifndef PORTCULLIS_PKI_NAME_H
#define PORTCULLIS_PKI_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/pki/der.h"

/* Both views belong to whoever read the name (struct cert, ...). */
struct name {
	struct bytes der;       /* the whole Name, tag and length included */
	struct bytes canonical; /* empty for the empty name */
};

/* One AttributeTypeAndValue. */
struct name_attribute {
	struct bytes oid;
	uint8_t tag; /* of the value */
	struct bytes value;
};

/* Room that the canonical form of len bytes of DER takes at most. */
static inline size_t
name_canonical_max(size_t len)
{
	return 4 * len + 64;
}

/* Reads a Name and appends its canonical form; returns the whole of it.  Malformed: the
 * reader's fault, and the buffer holds something unfinished. */
struct bytes name_read(struct der *der, struct buf *canonical);

/* Reads the contents of one RelativeDistinguishedName (a SET OF, or what stands under its
 * implicit tag) and appends its canonical form: the form of a name plus this is the form
 * of the name with the RDN added. */
void name_read_rdn(struct der *contents, struct buf *canonical);

/* Whether two Names in DER match (RFC 5280 7.1); false where one is malformed. */
bool name_equal(struct bytes a_der, struct bytes b_der);

/* Walks the attributes of a Name that name_read has passed, in the order written. */
struct name_walk {
	struct der rdns;
	struct der rdn;
	struct der_fault fault;
};
void name_walk_begin(struct name_walk *walk, struct bytes der);
bool name_walk_next(struct name_walk *walk, struct name_attribute *ret_attribute);

/* How many attributes of this type there are; the first of them in *ret_first. */
size_t name_find(struct bytes der, struct bytes oid, struct name_attribute *ret_first);

/* Appends an attribute's string as UTF-8; false (and nothing appended) where it is of no
 * string type. */
bool name_attribute_utf8(const struct name_attribute *attribute, struct buf *out);

/* "CN=sensor-7.plant.example, OU=OT, O=Plant, C=DE": as written, most specific first, foreign
 * text escaped; "(empty)" for the empty name. */
void name_text(struct bytes der, struct buf *out);

#endif

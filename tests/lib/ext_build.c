/* SPDX-License-Identifier: Apache-2.0
 *
 * Building extensions.
 */
#include "tests/lib/ext_build.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/pki/der.h"

/* One extension, opened by the caller, goes to the buffer. */
static void
ext_finish(struct der_build *build, struct buf *out)
{
	der_build_close_extension(build);
	buf_put_bytes(out, der_build_bytes(build));
	der_build_done(build);
}

static void
ext_begin(struct der_build *build, const char *oid, bool critical)
{
	der_build_init(build);
	der_build_open_extension(build, oid, critical);
}

/* An address, or two of one family with a slash between them; returns how many octets. */
static size_t
ext_ip(const char *text, uint8_t ret_octets[static 32])
{
	char copy[128], *mask;
	size_t len;

	snprintf(copy, sizeof copy, "%s", text);
	mask = strchr(copy, '/');
	if (mask != NULL)
		*mask++ = '\0';
	len = strchr(copy, ':') == NULL ? 4 : 16;
	if (inet_pton(len == 4 ? AF_INET : AF_INET6, copy, ret_octets) != 1)
		abort();
	if (mask == NULL)
		return len;
	if (inet_pton(len == 4 ? AF_INET : AF_INET6, mask, ret_octets + len) != 1)
		abort();
	return 2 * len;
}

static bool
ext_begins(const char *text, const char *prefix, const char **ret_rest)
{
	size_t len = strlen(prefix);

	*ret_rest = text + len;
	return strncmp(text, prefix, len) == 0;
}

void
ext_general_name(struct der_build *build, const char *text)
{
	uint8_t octets[32];
	const char *rest;

	if (ext_begins(text, "DNS:", &rest)) {
		der_build_text(build, DER_CONTEXT(2), rest);
	} else if (ext_begins(text, "email:", &rest)) {
		der_build_text(build, DER_CONTEXT(1), rest);
	} else if (ext_begins(text, "URI:", &rest)) {
		der_build_text(build, DER_CONTEXT(6), rest);
	} else if (ext_begins(text, "IP:", &rest)) {
		size_t len = ext_ip(rest, octets);

		der_build_value(build, DER_CONTEXT(7), octets, len);
	} else if (ext_begins(text, "DN:", &rest)) {
		der_build_open(build, DER_CONTEXT_CONSTRUCTED(4));
		der_build_name(build, rest);
		der_build_close(build);
	} else if (ext_begins(text, "RID:", &rest)) {
		struct der_build oid;

		der_build_init(&oid);
		der_build_oid(&oid, rest);
		der_build_value(build, DER_CONTEXT(8), oid.out.data + 2, oid.out.len - 2);
		der_build_done(&oid);
	} else if (ext_begins(text, "other:", &rest)) {
		der_build_open(build, DER_CONTEXT_CONSTRUCTED(0));
		der_build_oid(build, "1.2.3");
		der_build_open(build, DER_CONTEXT_CONSTRUCTED(0));
		der_build_text(build, DER_UTF8_STRING, rest);
		der_build_close(build);
		der_build_close(build);
	} else {
		abort();
	}
}

void
ext_subject_alt_name(struct buf *out, const char *const *names)
{
	struct der_build build;

	ext_begin(&build, "2.5.29.17", false);
	der_build_open(&build, DER_SEQUENCE);
	for (; *names != NULL; names++)
		ext_general_name(&build, *names);
	der_build_close(&build);
	ext_finish(&build, out);
}

static void
ext_subtrees(struct der_build *build, uint8_t tag, const char *const *names)
{
	if (names == NULL)
		return;
	der_build_open(build, tag);
	for (; *names != NULL; names++) {
		der_build_open(build, DER_SEQUENCE);
		ext_general_name(build, *names);
		der_build_close(build);
	}
	der_build_close(build);
}

void
ext_name_constraints(struct buf *out, const char *const *permitted, const char *const *excluded)
{
	struct der_build build;

	ext_begin(&build, "2.5.29.30", true);
	der_build_open(&build, DER_SEQUENCE);
	ext_subtrees(&build, DER_CONTEXT_CONSTRUCTED(0), permitted);
	ext_subtrees(&build, DER_CONTEXT_CONSTRUCTED(1), excluded);
	der_build_close(&build);
	ext_finish(&build, out);
}

void
ext_ext_key_usage(struct buf *out, const char *const *oids)
{
	struct der_build build;

	ext_begin(&build, "2.5.29.37", false);
	der_build_open(&build, DER_SEQUENCE);
	for (; *oids != NULL; oids++)
		der_build_oid(&build, *oids);
	der_build_close(&build);
	ext_finish(&build, out);
}

void
ext_policies(struct buf *out, const char *const *oids)
{
	struct der_build build;

	ext_begin(&build, "2.5.29.32", false);
	der_build_open(&build, DER_SEQUENCE);
	for (; *oids != NULL; oids++) {
		der_build_open(&build, DER_SEQUENCE);
		der_build_oid(&build, *oids);
		der_build_close(&build);
	}
	der_build_close(&build);
	ext_finish(&build, out);
}

void
ext_policy_mappings(struct buf *out, const char *const *oids)
{
	struct der_build build;

	ext_begin(&build, "2.5.29.33", true);
	der_build_open(&build, DER_SEQUENCE);
	for (; *oids != NULL; oids += 2) {
		der_build_open(&build, DER_SEQUENCE);
		der_build_oid(&build, oids[0]);
		der_build_oid(&build, oids[1]);
		der_build_close(&build);
	}
	der_build_close(&build);
	ext_finish(&build, out);
}

void
ext_policy_constraints(struct buf *out, int require_explicit, int inhibit_mapping)
{
	struct der_build build;

	ext_begin(&build, "2.5.29.36", true);
	der_build_open(&build, DER_SEQUENCE);
	if (require_explicit >= 0)
		der_build_u64(&build, DER_CONTEXT(0), (uint64_t)require_explicit);
	if (inhibit_mapping >= 0)
		der_build_u64(&build, DER_CONTEXT(1), (uint64_t)inhibit_mapping);
	der_build_close(&build);
	ext_finish(&build, out);
}

void
ext_inhibit_any_policy(struct buf *out, unsigned int skip)
{
	struct der_build build;

	ext_begin(&build, "2.5.29.54", true);
	der_build_u64(&build, DER_INTEGER, skip);
	ext_finish(&build, out);
}

void
ext_subject_key_id(struct buf *out, const char *id)
{
	struct der_build build;

	ext_begin(&build, "2.5.29.14", false);
	der_build_text(&build, DER_OCTET_STRING, id);
	ext_finish(&build, out);
}

void
ext_authority_key_id(struct buf *out, const char *id)
{
	struct der_build build;

	ext_begin(&build, "2.5.29.35", false);
	der_build_open(&build, DER_SEQUENCE);
	der_build_text(&build, DER_CONTEXT(0), id);
	der_build_close(&build);
	ext_finish(&build, out);
}

void
ext_crl_dist_points(struct buf *out, const char *const *urls)
{
	struct der_build build;

	ext_begin(&build, "2.5.29.31", false);
	der_build_open(&build, DER_SEQUENCE);
	for (; *urls != NULL; urls++) {
		der_build_open(&build, DER_SEQUENCE);
		der_build_open(&build, DER_CONTEXT_CONSTRUCTED(0));
		der_build_open(&build, DER_CONTEXT_CONSTRUCTED(0));
		der_build_text(&build, DER_CONTEXT(6), *urls);
		der_build_close(&build);
		der_build_close(&build);
		der_build_close(&build);
	}
	der_build_close(&build);
	ext_finish(&build, out);
}

void
ext_any(struct buf *out, const char *oid, bool critical, struct bytes value)
{
	struct der_build build;

	ext_begin(&build, oid, critical);
	der_build_raw(&build, value);
	ext_finish(&build, out);
}

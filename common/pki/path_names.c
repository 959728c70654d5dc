/* SPDX-License-Identifier: Apache-2.0
 *
 * Names that are asked for.  Only the subjectAltName counts, but for the identity of an
 * appliance, which is its CN.
 */
#include "common/pki/path_names.h"

#include <arpa/inet.h>

#include "common/base/buf.h"
#include "common/base/text.h"
#include "common/pki/dns_name.h"
#include "common/pki/identity.h"

static bool
path_email_matches(struct bytes name, struct bytes asked)
{
	struct bytes local, host, asked_local, asked_host;

	return email_split(name, &local, &host) &&
	       email_split(asked, &asked_local, &asked_host) &&
	       bytes_equal(local, asked_local) && text_equal_nocase(host, asked_host);
}

/* The octets of an address in text; 0 where it is none. */
static size_t
path_ip(const char *text, uint8_t ret_ip[static 16])
{
	if (inet_pton(AF_INET, text, ret_ip) == 1)
		return 4;
	return inet_pton(AF_INET6, text, ret_ip) == 1 ? 16 : 0;
}

static bool
path_san_matches(const struct cert *leaf, const struct path_name *asked)
{
	struct bytes value = bytes_of_text(asked->value);
	struct cert_san_walk walk;
	struct general_name name;
	uint8_t ip[16];
	size_t ip_len = asked->kind == PATH_NAME_IP ? path_ip(asked->value, ip) : 0;

	cert_san_begin(leaf, &walk);
	while (cert_san_next(&walk, &name)) {
		if (asked->kind == PATH_NAME_DNS && name.kind == GENERAL_NAME_DNS &&
		    dns_name_matches(name.value, value))
			return true;
		if (asked->kind == PATH_NAME_EMAIL && name.kind == GENERAL_NAME_EMAIL &&
		    path_email_matches(name.value, value))
			return true;
		if (ip_len > 0 && name.kind == GENERAL_NAME_IP &&
		    bytes_equal(name.value, bytes_of(ip, ip_len)))
			return true;
	}
	return false;
}

static bool
path_cn_matches(const struct cert *leaf, const char *asked)
{
	char identity[IDENTITY_SIZE];
	const char *why;

	return identity_of(leaf, identity, &why) == REASON_OK &&
	       identity_equal(bytes_of_text(identity), bytes_of_text(asked));
}

/* What the leaf has instead, for people. */
static void
path_names_text(const struct cert *leaf, struct buf *out)
{
	struct cert_san_walk walk;
	struct general_name name;
	const char *between = "";

	cert_san_begin(leaf, &walk);
	while (cert_san_next(&walk, &name)) {
		buf_put_text(out, between);
		general_name_text(&name, out);
		between = ", ";
	}
	if (*between == '\0')
		buf_put_text(out, "no subjectAltName");
}

static void
path_name_finding(const struct cert *leaf, const struct path_name *asked,
    struct findings *findings)
{
	static const char *const kinds[] = {"DNS", "IP", "email", "CN"};
	struct buf text;

	buf_init(&text, FINDING_DETAIL_SIZE);
	text_escape(&text, bytes_of_text(asked->value));
	buf_put_text(&text, "; it has ");
	if (asked->kind == PATH_NAME_CN)
		name_text(leaf->subject.der, &text);
	else
		path_names_text(leaf, &text);
	findings_add(findings, REASON_NAME_MISMATCH, 0, "not valid for %s:%s",
	    kinds[asked->kind], buf_text(&text));
	buf_done(&text);
}

void
path_names_check(const struct cert *leaf, const struct path_name *names, size_t count,
    struct findings *findings)
{
	for (size_t i = 0; i < count; i++) {
		bool matches = names[i].kind == PATH_NAME_CN
				   ? path_cn_matches(leaf, names[i].value)
				   : path_san_matches(leaf, &names[i]);

		if (!matches)
			path_name_finding(leaf, &names[i], findings);
	}
}

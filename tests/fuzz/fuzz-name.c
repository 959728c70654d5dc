/* SPDX-License-Identifier: Apache-2.0
 *
 * Names: distinguished ones, general ones, and what is made of hosts, mail addresses and
 * URIs.  Checks besides memory: a name matches itself and is below itself; what is shown is
 * printable; a host that is cut out of a URI is part of it.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/base/text.h"
#include "common/pki/dns_name.h"
#include "common/pki/general_name.h"
#include "common/pki/name.h"
#include "common/pki/oid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	FUZZ_TEXT_MAX = 1 << 20
};

static void
fuzz_check_text(struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		assert(text->data[i] >= 0x20 && text->data[i] != 0x7f);
	buf_clear(text);
}

/* Every attribute of a name that was taken can be walked to. */
static void
fuzz_attributes(struct bytes der)
{
	struct name_attribute attribute;
	struct name_walk walk;
	struct buf utf8;

	buf_init(&utf8, FUZZ_TEXT_MAX);
	name_walk_begin(&walk, der);
	while (name_walk_next(&walk, &attribute))
		(void)name_attribute_utf8(&attribute, &utf8);
	assert(walk.fault.what == NULL);
	(void)name_find(der, oid_common_name, &attribute);
	buf_done(&utf8);
}

static void
fuzz_distinguished(struct bytes input, struct buf *text)
{
	struct der_fault fault;
	struct der der = der_begin(input, &fault);
	struct bytes whole;
	struct buf form;

	buf_init(&form, name_canonical_max(input.len));
	whole = name_read(&der, &form);
	if (der_ok(&der)) {
		assert(buf_ok(&form));
		assert(name_equal(whole, whole));
		name_text(whole, text);
		assert(text->len > 0);
		fuzz_check_text(text);
		fuzz_attributes(whole);
	}
	buf_done(&form);
}

static void
fuzz_general(struct bytes input, struct buf *text)
{
	struct der_fault fault;
	struct der der = der_begin(input, &fault);
	struct general_name name;

	while (der_more(&der) && general_name_read(&der, &name)) {
		general_name_text(&name, text);
		fuzz_check_text(text);
	}
}

static void
fuzz_hosts(struct bytes input)
{
	struct bytes local, host;

	if (dns_name_valid(input)) {
		assert(dns_name_matches(input, input) || dns_name_is_ipv4(input));
		assert(!dns_name_is_wildcard(input));
	}
	if (email_split(input, &local, &host))
		assert(local.len + 1 + host.len == input.len);
	if (uri_host(input, &host))
		assert(host.data > input.data && host.len > 0 &&
		       host.data + host.len <= input.data + input.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes input = bytes_of(data, size);
	struct buf text;

	if (size > 1 << 16)
		return 0;
	buf_init(&text, FUZZ_TEXT_MAX);
	fuzz_distinguished(input, &text);
	fuzz_general(input, &text);
	fuzz_hosts(input);
	buf_done(&text);
	return 0;
}

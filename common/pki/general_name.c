/* SPDX-License-Identifier: Apache-2.0
 *
 * GeneralNames.
 */
#include "common/pki/general_name.h"

#include <arpa/inet.h>

#include "common/base/text.h"
#include "common/pki/name.h"

static const struct {
	uint8_t tag;
	const char *text;
} kinds[GENERAL_NAME_KIND_COUNT] = {
    [GENERAL_NAME_OTHER] = {DER_CONTEXT_CONSTRUCTED(0), "otherName"},
    [GENERAL_NAME_EMAIL] = {DER_CONTEXT(1), "email"},
    [GENERAL_NAME_DNS] = {DER_CONTEXT(2), "DNS"},
    [GENERAL_NAME_X400] = {DER_CONTEXT_CONSTRUCTED(3), "X400"},
    [GENERAL_NAME_DIRECTORY] = {DER_CONTEXT_CONSTRUCTED(4), "DN"},
    [GENERAL_NAME_EDI_PARTY] = {DER_CONTEXT_CONSTRUCTED(5), "EDI"},
    [GENERAL_NAME_URI] = {DER_CONTEXT(6), "URI"},
    [GENERAL_NAME_IP] = {DER_CONTEXT(7), "IP"},
    [GENERAL_NAME_REGISTERED_ID] = {DER_CONTEXT(8), "registeredID"},
};

const char *
general_name_kind_text(enum general_name_kind kind)
{
	return kinds[kind].text;
}

/* An IA5String for addresses: neither control characters nor anything past ASCII. */
static void
general_name_check_ia5(struct der *der, struct bytes value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] < 0x20 || value.data[i] > 0x7e)
			der_fail(der, "a general name has characters it must not have");
}

static void
general_name_check(struct der *der, struct general_name *name)
{
	struct der inside = der_inside(der, name->value), explicit;
	struct der_tlv any;
	struct buf sink;

	switch (name->kind) {
	case GENERAL_NAME_EMAIL:
	case GENERAL_NAME_DNS:
	case GENERAL_NAME_URI:
		general_name_check_ia5(der, name->value);
		return;
	case GENERAL_NAME_DIRECTORY:
		/* a buffer without room: the form is checked, nothing is kept */
		buf_init(&sink, 0);
		name->value = name_read(&inside, &sink);
		buf_done(&sink);
		der_end(&inside);
		return;
	case GENERAL_NAME_OTHER:
		der_oid(&inside, DER_OID);
		explicit = der_enter(&inside, DER_CONTEXT_CONSTRUCTED(0));
		der_any(&explicit, &any);
		der_end(&explicit);
		der_end(&inside);
		return;
	case GENERAL_NAME_REGISTERED_ID:
	case GENERAL_NAME_IP:
	case GENERAL_NAME_X400:
	case GENERAL_NAME_EDI_PARTY:
	case GENERAL_NAME_KIND_COUNT:
		return;
	}
}

bool
general_name_read(struct der *der, struct general_name *ret_name)
{
	struct der_tlv tlv;
	struct general_name name;

	if (!der_any(der, &tlv))
		return false;
	name.kind = (enum general_name_kind)(tlv.tag & 0x1f);
	name.whole = tlv.whole;
	name.value = tlv.value;
	if (name.kind >= GENERAL_NAME_KIND_COUNT || kinds[name.kind].tag != tlv.tag) {
		der_fail(der, "a general name of no known kind");
		return false;
	}
	general_name_check(der, &name);
	if (!der_ok(der))
		return false;
	*ret_name = name;
	return true;
}

static void
general_name_put_ip(struct bytes ip, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];

	if (ip.len == 4 || ip.len == 16) {
		inet_ntop(ip.len == 4 ? AF_INET : AF_INET6, ip.data, text, sizeof text);
		buf_put_text(out, text);
	} else if (ip.len == 8 || ip.len == 32) {
		general_name_put_ip(bytes_of(ip.data, ip.len / 2), out);
		buf_put_u8(out, '/');
		general_name_put_ip(bytes_of(ip.data + ip.len / 2, ip.len / 2), out);
	} else {
		text_hex(out, ip);
	}
}

void
general_name_text(const struct general_name *name, struct buf *out)
{
	buf_printf(out, "%s:", kinds[name->kind].text);
	switch (name->kind) {
	case GENERAL_NAME_EMAIL:
	case GENERAL_NAME_DNS:
	case GENERAL_NAME_URI:
		text_escape(out, name->value);
		return;
	case GENERAL_NAME_DIRECTORY:
		name_text(name->value, out);
		return;
	case GENERAL_NAME_IP:
		general_name_put_ip(name->value, out);
		return;
	case GENERAL_NAME_REGISTERED_ID:
	case GENERAL_NAME_OTHER:
	case GENERAL_NAME_X400:
	case GENERAL_NAME_EDI_PARTY:
	case GENERAL_NAME_KIND_COUNT:
		text_hex(out,
		    bytes_of(name->value.data, name->value.len < 32 ? name->value.len : 32));
		return;
	}
}

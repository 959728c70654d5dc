/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of extensions.
 */
#include "common/pki/extension.h"

void
extension_list_open(struct extension_list *list, struct der *der)
{
	list->der = der_enter(der, DER_SEQUENCE);
	list->count = 0;
	if (!der_more(&list->der))
		der_fail(der, "empty list of extensions");
}

/* Remembers the object identifier; faults where it was seen before. */
static void
extension_list_remember(struct extension_list *list, struct bytes oid)
{
	for (size_t i = 0; i < list->count; i++)
		if (bytes_equal(list->oids[i], oid))
			der_fail(&list->der, "an extension appears twice");
	if (list->count == EXTENSION_MAX) {
		der_fail(&list->der, "too many extensions");
		return;
	}
	list->oids[list->count++] = oid;
}

bool
extension_list_next(struct extension_list *list, struct extension *ret_extension)
{
	struct extension extension = {0};
	struct der item;

	if (!der_more(&list->der))
		return false;
	item = der_enter(&list->der, DER_SEQUENCE);
	extension.oid = der_oid(&item, DER_OID);
	if (der_next_is(&item, DER_BOOLEAN)) {
		extension.critical = der_boolean(&item, DER_BOOLEAN);
		extension.false_written = !extension.critical;
	}
	extension.value = der_value(&item, DER_OCTET_STRING);
	der_end(&item);
	if (der_ok(&item))
		extension_list_remember(list, extension.oid);
	if (!der_ok(&list->der))
		return false;
	*ret_extension = extension;
	return true;
}

int
extension_ce(const struct extension *extension)
{
	static const uint8_t arc[] = {0x55, 0x1d};
	struct bytes oid = extension->oid;

	if (oid.len != 3 || memcmp(oid.data, arc, sizeof arc) != 0)
		return -1;
	return oid.data[2];
}

struct der
extension_value(const struct extension_list *list, const struct extension *extension)
{
	return der_inside(&list->der, extension->value);
}

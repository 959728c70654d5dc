/* SPDX-License-Identifier: Apache-2.0
 *
 * Layouts of the messages of the key role.
 */
#include "common/wire/edge_key.h"

#define AT(message, member) offsetof(struct edge_key_##message, member)

const struct edge_field edge_key_sign_fields[] = {
    {EDGE_FIELD_U8, AT(sign, use)},
    {EDGE_FIELD_U32, AT(sign, generation)},
    {EDGE_FIELD_U16, AT(sign, scheme)},
    {EDGE_FIELD_BYTES, AT(sign, digest)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_key_signed_fields[] = {
    {EDGE_FIELD_U8, AT(signed, status)},
    {EDGE_FIELD_BYTES, AT(signed, signature)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_key_identity_fields[] = {
    {EDGE_FIELD_U8, AT(identity, use)},
    {EDGE_FIELD_U32, AT(identity, generation)},
    {EDGE_FIELD_U8, AT(identity, kind)},
    {EDGE_FIELD_LIST, AT(identity, chain)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_key_load_fields[] = {
    {EDGE_FIELD_U64, AT(load, id)},
    {EDGE_FIELD_U8, AT(load, use)},
    {EDGE_FIELD_BYTES, AT(load, passphrase)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_key_loaded_fields[] = {
    {EDGE_FIELD_U64, AT(loaded, id)},
    {EDGE_FIELD_U8, AT(loaded, status)},
    {EDGE_FIELD_U8, AT(loaded, reason)},
    {EDGE_FIELD_BYTES, AT(loaded, detail)},
    {EDGE_FIELD_LIST, AT(loaded, chain)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_key_install_fields[] = {
    {EDGE_FIELD_U64, AT(install, id)},
    {EDGE_FIELD_END, 0},
};

const struct edge_field edge_key_installed_fields[] = {
    {EDGE_FIELD_U64, AT(installed, id)},
    {EDGE_FIELD_U8, AT(installed, status)},
    {EDGE_FIELD_U32, AT(installed, generation)},
    {EDGE_FIELD_END, 0},
};

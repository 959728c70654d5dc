/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipes of CA certificates.  The first five are in every laboratory; the others are made
 * when the first certificate under them is.  The reason is that of a good certificate
 * issued by the CA.
 */
#include "pki-test/recipes/recipe.h"

#define A_CA   "ca=yes", "ku=certsign,crlsign", "eku=", "san=", "not-after=+3650d"
#define A_ROOT A_CA, "issuer=self", "cdp="
#define A_SUB  A_CA, "issuer=root"

const struct recipe recipe_cas[] = {
    {"root", RECIPE_CA, REASON_OK, RECIPE_ANY, RECIPE_CONNECT,
	"root of the appliances, their trust anchor", {A_ROOT, "cn=Example Plant Root CA"}},
    {"issuing", RECIPE_CA, REASON_OK, RECIPE_ANY, RECIPE_CONNECT,
	"issues the certificates of appliances", {A_SUB, "cn=Example Plant Issuing CA"}},
    {"other", RECIPE_CA, REASON_NO_ISSUER, RECIPE_ANY, RECIPE_CONNECT,
	"an unrelated root, trusted by nobody",
	{A_ROOT, "o=Elsewhere", "cn=Elsewhere Root CA"}},
    {"operator", RECIPE_CA, REASON_NO_ISSUER, RECIPE_ANY, RECIPE_CONNECT,
	"root for the page and its operators; a stranger among appliances",
	{A_ROOT, "cn=Example Plant Operator CA"}},
    {"forward", RECIPE_CA, REASON_NO_ISSUER, RECIPE_ANY, RECIPE_CONNECT,
	"root for third parties events are forwarded to; a stranger among appliances",
	{A_ROOT, "cn=Example Plant Forwarding CA"}},

    {"deep-ca", RECIPE_CA, REASON_OK, RECIPE_ANY, RECIPE_CONNECT,
	"one of the further CAs of deep=N", {A_CA, "cn=Example Plant %c CA"}},
    {"impostor-root", RECIPE_CA, REASON_SIGNATURE, RECIPE_ANY, RECIPE_CONNECT,
	"the name of the root and another key", {A_ROOT, "cn=Example Plant Root CA"}},
    {"impostor-issuing", RECIPE_CA, REASON_SIGNATURE, RECIPE_ANY, RECIPE_CONNECT,
	"the name of the issuing CA and another key, from the impostor root",
	{A_CA, "issuer=impostor-root", "cdp=%uroot.crl", "cn=Example Plant Issuing CA"}},
    {"revoked-ca", RECIPE_CA, REASON_REVOKED, RECIPE_ANY, RECIPE_CONNECT, "revoked by the root",
	{A_SUB, "cn=Example Plant Revoked CA", "revoke=cACompromise"}},
    {"expired-ca", RECIPE_CA, REASON_EXPIRED, RECIPE_ANY, RECIPE_CONNECT, "ran out yesterday",
	{A_SUB, "cn=Example Plant Expired CA", "not-before=-800d", "not-after=-1d"}},
    {"future-ca", RECIPE_CA, REASON_NOT_YET_VALID, RECIPE_ANY, RECIPE_CONNECT,
	"valid from tomorrow", {A_SUB, "cn=Example Plant Future CA", "not-before=+1d"}},
    {"ca-false", RECIPE_CA, REASON_NOT_A_CA, RECIPE_ANY, RECIPE_CONNECT,
	"basicConstraints say CA:FALSE", {A_SUB, "cn=Example Plant False CA", "ca=no"}},
    {"ca-absent", RECIPE_CA, REASON_NOT_A_CA, RECIPE_ANY, RECIPE_CONNECT, "no basicConstraints",
	{A_SUB, "cn=Example Plant Unmarked CA", "ca=absent"}},
    {"ca-v1", RECIPE_CA, REASON_NOT_A_CA, RECIPE_ANY, RECIPE_CONNECT,
	"version 1, no extensions", {A_SUB, "cn=Example Plant Old CA", "version=1"}},
    {"ca-appliance", RECIPE_CA, REASON_KEY_USAGE, RECIPE_ANY, RECIPE_CONNECT,
	"an appliance's certificate marked CA:TRUE, used to issue another",
	{A_SUB, "issuer=issuing", "cn=ca-appliance.%d", "ku=ds,ke,ka", "eku=server,client"}},
    {"pathlen-ca", RECIPE_CA, REASON_OK, RECIPE_ANY, RECIPE_CONNECT, "pathLenConstraint 0",
	{A_SUB, "cn=Example Plant Short CA", "pathlen=0"}},
    {"below-pathlen-ca", RECIPE_CA, REASON_PATH_LENGTH, RECIPE_ANY, RECIPE_CONNECT,
	"issued by a CA that may issue no CA",
	{A_CA, "issuer=pathlen-ca", "cn=Example Plant Too Deep CA"}},
    {"no-certsign-ca", RECIPE_CA, REASON_KEY_USAGE, RECIPE_ANY, RECIPE_CONNECT,
	"keyUsage without keyCertSign", {A_SUB, "cn=Example Plant Unsigning CA", "ku=crlsign"}},
    {"no-crlsign-ca", RECIPE_CA, REASON_CRL_SIGNER_KEYUSAGE, RECIPE_ANY, RECIPE_CONNECT,
	"keyUsage without cRLSign", {A_SUB, "cn=Example Plant Listless CA", "ku=certsign"}},
    {"eku-ca", RECIPE_CA, REASON_EXT_KEY_USAGE, RECIPE_ANY, RECIPE_CONNECT,
	"extended key usage codeSigning only", {A_SUB, "cn=Example Plant Code CA", "eku=code"}},
    {"weak-ca", RECIPE_CA, REASON_WEAK_KEY, RECIPE_ANY, RECIPE_CONNECT,
	"an RSA key of 1024 bits", {A_SUB, "cn=Example Plant Weak CA", "key=rsa1024"}},
    {"sha1-ca", RECIPE_CA, REASON_WEAK_SIGNATURE, RECIPE_ANY, RECIPE_CONNECT,
	"signed with SHA-1", {A_SUB, "cn=Example Plant SHA-1 CA", "hash=sha1"}},
    {"p256-ca", RECIPE_CA, REASON_PROFILE_HASH, RECIPE_ANY, RECIPE_CONNECT,
	"a P-256 key: signs with ECDSA", {A_SUB, "cn=Example Plant ECDSA CA", "key=p256"}},
    {"critical-ca", RECIPE_CA, REASON_CRITICAL_EXTENSION, RECIPE_ANY, RECIPE_CONNECT,
	"a critical extension nobody knows",
	{A_SUB, "cn=Example Plant Riddle CA", "unknown-critical=yes"}},
    {"nc-dns-ca", RECIPE_CA, REASON_NAME_CONSTRAINTS, RECIPE_ANY, RECIPE_CONNECT,
	"may issue only below allowed.example",
	{A_SUB, "cn=Example Plant DNS CA", "nc-permit=dns:allowed.example"}},
    {"nc-excluded-ca", RECIPE_CA, REASON_NAME_CONSTRAINTS, RECIPE_ANY, RECIPE_CONNECT,
	"may not issue in the domain of the laboratory",
	{A_SUB, "cn=Example Plant Outside CA", "nc-exclude=dns:%d"}},
    {"nc-dir-ca", RECIPE_CA, REASON_NAME_CONSTRAINTS, RECIPE_ANY, RECIPE_CONNECT,
	"may issue only subjects of another organization",
	{A_SUB, "cn=Example Plant Directory CA", "nc-permit=dir:Somebody Else"}},
    {"huge-ca", RECIPE_CA, REASON_LIMITS, RECIPE_ANY, RECIPE_CONNECT,
	"a certificate larger than 64 KiB", {A_SUB, "cn=Example Plant Huge CA", "pad=70000"}},
    {"mismatched-ca", RECIPE_CA, REASON_PARSE, RECIPE_ANY, RECIPE_CONNECT,
	"signed and unsigned signature algorithm differ",
	{A_SUB, "cn=Example Plant Two-faced CA", "inner-hash=sha1"}},
};

const size_t recipe_ca_count = sizeof(recipe_cas) / sizeof(recipe_cas[0]);

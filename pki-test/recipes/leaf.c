/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipes of appliance and server certificates, in the order of the reason table.  The
 * reason is what a verifier with the appliance profile, strict revocation and the CRLs of
 * the laboratory at hand must report first for the purpose of the row; for wrong-name when
 * it expects the CN that was asked for.
 */
#include "pki-test/recipes/recipe.h"

#define LEAF_ROW(name, reason, purpose, phase, what, ...)                                   \
	{                                                                                   \
		name, RECIPE_LEAF, REASON_##reason, RECIPE_##purpose, RECIPE_##phase, what, \
		{                                                                           \
			__VA_ARGS__                                                         \
		}                                                                           \
	}
#define LEAF(name, reason, what, ...) LEAF_ROW(name, reason, ANY, CONNECT, what, __VA_ARGS__)
#define LEAF_FOR(name, reason, purpose, what, ...) \
	LEAF_ROW(name, reason, purpose, CONNECT, what, __VA_ARGS__)
#define LEAF_INSTALL(name, reason, what, ...) \
	LEAF_ROW(name, reason, ANY, INSTALL, what, __VA_ARGS__)

/* What keeps a strange CN from being a strange SAN as well. */
#define ONLY_CN(cn) "san=", "cn=" cn

const struct recipe recipe_leaves[] = {
    /* right */
    LEAF("good", OK, "what an appliance should have", NULL),
    LEAF("good-rsa4096", OK, "an RSA key of 4096 bits", "key=rsa4096"),
    LEAF("good-sha384", OK, "signed with SHA-384", "hash=sha384"),
    LEAF("good-sha512", OK, "signed with SHA-512", "hash=sha512"),
    LEAF("good-no-san", OK, "no subject alternative name: the CN is the name", "san="),
    LEAF("good-no-eku", OK, "no extended key usage: any use", "eku="),
    LEAF("good-any-eku", OK, "extended key usage any", "eku=any"),
    LEAF("good-no-ku", OK, "no key usage: any use", "ku="),
    LEAF("good-ca-true", OK, "marked CA:TRUE: accepted with the warning leaf-is-ca", "ca=yes",
	"ku=ds,ke,ka"),
    LEAF("good-printable", OK, "subject in PrintableString", "dn-string=printable"),
    LEAF("good-2050", OK, "valid beyond 2049: GeneralizedTime",
	"not-after=2060-01-01T00:00:00Z"),
    LEAF("good-deep", OK, "nine certificates below the root", "deep=7"),
    LEAF("good-backwards", OK, "the chain file in the wrong order", "deep=2",
	"chain=backwards"),
    LEAF("good-with-root", OK, "the chain file with the root", "chain=with-root"),
    LEAF("good-two-cdps", OK, "two URLs in the distribution point",
	"cdp=%unowhere.crl,%u%n.crl"),
    LEAF("good-negative-serial", OK, "a negative serial number: borne (RFC 5280 4.1.2.2)",
	"serial=a501020304050607"),
    LEAF("good-pathlen", OK, "issued by a CA with pathLenConstraint 0", "issuer=pathlen-ca"),
    LEAF_FOR("good-client-only", OK, CLIENT, "extended key usage clientAuth, for who dials",
	"eku=client"),
    LEAF_FOR("good-server-only", OK, SERVER, "extended key usage serverAuth, for who listens",
	"eku=server"),

    /* parse */
    LEAF("truncated", PARSE, "the end is missing", "mangle=truncated"),
    LEAF("trailing-garbage", PARSE, "octets after the certificate", "mangle=trailing"),
    LEAF("long-length", PARSE, "a length with a leading zero octet: BER, not DER",
	"mangle=long-length"),
    LEAF("indefinite-length", PARSE, "indefinite length: BER, not DER", "mangle=indefinite"),
    LEAF("wrong-tag", PARSE, "a SET where a SEQUENCE belongs", "mangle=wrong-tag"),
    LEAF("empty", PARSE, "no octets at all", "mangle=empty"),
    LEAF("noise", PARSE, "octets without meaning", "mangle=noise"),
    LEAF("bad-bit-string", PARSE, "a signature of nine unused bits", "mangle=bit-string"),
    LEAF("bad-boolean", PARSE, "CA:TRUE written as 0x01: BER, not DER", "ca=ber"),
    LEAF("month13", PARSE, "valid until the thirteenth month", "time-form=month13"),
    LEAF("duplicate-extension", PARSE, "basicConstraints twice", "duplicate=yes"),
    LEAF("v1-extensions", PARSE, "extensions in version 1", "version=1", "extensions=yes"),
    LEAF("version-4", PARSE, "a version that does not exist", "version=4"),
    LEAF("algorithm-mismatch", PARSE, "signed and unsigned signature algorithm differ",
	"inner-hash=sha384"),
    LEAF("mismatched-issuer", PARSE, "issued by a CA whose two signature algorithms differ",
	"issuer=mismatched-ca"),
    LEAF("empty-serial", PARSE, "a serial number of no octets", "serial=-"),
    LEAF("padded-serial", PARSE, "a serial number with needless leading zeros",
	"serial=00000001a5"),
    LEAF("long-serial", PARSE, "a serial number of 21 octets",
	"serial=5a0102030405060708090a0b0c0d0e0f1011121314"),

    /* limits */
    LEAF("huge", LIMITS, "a certificate larger than 64 KiB", "pad=70000"),
    LEAF("huge-issuer", LIMITS, "issued by a CA whose certificate is larger than 64 KiB",
	"issuer=huge-ca"),
    LEAF("too-deep", LIMITS, "a chain of 13 certificates", "deep=11"),

    /* no issuer, signature */
    LEAF("wrong-ca", NO_ISSUER, "issued by an unrelated root", "issuer=other"),
    LEAF("operator-ca", NO_ISSUER, "issued by the CA of another purpose: operator",
	"issuer=operator"),
    LEAF("forward-ca", NO_ISSUER, "issued by the CA of another purpose: forward",
	"issuer=forward"),
    LEAF("self-signed", NO_ISSUER, "signed by its own key", "issuer=self", "cdp="),
    LEAF("no-chain", NO_ISSUER, "the intermediate certificate is not sent", "chain=none"),
    LEAF("same-dn-other-key", SIGNATURE, "from a copy of the whole hierarchy with other keys",
	"issuer=impostor-issuing", "cdp=%uissuing.crl"),
    LEAF("bad-signature", SIGNATURE, "one octet of the signature is wrong",
	"bad-signature=yes"),

    /* algorithms */
    LEAF("weak-rsa512", WEAK_KEY, "an RSA key of 512 bits", "key=rsa512"),
    LEAF("weak-rsa1024", WEAK_KEY, "an RSA key of 1024 bits", "key=rsa1024"),
    LEAF("weak-issuer", WEAK_KEY, "issued by a CA with an RSA key of 1024 bits",
	"issuer=weak-ca"),
    LEAF("explicit-curve", WEAK_KEY, "explicit EC parameters instead of a named curve",
	"key=p256explicit", "ku=ds"),
    LEAF("sha1", WEAK_SIGNATURE, "signed with SHA-1", "hash=sha1"),
    LEAF("md5", WEAK_SIGNATURE, "signed with MD5", "hash=md5"),
    LEAF("sha1-issuer", WEAK_SIGNATURE, "issued by a CA whose certificate is signed with SHA-1",
	"issuer=sha1-ca"),

    /* issuers that may not */
    LEAF("issuer-ca-false", NOT_A_CA, "issued by a certificate with CA:FALSE",
	"issuer=ca-false"),
    LEAF("issuer-no-basic-constraints", NOT_A_CA,
	"issued by a certificate without basicConstraints", "issuer=ca-absent"),
    LEAF("issuer-v1", NOT_A_CA, "issued by a version 1 certificate", "issuer=ca-v1"),
    LEAF("pathlen-exceeded", PATH_LENGTH, "below a CA that may issue no CA",
	"issuer=below-pathlen-ca"),
    LEAF("issuer-no-certsign", KEY_USAGE, "issued by a CA without keyCertSign",
	"issuer=no-certsign-ca"),
    LEAF("issuer-appliance", KEY_USAGE, "issued by an appliance marked CA:TRUE",
	"issuer=ca-appliance"),
    LEAF("no-digital-signature", KEY_USAGE, "keyUsage without digitalSignature", "ku=ke"),
    LEAF("unknown-critical", CRITICAL_EXTENSION, "a critical extension nobody knows",
	"unknown-critical=yes"),
    LEAF("issuer-unknown-critical", CRITICAL_EXTENSION,
	"issued by a CA with a critical extension nobody knows", "issuer=critical-ca"),
    LEAF("nc-dns", NAME_CONSTRAINTS, "outside the permitted DNS subtree", "issuer=nc-dns-ca"),
    LEAF("nc-dns-excluded", NAME_CONSTRAINTS, "inside an excluded DNS subtree",
	"issuer=nc-excluded-ca"),
    LEAF("nc-directory", NAME_CONSTRAINTS, "subject outside the permitted directory name",
	"issuer=nc-dir-ca"),

    /* dates */
    LEAF("not-yet-valid", NOT_YET_VALID, "valid from tomorrow", "not-before=+1d"),
    LEAF("issuer-not-yet-valid", NOT_YET_VALID, "issued by a CA valid from tomorrow",
	"issuer=future-ca"),
    LEAF("expired", EXPIRED, "ran out yesterday", "not-before=-366d", "not-after=-1d"),
    LEAF("issuer-expired", EXPIRED, "issued by a CA that ran out yesterday",
	"issuer=expired-ca"),

    /* uses and names */
    LEAF_FOR("eku-client-listens", EXT_KEY_USAGE, SERVER, "clientAuth only, where it listens",
	"eku=client"),
    LEAF_FOR("eku-server-dials", EXT_KEY_USAGE, CLIENT, "serverAuth only, where it dials",
	"eku=server"),
    LEAF("empty-eku", EXT_KEY_USAGE, "an extended key usage without any", "eku=empty-list"),
    LEAF("eku-code", EXT_KEY_USAGE, "codeSigning only", "eku=code"),
    LEAF("issuer-eku", EXT_KEY_USAGE, "issued by a CA for codeSigning only", "issuer=eku-ca"),
    LEAF("wrong-name", NAME_MISMATCH, "of another host than the one asked for",
	"cn=elsewhere.%d", "san=dns:elsewhere.%d"),
    LEAF("san-other", PROFILE_CN, "the SAN has another name than the CN",
	"san=dns:elsewhere.%d"),
    LEAF("san-nul", PARSE, "the SAN has a NUL after the name",
	"san=dns:%c\\x00.attacker.example"),

    /* revocation */
    LEAF("revoked", REVOKED, "revoked: keyCompromise", "revoke=keyCompromise"),
    LEAF("revoked-no-reason", REVOKED, "revoked without reason code", "revoke=unspecified"),
    LEAF("revoked-hold", REVOKED, "revoked: certificateHold", "revoke=certificateHold"),
    LEAF("issuer-revoked", REVOKED, "issued by a revoked CA", "issuer=revoked-ca"),
    LEAF("issuer-no-crlsign", CRL_SIGNER_KEYUSAGE, "issued by a CA that may not sign CRLs",
	"issuer=no-crlsign-ca"),

    /* appliance profile */
    LEAF("ecdsa", PROFILE_KEY, "a P-256 key", "key=p256", "ku=ds"),
    LEAF("ed25519", PROFILE_KEY, "an Ed25519 key", "key=ed25519", "ku=ds"),
    LEAF("rsa-pss-key", PROFILE_KEY, "an RSASSA-PSS key", "key=rsapss2048", "ku=ds"),
    LEAF("rsa-pss", PROFILE_HASH, "signed with RSASSA-PSS", "pss=yes"),
    LEAF("ecdsa-issuer", PROFILE_HASH, "signed with ECDSA by a P-256 CA", "issuer=p256-ca"),
    LEAF("cn-missing", PROFILE_CN, "no CN", "cn=", "san=dns:%c"),
    LEAF("cn-two", PROFILE_CN, "two CNs", "cn2=second.%d", "san="),
    LEAF("cn-nul", PROFILE_CN, "a NUL after the name", ONLY_CN("%c\\x00.attacker.example")),
    LEAF("cn-markup", PROFILE_CN, "HTML in the CN", ONLY_CN("<script>alert(1)</script>")),
    LEAF("cn-escapes", PROFILE_CN, "terminal escapes in the CN",
	ONLY_CN("\\x1b[2J\\x1b[31m%c\\x1b[0m")),
    LEAF("cn-bidi", PROFILE_CN, "right-to-left override in the CN",
	ONLY_CN("sensor-\\xe2\\x80\\xaemoc.elpmaxe")),
    LEAF("cn-newline", PROFILE_CN, "a newline and a forged log line in the CN",
	ONLY_CN("%c\\nok: accepted")),
    LEAF("cn-space", PROFILE_CN, "words instead of a domain name", ONLY_CN("Sensor seven")),
    LEAF("cn-utf8", PROFILE_CN, "letters outside ASCII in the CN",
	ONLY_CN("s\\xc3\\xa4nsor.%d")),
    LEAF("cn-invalid-utf8", PARSE, "an octet that is not UTF-8 in the CN",
	ONLY_CN("sensor\\xff.%d")),
    LEAF("cn-long", PROFILE_CN, "a CN of more than 64 octets",
	ONLY_CN("a-name-that-is-too-long.by-some-labels-and-then-a-few-more."
		"for-an-appliance.example")),
    LEAF("cn-wildcard", PROFILE_WILDCARD, "*.domain", ONLY_CN("*.%d")),
    LEAF_INSTALL("c-missing", PROFILE_SUBJECT, "no country", "c="),
    LEAF_INSTALL("o-missing", PROFILE_SUBJECT, "no organization", "o="),
    LEAF_INSTALL("ou-missing", PROFILE_SUBJECT, "no organizational unit", "ou="),
    LEAF_INSTALL("cdp-https", PROFILE_CDP, "an https:// distribution point",
	"cdp=https://crl.%d/issuing.crl"),
    LEAF_INSTALL("cdp-missing", PROFILE_CDP, "no distribution point", "cdp="),
    LEAF_INSTALL("cdp-ldap", PROFILE_CDP, "an ldap:// distribution point",
	"cdp=ldap://ldap.%d/cn=crl?certificateRevocationList"),
    LEAF_INSTALL("v1", PROFILE_CDP, "version 1, without extensions", "version=1"),
};

const size_t recipe_leaf_count = sizeof(recipe_leaves) / sizeof(recipe_leaves[0]);

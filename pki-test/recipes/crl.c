/* SPDX-License-Identifier: Apache-2.0
 *
 * Recipes of CRLs.  The reason is what a strict verifier must report for a good certificate
 * whose issuer published nothing but this CRL; for rolled-back: when offered after the
 * one it is older than.
 */
#include "pki-test/recipes/recipe.h"

#define CRL(name, reason, what, ...)                                                 \
	{                                                                            \
		name, RECIPE_CRL, REASON_##reason, RECIPE_ANY, RECIPE_CONNECT, what, \
		{                                                                    \
			__VA_ARGS__                                                  \
		}                                                                    \
	}

const struct recipe recipe_crls[] = {
    CRL("current", OK, "what a CA should publish", NULL),
    CRL("no-reasons", OK, "entries without reason codes", "reasons=no"),
    CRL("pem", OK, "PEM instead of DER", "pem=yes"),
    CRL("no-aki", OK, "no authority key identifier", "aki=absent"),
    CRL("idp-match", OK, "issuing distribution point of the certificates", "idp-uri=%u%n.crl"),
    CRL("long-serial-entry", OK, "an entry with one octet more than a serial number has",
	"entry-serial=5a0102030405060708090a0b0c0d0e0f1011121314"),

    CRL("forged", CRL_SIGNATURE, "the name of the CA, signed by another key, nothing revoked",
	"signer=impostor-issuing", "aki=absent", "omit=yes", "number=999"),
    CRL("bad-signature", CRL_SIGNATURE, "one octet of the signature is wrong",
	"bad-signature=yes"),
    CRL("other-issuer", CRL_MISSING, "the CRL of an unrelated CA", "issuer=other",
	"signer=other"),

    CRL("stale", CRL_EXPIRED, "past its nextUpdate", "this-update=-30d", "next-update=-1d"),
    CRL("not-yet-valid", CRL_NOT_YET_VALID, "thisUpdate tomorrow", "this-update=+1d",
	"next-update=+8d"),
    CRL("no-next-update", CRL_MALFORMED, "without nextUpdate", "next-update="),
    CRL("rolled-back", CRL_ROLLBACK, "an older CRL, from before anything was revoked",
	"number=previous", "this-update=-2d", "next-update=+5d", "omit=yes"),

    CRL("idp-mismatch", CRL_SCOPE, "issuing distribution point of other certificates",
	"idp-uri=%uelsewhere.crl"),
    CRL("idp-only-ca", CRL_SCOPE, "covers CA certificates only", "idp-only=ca"),
    CRL("idp-only-attribute", CRL_SCOPE, "covers attribute certificates only",
	"idp-only=attribute"),
    CRL("idp-reasons", CRL_MISSING, "covers some reasons only", "idp-reasons=yes"),
    CRL("indirect", OK, "an indirect CRL with entries of another CA", "idp-indirect=yes",
	"entries=3", "entry-issuer=other"),
    CRL("delta", CRL_MISSING, "a delta CRL without its base", "delta=previous"),
    CRL("unknown-critical", CRL_CRITICAL_EXTENSION, "a critical extension nobody knows",
	"unknown-critical=yes"),
    CRL("entry-critical", CRL_CRITICAL_EXTENSION,
	"entries with a critical extension nobody knows", "entries=3", "entry-critical=yes"),

    CRL("no-number", CRL_MALFORMED, "without CRL number", "number="),
    CRL("number-critical", CRL_MALFORMED, "the CRL number is critical", "number-critical=yes"),
    CRL("v1", OK, "version 1, without extensions", "version=1", "reasons=no"),
    CRL("v3", CRL_MALFORMED, "a version that does not exist", "version=3"),
    CRL("idp-empty", CRL_MALFORMED, "an empty issuing distribution point", "idp-empty=yes"),
    CRL("empty-list", CRL_MALFORMED, "an empty list of revoked certificates instead of none",
	"omit=yes", "empty-list=yes"),
    CRL("algorithm-mismatch", CRL_MALFORMED, "signed and unsigned signature algorithm differ",
	"inner-hash=sha384"),
    CRL("generalized-time", CRL_MALFORMED, "GeneralizedTime before 2050",
	"time-form=generalized"),
    CRL("month13", CRL_MALFORMED, "thirteenth month", "time-form=month13"),
    CRL("truncated", CRL_MALFORMED, "the end is missing", "mangle=truncated"),
    CRL("trailing-garbage", CRL_MALFORMED, "octets after the CRL", "mangle=trailing"),
    CRL("long-length", CRL_MALFORMED, "a length with a leading zero octet",
	"mangle=long-length"),
    CRL("indefinite-length", CRL_MALFORMED, "indefinite length", "mangle=indefinite"),
    CRL("wrong-tag", CRL_MALFORMED, "a SET where a SEQUENCE belongs", "mangle=wrong-tag"),
    CRL("empty", CRL_MALFORMED, "no octets at all", "mangle=empty"),
    CRL("noise", CRL_MALFORMED, "octets without meaning", "mangle=noise"),
    CRL("html", CRL_MALFORMED, "a web page", "mangle=html"),
    CRL("bad-bit-string", CRL_MALFORMED, "a signature of nine unused bits",
	"mangle=bit-string"),

    CRL("sha1", CRL_SIGNATURE, "signed with SHA-1", "hash=sha1"),
    CRL("rsa-pss", OK, "signed with RSASSA-PSS", "pss=yes"),
    CRL("huge", OK, "100,000 revoked certificates with reason codes", "entries=100000"),
    CRL("too-large", CRL_TOO_LARGE, "larger than 64 MiB", "pad=68000000"),
    CRL("all-hold", OK, "what is revoked is on hold", "reasons=certificateHold"),
    CRL("remove-from-crl", OK, "removeFromCRL where only a delta may say so",
	"reasons=removeFromCRL"),
};

const size_t recipe_crl_count = sizeof(recipe_crls) / sizeof(recipe_crls[0]);

# SPDX-License-Identifier: Apache-2.0
"""Why we accept mutants that GnuTLS or OpenSSL reject: one row for each known difference.

A row applies when the reference, its answer and the predicate fit; the predicate looks at
the mutant's certificates, so that it explains this case and not the next one.
"""

import re

import der

AUTHORITY_KEY = "551d23"
SUBJECT_KEY = "551d0e"
KEY_USAGE = "551d0f"
BASIC_CONSTRAINTS = "551d13"
NAME_CONSTRAINTS = "551d1e"
EXT_KEY_USAGE = "551d25"
ANY_EXT_KEY_USAGE = bytes.fromhex("0604551d2500")
# read where revocation or fetching is asked about, which it is not here
UNREAD = ("551d1f", "551d2e", "551d12", "2b06010505070101", "2b0601050507010b")
# processed by us, critical or not
PROCESSED = ("551d1e", "551d20", "551d21", "551d24", "551d36", "551d2e", "551d1f", "551d12")
STRING_TAGS = (0x0C, 0x12, 0x13, 0x14, 0x16, 0x1C, 0x1E)
SUBJECT_ALT_NAME = "551d11"


def value_of(cert, oid):
    extension = cert.extension(oid)
    return None if extension is None else extension.children[-1].encode()


def extension_changed(mutant, *oids):
    return any(value_of(mutant.changed, oid) != value_of(mutant.original, oid) for oid in oids)


def key_identifiers_changed(mutant):
    return extension_changed(mutant, AUTHORITY_KEY, SUBJECT_KEY)


def issuers_share_a_name(mutant):
    """More than one certificate may be the issuer, and key identifiers were changed."""
    certs = [der.Certificate(cert) for cert in mutant.family.certs]
    subjects = [cert.part(cert.subject).encode() for cert in certs]
    return key_identifiers_changed(mutant) and len(set(subjects)) < len(subjects)


def needless(mutant):
    """We accept the chain without the changed certificate too."""
    return mutant.index > 0 and mutant.accepted_without()


def names_differ_in_bytes(mutant):
    """An issuer and a subject that match, but are not encoded alike."""
    certs = [der.Certificate(cert) for cert in mutant.family.certs]
    certs[mutant.index] = mutant.changed
    for index, signer in enumerate(mutant.family.signers):
        issuer = certs[index].part(certs[index].issuer).encode()
        if issuer != certs[signer].part(certs[signer].subject).encode():
            return True
    return False


def unread_extension_changed(mutant):
    return extension_changed(mutant, *UNREAD)


def critical_but_processed(mutant):
    for extension in (mutant.changed.extensions() or der.Node(0, children=[])).children:
        if (len(extension.children) > 2 and extension.children[1].tag == 0x01
                and extension.children[0].contents.hex() in PROCESSED):
            return True
    return False


def leaf_key_usage_changed(mutant):
    return mutant.index == 0 and extension_changed(mutant, KEY_USAGE)


def anchor_without_basic_constraints(mutant):
    return mutant.where() == "anchor" and mutant.changed.extension(BASIC_CONSTRAINTS) is None


def attribute_is_no_string(mutant):
    cert = mutant.changed
    values = [attribute.children[-1].tag for part in (cert.issuer, cert.subject)
              for rdn in cert.part(part).children for attribute in rdn.children or []
              if attribute.children]
    return any(tag not in STRING_TAGS for tag in values)


def constraint_on_other_kinds(mutant):
    """Name constraints for kinds of names that the leaf does not have."""
    certs = [der.Certificate(cert) for cert in mutant.family.certs] + [mutant.changed]
    return any(cert.extension(NAME_CONSTRAINTS) for cert in certs)


def empty_email_constraint(mutant):
    return b"\x81\x00" in (value_of(mutant.changed, NAME_CONSTRAINTS) or b"")


def any_extended_key_usage(mutant):
    return (extension_changed(mutant, EXT_KEY_USAGE)
            and ANY_EXT_KEY_USAGE in (value_of(mutant.changed, EXT_KEY_USAGE) or b""))


def ends_this_second(mutant):
    validity = mutant.changed.part(mutant.changed.validity)
    now = mutant.family.time.translate(str.maketrans("", "", "-:T")).encode()
    return validity.children[-1].contents in (now, now[2:])


def path_length_with_self_issued(mutant):
    return extension_changed(mutant, BASIC_CONSTRAINTS) and len(mutant.certs) > 2


def alternative_name_changed(mutant):
    return extension_changed(mutant, SUBJECT_ALT_NAME)


IDENTIFIERS = "key identifiers help to find issuers, no more (RFC 5280 6.1, RFC 4158 3.5)"
SEARCH = "of several issuers with one name each is tried (RFC 4158)"

# (reference, its answer, predicate, why we accept)
TABLE = [
    ("gnutls", "0x42", key_identifiers_changed, IDENTIFIERS),
    ("openssl", "20|30", key_identifiers_changed, IDENTIFIERS),
    ("gnutls", "0x402", issuers_share_a_name, SEARCH),
    ("openssl", "7|10|19", issuers_share_a_name, SEARCH),
    ("gnutls", ".*", needless, "a certificate that is not on the path may be anything"),
    ("openssl", ".*", needless, "a certificate that is not on the path may be anything"),
    ("gnutls", "0x42", names_differ_in_bytes,
     "names match by RFC 5280 7.1, not byte for byte"),
    ("openssl", "20", names_differ_in_bytes,
     "controls in names map to nothing (RFC 4518 2.2, by RFC 5280 7.1)"),
    ("openssl", "20", unread_extension_changed,
     "extensions on where to find CRLs and certificates are read where revocation is asked"),
    ("gnutls", "0x40002", any_extended_key_usage,
     "anyExtendedKeyUsage is any use (RFC 5280 4.2.1.12)"),
    ("openssl", "26", any_extended_key_usage,
     "anyExtendedKeyUsage is any use (RFC 5280 4.2.1.12)"),
    ("openssl", "10", ends_this_second, "notAfter is the last valid moment (RFC 5280 4.1.2.5)"),
    ("openssl", "34", critical_but_processed, "a critical extension that we process"),
    ("gnutls", "0x200002", critical_but_processed, "a critical extension that we process"),
    ("openssl", "26", leaf_key_usage_changed,
     "keyUsage of the leaf is asked for by option and by the appliance profile"),
    ("openssl", "79", anchor_without_basic_constraints,
     "an anchor is a name and a key; basicConstraints count where they are (RFC 5280 6.1.1 (d))"),
    ("gnutls", "0x82", anchor_without_basic_constraints,
     "an anchor is a name and a key; basicConstraints count where they are (RFC 5280 6.1.1 (d))"),
    ("openssl", "parse", attribute_is_no_string,
     "an AttributeValue may be of any type (RFC 5280 4.1.2.4)"),
    ("gnutls", "0x10002", constraint_on_other_kinds,
     "constraints bind only kinds of names that are there (RFC 5280 4.2.1.10)"),
    ("gnutls", "0x10002", path_length_with_self_issued,
     "self-issued certificates do not count against pathLenConstraint (RFC 5280 6.1.4 (l))"),
    ("openssl", "47", empty_email_constraint,
     "an empty constraint takes in every name of its kind, as it does for dNSName"),
    ("gnutls", "parse", alternative_name_changed,
     "names of kinds that are not asked for are not looked into, an empty dNSName fits nothing"),
]


def explain(mutant, reference):
    """Why we accept what this reference rejects, or None."""
    answer = mutant.theirs[reference]
    for who, answers, predicate, why in TABLE:
        if who == reference and re.fullmatch(answers, answer) and predicate(mutant):
            return why
    return None

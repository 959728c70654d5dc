#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of reasons: each one has a vector, and the order of its rows is obeyed.

    reasons.py TOOL REFERENCE

A chain is built with one fault, and with each pair of faults that fit together: the reason
must be the one whose row comes first, and the other must be among the findings.  What can't
be seen in a chain (installing, linking) must be tested by name somewhere.  Where manuals
are, each reason must be in one.
"""

import datetime
import itertools
import json
import pathlib
import re
import subprocess
import sys

import der
from differential import ECDSA_SHA256, Reference, text

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOW = datetime.datetime(2030, 6, 1, tzinfo=datetime.timezone.utc)
DAY = datetime.timedelta(days=1)
ECDSA_SHA1 = bytes.fromhex("300906072a8648ce3d0401")
HOST = "console.plant.example"


def rows():
    """[(name, slug)] of reason.def, in order."""
    return re.findall(r'^REASON\((\w+), "([a-z-]+)"',
                      (ROOT / "common/pki/reason.def").read_text(), re.MULTILINE)


# building certificates and CRLs


def element(tag, *parts):
    contents = b"".join(parts)
    return bytes([tag]) + der.encode_length(len(contents)) + contents


def sequence(*parts):
    return element(0x30, *parts)


def oid(hexadecimal):
    return element(0x06, bytes.fromhex(hexadecimal))


def name(text_value):
    attribute = sequence(oid("550403"), element(0x0C, text_value.encode()))
    return sequence(element(0x31, attribute))


def moment(when):
    return element(0x17, when.strftime("%y%m%d%H%M%SZ").encode())


def integer(number):
    return element(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def extension(identifier, value, critical=False):
    parts = [oid(identifier)] + ([b"\x01\x01\xff"] if critical else [])
    return sequence(*parts, element(0x04, value))


def weak_rsa():
    """A SubjectPublicKeyInfo of RSA with 512 bits."""
    modulus = integer((1 << 511) + (1 << 300) + 1)
    key = sequence(modulus, integer(65537))
    return sequence(sequence(oid("2a864886f70d010101"), b"\x05\x00"), element(0x03, b"\0", key))


class Case:
    """A root, a CA under it, a leaf and the CA's CRL, all good until a fault is put in."""

    def __init__(self, reference, keys):
        self.reference = reference
        self.keys = keys
        self.leaf = {
            "spki": keys[2], "from": NOW - 9 * DAY, "to": NOW + 9 * DAY,
            "algorithm": ECDSA_SHA256, "serial": 7,
            "extensions": {
                "551d0f": extension("551d0f", b"\x03\x02\x07\x80", True),
                "551d25": extension("551d25", sequence(oid("2b06010505070301"))),
                "551d11": extension("551d11", sequence(element(0x82, HOST.encode()))),
                "551d20": extension("551d20", sequence(sequence(oid("2a0304")))),
            }}
        self.ca_extensions = {
            "551d13": extension("551d13", sequence(b"\x01\x01\xff"), True),
            "551d0f": extension("551d0f", b"\x03\x02\x01\x06", True),
            "551d20": extension("551d20", sequence(sequence(oid("2a0304")))),
        }
        self.root_extensions = {"551d13": extension("551d13", sequence(b"\x01\x01\xff"), True)}
        self.crl = {"from": NOW - DAY, "to": NOW + DAY, "serials": [], "extensions": {},
                    "key": 1, "there": True, "garbage": b""}
        self.question = {"names": [{"kind": "dns", "value": HOST}], "purpose": "server",
                         "revocation": "leaf", "time": NOW.strftime("%Y-%m-%dT%H:%M:%SZ")}
        self.chain_only_leaf = False
        self.damage = None

    def sign(self, key, tbs, algorithm=ECDSA_SHA256):
        signature = bytearray(self.reference.sign(key, tbs))
        if self.damage == "signature" and key == 1:
            signature[-1] ^= 1
        return sequence(tbs, algorithm, element(0x03, b"\0", bytes(signature)))

    def certificate(self, subject, issuer, spki, signer, extensions, leaf=None):
        leaf = leaf or {"from": NOW - 99 * DAY, "to": NOW + 99 * DAY,
                        "algorithm": ECDSA_SHA256, "serial": 5}
        tbs = sequence(
            element(0xA0, integer(2)), integer(leaf["serial"]), leaf["algorithm"], name(issuer),
            sequence(moment(leaf["from"]), moment(leaf["to"])), name(subject), spki,
            element(0xA3, sequence(*extensions.values())))
        return self.sign(signer, tbs, leaf["algorithm"])

    def crl_der(self):
        crl = self.crl
        entries = [sequence(integer(serial), moment(NOW - DAY)) for serial in crl["serials"]]
        extensions = {"551d14": extension("551d14", integer(1)), **crl["extensions"]}
        tbs = sequence(integer(1), ECDSA_SHA256, name("CA"), moment(crl["from"]),
                       moment(crl["to"]), *([sequence(*entries)] if entries else []),
                       element(0xA0, sequence(*extensions.values())))
        signature = self.reference.sign(crl["key"], tbs)
        return sequence(tbs, ECDSA_SHA256, element(0x03, b"\0", signature)) + crl["garbage"]

    def line(self, identifier):
        root = self.certificate("Root", "Root", self.keys[0], 0, self.root_extensions)
        ca = self.certificate("CA", "Root", self.keys[1], 0, self.ca_extensions)
        leaf = self.certificate("Leaf", "CA", self.leaf["spki"], 1, self.leaf["extensions"],
                                self.leaf)
        if self.damage == "parse":
            leaf += b"\0"
        if self.damage == "limits":
            leaf += b"\0" * (64 * 1024)
        chain = [leaf] if self.chain_only_leaf else [leaf, ca]
        crls = [self.crl_der()] if self.crl["there"] else []
        return json.dumps({
            "id": identifier, "chain": ["der:" + text(cert) for cert in chain],
            "anchors": ["der:" + text(root)], "crls": ["der:" + text(crl) for crl in crls],
            **self.question})


# faults: {slug: what puts it in}.  Those that need the same place for themselves can't be paired


def put_no_issuer(case):
    case.chain_only_leaf = True


def put_damage(kind):
    def put(case):
        case.damage = kind
    return put


def put_ca_extension(identifier, value):
    def put(case):
        case.ca_extensions[identifier] = extension(identifier, value, True)
    return put


def put_leaf_extension(identifier, value):
    def put(case):
        case.leaf["extensions"][identifier] = extension(identifier, value, True)
    return put


def put_leaf(**fields):
    def put(case):
        case.leaf.update(fields)
    return put


def put_question(**fields):
    def put(case):
        case.question.update(fields)
    return put


def put_crl(**fields):
    def put(case):
        case.crl.update(fields)
    return put


def put_path_length(case):
    case.root_extensions["551d13"] = extension(
        "551d13", sequence(b"\x01\x01\xff", integer(0)), True)


def put_crl_extension(identifier, value):
    def put(case):
        case.crl["extensions"][identifier] = extension(identifier, value, True)
    return put


# (slug, place, fault).  A place is what the fault needs for itself; "path" ends all further
# looking, for without a path there is nothing to look at.
FAULTS = [
    ("parse", "path", put_damage("parse")),
    ("limits", "path", put_damage("limits")),
    ("no-issuer", "path", put_no_issuer),
    ("signature", "path", put_damage("signature")),
    ("not-a-ca", "ca basic", put_ca_extension("551d13", sequence())),
    ("path-length", "root basic", put_path_length),
    ("key-usage", "ca usage", put_ca_extension("551d0f", b"\x03\x02\x01\x02")),
    ("critical-extension", "leaf unknown", put_leaf_extension("2a0305", b"\x05\x00")),
    ("name-constraints", "ca constraints", put_ca_extension(
        "551d1e", sequence(element(0xA0, sequence(element(0x82, b"other.example")))))),
    ("policy", "policies", put_question(policy={"explicit": True, "initial": ["1.2.3.5"]})),
    ("not-yet-valid", "leaf from", put_leaf(**{"from": NOW + DAY})),
    ("expired", "leaf to", put_leaf(to=NOW - DAY)),
    ("ext-key-usage", "leaf eku", put_leaf_extension(
        "551d25", sequence(oid("2b06010505070302")))),
    ("weak-key", "leaf key", put_leaf(spki=weak_rsa())),
    ("weak-signature", "leaf algorithm", put_leaf(algorithm=ECDSA_SHA1)),
    ("name-mismatch", "names", put_question(names=[{"kind": "dns", "value": "a.example"}])),
    ("revoked", "crl", put_crl(serials=[7])),
    ("crl-missing", "crl", put_crl(there=False)),
    ("crl-malformed", "crl", put_crl(garbage=b"\0")),
    ("crl-signature", "crl", put_crl(key=0)),
    ("crl-signer-keyusage", "ca usage", put_ca_extension("551d0f", b"\x03\x02\x02\x04")),
    ("crl-not-yet-valid", "crl", put_crl(**{"from": NOW + DAY / 2})),
    ("crl-expired", "crl", put_crl(to=NOW - DAY / 2)),
    ("crl-too-old", "crl age", put_question(crl_max_age=3600)),
    ("crl-scope", "crl", put_crl_extension("551d1c", sequence(b"\x82\x01\xff"))),
    ("crl-critical-extension", "crl", put_crl_extension("2a0305", b"\x05\x00")),
]


def compatible(a, b):
    """Whether two faults can be in one chain, and be seen both."""
    places = {a[1], b[1]}
    if "path" in places or len(places) == 1:
        return False
    # one status for each certificate: only its nearest miss is a finding
    return not (a[0].startswith(("crl-", "revoked")) and b[0].startswith(("crl-", "revoked")))


def build_questions(reference):
    """[(line, wanted slugs)]"""
    keys = [reference.new_key() for _ in range(3)]
    wanted = [()] + [(fault,) for fault in FAULTS]
    wanted += [pair for pair in itertools.combinations(FAULTS, 2) if compatible(*pair)]
    questions = []
    for faults in wanted:
        case = Case(reference, keys)
        for _slug, _place, put in faults:
            put(case)
        slugs = [slug for slug, _place, _put in faults]
        questions.append((case.line(" + ".join(slugs) or "good"), slugs))
    return questions


def judge_questions(tool, reference):
    """Lines that say what went wrong."""
    order = [slug for _name, slug in rows()]
    questions = build_questions(reference)
    done = subprocess.run([tool, "verify", "--batch", "--profile", "rfc5280"], check=True,
                          input="".join(line + "\n" for line, _ in questions),
                          capture_output=True, text=True)
    wrong = []
    for (_line, slugs), answer in zip(questions, map(json.loads, done.stdout.splitlines())):
        first = min(slugs, key=order.index) if slugs else "ok"
        missing = [slug for slug in slugs if slug not in answer["all"]]
        if answer["reason"] != first or missing:
            wrong.append(f"{answer['id']}: wanted {first}, got {answer['reason']} "
                         f"{answer['all']}: {answer['detail']}")
    print(f"{len(questions)} chains with no, one or two faults, {len(wrong)} judged otherwise")
    return wrong


def sources(*folders):
    return [path for folder in folders for path in (ROOT / folder).rglob("*")
            if path.suffix in (".c", ".py") and path.name not in ("reason.c", "test-reason.c")
            and path.resolve() != pathlib.Path(__file__).resolve()]


def tested():
    """Slugs that a chain above, a test or a recipe of the laboratory names."""
    found = {slug for slug, _place, _put in FAULTS}
    for path in sources("tests", "pki-test"):
        contents = path.read_text()
        names = re.findall(r"REASON_(\w+)", contents)
        names += re.findall(r'\b(?:LEAF|CRL|CA)(?:_FOR)?\("[^"]*", (\w+)', contents)
        found.update(slug for name, slug in rows() if name in names)
        # a slug of two words is nothing else; "timeout" may be anything
        found.update(slug for _name, slug in rows() if "-" in slug and f'"{slug}"' in contents)
    return found


def used():
    """Slugs that the products give as a reason."""
    names = set()
    for path in sources("common", "console-server", "sensor-agent"):
        names.update(re.findall(r"REASON_(\w+)", path.read_text()))
    return {slug for name, slug in rows() if name in names}


def manuals():
    """{path: text} of the manuals that list reasons, where there are any."""
    return {path: path.read_text() for path in ROOT.rglob("*reasons*.scd")
            if "build" not in path.parts}


def main():
    tool, reference = sys.argv[1], Reference(sys.argv[2])
    wrong = judge_questions(tool, reference)
    have_vector, have_use = tested(), used()
    for _name, slug in rows():
        if slug not in have_vector and slug in have_use:
            wrong.append(f"{slug}: no vector: no chain here, no test and no recipe has it")
        elif slug not in have_vector:
            print(f"{slug}: no code gives this reason, no test asks for it")
        for path, contents in manuals().items():
            if slug not in contents:
                wrong.append(f"{slug}: not in {path.name}")
    for line in wrong:
        print("WRONG", line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

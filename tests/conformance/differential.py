#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our verdict against GnuTLS's and OpenSSL's, on certificates mutated from the corpora.

    differential.py TOOL REFERENCE [--seed N] [--count N] [--seconds N] [--list]

Each chain of the corpora that all three accept is given keys of ours; then one of its
certificates is changed in a place or two and signed again, so that the three judge what it
says.  Where we accept and a reference rejects, explanations.py has to say why; what it does
not explain fails the test.  The other way round is counted and printed.
Skips (77) where there are no corpora.
"""

import argparse
import base64
import collections
import datetime
import json
import os
import random
import subprocess
import sys
import time

import conformance
import der
import explanations

ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
CHAIN_MAX = 5
SHOWN_MAX = 20


class Reference:
    """The program that judges with GnuTLS and OpenSSL, and signs."""

    def __init__(self, program):
        # GnuTLS leaks a little on some malformed certificates; that is not what is tested
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})

    def ask(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise SystemExit("the reference program has died")
        return answer

    def new_key(self):
        return base64.b64decode(self.ask("key"))

    def sign(self, key, tbs):
        return base64.b64decode(self.ask("sign", str(key), text(tbs)))

    def judge(self, family, certs):
        """{"gnutls": answer, "openssl": answer}"""
        anchors = [text(cert) for cert in certs[len(family.chain):]]
        chain = [text(cert) for cert in certs[:len(family.chain)]]
        answer = self.ask("judge", str(family.seconds), family.purpose, ",".join(anchors),
                          ",".join(chain))
        return dict(zip(("gnutls", "openssl"), answer.split()))


def text(data):
    return base64.b64encode(data).decode()


class Family:
    """A chain and its anchors, signed with keys of ours."""

    def __init__(self, case, suite):
        self.id = case["id"]
        self.purpose = case["purpose"]
        moment = datetime.datetime.fromisoformat(case["time"].replace("Z", "+00:00"))
        self.time = case["time"]
        self.seconds = int(moment.timestamp())
        self.chain = case["chain"]
        names = case["chain"] + case["anchors"]
        self.originals = [der.Certificate(read(suite, name)) for name in names]
        self.signers = [self.signer_of(index) for index in range(len(names))]
        self.keys = []
        self.certs = []

    def signer_of(self, index):
        """Which of the certificates has the name of this one's issuer."""
        def name(cert, part):
            return cert.part(getattr(cert, part)).encode()

        wanted = name(self.originals[index], "issuer")
        found = [other for other, cert in enumerate(self.originals)
                 if name(cert, "subject") == wanted]
        others = [other for other in found if other != index]
        return others[0] if others and index < len(self.chain) else (found or [index])[0]

    def sign_all(self, keys, reference):
        """Gives each different key of the originals one of ours, and signs."""
        known = {}
        for cert in self.originals:
            number = known.setdefault(cert.part(cert.spki).encode(), len(known))
            if number >= len(keys):
                raise ValueError("too many keys")
            self.keys.append(number)
            cert.tbs.children[cert.spki] = der.parse_all(keys[number])[0]
            cert.tbs.children[cert.algorithm] = der.parse_all(ECDSA_SHA256)[0]
        self.certs = [self.sign(index, cert.tbs.encode(), reference)
                      for index, cert in enumerate(self.originals)]

    def sign(self, index, tbs, reference):
        signature = reference.sign(self.keys[self.signers[index]], tbs)
        body = tbs + ECDSA_SHA256 + der.Node(0x03, b"\0" + signature).encode()
        return b"\x30" + der.encode_length(len(body)) + body

    def question(self, identifier, certs):
        chain, anchors = certs[:len(self.chain)], certs[len(self.chain):]
        return {"id": identifier, "chain": ["der:" + text(cert) for cert in chain],
                "anchors": ["der:" + text(cert) for cert in anchors], "time": self.time,
                "purpose": self.purpose, "revocation": "none"}


def read(suite, name):
    return base64.b64decode(name[4:]) if name.startswith("der:") else (suite / name).read_bytes()


def load_families(reference):
    keys = [reference.new_key() for _ in range(CHAIN_MAX)]
    families = []
    for suite in conformance.find_suites([]):
        for line in (suite / "cases.jsonl").read_text().splitlines():
            case = json.loads(line)
            if (case["expect"] != "accept" or case.get("check") == "crl"
                    or len(case["chain"] + case["anchors"]) > CHAIN_MAX):
                continue
            try:
                family = Family(case, suite)
                family.sign_all(keys, reference)
            except (ValueError, IndexError):
                continue  # not of the shape that the little reader knows
            families.append(family)
    return families


# mutations: each changes a Certificate and says what it did, or None where it can't


def pick_node(rng, cert):
    """(parent, index) of an element of the TBSCertificate, key and algorithm apart."""
    fixed = {id(cert.part(cert.spki)), id(cert.part(cert.algorithm))}
    places = [(parent, index) for parent, index in cert.tbs.walk()
              if id(parent.children[index]) not in fixed and not
              any(id(parent) == id(below) for part in (cert.spki, cert.algorithm)
                  for below, _ in cert.part(part).walk())]
    return rng.choice(places)


def flip_bit(rng, cert, _pool):
    parent, index = pick_node(rng, cert)
    node = parent.children[index]
    if node.children is not None or not node.contents:
        return None
    data = bytearray(node.contents)
    at = rng.randrange(len(data) * 8)
    data[at // 8] ^= 1 << at % 8
    node.contents = bytes(data)
    return f"flip a bit in tag {node.tag:#x}"


def change_tag(rng, cert, _pool):
    parent, index = pick_node(rng, cert)
    node = parent.children[index]
    old, node.tag = node.tag, rng.choice(
        [0x01, 0x02, 0x04, 0x05, 0x06, 0x0A, 0x0C, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1A, 0x1C,
         0x1E, 0x30, 0x31, 0x80, 0x81, 0x82, 0x86, 0x87, 0xA0, 0xA1, 0xA3, 0xA4])
    return f"tag {old:#x} becomes {node.tag:#x}"


def remove(rng, cert, _pool):
    parent, index = pick_node(rng, cert)
    if parent is cert.tbs and index <= cert.spki:
        return None
    node = parent.children.pop(index)
    return f"remove tag {node.tag:#x}"


def repeat(rng, cert, _pool):
    parent, index = pick_node(rng, cert)
    if parent is cert.tbs and index <= cert.spki:
        return None
    parent.children.insert(index, parent.children[index].copy())
    return f"repeat tag {parent.children[index].tag:#x}"


def swap(rng, cert, _pool):
    parent, index = pick_node(rng, cert)
    if index == 0 or parent is cert.tbs:
        return None
    children = parent.children
    children[index - 1], children[index] = children[index], children[index - 1]
    return f"swap below tag {parent.tag:#x}"


def set_integer(rng, cert, _pool):
    parent, index = pick_node(rng, cert)
    node = parent.children[index]
    if node.tag not in (0x01, 0x02, 0x0A, 0x80, 0x81):
        return None
    node.contents = rng.choice([b"", b"\0", b"\1", b"\x7f", b"\x80", b"\xff", b"\0\0",
                                b"\0\1", b"\xff" * 20, b"\x7f" * 21, b"\0" + b"\xff" * 20])
    return f"number of tag {node.tag:#x}"


def toggle_critical(rng, cert, _pool):
    extensions = cert.extensions()
    if not extensions or not extensions.children:
        return None
    extension = rng.choice(extensions.children)
    if not extension.children or len(extension.children) < 2:
        return None
    if extension.children[1].tag == 0x01:
        extension.children.pop(1)
        return "not critical"
    extension.children.insert(1, der.Node(0x01, b"\xff"))
    return "critical"


def graft(rng, cert, pool):
    extensions = cert.extensions()
    if extensions is None or extensions.children is None:
        return None
    new = rng.choice(pool).copy()
    oid = new.children[0].contents
    extensions.children = [old for old in extensions.children
                           if not old.children or old.children[0].contents != oid]
    extensions.children.insert(rng.randrange(len(extensions.children) + 1), new)
    return f"extension {oid.hex()}"


def shift_time(rng, cert, _pool):
    validity = cert.part(cert.validity)
    node = rng.choice(validity.children)
    node.tag, node.contents = rng.choice([
        (0x17, b"500101000000Z"), (0x17, b"491231235959Z"), (0x18, b"20501231235959Z"),
        (0x18, b"20200101000000Z"), (0x18, b"99991231235959Z"), (0x17, b"2001010000Z"),
        (0x17, b"200101000000+0100"), (0x18, b"20200101000000.5Z"), (0x17, b"200230000000Z"),
        (0x18, b"00010101000000Z")])
    return f"time {node.contents.decode()}"


def longer_length(rng, cert, _pool):
    parent, index = pick_node(rng, cert)
    parent.children[index].long_length = True
    return f"longer length of tag {parent.children[index].tag:#x}"


def edit_string(rng, cert, _pool):
    parent, index = pick_node(rng, cert)
    node = parent.children[index]
    if node.tag not in (0x0C, 0x13, 0x16, 0x82, 0x81, 0x86) or node.children is not None:
        return None
    node.contents = rng.choice([
        node.contents.upper(), b" " + node.contents, node.contents + b" ",
        node.contents + b"\0", node.contents.replace(b".", b".."), b"", b"*." + node.contents,
        node.contents + b".", b"\xc3\xa9" + node.contents])
    return f"string of tag {node.tag:#x}"


MUTATIONS = [flip_bit, change_tag, remove, repeat, swap, set_integer, toggle_critical, graft,
             graft, shift_time, longer_length, edit_string]


class Mutant:
    """One changed certificate in its family, and what the three said of it."""

    def __init__(self, rng, families, pool, reference, tool):
        self.tool = tool
        self.family = rng.choice(families)
        self.index = rng.randrange(len(self.family.certs))
        self.original = der.Certificate(self.family.certs[self.index])
        self.changed = der.Certificate(self.family.certs[self.index])
        self.done = []
        while len(self.done) < rng.choice([1, 1, 2]):
            what = rng.choice(MUTATIONS)(rng, self.changed, pool)
            if what:
                self.done.append(what)
        self.certs = list(self.family.certs)
        self.certs[self.index] = self.family.sign(self.index, self.changed.tbs.encode(), reference)
        self.theirs = reference.judge(self.family, self.certs)
        self.ours = None

    def accepted_without(self):
        """Whether we accept the chain with the changed certificate left out."""
        question = self.family.question("", self.certs)
        for key in ("chain", "anchors"):
            question[key] = [cert for cert in question[key]
                             if cert != "der:" + text(self.certs[self.index])]
        return bool(question["anchors"]) and (
            ask_ours(self.tool, [question])[0]["verdict"] == "accept")

    def where(self):
        chain = len(self.family.chain)
        if self.index == 0:
            return "leaf"
        return "intermediate" if self.index < chain else "anchor"

    def __str__(self):
        return (f"{self.family.id}, {self.where()}: {'; '.join(self.done)}: we {self.ours['verdict']} "
                f"{self.ours['reason']}, GnuTLS {self.theirs['gnutls']}, "
                f"OpenSSL {self.theirs['openssl']}")


def ask_ours(tool, questions):
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([tool, "verify", "--batch", "--profile", "rfc5280"], input=lines,
                          capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def accepted_by_all(families, tool, reference):
    """The families that nobody objects to before they are changed."""
    ours = ask_ours(tool, [family.question("", family.certs) for family in families])
    return [family for family, answer in zip(families, ours)
            if answer["verdict"] == "accept"
            and set(reference.judge(family, family.certs).values()) == {"ok"}]


def make_mutants(args, families, reference):
    rng = random.Random(args.seed)
    pool = [extension for family in families for cert in family.certs
            for extension in (der.Certificate(cert).extensions() or der.Node(0, children=[]))
            .children]
    end = time.monotonic() + args.seconds
    mutants = []
    while len(mutants) < args.count and time.monotonic() < end:
        mutants.append(Mutant(rng, families, pool, reference, args.tool))
    answers = ask_ours(args.tool, [mutant.family.question(str(number), mutant.certs)
                                   for number, mutant in enumerate(mutants)])
    for mutant, answer in zip(mutants, answers):
        mutant.ours = answer
    return mutants


def report(args, mutants):
    """Prints the counts; returns what is not explained."""
    tally = collections.Counter()
    reasons = collections.Counter()
    unexplained = []
    for mutant in mutants:
        ours = mutant.ours["verdict"] == "accept"
        theirs = [answer == "ok" for answer in mutant.theirs.values()]
        tally[(ours, *theirs)] += 1
        if not ours and all(theirs):
            reasons[mutant.ours["reason"]] += 1
        for reference, answer in mutant.theirs.items():
            if ours and answer != "ok":
                why = explanations.explain(mutant, reference)
                tally[f"{reference} rejects what we accept: {why or 'NOT EXPLAINED'}"] += 1
                if why is None:
                    unexplained.append((reference, mutant))
    for (what, count) in sorted(tally.items(), key=str):
        if isinstance(what, tuple):
            what = ", ".join(f"{who} {'accepts' if yes else 'rejects'}" for who, yes
                             in zip(("ours", "GnuTLS", "OpenSSL"), what))
        print(f"{count:6}  {what}")
    print("we alone reject:", ", ".join(f"{reason} {count}" for reason, count
                                        in reasons.most_common()))
    return unexplained


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tool", help="a program that has the verify command")
    parser.add_argument("reference", help="the program built from reference.c")
    parser.add_argument("--seed", type=int, default=5280)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=35)
    parser.add_argument("--list", action="store_true", help="name what we alone reject")
    args = parser.parse_args()

    if not conformance.find_suites([]):
        print(f"skipped: no corpora in {conformance.shared_folder() / 'conformance'}")
        return conformance.SKIPPED
    reference = Reference(args.reference)
    families = load_families(reference)
    sound = accepted_by_all(families, args.tool, reference)
    print(f"seed {args.seed}; {len(sound)} of {len(families)} chains are accepted by all")
    mutants = make_mutants(args, sound, reference)
    print(f"{len(mutants)} mutants")
    unexplained = report(args, mutants)
    if args.list:
        for mutant in mutants:
            if mutant.ours["verdict"] != "accept" and set(mutant.theirs.values()) == {"ok"}:
                print(f"  {mutant}: {mutant.ours['detail']}")
    for reference_name, mutant in unexplained[:SHOWN_MAX]:
        print(f"NOT EXPLAINED ({reference_name}): {mutant}")
        print("   ", json.dumps(mutant.family.question("mutant", mutant.certs)))
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds of fuzz-verify-line and fuzz-verify-chain, from the corpora where they are.

    seeds-verify.py FOLDER

FOLDER gets one folder for each target.  Without the corpora there is one short line.
"""

import base64
import datetime
import json
import os
import pathlib
import struct
import sys

ROLES = ("chain", "untrusted", "extra_certs", "anchors", "crls")
SEED_MAX = 64 * 1024
USES = {"any": 0, "server": 1, "client": 2}
REVOCATIONS = {"chain": 0, "leaf": 1, "none": 2}
ALL_ANCHOR_CHECKS = 0xF


def corpora():
    source_root = pathlib.Path(__file__).resolve().parents[2]
    shared = pathlib.Path(os.environ.get("PORTCULLIS_SHARED", source_root.parent / "shared"))
    return sorted((shared / "conformance").glob("*/cases.jsonl"))


def read(suite, name):
    return base64.b64decode(name[4:]) if name.startswith("der:") else (suite / name).read_bytes()


def line_of(case, objects):
    fields = {key: case[key] for key in (
        "id", "time", "purpose", "names", "check", "revocation", "crl_max_age", "policy",
        "max_depth", "key_usage", "strict_eku", "anchor_checks", "min_rsa_bits") if key in case}
    for role, items in objects.items():
        fields[role] = ["der:" + base64.b64encode(item).decode() for item in items]
    return json.dumps(fields).encode()


def chain_of(case, objects):
    moment = datetime.datetime.fromisoformat(case["time"].replace("Z", "+00:00"))
    options = (USES[case["purpose"]] | REVOCATIONS[case["revocation"]] << 2
               | (case.get("check") == "crl") << 4 | bool(case.get("strict_eku")) << 5
               | ALL_ANCHOR_CHECKS << 10)
    seed = struct.pack("<HI", options, int(moment.timestamp()))
    for role, items in objects.items():
        for item in items:
            seed += struct.pack("<BH", ROLES.index(role), len(item)) + item
    return seed


def main():
    folder = pathlib.Path(sys.argv[1])
    lines, chains = folder / "fuzz-verify-line", folder / "fuzz-verify-chain"
    for target in (lines, chains):
        target.mkdir(parents=True, exist_ok=True)
    (lines / "short").write_bytes(b'{"id":"x","chain":["der:MAA="],"anchors":["der:MAA="]}')
    (chains / "short").write_bytes(struct.pack("<HIBH", 1, 0, 0, 2) + b"\x30\x00")
    count = 0
    for cases in corpora():
        for text in cases.read_text().splitlines():
            case = json.loads(text)
            objects = {role: [read(cases.parent, name) for name in case.get(role, [])]
                       for role in ROLES}
            if sum(len(item) for items in objects.values() for item in items) > SEED_MAX:
                continue
            name = f"{count:04}"
            (lines / name).write_bytes(line_of(case, objects))
            (chains / name).write_bytes(chain_of(case, objects))
            count += 1
    print(f"{count} seeds from the corpora")
    return 0


if __name__ == "__main__":
    sys.exit(main())

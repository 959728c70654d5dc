#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts a Meson test log: prints "PASSED FAILED SKIPPED", sub-tests of TAP programs one by one."""
import json
import re
import sys

SUBTEST = re.compile(r"^(not )?ok \d+.*?(# SKIP.*)?$", re.M)


def count(entry):
    subtests = SUBTEST.findall(entry.get("stdout") or "")
    failed = sum(1 for negation, skip in subtests if negation)
    skipped = sum(1 for negation, skip in subtests if skip)
    if entry["result"] == "SKIP":
        return 0, 0, 1
    if entry["result"] != "OK":
        return len(subtests) - failed - skipped, max(failed, 1), skipped
    return (len(subtests) - skipped, 0, skipped) if subtests else (1, 0, 0)


def main():
    with open(sys.argv[1], encoding="utf-8") as log:
        counts = [count(json.loads(line)) for line in log if line.strip()]
    print(*(sum(column) for column in zip(*counts)) if counts else (0, 0, 0))


if __name__ == "__main__":
    main()

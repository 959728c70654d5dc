#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the conformance corpora through `verify --batch` and holds the result to the targets.

    conformance.py TOOL [--limits] [--list] [SUITE...]

TOOL is any program with the verify command.  The corpora are the folders with a cases.jsonl
below $PORTCULLIS_SHARED/conformance.  Prints false accepts and false rejects for each suite
and scope, how often the reason is the expected one, and the time.  Exit code 1 when a target
is missed, 77 (skipped) where there are no corpora.

A case whose expectation we hold for wrong, or which we refuse knowingly, stands in
exceptions.txt with the clause that says so; an entry that no longer applies is an error.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77

# Scopes in which no false accept is allowed, and where a false reject has to be named.
STRICT = {"core"}
NAMED = {"policy", "limits", "depth", "crl-advanced", "strict-eku", "anchor-constraints"}
DECIDED = {"crl-policy", "dsa", "sha1"}
NAMED_FALSE_REJECTS_MAX = 5
REASON_SHARE_MIN = 0.95
TIME_ALL_MAX_S = 2.0
TIME_ONE_MAX_US = 200_000
PROCESS_MAX_S = 300


def shared_folder():
    source_root = HERE.parent.parent
    return pathlib.Path(os.environ.get("PORTCULLIS_SHARED", source_root.parent / "shared"))


def find_suites(names):
    folder = shared_folder() / "conformance"
    suites = sorted(path.parent for path in folder.glob("*/cases.jsonl"))
    return [suite for suite in suites if not names or suite.name in names]


def read_exceptions():
    """{case id: (our verdict, why)}"""
    exceptions = {}
    for line in (HERE / "exceptions.txt").read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        case_id, verdict, why = line.split(None, 2)
        if verdict not in ("accept", "reject") or case_id in exceptions:
            raise SystemExit(f"exceptions.txt: bad or second line for {case_id}")
        exceptions[case_id] = (verdict, why)
    return exceptions


class Outcome:
    """One case and what the tool said of it."""

    def __init__(self, suite, case, said):
        self.suite = suite
        self.case = case
        self.said = said
        self.id = case["id"]
        self.scope = case["scope"]
        self.expect = case["expect"]
        self.verdict = said["verdict"]
        self.reason = said.get("reason", "")
        self.us = said.get("us", 0)

    @property
    def wrong(self):
        """None, "false accept", "false reject" or "error"."""
        if self.verdict not in ("accept", "reject"):
            return "error"
        if self.verdict == self.expect:
            return None
        return f"false {self.verdict}"

    @property
    def reason_expected(self):
        return self.case.get("expect_reason")

    @property
    def reason_agrees(self):
        if self.reason_expected == "revocation-unknown":
            return self.reason.startswith("crl-")
        return self.reason == self.reason_expected

    def __str__(self):
        return (f"{self.wrong or 'reason'}: {self.id} [{self.scope}] expected {self.expect} "
                f"{self.reason_expected or ''}, got {self.verdict} {self.reason}: "
                f"{self.said.get('detail', '')}")


def run_suite(tool, suite):
    """Outcomes of a suite and the seconds it took."""
    lines = (suite / "cases.jsonl").read_bytes()
    began = time.monotonic()
    done = subprocess.run(
        [*tool, "verify", "--batch", "--profile", "rfc5280", "--base", suite],
        input=lines, stdout=subprocess.PIPE, timeout=PROCESS_MAX_S, check=False)
    took = time.monotonic() - began
    cases = [json.loads(line) for line in lines.splitlines()]
    said = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(said) != len(cases):
        raise SystemExit(f"{suite.name}: exit code {done.returncode}, "
                         f"{len(said)} answers for {len(cases)} cases")
    for case, answer in zip(cases, said):
        if answer.get("id") != case["id"]:
            raise SystemExit(f"{suite.name}: answer {answer.get('id')} out of order")
    return [Outcome(suite.name, case, answer) for case, answer in zip(cases, said)], took


def print_table(outcomes, key, title):
    rows = collections.OrderedDict()
    for outcome in outcomes:
        row = rows.setdefault(key(outcome), collections.Counter())
        row["cases"] += 1
        row[outcome.wrong] += 1
    width = max([len(title)] + [len(name) for name in rows])
    print(f"{title:{width}}  cases  false accepts  false rejects  errors")
    for name, row in rows.items():
        print(f"{name:{width}}  {row['cases']:5}  {row['false accept']:13}  "
              f"{row['false reject']:13}  {row['error']:6}")
    print()


def judge_verdicts(outcomes, exceptions):
    """Lines that say which target is missed."""
    missed = []
    named = 0
    seen = {outcome.id: outcome for outcome in outcomes}
    for outcome in outcomes:
        excepted = exceptions.get(outcome.id, (None,))[0] == outcome.verdict
        if outcome.wrong == "error":
            missed.append(str(outcome))
        elif outcome.wrong == "false accept":
            if outcome.scope in NAMED | DECIDED or outcome.scope in STRICT and not excepted:
                missed.append(str(outcome))
        elif outcome.wrong == "false reject":
            if outcome.scope in STRICT | NAMED and not excepted:
                missed.append(str(outcome))
            named += outcome.scope in NAMED
    if named > NAMED_FALSE_REJECTS_MAX:
        missed.append(f"{named} false rejects in {', '.join(sorted(NAMED))}; "
                      f"at most {NAMED_FALSE_REJECTS_MAX} are allowed")
    for case_id in exceptions:
        if case_id in seen and seen[case_id].wrong is None:
            missed.append(f"exceptions.txt: {case_id} is judged as expected now")
    return missed


def judge_reasons(outcomes):
    with_reason = [outcome for outcome in outcomes if outcome.reason_expected]
    agreeing = sum(outcome.reason_agrees for outcome in with_reason)
    if not with_reason:
        return []
    share = agreeing / len(with_reason)
    print(f"reason as expected: {agreeing} of {len(with_reason)} ({share:.1%})")
    if share < REASON_SHARE_MIN:
        return [f"only {share:.1%} of the reasons are the expected ones"]
    return []


def judge_time(outcomes, total_s, enforce):
    worst = max(outcomes, key=lambda outcome: outcome.us)
    print(f"time: {total_s:.2f} s in all; worst {worst.us / 1e3:.1f} ms, {worst.id}\n")
    missed = []
    if enforce and total_s > TIME_ALL_MAX_S:
        missed.append(f"{total_s:.2f} s in all, {TIME_ALL_MAX_S} s are allowed")
    if enforce and worst.us > TIME_ONE_MAX_US:
        missed.append(f"{worst.id} took {worst.us} us, {TIME_ONE_MAX_US} us are allowed")
    return missed


def main():
    parser = argparse.ArgumentParser(description="Runs the conformance corpora.")
    parser.add_argument("tool", help="a program that has the verify command")
    parser.add_argument("suites", nargs="*", help="only these suites")
    parser.add_argument("--limits", action="store_true", help="hold to the time limits too")
    parser.add_argument("--list", action="store_true", help="name each disagreement")
    args = parser.parse_args()

    suites = find_suites(args.suites)
    if not suites:
        print(f"skipped: no corpora in {shared_folder() / 'conformance'}")
        return SKIPPED
    outcomes = []
    total_s = 0.0
    for suite in suites:
        more, took = run_suite([args.tool], suite)
        outcomes += more
        total_s += took
    print_table(outcomes, lambda outcome: outcome.suite, "suite")
    print_table(sorted(outcomes, key=lambda outcome: outcome.scope),
                lambda outcome: outcome.scope, "scope")
    exceptions = read_exceptions()
    missed = judge_verdicts(outcomes, exceptions)
    missed += judge_reasons(outcomes)
    missed += judge_time(outcomes, total_s, args.limits)
    if args.list:
        for outcome in outcomes:
            if outcome.wrong or outcome.reason_expected and not outcome.reason_agrees:
                print(f"  {outcome}")
    for outcome in outcomes:
        if outcome.wrong and outcome.id in exceptions:
            print(f"excepted: {outcome.id} {outcome.verdict}: {exceptions[outcome.id][1]}")
    for line in missed:
        print(f"MISSED {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

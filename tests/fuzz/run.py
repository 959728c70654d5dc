#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every libFuzzer target of a build directory for a time, two at once, with its seeds.

A finding is written to BUILD/fuzz-findings and fails the run.
"""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys


def run_target(target, seeds, seconds, findings):
    corpus = target.parent / (target.name + "-corpus")
    corpus.mkdir(exist_ok=True)
    command = [str(target), f"-max_total_time={seconds}", "-timeout=5", "-rss_limit_mb=2048",
               "-print_final_stats=1", f"-artifact_prefix={findings}/{target.name}-", str(corpus)]
    own_seeds = seeds / target.name
    if own_seeds.is_dir():
        command.append(str(own_seeds))
    run = subprocess.run(command, capture_output=True, text=True, errors="replace")
    stats = dict(line.rsplit(":", 1) for line in run.stderr.splitlines() if line.startswith("stat::"))
    executed = stats.get("stat::number_of_executed_units", "?").strip()
    print(f"{target.name}: {'ok' if run.returncode == 0 else 'FINDING'}, {executed} runs", flush=True)
    if run.returncode != 0:
        print(run.stderr[-4000:], flush=True)
    return run.returncode == 0


def main():
    options = argparse.ArgumentParser()
    options.add_argument("build", type=pathlib.Path)
    options.add_argument("--seconds", type=int, default=20)
    options.add_argument("--only", help="one target")
    args = options.parse_args()
    folder = args.build / "tests" / "fuzz"
    targets = [path for path in sorted(folder.glob("fuzz-*")) if path.is_file() and os.access(path, os.X_OK)]
    targets = [path for path in targets if args.only in (None, path.name)]
    findings = args.build / "fuzz-findings"
    findings.mkdir(exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda t: run_target(t, folder / "seeds", args.seconds, findings), targets))
    print(f"{len(results)} targets, {results.count(False)} with findings")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the lines covered, by folder and file, of a build with -Db_coverage=true (gcov)."""
import collections
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def read_gcov(build):
    """{source file: {line: was it run}} of everything of ours."""
    lines = collections.defaultdict(dict)
    notes = [path.resolve() for path in pathlib.Path(build).rglob("*.gcda")]
    with tempfile.TemporaryDirectory() as scratch:
        for start in range(0, len(notes), 50):
            command = ["gcov", "--json-format", *map(str, notes[start : start + 50])]
            subprocess.run(command, cwd=scratch, check=True, capture_output=True)
            for result in pathlib.Path(scratch).glob("*.gcov.json.gz"):
                for source in json.load(gzip.open(result))["files"]:
                    path = (pathlib.Path(build) / source["file"]).resolve()
                    if path.is_relative_to(ROOT):
                        held = lines[path.relative_to(ROOT).as_posix()]
                        for line in source["lines"]:
                            number = line["line_number"]
                            held[number] = held.get(number, False) or line["count"] > 0
                result.unlink()
    return lines


def main():
    lines = read_gcov(sys.argv[1])
    folders = collections.defaultdict(lambda: [0, 0])
    for name in sorted(lines):
        if name.startswith("tests/"):
            continue
        run, all_lines = sum(lines[name].values()), len(lines[name])
        folder = folders[str(pathlib.PurePath(name).parent)]
        folder[0] += run
        folder[1] += all_lines
        print(f"{100 * run / all_lines:6.1f} %  {run:5d} of {all_lines:5d}  {name}")
    print()
    for folder, (run, all_lines) in sorted(folders.items()):
        print(f"{100 * run / all_lines:6.1f} %  {run:5d} of {all_lines:5d}  {folder}/")


if __name__ == "__main__":
    main()

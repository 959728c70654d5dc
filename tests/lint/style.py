#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""House rules that a machine can hold: licence lines, lengths, forbidden words and calls."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUNCTION_MAX = 90
FILE_MAX = 700
TEST_FILE_MAX = 1300  # cases and tables

# (where, what, why).  A line that has the right to it carries "lint: allow" and its reason.
FORBIDDEN = [
    (r"", r"gnutls_x509_crl_import|gnutls_x509_crl_list_import", "quadratic: CRLs have a parser of ours"),
    (r"^(?!tests/)", r"\btime\s*\(\s*(NULL|0|&)", "clocks are common/base/clock"),
    (r"^(?!tests/)", r"\b(s?rand|random|drand48)\s*\(\s*\)", "chance is common/base/random"),
    (r"^(?!tests/)", r"\b(system|popen)\s*\(", "no shell"),
    (r"", r"\b(strcpy|strcat|sprintf|gets|alloca)\s*\(", "unbounded"),
    (r"^common/pki/", r"\bclock_(wall|mono)|\bgettimeofday\b|\bclock_gettime\b", "pki reads no clock"),
    (r"^common/pki/", r"\b(socket|connect|open|openat|fopen)\s*\(", "pki does no input or output"),
    (r"^common/(base|pki|wire|config|loop|tls|link|key|trust|fetch|web)/", r"\blog_(error|warn|info|debug)\s*\(",
     "libraries return, they do not log"),
    (r"^tests/unit/", r"\bskip\(\)", "SKIP_TEST of tests/lib/test.h"),
    (r"", r"\b(TODO|FIXME|XXX(?! until))\b", "unfinished business"),
    (r"", r"/(work|root|home)/[a-z]", "a path of one machine"),
]


def tracked():
    out = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True
    )
    names = out.stdout.split("\n") if out.returncode == 0 else []
    if not any(names):  # a tree without git: an unpacked archive
        names = [p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*") if p.is_file()]
        names = [name for name in names if not name.startswith("build")]
    return [name for name in names if name and (ROOT / name).is_file()]


def check_functions(name, lines):
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start + 1 > FUNCTION_MAX:
                yield f"{name}:{start}: a function of {number - start + 1} lines (at most {FUNCTION_MAX})"
            start = None


def check_source(name, lines):
    if len(lines) > (FILE_MAX if not name.startswith("tests/") else TEST_FILE_MAX):
        yield f"{name}: {len(lines)} lines; is there a second idea in it?"
    if name.endswith(".c"):
        yield from check_functions(name, lines)
    for number, line in enumerate(lines, 1):
        if len(line.expandtabs(8)) > 104:
            yield f"{name}:{number}: {len(line.expandtabs(8))} columns"


def check_text(name, lines):
    if not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:3]):
        yield f"{name}: no SPDX-License-Identifier in the first lines"
    for number, line in enumerate(lines, 1):
        if "lint: allow" in line or name == "tests/lint/style.py":
            continue
        code = "" if line.lstrip().startswith("*") else line.split("/*")[0]
        for where, what, why in FORBIDDEN:
            if re.search(where, name) and re.search(what, code if "\\(" in what else line):
                yield f"{name}:{number}: {line.strip()[:60]!r}: {why}"


def main():
    faults, count = [], 0
    for name in tracked():
        path = ROOT / name
        source = path.suffix in (".c", ".h")
        script = path.suffix in (".py", ".sh") or name.endswith("meson.build") or name in ("check", "demo", ".ci/run")
        if not (source or script or path.suffix == ".def"):
            continue
        count += 1
        text = path.read_text()
        lines = text.splitlines()
        faults.extend(check_text(name, lines))
        if source:
            faults.extend(check_source(name, lines))
        if text and not text.endswith("\n"):
            faults.append(f"{name}: no newline at the end")
    print("\n".join(faults))
    print(f"{count} files, {len(faults)} faults")
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main())

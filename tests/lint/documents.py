#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What documents name exists: functions and files of the tree between backticks, linked files."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("common", "console-server", "sensor-agent", "pki-test", "systemd", "tests", "docs")
# "link_judge": at least two words.  Keys of JSON and messages are not looked for: they are in
# docs/protocol.md, which is a test of its own.
FUNCTION = re.compile(r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$")
FILE = re.compile(r"^(?:[A-Za-z0-9_.-]+/)*[A-Za-z0-9_-]+\.(?:c|h|py|def|md|sh|build|inc)$")
FOREIGN = re.compile(r"^(gnutls|sqlite3|json|rt|sd|process|pthread|memfd|landlock|pidfd)_")


def documents():
    yield from (path for path in ROOT.glob("*.md") if path.name != "CHANGELOG.md")
    yield from (ROOT / "docs" / "decisions").glob("*.md")


def sources():
    for folder in FOLDERS:
        for suffix in ("*.c", "*.h", "*.py", "*.def", "*.sh", "*.inc", "meson.build"):
            yield from (ROOT / folder).rglob(suffix)


def check(path, words, names):
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    for quoted in re.findall(r"`([^`\n]+)`", text):
        quoted = quoted.removesuffix("()")
        if FUNCTION.match(quoted) and not FOREIGN.match(quoted) and quoted not in words:
            yield f"{path.name}: `{quoted}` is nowhere in the sources"
        elif FILE.match(quoted) and not any(f"/{name}".endswith(f"/{quoted}") for name in names):
            yield f"{path.name}: there is no file `{quoted}`"
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        if not (path.parent / target).exists():
            yield f"{path.name}: the link to {target} leads nowhere"


def main():
    files = list(sources())
    words = set(re.findall(r"[a-z0-9_]+", "\n".join(path.read_text() for path in files)))
    names = {path.relative_to(ROOT).as_posix() for path in files}
    names |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")}
    faults, count = [], 0
    for path in documents():
        count += 1
        faults += check(path, words, names)
    print(*faults, f"{count} documents, {len(faults)} faults", sep="\n")
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main())

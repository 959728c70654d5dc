#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the layer table of ARCHITECTURE.md: who may include whom, and which foreign headers."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOREIGN = {
    "gnutls/": "gnutls",
    "openssl/": "openssl",
    "curl/": "curl",
    "sqlite3.h": "sqlite3",
    "event2/": "event2",
    "event.h": "event2",
    "microhttpd.h": "microhttpd",
    "jansson.h": "jansson",
    "cbor.h": "cbor",
    "seccomp.h": "seccomp",
    "systemd/": "systemd",
}
# Headers for these files alone: a verdict that accepts has one maker.
PRIVATE = {
    "common/pki/verdict_make.h": {"common/pki/verdict.c", "common/pki/path.c"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^">]+)[">]')


def read_table():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    block = text.split("<!-- layers -->")[1].split("<!-- /layers -->")[0]
    rows = {}
    for line in block.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and "/" in cells[0] + "/" and cells[0] not in ("folder", "---"):
            rows[cells[0]] = (set(cells[1].split()), set(cells[2].split()))
    return rows


def row_of(rows, path):
    """The row with the longest folder name that holds the path."""
    held = [folder for folder in rows if path.startswith(folder + "/")]
    return max(held, key=len) if held else None


def layer_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "common" else parts[0]


def check_file(rows, path):
    name = path.relative_to(ROOT).as_posix()
    row = row_of(rows, name)
    if row is None:
        yield f"{name}: in no folder of the layer table"
        return
    may, foreign = rows[row]
    own = layer_of(name)
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        kind, target = match.groups()
        library = next((lib for start, lib in FOREIGN.items() if target.startswith(start)), None)
        if library and library not in foreign and "*" not in foreign:
            yield f"{name}:{number}: {row} may not include <{target}>"
        if name not in PRIVATE.get(target, {name}):
            yield f"{name}:{number}: {target} is private"
        if kind == '"' and not (ROOT / target).exists():
            yield f'{name}:{number}: "{target}" is not named from the root of the tree'
        elif kind == '"' and layer_of(target) != own:
            if "*" not in may and layer_of(target) not in may:
                yield f"{name}:{number}: {row} may not include {target}"
            elif row != "tests" and layer_of(target) in ("tests", "pki-test"):
                yield f"{name}:{number}: products do not include {target}"
            elif {own, layer_of(target)} == {"sensor-agent", "console-server"}:
                yield f"{name}:{number}: the two programs do not include each other"


def main():
    rows = read_table()
    faults = []
    files = [
        path
        for folder in ("common", "sensor-agent", "console-server", "pki-test", "tests")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".c", ".h", ".def")
    ]
    for path in files:
        faults.extend(check_file(rows, path))
    print("\n".join(faults))
    print(f"{len(rows)} layers, {len(files)} files, {len(faults)} faults")
    return 1 if faults or not rows or not files else 0


if __name__ == "__main__":
    sys.exit(main())

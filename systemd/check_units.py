#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the units to their exposure, to the syntax of systemd, and the catalogue to journalctl.

usage: check_units.py security|verify|catalog FILE...
Exit status 77 (skipped) where the tool is absent.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

EXPOSURE_MAX = 1.2
SKIPPED = 77


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def check_security(files):
    """systemd-analyze gives tenths; its threshold is in whole numbers of the same."""
    good = True
    for file in files:
        code, output = run(
            "systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={EXPOSURE_MAX * 10:.0f}", file
        )
        found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", output)
        print(f"{pathlib.Path(file).name}: exposure {found.group(1) if found else 'not told'}, at most {EXPOSURE_MAX}")
        if code != 0 or not found or float(found.group(1)) > EXPOSURE_MAX:
            print("\n".join(line for line in output.splitlines() if line.startswith("✗")) or output)
            good = False
    return good


def stand_in(text):
    """systemd wants the program to be there; before the installation another one stands in."""
    text = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={shutil.which('true')}", text)
    return re.sub(r"(?m)^Documentation=.*\n", "", text)


def check_verify(files):
    with tempfile.TemporaryDirectory() as folder:
        copies = [pathlib.Path(folder) / pathlib.Path(file).name for file in files]
        for file, copy in zip(files, copies):
            copy.write_text(stand_in(pathlib.Path(file).read_text()))
        code, output = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *map(str, copies))
    # units of the machine that are not ours
    ours = [line for line in output.splitlines() if "portcullis" in line]
    print(f"{len(files)} units, {len(ours)} complaints", *ours, sep="\n")
    return not ours and code == 0


def check_catalog(files):
    text = pathlib.Path(files[0]).read_text()
    entries = len(re.findall(r"(?m)^-- [0-9a-f]{32}$", text))
    with tempfile.TemporaryDirectory() as root:
        catalog = pathlib.Path(root) / "usr/lib/systemd/catalog"
        catalog.mkdir(parents=True)
        (pathlib.Path(root) / "var/lib/systemd/catalog").mkdir(parents=True)
        shutil.copy(files[0], catalog / "portcullis.catalog")
        code, output = run("journalctl", "--update-catalog", f"--root={root}")
        if code != 0 or output.strip():
            print(output)
            return False
        database = pathlib.Path(root) / "var/lib/systemd/catalog/database"
        size = database.stat().st_size if database.exists() else 0
    print(f"{entries} entries, {size} bytes")
    return entries > 0 and size > entries * 100


def main():
    checks = {
        "security": ("systemd-analyze", check_security),
        "verify": ("systemd-analyze", check_verify),
        "catalog": ("journalctl", check_catalog),
    }
    tool, check = checks[sys.argv[1]]
    if shutil.which(tool) is None:
        print(f"{tool} is not here")
        return SKIPPED
    return 0 if check(sys.argv[2:]) else 1


if __name__ == "__main__":
    sys.exit(main())

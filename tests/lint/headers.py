#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every header compiles alone.  Arguments: the build directory, the compiler and its flags."""
import concurrent.futures
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def compile_alone(command, header):
    text = f'#include "{header}"\n'
    run = subprocess.run(command, input=text, capture_output=True, text=True)
    return "" if run.returncode == 0 else f"{header}:\n{run.stderr}"


def main():
    build, compiler = sys.argv[1], sys.argv[2:]
    command = [*compiler, "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Werror", f"-I{ROOT}", f"-I{build}"]
    command += ["-include", "portcullis-config.h", "-fsyntax-only", "-x", "c", "-"]
    headers = [
        path.relative_to(ROOT).as_posix()
        for folder in ("common", "sensor-agent", "console-server", "pki-test", "tests")
        for path in sorted((ROOT / folder).rglob("*.h"))
    ]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        faults = [fault for fault in pool.map(lambda h: compile_alone(command, h), headers) if fault]
    print("\n".join(faults))
    print(f"{len(headers)} headers, {len(faults)} do not stand alone")
    return 1 if faults or not headers else 0


if __name__ == "__main__":
    sys.exit(main())

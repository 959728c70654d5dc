#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a unit from its .in file: the hardening both share, and the paths of this build."""
import pathlib
import sys


def main():
    unit, hardening, sbindir, output = sys.argv[1:]
    text = pathlib.Path(unit).read_text()
    program = f"{sbindir}/{pathlib.Path(unit).name.removesuffix('.service.in')}"
    text = text.replace("@hardening@\n", pathlib.Path(hardening).read_text())
    text = text.replace("@sbindir@", sbindir).replace("@program@", program)
    pathlib.Path(output).write_text(text)


main()

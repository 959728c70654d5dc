#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts a manual page together: a line "@options@" of the template becomes the text of the file
options.scd.

    page.py TEMPLATE OUTPUT FILE...
"""
import pathlib
import sys


def main():
    template, output, *parts = map(pathlib.Path, sys.argv[1:])
    text = template.read_text()
    for part in parts:
        line = f"@{part.stem}@\n"
        if line not in text:
            sys.exit(f"{template}: no line {line}")
        text = text.replace(line, part.read_text())
    output.write_text(text)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command and option that --help of a program names is in its manual page, in the section
of the command, and the other way round.

    manuals.py PROGRAM PAGE [PROGRAM PAGE...]

A page has "# COMMANDS" with a heading "## cert check FILE..." for each command, as its usage says.
Options of all commands stand under "# OPTIONS", or under "# COMMANDS" before its first heading.
"""
import pathlib
import re
import subprocess
import sys

NAMED = re.compile(r"\*--([a-z-]+)\*")  # in a page
OFFERED = re.compile(r"^ +(?:-\w, )?--([a-z-]+)", re.MULTILINE)  # in a help text


def help_text(program, path):
    done = subprocess.run([program, *path, "--help"], capture_output=True, text=True, timeout=30,
                          stdin=subprocess.DEVNULL, check=True)
    return done.stdout


def read_program(program, path=()):
    """{"cert check FILE...": {"anchors", ...}} of all commands below path."""
    text = help_text(program, path)
    listed = re.search(r"^Commands:\n((?:  .*\n)+)", text, re.MULTILINE)
    if listed:
        found = {}
        for line in listed.group(1).splitlines():
            found.update(read_program(program, (*path, line.split()[0])))
        return found
    usage = text.splitlines()[0].split(" ", 2)[2].removesuffix(" [OPTIONS]")
    options = re.search(r"^Options:\n((?: .*\n)+)", text, re.MULTILINE).group(1)
    return {usage: set(OFFERED.findall(options))}


def read_page(page):
    """The same of a page, and the options that all commands have."""
    chapters = dict(re.findall(r"^# ([A-Z ]+)\n(.*?)(?=^# |\Z)", page.read_text(), re.M | re.S))
    general, *sections = re.split(r"^## ", chapters["COMMANDS"], flags=re.MULTILINE)
    shared = set(NAMED.findall(chapters.get("OPTIONS", "") + general))
    found = {}
    for section in sections:
        heading, _, text = section.partition("\n")
        # a line that begins with an option documents it; in a sentence it may be another's
        lines = [line for line in text.splitlines() if re.match(r"\*-", line)]
        found[heading] = set(NAMED.findall("\n".join(lines)))
    return found, shared


def compare(program, page):
    have, (told, shared) = read_program(program), read_page(page)
    for command in sorted(have.keys() - told.keys()):
        yield f"no section \"## {command}\""
    for command in sorted(told.keys() - have.keys()):
        yield f"\"## {command}\" is no command, or its usage is another"
    for command in sorted(have.keys() & told.keys()):
        for option in sorted(have[command] - told[command] - shared):
            yield f"{command}: --{option} is missing"
        for option in sorted(told[command] - have[command]):
            yield f"{command}: has no --{option}"
    for option in sorted(shared - set().union(*have.values())):
        yield f"no command has --{option}"


def main():
    faults, count = [], 0
    for program, page in zip(*[map(pathlib.Path, sys.argv[1:])] * 2):
        count += len(read_program(program))
        faults += [f"{page.name}: {fault}" for fault in compare(program, page)]
    print(*faults, f"{count} commands, {len(faults)} faults", sep="\n")
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command of a program answers --help, and every option in it is taken.

    test_help.py PROGRAM...

Walks the commands as a user finds them: from the list that --help prints.
"""

import re
import subprocess
import sys
import unittest

PROGRAMS = []


def run(program, *args):
    return subprocess.run([program, *args], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=30)


def listed(text, heading):
    """First words of the lines of a block of the help text."""
    block = re.search(rf"^{heading}:\n((?:  .*\n)+)", text, re.MULTILINE)
    return block.group(1).splitlines() if block else []


class Help(unittest.TestCase):
    def walk(self, program, path):
        done = run(program, *path, "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""), path)
        first = done.stdout.splitlines()[0]
        self.assertTrue(first.startswith("Usage: ") and " ".join(path) in first, first)
        self.assertEqual(done.stdout.count("Exit codes:"), 1, path)
        for line in done.stdout.splitlines():
            self.assertLessEqual(len(line), 100, line)
        commands = [line.split()[0] for line in listed(done.stdout, "Commands")]
        for name in commands:
            self.walk(program, [*path, name])
        return 1

    def test_every_command_has_help(self):
        for program in PROGRAMS:
            self.walk(program, [])

    def test_a_mistyped_command_is_answered_with_the_right_one(self):
        for program in PROGRAMS:
            names = [line.split()[0] for line in listed(run(program, "--help").stdout, "Commands")]
            self.assertTrue(names)
            for name in names:
                done = run(program, name + "x")
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(len(done.stderr.splitlines()), 1)
                self.assertIn("did you mean", done.stderr)

    def test_the_version_is_one_line(self):
        for program in PROGRAMS:
            done = run(program, "--version")
            self.assertEqual(done.returncode, 0)
            self.assertRegex(done.stdout, r"^[a-z-]+ [0-9]+\.[0-9]+\.[0-9]+\n$")


if __name__ == "__main__":
    PROGRAMS = sys.argv[1:]
    unittest.main(argv=sys.argv[:1])

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds of fuzz-json-scan (event lines as sensors write them, and mistakes) and fuzz-spool-scan
(how a segment is filled, then which of its bytes are changed)."""
import pathlib
import struct
import sys

LINES = [
    rb'{"ts":1700000000.05,"id.orig_h":"10.0.0.1","a":{"b":{"c":[1,-2.5e-3,null,true,false]}}}',
    rb'{"ts":"2011-08-12T14:52:57.7+0200","alert":{"severity":2,"signature":"\u0000 \ud83d\ude00"}}',
    '{"a.b":"é€😀","a":{"b":"\\"\\\\\\/\\b\\f\\n\\r\\t"}}'.encode(),
    b'{"a":1,"a":[2,{"ts":3}],"a.b.c":{}}',
    b'[' * 64 + b']' * 64,
    b'{"a":"\xff"}',
    b'{"a":1,}',
    b'"\\ud800\\u0041"',
]


def segment(known, shapes, changes):
    return bytes([known, len(shapes), *shapes]) + b"".join(struct.pack("<HBB", *change) for change in changes)


SEGMENTS = [
    segment(0, [30, 0x80 | 20, 63, 0x80], []),
    segment(2, [30] * 10, [(700, 0, 60)]),
    segment(0, [0x80 | 40] * 10, [(530, 255, 0), (900, 1, 3)]),
    segment(9, [10] * 19, [(2000, 0, 255)]),
    segment(0, [50, 50], [(512, 0, 7), (560, 9, 0)]),
]


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, seeds in (("fuzz-json-scan", LINES), ("fuzz-spool-scan", SEGMENTS)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (folder / name / f"{number:02}").write_bytes(seed)
    pathlib.Path(sys.argv[2]).touch()


main()

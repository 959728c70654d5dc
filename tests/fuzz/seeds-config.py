#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds of fuzz-config: the sample file whole, uncommented, and in pieces, and some mistakes."""
import pathlib
import re
import sys

MISTAKES = [
    b"\xef\xbb\xbf[Log]\r\nLevel=debug\r\n",
    b"[Listen]\nAddress=[::]:1 127.0.0.1\nAddress=\nWorkers=0\nworkers=1\n",
    b'[Validation "apliance"]\nRevocation=grace=72h\n[Validation]\n[Console "x"]\n',
    b"[Crl]\nProxy=http://u:p@h:1\nUrl=https://a/\nAllow=a b c\nMaxSize=64m # big\n",
    b"[Console]\nKeyPassphraseFile=${CREDENTIALS_DIRECTORY}/x\nStateDirectory=${HOME}\n",
    b"[Store\n\x00\n\xff=\nfoo bar\n=\n[]\n[A \"\"]\n",
]


def main():
    sample = pathlib.Path(sys.argv[1]).read_bytes()
    folder = pathlib.Path(sys.argv[2]) / "fuzz-config"
    folder.mkdir(parents=True, exist_ok=True)
    bare = re.sub(rb"(?m)^#(?=\S)", b"", sample)
    pieces = [piece for piece in re.split(rb"(?m)^(?=\[)", re.sub(rb"(?m)^#.*\n", b"", bare)) if piece.strip()]
    for number, seed in enumerate([sample, bare] + pieces + MISTAKES):
        (folder / f"{number:02}.conf").write_bytes(seed)
    pathlib.Path(sys.argv[3]).touch()


main()

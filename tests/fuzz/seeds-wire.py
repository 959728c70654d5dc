#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the seeds of the fuzz targets of common/wire from the vectors in docs/protocol.md."""
import pathlib
import re
import sys


def read_vectors(text):
    """Yields (transcript number, pair, direction or 'bad', type name, bytes)."""
    number, pair, head, raw = 0, False, None, ""
    for block in re.findall(r"```portcullis-vectors\n(.*?)```", text, re.S):
        for line in block.splitlines() + ["end -"]:
            if line.startswith("    "):
                raw += line.strip().strip("-")
            elif not line.startswith("  ") and line:
                if head:
                    yield number, pair, head[0], head[1], bytes.fromhex(raw)
                words, head, raw = line.split(), None, ""
                if words[0] == "transcript":
                    number, pair = number + 1, words[1] == "pair"
                elif words[0] in ("<", ">", "bad") and words[1] not in ("accept", "park"):
                    head = words


def main():
    text = pathlib.Path(sys.argv[1]).read_text()
    out = pathlib.Path(sys.argv[2])
    vectors = list(read_vectors(text))
    types = {name: raw[4] for _, _, kind, name, raw in vectors if kind != "bad"}
    streams = {}
    seeds = []
    for i, (number, pair, kind, name, raw) in enumerate(vectors):
        payload = raw if kind == "bad" else raw[5:]
        if name in ("BATCH", "RECORDS"):
            seeds.append(("fuzz-wire-batch", i, bytes([name == "RECORDS"]) + payload))
        else:
            seeds.append(("fuzz-wire-message", i, bytes([types[name]]) + payload))
        if kind != "bad":
            streams.setdefault((number, pair, kind), []).append(raw)
    for i, ((number, pair, direction), frames) in enumerate(streams.items()):
        stream = b"".join(frames)
        role = 2 if pair else (1 if direction == ">" else 0)
        seeds.append(("fuzz-wire-frame", i, stream))
        seeds.append(("fuzz-wire-session", 2 * i, bytes([role]) + stream))
        # 0x80 | n is "parked"; n is chosen so that the role (modulo 3) stays the same
        seeds.append(("fuzz-wire-session", 2 * i + 1, bytes([0x80 + (role - 0x80) % 3]) + stream))
    for target, i, data in seeds:
        folder = out / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"protocol-{i}").write_bytes(data)
    out.with_name("seeds-wire.stamp").write_text(f"{len(seeds)} seeds\n")


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every event that is logged has a row in common/log/message_ids.def: `journalctl -x` explains it."""
import pathlib
import re
import sys
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
CALL = re.compile(r'\blog_(?:error|warn|info|audit)\s*\(\s*("([^"]*)")?')
ROW = re.compile(r'^LOG_EVENT\("([^"]*)"', re.MULTILINE)


def main():
    rows = set(ROW.findall((ROOT / "common/log/message_ids.def").read_text()))
    faults, used = [], set()
    for folder in ("common", "sensor-agent", "console-server", "pki-test"):
        for path in sorted((ROOT / folder).rglob("*.c")):
            text = path.read_text()
            for match in CALL.finditer(text):
                place = f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}"
                event = match.group(2)
                if event is None or not re.fullmatch(r"[a-z0-9-]{1,63}", event):
                    faults.append(f"{place}: the event is to be a literal of a-z, 0-9 and -")
                elif event not in rows:
                    faults.append(f'{place}: add LOG_EVENT("{event}", "{uuid.uuid4().hex}", "Subject", "Text")')
                used.add(event)
    print(*faults, f"{len(rows)} events, {len(rows - used)} not logged yet, {len(faults)} faults", sep="\n")
    return 1 if faults or not rows else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what producers wrote with what a console holds: is each line there, once?

    checker.py --store STATE/store/console.db --produced NAME=FILE ... [--spool NAME=DIR ...]

NAME is a sensor (the CN of its certificate), FILE the record of its producer (producer.py),
DIR its spool, read with `portcullis-sensor spool check` (PORTCULLIS_SENSOR or --program).

C1  every line that was accepted is there exactly once, byte for byte
C2  nothing else is there: no line that nobody wrote, none that was refused
C3  the numbers of each log are contiguous from 1 but where a record names exactly the hole;
    the hash chain is right; the lines of a source are in the order they were written in
C5  spools are empty, and what was trimmed is there

Reads the database while the console runs.  Exit status 0 when all hold, 1 when not (each
finding is a line), 2 when something could not be read.
"""

import argparse
import collections
import contextlib
import hashlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys

EVENT, RAW, OVERSIZE, GAP, LOST = 1, 2, 3, 6, 8
LINES = (EVENT, RAW, OVERSIZE)
HEADER_SIZE = 32
FINDINGS_SHOWN = 20

Row = collections.namedtuple("Row", "log seq fork hash type record")
Line = collections.namedtuple("Line", "source sha256")


def read_store(path):
    """Per sensor its rows, in the order of its logs and their numbers."""
    query = ("SELECT sensor.name,hex(log.log_id),seq,fork,hash,type,record FROM event"
             " JOIN log ON log.id=event.log JOIN sensor ON sensor.id=log.sensor"
             " ORDER BY log.id,seq,fork")
    rows = collections.defaultdict(list)
    uri = f"{pathlib.Path(path).absolute().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=10)) as db:
        for name, *rest in db.execute(query):
            rows[name].append(Row(*rest))
    return rows


def read_produced(path):
    """The submitted lines by number, and their answers."""
    lines, answers = {}, {}
    with open(path, encoding="utf-8") as file:
        for text in file:
            row = json.loads(text)
            if "answer" in row:
                answers[row["id"]] = row["answer"]
            else:
                lines[row["id"]] = Line(row["source"], row["sha256"])
    return lines, answers


def read_spool(path, program):
    """What `spool check` says: the summary, the findings behind it."""
    done = subprocess.run([program, "spool", "check", str(path), "--json"], check=False,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode not in (0, 6) or not rows:
        raise OSError(f"{path}: exit {done.returncode}: {done.stderr.strip()}")
    return rows[0], rows[1:]


def split(record):
    """Source and data of a record as it came over the wire."""
    end = HEADER_SIZE + 1 + record[HEADER_SIZE]
    return record[HEADER_SIZE + 1:end].decode(), record[end:]


def line_of(row):
    source, data = split(row.record)
    if row.type == OVERSIZE:
        return Line(source, json.loads(data)["sha256"])
    return Line(source, hashlib.sha256(data).hexdigest())


def check_lines(name, rows, produced):
    """C1 and C2, and the order of C3."""
    lines, answers = produced
    number_of = {}
    for number, line in lines.items():
        if line in number_of:
            yield f"C0 {name}: the producer wrote line {number} twice: nothing can be said"
        number_of[line] = number
    held = collections.Counter()
    last = {}
    for row in rows:
        if row.type not in LINES:
            continue
        line = line_of(row)
        number = number_of.get(line)
        held[number] += 1
        where = f"log {row.log} number {row.seq}"
        if number is None:
            yield f"C2 {name}: {where} is a line that nobody wrote ({line.source})"
            continue
        if answers.get(number) == "err":
            yield f"C2 {name}: {where} is line {number}, which was refused"
        if number < last.get(line.source, 0):
            yield (f"C3 {name}: {where} is line {number} of {line.source}, behind line"
                   f" {last[line.source]}")
        last[line.source] = number
    for number in lines:
        if answers.get(number) == "ok" and held[number] == 0:
            yield f"C1 {name}: line {number} of {lines[number].source} is missing"
        if held[number] > 1:
            yield f"C1 {name}: line {number} of {lines[number].source} is there {held[number]} times"


def holes_named(rows):
    """The holes that records of a log name: (first, last)."""
    named = set()
    for row in rows:
        if row.type in (GAP, LOST):
            data = json.loads(split(row.record)[1])
            if "first" in data:
                named.add((data["first"], data["last"]))
    return named


def check_log(name, log, rows):
    """C3 of one log."""
    named = holes_named(rows)
    expected, chain = 1, bytes(32)
    for row in rows:
        if row.fork:
            yield f"C3 {name}: log {log} number {row.seq} is there with two hashes"
            continue
        if row.seq != expected:
            if (expected, row.seq - 1) not in named:
                yield f"C3 {name}: log {log} lacks {expected} to {row.seq - 1}"
        elif chain is not None:
            prefix = chain + row.seq.to_bytes(8, "little")
            if hashlib.sha256(prefix + row.record).digest() != row.hash:
                yield f"C3 {name}: log {log} number {row.seq} does not continue the chain"
        expected, chain = row.seq + 1, row.hash


def check_logs(name, rows):
    logs = collections.defaultdict(list)
    for row in rows:
        logs[row.log].append(row)
    for log, of_log in logs.items():
        yield from check_log(name, log, of_log)


def check_spool(name, rows, spool):
    """C5 of one sensor."""
    summary, findings = spool
    for finding in findings:
        yield f"C5 {name}: the spool is damaged: {finding}"
    log, acknowledged = summary["log_id"].upper(), summary["acknowledged"]
    if acknowledged + 1 != summary["next"]:
        yield (f"C5 {name}: the spool is not empty: acknowledged {acknowledged}, next"
               f" {summary['next']}")
    held = {row.seq for row in rows if row.log == log}
    missing = [seq for seq in range(1, acknowledged + 1) if seq not in held]
    named = holes_named(row for row in rows if row.log == log)
    missing = [seq for seq in missing
               if not any(first <= seq <= last for first, last in named)]
    if missing:
        yield f"C5 {name}: {len(missing)} numbers were trimmed and are not there: {missing[:5]}"


def check(store, produced, spools=None, program="portcullis-sensor"):
    """All findings: store is the path of the database, the others paths by sensor."""
    rows = read_store(store)
    findings = []
    for name, path in produced.items():
        findings += check_lines(name, rows[name], read_produced(path))
        findings += check_logs(name, rows[name])
    for name, path in (spools or {}).items():
        findings += check_spool(name, rows[name], read_spool(path, program))
    return findings


def pair(text):
    name, separator, path = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError("NAME=PATH")
    return name, path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", required=True, metavar="FILE")
    parser.add_argument("--produced", required=True, action="append", type=pair,
                        metavar="NAME=FILE")
    parser.add_argument("--spool", default=[], action="append", type=pair, metavar="NAME=DIR")
    parser.add_argument("--program", metavar="PORTCULLIS-SENSOR",
                        default=os.environ.get("PORTCULLIS_SENSOR", "portcullis-sensor"))
    args = parser.parse_args()
    try:
        findings = check(args.store, dict(args.produced), dict(args.spool), args.program)
    except (OSError, sqlite3.Error, ValueError, KeyError) as error:
        print(f"checker: {error}", file=sys.stderr)
        return 2
    print("\n".join(findings[:FINDINGS_SHOWN]) or "all hold: C1 C2 C3" + " C5" * bool(args.spool))
    if len(findings) > FINDINGS_SHOWN:
        print(f"and {len(findings) - FINDINGS_SHOWN} more")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

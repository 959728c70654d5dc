# SPDX-License-Identifier: Apache-2.0
"""Who writes what a sensor reads, and keeps a record of it that checker.py believes.

The record is a file beside the sensor, one JSON object a line, durable before the line it
speaks of is written: {"id", "source", "sha256"} says that a line is submitted, {"id",
"answer"} what came of it: ok (it must be in the console), err (it must not), nothing (it may
be).  A line of a file is ok when it stands there with its line feed.
"""

import hashlib
import itertools
import json
import os
import pathlib
import socket

KINDS = ["alert", "flow", "dns", "anomaly"]


class Record:
    """The producer's record of one sensor.  durable=False leaves out fsync, where nothing in
    a test can take the record away."""

    def __init__(self, path, durable=False):
        self.path = pathlib.Path(path)
        self.durable = durable
        self.file = self.path.open("a", encoding="utf-8")
        self.numbers = itertools.count(1)
        self.ok = 0

    def _write(self, row):
        self.file.write(json.dumps(row) + "\n")
        self.file.flush()
        if self.durable:
            os.fsync(self.file.fileno())

    def submit(self, source, line):
        number = next(self.numbers)
        self._write({"id": number, "source": source, "sha256": hashlib.sha256(line).hexdigest()})
        return number

    def answer(self, number, answer):
        self._write({"id": number, "answer": answer})
        self.ok += answer == "ok"

    def close(self):
        self.file.close()


def eve_line(number, note=""):
    """A line as Suricata writes it; number makes it one of its kind."""
    kind = KINDS[number % len(KINDS)]
    return json.dumps({
        "timestamp": f"2026-02-28T14:{number // 60 % 60:02}:{number % 60:02}.412873+0000",
        "flow_id": number, "event_type": kind, "src_ip": "10.20.0.31", "src_port": 49812,
        "dest_ip": "10.20.0.5", "dest_port": 502, "proto": "TCP", "note": note,
    }).encode()


def zeek_line(number, note=""):
    return json.dumps({
        "ts": 1772287387.412873 + number, "uid": f"C{number:016x}", "id.orig_h": "10.20.0.31",
        "id.orig_p": 49812, "id.resp_h": "10.20.0.5", "id.resp_p": 502, "proto": "tcp",
        "service": "modbus", "note": note,
    }).encode()


class File:
    """A log that is appended to."""

    def __init__(self, path, source, record):
        self.path, self.source, self.record = pathlib.Path(path), source, record
        self.file = self.path.open("ab", buffering=0)

    def append(self, *lines):
        numbers = [self.record.submit(self.source, line) for line in lines]
        self.file.write(b"".join(line + b"\n" for line in lines))
        for number in numbers:
            self.record.answer(number, "ok")

    def halves(self, line):
        """Writes the first half; what it returns writes the rest."""
        number = self.record.submit(self.source, line)
        self.file.write(line[:len(line) // 2])

        def rest():
            self.file.write(line[len(line) // 2:] + b"\n")
            self.record.answer(number, "ok")
        return rest

    def rename(self, name):
        """Rotates; the new file is begun at once, as logrotate's create does."""
        self.path.rename(self.path.with_name(name))
        self.reopen()

    def reopen(self):
        self.file.close()
        self.file = self.path.open("ab", buffering=0)

    def truncate(self):
        """The second half of copytruncate."""
        os.ftruncate(self.file.fileno(), 0)

    def close(self):
        self.file.close()


class Socket:
    """A program that hands in lines at the socket and waits for the answers."""

    def __init__(self, path, source, record):
        self.source, self.record = source, record
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(str(path))
        self.reader = self.sock.makefile("rb")

    def send(self, *lines):
        """The answers as the sensor gave them.  ConnectionError when it went away: what has
        no answer then may or may not have been taken."""
        numbers = [self.record.submit(self.source, line) for line in lines]
        self.sock.sendall(b"".join(line + b"\n" for line in lines))
        answers = []
        for number in numbers:
            answer = self.reader.readline().decode()
            if not answer.endswith("\n"):
                raise ConnectionError("the sensor went away")
            self.record.answer(number, "ok" if answer.startswith("OK ") else "err")
            answers.append(answer.rstrip("\n"))
        return answers

    def close(self):
        self.reader.close()
        self.sock.close()

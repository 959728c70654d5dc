# SPDX-License-Identifier: Apache-2.0
"""A portcullis-sensor for integration tests: in a directory of its own, with an eve.json and
a socket input.

    with sensor.Sensor(tmp_path / "sensor", consoles={"console-a.plant.example": port}) as agent:
        agent.start()
        agent.enrol(laboratory, "sensor-1")
        agent.write('{"event_type":"alert"}')
        answers = agent.submit(['{"a":1}', '{"a":2}'])      # ["OK 2", "OK 3"]

Meson sets PORTCULLIS_SENSOR.  The daemon is handled as a Console is.
"""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile

import console
from console import until

PROGRAM = os.environ.get("PORTCULLIS_SENSOR", "build/sensor-agent/portcullis-sensor")
SUBMIT_LINES = 200  # fewer than it takes without an answer
ROLES = ["key", "fetch", "trust", "spool", "link"]


class Sensor(console.Console):
    """sections are those of sensor.conf, over ours; an input or console is named so:
    Sensor(path, **{'Input "zeek"': {"Type": "zeek", "Path": ...}})."""

    def __init__(self, path, consoles=None, **sections):
        self.path = pathlib.Path(path)
        (self.path / "log").mkdir(parents=True, exist_ok=True)
        self.runtime = pathlib.Path(tempfile.mkdtemp(prefix="portcullis-"))
        self.config = self.path / "sensor.conf"
        self.log_file = self.path / "sensor.log"
        self.eve = self.path / "log" / "eve.json"
        self.input = self.runtime / "input.sock"
        self.process = None
        self.started = []
        self.sections = {
            "Sensor": {"User": "off", "StateDirectory": self.path / "state",
                       "RuntimeDirectory": self.runtime},
            "Log": {"Format": "json", "Level": "debug"},
            "Link": {"RetryMin": "50ms", "RetryMax": "500ms", "RefusedRetry": "1s",
                     "FailoverJitter": "100ms"},
            "Crl": {"AllowLocal": "on"},
            'Input "suricata"': {"Type": "suricata", "Path": self.eve},
            'Input "local"': {"Type": "socket", "Path": self.input},
        }
        for name, port in (consoles or {}).items():
            self.sections[f'Console "{name}"'] = {"Address": f"127.0.0.1:{port}"}
        self.configure(**sections)

    def launch(self, **options):
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "run", "-c", str(self.config)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)
        return self

    def roles(self):
        found = {}
        for pid in console.children(self.process.pid):
            match = re.match(r"portcullis-sensor: (\S+) --role=", console.command_line(pid))
            if match and console.alive(pid):
                found[match.group(1)] = pid
                self.started.append(pid)
        return found

    def close(self):
        if self.process and self.process.poll() is None:
            self.stop()
        self.process = None
        shutil.rmtree(self.runtime, ignore_errors=True)

    def cli(self, *args, check=True):
        done = subprocess.run(
            [PROGRAM, *map(str, args), "-c", str(self.config)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=console.CLI_S,
            check=False)
        if not check:
            return done
        assert done.returncode == 0, f"{args}: exit {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def enrol(self, laboratory, cert="sensor-1"):
        super().enrol(laboratory, cert)

    # events

    def write(self, *lines):
        """Appends lines to eve.json, as an engine does."""
        with self.eve.open("a") as file:
            file.write("".join(f"{line}\n" for line in lines))

    def submit(self, lines, seconds=10):
        """Writes lines to the socket input, some at a time; the answers that came before the
        connection ended, at most one a line."""
        answers = b""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(seconds)
            sock.connect(str(self.input))
            for start in range(0, len(lines), SUBMIT_LINES):
                part = lines[start:start + SUBMIT_LINES]
                try:
                    sock.sendall("".join(f"{line}\n" for line in part).encode())
                    while answers.count(b"\n") < start + len(part):
                        if not (piece := sock.recv(65536)):
                            return answers.decode().splitlines()
                        answers += piece
                except (BrokenPipeError, ConnectionResetError):
                    break
        return answers.decode().splitlines()

    def records(self, *sources):
        """Waiting records as dictionaries, all or of these inputs."""
        found, next_number = [], 0
        while rows := self.rows("spool", "show", f"--from={next_number}", "--limit=1000"):
            found += rows
            next_number = rows[-1]["seq"] + 1
        return [row for row in found if not sources or row["source"] in sources]

    def until_taken(self, count, *sources, seconds=10):
        """Waits until so many records of these inputs are in the spool."""
        until(lambda: len(self.records(*sources)) >= count, seconds,
              f"{count} records of {sources}")
        return self.records(*sources)

    def check_spool(self):
        """What `spool check` says; the spool must be sound."""
        return self.rows("spool", "check")[0]

# SPDX-License-Identifier: Apache-2.0
"""A portcullis-console for integration tests: in a directory of its own, on a free port.

    with console.Console(tmp_path / "console", laboratory) as server:
        server.start()
        server.enrol(laboratory)          # anchors and certificate, by the command line
        server.cli("sensors", "approve", "sensor-1.plant.example")
        for row in server.failures(): ...

Meson sets PORTCULLIS_CONSOLE.  The log stays in the directory; it is printed when a test
that uses the console fails (print_log, called by conftest.py).
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import peer

PROGRAM = os.environ.get("PORTCULLIS_CONSOLE", "build/console-server/portcullis-console")
START_S = 30
CLI_S = 30
ROLES = ["key", "fetch", "trust", "store", "view", "link"]

SECTIONS = {
    "Console": {"Name": "main", "User": "off"},
    "Log": {"Format": "json", "Level": "debug"},
    "Listen": {"Workers": 2},
    "Crl": {"AllowLocal": "on"},
    "Web": {"Listen": "off"},
}


def until(condition, seconds=10, what="it"):
    """Waits for a condition; what it returned."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds} s"
        time.sleep(0.02)
    return result


def children(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for child in text.split()]


def alive(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rsplit(")", 1)[1].split()[0] not in "ZX"


def command_line(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def resident_kib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Console:
    """The daemon and its command line.  sections are those of console.conf, over ours:
    Console(path, Limits={"HalfOpenPerAddress": 500})."""

    def __init__(self, path, **sections):
        self.path = pathlib.Path(path)
        self.path.mkdir(parents=True, exist_ok=True)
        # the path of a Unix socket is short
        self.runtime = pathlib.Path(tempfile.mkdtemp(prefix="portcullis-"))
        self.config = self.path / "console.conf"
        self.log_file = self.path / "console.log"
        self.process = None
        self.started = []  # every process we saw
        # held, not listened on: the port is ours as long as this object lives
        self.reserved = socket.socket()
        self.reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.reserved.bind(("127.0.0.1", 0))
        self.port = self.reserved.getsockname()[1]
        self.sections = {name: dict(keys) for name, keys in SECTIONS.items()}
        self.sections["Console"].update(
            StateDirectory=self.path / "state", RuntimeDirectory=self.runtime)
        self.sections["Listen"]["Address"] = f"127.0.0.1:{self.port}"
        self.configure(**sections)

    def configure(self, **sections):
        """Changes the configuration file."""
        for name, keys in sections.items():
            self.sections.setdefault(name, {}).update(keys)
        self.config.write_text("".join(
            f"[{name}]\n" + "".join(f"{key}={value}\n" for key, value in keys.items())
            for name, keys in self.sections.items()))

    # the daemon

    def launch(self, **options):
        # a sanitizer build keeps what was freed; here memory is measured
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "run", "-c", str(self.config)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "ASAN_OPTIONS": sanitizer}, **options)
        return self

    def start(self, **options):
        count = len(self.logged("ready"))
        self.launch(**options)
        until(lambda: len(self.logged("ready")) > count or self.process.poll() is not None,
              START_S, "the start of the console")
        assert self.process.poll() is None, f"the console ended with {self.process.returncode}"
        self.roles()
        return self

    def roles(self):
        """Process by role: {"key": pid, ..., "link 0": pid, "link 1": pid}."""
        found = {}
        for pid in children(self.process.pid):
            match = re.match(r"portcullis-console: (\S+(?: \d+)?) --role=", command_line(pid))
            if match and alive(pid):
                found[match.group(1)] = pid
                self.started.append(pid)
        return found

    def kill_role(self, role, wait=True):
        """SIGKILL; with wait until another process has its place and is ready."""
        pid = self.roles()[role]
        ready = len(self.role_lines("role-ready", role))
        os.kill(pid, signal.SIGKILL)
        if wait:
            until(lambda: len(self.role_lines("role-ready", role)) > ready, 20,
                  f"the return of {role}")
        return pid

    def role_lines(self, event, role):
        name, _, instance = role.partition(" ")
        return [line for line in self.logged(event) if line.get("role_name") == name
                and line["instance"] == int(instance or 0)]

    def wait(self, seconds=20):
        """Its exit code."""
        return self.process.wait(seconds)

    def stop(self, seconds=20):
        """Ends it in order; nothing it started may be left."""
        self.roles()
        self.process.send_signal(signal.SIGTERM)
        code = self.wait(seconds)
        left = [pid for pid in self.started if alive(pid)
                and "portcullis-console" in command_line(pid)]
        assert not left, f"left behind: {[command_line(pid) for pid in left]}"
        self.process = None
        return code

    def close(self):
        if self.process and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        self.process = None
        self.reserved.close()
        shutil.rmtree(self.runtime, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    # the log

    def lines(self):
        """All log lines as dictionaries, their fields beside the rest; what is not JSON is
        {"raw": ...}."""
        if not self.log_file.exists():
            return []
        found = []
        for line in self.log_file.read_text(errors="replace").splitlines():
            try:
                record = json.loads(line)
                found.append({**record.pop("fields", {}), **record})
            except ValueError:
                found.append({"raw": line})
        return found

    def logged(self, event):
        return [line for line in self.lines() if line.get("event") == event]

    def print_log(self, last=60):
        text = self.log_file.read_text(errors="replace") if self.log_file.exists() else ""
        print(f"--- {self.log_file}, last {last} lines")
        print("\n".join(text.splitlines()[-last:]))

    # the command line

    def cli(self, *args, check=True):
        """Asks the daemon; its standard output, or the finished process with check=False."""
        done = subprocess.run(
            [PROGRAM, *map(str, args), f"--socket={self.runtime / 'console.sock'}"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=CLI_S, check=False)
        if not check:
            return done
        assert done.returncode == 0, f"{args}: exit {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def rows(self, *args):
        return [json.loads(line) for line in self.cli(*args, "--json").splitlines()]

    def failures(self, **filters):
        options = [f"--{name}={value}" for name, value in filters.items()]
        return self.rows("failures", *options)

    def failure(self, **filters):
        """The one row that matches, whole: what explain says."""
        rows = self.until_failures(**filters)
        assert len(rows) == 1, rows
        return self.explain(rows[0]["id"])

    def last_failure(self, **filters):
        """The newest row that matches, whole."""
        return self.explain(self.until_failures(**filters)[0]["id"])

    def until_failures(self, **filters):
        """The rows that match, once there are any: a peer knows before the store does."""
        return until(lambda: self.failures(**filters), 5, f"a failure {filters}")

    def explain(self, number):
        return self.rows("explain", str(number))[0]

    def events(self, **filters):
        return self.rows("events", *(f"--{name}={value}" for name, value in filters.items()))

    def sensors(self):
        return {row["name"]: row for row in self.rows("sensors", "list")}

    def status(self):
        return self.rows("status")[0]

    def enrol(self, laboratory, cert="console-a"):
        """Gives it the anchors of a laboratory, and a certificate."""
        self.cli("trust", "add", laboratory.anchors())
        mine = laboratory.cert(cert)
        chain = [f"--chain={mine.chain}"] if mine.chain.exists() else []
        self.cli("cert", "import", f"--crt={mine.crt}", f"--key={mine.key}", *chain)

    def until_open(self):
        """Waits until its workers have what they need to speak TLS: trust and identity come
        to them after the command that installed them has ended."""
        for _ in range(2 * int(self.sections["Listen"]["Workers"])):  # the kernel picks one
            until(self._answers, 10, "a worker to answer")

    def _answers(self):
        """Does a worker answer a ClientHello?  Without a certificate it hangs up."""
        try:
            with peer.Peer(self.port, handshake=False) as stranger:
                stranger.begin()
                return bool(stranger.sock.recv(1))
        except OSError:
            return False

    def approve(self, name):
        self.cli("sensors", "approve", name)

    def retire(self, name):
        self.cli("sensors", "retire", name)

# SPDX-License-Identifier: Apache-2.0
"""What console.py and sensor.py share: a daemon of ours in a test, in a directory of its own,
with its log, its roles and its command line.

The log stays in the directory; it is printed when a test that uses the daemon fails
(print_log, called by a conftest.py).
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

START_S = 30
CLI_S = 30


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


class Daemon:
    """A daemon and its command line.  sections are those of its configuration file."""

    PROGRAM = NAME = ""  # of the class of a program

    def __init__(self, path, sections):
        self.path = pathlib.Path(path)
        self.path.mkdir(parents=True, exist_ok=True)
        short = self.NAME.removeprefix("portcullis-")
        # the path of a Unix socket is short
        self.runtime = pathlib.Path(tempfile.mkdtemp(prefix="portcullis-"))
        self.config = self.path / f"{short}.conf"
        self.log_file = self.path / f"{short}.log"
        self.process = None
        self.started = []  # every process we saw
        self.sections = {name: dict(keys) for name, keys in sections.items()}
        self.sections[short.capitalize()].update(
            StateDirectory=self.path / "state", RuntimeDirectory=self.runtime)

    def configure(self, **sections):
        """Changes the configuration file."""
        for name, keys in sections.items():
            self.sections.setdefault(name.replace("_", " "), {}).update(keys)
        self.config.write_text("".join(
            f"[{name}]\n" + "".join(f"{key}={value}\n" for key, value in keys.items())
            for name, keys in self.sections.items()))

    # the daemon

    def launch(self, **options):
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [self.PROGRAM, "run", "-c", str(self.config)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)
        return self

    def start(self, **options):
        count = len(self.logged("ready"))
        self.launch(**options)
        until(lambda: len(self.logged("ready")) > count or self.process.poll() is not None,
              START_S, f"the start of {self.NAME}")
        assert self.process.poll() is None, f"{self.NAME} ended with {self.process.returncode}"
        self.roles()
        return self

    def roles(self):
        """Process by role: {"key": pid, ..., "link 0": pid, "link 1": pid}."""
        found = {}
        for pid in children(self.process.pid):
            match = re.match(rf"{self.NAME}: (\S+(?: \d+)?) --role=", command_line(pid))
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
                and self.NAME in command_line(pid)]
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
        """Runs a command; its standard output, or the finished process with check=False."""
        done = subprocess.run(
            [self.PROGRAM, *map(str, args), "-c", str(self.config)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=CLI_S, check=False)
        if not check:
            return done
        assert done.returncode == 0, f"{args}: exit {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def rows(self, *args):
        return [json.loads(line) for line in self.cli(*args, "--json").splitlines()]

    def explain(self, number):
        return self.rows("explain", str(number))[0]

    def status(self):
        return self.rows("status")[0]

    def enrol(self, laboratory, cert):
        """Gives it the anchors of a laboratory, and a certificate."""
        self.cli("trust", "add", laboratory.anchors())
        mine = laboratory.cert(cert) if isinstance(cert, str) else cert
        chain = [f"--chain={mine.chain}"] if mine.chain.exists() else []
        self.cli("cert", "import", f"--crt={mine.crt}", f"--key={mine.key}", *chain)

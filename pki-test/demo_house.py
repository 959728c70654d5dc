# SPDX-License-Identifier: Apache-2.0
"""The demonstration's plant: a laboratory CA with its CRL server, consoles and sensors.

Everything lives in one temporary directory and on loopback.  Daemons are driven the way an
operator does it: a configuration file, the command line, signals; what happened is read from
their logs (JSON lines).  Only processes that were started here are ever ended.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
DOMAIN = "plant.example"
WAIT_S = 30

sys.path.insert(0, str(ROOT / "tests" / "lib"))

import lab  # noqa: E402 (found by the line above)
import peer  # noqa: E402, F401 (for demo_tour.py)
from console import alive  # noqa: E402
from lab import LabError  # noqa: E402, F401 (for demo.py)


class DemoError(Exception):
    """The plant did not do what the demonstration needs."""


def wait_for(what, ask, seconds=WAIT_S):
    """Asks until the answer is true; that answer."""
    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise DemoError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def free_port():
    """A port that nobody has now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Daemon:
    """A console or a sensor: its directory, its process, its command line."""

    def __init__(self, plant, name, program):
        self.plant, self.name, self.program = plant, name, program
        self.folder = plant.folder / name
        self.config = self.folder / f"{'sensor' if 'sensor' in program.name else 'console'}.conf"
        self.log_path = self.folder / "log"
        self.process = None
        self.folder.mkdir()

    def configure(self, text):
        self.config.write_text(text)

    # --- life ---

    def start(self):
        """Starts the daemon; when this returns all its roles are ready."""
        mark = len(self.log())
        with self.log_path.open("ab") as log, (self.folder / "output").open("ab") as out:
            self.process = subprocess.Popen(
                [self.program, "run", "-c", self.config], stdin=subprocess.DEVNULL,
                stdout=out, stderr=log, start_new_session=True)
        self.wait_event("ready", mark)

    def stop(self):
        """SIGTERM; its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process = None
        return code

    def kill(self):
        """SIGKILL to the supervisor; its roles must end by themselves."""
        roles = self.roles()
        self.process.kill()
        self.process.wait()
        self.process = None
        wait_for(f"{self.name}: its roles to end",
                 lambda: not any(alive(pid) for pid in roles.values()))

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    # --- what it says ---

    def log(self):
        """Its log: dictionaries with event, role, fields."""
        if not self.log_path.exists():
            return []
        lines = self.log_path.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]

    def events(self, event, mark=0, **fields):
        return [entry for entry in self.log()[mark:] if entry["event"] == event
                and all(entry["fields"].get(key) == value for key, value in fields.items())]

    def wait_event(self, event, mark=0, **fields):
        def ask():
            if self.process is not None and self.process.poll() is not None:
                raise DemoError(f"{self.name} ended with {self.process.returncode}; its log:\n"
                                + self.log_path.read_text()[-2000:])
            return self.events(event, mark, **fields)
        return wait_for(f"{self.name}: {event}", ask)[0]

    def roles(self):
        """{"link 0": pid} of the roles that became ready last."""
        start = max((i for i, entry in enumerate(self.log()) if entry["event"] == "started"),
                    default=0)
        return {f"{entry['fields']['role_name']} {entry['fields']['instance']}":
                entry["fields"]["pid"] for entry in self.events("role-ready", start)}

    # --- its command line ---

    def command(self, *args):
        return [str(self.program), *map(str, args), "-c", str(self.config)]

    def ask(self, *args, check=True):
        done = subprocess.run(self.command(*args), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=WAIT_S, check=False)
        if check and done.returncode != 0:
            raise DemoError(f"{self.name}: {' '.join(map(str, args))}: exit {done.returncode}: "
                            f"{done.stderr.strip()}")
        return done.stdout

    def rows(self, *args):
        return [json.loads(line) for line in self.ask(*args, "--json").splitlines()]

    def enroll(self):
        """What an operator does first: whom to trust, who this is."""
        given = self.plant.lab.path / self.name
        self.ask("trust", "add", "--purpose", "appliance", given / "trust" / "appliance.pem")
        self.ask("cert", "import", "--crt", given / f"{self.name}.crt",
                 "--key", given / f"{self.name}.key", "--chain", given / f"{self.name}.chain.pem")

    def failures(self, reason=None):
        return self.rows("failures", *(["--reason", reason] if reason else []))


CONSOLE = """\
[Console]
Name={name}
StateDirectory={folder}/state
RuntimeDirectory={folder}/run
User=off
[Listen]
Address=127.0.0.1:{port}
Workers=2
[Crl]
AllowLocal=on
RefreshMin=1s
RefreshMax=2s
"""

SENSOR = """\
[Sensor]
StateDirectory={folder}/state
RuntimeDirectory={folder}/run
User=off
[Console "{console}"]
Address=127.0.0.1:{port}
[Link]
RetryMin=100ms
RetryMax=1s
RefusedRetry=1s
[Crl]
AllowLocal=on
RefreshMin=1s
RefreshMax=2s
[Input "suricata"]
Type=suricata
Path={folder}/eve.json
"""


class Console(Daemon):
    def __init__(self, plant, name):
        super().__init__(plant, name, plant.build / "console-server" / "portcullis-console")
        self.port = free_port()
        self.settings = CONSOLE.format(name=name, folder=self.folder, port=self.port)
        self.configure(self.settings)


class Sensor(Daemon):
    def __init__(self, plant, name, console):
        super().__init__(plant, name, plant.sensor_program)
        self.cn = f"{name}.{DOMAIN}"
        self.eve = self.folder / "eve.json"
        self.eve.touch()
        self.written = 0
        self.configure(SENSOR.format(folder=self.folder, port=console.port,
                                     console=f"{console.name}.{DOMAIN}"))

    def write_events(self, lines):
        """Appends lines as Suricata does; they are numbered, so that each can be found."""
        with self.eve.open("a") as eve:
            for line in lines:
                self.written += 1
                line["portcullis_demo"] = f"{self.name}/{self.written}"
                eve.write(json.dumps(line, separators=(",", ":")) + "\n")


class Plant:
    """All of it."""

    def __init__(self, build, keys):
        self.build = pathlib.Path(build).resolve()
        self.sensor_program = self.build / "sensor-agent" / "portcullis-sensor"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="portcullis-demo-"))
        self.lab = None
        self.consoles, self.sensors = [], []
        lab.PROGRAM = str(self.build / "pki-test" / "portcullis-pki")
        lab.KEY_CACHE = os.environ.get("PORTCULLIS_KEY_CACHE", keys or "")

    @property
    def daemons(self):
        return self.consoles + self.sensors

    def make(self):
        self.lab = lab.Lab.make(self.folder / "lab", sensors=3, serve=True, domain=DOMAIN)
        self.consoles = [Console(self, name) for name in ("console-a", "console-b")]
        if self.sensor_program.exists():
            self.sensors = [Sensor(self, f"sensor-{n}", self.consoles[0]) for n in (1, 2, 3)]

    def close(self):
        """Ends what was started here, sensors first, and removes the directory."""
        for daemon in reversed(self.daemons):
            daemon.stop()
        try:
            if self.lab:
                self.lab.close()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            self.make()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *unused):
        self.close()
